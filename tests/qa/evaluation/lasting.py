"""What two runs of one thing must have in common, byte for byte."""

import json
from pathlib import Path

# The one block of each file that may differ.
VOLATILE = {"records.jsonl": "volatile", "summary.json": "latency", "manifest.json": "volatile", "questions.jsonl": ""}


def lasting(out: Path) -> dict[str, list[str]]:
    """Every file as it is written, in its order, without its volatile block."""
    found = {}
    for name, block in VOLATILE.items():
        text = (out / name).read_text("utf-8")
        parts = [json.loads(line) for line in text.split("\n")[:-1]] if name.endswith("l") else [json.loads(text)]
        found[name] = [json.dumps({key: value for key, value in part.items() if key != block}) for part in parts]
    return found
