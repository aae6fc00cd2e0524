"""Other people's sets asked through the real program, over real stores of their documents."""

from pathlib import Path
from typing import Any

import pytest

from qa.evaluation.run import run_evaluation
from qa.evaluation.sets.stores import dataset_application, open_dataset
from qa.models import Question
from qa.settings import Settings
from tests.qa.evaluation.sets.samples import beir, ramdocs, squad2


@pytest.mark.parametrize(
    ("kind", "write", "figure", "n"),
    [("squad2", squad2, "squad2_f1", 2), ("beir", beir, "beir_ndcg_at_10", 1)],
)
def test_a_set_with_one_store(tmp_path: Path, kind: str, write: Any, figure: str, n: int) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    dataset = open_dataset(f"{kind}:{write(folder)}")
    settings = Settings(home=tmp_path / "home", answerer="extractive")
    with dataset_application(dataset, settings) as application:
        assert application.prepare() is not None
        # Only its documents, word for word.
        assert {article.id: article.text for article in application.articles()} == {
            document.id: document.text for part in dataset.parts for document in part.documents
        }
        result = run_evaluation(application, dataset.questions, out=tmp_path / "run")
    figures = result.summary["splits"]["all"]["figures"]
    assert result.errored == 0
    assert figures[figure]["n"] == n
    assert figures[figure]["value"] > 0
    assert figures["citation_validity"]["value"] in (1.0, None)
    with dataset_application(dataset, settings) as again:
        assert again.prepare() is None
    assert not (tmp_path / "home" / "catalog.sqlite3").exists()


def test_ramdocs_answers_each_question_over_its_own_documents(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    dataset = open_dataset(f"ramdocs:{ramdocs(folder)}")
    with dataset_application(dataset, Settings(home=tmp_path / "home", answerer="extractive")) as application:
        application.prepare()
        assert len(application.articles()) == 4
        chain = application.chain()
        for part in dataset.parts:
            answer = chain.invoke(Question(part.questions[0].question))
            own = {document.id for document in part.documents}
            assert {chunk.article_id for chunk in answer.retrieved} <= own
            assert answer.retrieved
        result = run_evaluation(application, dataset.questions, out=tmp_path / "run")
    assert result.errored == 0
    assert result.summary["splits"]["all"]["figures"]["ramdocs_exact_match"]["n"] == 2
    assert result.summary["splits"]["all"]["figures"]["capped_recall_at_10"]["value"] == 1.0
