"""Asks every question, scores the answers, and writes records.jsonl, summary.json and manifest.json."""

import hashlib
import json
import platform
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TextIO

from qa import __version__
from qa.errors import ModelError, QuestionError, UsageError
from qa.evaluation.dataset import DatasetError, EvalQuestion, check_evidence
from qa.evaluation.scoring import Scored, Scorer
from qa.evaluation.summary import summarise
from qa.models import Answer, Question
from qa.settings import AnswererName, Settings
from vectorstore.models import Article, Chunk

SCHEMA = 1
RECORDS, SUMMARY, MANIFEST = "records.jsonl", "summary.json", "manifest.json"


class OutputError(UsageError):
    """The folder for the results cannot be written."""


class Chain(Protocol):
    """What answers a question; qa/chain.py's AnswerChain is one."""

    def invoke(self, question: Question, /) -> Answer: ...


class Target(Protocol):
    """The part of qa/app.py's Application that an evaluation uses."""

    @property
    def settings(self) -> Settings: ...
    def answerer(self, name: AnswererName | None = None, /) -> str: ...
    def chain(self, answerer: AnswererName | None = None, /) -> Chain: ...
    def articles(self) -> list[Article]: ...
    def chunks(self) -> list[Chunk]: ...


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` questions; ``label`` is the id of the last one, and says so when it errored."""

    done: int
    total: int
    label: str


@dataclass(frozen=True, slots=True)
class RunResult:
    """``summary`` is what summary.json holds (summary.py); ``out`` the folder with the three files."""

    out: Path
    summary: dict[str, Any]
    questions: int
    errored: int


def run_evaluation(
    application: Target,
    questions: Sequence[EvalQuestion],
    *,
    answerer: AnswererName | None = None,
    out: Path,
    on_progress: Callable[[Progress], None] | None = None,
    source: Path | None = None,
) -> RunResult:
    """Ask every question in order and score its answer against its gold.

    A failed call to the model, or a question that the chain refuses to read, is recorded as errored and
    takes part in no figure. Any other error ends the run; the records written until then stay. Results of an
    earlier run in ``out`` are replaced. ``source`` is the file that the questions came from, for the
    manifest.

    Raises DatasetError when there is no question or the gold is not about the articles in the store,
    OutputError when ``out`` cannot be written, and what the chain raises.
    """
    if not questions:
        raise DatasetError("there is no question to ask")
    articles = application.articles()
    check_evidence(questions, {article.id: article.text for article in articles})
    chunks = application.chunks()
    chain = application.chain(answerer)
    manifest = _manifest(application, answerer, questions, articles, chunks, source)
    scorer = Scorer(articles, chunks)
    scored: list[Scored] = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        # A run that is cut short must not leave the figures of an earlier one beside its own records.
        (out / SUMMARY).unlink(missing_ok=True)
        _write_json(out / MANIFEST, manifest)
        # A lone surrogate in a model's reply is written as its JSON escape.
        records = (out / RECORDS).open("w", encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as problem:
        raise OutputError(f"cannot write the results to {out}: {problem.strerror}") from None
    with records:
        for done, question in enumerate(questions, start=1):
            result = _ask(chain, question, scorer, records)
            scored.append(result)
            if on_progress is not None:
                label = question.id if result.scores is not None else f"{question.id} (error)"
                on_progress(Progress(done, len(questions), label))
    summary = summarise(scored)
    _write_json(out / SUMMARY, summary)
    errored = sum(each.scores is None for each in scored)
    return RunResult(out, summary, len(questions), errored)


def _ask(chain: Chain, question: EvalQuestion, scorer: Scorer, records: TextIO) -> Scored:
    row: dict[str, Any] = {"question_id": question.id, "record": None, "scores": None, "error": None}
    started = time.perf_counter()
    try:
        answer = chain.invoke(Question(question.question, question.as_of))
    except (ModelError, QuestionError) as problem:
        wall_ms = (time.perf_counter() - started) * 1000
        row["error"] = {"type": type(problem).__name__, "message": str(problem)}
        result = Scored(question, None, wall_ms)
    else:
        wall_ms = (time.perf_counter() - started) * 1000
        scores = scorer.score(question, answer)
        row["record"], row["scores"] = answer.to_record(), scores.to_record()
        result = Scored(question, scores, wall_ms)
    row["timings_ms"] = {"wall": round(wall_ms, 3)}
    records.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")
    records.flush()
    return result


def _manifest(
    application: Target,
    answerer: AnswererName | None,
    questions: Sequence[EvalQuestion],
    articles: Sequence[Article],
    chunks: Sequence[Chunk],
    source: Path | None,
) -> dict[str, Any]:
    """What the figures depend on. The endpoint's address and key are left out."""
    used = application.answerer(answerer)
    return {
        "schema": SCHEMA,
        "version": __version__,
        "python": platform.python_version(),
        "answerer": used,
        "model": application.settings.model if used == "llm" else None,
        "strict": application.settings.strict,
        "questions": {
            "file_sha256": hashlib.sha256(source.read_bytes()).hexdigest() if source else None,
            "asked": len(questions),
            "asked_sha256": _sha256(question.model_dump_json() for question in questions),
        },
        "articles": {article.id: article.sha256 for article in sorted(articles, key=lambda a: a.id)},
        "chunks": {
            "stored": len(chunks),
            "spans_sha256": _sha256(sorted(f"{c.article_id} {c.start} {c.end} {c.id}" for c in chunks)),
        },
    }


def _sha256(lines: Iterable[str]) -> str:
    return hashlib.sha256("".join(line + "\n" for line in lines).encode()).hexdigest()


def _write_json(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
