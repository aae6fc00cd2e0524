"""A run as one HTML file that needs nothing else. The only module that imports jinja2."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from qa.evaluation.compare import LEGEND, Comparison
from qa.evaluation.folder import StoredRun
from qa.evaluation.report.plots import plots
from qa.evaluation.report.text import FIGURE_TITLES
from qa.evaluation.report.view import Texts, questions_of
from qa.terminal import sanitise


def render_html(run: StoredRun, split: str, texts: Texts, comparison: Comparison | None = None) -> str:
    """Figures of all splits, the answers of one (or of ``all``), and what differs from an earlier run.

    Text is escaped by the template, always; the page forbids itself scripts and anything from elsewhere.
    """
    # Measured: 60 ms with these imports, which only a report waits for.
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    summary = run.finished().summary
    assert summary is not None
    template = (files(__package__) / "templates" / "report.html.j2").read_text("utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    splits = [name for name in ("dev", "test") if name in summary["splits"]]
    by_id = {question.id: question.split for question in run.questions}
    wall = {
        name: [row.timings_ms["wall"] for row in run.rows if row.scores and by_id[row.question_id] == name]
        for name in splits
    }
    return environment.from_string(template).render(
        title=sanitise(run.path.name),
        split=split,
        splits=splits,
        manifest=_overview(run.manifest),
        summary=summary,
        titles=FIGURE_TITLES,
        # Ours: no word in them comes from a question or an answer.
        plots={title: Markup(svg) for title, svg in plots(summary, wall).items()},  # noqa: S704
        questions=questions_of(run, split, texts),
        comparison=comparison,
        legend=LEGEND,
        safe_text=sanitise,
    )


def _overview(manifest: Mapping[str, Any]) -> dict[str, str]:
    """What has one value, and the counts of what has several."""
    plain = {name: value for name, value in manifest.items() if isinstance(value, str | int | float | bool)}
    return {sanitise(name): sanitise(str(value)) for name, value in plain.items()}
