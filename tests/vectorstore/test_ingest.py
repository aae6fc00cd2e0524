import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.vectorstore.conftest import Write, sample
from tests.vectorstore.fakes import Store, WordEmbedder, failing_on
from vectorstore.errors import EmbeddingError, IdentityError, LoadError, ManifestError, StoreBusyError, StoreError
from vectorstore.models import Article, Chunk
from vectorstore.pipeline import Progress
from vectorstore.preparing import context_of


def test_files_and_folders_are_taken_in(store: Store, write: Write) -> None:
    one, two = write("one.txt"), write("deep/two.txt")
    report = store.ingestor.run([one.parent])
    assert (report.added, report.replaced, report.unchanged, report.failures) == (2, 0, 0, ())
    assert report.chunks == store.catalog.count_chunks() > 0
    assert report.seconds > 0
    assert {article.path for article in store.catalog.articles()} == {str(one), str(two)}
    assert store.index.in_use


def test_what_did_not_change_is_left_alone(store: Store, embedder: WordEmbedder, write: Write) -> None:
    write("two.txt")
    folder = write("one.txt").parent
    store.ingestor.run([folder])
    before = store.contents()
    embedder.texts.clear()
    report = store.ingestor.run([folder])
    assert (report.added, report.replaced, report.unchanged, report.chunks) == (0, 0, 2, 0)
    assert store.contents() == before
    assert embedder.texts == []


def test_what_changed_is_replaced_whole(store: Store, write: Write) -> None:
    folder = write("one.txt").parent
    write("two.txt", "It began with a zebra. " * 50)
    store.ingestor.run([folder])
    write("two.txt", "It ended with an owl. " * 10)
    report = store.ingestor.run([folder])
    assert (report.added, report.replaced, report.unchanged) == (0, 1, 1)
    assert [len(store.catalog.lexical.search(store.analyser.terms(word), 9, None)) for word in ("zebra", "owl")] == [
        0,
        1,
    ]
    assert {chunk.article_id for chunk in store.catalog.chunks()} == {a.id for a in store.catalog.articles()}
    assert len(store.catalog.articles()) == 2


def test_what_is_known_of_a_file_may_change_without_the_file(store: Store, write: Write) -> None:
    path = write("one.txt")
    manifest = '[[article]]\nid = "one"\nfile = "one.txt"\npublished = "2019"\n'
    write("catalog.toml", manifest)
    store.ingestor.run([path])
    write("catalog.toml", manifest.replace("2019", "2019-03"))
    report = store.ingestor.run([path])
    assert (report.replaced, report.unchanged) == (1, 0)
    (article,) = store.catalog.articles()
    assert article.published is not None
    assert article.published.iso == "2019-03"


def test_a_manifest_may_come_later(store: Store, write: Write) -> None:
    path = write("one.txt")
    store.ingestor.run([path])
    write("catalog.toml", '[[article]]\nid = "valley"\nfile = "one.txt"\n')
    assert store.ingestor.run([path]).replaced == 1
    assert [article.id for article in store.catalog.articles()] == ["valley"]
    assert store.ingestor.run([path]).unchanged == 1


def test_a_copy_in_another_folder_is_one_article(store: Store, write: Write) -> None:
    first, second = (write(f"{folder}/one.txt", "The same report stands in both of the folders.") for folder in "ab")
    report = store.ingestor.run([first.parent.parent])
    assert (report.added, report.unchanged) == (1, 1)
    assert store.ingestor.run([first.parent.parent]).unchanged == 2
    first.unlink()
    assert store.ingestor.run([second]).replaced == 1
    assert [article.path for article in store.catalog.articles()] == [str(second)]


def test_a_file_that_cannot_be_read_is_reported_and_the_rest_goes_on(store: Store, write: Write) -> None:
    folder = write("a.txt").parent
    (folder / "b.txt").write_bytes(b"\xff\xfe\x00")
    (folder / "c.txt").write_bytes(b"")
    write("d.txt")
    report = store.ingestor.run([folder])
    assert (report.added, len(report.failures)) == (2, 2)
    assert [Path(failure.path).name for failure in report.failures] == ["b.txt", "c.txt"]
    assert "is empty" in report.failures[1].message


def test_nothing_named_and_nothing_there(store: Store, tmp_path: Path) -> None:
    before = store.contents()
    with pytest.raises(LoadError, match="no file or folder"):
        store.ingestor.run([tmp_path / "absent.txt"])
    with pytest.raises(LoadError, match="nothing to read"):
        store.ingestor.run([])
    assert store.contents() == before


def test_a_manifest_that_is_not_valid_stops_it(store: Store, write: Write) -> None:
    path = write("one.txt")
    write("catalog.toml", "[[article]")
    with pytest.raises(ManifestError):
        store.ingestor.run([path])
    assert store.catalog.articles() == []


def test_progress_counts_files(store: Store, write: Write) -> None:
    seen: list[Progress] = []
    write("b.txt")
    store.ingestor.run([write("a.txt").parent], seen.append)
    files = [step for step in seen if step.phase == "embedding"]
    assert [(step.done, step.total, step.label) for step in files] == [(0, 2, "a.txt"), (1, 2, "b.txt"), (2, 2, "")]
    size = len(sample("a.txt"))
    assert [step.bytes_done for step in files] == [0, size, 2 * size]
    assert {step.bytes_total for step in files} == {2 * size}
    last = seen[-1]
    assert (last.phase, last.articles, last.chunks) == ("index", 2, store.catalog.count_chunks())
    assert last.done == last.total == last.chunks


def test_an_embedder_that_fails_leaves_the_store_as_it_was(store: Store, embedder: WordEmbedder, write: Write) -> None:
    path = write("one.txt")
    store.ingestor.run([path])
    before = store.contents()
    write("one.txt", "A new text that speaks of a zebra. " * 30)
    embedder.before = failing_on("zebra")
    with pytest.raises(EmbeddingError):
        store.ingestor.run([path])
    assert store.contents() == before
    assert store.index.in_use
    embedder.before = lambda texts: None
    assert store.ingestor.run([path]).replaced == 1


def test_each_article_is_committed_whole(store: Store, embedder: WordEmbedder, write: Write) -> None:
    """What was taken in before the failure stays, and the next run goes on from there."""
    folder = write("a.txt").parent
    write("b.txt", "This one speaks of a zebra. " * 30)
    write("c.txt")
    embedder.before = failing_on("zebra")
    with pytest.raises(EmbeddingError):
        store.ingestor.run([folder])
    assert [Path(article.path).name for article in store.catalog.articles()] == ["a.txt"]
    vector = embedder.embed(["report"])[0]
    assert len(store.index.search(vector, 9)) == store.catalog.count_chunks()
    embedder.before = lambda texts: None
    report = store.ingestor.run([folder])
    assert (report.added, report.unchanged) == (2, 1)
    assert store.index.in_use


def test_another_model_is_refused_and_the_store_unharmed(store: Store, write: Write) -> None:
    store.ingestor.run([write("one.txt")])
    before = store.contents()
    for other in (WordEmbedder(name="others"), WordEmbedder(dimension=32)):
        with Store.open(store.home, other) as stranger:
            with pytest.raises(IdentityError, match="embedded with words"):
                stranger.ingestor.run([write("two.txt")])
            with pytest.raises(IdentityError):
                stranger.retriever.search("report", 3)
    assert store.contents() == before
    assert store.retriever.search("report", 3) != []


CHILD = """
import sys
from pathlib import Path
from tests.vectorstore.fakes import Store, WordEmbedder

def wait(texts):
    print("busy", flush=True)
    sys.stdin.readline()
    embedder.before = lambda texts: None

embedder = WordEmbedder(before=wait)
with Store.open(Path(sys.argv[1]), embedder) as store:
    print(store.ingestor.run([Path(sys.argv[2])]).added, flush=True)
"""


@contextmanager
def writing_elsewhere(home: Path, path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process in the middle of its ingest; it goes on when a line is written to it."""
    command = [sys.executable, "-c", CHILD, str(home), str(path)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == "busy\n"
        yield child
    finally:
        child.kill()
        child.communicate()


def test_a_second_process_that_writes_is_told_who_does(store: Store, write: Write) -> None:
    store.ingestor.run([write("one.txt")])
    before = store.contents()
    with writing_elsewhere(store.home, write("two.txt")) as child:
        with pytest.raises(
            StoreBusyError, match=rf"Another process is writing .*process {child.pid} on \S+ since .*: ingest"
        ):
            store.ingestor.run([write("three.txt")])
        # Reading goes on.
        assert store.contents() == before
        assert store.retriever.search("report of one.txt", 3) != []
        output, _ = child.communicate("\n", timeout=60)
        assert (child.returncode, output) == (0, "1\n")
    report = store.ingestor.run([write("three.txt").parent])
    assert (report.added, report.unchanged) == (1, 2)


def test_a_writer_that_was_killed_leaves_no_lock(store: Store, write: Write) -> None:
    with writing_elsewhere(store.home, write("two.txt")) as child:
        child.kill()
        child.wait()
        assert store.catalog.articles() == []
        assert store.ingestor.run([write("two.txt")]).added == 1


def test_the_lock_is_given_back_after_a_failure(store: Store, embedder: WordEmbedder, write: Write) -> None:
    embedder.before = failing_on("report")
    with pytest.raises(EmbeddingError):
        store.ingestor.run([write("one.txt")])
    assert not (store.home / "writer.owner").exists()
    with Store.open(store.home, WordEmbedder()) as other:
        assert other.ingestor.run([write("one.txt")]).added == 1


def test_a_lock_that_cannot_be_made(store: Store, write: Write) -> None:
    path = write("one.txt")
    (store.home / "writer.lock").mkdir()
    with pytest.raises(StoreError, match="cannot be written"):
        store.ingestor.run([path])


def test_an_interrupt_is_passed_on_and_nothing_half_done(store: Store, embedder: WordEmbedder, write: Write) -> None:
    def interrupt(texts: Sequence[str]) -> None:
        if any("zebra" in text for text in texts):
            raise KeyboardInterrupt

    store.ingestor.run([write("one.txt")])
    before = store.contents()
    embedder.before = interrupt
    with pytest.raises(KeyboardInterrupt):
        store.ingestor.run([write("two.txt", "This one speaks of a zebra. " * 30)])
    assert store.contents() == before


def test_titles_and_headings_are_embedded_with_a_chunk_and_not_part_of_it(
    store: Store, embedder: WordEmbedder, write: Write
) -> None:
    body = "The valley was quiet for a month after that, two shepherds said. "
    store.ingestor.run([write("one.txt", f"The title of it\n\n{body * 3}\n\nThe second part\n\n{body}")])
    first, second = store.catalog.chunks()
    assert (first.heading, second.heading) == ("The title of it", "The second part")
    assert any(text.startswith("The title of it. The valley was quiet") for text in embedder.texts)
    assert any(text.startswith("The title of it. The second part. The valley") for text in embedder.texts)
    assert "title" not in first.text + second.text
    assert [name for name, _ in store.catalog.lexical.search(["second"], 5, None)] == [second.id]


@pytest.mark.parametrize(
    ("title", "heading", "expected"),
    [("A title", "A part", "A title. A part"), ("A title.", "", "A title"), ("Same", "Same", "Same"), ("", "", "")],
)
def test_context(title: str, heading: str, expected: str) -> None:
    article = Article("a", title, "Text.", "0" * 64, "a.txt")
    assert context_of(article, Chunk("a#0", "a", 0, 0, 5, "Text.", heading)) == expected


def test_an_article_without_any_reporting_is_kept_and_never_found(store: Store, write: Write) -> None:
    report = store.ingestor.run([write("menu.txt", "Share\n\nSubscribe\n\n$5")])
    assert (report.added, report.chunks) == (1, 0)
    assert [Path(article.path).name for article in store.catalog.articles()] == ["menu.txt"]
    assert store.retriever.search("share", 3) == []


def test_offsets_of_odd_files_hold(store: Store, write: Write) -> None:
    text = "\ufeffTitle of it\r\n\r\nThe first sentence – “quoted” – has \u00a0 odd spaces. \U0001f600 The second.\r\n"
    store.ingestor.run([write("odd.txt", text)])
    (chunk,) = store.catalog.chunks()
    assert store.catalog.articles()[0].text == text
    assert text[chunk.start : chunk.end] == chunk.text
    assert chunk.text.startswith("The first sentence – “quoted”")
    assert [sentence.text for sentence in store.catalog.sentences(chunk)][-1].startswith("\U0001f600")


def test_the_owner_of_the_lock_is_this_process_while_it_writes(
    store: Store, embedder: WordEmbedder, write: Write
) -> None:
    owners: list[str] = []

    def look(texts: Sequence[str]) -> None:
        owners.append((store.home / "writer.owner").read_text("utf-8"))

    embedder.before = look
    store.ingestor.run([write("one.txt")])
    assert owners[0].startswith(f"process {os.getpid()} on ")
    assert not (store.home / "writer.owner").exists()
