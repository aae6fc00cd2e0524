from pathlib import Path

from tests.vectorstore.fakes import Store, WordEmbedder
from vectorstore.diversity import repeats_last

REPORT = "the army took the town of ghazni on monday after ten days of fighting near the old river bridge".split()
OTHER = "officials counted forty wounded men in the hospital of the capital on tuesday evening".split()
TERMS = {"first": REPORT, "copy": ["reprint", *REPORT[2:]], "other": OTHER, "more": [*REPORT[:4], *OTHER]}
ARTICLES = {"first": "a", "copy": "b", "other": "c", "more": "d"}
RANKED = [("first", 0.9), ("copy", 0.8), ("other", 0.7), ("more", 0.1)]


def test_what_repeats_another_article_comes_last() -> None:
    found = repeats_last(RANKED[:3], TERMS, ARTICLES, frozenset())
    assert found == [("first", 0.9), ("other", 0.7), ("copy", 0.8)]


def test_what_was_copied_comes_before_its_copy() -> None:
    found = repeats_last(RANKED[:3], TERMS, ARTICLES, {"a"})
    assert found == [("copy", 0.9), ("other", 0.7), ("first", 0.8)]


def test_an_article_does_not_repeat_itself() -> None:
    assert repeats_last(RANKED[:2], TERMS, {"first": "a", "copy": "a"}, frozenset()) == RANKED[:2]


def test_a_chunk_of_unknown_terms_is_left_alone() -> None:
    assert repeats_last(RANKED[:2], {}, ARTICLES, frozenset()) == RANKED[:2]


def test_copies_do_not_crowd_out_another_report(tmp_path: Path) -> None:
    """Six outlets print one report; the one other report on the town is among the first two passages."""
    texts = tmp_path / "texts"
    texts.mkdir()
    report = "The army took the town of Ghazni on Monday. Ten days of fighting near the old bridge came before it."
    for number in range(6):
        (texts / f"{number}.txt").write_text(f"{report} Outlet {number} prints it.", "utf-8")
    (texts / "other.txt").write_text("The governor of Ghazni denies that the army was ever in the town.", "utf-8")
    with Store.open(tmp_path / "home", WordEmbedder()) as store:
        store.ingestor.run([texts])
        found = store.retriever.search("Who took the town of Ghazni on Monday near the old bridge?", 8)
    assert len(found) == 7
    assert [Path(passage.article.path).name for passage in found].index("other.txt") == 1
