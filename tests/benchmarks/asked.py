"""How the answers without a model do on questions that no weight was fitted to.

asked.jsonl holds questions about the shipped articles, by four writers who saw the articles and neither the code nor
seeds/questions.jsonl; what came near a question of its test split is left out. They are meant to be hard: other words
than the articles', typing errors, near misses, exchanged roles. ``gold`` are sentences that answer. Rules were
mended after a look at what went wrong with those of all writers but the third, whose figures stand apart.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import BaseModel, ConfigDict

from qa.app import Application
from qa.evaluation.figures import Figure, share
from qa.models import Answer, Status
from qa.settings import Settings

QUESTIONS = Path(__file__).with_name("asked.jsonl")
# How many are by the first two writers, as the file has them.
LOOKED_AT = 214
# Those of the third.
NOT_LOOKED_AT = slice(LOOKED_AT, 320)


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str
    kind: str
    answerable: bool
    gold: tuple[str, ...]
    positions: tuple[tuple[str, ...], ...] = ()


def questions() -> list[Asked]:
    """In the file's order."""
    return [Asked.model_validate(json.loads(line)) for line in QUESTIONS.read_text("utf-8").splitlines()]


def on_gold(quote: str, asked: Asked) -> bool:
    """Whether the quoted sentence is a gold one, or one holds the other."""
    return _is_one_of(quote, asked.gold)


def _is_one_of(quote: str, gold: Sequence[str]) -> bool:
    said = " ".join(quote.split())
    return any(said in each or each in said for each in (" ".join(sentence.split()) for sentence in gold))


def _has_all_positions(asked: Asked, answer: Answer) -> bool:
    quotes = [citation.quote for citation in answer.citations]
    return all(any(_is_one_of(quote, position) for quote in quotes) for position in asked.positions)


def figures(asked: Sequence[Asked], answers: Sequence[Answer]) -> dict[str, Figure]:
    """Shares, with Wilson's intervals."""
    pairs = list(zip(asked, answers, strict=True))
    answerable = [(each, answer) for each, answer in pairs if each.answerable]
    others = [answer for each, answer in pairs if not each.answerable]
    refused = [answer for _, answer in answerable if answer.status is Status.ABSTAINED]
    cited = [on_gold(citation.quote, each) for each, answer in answerable for citation in answer.citations]
    found = [any(on_gold(citation.quote, each) for citation in answer.citations) for each, answer in answerable]
    abstained = [answer for answer in others if answer.status is Status.ABSTAINED]
    differing = [(each, answer) for each, answer in answerable if each.positions]
    positions = share(sum(_has_all_positions(*pair) for pair in differing), len(differing))
    return {
        **({"all positions of a conflict quoted": positions} if differing else {}),
        "answerable, a gold sentence quoted": share(sum(found), len(answerable)),
        "quoted sentences that are gold": share(sum(cited), len(cited)),
        "over-refusal": share(len(refused), len(answerable)),
        "abstention recall": share(len(abstained), len(others)),
        "abstention precision": share(len(abstained), len(abstained) + len(refused)),
    }


def main() -> None:
    asked = questions()
    with TemporaryDirectory() as home, Application(Settings(home=Path(home), answerer="extractive")) as application:
        application.prepare()
        answers = [application.answer(each.question) for each in asked]
    every = range(len(asked))
    parts: dict[str, Sequence[int]] = {"all": every, "not looked at": every[NOT_LOOKED_AT]}
    parts["looked at"] = [number for number in every if number not in parts["not looked at"]]
    for part, which in parts.items():
        print(f"{part}: {len(which)} questions, without a model")
        for name, figure in figures([asked[number] for number in which], [answers[number] for number in which]).items():
            print(f"  {name}: {figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f}, n={figure.n})")


if __name__ == "__main__":
    main()
