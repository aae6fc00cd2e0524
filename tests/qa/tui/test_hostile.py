"""Text that means harm, in every place where text of others is shown."""

from dataclasses import replace

import pytest
from textual.content import Content
from textual.widgets import Static

from qa.models import Conflict, PassagesFound, Position, Sentence, Support
from qa.terminal import sanitise
from qa.tui.app import IsiskQAApp
from qa.tui.screens.article import ArticleScreen
from qa.tui.widgets.exchange import QUESTION_LIMIT, Exchange
from qa.tui.widgets.passage import PassageCard
from qa.tui.widgets.prompt import Prompt
from tests.qa.tui import fakes
from vectorstore.errors import StoreError
from vectorstore.models import Article

PAYLOADS = {
    "markup": "[/foo] [@click=app.quit]press[/] [bold red]x[/bold red] [link=http://example.org]y[/link] {x} $x \\[",
    "controls": "\x1b[2J\x1b[31m\x1b]52;c;aGk=\x07\x1b]0;title\x1b\\ "
    "\x9b31mC1\x9d0;t\x9c \x90q\x9c \x00\x08\x0b\x7f\udcff",
    "directions": "\u202eright to left\u2066 \u200bnothing\ufeff \U000e0041 e" + "\u0301" * 60,
    "wide": "界" * 200 + "👩\u200d👩\u200d👧 " + "word" * 2_500,
    "markers": "[1]: http://example.org 'x'\r\n[[1]][2] [] ]",
}


def hostile_article(payload: str) -> Article:
    return replace(
        fakes.shipped()[0],
        id="hostile",
        text=f"Before {payload}\n{payload} THE QUOTE {payload} ENDS. {payload}\nAfter {payload}",
        title=f"Title {payload}",
        publisher=f"Publisher {payload}",
        published_basis=f"inferred: {payload}",
        path=f"articles/{payload}.txt",
    )


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
async def test_hostile_text_is_shown_as_text(payload: str) -> None:
    article = hostile_article(payload)
    citation = fakes.cite(article, 1, "THE QUOTE", "ENDS.")
    sentence = f"Says {payload}."
    answer = fakes.answer(
        f"{sentence} [1]",
        (Sentence(sentence, (1,), Support.SUPPORTED, 1.0),),
        (citation,),
        conflicts=(Conflict(payload, (Position(payload, (1,)),)),),
        answerer="llm",
        model=payload,
    )
    script: dict[str, list[fakes.Step]] = {
        f"ask {payload}".strip(): fakes.steps(answer),
        "fail": [PassagesFound(()), StoreError(payload)],
    }
    application = fakes.Application(script, articles=[article])
    application.failures = (fakes.Failure(payload, payload),)
    async with IsiskQAApp(application).run_test(size=(120, 40)) as pilot:
        for question in script:
            # As it would come from elsewhere: what is typed or pasted is made safe before it is a question.
            pilot.app.screen.post_message(Prompt.Asked(question))
            await fakes.until(pilot, lambda: bool(list(pilot.app.screen.query(Exchange))))
            await fakes.until(pilot, lambda: not list(pilot.app.screen.query(Exchange))[-1].open)
        await pilot.press("tab", "k")
        await fakes.until(pilot, lambda: bool(pilot.app.screen.query(PassageCard)))
        drawn = [pilot.app.export_screenshot()]
        texts = [static.visual for static in pilot.app.screen.query(Static)]
        await pilot.press("1", "enter")
        await fakes.until(pilot, lambda: isinstance(pilot.app.screen, ArticleScreen))
        drawn.append(pilot.app.export_screenshot())
        texts += [static.visual for static in pilot.app.screen.query(Static)]
    for content in texts:
        if isinstance(content, Content):
            assert sanitise(content.plain) == content.plain
            assert not [span for span in content.spans if "@click" in str(span.style)]
    plain = [content.plain for content in texts if isinstance(content, Content)]
    question = sanitise(f"› ask {payload}".strip())[:QUESTION_LIMIT]
    assert any(question in text for text in plain)
    assert any(sanitise(citation.quote) in text for text in plain)
    for svg in drawn:
        assert sanitise(svg) == svg
