"""The questions so far, each with its answer, the newest at the bottom."""

from dataclasses import replace

from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.layout import DockArrangeResult, WidgetPlacement
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

    def arrange(self, size: Size, optimal: bool = False) -> DockArrangeResult:
        """Lay out nothing of what is settled and far out of view, whose place is known: it may be hundreds of answers.

        While text is selected all of it is laid out, for the selection may reach from here to anywhere.
        """
        whole = super().arrange(size, optimal)
        # Also where a view that follows its end will be: it is scrolled there by this very layout.
        tops = int(self.scroll_y), whole.total_region.bottom - size.height
        views = [size.region.translate((0, top)).grow((size.height, 0, size.height, 0)) for top in tops]

        def wanted(place: WidgetPlacement) -> bool:
            exchange = place.widget
            far = isinstance(exchange, Exchange) and exchange.settled and exchange is not self.current
            return not far or any(view.overlaps(place.region) for view in views)

        if self.screen.selections:
            return whole
        return replace(whole, placements=[place for place in whole.placements if wanted(place)])

    def show(self, exchange: Exchange) -> None:
        """Scroll to ``exchange``."""
        places = super().arrange(self.scrollable_content_region.size).placements
        region = next(place.region.grow(place.margin) for place in places if place.widget is exchange)
        self.scroll_to_region(region, animate=False)

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
