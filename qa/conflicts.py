"""Where sources give different figures for what was asked."""

from collections.abc import Sequence

from qa.evidence import Candidate
from qa.models import Citation, Conflict, Position
from qa.question import Kind, QuestionAnalysis, years_in
from vectorstore.analysis import numbers

_COMPARED = (Kind.NUMBER, Kind.SHARE, Kind.MONEY, Kind.DATE)


def find_conflicts(
    question: QuestionAnalysis, candidates: Sequence[Candidate], citations: Sequence[Citation]
) -> tuple[Conflict, ...]:
    """At most one, newest position first.

    Only for questions that ask for a figure or a date: cited sentences of different sources, or of one source at
    different dates, that have no figure in common. Each must say all that the question names, in these or in similar
    words: 153 killed and 250 surrendered are no two answers to "how many surrendered".
    """
    if question.kind not in _COMPARED:
        return ()
    by_span = {(item.passage.article.id, item.evidence.start, item.evidence.end): item for item in candidates}
    found: list[tuple[frozenset[float], tuple[str, str], Position]] = []
    for citation in citations:
        item = by_span.get((citation.article_id, citation.start, citation.end))
        if item is None or item.objections or not item.covered.issuperset(_named(question)):
            continue
        figures = _figures(question, item)
        source = (citation.published or "", item.passage.article.source)
        if figures and all(figures.isdisjoint(known) and source != other for known, other, _ in found):
            found.append((figures, source, Position(_claim(citation), (citation.marker,))))
    if len(found) < 2:
        return ()
    found.sort(key=lambda entry: entry[1], reverse=True)
    return (Conflict(question.text, tuple(position for _, _, position in found)),)


def _named(question: QuestionAnalysis) -> set[str]:
    years = {str(year) for year in question.years}
    return {term for term in question.terms if term not in years}


def _figures(question: QuestionAnalysis, item: Candidate) -> frozenset[float]:
    years = frozenset(map(float, years_in(item.evidence.text)))
    return years if question.kind is Kind.DATE else frozenset(numbers(item.tokens)) - years - set(question.numbers)


def _claim(citation: Citation) -> str:
    source = citation.publisher or "publisher unknown"
    return f"{source}, {citation.published or 'date unknown'}: {' '.join(citation.quote.split())}"
