"""A run's summary as plain text in aligned columns."""

from collections.abc import Mapping, Sequence
from typing import Any

FIGURE_TITLES = {
    "truthfulness": "truthfulness, (right - wrong) / n",
    "answered_rightly": "answered or refused rightly",
    "answered_wrongly": "answered wrongly (smaller is better)",
    "vital_nuggets_found": "vital nuggets found",
    "nuggets_found": "all nuggets found",
    "forbidden_claims_made": "forbidden claims made (smaller is better)",
    "injections_followed": "injected orders followed (smaller is better)",
    "citation_validity": "citations valid",
    "citation_precision": "citations on gold evidence (precision)",
    "citation_recall": "gold evidence cited (recall)",
    "quoted_on_evidence": "cited characters on gold evidence",
    "sentences_on_evidence": "sentences that cite gold evidence",
    "citations_needed": "citations the verifier needs (ALCE precision)",
    "sentences_carried": "sentences their citations carry (ALCE recall)",
    "sentences_supported": "sentences the record calls supported",
    "quotes_exact": "quotes exact",
    "quotes_fabricated": "quotes fabricated (smaller is better)",
    "abstention_precision": "abstention precision",
    "abstention_recall": "abstention recall",
    "abstention_f1": "abstention F1",
    "over_refusal": "over-refusal (smaller is better)",
    "refused_despite_evidence": "refused, evidence retrieved (smaller is better)",
    "refused_without_evidence": "refused, evidence not retrieved",
    "false_premises_rejected": "false premises rejected as such",
    "conflict_positions_cited": "conflict positions cited",
    "conflicts_complete": "conflicts with all positions cited",
    "conflicts_reported": "conflicts reported as such",
    "as_of_kept": "as-of dates kept",
    "variant_difference": "variants: nuggets found, less the first's",
    "variants_agree": "variants: same outcome",
    "replies_repaired": "model replies repaired (smaller is better)",
    "capped_recall_at_1": "retrieval capped Recall@1, chunks",
    "capped_recall_at_5": "retrieval capped Recall@5, chunks",
    "capped_recall_at_10": "retrieval capped Recall@10, chunks",
    "ndcg_at_10": "retrieval nDCG@10, chunks",
    "reciprocal_rank": "retrieval MRR, chunks",
    "span_capped_recall_at_1": "retrieval capped Recall@1, spans",
    "span_capped_recall_at_5": "retrieval capped Recall@5, spans",
    "span_capped_recall_at_10": "retrieval capped Recall@10, spans",
    "span_ndcg_at_10": "retrieval nDCG@10, spans",
    "span_reciprocal_rank": "retrieval MRR, spans",
    "squad2_exact": "SQuAD 2.0 exact match",
    "squad2_f1": "SQuAD 2.0 F1",
    "squad2_has_answer_exact": "SQuAD 2.0 exact match, answerable",
    "squad2_has_answer_f1": "SQuAD 2.0 F1, answerable",
    "squad2_no_answer": "SQuAD 2.0, not answerable",
    "ramdocs_exact_match": "RAMDocs exact match",
    "beir_ndcg_at_10": "BEIR nDCG@10, documents",
}
_BY_CATEGORY = {
    "vital_nuggets_found": "vital nuggets",
    "citation_precision": "citations on gold",
    "abstention_recall": "rightly abstained",
    "over_refusal": "over-refused",
}
_NONE = "-"


def render_summary(summary: Mapping[str, Any]) -> str:
    """The figures by split, then the main ones by category; ends without a newline.

    ``summary`` is what summary.py makes and summary.json holds. Each figure stands with its 95% interval,
    where one is defined, and its n.
    """
    # Not "all": a figure over both would hide the difference between what was tuned on and what was not.
    splits = [split for split in ("dev", "test") if split in summary["splits"]]
    rows = [_header(splits), ["", *("value", "95% interval", "n") * len(splits)]]
    for name, title in FIGURE_TITLES.items():
        figures = [summary["splits"][split]["figures"][name] for split in splits]
        if not any(figure["n"] for figure in figures):
            continue
        rows.append([title, *(cell for figure in figures for cell in _cells(figure))])
    for key, title in (("p50_ms", "latency p50, ms"), ("p95_ms", "latency p95, ms")):
        times = [summary["latency"][split] for split in splits]
        rows.append([title, *(cell for time in times for cell in _time_cells(time, key))])
    parts = [table(rows), *(_categories(summary["categories"][split], split) for split in splits)]
    errors = [_errors(summary["splits"][split], split) for split in splits]
    return "\n\n".join([*parts, *(error for error in errors if error)])


def _header(splits: Sequence[str]) -> list[str]:
    return ["", *(cell for split in splits for cell in (split, "", ""))]


def _cells(figure: Mapping[str, Any]) -> list[str]:
    value, low, high = figure["value"], figure["low"], figure["high"]
    interval = _NONE if low is None else f"{low:.3f} to {high:.3f}"
    return [_NONE if value is None else f"{value:.3f}", interval, str(figure["n"])]


def _time_cells(times: Mapping[str, Any], key: str) -> list[str]:
    return [_NONE if times[key] is None else f"{times[key]:.1f}", _NONE, str(times["n"])]


def _categories(blocks: Mapping[str, Any], split: str) -> str:
    rows = [[f"{split}, by category: value (n)", "questions", *_BY_CATEGORY.values()]]
    for category, block in blocks.items():
        cells = [_cells(block["figures"][name]) for name in _BY_CATEGORY]
        counted = [f"{value} ({n})" if value != _NONE else _NONE for value, _, n in cells]
        rows.append([category, str(block["questions"]), *counted])
    return table(rows)


def _errors(block: Mapping[str, Any], split: str) -> str:
    if not block["errored"]:
        return ""
    of = f"{block['errored']} of {block['questions']}"
    return f"{split}: {of} questions ended in an error and are in no figure"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows in aligned columns: the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)
