"""From markers to citations: alignment over passages of the shipped articles, and what is built of it."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from qa.citations import Aligned, CitedSpan, align, as_read, build, split_clauses, verbatim
from qa.models import Support
from qa.reply import DraftSentence
from qa.verification import NOTHING_CITED, VERBATIM, Verifier
from tests.vectorstore.reading import load_good
from vectorstore.analysis import Analyser, normalise
from vectorstore.chunking import chunk_article
from vectorstore.cleaning import find_regions
from vectorstore.glossary import Glossary
from vectorstore.models import Article, Chunk, Evidence, Passage
from vectorstore.structure import split_sentences

SEEDS = Path(str(files("seeds")))
NO_VECTOR = np.zeros(1, np.float32)


def passage_of(article: Article, chunk: Chunk) -> Passage:
    spans = [(chunk.start + start, chunk.start + end) for start, end in split_sentences(chunk.text)]
    sentences = tuple(Evidence(start, end, article.text[start:end], NO_VECTOR) for start, end in spans)
    return Passage(chunk, article, 1.0, sentences=sentences)


def made(text: str, name: str = "made") -> Passage:
    """A passage that is a whole article."""
    article = Article(name, "Title", text, "0" * 64, f"{name}.txt", publisher="Paper")
    return passage_of(article, Chunk(f"{name}#0", name, 0, 0, len(text), text))


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    return Verifier(Analyser(Glossary.load(SEEDS / "glossary.toml")))


@pytest.fixture(scope="module")
def passages() -> dict[str, list[Passage]]:
    """Article id -> its chunks, cut as they are for the store."""
    found = {}
    for article in load_good(SEEDS / "articles"):
        chunks = chunk_article(article, find_regions(article.text, article.title))
        found[article.id] = [passage_of(article, chunk) for chunk in chunks]
    return found


def draft(text: str, *markers: int, invalid: Sequence[int] = ()) -> DraftSentence:
    return DraftSentence(text, markers, tuple(invalid))


TRUE = [
    ("sputnik-2017-12", "At the beginning of 2017, ISIS-K had about 3,000 fighters.", "down from a high of 3,000"),
    ("sputnik-2017-12", "Sputnik (December 2017) reports that ISIS-K had around 1,100 fighters.", "around 1,100"),
    ("sputnik-2017-12", "According to General Nicholson, more than 1,600 ISIS-K fighters have been killed.", "1,600"),
    ("sputnik-2017-12", "The MOAB strike in April killed an estimated 100 ISIS-K fighters.", "Massive Ordnance"),
    ("sputnik-2017-12", "An assault in Sar-e-Pul province in August left about 50 people dead.", "around 50 dead"),
    ("sputnik-2017-12", "Most of the fighters come from Pakistan's Tehrik-i-Taliban.", "Stripes reports"),
    ("new-arab-2017-12-12", "The three northern provinces are Sari Pul, Faryab and Jowzjan.", "northern provinces of"),
    ("new-arab-2017-12-12", "Over 40 foreign fighters were in two districts, Darzab and Qushtepa.", "40 foreign"),
    ("new-arab-2017-12-12", "Haider al-Abadi declared victory over the Islamic State group.", "declared victory"),
    ("new-arab-2017-12-12", "Its role in the Afghan conflict was first overshadowed by the Taliban.", "overshadowed"),
    ("southfront-2020-02", "Two Taliban were killed and one was injured in the attack.", "Two Taliban were killed"),
    ("southfront-2020-02", "ISIS was mostly defeated in Afghanistan by the Taliban.", "it was the Taliban who did it"),
    ("southfront-2020-02", "Donald Trump visited Bagram Airfield on November 28.", "November 28th"),
    ("southfront-2020-02", "The Taliban did not respond to the attack.", "didn't respond"),
    ("explainer-2021-08", "IS-K was founded by former members of the Pakistani Taliban.", "former members"),
    ("explainer-2021-08", "The group has not yet launched attacks on US territory.", "has yet to launch"),
    ("explainer-2021-08", "The attacks took place on August 26, 2021.", "August 26"),
    ("explainer-2021-08", "IS-K considers the Taliban its strategic rival.", "strategic rival"),
    ("mintpress-2018-08", "ISIS was defeated by the Taliban in Jowzjan.", "large-scale operation"),
    ("mintpress-2018-08", "250 ISIS members surrendered to the Afghan government.", "250 ISIS members"),
    ("mintpress-2018-08", "US troops rose from 8,500 in early 2017 to 14,000 in early 2018.", "from 8,500"),
    ("mintpress-2018-08", "Nangarhar is the main stronghold of ISIS.", "main stronghold"),
]
FALSE = [
    ("sputnik-2017-12", "At the beginning of 2017, ISIS-K had about 5,000 fighters."),
    ("sputnik-2017-12", "At the beginning of 2016, ISIS-K had about 3,000 fighters."),
    ("sputnik-2017-12", "At the beginning of 2017, the Taliban had about 3,000 fighters."),
    ("sputnik-2017-12", "General Nicholson said 1,400 ISIS-K fighters were killed."),
    ("sputnik-2017-12", "The MOAB strike in April killed an estimated 100 Taliban fighters."),
    ("sputnik-2017-12", "US Forces Afghanistan succeeded in stopping ISIS-K in 2015."),
    ("sputnik-2017-12", "USFOR-A confirmed that fighters from Iraq and Syria are joining ISIS-K."),
    ("new-arab-2017-12-12", "More than 40 foreign Daesh fighters, mostly Chechens, are in Darzab."),
    ("new-arab-2017-12-12", "Haider al-Abadi conceded defeat to the Islamic State group."),
    ("new-arab-2017-12-12", "The Taliban's part in the conflict was first overshadowed by Daesh-K."),
    ("southfront-2020-02", "The Taliban claimed responsibility for attacks against ISIS in February 2020."),
    ("southfront-2020-02", "The Taliban responded to the attack."),
    ("southfront-2020-02", "Khalilzad denied that the Taliban was successfully fighting ISIS."),
    ("southfront-2020-02", "ISIS defeated the Taliban in Afghanistan."),
    ("southfront-2020-02", "The leader of the militants died in August 2019."),
    ("explainer-2021-08", "IS-K was founded by former members of the Afghan Taliban."),
    ("explainer-2021-08", "The group has launched attacks on US territory."),
    ("explainer-2021-08", "The attacks killed 13 people, including 170 US service members."),
    ("explainer-2021-08", "The attacks took place on August 31, 2021."),
    ("explainer-2021-08", "The Taliban considers IS-K its strategic ally."),
    ("mintpress-2018-08", "ISIS defeated the Taliban in Jawzjan on August 1."),
    ("mintpress-2018-08", "250 ISIS members surrendered to the Taliban."),
    ("mintpress-2018-08", "US troops decreased to 14,000 in early 2018."),
    ("mintpress-2018-08", "The Afghan government controls about 29% of the country."),
    ("mintpress-2018-08", "A major part of the population likes the ISIS ideology."),
]


@pytest.mark.parametrize(("article", "claim", "quoted"), TRUE)
def test_a_true_sentence_cites_the_words_that_say_it(
    verifier: Verifier, passages: dict[str, list[Passage]], article: str, claim: str, quoted: str
) -> None:
    numbered = passages[article]
    aligned = align(draft(claim, *range(1, len(numbered) + 1)), numbered, verifier)
    assert aligned.verdict.support is Support.SUPPORTED, aligned.verdict
    assert any(quoted in normalise(span.text) for span in aligned.spans)


@pytest.mark.parametrize(("article", "claim"), FALSE)
@pytest.mark.parametrize("marked", [True, False])
def test_a_false_sentence_is_never_supported(
    verifier: Verifier, passages: dict[str, list[Passage]], article: str, claim: str, marked: bool
) -> None:
    numbered = passages[article]
    aligned = align(draft(claim, *(range(1, len(numbered) + 1) if marked else ())), numbered, verifier)
    assert aligned.verdict.support is not Support.SUPPORTED, [span.text for span in aligned.spans]


ROLLO = made("Rollo came from Norway. He swore fealty to Charles. Later he took ten ships to England.", "rollo")
HARALD = made("Harald came from Denmark. He took forty ships to France in 911.", "harald")
NEITHER = made("The weather was cold. Nobody came.", "neither")


def test_the_sentence_is_cited_not_the_passage(verifier: Verifier) -> None:
    aligned = align(draft("Rollo came from Norway.", 1), [ROLLO, HARALD], verifier)
    assert [span.text for span in aligned.spans] == ["Rollo came from Norway."]
    assert aligned.verdict == VERBATIM


def test_two_neighbours_are_cited_where_they_support_more(verifier: Verifier) -> None:
    aligned = align(
        draft("Harald came from Denmark and took forty ships to France in 911.", 2), [ROLLO, HARALD], verifier
    )
    assert aligned.verdict.support is Support.SUPPORTED
    assert [span.text for span in aligned.spans] == [HARALD.article.text]


def test_clauses_from_two_passages_are_cited_together(verifier: Verifier) -> None:
    aligned = align(draft("Rollo came from Norway, and Harald came from Denmark.", 1, 2), [ROLLO, HARALD], verifier)
    assert aligned.verdict.support is Support.SUPPORTED
    assert [span.text for span in aligned.spans] == ["Rollo came from Norway.", "Harald came from Denmark."]


def test_a_marker_too_many_is_dropped(verifier: Verifier) -> None:
    aligned = align(draft("Rollo came from Norway.", 2, 1), [ROLLO, HARALD], verifier)
    assert [span.passage for span in aligned.spans] == [ROLLO]
    assert aligned.verdict.support is Support.SUPPORTED


def test_a_passage_that_says_it_replaces_one_that_does_not(verifier: Verifier) -> None:
    aligned = align(draft("Rollo came from Norway.", 2), [ROLLO, NEITHER], verifier)
    assert [span.passage for span in aligned.spans] == [ROLLO]
    assert aligned.verdict.support is Support.SUPPORTED
    assert aligned.replaced
    assert [sentence.replaced for sentence in build([aligned])[1]] == [True]
    assert not align(draft("Rollo came from Norway.", 1), [ROLLO, NEITHER], verifier).replaced


def test_one_that_supports_it_in_part_replaces_one_that_does_not_at_all(verifier: Verifier) -> None:
    claim = "Rollo came from Norway with cattle, horses and sheep."
    aligned = align(draft(claim, 2), [ROLLO, HARALD], verifier)
    assert [span.text for span in aligned.spans] == ["Rollo came from Norway."]
    assert (aligned.verdict.support, aligned.replaced) == (Support.PARTIAL, True)


def test_support_in_part_does_not_hide_that_the_cited_passage_says_the_contrary(verifier: Verifier) -> None:
    contrary = made("Rollo did not come from Norway with any cattle.", "contrary")
    aligned = align(draft("Rollo came from Norway with cattle.", 2), [ROLLO, contrary], verifier)
    assert [span.passage for span in aligned.spans] == [contrary]
    assert (aligned.verdict.support, aligned.replaced) == (Support.UNSUPPORTED, False)


def test_what_nothing_supports_keeps_its_citation_and_is_marked(verifier: Verifier) -> None:
    aligned = align(draft("Rollo came from Sweden.", 1), [ROLLO, HARALD], verifier)
    assert [span.text for span in aligned.spans] == ["Rollo came from Norway."]
    assert aligned.verdict.support is Support.UNSUPPORTED


@pytest.mark.parametrize("invalid", [(), (7,)])
def test_without_a_valid_marker_only_full_support_is_cited(verifier: Verifier, invalid: tuple[int, ...]) -> None:
    found = align(draft("Rollo came from Norway.", invalid=invalid), [HARALD, ROLLO], verifier)
    assert [span.passage for span in found.spans] == [ROLLO]
    lost = align(draft("Rollo came from Sweden.", invalid=invalid), [HARALD, ROLLO], verifier)
    assert lost == Aligned("Rollo came from Sweden.", (), NOTHING_CITED)


def test_markers_that_no_passage_has_are_never_citations(verifier: Verifier) -> None:
    aligned = align(DraftSentence("Rollo came from Norway.", (0, 9), ()), [HARALD], verifier)
    assert aligned.spans == ()


def test_what_a_passage_contradicts_it_does_not_support_by_other_words(verifier: Verifier) -> None:
    passage = made("The Taliban did not answer the grenade attack. Attacks need an answer, the Taliban said.")
    aligned = align(draft("The Taliban did answer the attack.", 1), [passage], verifier)
    assert aligned.verdict.support is Support.UNSUPPORTED
    assert aligned.spans[0].text == "The Taliban did not answer the grenade attack."


def test_embeddings_are_used_where_they_are_known(verifier: Verifier) -> None:
    east, north = np.array([1.0, 0.0], np.float32), np.array([0.0, 1.0], np.float32)
    article = made("The chieftain remained in Rouen until his death.").article
    claim = draft("The chieftain stayed in Rouen all his days.", 1)

    def aligned(vector: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Aligned:
        sentence = Evidence(0, len(article.text), article.text, east)
        chunk = Chunk("c", article.id, 0, 0, len(article.text), article.text)
        return align(claim, [Passage(chunk, article, 1.0, sentences=(sentence,))], verifier, vector)

    assert aligned(east).verdict.score > aligned(north).verdict.score
    # Of another model: as if there were none.
    assert aligned(NO_VECTOR).verdict == align(claim, [made(article.text)], verifier).verdict


def test_a_passage_without_sentences_is_split(verifier: Verifier) -> None:
    bare = Passage(ROLLO.chunk, ROLLO.article, 1.0)
    assert (
        align(draft("He swore fealty to Charles.", 1), [bare], verifier).spans[0].text == "He swore fealty to Charles."
    )


@pytest.mark.parametrize(
    ("claim", "clauses"),
    [
        ("He came from Norway, and he took ten ships.", ["He came from Norway", "he took ten ships."]),
        ("It rose in early 2017; it fell in late 2018.", ["It rose in early 2017", "it fell in late 2018."]),
        ("He met Rollo and Charles.", ["He met Rollo and Charles."]),
    ],
)
def test_split_clauses(claim: str, clauses: list[str]) -> None:
    assert split_clauses(claim) == clauses


def test_build_numbers_citations_by_first_use() -> None:
    first, second, third = (verbatim(ROLLO, evidence) for evidence in ROLLO.sentences)
    both = Aligned("Both.", (*second.spans, *first.spans), VERBATIM)
    text, sentences, citations = build([second, both, third, Aligned("None.", (), NOTHING_CITED)])
    assert text == "He swore fealty to Charles. [1] Both. [1][2] Later he took ten ships to England. [3] None."
    assert [sentence.citations for sentence in sentences] == [(1,), (1, 2), (3,), ()]
    assert [citation.marker for citation in citations] == [1, 2, 3]
    assert sentences[-1].support is Support.UNSUPPORTED
    assert sentences[-1].score == 0.0


def test_a_citation_is_a_slice_with_what_is_known_of_its_article(passages: dict[str, list[Passage]]) -> None:
    passage = passages["sputnik-2017-12"][0]
    _, _, (citation,) = build([verbatim(passage, passage.sentences[0])])
    article = passage.article
    assert article.text[citation.start : citation.end] == citation.quote == passage.sentences[0].text
    assert (citation.article_id, citation.publisher, citation.published) == ("sputnik-2017-12", "Sputnik", "2017-12")
    assert citation.sha256 == article.sha256
    assert citation.published_basis.startswith("inferred")


def test_build_of_nothing() -> None:
    assert build([]) == ("", (), ())


def test_a_quoted_sentence_brings_no_markers_and_nothing_unseen() -> None:
    passage = made("He came\u00a0[2] from\u200b Norway\x1b[31m\nand stayed [1, 3].")
    aligned = verbatim(passage, Evidence(0, len(passage.chunk.text), passage.chunk.text, NO_VECTOR))
    text, (sentence,), (citation,) = build([aligned])
    assert sentence.text == "He came (2) from Norway [31m and stayed (1, 3)."
    assert text == f"{sentence.text} [1]"
    assert citation.quote == passage.article.text


def test_cited_spans_are_compared_by_what_they_cite() -> None:
    assert CitedSpan(ROLLO, 0, 5) == CitedSpan(ROLLO, 0, 5)
    assert len(build([Aligned("A.", (CitedSpan(ROLLO, 0, 5), CitedSpan(ROLLO, 0, 5)), VERBATIM)])[2]) == 1


def test_quotations_are_read_article_by_article_from_the_beginning() -> None:
    first, second = made("One came. Two went. Three stayed.", "a"), made("Four slept.", "b")
    ranked = [(first, 2), (second, 0), (first, 0)]
    quoted = as_read([verbatim(passage, passage.sentences[number]) for passage, number in ranked])
    assert [item.text for item in quoted] == ["One came.", "Three stayed.", "Four slept."]
