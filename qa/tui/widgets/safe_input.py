"""A line to type in, for everything but questions."""

from textual import events
from textual.widgets import Input

from qa.terminal import sanitise


class SafeInput(Input):
    """One line; what is pasted into it is made safe and put on that line."""

    def _on_paste(self, event: events.Paste) -> None:
        # Input's own handler, which would run after this one, keeps the first pasted line and drops the rest.
        event.prevent_default()
        event.stop()
        self.replace(" ".join(sanitise(event.text).split()), *self.selection)
