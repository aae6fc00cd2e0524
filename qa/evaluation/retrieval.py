"""Recall@k, nDCG@10 and the reciprocal rank of what was retrieved, by ir-measures."""

from collections.abc import Mapping, Sequence

# Measured: 30 ms with this import, so it stays at the top; numpy and pytrec_eval load at the first
# calculation.
import ir_measures
from ir_measures import RR, R, nDCG

from qa.evaluation.spans import Identified, Span, hits, holds
from qa.models import RetrievedChunk
from vectorstore.models import Chunk

_MEASURES = {
    "recall_at_1": R @ 1,
    "recall_at_5": R @ 5,
    "recall_at_10": R @ 10,
    "ndcg_at_10": nDCG @ 10,
    "reciprocal_rank": RR,
}
_CUTOFFS = (1, 5, 10)
CHUNK_MEASURES = tuple(_MEASURES)
SPAN_MEASURES = tuple(f"span_{name}" for name in _MEASURES)


def relevant_ids(evidence: Sequence[Identified], chunks: Sequence[Chunk]) -> frozenset[str]:
    """The ids of all chunks that overlap gold evidence.

    Evidence that no chunk of the store overlaps counts as one more, which cannot be retrieved: losing a
    passage on its way in is not to look like a better recall.
    """
    found = {chunk.id for chunk in chunks if hits(chunk, evidence)}
    return frozenset(found | _lost([each for each in evidence if not hits(each, chunks)]))


def _lost(evidence: Sequence[Identified]) -> set[str]:
    return {f"no chunk: {each.id}" for each in evidence}


def ranking(ranked: Sequence[str], gains: Mapping[str, int]) -> Mapping[str, float] | None:
    """Each measure for ids in rank order, best first; ``gains`` are above 0; None when nothing is relevant.

    Recall@k is the share of the relevant ids among the first k, the reciprocal rank that of the first relevant one.
    nDCG@10 is discounted by log2(rank + 1) and divided by that of the best order: K. Jarvelin and J. Kekalainen,
    "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20 (2002), 422-446, with gains as they are, as
    trec_eval computes it.
    """
    if not gains:
        return None
    distinct = list(dict.fromkeys(ranked))
    # ir-measures orders by score and ignores the order given among ties, so the scores fall strictly with
    # the rank.
    run = [ir_measures.ScoredDoc("q", each, float(len(distinct) - place)) for place, each in enumerate(distinct)]
    if not run:
        return dict.fromkeys(_MEASURES, 0.0)
    qrels = [ir_measures.Qrel("q", each, gains[each]) for each in sorted(gains)]
    values = ir_measures.calc_aggregate(list(_MEASURES.values()), qrels, run)
    return {name: float(values[measure]) for name, measure in _MEASURES.items()}


def chunk_scores(
    ranked: Sequence[str], evidence: Sequence[Identified], chunks: Sequence[Chunk]
) -> Mapping[str, float] | None:
    """A chunk is relevant when it overlaps gold evidence."""
    return ranking(ranked, dict.fromkeys(relevant_ids(evidence, chunks), 1))


def span_scores(
    retrieved: Sequence[RetrievedChunk], evidence: Sequence[Identified], chunks: Sequence[Chunk]
) -> Mapping[str, float] | None:
    """The same for whole spans of gold evidence, whatever the size of the chunks.

    A chunk gains as many points as there are gold spans that it holds from end to end; Recall@k is the share of the
    spans that one of the first k holds. A span that no chunk of the store holds whole cannot be found.
    """
    gains = {chunk.id: held for chunk in chunks if (held := sum(holds(chunk, each) for each in evidence))}
    cut = [each for each in evidence if not any(holds(chunk, each) for chunk in chunks)]
    scores = ranking([each.chunk_id for each in retrieved], gains | dict.fromkeys(_lost(cut), 1))
    if scores is None:
        return None
    recalls = {f"recall_at_{k}": _share_held(retrieved[:k], evidence) for k in _CUTOFFS}
    return {f"span_{name}": value for name, value in {**scores, **recalls}.items()}


def _share_held(first: Sequence[Span], evidence: Sequence[Span]) -> float:
    return sum(any(holds(each, span) for each in first) for span in evidence) / len(evidence)
