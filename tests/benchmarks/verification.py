"""Fit and judge qa/verification on claims made from SQuAD 2.0: true sentences, and altered ones.

Run as ``python -m tests.benchmarks.verification [--similarity] [--cited N]``. Weights and thresholds come from every
second article, figures from the others. A claim is judged against the sentence that it was made from, alone or with a
neighbour. The weights are fitted on the claims made from questions, since only these are worded by a person.

``--similarity`` embeds all claims and their evidence, not only those made from questions, as the chain does.
``--cited N`` also judges N held-out claims by citing the whole passage, where the verifier has to find the sentence.
"""

import argparse
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qa.citations import align
from qa.models import Support
from qa.reply import DraftSentence
from qa.verification.names import Setting
from qa.verification.verifier import Mismatch, Verdict, Verifier
from tests.benchmarks.alterations import HARD_KINDS, Pair, squad_pairs
from tests.benchmarks.altering import FIGURE_KINDS
from tests.benchmarks.fitting import area_under_curve, fit_logistic
from vectorstore.analysis import Analyser
from vectorstore.embedding import MiniLMEmbedder
from vectorstore.glossary import Glossary
from vectorstore.models import Article, Chunk, Passage


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


def similarities_of(pairs: Iterable[Pair]) -> dict[Pair, float]:
    """Cosine similarities of claims and evidence."""
    chosen = list(pairs)
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


def cited(pairs: Sequence[Pair]) -> list[Judged]:
    """The verdicts on claims that cite their whole passage."""
    verifier = Verifier(Analyser(Glossary()))
    judged = []
    for pair in pairs:
        text, title = pair.passage, pair.title.replace("_", " ")
        passage = Passage(Chunk("p#0", "p", 0, 0, len(text), text), Article("p", title, text, "0" * 64, "p.txt"), 1.0)
        verdict = align(DraftSentence(pair.claim, (1,), ()), [passage], verifier).verdict
        judged.append(Judged(pair, verdict, recall=1.0))
    return judged


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--similarity", action="store_true")
    parser.add_argument("--cited", type=int, default=0, metavar="N")
    wanted = parser.parse_args()
    began = time.monotonic()
    pairs = squad_pairs()
    embedded = pairs if wanted.similarity else [pair for pair in pairs if pair.kind in HARD_KINDS]
    judged = judge(pairs, similarities_of(embedded))
    print(f"{len(judged)} claims in {time.monotonic() - began:.0f} s", file=sys.stderr)
    titles = sorted({item.pair.title for item in judged})
    parts = [[item for item in judged if item.pair.title in titles[first::2]] for first in (0, 1)]
    fit(*parts)
    for name, part in zip(("fitted on", "held out"), parts, strict=True):
        report(name, part)
    if wanted.cited:
        others = [item.pair for item in parts[1] if item.pair.kind not in HARD_KINDS]
        report("held out, by its passage", cited(random.Random(1).sample(others, wanted.cited)))


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
    """Macro-F1 over all alterations, of numbers and dates, and by kind with the true claims of the same passages."""
    core = [item for item in judged if item.pair.kind not in HARD_KINDS]
    figures = _with_true([item for item in core if item.pair.kind in FIGURE_KINDS], core)
    for informed in (False, True):
        if informed and core[0].informed is None:
            continue
        print(
            f"{name}{', with similarity' * informed}: macro-F1 {macro_f1(core, informed):.3f}, n={len(core)}; "
            f"numbers and dates {macro_f1(figures, informed):.3f}, n={len(figures)}"
        )
    kinds: dict[str, list[Judged]] = defaultdict(list)
    for item in judged:
        kinds[item.pair.kind].append(item)
    for kind, items in sorted(kinds.items(), key=lambda pair: (not pair[1][0].pair.supported, pair[0])):
        known = [False, True] if items[0].informed is not None else [False]
        shares = [sum(item.right(informed) for item in items) / len(items) for informed in known]
        line = f"  {kind:18} right {', with similarity '.join(f'{share:.3f}' for share in shares)}, n={len(items)}"
        if not items[0].pair.supported and kind not in HARD_KINDS:
            both = _with_true(items, core)
            scores = ", with similarity ".join(f"{macro_f1(both, informed):.3f}" for informed in known)
            line += f", macro-F1 with the true claims of the same passages {scores}"
        print(line)
    if hard := [item for item in judged if item.pair.kind in HARD_KINDS]:
        for informed in (False, True):
            called = [item for item in hard if item.verdict_of(informed).support is Support.SUPPORTED]
            right = sum(item.pair.supported for item in called) / len(called)
            print(
                f"  made from questions{', with similarity' * informed}: macro-F1 {macro_f1(hard, informed):.3f}, "
                f"n={len(hard)}; of those called supported {right:.3f} are right, n={len(called)}"
            )


def _with_true(items: Sequence[Judged], core: Sequence[Judged]) -> list[Judged]:
    passages = {item.pair.passage for item in items}
    return [*(item for item in core if item.pair.supported and item.pair.passage in passages), *items]


if __name__ == "__main__":
    main()
