"""What a person can read of a screen."""

from typing import Any

from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from qa.tui.widgets.listing import Listing


def said(screen: Screen[Any], selector: str) -> str:
    """The texts of the Statics that match, a line each; empty as long as there are none."""
    contents = [each.visual for each in screen.query(selector).results(Static)]
    return "\n".join(content.plain for content in contents if isinstance(content, Content))


def titles(screen: Screen[Any]) -> list[str]:
    """Of the items in the screen's list."""
    return [item.title for listing in screen.query(Listing) for item in listing.items]
