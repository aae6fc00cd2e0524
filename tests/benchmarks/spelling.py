"""How well misspelt words of the shipped articles are repaired, and how seldom what is right is changed.

Run as ``python -m tests.benchmarks.spelling``. The misspellings are made, with a seed: one edit, two for words of nine
letters and more, of a word of at least six letters that English does not know better. Clean words are those of the
SQuAD 2.0 questions, which the articles mostly do not have, where shared/data is at hand.
"""

import random
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.squad import SHARED, squad_questions
from tests.vectorstore.fakes import Store
from vectorstore.analysis import Analyser, stem
from vectorstore.embedding import MiniLMEmbedder, is_common_word
from vectorstore.glossary import Glossary
from vectorstore.lexicon import Lexicon

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
SEED, EACH = 7, 3
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def misspelt(word: str, edits: int, random_: random.Random) -> str:
    """Letters dropped, added, replaced or swapped; the first letter stays."""
    for _ in range(edits):
        place = random_.randrange(1, len(word) - 1)
        match random_.randrange(4):
            case 0:
                word = word[:place] + word[place + 1 :]
            case 1:
                word = word[:place] + random_.choice(LETTERS) + word[place:]
            case 2:
                word = word[:place] + random_.choice(LETTERS) + word[place + 1 :]
            case _:
                word = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return word


def main() -> None:
    random_ = random.Random(SEED)
    glossary = Glossary.load(SEEDS / "glossary.toml")
    with TemporaryDirectory() as home, Store.open(Path(home), MiniLMEmbedder(), glossary) as store:
        store.ingestor.run([SEEDS / "articles"])
        analyser = store.analyser
        lexicon = Lexicon(store.catalog, store.embedder, analyser)
        surfaces = {token.surface.lower() for chunk in store.catalog.chunks() for token in analyser.tokens(chunk.text)}
        words = sorted(word for word in surfaces if len(word) >= 6 and word.isalpha())
        for edits, kept in ((1, words), (2, [word for word in words if len(word) >= 9])):
            _report(f"{edits} edit(s)", lexicon, analyser, kept, edits, random_)
        if SHARED.is_dir():
            clean = sorted({token.surface for q in squad_questions() for token in analyser.tokens(q.text)})
            changed = [(word, found) for word in clean if (found := lexicon.repair(word)) != word]
            print(f"clean words changed: {len(changed)} of {len(clean)}: {changed[:12]}")


def _report(
    name: str, lexicon: Lexicon, analyser: Analyser, words: list[str], edits: int, random_: random.Random
) -> None:
    right = wrong = left = 0
    for word in words:
        for _ in range(EACH):
            typed = misspelt(word, edits, random_)
            if is_common_word(typed) or stem(typed) == stem(word):
                continue
            found = lexicon.repair(typed)
            if found == typed:
                left += 1
            elif {*analyser.terms(found, parts=True)} & {*analyser.terms(word, parts=True)}:
                right += 1
            else:
                wrong += 1
    total = right + wrong + left
    print(f"{name}: right {right / total:.3f}, left alone {left / total:.3f}, wrong {wrong / total:.3f}, n={total}")


if __name__ == "__main__":
    main()
