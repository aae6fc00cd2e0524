"""Capped Recall@k, nDCG@10 and the reciprocal rank of what was retrieved; the last two by ir-measures."""

from collections.abc import Mapping, Sequence

# Measured: 30 ms with this import, so it stays at the top; numpy and pytrec_eval load at the first
# calculation.
import ir_measures
from ir_measures import RR, nDCG

from qa.evaluation.dataset import GoldEvidence
from qa.evaluation.spans import hits, holds
from qa.models import RetrievedChunk
from vectorstore.models import Chunk

_MEASURES = {"ndcg_at_10": nDCG @ 10, "reciprocal_rank": RR}
CUTOFFS = (1, 5, 10)
CHUNK_MEASURES = (*(f"capped_recall_at_{k}" for k in CUTOFFS), *_MEASURES)
SPAN_MEASURES = tuple(f"span_{name}" for name in CHUNK_MEASURES)


def relevant_ids(evidence: Sequence[GoldEvidence], chunks: Sequence[Chunk]) -> frozenset[str]:
    """The ids of all chunks that overlap gold evidence.

    Evidence that no chunk of the store overlaps counts as one more, which cannot be retrieved: losing a
    passage on its way in is not to look like a better recall.
    """
    found = {chunk.id for chunk in chunks if hits(chunk, evidence)}
    return frozenset(found | set(_lost(evidence, [each for each in evidence if hits(each, chunks)])))


def _lost(evidence: Sequence[GoldEvidence], stored: Sequence[GoldEvidence]) -> list[str]:
    """A name for each span that is not stored, but where its article says the same in one that is.

    A sentence that stands twice, in the text and in a pull quote, is left out once on its way in; that loses nothing.
    """
    words = {(each.article_id, each.quote) for each in stored}
    return [f"no chunk: {each.id}" for each in evidence if (each.article_id, each.quote) not in words]


def ranking(ranked: Sequence[str], gains: Mapping[str, int]) -> Mapping[str, float] | None:
    """Each measure for ids in rank order, best first; ``gains`` are above 0; None when nothing is relevant.

    Capped Recall@k is what the first k gain, as a share of the most that any k could: with gains of 1, the relevant ids
    among the first k over min(k, relevant ids), so that the best order has 1 at every k. Source: R_cap@k in N. Thakur
    et al., "BEIR", NeurIPS 2021. The reciprocal rank is that of the first relevant id. nDCG@10 is discounted by
    log2(rank + 1) and divided by that of the best order: K. Jarvelin and J. Kekalainen, "Cumulated gain-based
    evaluation of IR techniques", ACM TOIS 20 (2002), 422-446, with gains as they are, as trec_eval computes it.
    """
    if not gains:
        return None
    distinct = list(dict.fromkeys(ranked))
    capped = {f"capped_recall_at_{k}": _gained(distinct[:k], gains) / _most(k, gains) for k in CUTOFFS}
    # ir-measures orders by score and ignores the order given among ties, so the scores fall strictly with
    # the rank.
    run = [ir_measures.ScoredDoc("q", each, float(len(distinct) - place)) for place, each in enumerate(distinct)]
    if not run:
        return capped | dict.fromkeys(_MEASURES, 0.0)
    qrels = [ir_measures.Qrel("q", each, gains[each]) for each in sorted(gains)]
    values = ir_measures.calc_aggregate(list(_MEASURES.values()), qrels, run)
    return capped | {name: float(values[measure]) for name, measure in _MEASURES.items()}


def _gained(first: Sequence[str], gains: Mapping[str, int]) -> int:
    return sum(gains.get(each, 0) for each in first)


def _most(k: int, gains: Mapping[str, int]) -> int:
    return sum(sorted(gains.values(), reverse=True)[:k])


def chunk_scores(
    ranked: Sequence[str], evidence: Sequence[GoldEvidence], chunks: Sequence[Chunk]
) -> Mapping[str, float] | None:
    """A chunk is relevant when it overlaps gold evidence."""
    return ranking(ranked, dict.fromkeys(relevant_ids(evidence, chunks), 1))


def span_scores(
    retrieved: Sequence[RetrievedChunk], evidence: Sequence[GoldEvidence], chunks: Sequence[Chunk]
) -> Mapping[str, float] | None:
    """The same for whole spans of gold evidence, whatever the size of the chunks.

    A chunk gains as many points as there are gold spans that it holds from end to end; chunks do not overlap, so none
    is gained twice. A span that no chunk of the store holds whole cannot be found.
    """
    gains = {chunk.id: held for chunk in chunks if (held := sum(holds(chunk, each) for each in evidence))}
    whole = [each for each in evidence if any(holds(chunk, each) for chunk in chunks)]
    scores = ranking([each.chunk_id for each in retrieved], gains | dict.fromkeys(_lost(evidence, whole), 1))
    return None if scores is None else {f"span_{name}": value for name, value in scores.items()}
