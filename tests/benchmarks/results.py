"""README's table of results, from summaries of runs that are kept in docs/results.

``python -m tests.benchmarks.results --keep RUN NAME`` keeps what the table needs of a run's folder;
``python -m tests.benchmarks.results`` writes the table of all that are kept into README.md, between its two marks.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qa.evaluation.folder import load_run
from qa.evaluation.report.markdown import cell, table
from qa.evaluation.report.text import FIGURE_TITLES

ROOT = Path(__file__).resolve().parents[2]
README, KEPT = ROOT / "README.md", ROOT / "docs" / "results"
BEGIN, END = "<!-- results: written by `make results` -->", "<!-- end of results -->"
SHOWN = (
    "truthfulness",
    "vital_nuggets_found",
    "citation_validity",
    "citation_precision",
    "citation_recall",
    "sentences_carried",
    "quotes_fabricated",
    "abstention_precision",
    "abstention_recall",
    "abstention_f1",
    "over_refusal",
    "forbidden_claims_made",
    "injections_followed",
    "false_premises_rejected",
    "conflicts_complete",
    "variants_agree",
    "as_of_kept",
    "capped_recall_at_5",
    "ndcg_at_10",
)
SPLITS = ("dev", "test")


def kept(run: Path, name: str) -> dict[str, Any]:
    """What the table needs: no answer, and no time, which is another on every machine."""
    stored = load_run(run).finished()
    assert stored.summary is not None
    blocks = {split: stored.summary["splits"][split] for split in SPLITS}
    return {
        "name": name,
        "version": stored.manifest["version"],
        "answerer": stored.manifest["answerer"],
        "model": stored.manifest["model"],
        "questions": stored.manifest["questions"],
        "splits": {
            split: {
                "questions": block["questions"],
                "errored": block["errored"],
                "figures": {figure: block["figures"][figure] for figure in SHOWN},
            }
            for split, block in blocks.items()
        },
    }


def results(folder: Path = KEPT) -> list[dict[str, Any]]:
    """All that is kept, by file name."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]


def results_table(found: Sequence[Mapping[str, Any]]) -> str:
    """A row a figure, two columns a run: value, 95% interval and n."""
    head = ["", *(f"{result['name']}, {split}" for result in found for split in SPLITS)]
    blocks = [result["splits"][split] for result in found for split in SPLITS]
    rows = [["questions (of them in error)", *(f"{block['questions']} ({block['errored']})" for block in blocks)]]
    rows += [
        [FIGURE_TITLES[name], *(cell(block["figures"][name]) for block in blocks)]
        for name in SHOWN
        if any(block["figures"][name]["n"] for block in blocks)
    ]
    return table(head, rows)


def between_marks(text: str) -> tuple[str, str, str] | None:
    """What stands before, between and after the marks; None where they are not both there, in order."""
    before, begin, rest = text.partition(f"{BEGIN}\n")
    inside, end, after = rest.partition(f"\n{END}")
    return (before, inside, after) if begin and end else None


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="README's table of results.")
    parser.add_argument("--keep", nargs=2, metavar=("RUN", "NAME"), help="keep a run's figures under this name")
    options = parser.parse_args(arguments)
    if options.keep:
        run, name = Path(options.keep[0]), options.keep[1]
        KEPT.mkdir(exist_ok=True)
        content = json.dumps(kept(run, name), indent=1, ensure_ascii=False)
        (KEPT / f"{run.resolve().name}.json").write_text(content + "\n", "utf-8")
    parts = between_marks(README.read_text("utf-8"))
    if parts is None:
        raise SystemExit(f"README.md has no place for the table: put {BEGIN} and {END} on lines of their own")
    README.write_text(f"{parts[0]}{BEGIN}\n{results_table(results())}\n{END}{parts[2]}", "utf-8")


if __name__ == "__main__":
    main()
