"""The question set: JSONL, one question with its gold a line."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError, field_validator, model_validator

from qa.errors import UsageError
from qa.evaluation import patterns
from qa.evaluation.matching import FORBIDDEN_PATTERN
from qa.evaluation.tokens import tokenise
from vectorstore.dates import PartialDate

Category = Literal[
    "single_fact",
    "list",
    "multi_article",
    "temporal",
    "conflict",
    "false_premise",
    "unanswerable",
    "boilerplate",
    "alias_typo",
    "injection",
    "out_of_scope",
]
Split = Literal["dev", "test"]
Benchmark = Literal["squad2", "ramdocs", "beir"]


class DatasetError(UsageError):
    """A question file that is missing, not valid, or not about the articles in the store."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, str_min_length=1, allow_inf_nan=False)


class GoldEvidence(_Model):
    """A span that supports the answer: ``text[start:end] == quote``, in code points of the article's text."""

    id: str
    article_id: str
    start: int = Field(ge=0)
    end: int
    quote: str

    @model_validator(mode="after")
    def _as_long_as_its_quote(self) -> Self:
        if self.end - self.start != len(self.quote):
            raise ValueError(
                f"evidence {self.id}: start {self.start} and end {self.end} do not span the "
                f"{len(self.quote)} characters of its quote"
            )
        return self


class Nugget(_Model):
    """One fact of a right answer; it is found when an alias or the pattern matches (matching.py)."""

    id: str
    text: str
    importance: Literal["vital", "okay"]
    pattern: str | None = None
    aliases: tuple[str, ...] = ()
    evidence_ids: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _can_be_matched(self) -> Self:
        if not self.aliases and self.pattern is None:
            raise ValueError(f"nugget {self.id} has neither an alias nor a pattern")
        for alias in self.aliases:
            if not tokenise(alias):
                raise ValueError(f"nugget {self.id}: alias {alias!r} has no word or number")
        if self.pattern is not None:
            patterns.check(self.pattern)
        return self


class ConflictPosition(_Model):
    text: str
    evidence_ids: tuple[str, ...] = Field(min_length=1)


class EvalQuestion(_Model):
    """A question and what is known of its right answer.

    ``benchmark`` is the set of other people that it comes from; ``grades`` are its relevant articles, by id, above 0,
    where that set says which articles answer it and not how.
    """

    id: str
    question: str
    category: Category
    answerable: bool
    split: Split
    cluster_id: str
    nuggets: tuple[Nugget, ...] = ()
    evidence: tuple[GoldEvidence, ...] = ()
    forbidden_claims: tuple[str, ...] = ()
    conflict_positions: tuple[ConflictPosition, ...] = ()
    as_of: str | None = None
    difficulty: Literal["easy", "medium", "hard"]
    absence_search: tuple[str, ...] = ()
    benchmark: Benchmark | None = None
    grades: dict[str, PositiveInt] = Field(default_factory=dict)

    @field_validator("as_of")
    @classmethod
    def _as_of_is_a_date(cls, value: str | None) -> str | None:
        return None if value is None else PartialDate(value).iso

    @field_validator("forbidden_claims")
    @classmethod
    def _claims_can_be_matched(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for claim in value:
            if claim.startswith(FORBIDDEN_PATTERN):
                patterns.check(claim.removeprefix(FORBIDDEN_PATTERN))
            elif not tokenise(claim):
                raise ValueError(f"forbidden claim {claim!r} has no word or number")
        return value

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        for what, ids in (
            ("nugget", [nugget.id for nugget in self.nuggets]),
            ("evidence", [evidence.id for evidence in self.evidence]),
        ):
            if twice := sorted({each for each in ids if ids.count(each) > 1}):
                raise ValueError(f"{what} id {twice[0]} stands twice")
        known = {evidence.id for evidence in self.evidence}
        named = {each for nugget in self.nuggets for each in nugget.evidence_ids}
        named.update(each for position in self.conflict_positions for each in position.evidence_ids)
        if unknown := sorted(named - known):
            raise ValueError(f"evidence {unknown[0]} is named but not given")
        if self.answerable and not (self.grades or any(nugget.importance == "vital" for nugget in self.nuggets)):
            raise ValueError("it is answerable but has no vital nugget")
        return self

    def spans(self, evidence_ids: Sequence[str]) -> list[GoldEvidence]:
        """The evidence of these ids, in file order."""
        return [evidence for evidence in self.evidence if evidence.id in evidence_ids]


def default_questions() -> Path:
    """The question set that ships with the program."""
    return Path(str(files("seeds").joinpath("questions.jsonl")))


def read_lines(path: Path) -> list[tuple[int, str]]:
    """The lines of a JSONL file that are not blank, each with its number from 1. Raises DatasetError."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as problem:
        raise DatasetError(f"cannot read the questions in {path}: {problem.strerror}") from None
    except UnicodeDecodeError as problem:
        bad = problem.object.count(b"\n", 0, problem.start) + 1
        raise DatasetError(f"{path}, line {bad}: not UTF-8 text") from None
    # Not splitlines(): U+2028 and U+0085 may stand unescaped inside a JSON string.
    return [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]


def load_questions(path: Path) -> list[EvalQuestion]:
    """Every question of a JSONL file; blank lines are skipped.

    Raises DatasetError, naming file and line, for a line that is not valid, an id that stands twice, or a
    cluster that is in two splits.
    """
    questions: list[EvalQuestion] = []
    first_line: dict[str, int] = {}
    clusters: dict[str, tuple[Split, int]] = {}
    for number, line in read_lines(path):
        where = f"{path}, line {number}"
        question = parse_question(line, where)
        if question.id in first_line:
            raise DatasetError(f"{where}: id {question.id} stands already in line {first_line[question.id]}")
        first_line[question.id] = number
        split, other = clusters.setdefault(question.cluster_id, (question.split, number))
        if split != question.split:
            raise DatasetError(
                f"{where}: cluster {question.cluster_id} is in {question.split} here, but in {split} in line {other}"
            )
        questions.append(question)
    if not questions:
        raise DatasetError(f"{path} holds no questions")
    return questions


def parse_question(line: str, where: str) -> EvalQuestion:
    """One line of a question file. Raises DatasetError that begins with ``where``."""
    try:
        return EvalQuestion.model_validate_json(line)
    except ValidationError as problem:
        first = problem.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise DatasetError(f"{where}: {field}: {message}" if field else f"{where}: {message}") from None


def check_evidence(questions: Sequence[EvalQuestion], texts: Mapping[str, str]) -> None:
    """Raise DatasetError unless every gold span says in ``texts`` (article id to text) what it quotes."""
    for question in questions:
        for evidence in question.evidence:
            where = f"question {question.id}, evidence {evidence.id}"
            text = texts.get(evidence.article_id)
            if text is None:
                raise DatasetError(f"{where}: article {evidence.article_id} is not in the store; ingest it first")
            if text[evidence.start : evidence.end] != evidence.quote:
                raise DatasetError(
                    f"{where}: article {evidence.article_id} does not read {evidence.quote[:60]!r} at "
                    f"{evidence.start}; the questions were written for another version of it"
                )
