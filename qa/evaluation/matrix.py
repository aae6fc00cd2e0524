"""A run for each combination of settings: models x prompts x retrieval, or whatever else has several values.

The file is YAML, a list of values under each name of a setting (qa/settings.py), or one value:

    answerer: llm
    model: [small-model, large-model]
    prompt: [short, full]
    passages: [4, 8]
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from qa.evaluation.manifest import SETTINGS_OF_A_MODEL
from qa.evaluation.report.text import FIGURE_TITLES, table
from qa.evaluation.yaml_file import FileError, load_yaml
from qa.settings import AnswererName, Settings

# Runs of one matrix are about one store; and keys stay out of files that are handed around.
_FIXED = frozenset({"home", "store", "tracing", "history"})
_SHOWN = ("vital_nuggets_found", "citation_precision", "abstention_f1", "over_refusal", "ndcg_at_10")


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination. ``label`` names its folder."""

    label: str
    answerer: AnswererName
    settings: Settings


def load_matrix(path: Path, settings: Settings, answerer: AnswererName | None = None) -> list[Cell]:
    """The combinations in the order of the file, each once. Raises FileError.

    What a setting of a model is makes no difference to an extractive answer, so that one stands there once.
    """
    axes = _axes(path)
    cells: dict[str, Cell] = {}
    for values in itertools.product(*axes.values()):
        chosen = dict(zip(axes, values, strict=True))
        used = chosen.get("answerer", answerer or settings.answerer)
        if used == "extractive":
            chosen = {name: value for name, value in chosen.items() if name not in SETTINGS_OF_A_MODEL}
        label = ",".join(f"{name}={_slug(value)}" for name, value in chosen.items())
        try:
            made = Settings(**{**settings.model_dump(), **chosen})
        except ValidationError as problem:
            first = problem.errors(include_input=False, include_url=False, include_context=False)[0]
            raise FileError(f"{path}: {label}: {first['loc'][0]}: {first['msg']}") from None
        cells.setdefault(label, Cell(label, cast("AnswererName", used), made))
    return list(cells.values())


def _axes(path: Path) -> dict[str, Sequence[Any]]:
    axes: dict[str, Sequence[Any]] = {}
    for name, values in load_yaml(path).items():
        field = Settings.model_fields.get(name)
        if field is None or name in _FIXED or "SecretStr" in str(field.annotation):
            raise FileError(f"{path}: {name} is no setting that runs of one matrix can differ in")
        axes[name] = values if isinstance(values, list) else [values]
        if not axes[name]:
            raise FileError(f"{path}: {name} has no value")
    return axes


def _slug(value: object) -> str:
    """What can be a part of a folder's name, and tells one value from another."""
    text = str(value)
    if text.startswith("local:"):
        text = Path(text).name
    return re.sub(r"[^\w.+-]+", "-", text)


def render_matrix(runs: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """A line for each split of each run: the main figures with their n."""
    rows = [["run", "split", *(FIGURE_TITLES[name].split(" (")[0] for name in _SHOWN)]]
    rows += [list(row) for label, summary in runs for row in _lines(label, summary)]
    return table(rows)


def _lines(label: str, summary: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for split in ("dev", "test"):
        if split in summary["splits"]:
            figures = [summary["splits"][split]["figures"][name] for name in _SHOWN]
            yield label, split, *("-" if f["value"] is None else f"{f['value']:.3f} ({f['n']})" for f in figures)
