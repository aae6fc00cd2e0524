"""A folder of BEIR: corpus.jsonl, queries.jsonl and qrels/test.tsv."""

from pathlib import Path

from qa.evaluation.dataset import DatasetError, EvalQuestion, read_lines
from qa.evaluation.sets.reading import Document, Part, article_id, readable, records, split_of


def read_beir(folder: Path) -> tuple[Part, ...]:
    """One part: the judged queries over the whole corpus. Which documents answer is known, and not how.

    Documents with the same text are one; judgements of 0 are left out. Raises DatasetError.
    """
    documents: dict[str, Document] = {}
    by_name: dict[str, str] = {}
    for where, record in records(folder / "corpus.jsonl"):
        if not isinstance(record.get("_id"), str) or not isinstance(record.get("text"), str):
            raise DatasetError(f"{where}: no document of BEIR (_id, title, text)")
        title = str(record.get("title") or "") or record["_id"]
        # A document may be a title alone.
        text = readable(record["text"] or title)
        document = documents.setdefault(text, Document(article_id(record["_id"]), title, text))
        by_name[record["_id"]] = document.id
    grades = _grades(folder / "qrels", by_name)
    questions = tuple(
        EvalQuestion(
            id=str(record["_id"]),
            question=str(record["text"]).strip(),
            category="single_fact",
            answerable=True,
            split=split_of(str(record["_id"])),
            cluster_id=str(record["_id"]),
            difficulty="medium",
            benchmark="beir",
            grades=grades[str(record["_id"])],
        )
        for _, record in records(folder / "queries.jsonl")
        if grades.get(str(record.get("_id")))
    )
    if not questions:
        raise DatasetError(f"{folder} holds no judged query: qrels name none of queries.jsonl")
    return (Part(tuple(documents.values()), questions),)


def _grades(folder: Path, by_name: dict[str, str]) -> dict[str, dict[str, int]]:
    """The relevant articles of each query; of test.tsv, or of the first file where that is absent."""
    path = folder / "test.tsv"
    if not path.is_file():
        path = next(iter(sorted(folder.glob("*.tsv"))), path)
    grades: dict[str, dict[str, int]] = {}
    for number, line in read_lines(path):
        try:
            query, name, grade = line.split("\t")
            score = int(grade)
        except ValueError:
            if number == 1:
                continue  # the head of the table
            raise DatasetError(f"{path}, line {number}: not query, document and grade") from None
        if score > 0 and name in by_name:
            found = grades.setdefault(query, {})
            found[by_name[name]] = max(score, found.get(by_name[name], 0))
    return grades
