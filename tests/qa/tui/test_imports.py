import subprocess
import sys

PROBE = """
import sys
from qa.tui.app import IsiskQAApp
from tests.qa.tui import fakes

class Application(fakes.Application):
    def prepare(self, progress=None):
        heavy = ("chromadb", "langchain", "openai", "onnxruntime", "tokenizers")
        print(sorted(name for name in sys.modules if name.startswith(heavy)), app.screen.size, flush=True)
        app.call_from_thread(app.exit)

app = IsiskQAApp(Application())
app.run(headless=True, size=(80, 24))
"""


def test_nothing_heavy_is_loaded_before_the_first_frame() -> None:
    """``prepare`` is the first call that may load it, and comes once the screen has its size."""
    probe = subprocess.run([sys.executable, "-c", PROBE], check=False, capture_output=True, text=True, timeout=60)
    assert probe.stdout == "[] Size(width=80, height=24)\n", probe.stderr
    assert probe.returncode == 0
