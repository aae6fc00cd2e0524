"""How long a test runs, and what a soak tells at its end.

    make soak

runs the same code as the suite for longer, with a few tests that are only for this. One JSON object a line ends it.
"""

import os
from typing import Any

import pytest

SOAK = bool(os.environ.get("SOAK"))
only_in_a_soak = pytest.mark.skipif(not SOAK, reason="longer than the suite wants; make soak runs it")
FIGURES: list[dict[str, Any]] = []


def length(ci: int, soak: int) -> int:
    """How often, or for how many seconds."""
    return soak if SOAK else ci


def record(what: str, **figures: Any) -> None:
    FIGURES.append({"what": what, **figures})
