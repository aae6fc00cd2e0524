"""A list to choose from, and the line that filters it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from qa.tui.text import QUIET
from qa.tui.widgets.fields import SafeInput


@dataclass(frozen=True, slots=True)
class Item:
    """``title`` and ``details`` are one line each, made safe."""

    id: str
    title: str
    details: str


class Listing(OptionList):
    """Two lines an item; the highlighted item stays so when the list changes, as far as it is still there."""

    DEFAULT_CSS = """
    Listing {
        height: 1fr;
        border: none;
        padding: 0;
        background: $background;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    Listing:focus { border: none; background-tint: $background 0%; }
    Listing > .option-list--option { padding: 0 1; }
    Listing > .option-list--option-highlighted { background: $panel; text-style: none; }
    Listing:focus > .option-list--option-highlighted { text-style: reverse; }
    /* "reverse" exchanges two colours, of which NO_COLOR leaves nothing. */
    Listing:ansi > .option-list--option-highlighted { text-style: underline; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "Open", key_display="Enter", id="list.open")]

    def __init__(self, id: str) -> None:
        super().__init__(id=id, markup=False)
        self.items: Sequence[Item] = ()

    @property
    def chosen(self) -> Item | None:
        """The highlighted item."""
        return None if self.highlighted is None else self.items[self.highlighted]

    def show(self, items: Sequence[Item]) -> None:
        if items == self.items:
            return
        before, at = self.chosen, self.highlighted or 0
        # Unlike set_options, it also draws that there is nothing.
        self.clear_options()
        self.items = items
        self.add_options(Option(_Lines(item), item.id) for item in items)
        if items:
            places = {item.id: place for place, item in enumerate(items)}
            self.highlighted = places.get(before.id if before else "", min(at, len(items) - 1))


class FilterInput(SafeInput):
    """Filters as one types; Down goes on to the list, Enter opens what is highlighted there."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("down", "screen.list", "List", key_display="↓", id="filter.list")]

    def __init__(self, placeholder: str, id: str) -> None:
        super().__init__(placeholder=placeholder, id=id)


class _Lines(Visual):
    """An item, made into Content only where it is in view: of thousands, the list asks each for its height."""

    def __init__(self, item: Item) -> None:
        self._item = item

    def _content(self) -> Content:
        title, details = Content(self._item.title), Content(self._item.details)
        return title.stylize("bold") + Content("\n") + details.stylize(QUIET)

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        return self._content().render_strips(width, height, style, options)

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        return self._content().get_optimal_width(rules, container_width)

    def get_minimal_width(self, rules: RulesMap) -> int:
        return self._content().get_minimal_width(rules)

    def get_height(self, rules: RulesMap, width: int) -> int:
        return 2
