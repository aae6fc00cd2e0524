"""The questions so far, each with its answer, the newest at the bottom."""

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from qa.tui.guard import Guarded
from qa.tui.sizing import LaidOutOnce
from qa.tui.text import safe
from qa.tui.widgets.exchange import Exchange


class Conversation(Guarded, LaidOutOnce, VerticalScroll):
    """Follows the newest text until a person scrolls up. One exchange is current: its evidence is shown."""

    def __init__(self, *first: Widget) -> None:
        # As high as the view, and unseen: an anchored view scrolls shorter content down to its own bottom. A column
        # of that height around the exchanges would lay out each of them anew whenever one of them grows.
        self._floor = Widget(id="floor")
        super().__init__(*first, self._floor, id="conversation")
        self.current: Exchange | None = None
        self._by_number: dict[int, Exchange] = {}
        self._asked = 0

    @property
    def exchanges(self) -> list[Exchange]:
        """Oldest first."""
        return list(self._by_number.values())

    async def add(self, question: str) -> Exchange:
        """A new exchange at the bottom. Its number is never given to another."""
        self._asked += 1
        exchange = Exchange(self._asked, question)
        self._by_number[exchange.number] = exchange
        await self.mount(exchange, before=self._floor)
        self.follow()
        return exchange

    async def clear(self, *first: Widget) -> None:
        """Begin anew, with ``first`` in place of what was asked."""
        self.current = None
        self._by_number.clear()
        await self.remove_children([child for child in self.children if child is not self._floor])
        await self.mount_all(first, before=self._floor)

    def numbered(self, number: int) -> Exchange | None:
        """The exchange of that number; None where the conversation has been begun anew since."""
        return self._by_number.get(number)

    def follow(self) -> None:
        """To the end, and along with what comes there."""
        self.anchor()

    def choose(self, exchange: Exchange) -> None:
        """Make ``exchange`` the current one."""
        if self.current is not None:
            self.current.remove_class("-current")
        self.current = exchange
        exchange.add_class("-current")

    def neighbour(self, step: int) -> Exchange | None:
        """The exchange ``step`` places after the current one, or None at either end."""
        exchanges = self.exchanges
        if self.current is None or self.current not in exchanges:
            return exchanges[-1] if exchanges else None
        place = exchanges.index(self.current) + step
        return exchanges[place] if 0 <= place < len(exchanges) else None

    async def notice(self, text: str) -> None:
        """A sentence between the exchanges, about the program rather than a question."""
        said = Content("! ").stylize("bold") + safe(text, 2_000)
        await self.mount(Static(said, classes="notice"), before=self._floor)
