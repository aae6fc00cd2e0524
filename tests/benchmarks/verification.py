"""Fit and judge qa/verification.py on claims made from SQuAD 2.0: true sentences, and altered ones.

Run as ``python -m tests.benchmarks.verification``. Weights and thresholds come from every second article, figures from
the others. A claim is judged against the sentence that it was made from, alone or with a neighbour. The weights are
fitted on the claims made from questions, since only these are worded by a person; there alone is similarity measured.
"""

import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qa.models import Support
from qa.verification.names import Setting
from qa.verification.verifier import Mismatch, Verdict, Verifier
from tests.benchmarks.alterations import HARD_KINDS, Pair, squad_pairs
from tests.benchmarks.fitting import area_under_curve, fit_logistic
from vectorstore.analysis import Analyser
from vectorstore.embedding import MiniLMEmbedder
from vectorstore.glossary import Glossary


@dataclass(frozen=True, slots=True)
class Judged:
    """``informed`` is the verdict with the similarity known, where it is."""

    pair: Pair
    verdict: Verdict
    recall: float
    similarity: float | None = None
    informed: Verdict | None = None

    def verdict_of(self, informed: bool = False) -> Verdict:
        return self.informed if informed and self.informed else self.verdict

    def right(self, informed: bool = False) -> bool:
        return (self.verdict_of(informed).support is Support.SUPPORTED) == self.pair.supported


def judge(pairs: Sequence[Pair], similarities: Mapping[Pair, float]) -> list[Judged]:
    """The verdicts on each claim, and what it was scored by."""
    verifier = Verifier(Analyser(Glossary()))
    judged = []
    for pair in pairs:
        titles = pair.title.replace("_", " ")
        before = pair.passage[: pair.passage.find(pair.evidence)]
        setting = Setting(titles=titles, before=before, around=pair.passage)
        verdict = verifier.verify(pair.claim, [pair.evidence], [setting])
        recall = verifier.recall(verifier.read(pair.claim), verifier.read(pair.evidence))
        similarity = similarities.get(pair)
        informed = (
            verifier.verify(pair.claim, [pair.evidence], [setting], similarity) if similarity is not None else None
        )
        judged.append(Judged(pair, verdict, recall, similarity, informed))
    return judged


def similarities_of(pairs: Sequence[Pair]) -> dict[Pair, float]:
    """Cosine similarities of claims and evidence, for those made from questions."""
    chosen = [pair for pair in pairs if pair.kind in HARD_KINDS]
    # By length, so that a batch has no padding to speak of.
    texts = sorted({text for pair in chosen for text in (pair.claim, pair.evidence)}, key=len)
    vectors = dict(zip(texts, MiniLMEmbedder().embed(texts), strict=True))
    return {pair: float(vectors[pair.claim] @ vectors[pair.evidence]) for pair in chosen}


def macro_f1(judged: Sequence[Judged], informed: bool = False) -> float:
    """The mean of the F1 of "supported" and the F1 of "not supported"."""
    errors = sum(not item.right(informed) for item in judged)
    scores = []
    for wanted in (True, False):
        hits = sum(item.right(informed) for item in judged if item.pair.supported == wanted)
        scores.append(2 * hits / (2 * hits + errors) if hits else 0.0)
    return sum(scores) / 2


def main() -> None:
    began = time.monotonic()
    pairs = squad_pairs()
    judged = judge(pairs, similarities_of(pairs))
    print(f"{len(judged)} claims in {time.monotonic() - began:.0f} s", file=sys.stderr)
    titles = sorted({item.pair.title for item in judged})
    parts = [[item for item in judged if item.pair.title in titles[first::2]] for first in (0, 1)]
    fit(*parts)
    for name, part in zip(("fitted on", "held out"), parts, strict=True):
        report(name, part)


def fit(fitted_on: Sequence[Judged], held_out: Sequence[Judged]) -> None:
    """Print the weights, with the area under the curve that they reach on the other articles."""

    # What a mismatch has decided is no matter of words.
    def rows(judged: Sequence[Judged], names: Sequence[str]) -> tuple[list[dict[str, float]], list[bool]]:
        chosen = [
            item for item in judged if item.similarity is not None and not {*item.verdict.mismatches} - {Mismatch.WORDS}
        ]
        values = [{"recall": item.recall, "similarity": item.similarity or 0.0} for item in chosen]
        return [{name: row[name] for name in names} for row in values], [item.pair.supported for item in chosen]

    for constant, names in (("SUPPORT", ["recall"]), ("SUPPORT_WITH_SIMILARITY", ["recall", "similarity"])):
        bias, weights = fit_logistic(*rows(fitted_on, names))
        features, labels = rows(held_out, names)
        scores = [sum(weights[name] * row[name] for name in names) for row in features]
        written = ", ".join(f'"{name}": {weight:.2f}' for name, weight in weights.items())
        area = area_under_curve(scores, labels)
        print(f"{constant} = Logistic({bias:.2f}, {{{written}}})  # AUC held out {area:.3f}, n={len(labels)}")


def report(name: str, judged: Sequence[Judged]) -> None:
    """Macro-F1 over all alterations, and by kind with the true claims of the same passages."""
    core = [item for item in judged if item.pair.kind not in HARD_KINDS]
    hard = [item for item in judged if item.pair.kind in HARD_KINDS]
    print(
        f"{name}: macro-F1 {macro_f1(core):.3f}, n={len(core)}; made from questions {macro_f1(hard):.3f}, "
        f"with similarity {macro_f1(hard, informed=True):.3f}, n={len(hard)}"
    )
    for informed in (False, True):
        called = [item for item in hard if item.verdict_of(informed).support is Support.SUPPORTED]
        right = sum(item.pair.supported for item in called) / len(called)
        print(f"  made from questions and called supported, {informed=}: right {right:.3f}, n={len(called)}")
    kinds: dict[str, list[Judged]] = defaultdict(list)
    for item in judged:
        kinds[item.pair.kind].append(item)
    for kind, items in kinds.items():
        share = sum(item.right() for item in items) / len(items)
        extra = ""
        if items[0].informed is not None:
            extra = f", with similarity {sum(item.right(informed=True) for item in items) / len(items):.3f}"
        elif not items[0].pair.supported:
            passages = {item.pair.passage for item in items}
            true = [item for item in core if item.pair.supported and item.pair.passage in passages]
            extra = f", macro-F1 with the true claims of the same passages {macro_f1([*true, *items]):.3f}"
        print(f"  {kind:18} right {share:.3f}, n={len(items)}{extra}")


if __name__ == "__main__":
    main()
