"""The terminal UI in a browser: the only module that knows textual-serve and aiohttp.

Whoever can open the page can use the program, so it answers only to the one name that it was started under: another
site's page, or a name that was made to lead here, gets nothing.
"""

import ipaddress
import shlex
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web
from textual_serve.server import Server

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def is_loopback(host: str) -> bool:
    """Whether a name or address leads to this machine only."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


class Site(Server):
    """Starts ``command`` for each page that is opened. ``host`` is one address or name, not all of them."""

    def __init__(self, command: Sequence[str], host: str, port: int, announce: Callable[[str], None]) -> None:
        super().__init__(
            shlex.join(command), host=host, port=port, title="isisk-qa", public_url=f"http://{host}:{port}"
        )
        self._place = f"{host}:{port}"
        self._announce = announce

    def run(self) -> None:
        """Serve until interrupted. Raises OSError where the port cannot be had."""

        def started(*_: object) -> None:
            self._announce(self.public_url)

        web.run_app(self._make_app(), host=self.host.strip("[]"), port=self.port, print=started)

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._only_ours)
        return app

    async def on_startup(self, app: web.Application) -> None:
        """Nothing is said before the port is had."""

    @web.middleware
    async def _only_ours(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        name, _, port = request.host.rpartition(":")
        if request.host != self._place and is_loopback(self.host) and is_loopback(name) and port == str(self.port):
            raise web.HTTPFound(self.public_url)
        # A browser names the page that opens a socket, and no page can make it say another.
        origin = request.headers.get("Origin", self.public_url)
        if request.host != self._place or origin != self.public_url:
            raise web.HTTPForbidden(text=f"This is {self.public_url} only.")
        response = await handler(request)
        if not response.prepared:
            # textual-serve's page asks a third party for a font.
            response.headers["Content-Security-Policy"] = (
                "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
                f"img-src 'self' data:; connect-src 'self' ws://{self._place}; frame-ancestors 'none'"
            )
        return response
