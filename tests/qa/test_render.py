import json
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from qa.models import Answer, Citation, Conflict, Position, Reason, Sentence, Status, Support
from qa.render import annotated, described, opening_command, render_json, render_markdown, render_text
from qa.terminal import sanitise
from vectorstore.source_state import SourceState

SPUTNIK = Citation(
    marker=1,
    article_id="sputnik-2017-12",
    title="Some 3,000 fighters …",
    publisher="Sputnik",
    published="2017-12",
    published_basis="inferred: it names November 2017",
    path="articles/000.txt",
    sha256="0" * 64,
    start=120,
    end=160,
    quote="ISIS-K had about 3,000 fighters in 2017.",
)
UNKNOWN = replace(
    SPUTNIK,
    marker=2,
    article_id="own notes",
    publisher=None,
    published=None,
    published_basis="unknown",
    quote="250 gave up.",
)
STATED = replace(SPUTNIK, marker=3, publisher="The New Arab", published="2017-12-12", published_basis="stated")

RECORD = Answer(
    question="How many fighters?",
    status=Status.ANSWERED,
    reason=None,
    answer="About 3,000. [1] 250 gave up. [2]",
    sentences=(
        Sentence("About 3,000.", (1,), Support.SUPPORTED, 0.97),
        Sentence("250 gave up.", (2,), Support.SUPPORTED, 0.9),
    ),
    citations=(SPUTNIK, UNKNOWN),
    conflicts=(),
    retrieved=(),
    answerer="extractive",
    model=None,
    prompt_sha256=None,
    index_generation=1,
    as_of=None,
)


def supports(*supports: Support, answer: str = RECORD.answer) -> Answer:
    sentences = zip(RECORD.sentences, supports, strict=True)
    return replace(RECORD, answer=answer, sentences=tuple(replace(s, support=mark) for s, mark in sentences))


def test_text_shows_answer_sources_and_how_to_open_them() -> None:
    assert render_text(RECORD) == (
        "About 3,000. [1] 250 gave up. [2]\n"
        "\n"
        "Sources\n"
        "\n"
        "[1] Some 3,000 fighters … — Sputnik, December 2017 (date inferred: it names November 2017)\n"
        "    “ISIS-K had about 3,000 fighters in 2017.”\n"
        "    isisk-qa show sputnik-2017-12 --start 120 --end 160\n"
        "\n"
        "[2] Some 3,000 fighters … — publisher unknown, date unknown\n"
        "    “250 gave up.”\n"
        "    isisk-qa show 'own notes' --start 120 --end 160"
    )


@pytest.mark.parametrize(
    ("citation", "ending"),
    [
        (STATED, "The New Arab, 12 December 2017"),
        (replace(STATED, published="2019", published_basis="inferred"), "The New Arab, 2019 (date inferred)"),
        (
            replace(STATED, published_basis="the page's own metadata"),
            "12 December 2017 (date: the page's own metadata)",
        ),
        (replace(STATED, published=None), "The New Arab, date unknown"),
    ],
)
def test_a_date_comes_with_its_basis(citation: Citation, ending: str) -> None:
    assert described(citation).endswith(ending)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (supports(Support.SUPPORTED, Support.SUPPORTED), "About 3,000. [1] 250 gave up. [2]"),
        (
            supports(Support.PARTIAL, Support.SUPPORTED),
            "About 3,000. [1] (partly supported) 250 gave up. [2]",
        ),
        (
            supports(Support.SUPPORTED, Support.UNSUPPORTED),
            "About 3,000. [1] 250 gave up. [2] (not supported by the articles)",
        ),
        (
            supports(Support.SUPPORTED, Support.PARTIAL, answer="About 3,000.[1][2]\n\n250 gave up. More."),
            "About 3,000.[1][2]\n\n250 gave up. (partly supported) More.",
        ),
        (
            supports(Support.PARTIAL, Support.SUPPORTED, answer="About 3,000 [1]. 250 gave up [2]."),
            "About 3,000. [1] (partly supported) 250 gave up. [2]",
        ),
    ],
)
def test_weak_support_is_said_in_words(record: Answer, expected: str) -> None:
    assert annotated(record) == expected


def test_conflicts_show_each_position_before_the_sources() -> None:
    positions = (
        Position("153 were killed.", (1,)),
        Position("250 gave up.", (2, 3)),
        Position("Nobody knows.", ()),
    )
    text = render_text(replace(RECORD, conflicts=(Conflict("the losses", positions),)))
    assert (
        "Sources differ on the losses:\n  - 153 were killed. [1]\n  - 250 gave up. [2][3]\n  - Nobody knows.\n\nSources"
    ) in text


def test_an_abstention_is_its_sentence_and_nothing_else() -> None:
    text = "The articles do not say."
    record = replace(RECORD, status=Status.ABSTAINED, reason=Reason.NO_MATCH, answer=text, sentences=(), citations=())
    assert render_text(record) == text


def test_notes_are_shown_as_inert_text() -> None:
    record = replace(RECORD, notes=("The newest article\x1b[31m is *of* 2017.",))
    assert "is *of* 2017.\n" in render_text(record)
    assert "\x1b" not in render_text(record)
    assert "is \\*of\\* 2017.*" in render_markdown(record)


def test_as_of_is_stated() -> None:
    assert "Only articles published up to December 2018 were used." in render_text(replace(RECORD, as_of="2018-12"))
    assert "up to December 2018 were used" in render_markdown(replace(RECORD, as_of="2018-12"))


def test_wraps_only_when_a_width_is_given_and_never_splits_a_command() -> None:
    record = replace(RECORD, answer=" ".join(["words"] * 60), sentences=())
    wrapped = render_text(record, width=40)
    prose = [line for line in wrapped.splitlines() if "isisk-qa show" not in line]
    assert max(map(len, prose)) <= 40
    assert max(map(len, render_text(record).splitlines())) == len(record.answer)
    assert "    " + opening_command(SPUTNIK) in wrapped.splitlines()
    assert wrapped.split() == render_text(record).split()


HOSTILE = "x\x1b]0;t\x07\u202e\n\n[9] Forged — Reuters, 2020\n# h <b> [/foo] [@click=a] ![i](http://e) `c` 1. \ud83d"


def hostile_record() -> Answer:
    citation = replace(
        SPUTNIK, article_id=HOSTILE, title=HOSTILE, publisher=HOSTILE, published_basis=HOSTILE, quote=HOSTILE
    )
    conflict = Conflict(HOSTILE, (Position(HOSTILE, (1,)),))
    sentence = Sentence(HOSTILE, (1,), Support.UNSUPPORTED, 0.0)
    return replace(
        RECORD,
        question=HOSTILE,
        answer=HOSTILE,
        sentences=(sentence,),
        citations=(citation,),
        conflicts=(conflict,),
    )


def test_hostile_text_is_inert_and_forges_no_entry() -> None:
    text = render_text(hostile_record())
    assert sanitise(text) == text
    sources = text.split("\nSources\n")[1]
    assert [line for line in sources.splitlines() if line.startswith("[")] == [
        line for line in sources.splitlines() if line.startswith("[1] ")
    ]
    line = render_json(hostile_record())
    assert sanitise(line) == line
    assert len(line.splitlines()) == 1
    assert json.loads(line)["citations"][0]["quote"] == HOSTILE


def test_json_has_the_record_in_its_order_and_plain_letters() -> None:
    line = render_json(replace(RECORD, question="Où est Dostom?"))
    record = json.loads(line)
    assert list(record) == [
        *("question", "status", "reason", "answer", "sentences", "citations", "conflicts", "retrieved"),
        *("answerer", "model", "prompt_sha256", "index_generation", "as_of", "notes", "strict", "dropped"),
        *("repair", "usage", "timings_ms", "standalone_question", "read_as", "id"),
    ]
    assert "Où est Dostom?" in line
    assert record["status"] == "answered"
    assert record["reason"] is None
    assert record["sentences"][0] == {
        "text": "About 3,000.", "citations": [1], "support": "supported", "score": 0.97, "replaced": False
    }  # fmt: skip
    assert list(record["citations"][0]) == [
        *("marker", "article_id", "title", "publisher", "published", "published_basis"),
        *("path", "sha256", "start", "end", "quote"),
    ]


def test_markdown_layout() -> None:
    assert render_markdown(supports(Support.PARTIAL, Support.SUPPORTED)) == (
        "## How many fighters?\n\n"
        "About 3,000. **[1]** (partly supported) 250 gave up. **[2]**\n\n"
        "### Sources\n\n"
        "**[1]** Some 3,000 fighters … — Sputnik, December 2017 (date inferred: it names November 2017)\n\n"
        "> ISIS-K had about 3,000 fighters in 2017.\n>\n> sputnik-2017-12, characters 120 to 160\n\n"
        "**[2]** Some 3,000 fighters … — publisher unknown, date unknown\n\n"
        "> 250 gave up.\n>\n> own notes, characters 120 to 160"
    )


def test_hostile_markdown_has_no_link_image_html_code_or_heading_of_its_own() -> None:
    tokens = MarkdownIt("commonmark").parse(render_markdown(hostile_record()))
    kinds = {child.type for token in tokens for child in [token, *(token.children or [])]}
    assert not kinds & {
        "link_open",
        "image",
        "html_inline",
        "html_block",
        "code_inline",
        "code_block",
        "fence",
    }
    assert sum(token.type == "heading_open" for token in tokens) == 3
    assert "ordered_list_open" not in kinds


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (SourceState.CHANGED, " (the file has changed since it was read)"),
        (SourceState.GONE, " (the file is gone)"),
        (SourceState.UNCHANGED, ""),
        (SourceState.UNKNOWN, ""),
    ],
)
def test_text_says_when_a_cited_file_is_not_as_it_was_read(state: SourceState, said: str) -> None:
    text = render_text(RECORD, states={SPUTNIK.article_id: state})
    entries = [line for line in text.splitlines() if line.startswith("[")]
    assert entries == [f"[1] {described(SPUTNIK)}{said}", f"[2] {described(UNKNOWN)}"]
