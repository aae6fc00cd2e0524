"""Asks a question again that was not answered."""

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static


class Retry(Static, can_focus=True):
    """A line that can be clicked, or focused and entered."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "retry", "Retry", id="retry.focused")]

    @dataclass
    class Wanted(Message):
        retry: "Retry"

        @property
        def control(self) -> "Retry":
            """The line that was chosen."""
            return self.retry

    def __init__(self) -> None:
        super().__init__(Content("↻ Retry (r)"), classes="retry")

    def action_retry(self) -> None:
        self.post_message(self.Wanted(self))

    def on_click(self) -> None:
        self.action_retry()
