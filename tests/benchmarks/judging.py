"""How well a small model tells of single sentences whether they answer, and the numbers that weigh its word.

Run as ``python -m tests.benchmarks.judging --model local:PATH.gguf [--limit N]``; all of it takes about an hour on a
core. Fitted on the dev split and the first two writers' questions of asked.jsonl; the third's are only reported on.
"""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from scipy.optimize import minimize

from prompts import load_prompt
from qa.app import Application
from qa.calibration import SELECTION
from qa.candidate import Candidate
from qa.chat import ChatModel
from qa.evaluation.dataset import EvalQuestion, default_questions, load_questions
from qa.extractive import confidence, select, worth
from qa.judging import judged, judging_prompts
from qa.models import Reason
from qa.refusals import Coverage
from qa.settings import Settings
from tests.benchmarks.asked import LOOKED_AT, NOT_LOOKED_AT, Asked, on_gold, questions

_MARK = "9f3a61c20b7de584"


@dataclass(frozen=True, slots=True)
class Case:
    """A question that is put before the model.

    ``found``, ``found_judged``: the best sentence without and with the model's word answers the question.
    """

    fitted: bool
    answerable: bool
    confidence: float
    judged: float
    found: bool
    found_judged: bool


def case_of(application: Application, chat: ChatModel, question: EvalQuestion | Asked, fitted: bool) -> Case | None:
    chain = application.chain("extractive")
    analysis, candidates = chain.evidence_for(question.question)
    selection = select(analysis, candidates, Coverage(), chain.scorer.contradicts)
    if not candidates or selection.reason in (Reason.OUT_OF_SCOPE, Reason.FALSE_PREMISE):
        return None
    prompts = judging_prompts(load_prompt("relevance"), question.question, candidates, _MARK)
    weighed = sorted(judged(candidates, chat.weigh(prompts).first), key=worth, reverse=True)
    best = weighed[0]
    return Case(
        fitted,
        question.answerable,
        confidence([replace(each, judged=None) for each in weighed]),
        best.judged or 0.0,
        _answers(max(candidates, key=worth), question),
        _answers(best, question),
    )


def _answers(candidate: Candidate, question: EvalQuestion | Asked) -> bool:
    part, article = candidate.evidence, candidate.passage.article.id
    if isinstance(question, Asked):
        return on_gold(part.text, question)
    return any(
        article == gold.article_id and gold.start < part.end and part.start < gold.end for gold in question.evidence
    )


def fit(cases: Sequence[Case]) -> tuple[float, float, float]:
    """Bias and weights of the logistic regression behind ``JUDGED_ANSWERS``."""
    given = np.array([[1.0, case.confidence, case.judged] for case in cases])
    sides = np.array([1.0 if case.answerable else -1.0 for case in cases])
    found = minimize(lambda weights: np.logaddexp(0, -sides * (given @ weights)).sum(), np.ones(3))
    bias, sure, said = map(float, found.x)
    return bias, sure, said


def report(name: str, cases: Iterable[Case]) -> None:
    rule = SELECTION.judged_answers
    some = list(cases)
    answerable = [case for case in some if case.answerable]
    others = [case for case in some if not case.answerable]
    after = [rule.logit({"confidence": case.confidence, "judged": case.judged}) for case in others]
    print(
        f"{name}: the best sentence answers {np.mean([case.found for case in answerable]):.3f}, judged "
        f"{np.mean([case.found_judged for case in answerable]):.3f} (n={len(answerable)}); "
        f"refused of the others {np.mean([value < 0 for value in after]):.3f} (n={len(others)})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="What a small model's word on single sentences is worth.")
    parser.add_argument("--model", required=True, help="local: and the path of a GGUF file")
    parser.add_argument("--limit", type=int, help="only so many of each set")
    options = parser.parse_args()
    asked = questions()
    dev = [each for each in load_questions(default_questions()) if each.split == "dev"]
    sets: list[tuple[Sequence[EvalQuestion | Asked], bool]] = [
        (dev, True),
        (asked[:LOOKED_AT], True),
        (asked[NOT_LOOKED_AT], False),
    ]
    with TemporaryDirectory() as home, Application(Settings(home=Path(home), model=options.model)) as application:
        application.prepare()
        chat = application.model()
        cases = [
            case
            for some, fitted in sets
            for question in some[: options.limit]
            if (case := case_of(application, chat, question, fitted)) is not None
        ]
    print("bias, confidence, judged:", *(f"{value:.2f}" for value in fit([case for case in cases if case.fitted])))
    report("fitted on", (case for case in cases if case.fitted))
    report("not looked at", (case for case in cases if not case.fitted))


if __name__ == "__main__":
    main()
