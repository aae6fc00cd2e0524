"""Fit qa/calibration.py's RELEVANCE, SELECTION and ANSWERS, and say how well they do on what they did not see.

`make calibrate` runs it. What is fitted is in ``relevance``; the thresholds of SELECTION are the best of a grid: of
those that refuse at most 5% of the questions that the articles answer, by the share of vital nuggets found, the F1 of
abstaining, and half the precision of the citations together. They are chosen on sentences that the fit did not see,
since on its own it finds the answer far too easily to want a second sentence.

The figures by cluster are what changes are judged by: the dev split in six parts, clusters whole, all numbers fitted
and chosen without the part that they are held against. SQuAD 2.0's are by article. The test split is not read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from zlib import crc32

from qa.calibration import ANSWERS, RELEVANCE, SELECTION, Logistic, SelectionRule
from qa.evaluation.dataset import default_questions, load_questions
from qa.evaluation.matching import AnswerText, first_match
from qa.extractive import select
from qa.refusals import Coverage
from tests.benchmarks.relevance import (
    COSTS,
    Asked,
    DevAsked,
    Model,
    Weights,
    dev_asked,
    fit,
    fit_relevance,
    on_gold,
    score,
    squad_sample,
    stranger_sample,
)

MOST_REFUSED = 0.05
FOLDS = 6
GRID = [
    {"answerable_from": start, "margin": margin}
    for start, margin in product((-0.4, -0.2, 0.0, 0.1, 0.2, 0.4), (1.0, 1.5, 2.0, 2.5, 3.0))
]


@dataclass(frozen=True, slots=True)
class Held:
    """A question as a model reads it that was fitted without it."""

    asked: DevAsked
    model: Model


def figures(judged: Sequence[tuple[DevAsked, SelectionRule]]) -> dict[str, float]:
    """Vital nuggets found, citations on gold evidence, over-refusal and abstaining, each question under its rule.

    Without what the positions of a conflict add.
    """
    found = nuggets = gold = cited = refused = answerable = rightly = 0
    for asked, rule in judged:
        chosen = select(asked.analysis, asked.candidates, Coverage(), asked.contradicts, rule)
        abstained = chosen.reason is not None
        if not asked.answerable:
            rightly += abstained
            continue
        answerable += 1
        refused += abstained
        sentences = () if abstained else chosen.sentences
        text = AnswerText.of(" ".join(item.evidence.text for item in sentences))
        vital = [nugget for nugget in asked.question.nuggets if nugget.importance == "vital"]
        nuggets += len(vital)
        found += sum(first_match(text, nugget.aliases, nugget.pattern) is not None for nugget in vital)
        cited += len(sentences)
        gold += sum(on_gold(item, asked.question) for item in sentences)
    unanswerable = len(judged) - answerable
    return {
        "vital": found / nuggets,
        "precision": gold / max(1, cited),
        "over_refusal": refused / answerable,
        "abstention_recall": rightly / unanswerable,
        "abstention_f1": 2 * rightly / (rightly + refused + unanswerable),
    }


def choose(held: Sequence[Held]) -> Mapping[str, float]:
    """The best point of the grid; the least refusing one where all refuse too much."""

    def worth(chosen: Mapping[str, float]) -> tuple[float, float]:
        result = figures([(each.asked, each.model.rule(**chosen)) for each in held])
        too_much = max(0.0, result["over_refusal"] - MOST_REFUSED)
        return -too_much, result["vital"] + result["abstention_f1"] + result["precision"] / 2

    return max(GRID, key=worth)


def by_cluster(squad: Sequence[Asked], strangers: Sequence[Asked], dev: Sequence[DevAsked]) -> Mapping[str, float]:
    """Print the figures by cluster; the thresholds to use."""
    folds = [crc32(each.group.encode()) % FOLDS for each in dev]

    @cache
    def without(*left_out: int) -> Model:
        return fit(squad, strangers, [each for each, fold in zip(dev, folds, strict=True) if fold not in left_out])

    def held(part: int | None = None) -> list[Held]:
        """The rest of the questions, each under a model that saw neither it nor ``part``."""
        models = [without(*sorted({fold, part} - {None})) for fold in folds]  # type: ignore[type-var]
        rest = zip(dev, models, folds, strict=True)
        return [Held(each.under(model.relevance), model) for each, model, fold in rest if fold != part]

    judged = []
    for part in range(FOLDS):
        chosen, model = choose(held(part)), without(part)
        mine = [each for each, fold in zip(dev, folds, strict=True) if fold == part]
        judged += [(each.under(model.relevance), model.rule(**chosen)) for each in mine]
    _ranked("dev, by cluster", [(each.asked, each.model.relevance) for each in held()])
    _printed("dev, by cluster, thresholds chosen anew", figures(judged), len(dev))
    chosen = choose(held())
    fixed = figures([(each.asked, each.model.rule(**chosen)) for each in held()])
    _printed("dev, by cluster, thresholds as printed below", fixed, len(dev))
    return chosen


def _ranked(name: str, asked: Sequence[tuple[Asked, Weights]]) -> None:
    ranked = [
        [held for _, held in sorted(zip(each.rows, each.held, strict=True), key=lambda row: -score(row[0], weights))]
        for each, weights in asked
        if each.answerable
    ]
    first, three = (sum(any(held[:count]) for held in ranked) / len(ranked) for count in (1, 3))
    print(f"{name}: answer in the first sentence {first:.3f}, in the first three {three:.3f}, n={len(ranked)}")


def _printed(name: str, result: Mapping[str, float], n: int) -> None:
    print(f"{name}: {', '.join(f'{key} {value:.3f}' for key, value in result.items())}, n={n}")


def _rounded(weights: Weights) -> dict[str, float]:
    return {name: round(weight, 2) for name, weight in weights.items()}


def main() -> None:
    squad, strangers = squad_sample(), stranger_sample()
    dev = dev_asked(question for question in load_questions(default_questions()) if question.split == "dev")
    titles = sorted({each.group for each in squad})
    half = fit_relevance([each for each in squad if each.group in titles[::2]], dev)
    _ranked("SQuAD 2.0, held-back articles", [(each, half) for each in squad if each.group in titles[1::2]])
    chosen = by_cluster(squad, strangers, dev)
    model = fit(squad, strangers, dev)
    _printed(
        "dev, fitted to it", figures([(each.under(model.relevance), model.rule(**chosen)) for each in dev]), len(dev)
    )
    in_use = Model({**RELEVANCE.weights, **{name: -cost for name, cost in SELECTION.costs.items()}}, ANSWERS)
    _printed("dev, in use", figures([(each.under(in_use.relevance), SELECTION) for each in dev]), len(dev))
    print("RELEVANCE =", Logistic(0.0, _rounded({name: model.relevance[name] for name in RELEVANCE.weights})))
    print("costs =", _rounded({name: -model.relevance[name] for name in COSTS}), "and", chosen)
    print("ANSWERS =", Logistic(round(model.answers.bias, 2), _rounded(model.answers.weights)))


if __name__ == "__main__":
    main()
