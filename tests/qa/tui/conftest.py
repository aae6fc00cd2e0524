"""A defect in a handler is shown and does not end the program, so a test must look whether there was one."""

from collections.abc import Iterator

import pytest

from qa.tui.app import IsiskQAApp
from qa.tui.protocols import Backend


@pytest.fixture(autouse=True)
def faults(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Exception]]:
    """What handlers raised. A test that wants some takes them out of it."""
    seen: list[Exception] = []
    show = IsiskQAApp.show_fault

    def noted(self: IsiskQAApp, error: Exception, backend: Backend) -> None:
        seen.append(error)
        show(self, error, backend)

    monkeypatch.setattr(IsiskQAApp, "show_fault", noted)
    yield seen
    assert seen == []
