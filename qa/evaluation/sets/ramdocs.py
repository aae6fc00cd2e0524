"""RAMDocs: each question over its own few documents, some right, some wrong, some beside the point."""

import re
from pathlib import Path
from typing import Any

from qa.evaluation.dataset import DatasetError, EvalQuestion, GoldEvidence
from qa.evaluation.sets.reading import Document, Part, Record, nugget, readable, records
from qa.evaluation.tokens import tokenise

_NUMBER = re.compile(r"\d+$")


def read_ramdocs(folder: Path) -> tuple[Part, ...]:
    """A part a question; right answers are vital nuggets, wrong ones forbidden claims. Raises DatasetError.

    A question has the number that its id ends in, else its place in the file.
    """
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise DatasetError(f"{folder} holds no RAMDocs file (.jsonl)")
    parts = []
    for path in paths:
        for place, (where, record) in enumerate(records(path)):
            try:
                own = _NUMBER.search(str(record.get("id", "")))
                parts.append(_part(int(own[0]) if own else place, record))
            except (KeyError, TypeError, ValueError, IndexError) as problem:
                raise DatasetError(f"{where}: no question of RAMDocs ({problem!r})") from None
    return tuple(parts)


def _part(number: int, record: Record) -> Part:
    name = f"r{number:04d}"
    texts = {readable(each["text"]): each for each in record["documents"] if each["text"].strip()}
    documents = tuple(
        Document(f"{name}-document-{n}", f"Document {n}", text, f"Publisher {n}") for n, text in enumerate(texts, 1)
    )
    right = [str(each) for each in dict.fromkeys(record["gold_answers"])]
    wrong = [str(each) for each in dict.fromkeys(record["wrong_answers"]) if each not in right]
    evidence: list[GoldEvidence] = []
    nuggets = []
    for place, answer in enumerate(right, 1):
        spans = _spans(answer, len(evidence), documents, [texts[each.text] for each in documents])
        nuggets.append(nugget(place, [answer], spans))
        evidence += spans
    question = EvalQuestion(
        id=name,
        question=record["question"].strip(),
        category="list" if len(right) > 1 else "single_fact",
        answerable=True,
        # Those with an even number are for choosing.
        split="dev" if number % 2 == 0 else "test",
        cluster_id=name,
        nuggets=tuple(nuggets),
        evidence=tuple(evidence),
        forbidden_claims=tuple(each for each in wrong if tokenise(each) and not each.startswith("re:")),
        difficulty="hard",
        benchmark="ramdocs",
    )
    return Part(documents, (question,))


def _spans(
    answer: str, before: int, documents: tuple[Document, ...], labels: list[dict[str, Any]]
) -> list[GoldEvidence]:
    """Where the documents that are labelled with an answer say it; ``before``: how many spans there are already."""
    spans: list[GoldEvidence] = []
    for document, label in zip(documents, labels, strict=True):
        start = document.text.find(answer) if label["type"] == "correct" and label["answer"] == answer else -1
        if start >= 0:
            spans.append(
                GoldEvidence(
                    id=f"e{before + len(spans) + 1}",
                    article_id=document.id,
                    start=start,
                    end=start + len(answer),
                    quote=answer,
                )
            )
    return spans
