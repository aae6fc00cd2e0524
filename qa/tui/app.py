"""The terminal UI."""

import asyncio
import gc
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import ClassVar

from textual import on
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.screen import Screen
from textual.theme import Theme
from textual.worker import WorkerFailed

from qa import log
from qa.errors import SettingsError
from qa.tui.guard import Guarded
from qa.tui.protocols import Backend
from qa.tui.screens.main import MainScreen
from qa.tui.session import Session

DARK = Theme(
    name="isisk-dark",
    primary="#8fb8de",
    secondary="#a9b6c6",
    accent="#e8c468",
    foreground="#e6e9ee",
    background="#12151a",
    surface="#181c22",
    panel="#232932",
    success="#93c9a1",
    warning="#e9b872",
    error="#ef8f8f",
    dark=True,
)
LIGHT = Theme(
    name="isisk-light",
    primary="#1f5f99",
    secondary="#5b6b7d",
    accent="#8a6100",
    foreground="#1b2026",
    background="#fbfbf9",
    surface="#f2f2ee",
    panel="#e4e5e2",
    success="#1f7a3d",
    warning="#8f5600",
    error="#b3261e",
    dark=False,
)
# With any theme of RGB colours NO_COLOR still sends greys.
COLOURLESS = "ansi-dark"
# A second Ctrl+C within this time quits.
AGAIN_SECONDS = 3.0
# More defects than this in such a time come from drawing, which each message about them would set off again.
MOST_FAULTS, FAULTS_SECONDS = 8, 10.0


class IsiskQAApp(Guarded, App[None]):
    """Asks ``application``, or what it returns when called, and shows answers beside the passages that they cite.

    Making an application imports what takes longer than the first frame, so that is left to a thread.
    """

    CSS_PATH = "app.tcss"
    TITLE = "isisk-qa"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "command_palette", "Commands", key_display="^p", priority=True, id="commands"),
        Binding("ctrl+c", "interrupt", "Copy, stop, clear, quit", show=False, priority=True, id="interrupt"),
        Binding("ctrl+z", "suspend_process", "To the background", show=False, priority=True, id="suspend"),
        Binding("ctrl+q", "quit", "Quit", key_display="^q", priority=True, id="quit"),
    ]

    def __init__(self, application: Backend | Callable[[], Backend]) -> None:
        self.colourless = bool(os.environ.get("NO_COLOR"))
        super().__init__(ansi_color=True if self.colourless else None)
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = COLOURLESS if self.colourless else DARK.name
        # Scrolling at once: over a slow line an animation is only delay.
        self.animation_level = "none"
        self.HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (40, "-narrow"), (100, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-flat"), (10, "-tall")]
        self.main = MainScreen(application if callable(application) else lambda: application)
        self.failure: BaseException | None = None
        self.keys: Mapping[str, str] = {}
        self._faults: deque[float] = deque(maxlen=MOST_FAULTS)
        self._interrupted = float("-inf")

    def get_driver_class(self) -> type[Driver]:
        if "TEXTUAL_DRIVER" in os.environ or sys.platform == "win32":
            return super().get_driver_class()
        from qa.tui.driver import TerminalDriver

        return TerminalDriver

    def get_default_screen(self) -> MainScreen:
        return self.main

    def on_mount(self) -> None:
        # The shell has drawn over it, or the terminal has cleared it.
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGHUP):
                # Textual leaves the alternate screen and the mouse as they are when one of these ends the process.
                with suppress(NotImplementedError, RuntimeError):
                    loop.add_signal_handler(number, partial(self.exit, return_code=128 + number))

    @on(Session.Unopened)
    def _unopened(self, event: Session.Unopened) -> None:
        self.failure = event.error
        self.exit(return_code=1)

    @on(Session.Opened)
    def _prefer(self, event: Session.Opened) -> None:
        """The person's own theme and keys, which are known only now."""
        settings = event.backend.settings
        if settings.theme is None and not settings.keys:
            return
        from qa.tui import preferences

        try:
            theme = preferences.theme(settings, self.available_themes)
            self.set_keymap(preferences.keymap(settings))
        except SettingsError as error:
            self._unopened(Session.Unopened(error))
        else:
            self.theme = theme if theme and not self.colourless else self.theme

    @on(Session.Opened)
    @on(Session.Ended)
    def _spare(self, event: Session.Opened | Session.Ended) -> None:
        """Have the collector look no more through what is there to stay: all imports, and earlier answers.

        With sixty answers each of its full passes, one in two seconds of streaming, held up the keys by 0.2 s.
        """
        if not self.is_headless:
            gc.enable()
            # After a question there is garbage, and little to look through.
            if isinstance(event, Session.Ended) and event.number is not None:
                gc.collect()
            gc.freeze()

    def set_keymap(self, keymap: Mapping[str, str]) -> None:
        self.keys = dict(keymap)
        super().set_keymap(dict(keymap))

    def action_help(self) -> None:
        from qa.tui import keys
        from qa.tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(keys.described(keys.bindings(*self.BINDINGS), self.keys)))

    def action_interrupt(self) -> None:
        """Copy what is selected; else stop the answer, else clear the prompt, else quit the second time."""
        selected = self.screen.get_selected_text() or getattr(self.screen.focused, "selected_text", "")
        if selected:
            self.copy_to_clipboard(selected)
        elif self.screen is self.main and self.main.stop():
            pass
        elif self.screen is self.main and self.main.prompt.text:
            self.main.prompt.clear()
        elif monotonic() - self._interrupted < AGAIN_SECONDS:
            self.exit()
        else:
            self._interrupted = monotonic()
            self.notify("Press Ctrl+C again to quit.", markup=False, timeout=AGAIN_SECONDS)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action that needs no passage or answer to be named, and the themes."""
        from qa.tui import keys

        if screen is self.main:
            for name, binding in keys.bindings(*self.BINDINGS).items():
                if not name.startswith(("passage.", "prompt.", "page.", "commands", "interrupt", "history.")):
                    action = partial(screen.run_action, binding.action)
                    yield SystemCommand(binding.description, keys.shown(binding, self.keys), action)
        if not self.colourless:
            for theme in (DARK, LIGHT):
                yield SystemCommand(f"Theme: {theme.name}", "Colours", partial(setattr, self, "theme", theme.name))

    def _handle_exception(self, error: Exception) -> None:
        """Show and log a defect. Before there is a screen, and when there is no end of them, the program ends."""
        now = monotonic()
        endless = len(self._faults) == MOST_FAULTS and now - self._faults[0] < FAULTS_SECONDS
        if endless or self.main.backend is None:
            self.failure = error
            super()._handle_exception(error)
            return
        self._faults.append(now)
        self.show_fault(error, self.main.backend)

    def show_fault(self, error: Exception, backend: Backend) -> None:
        """A sentence in the conversation, and the traceback in the log."""
        if isinstance(error, WorkerFailed) and isinstance(error.error, Exception):
            # It was never raised, so it has no traceback of its own.
            error = error.error
        text = log.unexpected(backend.settings.home, error, backend.settings.secrets())
        self.main.call_later(self.main.conversation.notice, text)
        if self.screen is not self.main:
            self.notify(text, severity="error", markup=False)

    def _fatal_error(self) -> None:
        # Textual's own prints a traceback with the values of all variables: keys, and text of others as it is.
        self._close_messages_no_wait()


def run(open_backend: Callable[[], Backend]) -> None:
    """Show the UI until the person quits. Raises what it had to break off for, or SystemExit where that is a signal."""
    app = IsiskQAApp(open_backend)
    app.run()
    app.main.session.close()
    if app.failure is not None:
        raise app.failure
    if app.return_code:
        raise SystemExit(app.return_code)
