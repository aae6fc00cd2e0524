import io
import random
from collections.abc import Sequence

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from vectorstore.errors import LoadError
from vectorstore.formats import pdf
from vectorstore.formats.pdf import read_pdf

LINES = [
    "Attack on the road",
    "Officials said on Monday that the group attacked a convoy on the",
    "road to the airport in Kabul.",
    "The second paragraph begins here.",
]


def shown(lines: Sequence[str]) -> bytes:
    """Drawing commands for lines of text, one below the other."""
    commands = "".join(f"({line}) Tj T*\n" for line in lines)
    return f"BT /F1 12 Tf 14 TL 72 720 Td\n{commands}ET".encode("cp1252")


def make(*pages: bytes, forms: dict[str, bytes] | None = None, metadata: dict[str, str] | None = None) -> PdfWriter:
    """A file with a page for each string of drawing commands; ``forms`` may be drawn by every page and form."""
    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
            NameObject("/Encoding"): NameObject("/WinAnsiEncoding"),
        }
    )
    drawn = DictionaryObject()
    resources = writer._add_object(
        DictionaryObject(
            {
                NameObject("/Font"): DictionaryObject({NameObject("/F1"): writer._add_object(font)}),
                NameObject("/XObject"): drawn,
            }
        )
    )
    for name, commands in (forms or {}).items():
        form = DecodedStreamObject()
        form.set_data(commands)
        form[NameObject("/Type")] = NameObject("/XObject")
        form[NameObject("/Subtype")] = NameObject("/Form")
        form[NameObject("/Resources")] = resources
        drawn[NameObject(f"/{name}")] = writer._add_object(form)
    for commands in pages:
        page = writer.add_blank_page(612, 792)
        stream = DecodedStreamObject()
        stream.set_data(commands)
        page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
        page[NameObject("/Resources")] = resources
    writer.add_metadata(metadata or {})
    return writer


def written(writer: PdfWriter) -> bytes:
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def test_the_text_of_the_pages() -> None:
    draft = read_pdf(written(make(shown(LINES), shown(["Third page, not \\(second\\)."]))), "a.pdf")
    assert draft.text.split("\n\n") == [LINES[0], f"{LINES[1]} {LINES[2]}", LINES[3], "Third page, not (second)."]
    assert (draft.title, draft.encoding) == (LINES[0], "pdf text layer")


def test_dates_and_names_of_the_program_are_not_the_articles() -> None:
    metadata = {
        "/Title": "The \n stated title",
        "/Author": "someone",
        "/Creator": "Writer",
        "/CreationDate": "D:20210827100000Z",
        "/ModDate": "D:20210828100000Z",
    }
    draft = read_pdf(written(make(shown(LINES), metadata=metadata)), "a.pdf")
    assert draft.title == "The stated title"
    assert (draft.published, draft.published_basis, draft.author, draft.publisher) == (None, "unknown", None, None)


@pytest.mark.parametrize("title", ["", "untitled", "Microsoft Word - report.doc", "report_final.docx", "Layout 3.indd"])
def test_titles_that_are_none(title: str) -> None:
    assert read_pdf(written(make(shown(LINES), metadata={"/Title": title})), "a.pdf").title == LINES[0]


def test_text_in_forms_is_read() -> None:
    draft = read_pdf(written(make(b"/Fm Do", forms={"Fm": shown(["Words of a form."])})), "a.pdf")
    assert draft.text == "Words of a form."


def encrypted(password: str) -> bytes:
    writer = make(shown(LINES))
    writer.encrypt(password, algorithm="RC4-128")
    return written(writer)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is damaged, or is no PDF"),
        (b"no pdf at all", "is damaged, or is no PDF"),
        (b"%PDF-1.7\n%%EOF", "is damaged, or is no PDF"),
        (written(make(shown(LINES)))[:400], "is damaged, or is no PDF"),
        (written(make(b"0 0 100 100 re f")), "has no text layer"),
        (written(make(shown(["  ", "- -"]))), "has no text layer"),
        (written(make()), "has no text layer"),
        (encrypted("secret"), "is encrypted"),
        (encrypted(""), "is encrypted"),
    ],
    ids=["empty", "text", "bare", "cut", "drawing", "blank", "no pages", "password", "empty password"],
)
def test_files_that_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(LoadError, match=message) as caught:
        read_pdf(data, "a.pdf")
    assert str(caught.value).startswith("a.pdf ")


def test_too_many_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_PAGES", 2)
    assert "page" in read_pdf(written(make(*[shown(["A page."])] * 2)), "a.pdf").text
    with pytest.raises(LoadError, match="more than 2 pages"):
        read_pdf(written(make(*[shown(["A page."])] * 3)), "a.pdf")


def test_too_much_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_CHARS", 100)
    with pytest.raises(LoadError, match="more than 100 characters"):
        read_pdf(written(make(shown(LINES))), "a.pdf")


def test_too_many_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    # Ten forms, each of which draws the next ten times: 10^10 drawings in a file of 2 KB.
    forms = {f"Fm{number}": f"/Fm{number + 1} Do ".encode() * 10 for number in range(10)}
    forms["Fm10"] = shown(["x"])
    data = written(make(*[shown(["Words."]) + b"/Fm0 Do"] * 3, forms=forms))
    assert len(data) < 10_000
    monkeypatch.setattr(pdf, "MAX_OPERATIONS", 1_000)
    with pytest.raises(LoadError, match="more than 1,000 drawing commands"):
        read_pdf(data, "a.pdf")


def test_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_SECONDS", -1)
    with pytest.raises(LoadError, match="takes too much work"):
        read_pdf(written(make(shown(LINES))), "a.pdf")


@pytest.mark.parametrize("commands", [b"% " + b"x" * 25_000_000, b"0 " * 60_000 + shown(LINES)])
def test_a_page_that_only_looks_small(commands: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    data = written(make(commands))
    assert len(data) < 100_000
    monkeypatch.setattr(pdf, "_MAX_STREAM_PARTS", 50_000)
    with pytest.raises(LoadError, match="takes too much work"):
        read_pdf(data, "a.pdf")


def test_damage_is_told_and_nothing_is_said_on_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    data = written(make(shown(LINES), shown(LINES), metadata={"/Title": "Title"}))
    chance = random.Random(7)
    refused = 0
    for _ in range(150):
        damaged = bytearray(data)
        for _ in range(chance.choice((1, 5, 50))):
            damaged[chance.randrange(len(data))] = chance.randrange(256)
        try:
            read_pdf(bytes(damaged[: chance.choice((None, chance.randrange(len(data))))]), "a.pdf")
        except LoadError:
            refused += 1
    assert 0 < refused < 150
    assert capfd.readouterr() == ("", "")
    assert len(PdfReader(io.BytesIO(data)).pages) == 2
