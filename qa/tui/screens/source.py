"""Opens what an article was read from, after saying where that is."""

import hashlib
from importlib.resources import as_file, files
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from qa.tui.exhibits import Exhibit
from qa.tui.guard import Guarded
from qa.tui.text import safe


def source_of(exhibit: Exhibit) -> str | None:
    """The article's http or https address, else the ``file:`` address of its file if that is there; else None."""
    url = exhibit.article.url if exhibit.article else None
    if url and host_of(url):
        return url
    path = Path(exhibit.citation.path)
    try:
        found = path if path.is_file() else _shipped(path.name, exhibit.citation.sha256)
        return found.resolve(strict=True).as_uri() if found else None
    except (OSError, ValueError):
        return None


def _shipped(name: str, sha256: str) -> Path | None:
    """An article that comes along, where it is now: the program was installed elsewhere since the article was read."""
    with as_file(files("seeds") / "articles" / name) as path:
        there = path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256
        return path if there else None


def host_of(url: str) -> str | None:
    """The host that an http or https address leads to, in ASCII, so that no letter looks like another; else None."""
    try:
        parts = urlsplit(url)
        name = (parts.hostname or "").encode("idna").decode()
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    return name + port if parts.scheme in ("http", "https") and name else None


def offer(app: App[None], exhibit: Exhibit) -> None:
    """Ask whether to open what an article was read from."""
    address = source_of(exhibit)
    if address is None:
        app.notify("Where this article came from is not known, or its file is not here.", markup=False, timeout=3)
    else:
        app.push_screen(SourceScreen(address))


class SourceScreen(Guarded, ModalScreen[None]):
    """Enter opens the address; anything else does not."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,o", "open", "Open", id="source.open"),
        Binding("escape,q", "dismiss", "Back", id="source.back"),
    ]
    AUTO_FOCUS = "#source"

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    def compose(self) -> ComposeResult:
        host = host_of(self._address)
        with Vertical(classes="dialog", id="source") as dialog:
            dialog.can_focus = True
            yield Static(Content("Open in the browser? Enter opens, Esc does not."), classes="label")
            yield Static(Content("Host: ").stylize("bold") + safe(host) if host else Content("A file on this machine"))
            yield Static(safe(self._address, limit=1_000))

    def action_open(self) -> None:
        self.app.open_url(self._address)
        self.dismiss()
