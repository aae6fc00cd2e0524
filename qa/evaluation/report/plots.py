"""The plots of a report as SVG text. The only module that imports matplotlib."""

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qa.evaluation.report.text import FIGURE_TITLES
from qa.evaluation.retrieval import CUTOFFS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS = {"dev": "#1f6f8b", "test": "#c05a2b", "all": "#444444"}
_SHOWN = (
    "truthfulness", "vital_nuggets_found", "citation_validity", "citation_precision", "citation_recall",
    "citations_needed", "sentences_carried", "quotes_exact", "abstention_f1", "over_refusal",
    "forbidden_claims_made", "false_premises_rejected", "conflicts_complete", "as_of_kept", "variants_agree",
    "ndcg_at_10", "squad2_f1", "ramdocs_exact_match", "beir_ndcg_at_10",
)  # fmt: skip


def plots(summary: Mapping[str, Any], wall_ms: Mapping[str, Sequence[float]]) -> dict[str, str]:
    """Title to SVG: intervals, categories, latency, retrieval; ``wall_ms`` are the times by split."""
    splits = [split for split in ("dev", "test") if split in summary["splits"]]
    return {
        "Figures with their 95% intervals": _svg(_intervals(summary, splits)),
        "Answered or refused rightly, by category": _svg(_categories(summary, splits)),
        "Latency: share of the answers within a time": _svg(_latency(wall_ms)),
        "Retrieval: capped Recall@k of chunks and of gold spans": _svg(_retrieval(summary, splits)),
    }


def _figure(height: float) -> "tuple[Figure, Axes]":
    # Not pyplot: that keeps every figure, and looks for a screen. Measured: 0.4 s, which only a report waits for.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, height), layout="constrained")
    axes = figure.subplots()
    axes.grid(alpha=0.3)
    axes.set_axisbelow(True)
    return figure, axes


def _svg(figure: "Figure") -> str:
    from matplotlib import rc_context

    target = io.StringIO()
    # Words stay words, and the same run gives the same bytes.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "isisk-qa"}):
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    return target.getvalue()[target.getvalue().index("<svg") :]


def _intervals(summary: Mapping[str, Any], splits: Sequence[str]) -> "Figure":
    names = [name for name in _SHOWN if any(summary["splits"][split]["figures"][name]["n"] for split in splits)]
    figure, axes = _figure(0.6 + 0.32 * len(names))
    _bars(axes, splits, [[summary["splits"][split]["figures"][name] for name in names] for split in splits])
    axes.set_yticks(range(len(names)), [FIGURE_TITLES[name] for name in names], fontsize=8)
    return figure


def _categories(summary: Mapping[str, Any], splits: Sequence[str]) -> "Figure":
    names = list(dict.fromkeys(name for split in splits for name in summary["categories"][split]))
    figure, axes = _figure(0.6 + 0.32 * len(names))
    nothing = {"value": None, "low": None, "high": None}
    rows = [
        [
            summary["categories"][split][name]["figures"]["answered_rightly"]
            if name in summary["categories"][split]
            else nothing
            for name in names
        ]
        for split in splits
    ]
    _bars(axes, splits, rows)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    return figure


def _bars(axes: "Axes", splits: Sequence[str], rows: Sequence[Sequence[Mapping[str, Any]]]) -> None:
    """A point and its interval for each figure, a row of figures for each split."""
    for offset, (split, figures) in enumerate(zip(splits, rows, strict=True)):
        known = [(place, each) for place, each in enumerate(figures) if each["value"] is not None]
        places = [place + (offset - (len(splits) - 1) / 2) * 0.25 for place, _ in known]
        values = [each["value"] for _, each in known]
        low = [each["value"] - min(each["low"], each["value"]) for _, each in known]
        high = [max(each["high"], each["value"]) - each["value"] for _, each in known]
        axes.errorbar(values, places, xerr=(low, high), fmt="o", ms=4, capsize=3, color=_COLOURS[split], label=split)
    axes.invert_yaxis()
    axes.set_xlim(right=1.02)
    if splits:
        axes.legend(fontsize=8)


def _latency(wall_ms: Mapping[str, Sequence[float]]) -> "Figure":
    figure, axes = _figure(3)
    for split, times in wall_ms.items():
        if times:
            shares = [(place + 1) / len(times) for place in range(len(times))]
            axes.step(sorted(times), shares, where="post", color=_COLOURS[split], label=f"{split}, n={len(times)}")
            axes.set_xscale("log")
            axes.legend(fontsize=8)
    axes.set_xlabel("ms")
    axes.set_ylim(0, 1.02)
    return figure


def _retrieval(summary: Mapping[str, Any], splits: Sequence[str]) -> "Figure":
    figure, axes = _figure(3)
    for split in splits:
        figures = summary["splits"][split]["figures"]
        for prefix, style, what in (("", "o-", "chunks"), ("span_", "s--", "spans")):
            found = [figures[f"{prefix}capped_recall_at_{k}"] for k in CUTOFFS]
            if found[0]["n"]:
                values = [each["value"] for each in found]
                axes.plot(CUTOFFS, values, style, color=_COLOURS[split], label=f"{split}, {what}, n={found[0]['n']}")
                axes.legend(fontsize=8)
    axes.set_xticks(CUTOFFS)
    axes.set_xlabel("k")
    axes.set_ylim(0, 1.02)
    return figure
