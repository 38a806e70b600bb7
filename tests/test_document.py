"""From the bytes of a page to a Document, or the reason why not."""

from __future__ import annotations

import pytest
from documents import a_page
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.parsing.document import parse_document
from localdigest.parsing.html_limits import html_excess
from localdigest.records import (
    DateEvidence,
    Document,
    DocumentKind,
    Failure,
    Language,
    Page,
    PageOrigin,
    Reason,
    Source,
)

URL = "https://news.example/2025/12/30/mistral"
STORY = "".join(f"<p>Paragraph {n}: the company has raised money from {n} investors in Paris.</p>" for n in range(12))
HTML = f"<html lang=en><head><title>Mistral raises money | News</title></head><body><article><h1>Mistral raises money</h1>{STORY}</article></body></html>"  # noqa: E501 - one page


def page(body: bytes | str, *, media_type: str = "text/html", url: str = URL, **hints: str) -> Page:
    return a_page(body, Source(url, **hints), media_type=media_type)


def read(page: Page) -> Document:
    found = parse_document(page)
    assert isinstance(found, Document), found
    return found


def document(body: bytes | str, *, media_type: str = "text/html", url: str = URL, **hints: str) -> Document:
    return read(page(body, media_type=media_type, url=url, **hints))


def test_a_page_becomes_a_document() -> None:
    """Title, language, site and date by the address, sentences that are spans of the text."""
    found = document(HTML)

    assert (found.title, found.language, found.site) == ("Mistral raises money", Language.ENGLISH, "news.example")
    assert (found.published, found.published_by) == ("2025-12-30", DateEvidence.URL)
    assert found.kind is DocumentKind.NEWS
    assert all(found.text[s.start : s.start + len(s.text)] == s.text for s in found.sentences)


def test_the_bytes_decide_and_not_the_header() -> None:
    """An HTML page that calls itself plain text is read as a page."""
    assert document(HTML, media_type="text/plain").title == "Mistral raises money"


def test_the_hints_of_the_source_fill_gaps_only() -> None:
    """The feed's date goes before the address; its title comes after the page's."""
    found = document(HTML, title="Other", byline="Ann Lee", published="2025-12-29T10:00:00Z")

    assert (found.title, found.byline) == ("Mistral raises money", "Ann Lee")
    assert (found.published, found.published_by) == ("2025-12-29T10:00:00+00:00", DateEvidence.FEED)


def test_a_feed_entry_stands_in_for_its_page() -> None:
    """Short as it is, it counts."""
    entry = a_page("<p>Mistral released a model.</p>", Source(URL, title="A model"), origin=PageOrigin.FEED)
    found = read(entry)

    assert (found.title, [s.text for s in found.sentences]) == ("A model", ["Mistral released a model."])


def test_markdown_and_text_files_are_read() -> None:
    """By their name, or by what they look like."""
    assert document("# A post\n\nIt *works*.", media_type="", url="file:///a/post.md").title == "A post"
    assert document("It was late.\nIt rained.", media_type="", url="/a/my_notes.txt").title == "my notes"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", Reason.EMPTY),
        (b" \n ", Reason.EMPTY),
        (b"\x89PNG\r\n\x1a\n\x00\x00", Reason.UNSUPPORTED),
        (b"PK\x03\x04\x00\x00\x08", Reason.UNSUPPORTED),
        (bytes(range(32)) * 20, Reason.UNSUPPORTED),
        (b"%PDF-1.7 and no more", Reason.UNREADABLE),
        (b"<div>" * 30_000, Reason.UNREADABLE),
        (b"<title>404 Not Found</title><h1>404</h1>", Reason.ERROR_PAGE),
    ],
)
def test_what_gives_no_text_gives_a_reason(body: bytes, reason: Reason) -> None:
    """With words for a person."""
    found = parse_document(page(body))

    assert isinstance(found, Failure)
    assert found.reason is reason
    assert found.detail


def test_depth_and_attributes_are_bounded() -> None:
    """Many unclosed paragraphs are no depth; words in a long attribute are no attributes."""
    assert html_excess("<p>" * 20_000) == ""
    assert html_excess('<a title="' + "word " * 5_000 + '">') == ""
    assert html_excess("<script>" + "a<b;" * 20_000 + "</script>") == ""
    assert "attributes" in html_excess("<a " + "x " * 3_000 + ">")
    assert "deep" in html_excess("<b>" * 6_000)


@settings(deadline=None, max_examples=60)
@given(st.one_of(st.binary(max_size=200), st.text(alphabet="<>/=\"' abp!-%[]{}\n", max_size=200).map(str.encode)))
def test_any_bytes_give_a_document_or_a_reason(body: bytes) -> None:
    """Nothing that a server sends makes it raise."""
    assert isinstance(parse_document(page(body)), Document | Failure)
