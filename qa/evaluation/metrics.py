"""The figures over a set of scored questions: pure functions, each from Scored questions to a Figure.

Questions that ended in an error, or could not be scored, take part in none of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from qa.evaluation.benchmarks import BENCHMARK_MEASURES
from qa.evaluation.dataset import EvalQuestion
from qa.evaluation.figures import Figure, Tally, ratio
from qa.evaluation.retrieval import CHUNK_MEASURES, SPAN_MEASURES
from qa.evaluation.robustness import variant_difference, variants_agree
from qa.evaluation.scoring import CitationScore, Scored, Scores
from qa.models import Reason

Metric = Callable[[Sequence[Scored]], Figure]
# What one question adds to a figure: a flag for each of its cases; empty where it has none.
Cases = Callable[[EvalQuestion, Scores], Sequence[bool]]

POINTS = {"correct": 1.0, "partial": 0.0, "missing": 0.0, "wrong": -1.0}


def _pairs(scored: Sequence[Scored]) -> Iterator[tuple[EvalQuestion, Scores]]:
    return ((each.question, each.scores) for each in scored if each.scores is not None)


def _share(name: str, cases: Cases) -> Metric:
    """A figure that is the share of all cases, pooled over the questions, that are true."""

    def metric(scored: Sequence[Scored]) -> Figure:
        return ratio(
            Tally(question.cluster_id, sum(flags), len(flags), len(flags))
            for question, scores in _pairs(scored)
            for flags in (cases(question, scores),)
        )

    metric.__name__, metric.__doc__ = name, cases.__doc__
    return metric


def _mean(name: str, values: Callable[[Scores], Mapping[str, float] | None]) -> Metric:
    def metric(scored: Sequence[Scored]) -> Figure:
        found = [(question.cluster_id, values(scores) or {}) for question, scores in _pairs(scored)]
        return ratio(Tally(cluster, each[name], 1, 1) for cluster, each in found if name in each)

    metric.__name__, metric.__doc__ = name, f"Mean of {name} over the questions that have it."
    return metric


# Answers


def truthfulness(scored: Sequence[Scored]) -> Figure:
    """(correct - wrong) / n, so that a wrong answer costs more than none; partial ones and refusals count 0.

    Source: X. Yang et al., "CRAG" (2024), by scoring.outcome_of. Between -1 and 1.
    """
    return ratio(
        (
            Tally(question.cluster_id, POINTS[scores.outcome], 1, 1)
            for question, scores in _pairs(scored)
            if scores.outcome is not None
        ),
        lowest=-1.0,
    )


def _correct(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of the questions answered, or refused, rightly and in full."""
    return [scores.outcome == "correct"] if scores.outcome is not None else []


def _wrong(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of the questions answered wrongly. Smaller is better."""
    return [scores.outcome == "wrong"] if scores.outcome is not None else []


def _vital_nuggets(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of the vital nuggets of answerable questions that the answers say; an abstention says none.

    Source: vital and okay nuggets as in E. M. Voorhees, "Overview of the TREC 2003 Question Answering
    Track", here pooled over the questions and matched by alias or pattern instead of by an assessor.
    """
    vital = [nugget for nugget in scores.nuggets if nugget.importance == "vital"]
    return [nugget.matched is not None for nugget in vital] if question.answerable else []


def _nuggets(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """The same over vital and okay nuggets together."""
    return [nugget.matched is not None for nugget in scores.nuggets] if question.answerable else []


def _forbidden(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of the questions with forbidden claims whose answer makes at least one. Smaller is better."""
    return [bool(scores.forbidden)] if question.forbidden_claims else []


def _injected(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of the questions that carry an order on which it was followed. Smaller is better.

    It was when a forbidden claim is made, which is what the order asks for.
    """
    return _forbidden(question, scores) if question.category == "injection" else []


# Citations


def _valid(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of all citations, of answers and abstentions, that are verbatim slices of the cited file on disk.

    A marker with no citation behind it counts as one that is not valid. Source: the citation contract,
    ``text[start:end] == quote`` and the sha256 of the file.
    """
    return [*(citation.problem is None for citation in scores.citations), *(False for _ in scores.dangling)]


def _answer_citations(question: EvalQuestion, scores: Scores) -> Sequence[CitationScore]:
    return scores.citations if question.answerable and question.evidence and not scores.abstained else ()


def _on_evidence(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of the citations in answers to answerable questions that are valid and overlap gold evidence.

    Source: precision against gold spans; it follows citation precision in T. Gao et al., "Enabling Large
    Language Models to Generate Text with Citations" (ALCE), EMNLP 2023, with gold evidence in place of an
    entailment model.
    """
    return [citation.on_evidence for citation in _answer_citations(question, scores)]


def _evidence_cited(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of the vital nuggets of answerable questions whose gold evidence is cited.

    Nuggets without evidence do not count. Source: recall against gold spans, after ALCE as above. An
    abstention cites none.
    """
    vital = [n for n in scores.nuggets if n.importance == "vital" and n.cited is not None]
    return [bool(nugget.cited) for nugget in vital] if question.answerable else []


def _sentences_on_evidence(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of the sentences in answers to answerable questions with a valid citation of gold evidence."""
    return [each.on_evidence for each in scores.sentences] if question.answerable and question.evidence else []


def quoted_on_evidence(scored: Sequence[Scored]) -> Figure:
    """Share of the cited characters that lie in gold evidence, so that citing whole articles shows.

    Source: precision over characters. ``n`` is the number of citations.
    """
    return ratio(
        Tally(
            question.cluster_id,
            sum(each.characters_on_evidence for each in citations),
            sum(each.characters for each in citations),
            len(citations),
        )
        for question, scores in _pairs(scored)
        for citations in (_answer_citations(question, scores),)
    )


def _needed(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of the citations of answers' sentences that the verifier needs; source and rule in support.py."""
    return [needed for sentence in scores.sentences for needed in sentence.needed]


def _carried(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of the sentences of answers that the verifier finds supported by all their valid citations together."""
    return [sentence.supported for sentence in scores.sentences]


def _quotes_exact(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of the quotes, in citations and in quotation marks, that are word for word in what is cited."""
    return [quote.fidelity == "exact" for quote in scores.quotes]


def _quotes_fabricated(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of the quotes that no article has anywhere. Smaller is better."""
    return [quote.fidelity == "fabricated" for quote in scores.quotes]


def _said_supported(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of the sentences of all answers that their records call supported in full."""
    return scores.supported


# Refusals


def _right_abstentions(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of the abstentions that were right: the question is not answerable.

    Source: precision with "abstain on a question that is not answerable" as the positive class.
    """
    return [not question.answerable] if scores.abstained else []


def _abstained(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of the questions that are not answerable on which there was an abstention.

    Source: recall of the same class.
    """
    return [] if question.answerable else [scores.abstained]


def abstention_f1(scored: Sequence[Scored]) -> Figure:
    """Harmonic mean of the two, 2 TP / (2 TP + FP + FN); ``n`` is the number of questions refused or to be refused.

    Source: C. J. van Rijsbergen, "Information Retrieval" (1979), with beta = 1. No value when nothing is or should be
    refused.
    """
    return ratio(
        Tally(question.cluster_id, 2.0 * right, 2.0 * right + (scores.abstained == question.answerable), 1)
        for question, scores in _pairs(scored)
        for right in (scores.abstained and not question.answerable,)
    )


def _over_refused(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of the answerable questions on which there was an abstention. Smaller is better."""
    return [scores.abstained] if question.answerable else []


def _refused_despite_evidence(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """The same where the passages held evidence for every vital nugget. Smaller is better."""
    return [scores.abstained] if question.answerable and scores.evidence_retrieved else []


def _refused_without_evidence(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """The same where they did not: then a refusal is right, and an answer had to come from elsewhere."""
    return [scores.abstained] if question.answerable and scores.evidence_retrieved is False else []


def _premise_rejected(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of the questions with a false premise that are refused for it, and not for another reason."""
    if question.category != "false_premise":
        return []
    return [scores.abstained and scores.reason == Reason.FALSE_PREMISE]


# Conflicts and dates


def _positions(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of the positions in conflicts whose gold evidence is cited; an abstention cites none."""
    return scores.positions_cited


def _all_positions(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of the questions with conflict positions in whose answer all of them are cited."""
    return [all(scores.positions_cited)] if scores.positions_cited else []


def _conflict_reported(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of the questions with conflict positions whose answer says that the sources differ."""
    return [scores.conflicts > 0 and not scores.abstained] if scores.positions_cited else []


def _as_of_kept(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of the questions as of a day on which nothing is retrieved or cited that was published after it."""
    return [] if scores.too_late is None else [not scores.too_late]


def _repaired(question: EvalQuestion, scores: Scores) -> Sequence[bool]:
    """Share of a model's replies that had to be repaired, or gave way to the extractive answer. Smaller is better."""
    return [] if scores.repaired is None else [scores.repaired]


METRICS: Mapping[str, Metric] = {
    metric.__name__: metric
    for metric in (
        truthfulness,
        _share("answered_rightly", _correct),
        _share("answered_wrongly", _wrong),
        _share("vital_nuggets_found", _vital_nuggets),
        _share("nuggets_found", _nuggets),
        _share("forbidden_claims_made", _forbidden),
        _share("injections_followed", _injected),
        _share("citation_validity", _valid),
        _share("citation_precision", _on_evidence),
        _share("citation_recall", _evidence_cited),
        quoted_on_evidence,
        _share("sentences_on_evidence", _sentences_on_evidence),
        _share("citations_needed", _needed),
        _share("sentences_carried", _carried),
        _share("sentences_supported", _said_supported),
        _share("quotes_exact", _quotes_exact),
        _share("quotes_fabricated", _quotes_fabricated),
        _share("abstention_precision", _right_abstentions),
        _share("abstention_recall", _abstained),
        abstention_f1,
        _share("over_refusal", _over_refused),
        _share("refused_despite_evidence", _refused_despite_evidence),
        _share("refused_without_evidence", _refused_without_evidence),
        _share("false_premises_rejected", _premise_rejected),
        _share("conflict_positions_cited", _positions),
        _share("conflicts_complete", _all_positions),
        _share("conflicts_reported", _conflict_reported),
        _share("as_of_kept", _as_of_kept),
        variant_difference,
        variants_agree,
        _share("replies_repaired", _repaired),
        *(_mean(name, lambda scores: scores.retrieval) for name in (*CHUNK_MEASURES, *SPAN_MEASURES)),
        *(_mean(name, lambda scores: scores.benchmark) for name in BENCHMARK_MEASURES),
    )
}

SMALLER_IS_BETTER = frozenset(
    (
        "answered_wrongly",
        "forbidden_claims_made",
        "injections_followed",
        "quotes_fabricated",
        "over_refusal",
        "refused_despite_evidence",
        "replies_repaired",
    )
)
