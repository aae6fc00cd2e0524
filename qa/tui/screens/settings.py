"""The settings that matter while one asks, changed in their file and in force at once."""

import asyncio
import os
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import Screen
from textual.widgets import Footer, Input, Select, Static

from qa.errors import SettingsError
from qa.tui.guard import Guarded
from qa.tui.protocols import Backend
from qa.tui.screens.confirm import ConfirmScreen
from qa.tui.settings_form import FIELDS, Value, about_key, overridden, problems, save
from qa.tui.text import counted, safe
from qa.tui.widgets.fields import RowSelect, SafeInput

LABELS = {
    "answerer": "Who answers",
    "model": "Model: a name at the endpoint, or local: and the path of a GGUF file",
    "base_url": "Endpoint: an OpenAI-compatible address; empty for OpenAI's own",
    "strict": "Sentences that the articles do not support",
    "theme": "Theme",
}
CHOICES: Mapping[str, Mapping[Any, str]] = {
    "answerer": {
        "auto": "auto: a model where one is named, else quotations",
        "llm": "llm: a model",
        "extractive": "extractive: quotations, no model",
    },
    "strict": {False: "are shown, and marked", True: "are left out"},
}
SAVED = "Saved; the next question is answered so."
SAME = "Nothing was changed."


class SettingsScreen(Guarded, Screen[None]):
    """A field that the environment has the say over can be read, not changed."""

    AUTO_FOCUS = "#settings Select, #settings Input"
    DEFAULT_CSS = """
    SettingsScreen #settings-head { height: 1; padding: 0 1; background: $panel; color: $text-muted; }
    SettingsScreen #settings { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; overflow-x: hidden; }
    SettingsScreen .setting { height: auto; max-width: 92; margin-bottom: 1; }
    SettingsScreen .setting Static { height: auto; }
    SettingsScreen .note { color: $warning; display: none; }
    SettingsScreen .note.-shown { display: block; }
    SettingsScreen #settings-said { height: auto; padding: 0 1; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", key_display="^s", id="settings.save"),
        Binding("escape", "leave", "Back", key_display="Esc", id="settings.back"),
    ]

    def __init__(self, backend: Backend) -> None:
        super().__init__()
        self._backend = backend

    def compose(self) -> ComposeResult:
        yield Static(safe("Settings"), id="settings-head")
        with VerticalScroll(id="settings", can_focus=False):
            for field in FIELDS:
                note = overridden(field)
                with Vertical(classes="setting"):
                    yield Static(safe(LABELS[field]), classes="label")
                    widget = self._widget(field)
                    widget.disabled = bool(note)
                    yield widget
                    yield Static(safe(note), id=f"{field}-note", classes="note -shown" if note else "note")
            for line in self._facts():
                yield Static(safe(line, 600), classes="setting label")
        yield Static(id="settings-said")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        # The focused field comes into view without its label, which stands over it.
        self.call_after_refresh(self.query_one("#settings", VerticalScroll).scroll_home, animate=False)

    def _widget(self, field: str) -> Select[str | bool] | Input:
        value = self._now()[field]
        if field in ("model", "base_url"):
            return SafeInput(str(value or ""), id=field)
        choices = CHOICES.get(field) or {name: name for name in sorted(self.app.available_themes)}
        return RowSelect([(label, choice) for choice, label in choices.items()], field, value or False)

    def _now(self) -> dict[str, Value]:
        settings = self._backend.settings
        return {**{field: getattr(settings, field) for field in FIELDS}, "theme": settings.theme or self.app.theme}

    def _facts(self) -> Iterator[str]:
        settings = self._backend.settings
        yield about_key(settings)
        if os.environ.get("NO_COLOR"):
            yield "NO_COLOR is set, so a theme shows only when it is not."
        if settings.keys:
            yield f"{counted(len(settings.keys), 'key')} of your own, in [keys] of the file."
        yield f"File: {settings.config}"

    def _field(self, name: str) -> Select[str | bool] | Input:
        widget = self.query_one(f"#{name}")
        assert isinstance(widget, Select | Input)
        return widget

    def _entered(self) -> dict[str, Value]:
        """What differs from what is in force, of what can be changed here."""
        entered: dict[str, Value] = {}
        for field, now in self._now().items():
            widget = self._field(field)
            if widget.disabled:
                continue
            value: Value = None
            if isinstance(widget, Input):
                value = widget.value.strip() or None
            elif isinstance(widget.value, str | bool):
                value = widget.value
            if value != now:
                entered[field] = value
        return entered

    @on(Input.Changed)
    @on(Select.Changed)
    def _check(self) -> None:
        self._mark(problems(self._backend.settings, self._entered()))
        self._say("")

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_save()

    @work(exclusive=True)
    async def action_save(self) -> None:
        entered = self._entered()
        found = problems(self._backend.settings, entered)
        self._mark(found)
        if found:
            return
        if not entered:
            self._say(SAME)
            return
        try:
            settings = await asyncio.to_thread(save, self._backend.settings, entered)
        except SettingsError as error:
            self._say(f"! {error}")
            return
        self._backend.reconfigure(settings)
        if settings.theme is not None and not os.environ.get("NO_COLOR"):
            self.app.theme = settings.theme
        self._say(SAVED)

    @work(exclusive=True)
    async def action_leave(self) -> None:
        sure = ConfirmScreen("Leave without saving?", "What was changed here is not in force.")
        if not self._entered() or await self.app.push_screen_wait(sure):
            self.dismiss(None)

    def _mark(self, found: dict[str, str]) -> None:
        for field in FIELDS:
            if not self._field(field).disabled:
                note = self.query_one(f"#{field}-note", Static)
                note.update(safe(f"! {found[field]}" if field in found else "", 600))
                note.set_class(field in found, "-shown")
        if elsewhere := [problem for field, problem in found.items() if field not in FIELDS]:
            self._say(f"! {elsewhere[0]}")

    def _say(self, sentence: str) -> None:
        self.query_one("#settings-said", Static).update(safe(sentence, 600))
