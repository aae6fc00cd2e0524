"""One report printed twice takes one place among the passages, so that it does not crowd out another."""

from collections.abc import Mapping, Sequence, Set

# Of the neighbouring terms of the shorter chunk, the share that the other has too: copies are cut at other places and
# stand under other titles, while reports of one event share less than a third.
_SAME = 0.75


def repeats_last(
    ranked: Sequence[tuple[str, float]],
    terms: Mapping[str, Sequence[str]],
    articles: Mapping[str, str],
    copies: Set[str],
) -> list[tuple[str, float]]:
    """Chunk ids with their scores, best first, those that repeat a better one of another article after all others.

    ``articles`` maps chunks to articles, ``copies`` are articles known to be copied: what they repeat comes first,
    with the better score.
    """
    pairs = {name: set(zip(terms[name], terms[name][1:], strict=False)) for name, _ in ranked if name in terms}
    kept: list[tuple[str, float]] = []
    repeats: list[tuple[str, float]] = []
    for name, score in ranked:
        twin = next((place for place, (other, _) in enumerate(kept) if _repeats(name, other, pairs, articles)), None)
        if twin is None:
            kept.append((name, score))
        elif articles[kept[twin][0]] in copies and articles[name] not in copies:
            repeats.append((kept[twin][0], score))
            kept[twin] = (name, kept[twin][1])
        else:
            repeats.append((name, score))
    return kept + repeats


def _repeats(one: str, other: str, pairs: Mapping[str, Set[tuple[str, str]]], articles: Mapping[str, str]) -> bool:
    if articles[one] == articles[other] or one not in pairs or other not in pairs:
        return False
    shorter = min(len(pairs[one]), len(pairs[other]))
    return shorter > 0 and len(pairs[one] & pairs[other]) >= _SAME * shorter
