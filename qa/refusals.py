"""What is said where there is no answer: one plain sentence a reason."""

from dataclasses import dataclass

from qa.models import Question, Reason


@dataclass(frozen=True, slots=True)
class Coverage:
    """The times that the articles cover: the ``years`` that they name, and the years they were published in."""

    years: frozenset[int] = frozenset()
    published: frozenset[int] = frozenset()

    def lacks(self, asked: tuple[int, ...]) -> bool:
        """Whether a question names years, and the articles none of them."""
        return bool(asked) and not set(asked) & (self.years | self.published)


def refusal_text(reason: Reason, question: Question, coverage: Coverage) -> str:
    """One sentence that says what the matter is."""
    until = f" published by {question.as_of}" if question.as_of else ""
    match reason:
        case Reason.NO_MATCH:
            return f"The articles{until} say nothing about this."
        case Reason.INSUFFICIENT:
            return f"The articles{until} touch on this but do not answer the question."
        case Reason.OUT_OF_RANGE:
            years = sorted(coverage.published)
            span = f"; they were published from {years[0]} to {years[-1]}" if years else ""
            return f"The question is about a time that the articles{until} do not cover{span}."
        case Reason.OUT_OF_SCOPE:
            return "This program only answers questions about what its articles report."
        case Reason.FALSE_PREMISE:
            return "The articles contradict what the question takes for granted; they say:"
