"""A run as Markdown: its figures, and its answers in a table; inert text."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qa.evaluation.compare import Comparison
from qa.evaluation.folder import StoredRun
from qa.evaluation.report.text import FIGURE_TITLES
from qa.evaluation.report.view import questions_of
from qa.render import one_line_markdown as inert


def render_markdown(run: StoredRun, split: str, comparison: Comparison | None = None) -> str:
    """The figures of all splits, the answers of one (or of ``all``), and what differs from an earlier run."""
    summary = run.finished().summary
    assert summary is not None
    splits = [name for name in ("dev", "test") if name in summary["splits"]]
    blocks = [f"# {inert(run.path.name)}", _figures(summary, splits), *_categories(summary, splits)]
    if comparison:
        blocks += [f"## Against {inert(comparison.a.path.name)}", _comparison(comparison)]
    rows = [
        [each.id, each.category, each.result, each.question, each.error or each.answer]
        for each in questions_of(run, split, {})
    ]
    safe = [[inert(cell) for cell in row] for row in rows]
    blocks += [f"## Answers, {split}", table(["id", "category", "", "question", "answer"], safe)]
    return "\n\n".join(blocks) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already."""
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *rows))


def cell(figure: Mapping[str, Any]) -> str:
    """Value, interval and n of a figure."""
    if figure["value"] is None:
        return "–"
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f}, n={figure['n']})"


def _figures(summary: Mapping[str, Any], splits: Sequence[str]) -> str:
    blocks = [summary["splits"][split] for split in splits]
    counts = ("questions", "scored", "passed", "failed", "errored", "unscored")
    rows = [[count, *(str(block[count]) for block in blocks)] for count in counts]
    rows += [
        [title, *(cell(block["figures"][name]) for block in blocks)]
        for name, title in FIGURE_TITLES.items()
        if any(block["figures"][name]["n"] for block in blocks)
    ]
    for key, title in (("p50_ms", "latency p50, ms"), ("p95_ms", "latency p95, ms")):
        rows.append([title, *(f"{summary['latency'][split][key] or 0:.1f}" for split in splits)])
    names = sorted({name for split in splits for name in summary["usage"][split]})
    rows += [
        [name, *(str(summary["usage"][split].get(name, {}).get("total", "–")) for split in splits)] for name in names
    ]
    return table(["", *splits], rows)


def _categories(summary: Mapping[str, Any], splits: Sequence[str]) -> Iterable[str]:
    for split in splits:
        yield f"## By category, {split}"
        yield table(
            ["category", "questions", "passed", "truthfulness", "vital nuggets"],
            [
                [
                    name,
                    str(block["questions"]),
                    str(block["passed"]),
                    cell(block["figures"]["truthfulness"]),
                    cell(block["figures"]["vital_nuggets_found"]),
                ]
                for name, block in summary["categories"][split].items()
            ],
        )


def _comparison(comparison: Comparison) -> str:
    return table(
        ["figure", "before", "now", "difference", "n", "p, by Holm", "verdict"],
        [
            [
                FIGURE_TITLES.get(each.figure, each.figure),
                f"{each.found.mean_a:.3f}",
                f"{each.found.mean_b:.3f}",
                f"{each.found.difference:+.3f} ({each.found.low:+.3f} to {each.found.high:+.3f})",
                str(each.found.n),
                "–" if each.corrected is None else f"{each.corrected:.3f}",
                each.verdict,
            ]
            for each in comparison.figures
        ],
    )
