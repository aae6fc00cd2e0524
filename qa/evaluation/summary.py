"""All figures of a run, by split and by category, as the JSON of summary.json."""

from collections.abc import Sequence
from typing import Any, get_args

from qa.evaluation.dataset import Category
from qa.evaluation.figures import percentile
from qa.evaluation.metrics import METRICS
from qa.evaluation.scoring import Scored

SCHEMA = 1
SPLITS = ("dev", "test", "all")


def summarise(scored: Sequence[Scored]) -> dict[str, Any]:
    """Figures of each split that was asked, and inside it of each category.

    ``{"schema", "splits": {split: block}, "categories": {split: {category: block}}, "latency": {split:
    times}}`` with ``block = {"questions", "scored", "errored", "figures": {name: {"value", "low", "high",
    "n"}}}`` and ``times = {"p50_ms", "p95_ms", "n"}``. Only "latency" differs between two runs that gave the
    same answers.
    """
    parts = {split: [each for each in scored if split in ("all", each.question.split)] for split in SPLITS}
    parts = {split: part for split, part in parts.items() if part}
    return {
        "schema": SCHEMA,
        "splits": {split: _block(part) for split, part in parts.items()},
        "categories": {split: _by_category(part) for split, part in parts.items()},
        "latency": {split: _latency(part) for split, part in parts.items()},
    }


def _block(scored: Sequence[Scored]) -> dict[str, Any]:
    errored = sum(each.scores is None for each in scored)
    return {
        "questions": len(scored),
        "scored": len(scored) - errored,
        "errored": errored,
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
