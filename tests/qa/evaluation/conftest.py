"""Two small articles on disk, four questions about them, and an application that answers from a script."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from qa.evaluation.dataset import EvalQuestion
from qa.models import (
    Answer,
    Citation,
    Conflict,
    Position,
    Question,
    Reason,
    RetrievedChunk,
    Sentence,
    Status,
    Support,
)
from qa.settings import AnswererName, Settings
from vectorstore.dates import PartialDate
from vectorstore.models import Article, Chunk

ALPHA = "The group had 3,000 fighters in 2017.\n\nIt lost 12.5% of them in Kunar.\n\nSubscribe now."
BETA = "Officials counted 1,100 fighters – “not 125”.\n\nThe Taliban took the credit."

Reply = Answer | Exception


class World:
    """The articles, their chunks (a paragraph each, without "Subscribe now.") and what is known of spans."""

    def __init__(self, folder: Path) -> None:
        self.articles = [
            self._article(folder, "alpha", ALPHA, PartialDate("2017-12")),
            self._article(folder, "beta", BETA, PartialDate("2018")),
        ]
        self.chunks: list[Chunk] = []
        for article in self.articles:
            paragraphs = [part for part in article.text.split("\n\n") if part != "Subscribe now."]
            for ordinal, part in enumerate(paragraphs):
                start = article.text.index(part)
                chunk_id = f"{article.id}-{ordinal}"
                self.chunks.append(Chunk(chunk_id, article.id, ordinal, start, start + len(part), part, heading=""))

    @staticmethod
    def _article(folder: Path, name: str, text: str, published: PartialDate) -> Article:
        path = folder / f"{name}.txt"
        path.write_bytes(text.encode())
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        return Article(name, name.title(), text, sha256, str(path), name.title(), published, "stated")

    def article(self, article_id: str) -> Article:
        return next(article for article in self.articles if article.id == article_id)

    def evidence(self, evidence_id: str, article_id: str, quote: str) -> dict[str, Any]:
        start = self.article(article_id).text.index(quote)
        return {
            "id": evidence_id,
            "article_id": article_id,
            "start": start,
            "end": start + len(quote),
            "quote": quote,
        }

    def citation(self, marker: int, article_id: str, quote: str) -> Citation:
        article = self.article(article_id)
        start = article.text.index(quote)
        published = article.published.iso if article.published else None
        return Citation(
            marker,
            article_id,
            article.title,
            article.publisher,
            published,
            article.published_basis,
            article.path,
            article.sha256,
            start,
            start + len(quote),
            quote,
        )

    def answer(
        self,
        text: str,
        citations: Sequence[tuple[str, str]] = (),
        retrieved: Sequence[str] = (),
        reason: Reason | None = None,
        conflicts: tuple[Conflict, ...] = (),
    ) -> Answer:
        """One sentence that cites (article id, quote) pairs; an abstention when a reason is given."""
        made = tuple(self.citation(n, article, quote) for n, (article, quote) in enumerate(citations, 1))
        found = [next(chunk for chunk in self.chunks if chunk.id == each) for each in retrieved]
        markers = tuple(citation.marker for citation in made)
        return Answer(
            question="?",
            status=Status.ABSTAINED if reason else Status.ANSWERED,
            reason=reason,
            answer=text + "".join(f" [{marker}]" for marker in markers),
            sentences=(Sentence(text, markers, Support.SUPPORTED, 1.0),),
            citations=made,
            conflicts=conflicts,
            # All with one score: the order is the rank.
            retrieved=tuple(RetrievedChunk(c.id, c.article_id, c.start, c.end, 0.5, 1, 1) for c in found),
            answerer="extractive",
            model=None,
            prompt_sha256=None,
            index_generation=1,
            as_of=None,
            timings_ms={"total": 1.0},
        )


class Application:
    """What an evaluation needs of Application; ``replies`` maps a question's text to its answer."""

    def __init__(self, world: World, replies: dict[str, Reply]) -> None:
        self.settings = Settings(model="some-model")
        self.asked: list[Question] = []
        self._world = world
        self._replies = replies

    def answerer(self, name: AnswererName | None = None) -> str:
        return "llm" if name == "llm" else "extractive"

    def chain(self, answerer: AnswererName | None = None) -> "Application":
        return self

    def invoke(self, question: Question) -> Answer:
        self.asked.append(question)
        reply = self._replies[question.text]
        if isinstance(reply, Exception):
            raise reply
        return reply

    def articles(self) -> list[Article]:
        return self._world.articles

    def chunks(self) -> list[Chunk]:
        return self._world.chunks


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def make_application(world: World) -> Callable[[dict[str, Reply]], Application]:
    return lambda replies: Application(world, replies)


@pytest.fixture
def lines(world: World) -> list[dict[str, Any]]:
    """The four questions as they stand in a file: a fact, a conflict, a near miss, a false premise."""
    fighters = world.evidence("e1", "alpha", "The group had 3,000 fighters in 2017.")
    counted = world.evidence("e2", "beta", "Officials counted 1,100 fighters – “not 125”.")
    credit = world.evidence("e1", "beta", "The Taliban took the credit.")
    vital, okay = {"importance": "vital"}, {"importance": "okay"}
    many = {"id": "n1", "text": "3,000", "aliases": ["3,000"], "evidence_ids": ["e1"], **vital}
    year = {"id": "n2", "text": "in 2017", "aliases": ["2017"], "evidence_ids": ["e1"], **okay}
    few = {"id": "n2", "text": "1,100", "pattern": r"\b1,?100\b", "evidence_ids": ["e2"], **vital}
    common = {"difficulty": "easy", "as_of": None}
    return [
        {
            "id": "q1",
            "question": "How many fighters were there?",
            "category": "single_fact",
            "answerable": True,
            "split": "dev",
            "cluster_id": "c1",
            "nuggets": [many, year],
            "evidence": [fighters],
            "forbidden_claims": ["5,000"],
            **common,
        },
        {
            "id": "q2",
            "question": "Do the sources agree on the number?",
            "category": "conflict",
            "answerable": True,
            "split": "test",
            "cluster_id": "c2",
            "nuggets": [many, few],
            "evidence": [fighters, counted],
            "conflict_positions": [
                {"text": "Alpha says 3,000", "evidence_ids": ["e1"]},
                {"text": "Beta says 1,100", "evidence_ids": ["e2"]},
            ],
            **common,
        },
        {
            "id": "q3",
            "question": "How many fighters were there in 2022?",
            "category": "unanswerable",
            "answerable": False,
            "split": "dev",
            "cluster_id": "c3",
            "forbidden_claims": ["re:3,?000"],
            "absence_search": ["2022"],
            **common,
        },
        {
            "id": "q4",
            "question": "Why did the Taliban refuse the credit?",
            "category": "false_premise",
            "answerable": False,
            "split": "test",
            "cluster_id": "c4",
            "evidence": [credit],
            "absence_search": ["refuse"],
            **common,
        },
    ]


@pytest.fixture
def write_lines(tmp_path: Path) -> Callable[[list[dict[str, Any]]], Path]:
    def write(content: list[dict[str, Any]]) -> Path:
        path = tmp_path / "questions.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in content), encoding="utf-8")
        return path

    return write


@pytest.fixture
def questions(lines: list[dict[str, Any]]) -> list[EvalQuestion]:
    return [EvalQuestion.model_validate_json(json.dumps(line)) for line in lines]


@pytest.fixture
def oracle(world: World) -> dict[str, Reply]:
    """A right answer to each question, and a right refusal."""
    fighters = ("alpha", "The group had 3,000 fighters in 2017.")
    counted = ("beta", "Officials counted 1,100 fighters – “not 125”.")
    return {
        "How many fighters were there?": world.answer(
            "The group had three thousand fighters in 2017.", [fighters], ["alpha-0", "beta-0"]
        ),
        "Do the sources agree on the number?": world.answer(
            "The group had 3,000 fighters in 2017, but officials counted 1,100 fighters.",
            [fighters, counted],
            ["beta-0", "alpha-0", "alpha-1"],
            conflicts=(Conflict("fighters", (Position("3,000", (1,)), Position("1,100", (2,)))),),
        ),
        "How many fighters were there in 2022?": world.answer(
            "The articles do not say.", retrieved=["alpha-0"], reason=Reason.OUT_OF_RANGE
        ),
        "Why did the Taliban refuse the credit?": world.answer(
            "They did not refuse it.",
            [("beta", "The Taliban took the credit.")],
            ["beta-1"],
            reason=Reason.FALSE_PREMISE,
        ),
    }
