import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vectorstore.dates import PartialDate
from vectorstore.errors import LoadError
from vectorstore.formats import records
from vectorstore.formats.fields import Draft
from vectorstore.formats.records import read_records

FULL = {
    "id": "kabul-2021.08_27",
    "title": "Attack\n in  Kabul",
    "text": "Officials said so.\n\nIt was Monday.\r\n",
    "publisher": "The Valley Post",
    "published": "2021-08-27T01:30:00+04:30",
    "author": "A. Writer",
    "url": "https://example.org/a",
    "origin": "Radio Valley",
    "language": "en-GB",
    "score": {"unknown": [1, 2]},
}


def only(data: bytes) -> Draft:
    ((_, _, draft),) = [each for each in read_records(data, "a.jsonl") if not isinstance(each, LoadError)]
    return draft


def line(**fields: Any) -> bytes:
    return json.dumps({"text": "Some text.", **fields}).encode()


def test_every_field_is_taken() -> None:
    assert only(json.dumps(FULL).encode()) == Draft(
        text="Officials said so.\n\nIt was Monday.\r\n",
        encoding="utf-8 (strict)",
        id="kabul-2021.08_27",
        title="Attack in Kabul",
        publisher="The Valley Post",
        published=PartialDate("2021-08-27"),
        published_basis="stated: in its record",
        language="en-GB",
        origin="Radio Valley",
        author="A. Writer",
        url="https://example.org/a",
    )


def test_what_is_left_out_is_unknown() -> None:
    expected = Draft(text="Some text.", encoding="utf-8 (strict)", title="Some text.")
    assert only(line()) == expected
    assert (
        only(line(title=None, publisher="", published="", url="", language=None, author=" ", origin="\n")) == expected
    )


def test_each_record_has_a_key_and_its_bytes() -> None:
    first, second, third = line(id=7), line(), line(text="é — \u2028")
    data = b"\xef\xbb\xbf" + first + b"\r\n\n  \n" + second + b"\n" + third
    found = [each[:2] for each in read_records(data, "a.jsonl") if not isinstance(each, LoadError)]
    assert found == [("7", first), ("line-4", second), ("line-5", third)]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (b"{", "is not an article: Invalid JSON"),
        (b"[]", "is not an article"),
        (b"null", "is not an article"),
        (b"{}", "text: Field required"),
        (line(text=None), "text: "),
        (line(text=7), "text: "),
        (line(text=" \n"), "text: .*empty"),
        (line(text="a\0b"), "text: .*not text"),
        (b'{"text": "a\\ud800b"}', "is not an article"),
        (b'{"text": "caf\xe9"}', "is not an article"),
        (line(id="a b"), "id: "),
        (line(id="../a"), "id: "),
        (line(id=True), "id: "),
        (line(id=""), "id: "),
        (line(published="June 2017"), "published: .*not a past date"),
        (line(published="2999-01-01"), "published: .*not a past date"),
        (line(published="0001"), "published: .*not a past date"),
        (line(published=2017), "published: "),
        (line(url="file:///etc/passwd"), "url: "),
        (line(language="English!"), "language: "),
        (b"[" * 100_000, "is not an article"),
        (b'{"text": "a", "n": ' + b"9" * 10_000 + b"x}", "is not an article"),
        (line(id="one"), "has the id one of an earlier line"),
        (line(text="x" * 300), "is longer than"),
    ],
)
def test_a_bad_line_is_told_and_the_rest_goes_on(bad: bytes, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MAX_LINE", 200_000 if len(bad) > 1_000 else 300)
    found = list(read_records(b"\n".join([line(id="one"), bad, line(id="three")]), "a.jsonl"))
    assert [each[0] for each in found if not isinstance(each, LoadError)] == ["one", "three"]
    (error,) = [each for each in found if isinstance(each, LoadError)]
    assert str(error).startswith("a.jsonl, line 2, ")
    assert str(error).count("\n") == 0
    with pytest.raises(LoadError, match=message):
        raise error


@settings(derandomize=True, database=None, deadline=None)
@given(st.binary(max_size=200))
def test_nothing_else_is_raised(data: bytes) -> None:
    for each in read_records(data, "a.jsonl"):
        assert isinstance(each, LoadError)


@settings(derandomize=True, database=None, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=50), max_size=5))
def test_texts_come_back_as_they_were(texts: list[str]) -> None:
    data = b"\n".join(json.dumps({"text": f"A{text}"}, ensure_ascii=False).encode() for text in texts)
    found = [each[2].text for each in read_records(data, "a.jsonl") if not isinstance(each, LoadError)]
    assert found == [f"A{text}" for text in texts]
