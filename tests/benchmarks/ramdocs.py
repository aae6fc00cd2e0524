"""Ask RAMDocs' questions, each over its own few documents: right answers of several namesakes, wrong ones, noise.

Run as ``python -m tests.benchmarks.ramdocs [--model] [--stores FOLDER]``. Every document becomes an article of its own
publisher in a store for that question alone. Questions with an even number are for choosing; the figures to report are
those of the odd ones. ``--model`` answers with the model of the environment instead of extractively; ``--stores`` keeps
the stores for the next run.

An answer counts as said where its words or its number stand in the text (``qa/evaluation/matching.py``). A wrong answer
that is said is shown as one side when a conflict has it in one position, and something else in another.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from qa.app import Application
from qa.evaluation.figures import Figure, share
from qa.evaluation.matching import AnswerText
from qa.models import Answer, Question
from qa.settings import AnswererName, Settings
from tests.benchmarks.squad import SHARED
from vectorstore.embedding import Embedder, MiniLMEmbedder


@dataclass(frozen=True, slots=True)
class Case:
    """``right`` and ``wrong`` are answers; one that is both counts as right. ``findable``: right ones in a document."""

    number: int
    question: str
    documents: tuple[str, ...]
    right: tuple[str, ...]
    wrong: tuple[str, ...]
    findable: tuple[str, ...]

    @property
    def for_choosing(self) -> bool:
        return self.number % 2 == 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer says of what it should and should not."""

    case: Case
    answer: Answer
    said: tuple[str, ...]
    wrong_said: tuple[str, ...]
    one_sided: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return len(self.said) == len(self.case.right)

    @property
    def findable_said(self) -> bool:
        return set(self.case.findable) <= set(self.said)

    @property
    def good(self) -> bool:
        """All right answers that stand in a document are there, and no wrong one stands as if it were undisputed."""
        return self.findable_said and not self.one_sided


def cases() -> list[Case]:
    """In the file's order. Raises FileNotFoundError where shared/data is absent."""
    lines = (SHARED / "ramdocs" / "dev.jsonl").read_text("utf-8").splitlines()
    return [_case(json.loads(line)) for line in lines]


def _case(record: dict[str, object]) -> Case:
    documents = tuple(str(item["text"]) for item in record["documents"])  # type: ignore[attr-defined]
    right = tuple(dict.fromkeys(record["gold_answers"]))  # type: ignore[call-overload]
    wrong = tuple(each for each in dict.fromkeys(record["wrong_answers"]) if each not in right)  # type: ignore[call-overload]
    texts = [AnswerText.of(text) for text in documents]
    findable = tuple(each for each in right if any(text.says(each) for text in texts))
    number = int(str(record["id"]).rpartition("-")[2])
    return Case(number, str(record["question"]), documents, right, wrong, findable)


@lru_cache(maxsize=1)
def _minilm() -> MiniLMEmbedder:
    return MiniLMEmbedder()


class _Application(Application):
    """Loads the embedder once for all stores."""

    @cached_property
    def _embedder(self) -> Embedder:
        return _minilm()


@contextmanager
def store_of(case: Case, folder: Path) -> Iterator[Application]:
    """The case's documents as articles; one that ``folder`` already holds is used again."""
    texts = folder / "texts"
    made = texts.is_dir()
    if not made:
        texts.mkdir(parents=True)
        manifest = []
        for number, text in enumerate(case.documents, 1):
            (texts / f"{number}.txt").write_text(text, "utf-8")
            manifest.append(
                f'[[article]]\nid = "document-{number}"\nfile = "{number}.txt"\ntitle = "Document {number}"\n'
                f'publisher = "Publisher {number}"\n'
            )
        (texts / "catalog.toml").write_text("\n".join(manifest), "utf-8")
    with _Application(Settings(home=folder / "store")) as application:
        if not made:
            application.ingest([texts])
        yield application


def judge(case: Case, answer: Answer) -> Outcome:
    """Which answers are said, and which wrong ones without another side."""
    text = AnswerText.of(answer.answer)
    said = tuple(each for each in case.right if text.says(each))
    wrong_said = tuple(each for each in case.wrong if text.says(each))
    one_sided = tuple(each for each in wrong_said if not _is_one_side(each, answer))
    return Outcome(case, answer, said, wrong_said, one_sided)


def _is_one_side(claim: str, answer: Answer) -> bool:
    return any(
        len({AnswerText.of(position.claim).says(claim) for position in conflict.positions}) == 2
        for conflict in answer.conflicts
    )


def real(outcome: Outcome) -> bool:
    """Whether two positions of the conflict give answers of the documents that differ."""
    known = (*outcome.case.right, *outcome.case.wrong)
    given = [
        frozenset(each for each in known if AnswerText.of(position.claim).says(each))
        for conflict in outcome.answer.conflicts
        for position in conflict.positions
    ]
    return len({each for each in given if each}) > 1


def run(chosen: Sequence[Case], answerer: AnswererName, stores: Path) -> Iterator[Outcome]:
    """The outcomes in order."""
    for number, case in enumerate(chosen, 1):
        print(f"\r{number} of {len(chosen)}", end="", file=sys.stderr, flush=True)
        with store_of(case, stores / str(case.number)) as application:
            yield judge(case, application.chain(answerer).invoke(Question(case.question)))
    print(file=sys.stderr)


def table(outcomes: Sequence[Outcome]) -> str:
    """The figures with their intervals."""
    rights = [(each, outcome) for outcome in outcomes for each in outcome.case.right]
    with_wrong = [outcome for outcome in outcomes if outcome.case.wrong]
    differing = [outcome for outcome in outcomes if len(outcome.case.right) + len(outcome.case.wrong) > 1]
    reported = [outcome for outcome in outcomes if outcome.answer.conflicts]
    figures: dict[str, Figure] = {
        "right answers that stand in a document": share(
            sum(each in outcome.case.findable for each, outcome in rights), len(rights)
        ),
        "right answers said": share(sum(each in outcome.said for each, outcome in rights), len(rights)),
        "all right answers said": share(sum(outcome.complete for outcome in outcomes), len(outcomes)),
        "all of those that stand in a document said": share(
            sum(outcome.findable_said for outcome in outcomes), len(outcomes)
        ),
        "wrong answer said as if undisputed": share(
            sum(bool(outcome.one_sided) for outcome in with_wrong), len(with_wrong)
        ),
        "wrong answer said, as one side": share(
            sum(bool(outcome.wrong_said) and not outcome.one_sided for outcome in with_wrong), len(with_wrong)
        ),
        "both: all findable said, no wrong one undisputed": share(
            sum(outcome.good for outcome in outcomes), len(outcomes)
        ),
        "questions with differing answers: conflict": share(
            sum(bool(outcome.answer.conflicts) for outcome in differing), len(differing)
        ),
        "conflicts reported whose positions do differ": share(sum(map(real, reported)), len(reported)),
        "abstained": share(sum(outcome.answer.reason is not None for outcome in outcomes), len(outcomes)),
        "sentences without a citation": share(
            sum(not sentence.citations for outcome in outcomes for sentence in outcome.answer.sentences),
            sum(len(outcome.answer.sentences) for outcome in outcomes),
        ),
    }
    lines = [
        f"{name:50} {figure.value:6.3f}   {figure.low:.3f} to {figure.high:.3f}   n={figure.n}"
        for name, figure in figures.items()
        if figure.value is not None
    ]
    length = sum(len(outcome.answer.sentences) for outcome in outcomes) / max(1, len(outcomes))
    return "\n".join([*lines, f"{'sentences an answer':50} {length:6.2f}"])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="RAMDocs: right answers of namesakes, wrong ones, and noise.")
    parser.add_argument("--model", action="store_true", help="answer with the model of the environment")
    parser.add_argument("--stores", type=Path, help="keep the stores here")
    parser.add_argument("--part", choices=("choosing", "reporting"), default="reporting")
    parser.add_argument("--out", type=Path, help="also write the records, one a line; of the part for choosing only")
    options = parser.parse_args(arguments)
    chosen = [case for case in cases() if case.for_choosing == (options.part == "choosing")]
    with TemporaryDirectory() as folder:
        outcomes = list(run(chosen, "llm" if options.model else "extractive", options.stores or Path(folder)))
    print(f"RAMDocs, {options.part}: {len(outcomes)} questions\n{table(outcomes)}")
    if options.out is not None and options.part == "choosing":
        records = (
            {
                "number": outcome.case.number,
                "right": outcome.case.right,
                "findable": outcome.case.findable,
                "wrong": outcome.case.wrong,
                "one_sided": outcome.one_sided,
                "said": outcome.said,
                "record": outcome.answer.to_record(),
            }
            for outcome in outcomes
        )
        options.out.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")


if __name__ == "__main__":
    main()
