import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vectorstore.decoding import decode
from vectorstore.errors import LoadError

ENGLISH = "The group’s leader said “we will fight” – Gen. Nicholson told reporters on Monday, officials said."
RUSSIAN = "Боевики атаковали аэропорт Кабула, сообщили официальные лица в понедельник. Погибли люди."
ARABIC = "هاجم مقاتلو تنظيم الدولة مطار كابل يوم الاثنين وقتل عدد كبير من الناس حسب ما قال مسؤولون"
JAPANESE = "カブールの空港で月曜日に攻撃があり、多くの人が死亡したと当局者が述べた。"
GERMAN = "Die Kämpfer griffen den Flughafen in Kabul an, sagten Behörden am Montag. Über 170 Menschen starben."


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (b"Caf\xc3\xa9 \xe2\x80\x93 \xc2\xa0x", "Café – \u00a0x", "utf-8 (strict)"),
        (b"A\r\n\r\nB\rC\x0c D", "A\r\n\r\nB\rC\x0c D", "utf-8 (strict)"),
        # The mark of UTF-8 stays: it may be in stores already, and it is a character of the file.
        (b"\xef\xbb\xbfA", "\ufeffA", "utf-8 (byte order mark)"),
        (ENGLISH.encode("utf-16"), ENGLISH, "utf-16 (byte order mark)"),
        (codecs.BOM_UTF16_BE + ENGLISH.encode("utf-16-be"), ENGLISH, "utf-16 (byte order mark)"),
        (ENGLISH.encode("utf-32"), ENGLISH, "utf-32 (byte order mark)"),
        (ENGLISH.encode("cp1252"), ENGLISH, "cp1252 (detected)"),
        (b"x" * 200_000 + b"\n" + ENGLISH.encode("cp1252"), "x" * 200_000 + "\n" + ENGLISH, "cp1252 (detected)"),
        (GERMAN.encode("latin-1"), GERMAN, "cp1252 (detected)"),
        (RUSSIAN.encode("cp1251"), RUSSIAN, "cp1251 (detected)"),
        (RUSSIAN.encode("koi8-r"), RUSSIAN, "koi8_r (detected)"),
        (ARABIC.encode("cp1256"), ARABIC, "cp1256 (detected)"),
        (JAPANESE.encode("shift_jis"), JAPANESE, "cp932 (detected)"),
    ],
)
def test_the_encoding_is_told_and_no_character_changed(data: bytes, text: str, encoding: str) -> None:
    decoded = decode(data, "a.txt")
    assert (decoded.text, decoded.encoding) == (text, encoding)


@pytest.mark.parametrize(
    ("declared", "codec", "text", "encoding"),
    [
        ("windows-1251", "cp1251", "Да", "windows-1251 (declared)"),
        (" KOI8-R ", "koi8-r", "Да", "koi8-r (declared)"),
        # What pages mean that declare Latin-1, as browsers read them.
        ("ISO-8859-1", "cp1252", "“x”", "windows-1252 (declared)"),
        ("us-ascii", "cp1252", "“x”", "windows-1252 (declared)"),
        ("Shift_JIS", "shift_jis", "空港", "shift_jis (declared)"),
        ("iso-8859-15", "iso8859-15", "5 €", "iso8859-15 (declared)"),
        # UTF-8 that is valid is not by chance, whatever the page declares.
        ("windows-1251", "utf-8", "Да", "utf-8 (strict)"),
    ],
)
def test_a_declared_charset(declared: str, codec: str, text: str, encoding: str) -> None:
    decoded = decode(text.encode(codec), "a.html", declared)
    assert (decoded.text, decoded.encoding) == (text, encoding)


@pytest.mark.parametrize(
    "declared", ["utf-7", "unicode_escape", "hex", "rot13", "nonsense", "", "a\0b", "idna", "utf-8"]
)
def test_a_declaration_that_does_not_count(declared: str) -> None:
    assert decode(RUSSIAN.encode("cp1251"), "a.html", declared).encoding == "cp1251 (detected)"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b" \r\n\t", "is empty"),
        ("\ufeff\u00a0\u200b\n".encode(), "is empty"),
        (codecs.BOM_UTF16_LE, "is empty"),
        (b"ok\0ok", "zero bytes and no byte order mark"),
        (ENGLISH.encode("utf-16-le"), "zero bytes and no byte order mark"),
        ("a\0b".encode("utf-16"), "has zero bytes"),
        (ENGLISH.encode("utf-16")[:-1], "begins as utf-16 and is not"),
        (b"\xef\xbb\xbfok \xff", r"begins as utf-8 and is not \(byte 6\)"),
        # Several readings, or none: nothing is guessed.
        ("Grüße".encode("latin-1"), "cannot be told; save it as UTF-8"),
        (b"ok \xed\xa0\x80", r"is UTF-8 with damage \(byte 3\)"),
        (ENGLISH.encode() + "é".encode()[:1], r"is UTF-8 with damage \(byte 106\)"),
        (ENGLISH.encode().replace(b"\x80", b"", 1), r"is UTF-8 with damage \(byte 9\)"),
        (GERMAN.encode("cp437"), "cannot be told"),
        (ENGLISH.encode("mac-roman"), "cannot be told"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(1, 256)) * 20, "cannot be told"),
    ],
)
def test_what_is_no_text(data: bytes, message: str) -> None:
    with pytest.raises(LoadError, match=message) as caught:
        decode(data, "a.txt")
    assert str(caught.value).startswith("a.txt ")


@settings(derandomize=True, database=None, deadline=None)
@given(st.binary(max_size=300), st.none() | st.text(max_size=20))
def test_nothing_else_is_raised(data: bytes, declared: str | None) -> None:
    try:
        decoded = decode(data, "a.txt", declared)
    except LoadError:
        return
    decoded.text.encode()
    assert "\0" not in decoded.text


@settings(derandomize=True, database=None, deadline=None)
@given(st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=200))
def test_utf8_comes_back_as_it_was(text: str) -> None:
    text = f"A {text}"
    decoded = decode(text.encode(), "a.txt")
    assert (decoded.text, decoded.encoding) == (text, "utf-8 (strict)")
