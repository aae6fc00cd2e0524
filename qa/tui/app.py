"""The terminal UI."""

import os
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.theme import Theme

from qa.tui.protocols import Backend
from qa.tui.screens.help import HelpScreen
from qa.tui.screens.main import MainScreen

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


class IsiskQAApp(App[None]):
    """Asks ``application`` and shows its answers beside the passages that they cite."""

    CSS_PATH = "app.tcss"
    TITLE = "isisk-qa"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", key_display="^q", priority=True, id="quit")
    ]

    def __init__(self, application: Backend) -> None:
        plain = "NO_COLOR" in os.environ
        super().__init__(ansi_color=True if plain else None)
        self.register_theme(DARK)
        # With any theme of RGB colours NO_COLOR still sends greys.
        self.theme = "ansi-dark" if plain else DARK.name
        # Scrolling at once: over a slow line an animation is only delay.
        self.animation_level = "none"
        self.HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (40, "-narrow"), (100, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-flat"), (10, "-tall")]
        self.main = MainScreen(application)

    def get_default_screen(self) -> MainScreen:
        return self.main

    def action_help(self) -> None:
        self.push_screen(HelpScreen())


def run(application: Backend) -> None:
    """Show the UI until the person quits. Raises SystemExit with code 1 if it had to break off."""
    app = IsiskQAApp(application)
    app.run()
    app.main.session.close()
    if app.return_code:
        raise SystemExit(app.return_code)
