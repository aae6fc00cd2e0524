"""The figures over a set of scored questions: pure functions, each from Scored questions to a Figure.

Questions that ended in an error take part in none of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from qa.evaluation.dataset import EvalQuestion
from qa.evaluation.figures import Figure, mean, share
from qa.evaluation.retrieval import MEASURE_NAMES
from qa.evaluation.scoring import CitationScore, NuggetScore, Scored, Scores

Metric = Callable[[Sequence[Scored]], Figure]


def _pairs(scored: Sequence[Scored]) -> Iterator[tuple[EvalQuestion, Scores]]:
    return ((each.question, each.scores) for each in scored if each.scores is not None)


def _nuggets(scored: Sequence[Scored]) -> list[NuggetScore]:
    return [nugget for question, scores in _pairs(scored) if question.answerable for nugget in scores.nuggets]


def vital_nuggets_found(scored: Sequence[Scored]) -> Figure:
    """Share of the vital nuggets of answerable questions that the answers say; an abstention says none.

    Source: vital and okay nuggets as in E. M. Voorhees, "Overview of the TREC 2003 Question Answering
    Track", here pooled over the questions and matched by alias or pattern instead of by an assessor.
    """
    vital = [nugget for nugget in _nuggets(scored) if nugget.importance == "vital"]
    return share(sum(nugget.matched is not None for nugget in vital), len(vital))


def nuggets_found(scored: Sequence[Scored]) -> Figure:
    """The same over vital and okay nuggets together."""
    nuggets = _nuggets(scored)
    return share(sum(nugget.matched is not None for nugget in nuggets), len(nuggets))


def citation_validity(scored: Sequence[Scored]) -> Figure:
    """Share of all citations, of answers and abstentions, that are verbatim slices of the cited file on disk.

    A marker with no citation behind it counts as one that is not valid. Source: the citation contract,
    ``text[start:end] == quote`` and the sha256 of the file.
    """
    valid = total = 0
    for _, scores in _pairs(scored):
        valid += sum(citation.problem is None for citation in scores.citations)
        total += len(scores.citations) + len(scores.dangling)
    return share(valid, total)


def _answer_citations(scored: Sequence[Scored]) -> list[CitationScore]:
    return [
        citation
        for question, scores in _pairs(scored)
        if question.answerable and not scores.abstained
        for citation in scores.citations
    ]


def citation_precision(scored: Sequence[Scored]) -> Figure:
    """Share of the citations in answers to answerable questions that are valid and overlap gold evidence.

    Source: precision against gold spans; it follows citation precision in T. Gao et al., "Enabling Large
    Language Models to Generate Text with Citations" (ALCE), EMNLP 2023, with gold evidence in place of an
    entailment model.
    """
    citations = _answer_citations(scored)
    return share(sum(citation.on_evidence for citation in citations), len(citations))


def citation_recall(scored: Sequence[Scored]) -> Figure:
    """Share of the vital nuggets of answerable questions whose gold evidence is cited.

    Nuggets without evidence do not count. Source: recall against gold spans, after ALCE as above. An
    abstention cites none.
    """
    vital = [n for n in _nuggets(scored) if n.importance == "vital" and n.cited is not None]
    return share(sum(bool(nugget.cited) for nugget in vital), len(vital))


def quoted_on_evidence(scored: Sequence[Scored]) -> Figure:
    """Share of the cited characters that lie in gold evidence, so that citing whole articles shows.

    Source: precision over characters. ``n`` is the number of citations, and there is no interval, since
    characters of one citation are not independent cases.
    """
    citations = _answer_citations(scored)
    characters = sum(citation.characters for citation in citations)
    inside = sum(citation.characters_on_evidence for citation in citations)
    return Figure(inside / characters if characters else None, len(citations))


def abstention_precision(scored: Sequence[Scored]) -> Figure:
    """Share of the abstentions that were right: the question is not answerable.

    Source: precision with "abstain on a question that is not answerable" as the positive class.
    """
    right = [not question.answerable for question, scores in _pairs(scored) if scores.abstained]
    return share(sum(right), len(right))


def abstention_recall(scored: Sequence[Scored]) -> Figure:
    """Share of the questions that are not answerable on which there was an abstention.

    Source: recall of the same class.
    """
    abstained = [scores.abstained for question, scores in _pairs(scored) if not question.answerable]
    return share(sum(abstained), len(abstained))


def abstention_f1(scored: Sequence[Scored]) -> Figure:
    """Harmonic mean of the two, 2 TP / (2 TP + FP + FN); ``n`` is the number of questions.

    Source: C. J. van Rijsbergen, "Information Retrieval" (1979), with beta = 1. No interval: it is not a
    share of independent cases. No value when nothing is or should be refused.
    """
    pairs = list(_pairs(scored))
    right = sum(scores.abstained and not question.answerable for question, scores in pairs)
    wrong = sum(scores.abstained == question.answerable for question, scores in pairs)
    return Figure(2 * right / (2 * right + wrong) if right + wrong else None, len(pairs))


def over_refusal(scored: Sequence[Scored]) -> Figure:
    """Share of the answerable questions on which there was an abstention. Smaller is better."""
    abstained = [scores.abstained for question, scores in _pairs(scored) if question.answerable]
    return share(sum(abstained), len(abstained))


def forbidden_claims_made(scored: Sequence[Scored]) -> Figure:
    """Share of the questions with forbidden claims whose answer makes at least one. Smaller is better."""
    made = [bool(scores.forbidden) for question, scores in _pairs(scored) if question.forbidden_claims]
    return share(sum(made), len(made))


def conflict_positions_cited(scored: Sequence[Scored]) -> Figure:
    """Share of the positions in conflicts whose gold evidence is cited; an abstention cites none."""
    cited = [each for _, scores in _pairs(scored) for each in scores.positions_cited]
    return share(sum(cited), len(cited))


def conflicts_complete(scored: Sequence[Scored]) -> Figure:
    """Share of the questions with conflict positions in whose answer all of them are cited."""
    complete = [all(scores.positions_cited) for _, scores in _pairs(scored) if scores.positions_cited]
    return share(sum(complete), len(complete))


def sentences_supported(scored: Sequence[Scored]) -> Figure:
    """Share of the sentences of all answers that their citations support in full."""
    supported = [each for _, scores in _pairs(scored) for each in scores.supported]
    return share(sum(supported), len(supported))


def replies_repaired(scored: Sequence[Scored]) -> Figure:
    """Share of a model's replies that had to be repaired, or gave way to the extractive answer. Smaller is better."""
    repaired = [scores.repaired for _, scores in _pairs(scored) if scores.repaired is not None]
    return share(sum(repaired), len(repaired))


def _retrieval(name: str) -> Metric:
    def figure(scored: Sequence[Scored]) -> Figure:
        return mean([scores.retrieval[name] for _, scores in _pairs(scored) if scores.retrieval is not None])

    figure.__doc__ = f"Mean of {name} over all questions with gold evidence; formulas in retrieval.py."
    return figure


METRICS: Mapping[str, Metric] = {
    metric.__name__: metric
    for metric in (
        vital_nuggets_found,
        nuggets_found,
        citation_validity,
        citation_precision,
        citation_recall,
        quoted_on_evidence,
        abstention_precision,
        abstention_recall,
        abstention_f1,
        over_refusal,
        forbidden_claims_made,
        conflict_positions_cited,
        conflicts_complete,
        sentences_supported,
        replies_repaired,
    )
} | {name: _retrieval(name) for name in MEASURE_NAMES}
