"""All figures of a run, by split and by category, as the JSON of summary.json."""

from collections.abc import Sequence
from typing import Any, get_args

from qa.evaluation.dataset import Category
from qa.evaluation.figures import percentile
from qa.evaluation.metrics import METRICS
from qa.evaluation.scoring import Scored

# Counts up with every change of a figure, so that no two of one name mean different things.
SCHEMA = 2
SPLITS = ("dev", "test", "all")


def summarise(scored: Sequence[Scored]) -> dict[str, Any]:
    """Figures of each split that was asked, and inside it of each category.

    ``{"schema", "splits": {split: block}, "categories": {split: {category: block}}, "latency": {split:
    times}, "usage": {split: {name: {"total", "mean", "n"}}}}`` with ``block = {"questions", "scored", "passed",
    "failed", "errored", "unscored", "figures": {name: {"value", "low", "high", "interval", "n"}}}`` and ``times =
    {"p50_ms", "p95_ms", "n"}``. Passed are the questions answered or refused rightly and in full, failed the other
    scored ones. Only "latency" differs between two runs that gave the same answers.
    """
    parts = {split: [each for each in scored if split in ("all", each.question.split)] for split in SPLITS}
    parts = {split: part for split, part in parts.items() if part}
    return {
        "schema": SCHEMA,
        "splits": {split: _block(part) for split, part in parts.items()},
        "categories": {split: _by_category(part) for split, part in parts.items()},
        "latency": {split: _latency(part) for split, part in parts.items()},
        "usage": {split: _usage(part) for split, part in parts.items()},
    }


def _block(scored: Sequence[Scored]) -> dict[str, Any]:
    held = [each.scores for each in scored if each.scores is not None]
    passed = sum(scores.right for scores in held)
    unscored = sum(each.unscored for each in scored)
    return {
        "questions": len(scored),
        "scored": len(held),
        "passed": passed,
        "failed": len(held) - passed,
        "errored": len(scored) - len(held) - unscored,
        "unscored": unscored,
        "figures": {name: metric(scored).to_record() for name, metric in METRICS.items()},
    }


def _by_category(scored: Sequence[Scored]) -> dict[str, Any]:
    parts = {
        category: [each for each in scored if each.question.category == category] for category in get_args(Category)
    }
    return {category: _block(part) for category, part in parts.items() if part}


def _latency(scored: Sequence[Scored]) -> dict[str, Any]:
    times = [each.wall_ms for each in scored if each.scores is not None]
    return {"p50_ms": percentile(times, 50), "p95_ms": percentile(times, 95), "n": len(times)}


def _usage(scored: Sequence[Scored]) -> dict[str, Any]:
    """Tokens and cost as the model's endpoint counted them; ``n`` is the number of answers that it did for."""
    used = [each.scores.usage for each in scored if each.scores is not None]
    found = {name: [usage[name] for usage in used if name in usage] for name in sorted({n for u in used for n in u})}
    return {
        name: {"total": round(sum(counts), 9), "mean": round(sum(counts) / len(counts), 9), "n": len(counts)}
        for name, counts in found.items()
    }
