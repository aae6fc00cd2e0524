"""Ask RAMDocs' questions, each over its own few documents: right answers of several namesakes, wrong ones, noise.

Run as ``python -m tests.benchmarks.ramdocs [--model] [--limit N] [--stores FOLDER]``. The questions, and the store of
each, are those of ``eval run --dataset ramdocs:DIR``. Questions with an even number are for choosing; the figures to
report are those of the odd ones. ``--model`` answers with the model of the environment instead of extractively;
``--stores`` keeps the stores for the next run.

An answer counts as said where its words or its number stand in the text (``qa/evaluation/matching.py``). A wrong answer
that is said is shown as one side when a conflict has it in one position, and something else in another.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from qa.evaluation.figures import Figure, share
from qa.evaluation.matching import AnswerText
from qa.evaluation.sets.reading import Part, QuestionSet
from qa.evaluation.sets.stores import dataset_application, open_dataset
from qa.models import Answer, Question
from qa.progress import ProgressReport
from qa.settings import AnswererName, Settings
from tests.benchmarks.squad import SHARED
from vectorstore.pipeline import Progress


@dataclass(frozen=True, slots=True)
class Case:
    """``right`` and ``wrong`` are answers; one that is both counts as right. ``findable``: right ones in a document."""

    id: str
    question: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]
    findable: tuple[str, ...]


def case_of(part: Part) -> Case:
    (question,) = part.questions
    right = tuple(nugget.text for nugget in question.nuggets)
    texts = [AnswerText.of(document.text) for document in part.documents]
    findable = tuple(each for each in right if any(text.says(each) for text in texts))
    return Case(question.id, question.question, right, question.forbidden_claims, findable)


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


def run(chosen: QuestionSet, answerer: AnswererName, stores: Path) -> Iterator[Outcome]:
    """The outcomes in order."""
    with dataset_application(chosen, Settings(home=stores)) as application:
        with ProgressReport("reading documents") as progress:
            application.prepare(progress.update)
        chain = application.chain(answerer)
        with ProgressReport("asking") as progress:
            for number, case in enumerate(map(case_of, chosen.parts), 1):
                yield judge(case, chain.invoke(Question(case.question)))
                progress.update(Progress(number, len(chosen.parts), case.id))


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
    parser.add_argument("--limit", type=int, help="ask only the first so many")
    parser.add_argument("--part", choices=("choosing", "reporting"), default="reporting")
    parser.add_argument("--out", type=Path, help="also write the records, one a line; of the part for choosing only")
    options = parser.parse_args(arguments)
    dataset = open_dataset(f"ramdocs:{SHARED / 'ramdocs'}")
    split = "dev" if options.part == "choosing" else "test"
    parts = [part for part in dataset.parts if part.questions[0].split == split][: options.limit]
    with TemporaryDirectory() as folder:
        stores = options.stores or Path(folder)
        answerer: AnswererName = "llm" if options.model else "extractive"
        outcomes = list(run(replace(dataset, parts=tuple(parts)), answerer, stores))
    print(f"RAMDocs, {options.part}: {len(outcomes)} questions\n{table(outcomes)}")
    if options.out is not None and options.part == "choosing":
        records = (
            {
                "id": outcome.case.id,
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
