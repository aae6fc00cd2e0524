"""What docs/evaluation.md shows for Python."""

import re
from pathlib import Path

DOCUMENT = Path(__file__).parents[3] / "docs" / "evaluation.md"


def test_every_import_of_the_example_works_and_every_name_is_used() -> None:
    (example,) = re.findall(r"^```python\n(.*?)^```", DOCUMENT.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    compile(example, str(DOCUMENT), "exec")
    imports, rest = example.split("\n\nquestions = ", 1)
    found: dict[str, object] = {}
    exec(imports, found)
    names = found.keys() - {"__builtins__"}
    assert len(names) > 10
    assert [name for name in names if not re.search(rf"\b{name}\b", rest)] == []
