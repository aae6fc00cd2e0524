"""Recall@k and nDCG@10 of the retrieved chunks, by ir-measures."""

from collections.abc import Mapping, Sequence

# Measured: 30 ms with this import, so it stays at the top; numpy and pytrec_eval load at the first
# calculation.
import ir_measures
from ir_measures import R, nDCG

from qa.evaluation.dataset import GoldEvidence
from qa.evaluation.spans import hits
from vectorstore.models import Chunk

_MEASURES = {"recall_at_1": R @ 1, "recall_at_5": R @ 5, "recall_at_10": R @ 10, "ndcg_at_10": nDCG @ 10}
MEASURE_NAMES = tuple(_MEASURES)


def relevant_ids(evidence: Sequence[GoldEvidence], chunks: Sequence[Chunk]) -> frozenset[str]:
    """The ids of all chunks that overlap gold evidence.

    Evidence that no chunk of the store overlaps counts as one more, which cannot be retrieved: losing a
    passage on its way in is not to look like a better recall.
    """
    found = {chunk.id for chunk in chunks if hits(chunk, evidence)}
    lost = {f"no chunk: {each.id}" for each in evidence if not hits(each, chunks)}
    return frozenset(found | lost)


def retrieval_scores(ranked: Sequence[str], relevant: frozenset[str]) -> Mapping[str, float] | None:
    """Each measure for chunk ids in rank order, best first; None when nothing is relevant.

    Relevance is 0 or 1. Recall@k is the share of the relevant chunks among the first k. nDCG@10 is
    discounted by log2(rank + 1) and divided by that of the best order: K. Jarvelin and J. Kekalainen,
    "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20 (2002), 422-446, as trec_eval computes
    it.
    """
    if not relevant:
        return None
    distinct = list(dict.fromkeys(ranked))
    # ir-measures orders by score and ignores the order given among ties, so the scores fall strictly with
    # the rank.
    run = [ir_measures.ScoredDoc("q", chunk, float(len(distinct) - place)) for place, chunk in enumerate(distinct)]
    if not run:
        return dict.fromkeys(_MEASURES, 0.0)
    qrels = [ir_measures.Qrel("q", chunk, 1) for chunk in sorted(relevant)]
    values = ir_measures.calc_aggregate(list(_MEASURES.values()), qrels, run)
    return {name: float(values[measure]) for name, measure in _MEASURES.items()}
