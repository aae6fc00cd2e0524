"""How often answers over encyclopaedia paragraphs report that sources differ, where hardly any do.

Run as ``python -m tests.benchmarks.false_conflicts [--stores FOLDER] [--show N]``: SQuAD 2.0's questions for choosing
(``qa/evaluation/sets/squad2.py``), all paragraphs in one store, each a source of its own. What is reported is nearly
always a false alarm, so less is better; that real conflicts are still found is what ``tests.benchmarks.ramdocs`` shows.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from qa.evaluation.figures import share
from qa.evaluation.sets.stores import dataset_application, open_dataset
from qa.models import Answer, Question, Status
from qa.progress import ProgressReport
from qa.settings import Settings
from tests.benchmarks.squad import SHARED
from vectorstore.pipeline import Progress


def figures(answers: Sequence[Answer]) -> str:
    """The share of the answers that report a conflict, with its interval."""
    given = [answer for answer in answers if answer.status is Status.ANSWERED]
    figure = share(sum(bool(answer.conflicts) for answer in given), len(given))
    if figure.value is None:
        return "no answers"
    return f"answers that report a conflict {figure.value:.3f}   {figure.low:.3f} to {figure.high:.3f}   n={figure.n}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="SQuAD 2.0: conflicts reported where hardly any are.")
    parser.add_argument("--stores", type=Path, help="keep the store here")
    parser.add_argument("--show", type=int, default=0, help="print the first so many of them")
    options = parser.parse_args(arguments)
    dataset = open_dataset(f"squad2:{SHARED / 'squad2'}")
    asked = [question for part in dataset.parts for question in part.questions if question.split == "dev"]
    with TemporaryDirectory() as folder:
        settings = Settings(home=options.stores or Path(folder), history=False)
        with dataset_application(dataset, settings) as application:
            with ProgressReport("reading documents") as progress:
                application.prepare(progress.update)
            chain, answers = application.chain("extractive"), []
            with ProgressReport("asking") as progress:
                for number, question in enumerate(asked, 1):
                    answers.append(chain.invoke(Question(question.question)))
                    progress.update(Progress(number, len(asked), question.id))
    print(f"SQuAD 2.0, for choosing: {len(asked)} questions\n{figures(answers)}")
    for answer in [each for each in answers if each.conflicts][: options.show]:
        print(
            answer.question, *(position.claim for each in answer.conflicts for position in each.positions), sep="\n  "
        )


if __name__ == "__main__":
    main()
