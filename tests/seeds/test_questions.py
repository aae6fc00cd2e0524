import calendar
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import pytest

Record = dict[str, Any]

MINIMUM = {
    "single_fact": 80,
    "list": 20,
    "multi_article": 20,
    "temporal": 25,
    "conflict": 20,
    "false_premise": 25,
    "unanswerable": 50,
    "boilerplate": 12,
    "alias_typo": 30,
    "injection": 15,
    "out_of_scope": 12,
}
FIELDS = {
    "id", "question", "category", "answerable", "split", "cluster_id", "nuggets", "evidence",
    "forbidden_claims", "conflict_positions", "as_of", "difficulty",
}  # fmt: skip
ALWAYS_ANSWERABLE = {"single_fact", "list", "multi_article", "conflict", "alias_typo"}
NEVER_ANSWERABLE = {"false_premise", "unanswerable", "boilerplate", "out_of_scope"}


def _last_day(published: str) -> str:
    """The last day that a month or a day can mean, as an ISO date."""
    if len(published) == len("2017-12-12"):
        return published
    year, month = map(int, published.split("-"))
    return f"{published}-{calendar.monthrange(year, month)[1]}"


def _quotes(question: Record, evidence_ids: list[str]) -> list[str]:
    return [item["quote"] for item in question["evidence"] if item["id"] in evidence_ids]


def _in_range(question: Record, catalog: list[Record], reporting: dict[str, str]) -> list[str]:
    """The reporting of the articles that the question may use."""
    return [
        reporting[article["id"]]
        for article in catalog
        if question["as_of"] is None or _last_day(article["published"]) <= question["as_of"]
    ]


def test_fields_and_values(questions: list[Record]) -> None:
    for question in questions:
        extra = set() if question["answerable"] else {"absence_search"}
        assert set(question) == FIELDS | extra, question["id"]
        assert question["difficulty"] in {"easy", "medium", "hard"}
        assert question["question"] == question["question"].strip() != ""
        assert question["as_of"] is None or re.fullmatch(r"\d{4}-\d{2}-\d{2}", question["as_of"])


def test_ids_are_unique(questions: list[Record]) -> None:
    assert len({question["id"] for question in questions}) == len(questions)
    assert len({(question["question"].casefold(), question["as_of"]) for question in questions}) == len(questions)
    for question in questions:
        for part in ("nuggets", "evidence"):
            ids = [item["id"] for item in question[part]]
            assert len(set(ids)) == len(ids), question["id"]


def test_evidence_is_a_verbatim_slice(questions: list[Record], texts: dict[str, str]) -> None:
    for question in questions:
        for item in question["evidence"]:
            assert texts[item["article_id"]][item["start"] : item["end"]] == item["quote"] != "", question["id"]


def test_evidence_touches_no_furniture(questions: list[Record], furniture: dict[str, list[tuple[int, int]]]) -> None:
    assert all(furniture.values())
    for question in questions:
        for item in question["evidence"]:
            for start, end in furniture[item["article_id"]]:
                assert item["end"] <= start or end <= item["start"], (question["id"], item["quote"])


def test_evidence_was_published_by_the_as_of_day(questions: list[Record], catalog: list[Record]) -> None:
    published = {article["id"]: _last_day(article["published"]) for article in catalog}
    for question in questions:
        for item in question["evidence"]:
            assert question["as_of"] is None or published[item["article_id"]] <= question["as_of"], question["id"]


def test_every_nugget_is_found_in_each_of_its_evidence_sentences(
    questions: list[Record], holds: Callable[[str, str], bool]
) -> None:
    for question in questions:
        for nugget in question["nuggets"]:
            quotes = _quotes(question, nugget["evidence_ids"])
            assert len(quotes) == len(nugget["evidence_ids"]) > 0, question["id"]
            for quote in quotes:
                named = any(holds(quote, alias) for alias in nugget["aliases"])
                matched = "pattern" in nugget and re.search(nugget["pattern"], quote) is not None
                assert named or matched, (question["id"], nugget["text"], quote)


def test_no_article_makes_a_forbidden_claim(
    questions: list[Record],
    catalog: list[Record],
    reporting: dict[str, str],
    holds: Callable[[str, str], bool],
) -> None:
    for question in questions:
        for claim in question["forbidden_claims"]:
            for text in _in_range(question, catalog, reporting):
                assert not holds(text, claim), (question["id"], claim)


def test_answerable_and_not(questions: list[Record]) -> None:
    for question in questions:
        vital = [nugget for nugget in question["nuggets"] if nugget["importance"] == "vital"]
        assert {nugget["importance"] for nugget in question["nuggets"]} <= {"vital", "okay"}
        assert bool(vital) is question["answerable"], question["id"]
        if question["category"] in ALWAYS_ANSWERABLE | NEVER_ANSWERABLE:
            assert question["answerable"] is (question["category"] in ALWAYS_ANSWERABLE), question["id"]
        if question["category"] == "false_premise":
            assert question["evidence"], question["id"]
        elif not question["answerable"]:
            assert not question["evidence"], question["id"]


def test_what_is_not_answerable_was_searched_for_and_is_absent(
    questions: list[Record],
    catalog: list[Record],
    reporting: dict[str, str],
    holds: Callable[[str, str], bool],
) -> None:
    for question in questions:
        if question["answerable"]:
            continue
        assert question["absence_search"], question["id"]
        for text in _in_range(question, catalog, reporting):
            found = [term for term in question["absence_search"] if holds(text, term)]
            assert not found, question["id"]


def test_boilerplate_questions_ask_for_what_only_furniture_says(
    questions: list[Record], texts: dict[str, str], holds: Callable[[str, str], bool]
) -> None:
    asked = [question for question in questions if question["category"] == "boilerplate"]
    for question in asked:
        everything = "\n".join(texts.values())
        assert any(holds(everything, term) for term in question["absence_search"]), question["id"]


def test_conflicts_have_two_sides_with_evidence(questions: list[Record]) -> None:
    for question in questions:
        positions = question["conflict_positions"]
        assert (len(positions) >= 2) is (question["category"] == "conflict"), question["id"]
        for position in positions:
            assert len(_quotes(question, position["evidence_ids"])) == len(position["evidence_ids"]) > 0


def test_questions_over_several_articles_use_several(questions: list[Record]) -> None:
    for question in questions:
        if question["category"] == "multi_article":
            assert len({item["article_id"] for item in question["evidence"]}) >= 2, question["id"]


def test_no_cluster_is_in_two_splits(questions: list[Record]) -> None:
    splits: dict[str, set[str]] = defaultdict(set)
    for question in questions:
        splits[question["cluster_id"]].add(question["split"])
    assert all(len(found) == 1 for found in splits.values())
    assert set().union(*splits.values()) == {"dev", "test"}


@pytest.mark.parametrize(("category", "minimum"), MINIMUM.items())
def test_each_category_is_large_enough_and_in_both_splits(questions: list[Record], category: str, minimum: int) -> None:
    by_split = Counter(question["split"] for question in questions if question["category"] == category)
    assert by_split.total() >= minimum
    assert abs(by_split["dev"] - by_split["test"]) <= max(2, by_split.total() // 10)


def test_the_set_covers_every_article(questions: list[Record], texts: dict[str, str], catalog: list[Record]) -> None:
    assert len(questions) >= 300
    assert {question["category"] for question in questions} == set(MINIMUM)
    for article in catalog:
        cited = [
            question
            for question in questions
            if any(item["article_id"] == article["id"] for item in question["evidence"])
        ]
        assert len(cited) >= 30, article["id"]
