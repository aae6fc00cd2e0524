"""What is embedded and written again when files change, move, go or come back."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.vectorstore.conftest import Write, sample
from tests.vectorstore.fakes import Store, WordEmbedder, failing_on
from vectorstore.changes import is_gone
from vectorstore.channel import Channel
from vectorstore.errors import EmbeddingError, UnknownArticleError
from vectorstore.glossary import Entity, Glossary


class NoIndex:
    """Counts how often the index was told to follow; what is tested here lies before it."""

    def __init__(self) -> None:
        self.followed = 0

    def follow(self, progress: Callable[[int, int], None] | None = None) -> None:
        self.followed += 1


@pytest.fixture
def store(tmp_path: Path, embedder: WordEmbedder) -> Iterator[Store]:
    with Store.open(tmp_path / "home", embedder) as opened:
        opened.ingestor._index = NoIndex()
        yield opened


def record(key: str, text: str) -> str:
    return f'{{"id": "{key}", "text": "{text}"}}'


REPORTS = {
    key: f"The {key} report says that {number} fighters left the {key} valley on Monday, officials told the station. "
    f"Nobody in the {key} town saw them go, two shepherds said."
    for number, key in enumerate(("alpha", "bravo", "delta"), 40)
}


def lines(*keys: str) -> str:
    return "\n".join(record(key, REPORTS[key]) for key in keys) + "\n"


def ids(store: Store) -> list[str]:
    return sorted(article.id for article in store.catalog.articles())


def test_what_stayed_of_a_changed_article_is_not_embedded_again(
    store: Store, embedder: WordEmbedder, write: Write
) -> None:
    first = "Quiet valley\n\n" + "The valley was quiet on Monday, two old shepherds told the station. " * 12
    path = write("one.txt", first)
    store.ingestor.run([path])
    before = set(embedder.texts)
    embedder.texts.clear()
    write("one.txt", first + "\n\nA new sentence about a zebra stands at the end of it now.")
    report = store.ingestor.run([path])
    assert (report.replaced, report.embedded) == (1, len(embedder.texts))
    assert any("zebra" in text for text in embedder.texts)
    assert before.isdisjoint(embedder.texts)


def test_a_moved_file_is_not_embedded_again(store: Store, embedder: WordEmbedder, write: Write) -> None:
    path = write("one.txt")
    store.ingestor.run([path])
    vectors = [store.catalog.vectors([chunk.id])[chunk.id].tobytes() for chunk in store.catalog.chunks()]
    embedder.texts.clear()
    moved = path.parent / "new" / "other.txt"
    moved.parent.mkdir()
    path.rename(moved)
    report = store.ingestor.run([moved])
    assert (report.added, report.replaced, report.removed, report.embedded) == (0, 1, 0, 0)
    assert embedder.texts == []
    (article,) = store.catalog.articles()
    assert article.path == str(moved)
    assert [store.catalog.vectors([chunk.id])[chunk.id].tobytes() for chunk in store.catalog.chunks()] == vectors
    assert store.catalog.source_files.below(str(path.parent)) == [str(moved)]


def test_other_names_for_things_are_embedded_anew(tmp_path: Path, embedder: WordEmbedder, write: Write) -> None:
    path = write("one.txt", "The Kabul report says that forty fighters left the valley on Monday, officials said.")
    with Store.open(tmp_path / "home", embedder) as store:
        store.ingestor._index = NoIndex()
        store.ingestor.run([path])
    embedder.texts.clear()
    glossary = Glossary([Entity(id="kabul", kind="place", name="Kaboul", variants=("Kabul",))])
    with Store.open(tmp_path / "home", embedder, glossary) as store:
        store.ingestor._index = NoIndex()
        assert store.ingestor.run([path]).replaced == 1
        assert any("Kaboul report" in text for text in embedder.texts)
        assert store.ingestor.run([path]).unchanged == 1


def test_records_change_one_by_one(store: Store, embedder: WordEmbedder, write: Write) -> None:
    path = write("news.jsonl", lines("alpha", "bravo", "delta"))
    assert store.ingestor.run([path]).added == 3
    embedder.texts.clear()
    write("news.jsonl", lines("alpha", "delta").replace("alpha report", "alpha dispatch"))
    report = store.ingestor.run([path])
    assert (report.added, report.replaced, report.unchanged, report.removed) == (0, 1, 1, 1)
    assert ids(store) == ["alpha", "delta"]
    assert all("bravo" not in text and "delta" not in text for text in embedder.texts)
    assert store.ingestor.run([path]).unchanged == 2


def test_a_record_that_stands_there_twice(store: Store, write: Write) -> None:
    path = write("news.jsonl", lines("alpha", "bravo", "alpha"))
    report = store.ingestor.run([path])
    assert (report.added, report.unchanged + len(report.failures)) == (2, 1)
    write("news.jsonl", lines("alpha"))
    assert store.ingestor.run([path]).removed == 1
    assert ids(store) == ["alpha"]


def test_a_bad_record_is_reported_each_time_and_takes_nothing_along(store: Store, write: Write) -> None:
    path = write("news.jsonl", lines("alpha", "bravo"))
    store.ingestor.run([path])
    write("news.jsonl", lines("alpha") + "{oh no\n" + lines("delta"))
    for added, unchanged in ((1, 1), (0, 2)):
        report = store.ingestor.run([path])
        assert (report.added, report.unchanged, len(report.failures)) == (added, unchanged, 1)
    # What the bad line may have been is still there.
    assert ids(store) == ["alpha", "bravo", "delta"]


def test_an_id_belongs_to_one_file(store: Store, write: Write) -> None:
    first = write("a/news.jsonl", lines("alpha"))
    second = write("b/news.jsonl", record("alpha", "Quite another report is told under the id of the first one here."))
    report = store.ingestor.run([first.parent.parent])
    assert (report.added, [failure.path for failure in report.failures]) == (1, [str(second)])
    assert f"which is that of {first}" in report.failures[0].message
    # Also when the other one was read in an earlier run.
    assert len(store.ingestor.run([second]).failures) == 1
    first.unlink()
    report = store.ingestor.run([second])
    assert (report.replaced, report.failures) == (1, ())
    assert [article.path.split("#")[0] for article in store.catalog.articles()] == [str(second)]


def test_ids_may_be_given_to_each_others_files(store: Store, write: Write) -> None:
    write("a.txt")
    folder = write("b.txt").parent
    manifest = '[[article]]\nid = "{}"\nfile = "a.txt"\n[[article]]\nid = "{}"\nfile = "b.txt"\n'
    write("catalog.toml", manifest.format("first", "second"))
    store.ingestor.run([folder])
    write("catalog.toml", manifest.format("second", "first"))
    report = store.ingestor.run([folder])
    assert report.failures == ()
    assert {article.id: Path(article.path).name for article in store.catalog.articles()} == {
        "second": "a.txt",
        "first": "b.txt",
    }


def test_what_was_taken_in_before_a_failure_is_not_embedded_again(
    store: Store, embedder: WordEmbedder, write: Write
) -> None:
    path = write("news.jsonl", lines("alpha", "bravo", "delta"))
    embedder.before = failing_on("delta")
    with pytest.raises(EmbeddingError, match=r"check its address \(2 articles were taken in; run it again"):
        store.ingestor.run([path])
    assert ids(store) == ["alpha", "bravo"]
    embedder.before = lambda texts: None
    embedder.texts.clear()
    report = store.ingestor.run([path])
    assert (report.added, report.unchanged) == (1, 2)
    assert all("alpha" not in text and "bravo" not in text for text in embedder.texts)


def test_texts_go_to_the_embedder_together_and_by_length(
    store: Store, embedder: WordEmbedder, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []
    all_read, close = threading.Event(), Channel.close

    def before(texts: Sequence[str]) -> None:
        # Reading is ahead, as it is with a model.
        assert all_read.wait(60)
        calls.append(list(texts))

    def closed(channel: Channel[Any], error: BaseException | None = None) -> None:
        close(channel, error)
        all_read.set()

    monkeypatch.setattr(Channel, "close", closed)
    embedder.before = before
    folder = {write(f"{number:02d}.txt").parent for number in range(20)}.pop()
    report = store.ingestor.run([folder])
    assert 0 < len(calls) < 10
    assert all([len(text) for text in call] == sorted(map(len, call), reverse=True) for call in calls)
    assert sum(map(len, calls)) == report.embedded == len(set(embedder.texts))


# --prune


def test_prune_drops_what_is_gone_from_the_named_folders_only(store: Store, write: Write) -> None:
    one, two, other = write("in/one.txt"), write("in/two.txt"), write("out/other.txt")
    store.ingestor.run([one.parent, other.parent])
    one.unlink()
    other.unlink()
    assert store.ingestor.run([two.parent]).removed == 0
    report = store.ingestor.run([two.parent], prune=True)
    assert (report.removed, report.unchanged) == (1, 1)
    assert [article.path for article in store.catalog.articles()] == [str(other), str(two)]
    assert store.ingestor.run([two], prune=True).removed == 0


def test_prune_keeps_what_is_there_and_cannot_be_read(store: Store, write: Write) -> None:
    one, _ = write("one.txt"), write("two.txt")
    store.ingestor.run([one.parent])
    one.write_bytes(b"\0\0\0")
    report = store.ingestor.run([one.parent], prune=True)
    assert (report.removed, len(report.failures)) == (0, 1)
    assert len(ids(store)) == 2


def test_prune_of_a_folder_that_is_empty_is_refused(store: Store, write: Write) -> None:
    """It may be where a disk is not mounted."""
    one, two = write("in/one.txt"), write("out/two.txt")
    store.ingestor.run([one.parent, two.parent])
    one.unlink()
    report = store.ingestor.run([one.parent, two.parent], prune=True)
    assert report.removed == 0
    assert "nothing was pruned" in report.failures[0].message
    assert len(ids(store)) == 2


@pytest.mark.skipif(os.name != "posix", reason="permissions of folders")
def test_what_cannot_be_looked_at_is_not_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert is_gone(str(tmp_path / "absent"))
    assert is_gone(str(tmp_path / "absent" / "below"))
    assert not is_gone(str(tmp_path))

    def refuse(path: object) -> os.stat_result:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "lstat", refuse)
    assert not is_gone("/somewhere")


# remove


def test_remove_and_bring_back(store: Store, write: Write) -> None:
    folder = write("one.txt").parent
    write("news.jsonl", lines("alpha", "bravo"))
    store.ingestor.run([folder])
    removed = store.ingestor.remove(["one.txt", "alpha", "alp"])
    assert len(removed) == 2
    assert ids(store) == ["bravo"]
    assert {chunk.article_id for chunk in store.catalog.chunks()} == {"bravo"}
    report = store.ingestor.run([folder])
    assert (report.added, report.unchanged) == (2, 1)


def test_an_unknown_one_removes_nothing(store: Store, write: Write) -> None:
    store.ingestor.run([write("news.jsonl", lines("alpha", "bravo"))])
    before = store.contents()
    with pytest.raises(UnknownArticleError):
        store.ingestor.remove(["alpha", "nothing"])
    assert store.contents() == before


def test_an_interrupt_keeps_what_was_committed(store: Store, embedder: WordEmbedder, write: Write) -> None:
    folder = write("a.txt").parent
    store.ingestor.run([folder])
    write("b.txt", sample("b.txt") + " A zebra.")

    def interrupt(texts: Sequence[str]) -> None:
        raise KeyboardInterrupt

    embedder.before = interrupt
    with pytest.raises(KeyboardInterrupt):
        store.ingestor.run([folder])
    assert len(ids(store)) == 1
    assert not (store.home / "writer.owner").exists()
