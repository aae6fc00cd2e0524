import pytest
from textual.binding import Binding

from qa.errors import SettingsError
from qa.settings import Settings
from qa.tui.app import IsiskQAApp
from qa.tui.preferences import _ids, keymap, theme
from tests.qa.tui import fakes


def test_no_keys_no_map() -> None:
    assert keymap(Settings()) == {}


@pytest.mark.parametrize("key", ["f9", "ctrl+s", "A", "?", "question_mark", "+", "alt+up", "shift+tab", "f5, ctrl+g"])
def test_a_key_that_is_one(key: str) -> None:
    assert keymap(Settings(keys={"help": key})) == {"help": key}


@pytest.mark.parametrize("key", ["", "foo", "ctrl+", "<any>", "ctrl+foo", "strg+a", "f1,", "ctrl+b", "ctrl+i", " "])
def test_a_key_that_is_none_is_named(key: str) -> None:
    with pytest.raises(SettingsError, match="for help ") as caught:
        keymap(Settings(keys={"quit": "f9", "help": key}))
    assert "\n" not in str(caught.value)


def test_an_id_that_there_is_not_is_named() -> None:
    with pytest.raises(SettingsError, match=r"keys has 'hepl'.* help, ") as caught:
        keymap(Settings(keys={"hepl": "f9"}))
    assert "history.search" in str(caught.value)


def test_every_key_of_ours_can_be_another() -> None:
    assert {"quit", "help", "articles.add", "history.delete", "settings.save", "filter.list", "confirm.yes"} <= _ids()


async def test_a_key_of_ones_own_does_what_the_old_one_did() -> None:
    app = IsiskQAApp(fakes.Application())
    async with app.run_test() as pilot:
        app.set_keymap(keymap(Settings(keys={"help": "f9"})))
        await pilot.press("f9")
        assert type(app.screen).__name__ == "HelpScreen"
    assert any(isinstance(binding, Binding) and binding.id == "quit" for binding in IsiskQAApp.BINDINGS)


def test_a_theme() -> None:
    assert theme(Settings(), {"nord"}) is None
    assert theme(Settings(theme="nord"), {"nord"}) == "nord"
    with pytest.raises(SettingsError, match="no theme 'pink'"):
        theme(Settings(theme="pink"), {"nord"})
