"""Two runs over the same questions: which figures differ by more than chance, and which answers changed."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from qa.evaluation.dataset import EvalQuestion
from qa.evaluation.folder import StoredRun
from qa.evaluation.manifest import changes, incomparable
from qa.evaluation.metrics import METRICS, SMALLER_IS_BETTER
from qa.evaluation.paired import ALPHA, Difference, Pair, difference, holm
from qa.evaluation.rows import InvalidRunError, Row

# What a decision rests on, so that these are corrected for being several; the others are there to explain.
GATED = (
    "truthfulness",
    "vital_nuggets_found",
    "citation_validity",
    "citation_precision",
    "abstention_recall",
    "over_refusal",
    "forbidden_claims_made",
)
# One question has none of these; precision is over whatever was refused, which is not the same questions twice.
_OF_A_SET = frozenset({"abstention_precision", "abstention_f1", "variant_difference", "variants_agree"})

LEGEND = (
    "Values are means over questions. detectable: the smallest difference found with 80% power at this n, "
    "uncorrected.\nHolm: p corrected over the gated figures, the only ones that a verdict is given on."
)

Verdict = Literal["better", "worse", "no difference found", "not decided on"]
Split = Literal["dev", "test", "all"]


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure. ``corrected`` is p by Holm over the gated figures; None for the others, which have no verdict."""

    figure: str
    smaller_is_better: bool
    found: Difference
    corrected: float | None = None

    @property
    def wins(self) -> int:
        """Questions on which B did better."""
        return self.found.a_more if self.smaller_is_better else self.found.b_more

    @property
    def losses(self) -> int:
        return self.found.b_more if self.smaller_is_better else self.found.a_more

    @property
    def verdict(self) -> Verdict:
        """Of B against A."""
        if self.corrected is None:
            return "not decided on"
        if self.corrected >= ALPHA:
            return "no difference found"
        return "better" if (self.found.difference > 0) != self.smaller_is_better else "worse"

    def to_record(self) -> dict[str, Any]:
        """Plain JSON types."""
        counted = {"wins": self.wins, "losses": self.losses, "verdict": self.verdict, "p_holm": self.corrected}
        return {"figure": self.figure, **asdict(self.found), **counted}


@dataclass(frozen=True, slots=True)
class Changed:
    """A question whose answers differ. ``a`` and ``b``: the text, or the error; ``right_*`` None for an error."""

    question: EvalQuestion
    a: str
    b: str
    right_a: bool | None
    right_b: bool | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """``changed_setup``: what differs between the manifests. ``unpaired``: questions that errored in either run."""

    a: StoredRun
    b: StoredRun
    split: Split
    changed_setup: tuple[str, ...]
    questions: int
    unpaired: int
    figures: tuple[Compared, ...]
    changed: tuple[Changed, ...]

    def to_record(self) -> dict[str, Any]:
        """Plain JSON types, without the texts of the answers."""
        return {
            "a": str(self.a.path),
            "b": str(self.b.path),
            "split": self.split,
            "changed_setup": list(self.changed_setup),
            "questions": self.questions,
            "unpaired": self.unpaired,
            "figures": [each.to_record() for each in self.figures],
            "changed": [each.question.id for each in self.changed],
        }


def compare_runs(
    a: StoredRun, b: StoredRun, *, split: Split = "all", gated: Collection[str] = GATED, seed: int = 0
) -> Comparison:
    """B against A. Raises InvalidRunError when one did not finish, or they are not about the same thing."""
    for run in (a, b):
        run.finished()
    if changed := incomparable(a.manifest, b.manifest):
        raise InvalidRunError(f"{a.path} and {b.path} cannot be compared: {'; '.join(changed)}")
    questions = [question for question in a.questions if split in ("all", question.split)]
    by_id = {question.id: question for question in questions}
    rows_a, rows_b = _by_question(a.rows), _by_question(b.rows)
    both = [each.id for each in questions if _scored(rows_a[each.id]) and _scored(rows_b[each.id])]
    figures = []
    for name in METRICS:
        if name in _OF_A_SET:
            continue
        pairs = [
            Pair(each, by_id[each].cluster_id, value_a, value_b)
            for each in both
            if (value_a := _value(name, by_id[each], rows_a[each])) is not None
            and (value_b := _value(name, by_id[each], rows_b[each])) is not None
        ]
        if pairs:
            smaller = name in SMALLER_IS_BETTER
            figures.append(Compared(name, smaller, difference(pairs, seed)))
    corrected = holm({each.figure: each.found.p for each in figures if each.figure in gated})
    return Comparison(
        a,
        b,
        split,
        tuple(changes(a.manifest, b.manifest)),
        len(questions),
        len(questions) - len(both),
        tuple(
            Compared(each.figure, each.smaller_is_better, each.found, corrected.get(each.figure)) for each in figures
        ),
        tuple(sorted(_changed(questions, rows_a, rows_b), key=_importance)),
    )


def _by_question(rows: Sequence[Row]) -> Mapping[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.question_id, []).append(row)
    return found


def _scored(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.scores is not None]


def _value(name: str, question: EvalQuestion, rows: Sequence[Row]) -> float | None:
    """The figure of this one question: its mean over the times that it was asked; None where it has none."""
    found = [METRICS[name]([row.scored(question)]).value for row in _scored(rows)]
    values = [value for value in found if value is not None]
    return math.fsum(values) / len(values) if values else None


def _changed(
    questions: Sequence[EvalQuestion], rows_a: Mapping[str, list[Row]], rows_b: Mapping[str, list[Row]]
) -> Iterator[Changed]:
    for question in questions:
        a, b = rows_a[question.id][0], rows_b[question.id][0]
        if (said_a := _said(a)) != (said_b := _said(b)):
            yield Changed(question, said_a, said_b, _right(a), _right(b))


def _said(row: Row) -> str:
    if row.answer is None:
        error = row.error or {}
        return f"{error.get('type')}: {error.get('message')}"
    return row.answer.answer if row.answer.reason is None else f"({row.answer.reason}) {row.answer.answer}"


def _right(row: Row) -> bool | None:
    return None if row.scores is None else row.scores.right


def _importance(changed: Changed) -> int:
    """What B lost first, then what it won, then the rest."""
    return 0 if changed.right_a and not changed.right_b else 1 if changed.right_b and not changed.right_a else 2
