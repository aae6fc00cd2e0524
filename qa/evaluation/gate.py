"""A run against the rules of a file and the figures of a blessed run: does it pass?

The rules are YAML:

    baseline: baseline.json
    max_errored: 0
    rules:
      - {figure: citation_validity, zero_tolerance: true}
      - {figure: vital_nuggets_found, split: dev, min: 0.8, margin: 0.02}
      - {figure: over_refusal, split: test, category: single_fact, max: 0.1}
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from qa.evaluation.folder import StoredRun
from qa.evaluation.manifest import incomparable
from qa.evaluation.metrics import METRICS, SMALLER_IS_BETTER
from qa.evaluation.rows import InvalidRunError
from qa.evaluation.yaml_file import FileError, load_yaml

# Figures are rounded to six decimals.
_HAIR = 1e-9


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Rule(_Strict):
    """What one figure must keep to, over a split or one category in it.

    ``min`` and ``max`` are what it may be; ``margin`` by how much it may be worse than the baseline's;
    ``zero_tolerance``: not one case may fail.
    """

    figure: str
    split: Literal["dev", "test", "all"] = "all"
    category: str | None = None
    min: float | None = None
    max: float | None = None
    margin: float | None = Field(default=None, ge=0)
    zero_tolerance: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.figure not in METRICS:
            raise ValueError(f"there is no figure {self.figure}")
        if self.min is None and self.max is None and self.margin is None and not self.zero_tolerance:
            raise ValueError(f"the rule for {self.figure} has neither min, max, margin nor zero_tolerance")
        return self

    @property
    def about(self) -> str:
        return f"{self.figure} ({', '.join(filter(None, (self.split, self.category)))})"


class Rules(_Strict):
    """``baseline``: a file beside the rules. ``max_errored``: with more failed questions a run proves nothing."""

    rules: tuple[Rule, ...] = Field(min_length=1)
    baseline: Path | None = None
    max_errored: int = Field(default=0, ge=0)


@dataclass(frozen=True, slots=True)
class Judged:
    """One rule on one run. ``wanted`` says what it had to be, in words; ``n`` are the cases behind the figure."""

    rule: Rule
    value: float
    n: int
    wanted: str
    passed: bool


def load_rules(path: Path) -> Rules:
    """Raises FileError, naming the rule. The baseline's path is made one from here."""
    try:
        rules = Rules.model_validate(load_yaml(path))
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise FileError(f"{path}: {where}: {first['msg'].removeprefix('Value error, ')}") from None
    return rules.model_copy(update={"baseline": path.parent / rules.baseline}) if rules.baseline else rules


def bless(run: StoredRun, target: Path) -> None:
    """Make a run's figures the baseline, without its answers. Raises InvalidRunError and FileError."""
    summary = run.finished().summary or {}
    if errored := sum(row.scores is None for row in run.rows):
        raise InvalidRunError(f"{errored} questions failed in {run.path}; a baseline has none: eval run --retry-errors")
    content = {"manifest": run.manifest, "splits": summary["splits"], "categories": summary["categories"]}
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8", newline="\n")
    except OSError as problem:
        raise FileError(f"the baseline {target} cannot be written: {problem.strerror}") from None


def load_baseline(path: Path) -> dict[str, Any]:
    """Raises FileError."""
    try:
        content = json.loads(path.read_text("utf-8"))
        if isinstance(content, dict) and {"manifest", "splits", "categories"} <= content.keys():
            return content
    except (OSError, ValueError):
        pass
    raise FileError(f"there is no baseline in {path}; make one of a run: isisk-qa eval bless RUN")


def judge(run: StoredRun, rules: Rules, baseline: Mapping[str, Any] | None = None) -> list[Judged]:
    """Every rule on a run, in their order.

    Raises InvalidRunError when it did not finish, when more failed than may, when a rule is about what the run does
    not have, or when the baseline is of other questions or articles; FileError when a margin has no baseline.
    """
    summary = run.finished().summary or {}
    if (errored := sum(row.scores is None for row in run.rows)) > rules.max_errored:
        raise InvalidRunError(f"{errored} questions failed in {run.path}, {rules.max_errored} may: it proves nothing")
    if baseline is not None and (changed := incomparable(baseline["manifest"], run.manifest)):
        raise InvalidRunError(f"the baseline is of something else ({'; '.join(changed)}); bless a run of today")
    return [judged for rule in rules.rules for judged in _judge(rule, summary, baseline)]


def _judge(rule: Rule, summary: Mapping[str, Any], baseline: Mapping[str, Any] | None) -> Iterator[Judged]:
    value, n = _figure(rule, summary, "the run")
    smaller = rule.figure in SMALLER_IS_BETTER
    if rule.zero_tolerance:
        best = 0.0 if smaller else 1.0
        yield Judged(rule, value, n, f"{best:g}, without exception", abs(value - best) <= _HAIR)
    if rule.min is not None:
        yield Judged(rule, value, n, f"at least {rule.min:g}", value >= rule.min - _HAIR)
    if rule.max is not None:
        yield Judged(rule, value, n, f"at most {rule.max:g}", value <= rule.max + _HAIR)
    if rule.margin is not None:
        if baseline is None:
            raise FileError(f"{rule.about} has a margin, but there is no baseline: isisk-qa eval bless RUN")
        before, _ = _figure(rule, baseline, "the baseline")
        limit = before + rule.margin if smaller else before - rule.margin
        passed = value <= limit + _HAIR if smaller else value >= limit - _HAIR
        most = "at most" if smaller else "at least"
        yield Judged(rule, value, n, f"{most} {limit:.3f} ({before:.3f} blessed, margin {rule.margin:g})", passed)


def _figure(rule: Rule, summary: Mapping[str, Any], whose: str) -> tuple[float, int]:
    blocks = summary["splits"] if rule.category is None else summary["categories"].get(rule.split, {})
    figure = blocks.get(rule.category or rule.split, {}).get("figures", {}).get(rule.figure)
    if figure is None or figure["value"] is None:
        raise InvalidRunError(f"{whose} has no case for {rule.about}; run all the questions, or drop the rule")
    return float(figure["value"]), int(figure["n"])


def render_judged(judged: list[Judged]) -> str:
    """A line each, what failed first."""
    ordered = sorted(judged, key=lambda each: each.passed)
    lines = [
        f"{'pass' if each.passed else 'FAIL'}  {each.rule.about}: {each.value:.3f} (n {each.n}), must be {each.wanted}"
        for each in ordered
    ]
    failed = sum(not each.passed for each in judged)
    return "\n".join([*lines, f"{len(judged) - failed} of {len(judged)} rules hold"])
