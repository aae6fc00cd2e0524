"""Copies of one text are one source, in whichever order they come and go."""

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vectorstore.conftest import Write
from tests.vectorstore.fakes import Store, WordEmbedder
from tests.vectorstore.test_changes import NoIndex
from vectorstore.copies import BANDS, MIN_WORDS, bands, fingerprint, similarity
from vectorstore.models import Region, RegionKind


@pytest.fixture
def store(tmp_path: Path, embedder: WordEmbedder) -> Iterator[Store]:
    with Store.open(tmp_path / "home", embedder) as opened:
        opened.ingestor._index = NoIndex()
        yield opened


def prose(seed: int, count: int = 300) -> list[str]:
    """Sentences of random words, the same for the same seed."""
    rng = random.Random(seed)
    words = ["".join(rng.choices("abcdefghijklmnoprstuv", k=rng.randint(2, 9))) for _ in range(count)]
    return [f"{word}." if number % 12 == 11 else word for number, word in enumerate(words)]


def test_a_fingerprint_is_of_the_words() -> None:
    one = "The  “Khorasan” branch\u00a0said: nothing\ufb01t."
    assert fingerprint(one, []) == fingerprint('the "KHORASAN" branch said nothingfit', [])
    assert fingerprint(one, []).signature is None
    assert fingerprint(one, []).digest != fingerprint(one + " more", []).digest
    assert fingerprint(" – ", []).digest is None


def test_what_is_no_reporting_does_not_count() -> None:
    body = " ".join(prose(1))
    page = f"Share this {body} Sign up"
    regions = [Region(RegionKind.SHARE, 0, 10), Region(RegionKind.CAPTION, 11, 30),
               Region(RegionKind.FORM, len(page) - 7, len(page))]  # fmt: skip
    assert fingerprint(page, regions) == fingerprint(body, [])


def test_short_texts_have_no_signature() -> None:
    assert fingerprint(" ".join(prose(1, MIN_WORDS - 1)), []).signature is None
    assert fingerprint(" ".join(prose(1, MIN_WORDS)), []).signature is not None


def test_signatures_estimate_what_is_shared() -> None:
    """Against the exact share of shingles, within four standard deviations of 128 draws."""
    words, other = prose(1, 2_000), prose(2, 2_000)
    for kept in (0, 500, 1_000, 1_800):
        mixed = words[:kept] + other[kept:]
        mine, theirs = fingerprint(" ".join(words), []).signature, fingerprint(" ".join(mixed), []).signature
        assert mine is not None
        assert theirs is not None
        exact = max(0, kept - 4) / (2 * 1_996 - max(0, kept - 4))
        assert similarity(mine, [theirs])[0] == pytest.approx(exact, abs=4 * (exact * (1 - exact) / 128) ** 0.5 + 1e-9)


def test_signatures_stay_the_same() -> None:
    """They are stored: a change must come with a new PREPARATION_VERSION."""
    signature = fingerprint(" ".join(f"word{number}" for number in range(60)), []).signature
    assert signature is not None
    assert (len(signature), len(set(bands(signature)))) == (512, BANDS)
    assert signature[:8].hex() == "111904073ec3ac07"


def manifest(**articles: str) -> str:
    return "\n".join(
        f'[[article]]\nid = "{name}"\nfile = "{name}.txt"\n{fields}\n' for name, fields in articles.items()
    )


def sources(store: Store) -> dict[str, str]:
    return {article.id: article.source for article in store.catalog.articles()}


def test_the_earliest_stands_for_its_copies(store: Store, write: Write) -> None:
    write(
        "catalog.toml",
        manifest(
            early='publisher = "Early"\npublished = "2019-03"',
            late='publisher = "Late"\npublished = "2019-04-02"',
            undated='publisher = "Undated"',
            other='publisher = "Other"\npublished = "2018"',
            stated='publisher = "Stated"\norigin = "Agency"\npublished = "2020"',
        ),
    )
    body = " ".join(prose(1))
    write("early.txt", f"By our own writer. {body}")
    write("late.txt", f"{body} Read more on the front page of today.")
    write("undated.txt", " ".join(prose(1)[:200]))
    write("other.txt", " ".join(prose(2)))
    folder = write("stated.txt", body).parent
    report = store.ingestor.run([folder])
    assert sources(store) == {
        "early": "Early", "late": "Early", "undated": "Early", "other": "Other", "stated": "Agency",
    }  # fmt: skip
    assert report.copies == 3
    store.ingestor.remove(["early"])
    assert sources(store) == {"late": "Late", "undated": "Late", "other": "Other", "stated": "Agency"}
    store.ingestor.remove(["late"])
    # Who stands for others may have come by the text from someone else.
    assert sources(store) == {"undated": "Agency", "other": "Other", "stated": "Agency"}
    store.ingestor.remove(["stated"])
    assert sources(store) == {"undated": "Undated", "other": "Other"}


def test_a_copy_that_is_rewritten_is_one_no_more(store: Store, write: Write) -> None:
    folder = write("a.txt", " ".join(prose(1))).parent
    write("b.txt", "Short byline. " + " ".join(prose(1)))
    store.ingestor.run([folder])
    assert len(set(sources(store).values())) == 1
    write("b.txt", " ".join(prose(2)))
    store.ingestor.run([folder])
    assert len(set(sources(store).values())) == 2
    assert store.catalog.database.rows("SELECT count(*) FROM bands")[0][0] == 2 * BANDS


def test_short_texts_are_copies_only_word_for_word(store: Store, write: Write) -> None:
    folder = write("a.txt", "Nine fighters left the valley on Monday, officials told the station.").parent
    write("b.txt", "Nine fighters left the valley on Monday, officials told the station!")
    write("c.txt", "Nine fighters left the valley on Sunday, officials told the station.")
    store.ingestor.run([folder])
    a, b, c = (source for _, source in sorted(sources(store).items()))
    assert a == b != c


def test_links_do_not_depend_on_the_order(tmp_path: Path, embedder: WordEmbedder, write: Write) -> None:
    """A chain in which only neighbours are alike, in eight orders of coming; then its middle goes."""
    words = prose(1, 600)
    names = ("one", "two", "three", "four")
    paths = {
        name: write(f"{name}.txt", " ".join(words[start : start + 240]))
        for name, start in zip(names, range(0, 400, 100), strict=True)
    }
    write("catalog.toml", manifest(**dict.fromkeys(names, "")))
    found = set()
    for number, order in enumerate(list(itertools.permutations(names))[::3]):
        with Store.open(tmp_path / f"home{number}", embedder) as store:
            store.ingestor._index = NoIndex()
            for name in order:
                store.ingestor.run([paths[name]])
            before = tuple(sorted(sources(store).items()))
            store.ingestor.remove(["two"])
            found.add((before, tuple(sorted(sources(store).items()))))
    ((before, after),) = found
    assert set(dict(before).values()) == {"four"}
    assert dict(after) == {"one": "one", "three": "four", "four": "four"}
