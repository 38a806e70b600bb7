"""Bytes become text by what they plainly are, then by what is declared, then by a marked guess."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.parsing.encoding import decode

TRADITIONAL = "臺灣的軟體業者今天發布新產品，並且說明價格與上市時間。" * 4
SIMPLIFIED = "软件业者今天发布新产品，并且说明价格与上市时间。" * 4
JAPANESE = "新しい製品を発表しました。価格は未定です。" * 4
FRENCH = "L’été dernier, la société a présenté un modèle à Genève. " * 4


@pytest.mark.parametrize(
    ("body", "charset", "text"),
    [
        (TRADITIONAL.encode("big5"), "big5", TRADITIONAL),
        (SIMPLIFIED.encode("gb2312"), "gb2312", SIMPLIFIED),
        ("用了镕字的名字".encode("gb18030"), "gb2312", "用了镕字的名字"),
        (JAPANESE.encode("shift_jis"), "Shift_JIS", JAPANESE),
        (JAPANESE.encode("euc-jp"), "euc-jp", JAPANESE),
        ("오늘 발표했습니다".encode("cp949"), "euc-kr", "오늘 발표했습니다"),
        (FRENCH.encode("cp1252"), "iso-8859-1", FRENCH),
        ("Привет, мир. Компания".encode("cp1251"), "windows-1251", "Привет, мир. Компания"),
    ],
)
def test_the_declared_charset_is_used_with_what_it_means_in_practice(body: bytes, charset: str, text: str) -> None:
    """A header that says gb2312 means gb18030, iso-8859-1 means Windows-1252."""
    decoded = decode(body, charset=charset)

    assert decoded.text == text
    assert decoded.warnings == ()


@pytest.mark.parametrize("declared", ["iso-8859-1", "gbk", "big5", "shift_jis", "utf-16", "no-such-charset", "base64"])
def test_a_wrong_declaration_does_not_win_over_plain_utf8(declared: str) -> None:
    """Chinese in UTF-8 is plainly that, whatever the header says."""
    decoded = decode(TRADITIONAL.encode(), charset=declared)

    assert (decoded.text, decoded.charset) == (TRADITIONAL, "utf-8")


def test_big5_declared_as_latin_1_is_found_out() -> None:
    """A single-byte charset decodes anything: where most bytes are not ASCII, it is not believed."""
    decoded = decode(TRADITIONAL.encode("big5") * 5, charset="iso-8859-1")

    assert decoded.text == TRADITIONAL * 5


@pytest.mark.parametrize(
    "head", [b'<meta charset="big5">', b"<meta http-equiv=Content-Type content='text/html; charset=Big5'>"]
)
def test_the_page_itself_may_declare(head: bytes) -> None:
    """Where the header is silent, the meta tag or the XML declaration speaks."""
    assert decode(head + TRADITIONAL.encode("big5")).text.endswith(TRADITIONAL)


def test_an_xml_declaration_counts() -> None:
    """As feeds and XHTML have it."""
    body = b'<?xml version="1.0" encoding="GB2312"?><p>' + SIMPLIFIED.encode("gb2312")

    assert decode(body).text.endswith(SIMPLIFIED)


def test_the_header_goes_before_the_page() -> None:
    """A proxy that re-encodes changes the header and not the page."""
    body = b"<meta charset=euc-jp>" + TRADITIONAL.encode("big5")

    assert decode(body, charset="big5").text.endswith(TRADITIONAL)


@pytest.mark.parametrize(
    ("bom", "charset"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_a_byte_order_mark_goes_before_everything(bom: bytes, charset: str) -> None:
    """And is no part of the text."""
    assert decode(bom + TRADITIONAL.encode(charset), charset="big5").text == TRADITIONAL


def test_utf16_without_a_mark_is_seen() -> None:
    """Every second byte of markup is NUL then."""
    assert decode("<html><p>Hello there".encode("utf-16-le")).text == "<html><p>Hello there"


def test_nothing_declared_and_not_utf8_is_guessed_with_a_warning() -> None:
    """The detector's guess is told to the reader."""
    decoded = decode(SIMPLIFIED.encode("gb18030") * 5)

    assert decoded.text == SIMPLIFIED * 5
    assert "guessed" in decoded.warnings[0]


def test_utf8_with_a_broken_piece_stays_utf8_and_is_counted() -> None:
    """One pasted Latin-1 character does not turn a page into gibberish."""
    decoded = decode(TRADITIONAL.encode() + b" caf\xe9 " + TRADITIONAL.encode(), charset="")

    assert decoded.text == f"{TRADITIONAL} caf\ufffd {TRADITIONAL}"
    assert decoded.warnings == ("1 character could not be decoded as utf-8",)


def test_utf8_that_was_cut_off_stays_utf8() -> None:
    """A byte limit may fall inside a character."""
    decoded = decode(TRADITIONAL.encode()[:-1])

    assert decoded.text[:-1] == TRADITIONAL[:-1]
    assert decoded.charset == "utf-8"


def test_nul_is_dropped_and_line_ends_are_one() -> None:
    """SQLite and XML parsers stop at NUL; spans count characters."""
    assert decode(b"a\x00b\r\nc\rd").text == "ab\nc\nd"


@settings(deadline=None, max_examples=150)
@given(
    st.binary(max_size=300), st.sampled_from(["", "utf-8", "gb2312", "big5", "latin-1", "rot13", "hex", "\x00", "é"])
)
def test_any_bytes_give_text(body: bytes, charset: str) -> None:
    """Never an exception, never a NUL."""
    assert "\x00" not in decode(body, charset=charset).text


@settings(deadline=None, max_examples=150)
@given(st.text(alphabet=st.characters(exclude_characters="\x00\r\ufeff", exclude_categories=["Cs"]), max_size=200))
def test_utf8_round_trips(text: str) -> None:
    """What was written in UTF-8 comes back as it was, unless it looks like UTF-16."""
    body = text.encode()
    if len(body) < 8 or (any(body[:64:2]) and any(body[1:64:2])):
        assert decode(body).text == text


POLISH = "Zażółć gęślą jaźń. Wczoraj w Łodzi otwarto nową halę targową, która pomieści pięć tysięcy gości. " * 3


@pytest.mark.parametrize(
    ("page", "encoding"),
    [
        ("<html lang=en><title>Café très sérieux</title>", "cp1252"),
        ("<title>Café très sérieux</title>", "cp1252"),
        (f"<html lang=pl><p>{POLISH}", "cp1250"),
        (f"<p>{POLISH}", "cp1250"),
    ],
)
def test_among_code_pages_of_the_latin_script_the_language_of_the_page_decides(page: str, encoding: str) -> None:
    """Few letters alone are no evidence against the commonest of them."""
    decoded = decode(page.encode(encoding), charset="utf-8")

    assert page == decoded.text
    assert decoded.warnings
