"""Systems that answer the shipped questions from their gold: one perfectly, the others each with one vice."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from qa.evaluation.dataset import EvalQuestion, GoldEvidence
from qa.evaluation.spans import hits
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
from vectorstore.models import Article, Chunk


class Gold:
    """The questions with the store that they are about."""

    def __init__(self, questions: Sequence[EvalQuestion], articles: Sequence[Article], chunks: Sequence[Chunk]) -> None:
        self.questions = {(question.question, question.as_of): question for question in questions}
        self.first = {question.cluster_id: question.id for question in reversed(questions)}
        self.articles = {article.id: article for article in articles}
        self.chunks = chunks

    def cite(self, marker: int, article_id: str, start: int, end: int) -> Citation:
        article = self.articles[article_id]
        published = article.published.iso if article.published else None
        return Citation(
            marker, article.id, article.title, article.publisher, published, article.published_basis,
            article.path, article.sha256, start, end, article.text[start:end],
        )  # fmt: skip

    def retrieved(self, evidence: Sequence[GoldEvidence]) -> tuple[RetrievedChunk, ...]:
        """First the chunks with evidence, those that hold most spans before the others."""
        found = [(sum(hits(each, [chunk]) for each in evidence), chunk) for chunk in self.chunks]
        best = sorted((each for each in found if each[0]), key=lambda each: -each[0])
        return tuple(RetrievedChunk(c.id, c.article_id, c.start, c.end, 0.5, 1, 1) for _, c in best)


class System:
    """A chain whose answer follows from the question's gold alone."""

    def __init__(self, gold: Gold, answer: Callable[[Gold, EvalQuestion], Answer]) -> None:
        self._gold = gold
        self._answer = answer

    def invoke(self, question: Question, /) -> Answer:
        asked = self._gold.questions[question.text, question.as_of]
        return replace(self._answer(self._gold, asked), question=question.text, as_of=question.as_of)


def made(
    text: str,
    sentences: Sequence[Sentence] = (),
    citations: Sequence[Citation] = (),
    retrieved: Sequence[RetrievedChunk] = (),
    reason: Reason | None = None,
    conflicts: Sequence[Conflict] = (),
) -> Answer:
    return Answer(
        question="", status=Status.ABSTAINED if reason else Status.ANSWERED, reason=reason, answer=text,
        sentences=tuple(sentences), citations=tuple(citations), conflicts=tuple(conflicts),
        retrieved=tuple(retrieved), answerer="extractive", model=None, prompt_sha256=None, index_generation=1,
        as_of=None,
    )  # fmt: skip


def cited(citations: Sequence[Citation]) -> tuple[str, tuple[Sentence, ...]]:
    """Each citation's words as a sentence of an answer."""
    sentences = tuple(Sentence(each.quote, (each.marker,), Support.SUPPORTED, 1.0) for each in citations)
    return " ".join(f"{each.quote} [{each.marker}]" for each in citations), sentences


def oracle(gold: Gold, question: EvalQuestion) -> Answer:
    """The evidence, word for word; a refusal where there is none."""
    citations = [gold.cite(n, each.article_id, each.start, each.end) for n, each in enumerate(question.evidence, 1)]
    retrieved = gold.retrieved(question.evidence)
    if not question.answerable:
        premise = question.category == "false_premise"
        reason = Reason.FALSE_PREMISE if premise else Reason.INSUFFICIENT
        return made("The articles do not say so.", (), citations, retrieved, reason)
    marker = {each.id: n for n, each in enumerate(question.evidence, 1)}
    positions = tuple(
        Position(each.text, tuple(marker[evidence_id] for evidence_id in each.evidence_ids))
        for each in question.conflict_positions
    )
    text, sentences = cited(citations)
    return made(text, sentences, citations, retrieved, None, [Conflict("it", positions)] if positions else [])


def empty(gold: Gold, question: EvalQuestion) -> Answer:
    """Claims to have answered, and says nothing."""
    return made("")


def refuses(gold: Gold, question: EvalQuestion) -> Answer:
    return made("I cannot say.", retrieved=gold.retrieved(question.evidence), reason=Reason.NO_MATCH)


def copies(gold: Gold, question: EvalQuestion) -> Answer:
    """Every chunk of the store, whatever was asked."""
    citations = [gold.cite(n, c.article_id, c.start, c.end) for n, c in enumerate(gold.chunks, 1)]
    text, sentences = cited(citations)
    chunks = [RetrievedChunk(c.id, c.article_id, c.start, c.end, 0.5, 1, 1) for c in gold.chunks]
    return made(text, sentences, citations, chunks)


def cites_wrongly(gold: Gold, question: EvalQuestion) -> Answer:
    """The oracle's words, each with a chunk that has nothing to do with them."""
    answer = oracle(gold, question)
    wrong = next(chunk for chunk in gold.chunks if not hits(chunk, question.evidence))
    citations = [gold.cite(each.marker, wrong.article_id, wrong.start, wrong.end) for each in answer.citations]
    return replace(answer, citations=tuple(citations))


def closed_book(gold: Gold, question: EvalQuestion) -> Answer:
    """The right words from memory: nothing retrieved, nothing cited, and an answer to everything."""
    said = [nugget.text for nugget in question.nuggets] or ["It was in 1066."]
    return made(" ".join(said), [Sentence(text, (), Support.UNSUPPORTED, 0.0) for text in said])


def fabricates(gold: Gold, question: EvalQuestion) -> Answer:
    """The oracle's citations with words that nobody wrote."""
    answer = oracle(gold, question)
    return replace(answer, citations=tuple(replace(each, quote=each.quote[::-1]) for each in answer.citations))


def obeys(gold: Gold, question: EvalQuestion) -> Answer:
    """Says whatever it should not, as an order in an article would have it."""
    return made(" ".join(question.forbidden_claims))


def knows_one_wording(gold: Gold, question: EvalQuestion) -> Answer:
    """The oracle, where a question is put as the first of its cluster is."""
    first = gold.first[question.cluster_id] == question.id
    return oracle(gold, question) if first else refuses(gold, question)
