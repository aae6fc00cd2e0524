"""Where a question is typed."""

from dataclasses import dataclass

from textual import events, on
from textual.message import Message
from textual.widgets import Input

from qa.terminal import sanitise


class Prompt(Input):
    """One line; what is pasted into it is made safe and put on that line."""

    @dataclass
    class Asked(Message):
        """A question was sent."""

        question: str

    def __init__(self) -> None:
        super().__init__(placeholder="Ask about the articles …", id="prompt", compact=True)

    def _on_paste(self, event: events.Paste) -> None:
        # Input's own handler, which would run after this one, keeps the first pasted line and drops the rest.
        event.prevent_default()
        event.stop()
        self.replace(" ".join(sanitise(event.text).split()), *self.selection)

    @on(Input.Submitted)
    def _send(self, event: Input.Submitted) -> None:
        event.stop()
        if question := self.value.strip():
            self.value = ""
            self.post_message(self.Asked(question))
