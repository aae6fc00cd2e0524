"""How the answers without a model do on other people's articles: newsroom/ holds invented sets, six with questions.

Each is a store of its own. Rules were mended after a look at what went wrong with LOOKED_AT, and the question encoder
has learned from its articles, with other questions. Of NOT_LOOKED_AT nobody has looked at a question, nothing was
learned from it, and nothing was chosen by its figures.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from qa.app import Application
from qa.models import Answer
from qa.settings import Settings
from tests.benchmarks.asked import Asked, figures

FOLDER = Path(__file__).with_name("newsroom")
LOOKED_AT = ("attacks", "valleys", "region", "abroad")
# Those with a training.jsonl.
TRAINED_ON = (
    *LOOKED_AT,
    *("shrines", "emirs", "plots", "raids", "explainers", "airport", "minorities", "districts"),
    *("propaganda", "migrants", "surrenders", "bombing", "pakistan", "embassies", "estimates", "cities"),
    *("clerics", "villages", "leaders", "policy", "families", "kunar", "claims", "history"),
)
NOT_LOOKED_AT = ("trials", "money")


def questions(name: str) -> list[Asked]:
    """In the file's order."""
    lines = (FOLDER / name / "questions.jsonl").read_text("utf-8").splitlines()
    return [Asked.model_validate(json.loads(line)) for line in lines]


def answers(name: str, asked: Sequence[Asked]) -> list[Answer]:
    """Over the newsroom's own articles alone."""
    with TemporaryDirectory() as home, Application(Settings(home=Path(home), answerer="extractive")) as application:
        application.ingest([FOLDER / name / "articles"])
        return [application.answer(each.question) for each in asked]


def main() -> None:
    for part, names in (("looked at", LOOKED_AT), ("not looked at", NOT_LOOKED_AT)):
        asked, given = list[Asked](), list[Answer]()
        for name in names:
            these = questions(name)
            asked += these
            given += answers(name, these)
        print(f"{part} ({', '.join(names)}): {len(asked)} questions, without a model")
        for figure_name, figure in figures(asked, given).items():
            print(f"  {figure_name}: {figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f}, n={figure.n})")


if __name__ == "__main__":
    main()
