"""The keys of the conversation: those of one's own, and what every one of them must be."""

from textual.widgets import Static

from qa.tui.app import IsiskQAApp
from qa.tui.widgets.prompt import Prompt
from tests.qa.tui import fakes

SIZE = (120, 40)


async def test_keys_of_ones_own() -> None:
    application = fakes.Application()
    application.settings = application.settings.model_copy(
        update={"keys": {"prompt.send": "ctrl+g", "help": "f9"}, "theme": "isisk-light"}
    )
    app = IsiskQAApp(application)
    async with app.run_test(size=SIZE) as pilot:
        await fakes.until(pilot, lambda: app.main.backend is not None and bool(app.keys))
        assert app.theme == "isisk-light"
        await pilot.press(*"q", "ctrl+g")
        await fakes.until(pilot, lambda: application.fake.asked == ["q"])
        await pilot.press("f9")
        await fakes.until(pilot, lambda: type(app.screen).__name__ == "HelpScreen")
        rows = [str(static.visual) for static in app.screen.query(".key").results(Static)]
        assert "f9" in rows
        assert "ctrl+g" in rows


async def test_every_binding_has_an_id_and_no_key_that_terminals_lose() -> None:
    from textual.binding import Binding

    from qa.tui import keys
    from qa.tui.screens.main import MainScreen

    ours = [*MainScreen.BINDINGS, *IsiskQAApp.BINDINGS, *Prompt.BINDINGS]
    assert all(isinstance(binding, Binding) and binding.id for binding in ours)
    used = {key for binding in keys.bindings(*IsiskQAApp.BINDINGS).values() for key in binding.key.split(",")}
    assert not used & {"ctrl+b", "ctrl+h", "ctrl+i", "ctrl+m"}
