"""Choose qa/calibration.py's SELECTION on the dev split of seeds/questions.jsonl. `make calibrate` runs it.

Prints the best rules of a grid: those that refuse at most 7% of the questions that the articles answer, by the sum of
the share of vital nuggets found and the F1 of abstaining, then by the precision of the citations. The test split is
not read.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from qa.app import Application
from qa.calibration import SELECTION, SelectionRule
from qa.evaluation.dataset import EvalQuestion, default_questions, load_questions
from qa.evaluation.matching import AnswerText, first_match
from qa.evidence import Candidate, EvidenceScorer
from qa.extractive import select
from qa.question import QuestionAnalysis
from qa.refusals import Coverage
from qa.settings import Settings

MOST_REFUSED = 0.07

Asked = tuple[EvalQuestion, QuestionAnalysis, Sequence[Candidate]]


def figures(asked: Sequence[Asked], rule: SelectionRule, scorer: EvidenceScorer) -> dict[str, float]:
    """Vital nuggets found, citations on gold evidence, over-refusal and the F1 of abstaining under a rule."""
    found = nuggets = on_gold = cited = refused = answerable = rightly = 0
    for question, analysis, candidates in asked:
        chosen = select(analysis, candidates, Coverage(), scorer.contradicts, rule)
        abstained = chosen.reason is not None or not chosen.sentences
        if not question.answerable:
            rightly += abstained
            continue
        answerable += 1
        refused += abstained
        sentences = () if abstained else chosen.sentences
        text = AnswerText.of(" ".join(item.evidence.text for item in sentences))
        vital = [nugget for nugget in question.nuggets if nugget.importance == "vital"]
        nuggets += len(vital)
        found += sum(first_match(text, nugget.aliases, nugget.pattern) is not None for nugget in vital)
        cited += len(sentences)
        on_gold += sum(_on_gold(item, question) for item in sentences)
    unanswerable = len(asked) - answerable
    return {
        "vital": found / nuggets,
        "precision": on_gold / max(1, cited),
        "over_refusal": refused / answerable,
        "abstention_f1": 2 * rightly / (rightly + refused + unanswerable),
    }


def _on_gold(item: Candidate, question: EvalQuestion) -> bool:
    return any(
        item.passage.article.id == part.article_id and item.evidence.start < part.end and part.start < item.evidence.end
        for part in question.evidence
    )


def main() -> None:
    questions = [question for question in load_questions(default_questions()) if question.split == "dev"]
    with TemporaryDirectory() as home, Application(Settings(home=Path(home))) as application:
        application.prepare()
        chain = application.chain("extractive")
        asked = [(question, *chain.evidence_for(question.question, question.as_of)) for question in questions]
        tried = []
        for start, margin, source in product(
            (-0.4, -0.2, 0.0, 0.2), (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0), (0.0, 1.0, 2.0)
        ):
            rule = replace(SELECTION, answerable_from=start, margin=margin, other_source=source)
            tried.append((figures(asked, rule, chain.scorer), rule))
        print("in use", figures(asked, SELECTION, chain.scorer))
        allowed = [pair for pair in tried if pair[0]["over_refusal"] <= MOST_REFUSED]
        allowed.sort(key=lambda pair: (pair[0]["vital"] + pair[0]["abstention_f1"], pair[0]["precision"]), reverse=True)
        for result, rule in allowed[:10]:
            print({key: round(value, 3) for key, value in result.items()}, rule)


if __name__ == "__main__":
    main()
