"""A stored run in which a model has written what would do harm if any report let it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qa.errors import DeadlineError
from qa.evaluation.dataset import EvalQuestion
from qa.evaluation.folder import StoredRun, load_run
from qa.evaluation.run import run_evaluation

HOSTILE = (
    "=HYPERLINK(\"http://evil.invalid\") <script>document.title='owned'</script> "
    '<img src="http://evil.invalid/x.png" onerror="document.title=\'owned\'"> </details></svg> '
    "\x1b[31mred\x00\x07 ]]> &amp; {{ 7 * 7 }} | `x` [a](javascript:alert(1)) \ufffe\uffff\ud800"
)

MakeRun = Callable[..., StoredRun]


@pytest.fixture
def make_run(
    tmp_path: Path, make_application: Callable[[dict[str, Any]], Any], questions: list[EvalQuestion]
) -> MakeRun:
    def make(replies: dict[str, Any], name: str = "run") -> StoredRun:
        run_evaluation(make_application(replies), questions, out=tmp_path / name)
        return load_run(tmp_path / name)

    return make


@pytest.fixture
def hostile(make_run: MakeRun, oracle: dict[str, Any]) -> StoredRun:
    """The first answer is hostile in every place that a model writes, the second question ended in an error."""
    first, second, *_ = oracle
    answer = oracle[first]
    bad = replace(
        answer,
        answer=HOSTILE,
        sentences=(replace(answer.sentences[0], text=HOSTILE),),
        conflicts=(replace(oracle[second].conflicts[0], about=HOSTILE),),
        citations=(replace(answer.citations[0], quote=HOSTILE, title=HOSTILE),),
    )
    return make_run({**oracle, first: bad, second: DeadlineError(HOSTILE)})


@pytest.fixture
def texts(world: Any) -> dict[str, str]:
    return {article.id: article.text for article in world.articles}
