"""``serve``: the terminal UI in a browser."""

from __future__ import annotations

import sys

import click

from qa.commands.common import EPILOG, STORE, complain
from qa.errors import SettingsError


@click.command(epilog=EPILOG)
@click.option("--host", metavar="NAME", default="127.0.0.1", show_default=True, help="The one address to answer on.")
@click.option("--port", type=click.IntRange(1, 65_535), default=8000, show_default=True)
@click.pass_context
def serve(context: click.Context, host: str, port: int) -> None:
    """Show the terminal UI in a browser on this machine."""
    try:
        # aiohttp and jinja2: half a second, and an extra.
        from qa.web import Site, is_loopback
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"The browser's part is not installed ({error.name} is missing): pip install 'isisk-qa[web]'."
        ) from None
    if not is_loopback(host):
        complain(f"there is no password: whoever reaches {host}:{port} can ask, read and add articles")
    store = context.meta.get(STORE)
    command = [sys.executable, "-m", "qa.cli", *(["--store", store] if store else [])]
    try:
        Site(command, host, port, lambda url: complain(f"open {url} in a browser; Ctrl+C ends")).run()
    except OSError as error:
        raise SettingsError(
            f"{host}:{port} cannot be used ({error.strerror}); choose another --port or --host."
        ) from None
