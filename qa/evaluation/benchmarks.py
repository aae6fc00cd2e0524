"""The published metrics of other people's question sets, beside the program's own."""

import re
import string
from collections import Counter
from collections.abc import Mapping, Sequence

from qa.evaluation.dataset import EvalQuestion
from qa.evaluation.retrieval import ranking
from qa.evaluation.tokens import without_markers
from qa.models import Answer, Status

BENCHMARK_MEASURES = (
    "squad2_exact",
    "squad2_f1",
    "squad2_has_answer_exact",
    "squad2_has_answer_f1",
    "squad2_no_answer",
    "ramdocs_exact_match",
    "beir_ndcg_at_10",
)
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


def benchmark_scores(question: EvalQuestion, answer: Answer) -> Mapping[str, float]:
    """The metrics of the set that the question comes from; none for the program's own questions."""
    said = "" if answer.status == Status.ABSTAINED else without_markers(answer.answer)
    match question.benchmark:
        case "squad2":
            return _squad2(question, said)
        case "ramdocs":
            return {"ramdocs_exact_match": _ramdocs(question, said)}
        case "beir":
            return {"beir_ndcg_at_10": _beir(question, answer)}
    return {}


def _squad2(question: EvalQuestion, said: str) -> Mapping[str, float]:
    """Source: P. Rajpurkar et al., "Know What You Don't Know", ACL 2018: the best over the gold answers.

    An abstention is the empty answer, which is the gold of a question without one.
    """
    golds = [alias for nugget in question.nuggets for alias in nugget.aliases or (nugget.text,)] or [""]
    exact = max(float(_normalised(gold) == _normalised(said)) for gold in golds)
    f1 = max(token_f1(gold, said) for gold in golds)
    if not question.answerable:
        return {"squad2_exact": exact, "squad2_f1": f1, "squad2_no_answer": exact}
    return {
        "squad2_exact": exact,
        "squad2_f1": f1,
        "squad2_has_answer_exact": exact,
        "squad2_has_answer_f1": f1,
    }


def token_f1(gold: str, said: str) -> float:
    """Harmonic mean of the precision and recall of words, without case, punctuation and articles.

    Source: P. Rajpurkar et al., "SQuAD: 100,000+ Questions for Machine Comprehension of Text", EMNLP 2016. Of two
    texts of which one has no words it is 1 if the other has none either.
    """
    wanted, given = _normalised(gold).split(), _normalised(said).split()
    if not wanted or not given:
        return float(wanted == given)
    shared = sum((Counter(wanted) & Counter(given)).values())
    return 2 * shared / (len(wanted) + len(given))


def _ramdocs(question: EvalQuestion, said: str) -> float:
    """Source: H. Wang et al., "Retrieval-Augmented Generation with Conflicting Evidence" (2025).

    1 when every right answer stands in the text and none of the wrong ones.
    """
    text = f" {_normalised(said)} "
    right: Sequence[str] = [alias for nugget in question.nuggets for alias in nugget.aliases]
    return float(
        all(f" {_normalised(each)} " in text for each in right)
        and not any(f" {_normalised(each)} " in text for each in question.forbidden_claims)
    )


def _beir(question: EvalQuestion, answer: Answer) -> float:
    """Source: N. Thakur et al., "BEIR", NeurIPS 2021: nDCG@10 of documents with graded relevance.

    A document's rank is that of its first chunk.
    """
    scores = ranking([chunk.article_id for chunk in answer.retrieved], question.grades)
    return 0.0 if scores is None else scores["ndcg_at_10"]


def _normalised(text: str) -> str:
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())
