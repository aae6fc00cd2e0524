"""The terminal UI in a browser: a real server, and Chromium where it is installed."""

import asyncio
import base64
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from qa import web
from tests.conftest import Prepared

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# So generous that only what hangs meets it.
DEADLINE_SECONDS = 60


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def served(port: int, prepared: Prepared, tmp_path: Path) -> Iterator[str]:
    """`isisk-qa serve` over the shipped articles; its address."""
    home = shutil.copytree(prepared.home, tmp_path / "home")
    with subprocess.Popen(
        [sys.executable, "-m", "qa.cli", "serve", "--port", str(port)],
        env={**os.environ, "ISISK_QA_HOME": str(home), "PYTHONPATH": str(Path.cwd())},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        try:
            line = process.stderr.readline()
            assert line == f"isisk-qa: open http://127.0.0.1:{port} in a browser; Ctrl+C ends\n"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("example.org", False),
    ],
)
def test_loopback(host: str, loopback: bool) -> None:
    assert web.is_loopback(host) is loopback


async def test_it_answers_to_its_own_name_and_page_only(served: str) -> None:
    port = served.rpartition(":")[2]
    async with aiohttp.ClientSession() as session:

        async def get(path: str = "/", **headers: str) -> aiohttp.ClientResponse:
            return await session.get(served + path, headers=headers, allow_redirects=False)

        page = await get()
        assert page.status == 200
        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self';")
        assert f"connect-src 'self' ws://127.0.0.1:{port};" in policy
        assert (await get(Host=f"localhost:{port}")).headers["Location"] == served
        assert (await get(Host=f"rebound.example:{port}")).status == 403
        for headers in ({"Origin": "http://elsewhere.example"}, {"Origin": "null"}):
            assert (await get("/ws", **headers)).status == 403


def test_a_missing_extra_is_one_sentence(tmp_path: Path) -> None:
    program = "import sys; sys.modules['textual_serve'] = None; from qa.cli import main; sys.exit(main(['serve']))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("isisk-qa: The browser's part is not installed (textual_serve")
    assert done.stderr.endswith("pip install 'isisk-qa[web]'.\n")


def test_a_port_that_is_taken_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        command = [sys.executable, "-m", "qa.cli", "serve", "--port", str(server.getsockname()[1])]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert re.fullmatch(
        r"isisk-qa: 127\.0\.0\.1:\d+ cannot be used \(.*\); choose another --port or --host\.\n", done.stderr
    )


class Tab:
    """A page, through Chromium's own debugging socket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._sent = 0
        self.asked: dict[str, str] = {}
        self.text = b""

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._sent += 1
        await self._socket.send_json({"id": self._sent, "method": method, "params": parameters})
        while True:
            message = await self._next()
            if message.get("id") == self._sent:
                assert "error" not in message, message
                return dict(message["result"])

    async def until(self, wanted: bytes) -> None:
        """Wait until the terminal has got this."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while wanted not in self.text:
                await self._next()

    async def _next(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads((await self._socket.receive(DEADLINE_SECONDS)).data)
        if message.get("method") == "Network.requestWillBeSent":
            self.asked[message["params"]["requestId"]] = message["params"]["request"]["url"]
        elif message.get("method") == "Network.loadingFailed" and message["params"].get("blockedReason") == "csp":
            # The policy has kept it from leaving the browser.
            del self.asked[message["params"]["requestId"]]
        elif message.get("method") == "Network.webSocketFrameReceived":
            frame = message["params"]["response"]
            # 2 is for bytes: what the terminal gets. Text is the page's own talk with the server.
            self.text += base64.b64decode(frame["payloadData"]) if frame["opcode"] == 2 else b""
        return message

    async def type(self, text: str) -> None:
        await self.call("Input.insertText", text=text)

    async def press(self, key: str, code: int, text: str = "") -> None:
        for kind in ("keyDown", "keyUp"):
            await self.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, text=text)

    async def click(self, x: int, y: int) -> None:
        for kind in ("mousePressed", "mouseReleased"):
            await self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def picture(self) -> bytes:
        return base64.b64decode((await self.call("Page.captureScreenshot"))["data"])


@asynccontextmanager
async def tab(address: str, folder: Path) -> AsyncIterator[Tab]:
    assert CHROMIUM is not None
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-port=0")
    browser = await asyncio.create_subprocess_exec(
        CHROMIUM, *options, f"--user-data-dir={folder}", "--window-size=1200,800", "about:blank",
        stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert browser.stderr is not None
        while not (found := re.search(rb"ws://(127\.0\.0\.1:\d+)/", await browser.stderr.readline())):
            pass
        async with aiohttp.ClientSession() as session:
            pages = await (await session.get(f"http://{found[1].decode()}/json")).json()
            place = next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")
            async with session.ws_connect(place, max_msg_size=0) as connection:
                page = Tab(connection)
                await page.call("Network.enable")
                await page.call("Page.enable")
                # Without a window the page is never in front, and the terminal in it has no keyboard.
                await page.call("Emulation.setFocusEmulationEnabled", enabled=True)
                await page.call("Page.navigate", url=address)
                yield page
    finally:
        browser.kill()
        await browser.communicate()


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
async def test_a_question_is_answered_in_a_browser(served: str, tmp_path: Path) -> None:
    """xterm draws on a canvas, so what it draws is read on the way: the page's socket is listened to."""
    async with tab(served, tmp_path / "profile") as page:
        await page.until(b"5 articles")
        await page.call("Runtime.evaluate", expression="document.querySelector('textarea').focus()")
        # A page that was not in front has taken the keyboard from the prompt, which stands above the last line.
        height = (await page.call("Runtime.evaluate", expression="innerHeight"))["result"]["value"]
        await page.click(300, height - 55)
        await page.type("How many fighters did ISIS-K have at the beginning of 2017?")
        await page.press("Enter", 13, "\r")
        await page.until(b"3,000")
        assert len(await page.picture()) > 10_000
        assert [url for url in page.asked.values() if not url.startswith((served, "data:", "about:"))] == []
