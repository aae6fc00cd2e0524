"""A line to type in and a list to choose from, each one row high, for everything but questions."""

from collections.abc import Iterable
from typing import TypeVar

from textual import events
from textual.content import Content
from textual.widgets import Input, Select

from qa.terminal import sanitise

Choice = TypeVar("Choice", bound=str | bool)


class SafeInput(Input):
    """One line; what is pasted into it is made safe and put on that line. The bar shows its place without colour."""

    DEFAULT_CSS = """
    SafeInput, SafeInput:ansi {
        height: 1; padding: 0 1 0 0; border: none; border-left: solid $secondary; background: $surface;
    }
    SafeInput:focus, SafeInput:ansi:focus { border: none; border-left: outer $accent; background: $panel; }
    SafeInput.-wrong { color: $error; text-style: bold; }
    """

    def _on_paste(self, event: events.Paste) -> None:
        # Input's own handler, which would run after this one, keeps the first pasted line and drops the rest.
        event.prevent_default()
        event.stop()
        self.replace(" ".join(sanitise(event.text).split()), *self.selection)


class RowSelect(Select[Choice]):
    """``options`` are labels, which must be safe, with what they stand for."""

    DEFAULT_CSS = """
    RowSelect, RowSelect:focus { height: 1; }
    RowSelect SelectCurrent, RowSelect SelectCurrent:ansi, RowSelect:focus SelectCurrent {
        height: 1; padding: 0 1 0 0; border: none; border-left: solid $secondary; background: $surface;
    }
    RowSelect:focus SelectCurrent { border-left: outer $accent; background: $panel; text-style: bold; }
    RowSelect SelectCurrent Static#label { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    RowSelect > SelectOverlay { max-height: 10; }
    """

    def __init__(
        self, options: Iterable[tuple[str, Choice]], id: str, value: Choice | None = None, prompt: str = ""
    ) -> None:
        """With a ``prompt`` there is also no choice at all."""
        labelled = [(Content(label), choice) for label, choice in options]
        chosen = Select.NULL if value is None else value
        super().__init__(labelled, prompt=prompt, value=chosen, allow_blank=bool(prompt), id=id)
