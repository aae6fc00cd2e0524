"""Articles of nearly the same text: found by MinHash, and linked to the one that stands for them all.

Two texts are copies when their words are the same, or when an estimated THRESHOLD of their shingles (runs of five
words) is shared. Candidates are found by bands of the MinHash signature (locality-sensitive hashing), so that a new
article is compared with few others. Broder, "On the resemblance and containment of documents", 1997.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from vectorstore.database import Database
from vectorstore.models import Region

SHINGLE = 5
# Of fewer words there are too few shingles to tell: these are copies only when all words are the same.
MIN_WORDS = 50
# Chosen by tests/benchmarks/copies.py: copies with a tenth of their words changed share 0.45 at the median, other texts
# on the same subject 0.01.
THRESHOLD = 0.25
PERMUTATIONS = 128
# Two rows a band find a pair that shares 0.4 of its shingles in 996 of 1,000 cases, one that shares 0.02 in 13.
BANDS, ROWS = 32, 2

_WORD = re.compile(r"\w+")
_BLOCK = 4096

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """``digest``: the SHA-256 of the words, None without any. ``signature``: PERMUTATIONS hashes of 32 bits."""

    digest: str | None = None
    signature: bytes | None = None


def fingerprint(text: str, regions: Sequence[Region]) -> Fingerprint:
    """Of the reporting in a text: what no region of another kind covers."""
    excluded = [region for region in regions if not region.kind.reporting]
    starts = [0, *(region.end for region in excluded)]
    ends = [*(region.start for region in excluded), len(text)]
    reporting = " ".join(text[start:end] for start, end in zip(starts, ends, strict=True))
    words = _WORD.findall(unicodedata.normalize("NFKC", reporting).casefold())
    if not words:
        return Fingerprint()
    digest = hashlib.sha256(" ".join(words).encode()).hexdigest()
    return Fingerprint(digest, _signature(words) if len(words) >= MIN_WORDS else None)


def _signature(words: Sequence[str]) -> bytes:
    shingles = {" ".join(words[start : start + SHINGLE]) for start in range(len(words) - SHINGLE + 1)}
    hashes = np.array(
        [int.from_bytes(hashlib.blake2b(each.encode(), digest_size=8).digest(), "little") for each in shingles],
        dtype=np.uint64,
    )
    factors, shifts = _permutations()
    least = np.full(PERMUTATIONS, np.iinfo(np.uint32).max, dtype=np.uint64)
    # In blocks, so that a very long text takes no more memory than a short one.
    for start in range(0, len(hashes), _BLOCK):
        permuted = (hashes[start : start + _BLOCK] * factors + shifts) >> np.uint64(32)
        least = np.minimum(least, permuted.min(axis=1))
    return least.astype("<u4").tobytes()


@cache
def _permutations() -> tuple[Hashes, Hashes]:
    """Multiply-shift hashing, as columns: odd factors, and what is added. Stored signatures depend on the seed."""
    random = np.random.Generator(np.random.PCG64(5))
    factors, shifts = random.integers(0, 2**64, size=(2, PERMUTATIONS, 1), dtype=np.uint64)
    return factors | np.uint64(1), shifts


def similarity(one: bytes, others: Sequence[bytes]) -> NDArray[np.float64]:
    """The estimated share of shingles (Jaccard similarity) that each of the others has in common with one."""
    rows = np.frombuffer(b"".join(others), dtype="<u4").reshape(len(others), -1)
    return np.asarray((rows == np.frombuffer(one, dtype="<u4")).mean(axis=1), dtype=np.float64)


def bands(signature: bytes) -> list[int]:
    """What the candidates for a copy have at least one of."""
    size = 4 * ROWS
    parts = (bytes([band]) + signature[band * size : (band + 1) * size] for band in range(BANDS))
    return [int.from_bytes(hashlib.blake2b(part, digest_size=8).digest(), "little", signed=True) for part in parts]


class CopyLinks:
    """Keeps ``articles.copy_of`` true as articles come and go. All of it inside a transaction of the writer.

    Copies of copies belong together, in whichever order they came; the one published first stands for them (undated
    ones last, then by id).
    """

    def __init__(self, database: Database) -> None:
        self._rows, self._many = database.rows, database.many

    def link(self, article_id: str) -> bool:
        """Find the copies of an article that was just stored; whether there are any."""
        digest, signature = self._rows("SELECT digest, signature FROM articles WHERE id = ?", (article_id,))[0]
        found = {row[0] for row in self._rows("SELECT id FROM articles WHERE digest = ?", (digest,))}
        if signature is not None:
            found.update(self._near(article_id, signature))
            self._many("INSERT OR IGNORE INTO bands VALUES (?, ?)", [(band, article_id) for band in bands(signature)])
        found.discard(article_id)
        if found:
            self._elect({article_id, *self._clusters(found)})
        return bool(found)

    def _near(self, article_id: str, signature: bytes) -> list[str]:
        marks = ", ".join("?" * BANDS)
        candidates = self._rows(
            "SELECT id, signature FROM articles WHERE id IN "
            f"(SELECT article_id FROM bands WHERE hash IN ({marks})) AND signature IS NOT NULL AND id != ?",
            (*bands(signature), article_id),
        )
        if not candidates:
            return []
        shares = similarity(signature, [row[1] for row in candidates])
        return [name for (name, _), share in zip(candidates, shares, strict=True) if share >= THRESHOLD]

    def _clusters(self, ids: Iterable[str]) -> set[str]:
        """All members of the clusters that these belong to."""
        members: set[str] = set()
        for name in ids:
            if name not in members:
                root = self._rows("SELECT coalesce(copy_of, id) FROM articles WHERE id = ?", (name,))[0][0]
                rows = self._rows("SELECT id FROM articles WHERE id = ?1 OR copy_of = ?1", (root,))
                members.update(row[0] for row in rows)
        return members

    def _elect(self, members: Iterable[str]) -> None:
        keyed = []
        for name in members:
            latest = self._rows("SELECT latest FROM articles WHERE id = ?", (name,))[0][0]
            keyed.append((latest is None, latest or "", name))
        first = min(keyed)[2]
        self._many(
            "UPDATE articles SET copy_of = nullif(?1, id) WHERE id = ?2 AND copy_of IS NOT nullif(?1, id)",
            [(first, name) for _, _, name in keyed],
        )

    def unlink(self, article_id: str) -> set[str]:
        """To be called before an article is deleted. Its copies, to be settled afterwards."""
        rows = self._rows("SELECT signature FROM articles WHERE id = ?", (article_id,))
        if not rows:
            return set()
        if rows[0][0] is not None:
            self._many("DELETE FROM bands WHERE hash = ? AND article_id = ?",
                       [(band, article_id) for band in bands(rows[0][0])])  # fmt: skip
        return self._clusters([article_id]) - {article_id}

    def settle(self, ids: Iterable[str]) -> None:
        """Those that remain of clusters, which may be in pieces now."""
        prints = {
            name: Fingerprint(digest, signature)
            for each in ids
            for name, digest, signature in self._rows(
                "SELECT id, digest, signature FROM articles WHERE id = ?", (each,)
            )
        }
        while prints:
            name, mark = prints.popitem()
            component, pending = {name}, [mark]
            while pending:
                near = _linked(pending.pop(), prints)
                component.update(near)
                pending += [prints.pop(each) for each in near]
            self._elect(component)


def _linked(one: Fingerprint, others: dict[str, Fingerprint]) -> list[str]:
    found = {name for name, other in others.items() if other.digest == one.digest}
    if one.signature is not None:
        mine = set(bands(one.signature))
        signed = {name: other.signature for name, other in others.items() if other.signature is not None}
        shares = similarity(one.signature, list(signed.values())) if signed else ()
        found.update(
            name
            for (name, signature), share in zip(signed.items(), shares, strict=True)
            if share >= THRESHOLD and not mine.isdisjoint(bands(signature))
        )
    return sorted(found)
