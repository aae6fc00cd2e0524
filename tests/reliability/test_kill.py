"""kill -9 while an ingest is under way: nothing that was acknowledged is lost, nothing is done twice."""

import random
import time

from tests.fakes.openai_server import DIMENSION
from tests.reliability import corpus
from tests.reliability.inspection import EMPTY, Contents, look, look_at_copy
from tests.reliability.place import Place, sizes
from tests.reliability.soak import length, record

ARTICLES, CHANGED = 16, 6
VECTORS = "data_level0.bin"


def revisions(contents: Contents) -> dict[str, str]:
    """The marker of what each file name has; text, chunks, vectors and sentences must be of one revision."""
    chunks: dict[str, list[str]] = {name: [] for name in contents.texts}
    for chunk, row in contents.chunks.items():
        chunks[row[0]].append(chunk)
    texts = contents.chunk_texts()
    return {name: revision(contents, name, {chunk: texts[chunk] for chunk in chunks[name]}) for name in contents.texts}


def revision(contents: Contents, name: str, chunks: dict[str, str]) -> str:
    (found,) = corpus.markers([contents.texts[name]])
    assert contents.texts[name] == corpus.article(int(found[6:10]), int(found[11:]))
    spans = [contents.chunks[chunk][2:4] for chunk in chunks]
    assert len(spans) >= 2, "an article without its chunks"
    assert min(spans)[0] == 0
    assert max(spans)[1] == len(contents.texts[name].rstrip())
    for chunk, text in chunks.items():
        vector = contents.chunks[chunk][-1]
        assert len(vector) == DIMENSION * 4
        assert text.count(".") == len(contents.sentences[chunk])
        assert all(len(sentence[-1]) == len(vector) for sentence in contents.sentences[chunk])
    return found


def assert_kept(before: Contents, after: Contents) -> None:
    """Each article of before is there, the same or as a later revision."""
    earlier, later = revisions(before), revisions(after)
    assert earlier.keys() <= later.keys()
    same = {name for name in earlier if earlier[name] == later[name]}
    assert all(earlier[name] < later[name] for name in earlier.keys() - same)
    for chunk, row in before.chunks.items():
        if row[0] in same:
            assert after.chunks[chunk] == row
            assert after.sentences[chunk] == before.sentences[chunk]


def change(place: Place, chance: random.Random) -> None:
    place.write(*chance.sample(range(ARTICLES), CHANGED))


def test_kills_at_random_moments(place: Place) -> None:
    rounds = length(12, 300)
    chance = random.Random(9)
    place.write(*range(ARTICLES))
    place.ingest()
    change(place, chance)
    undisturbed = place.ingest()
    landed = 0
    for _ in range(rounds):
        change(place, chance)
        kept = look(place.home)
        acknowledged = set(revisions(kept).values())
        calls = place.endpoint.calls
        child = place.start_ingest()
        time.sleep(chance.uniform(0, undisturbed.seconds))
        just_before = look(place.home)
        landed += child.kill()
        child.wait()
        after = look_at_copy(place.home, place.folder / "scratch")
        assert_kept(kept, after)
        assert_kept(just_before, after)
        assert not acknowledged & place.endpoint.embedded(calls)
        place.ask()
    calls = place.endpoint.calls
    stored = set(revisions(look(place.home)).values())
    place.ingest()
    assert not stored & place.endpoint.embedded(calls)
    place.assert_complete()
    assert landed >= rounds // 2
    record("kill -9 at random moments", kills=landed, rounds=rounds, chunks_lost=0, unanswered=0)


def test_kills_while_chroma_writes_its_vectors(place: Place) -> None:
    rounds = length(4, 50)
    chance = random.Random(10)
    bulletins = range(6)
    place.write(*bulletins, items=40)
    landed = 0
    kept = EMPTY
    for _ in range(rounds):
        before = sizes(place.home / "index", VECTORS)
        calls = place.endpoint.calls
        acknowledged = corpus.markers(kept.texts.values())
        child = place.start_ingest()
        while child.running and sizes(place.home / "index", VECTORS) == before:
            pass
        time.sleep(chance.choice((0, 0, 0.0005, 0.003)))
        hit = child.kill()
        child.wait()
        landed += hit
        after = look_at_copy(place.home, place.folder / "scratch")
        assert {name: after.chunks[name] for name in kept.chunks if kept.chunks[name][0] in after.texts} == kept.chunks
        assert not acknowledged & place.endpoint.embedded(calls)
        place.ask()
        kept = after
        if not hit:
            # All is told; only so many changes make Chroma write again.
            place.write(*bulletins, items=40)
            kept = EMPTY
    place.assert_complete()
    assert landed >= rounds // 2
    record(f"kill -9 while Chroma writes {VECTORS}", kills=landed, rounds=rounds, chunks_lost=0, unanswered=0)
