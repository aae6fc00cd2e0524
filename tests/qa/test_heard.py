"""What of a question is said in a text."""

import pytest

from qa.heard import Heard


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("smith", True),
        # Another form of it.
        ("germani", True),
        # A word that vectors take for it, and a name that begins like it.
        ("canada", False),
        ("indiana", False),
    ],
)
def test_names(name: str, there: bool) -> None:
    heard = Heard(frozenset({"smith", "german", "countri", "indian"}), {"germani": 0.9, "canada": 0.85, "indiana": 0.5})
    assert heard.names(name) is there
