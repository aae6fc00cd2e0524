"""The passages that the current answer cites, in the order of their markers."""

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from qa.tui.exhibits import Exhibit
from qa.tui.guard import Guarded
from qa.tui.text import counted, one_line
from qa.tui.widgets.passage import PassageCard

EMPTY = "The passages that an answer quotes appear here."
NOTHING = "Nothing is cited."


class EvidencePane(Guarded, VerticalScroll, can_focus=False):
    """One card a passage; the focused card is the selected one."""

    def __init__(self) -> None:
        super().__init__(Static(Content(EMPTY), classes="hint"), id="evidence")

    @property
    def cards(self) -> list[PassageCard]:
        """In the order of their markers."""
        return list(self.query(PassageCard))

    @property
    def selected(self) -> Exhibit | None:
        """What the focused card shows."""
        return next((card.exhibit for card in self.cards if card.has_focus), None)

    async def show(self, question: str, exhibits: tuple[Exhibit, ...], hint: str = NOTHING) -> None:
        """Show the passages for ``question``; ``hint`` stands there when there is none."""
        async with self.batch():
            await self.remove_children()
            ordered = sorted(exhibits, key=lambda exhibit: exhibit.citation.marker)
            if ordered:
                heading = f"{counted(len(ordered), 'passage')} for “{one_line(question)}”"
                await self.mount(Static(Content(heading), classes="label"))
                await self.mount_all(PassageCard(exhibit) for exhibit in ordered)
            else:
                await self.mount(Static(Content(hint), classes="hint"))
        self.scroll_home(animate=False)

    def select(self, marker: int) -> bool:
        """Select the passage of that marker; whether there is one."""
        for card in self.cards:
            if card.exhibit.citation.marker == marker:
                card.focus()
                return True
        return False

    def step(self, by: int) -> bool:
        """Select the next (1) or previous (-1) passage, stopping at the ends; whether there is any."""
        cards = self.cards
        if not cards:
            return False
        focused = next((place for place, card in enumerate(cards) if card.has_focus), None)
        place = (0 if by > 0 else len(cards) - 1) if focused is None else focused + by
        cards[min(max(place, 0), len(cards) - 1)].focus()
        return True
