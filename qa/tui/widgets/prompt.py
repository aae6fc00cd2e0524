"""Where a question is typed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

from qa.terminal import sanitise
from qa.tui.guard import Guarded

# What is typed here is laid out anew with each key.
LONGEST = 10_000


class Prompt(Guarded, TextArea):
    """A question of one or more lines, and those asked before; what is pasted is made safe."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send", show=False, id="prompt.send"),
        Binding("ctrl+j,shift+enter", "newline", "New line", show=False, id="prompt.newline"),
        Binding("up", "earlier", "The question before, from the first line", show=False, id="prompt.earlier"),
        Binding("down", "later", "The question after, from the last line", show=False, id="prompt.later"),
        Binding("ctrl+d", "end_of_input", "Quit, when nothing is typed", show=False, id="prompt.end"),
    ]

    @dataclass
    class Asked(Message):
        """A question was sent."""

        question: str

    class AtEnd(Message):
        """The cursor was to go further than the end of the text."""

    def __init__(self) -> None:
        super().__init__(
            placeholder="Ask about the articles …",
            id="prompt",
            compact=True,
            soft_wrap=True,
            show_line_numbers=False,
            highlight_cursor_line=False,
        )
        self._asked: list[str] = []
        # Which of them is shown; behind the last one is what was being typed.
        self._place = 0
        self._typed = ""

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """A question does not begin with these two; in an empty prompt they are keys of the screen."""
        return not (character in ("/", "?") and not self.text) and super().check_consume_key(key, character)

    async def _on_key(self, event: events.Key) -> None:
        # Here, and not where bindings are looked up later: by then the keys that follow are typed already.
        active = self.screen.active_bindings.get(event.key)
        if active and active.node is self and (active.binding.id or "").startswith("prompt."):
            event.stop()
            event.prevent_default()
            await self.run_action(active.binding.action)
        elif (event.character in ("/", "?") and not self.text) or (len(self.text) >= LONGEST and event.is_printable):
            event.prevent_default()

    async def _on_paste(self, event: events.Paste) -> None:
        # TextArea's own handler would run after this one.
        event.prevent_default()
        event.stop()
        text = sanitise(event.text.replace("\r\n", "\n").replace("\r", "\n"))
        self.replace(text[: LONGEST - len(self.text)], *self.selection)

    def action_send(self) -> None:
        if question := self.text.strip():
            self._asked.append(question)
            self._place = len(self._asked)
            self.clear()
            self.post_message(self.Asked(question))

    def action_newline(self) -> None:
        self.replace("\n", *self.selection)

    def action_earlier(self) -> None:
        if self.cursor_at_first_line and self._place:
            self._show(self._place - 1)
        else:
            self.action_cursor_up()

    def action_later(self) -> None:
        if self.cursor_at_last_line and self._place < len(self._asked):
            self._show(self._place + 1)
        else:
            self.action_cursor_down()

    def action_end_of_input(self) -> None:
        if self.text:
            self.action_delete_right()
        else:
            self.app.exit()

    def action_cursor_line_end(self, select: bool = False) -> None:
        if self.cursor_at_end_of_text and not select:
            self.post_message(self.AtEnd())
        super().action_cursor_line_end(select)

    def recall(self, questions: Iterable[str]) -> None:
        """Put questions of earlier days, the oldest first, before those that were asked since."""
        earlier = [question for question in questions if question not in self._asked]
        self._asked[:0] = earlier
        self._place += len(earlier)

    def _show(self, place: int) -> None:
        if self._place == len(self._asked):
            self._typed = self.text
        self._place = place
        self.text = sanitise(self._asked[place] if place < len(self._asked) else self._typed)
        self.move_cursor(self.document.end)
