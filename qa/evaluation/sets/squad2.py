"""SQuAD 2.0: the published JSON, or passages.jsonl beside questions.jsonl."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qa.evaluation.dataset import DatasetError, EvalQuestion, GoldEvidence
from qa.evaluation.sets.reading import Document, Part, Record, article_id, nugget, readable, records, split_of


def read_squad2(folder: Path) -> tuple[Part, ...]:
    """One part: every paragraph a document, its questions with the answers' spans. Raises DatasetError."""
    documents: dict[str, Document] = {}
    questions: dict[str, EvalQuestion] = {}
    try:
        for title, paragraph, written, asked in _paragraphs(folder):
            text = readable(written)
            document = documents.setdefault(text, Document(article_id(paragraph), title, text))
            for record in asked:
                question = _question(record, document, title, paragraph)
                questions[question.id] = question
    except (KeyError, TypeError, ValueError) as problem:
        raise DatasetError(f"{folder} is not SQuAD 2.0 ({problem!r}); name the folder of its JSON file") from None
    if not questions:
        raise DatasetError(f"{folder} holds no SQuAD 2.0 questions; name the folder of its JSON file")
    return (Part(tuple(documents.values()), tuple(questions.values())),)


def _paragraphs(folder: Path) -> Iterator[tuple[str, str, str, list[Record]]]:
    """Title, name, text and questions of each paragraph, the questions in the published form."""
    if (folder / "passages.jsonl").is_file():
        asked: dict[str, list[Record]] = {}
        for _, record in records(folder / "questions.jsonl"):
            answers = [{"text": each["text"], "answer_start": each["start"]} for each in record["answers"]]
            published = {"id": record["id"], "question": record["question"], "answers": answers}
            asked.setdefault(record["passage_id"], []).append(published)
        for _, record in records(folder / "passages.jsonl"):
            yield record["title"], record["id"], record["text"], asked.get(record["id"], [])
        return
    for path in sorted(folder.glob("*.json")):
        for article in json.loads(path.read_bytes())["data"]:
            for number, paragraph in enumerate(article["paragraphs"]):
                yield article["title"], f"{article['title']}#{number}", paragraph["context"], paragraph["qas"]


def _question(record: Record, document: Document, title: str, paragraph: str) -> EvalQuestion:
    answers: list[dict[str, Any]] = record["answers"]
    spans = dict.fromkeys((each["answer_start"], each["text"]) for each in answers)
    evidence = [
        GoldEvidence(id=f"e{n}", article_id=document.id, start=start, end=start + len(text), quote=text)
        for n, (start, text) in enumerate(spans, 1)
        if document.text[start : start + len(text)] == text
    ]
    return EvalQuestion(
        id=str(record["id"]),
        question=record["question"].strip(),
        category="single_fact" if answers else "unanswerable",
        answerable=bool(answers),
        # All paragraphs of an article in one half, so that nothing is tuned on its neighbour.
        split=split_of(title),
        cluster_id=paragraph,
        nuggets=(nugget(1, list(dict.fromkeys(text for _, text in spans)), evidence),) if answers else (),
        evidence=tuple(evidence),
        difficulty="medium",
        benchmark="squad2",
    )
