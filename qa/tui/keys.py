"""What the keys of the conversation do, as they are bound now."""

from collections.abc import Iterator, Mapping

from textual.binding import Binding, BindingType
from textual.keys import format_key

from qa.tui.screens.main import MainScreen
from qa.tui.widgets.passage import PassageCard
from qa.tui.widgets.prompt import Prompt

# Nine of a kind are one line of the help.
_DIGITS = {f"passage.{digit}" for digit in range(2, 10)}


def bindings(*others: BindingType) -> dict[str, Binding]:
    """Every binding of the conversation by its id, by which the configuration names it."""
    found = (*Prompt.BINDINGS, *MainScreen.BINDINGS, *PassageCard.BINDINGS, *others)
    return {binding.id: binding for binding in found if isinstance(binding, Binding) and binding.id}


def shown(binding: Binding, changed: Mapping[str, str]) -> str:
    """The keys of a binding as a person reads them; ``changed`` are those that took the place of the first ones."""
    keys = changed.get(binding.id or "", binding.key).split(",")
    return ", ".join(format_key(key.strip()) for key in keys)


def described(known: Mapping[str, Binding], changed: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Keys and what they do."""
    for name, binding in known.items():
        if name == "passage.1":
            yield f"{shown(binding, changed)} to 9", "The passage of that marker"
        elif name not in _DIGITS:
            yield shown(binding, changed), binding.tooltip or binding.description
