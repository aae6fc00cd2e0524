"""How long a test runs, and what a soak tells at its end.

    SOAK=1 python -m pytest tests/reliability

runs the same code as the suite, for longer, and ends with one JSON object a line.
"""

import os
from typing import Any

SOAK = bool(os.environ.get("SOAK"))
FIGURES: list[dict[str, Any]] = []


def length(ci: int, soak: int) -> int:
    """How often, or for how many seconds."""
    return soak if SOAK else ci


def record(what: str, **figures: Any) -> None:
    FIGURES.append({"what": what, **figures})
