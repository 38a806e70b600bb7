"""What the jailed process makes of pages: what the parsers make of them; and traps, each of them one failed source."""

from __future__ import annotations

import gzip
import json
import time
import tomllib
import zlib
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import html_body_pages
import pytest
from documents import a_page as plain_page
from hypothesis import given, settings
from hypothesis import strategies as st
from readers import READER

from localdigest.codec import canonical_json
from localdigest.net.seams import Rules
from localdigest.parsing.document import parse_document
from localdigest.parsing.draft import read_draft
from localdigest.parsing.feeds import parse_feed
from localdigest.parsing.opml import parse_outline
from localdigest.parsing.results import Feed, OutlineError, OutlineList
from localdigest.parsing.wire import pack_page, pack_reading, unpack_page, unpack_reading
from localdigest.reader import Reader
from localdigest.records import (
    DateEvidence,
    Document,
    DocumentKind,
    Failure,
    Language,
    Page,
    PageOrigin,
    Reason,
    Role,
    Sentence,
    Source,
)
from localdigest.sandbox.limits import Limits
from localdigest.sandbox.process import WorkerError

REPOSITORY = Path(__file__).parent.parent
DATA = REPOSITORY / "tests" / "data"
CORPUS = REPOSITORY.parent / "shared" / "corpus"
MIB = 2**20


def a_page(body: bytes, name: str = "https://example.com/a", *, media_type: str = "", charset: str = "") -> Page:
    source = Source(name, via="feed x", title="Hint", published="2025-12-01", feed_html="<p>its own text</p>")
    return plain_page(body, source, media_type=media_type, charset=charset)


def every_page() -> Iterator[tuple[str, Page]]:
    """All pages that the tests have: files, tables and those written out in code."""
    for folder in (REPOSITORY / "examples" / "pages", DATA / "feeds", DATA / "post"):
        for path in sorted(folder.iterdir()):
            yield path.name, a_page(path.read_bytes(), path.as_uri())
    for name in ("articles", "walls"):
        rows = tomllib.loads((DATA / "parsing" / f"{name}.toml").read_text(encoding="utf-8"))["page"]
        for number, row in enumerate(rows):
            html = f"<html><head><title>{row['title']}</title></head><body>{row['body']}</body></html>"
            yield f"{name} {number}", a_page(html.encode(), media_type="text/html")
            yield (
                f"{name} {number} of a feed",
                plain_page(row["body"], media_type="text/html", charset="utf-8", origin=PageOrigin.FEED),
            )
    for name, html in vars(html_body_pages).items():
        if name.isupper() and isinstance(html, str):
            yield name, a_page(html.encode("big5", "replace"), media_type="text/html", charset="big5")
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["Date"] = "A quay", "Ann <ann@news.example>", "Tue, 30 Dec 2025 08:15:00 +0800"
    mail.set_content("The harbour of Lindholm opened its second quay on Monday. It took four years.\n" * 5)
    yield "mail", a_page(mail.as_bytes(), "letter.eml", media_type="message/rfc822")
    for path in sorted(CORPUS.glob("*/html/*.gz"))[::40]:
        yield path.name[:12], a_page(gzip.decompress(path.read_bytes()), media_type="text/html")
    for path in sorted(CORPUS.glob("pdf/*.pdf")):
        yield path.name, a_page(path.read_bytes(), path.as_uri())


def test_every_page_is_read_as_the_parsers_themselves_read_it() -> None:
    pages = dict(every_page())
    differing = [
        name for name, page in pages.items()
        if canonical_json(READER.document(page)) != canonical_json(parse_document(page))
    ]  # fmt: skip

    assert differing == []
    assert len(pages) > 100


def test_feeds_and_outlines_are_read_as_the_parsers_themselves_read_them() -> None:
    for path in sorted((DATA / "feeds").iterdir()):
        assert READER.listing(a_page(path.read_bytes())) == parse_feed(path.read_bytes())
    outline = (REPOSITORY / "examples" / "sources.opml").read_bytes()

    assert READER.listing(a_page(outline)) == READER.outline(outline) == parse_outline(outline)
    assert READER.listing(a_page(b"<p>neither</p>")) is None


def test_a_draft_is_read_as_the_parser_itself_reads_it() -> None:
    text = (DATA / "post" / "post.en.md").read_text(encoding="utf-8")

    assert READER.draft(text) == read_draft(text)


def test_rules_are_told_for_one_address_at_a_time() -> None:
    rules = b"User-agent: localdigest\nDisallow: /private\nCrawl-delay: 2"

    assert READER.robots(rules, "https://a.example/private/b", "localdigest") == Rules(allowed=False, crawl_delay_s=2.0)
    assert READER.robots(rules, "https://a.example/b", "localdigest") == Rules(allowed=True, crawl_delay_s=2.0)


# ── traps ────────────────────────────────────────────────────────────────────

#: As in use, but for time: a trap that is stopped by a limit shall not keep the tests waiting.
QUICK = Limits(cpu_seconds=1, wall_seconds=20)


def pdf(*streams: bytes, filters: str = "/FlateDecode", repeat: int = 1) -> bytes:
    """A PDF whose only page shows these streams, each `repeat` times."""
    contents = " ".join(f"{5 + number} 0 R" for number in range(len(streams)) for _ in range(repeat))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Resources<</Font<</F 4 0 R>>>>/Contents[%s]>>"
        % contents.encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *(b"<</Length %d/Filter%s>>stream\n%s\nendstream" % (len(data), filters.encode(), data) for data in streams),
    ]
    body = b"%PDF-1.7\n"
    places = []
    for number, each in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    return body + end % (len(objects) + 1, table, len(objects) + 1, len(body))


def packed(data: bytes, times: int = 1) -> bytes:
    for _ in range(times):
        data = zlib.compress(data, 9)
    return data


def nested_mail(depth: int) -> bytes:
    """Parts within parts."""
    heads = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (number, number) for number in range(depth)
    )
    return b"From: a@b.example\nTo: c@d.example\nSubject: s\nDate: Tue, 30 Dec 2025 08:15:00 +0800\n" + heads


LAUGHS = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 12))
ENTITIES = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>'
FILE_ENTITY = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
#: Name → the page. Each is made when it is needed: some are large.
TRAPS: dict[str, Callable[[], Page]] = {
    "elements nested 200,000 deep": lambda: a_page(b"<div>" * 200_000 + b"x", media_type="text/html"),
    "lists nested 100,000 deep": lambda: a_page(b"<ul><li>" * 100_000 + b"x", media_type="text/html"),
    "100,000 attributes of one tag": lambda: a_page(
        b"<p " + b" ".join(b"a%d=1" % number for number in range(100_000)) + b">x", media_type="text/html"
    ),
    "20,000 tables that are never closed": lambda: a_page(b"<table><tr><td>" * 20_000, media_type="text/html"),
    "a page of 100 MB": lambda: a_page(b"<p>word</p>" * 10_000_000, media_type="text/html"),
    "a page of 50 MB in one line": lambda: a_page(b"<p>" + b"word " * 10_000_000, media_type="text/html"),
    "40 MB of paragraphs": lambda: a_page(b"<p>A sentence of some words.</p>\n" * 1_300_000, media_type="text/html"),
    "40 MB of text without an end": lambda: a_page(b"word " * 8_000_000, "a.txt", media_type="text/plain"),
    "20 MB of brackets": lambda: a_page(b"<" * 20_000_000, media_type="text/html"),
    "5 MB of ampersands": lambda: a_page(b"<p>" + b"&" * 5_000_000, media_type="text/html"),
    "a comment that never ends": lambda: a_page(b"<!--" + b"- " * 3_000_000, media_type="text/html"),
    "a zipped page": lambda: a_page(gzip.compress(bytes(50 * MIB)), media_type="text/html"),
    "an office file": lambda: a_page(b"PK\x03\x04" + bytes(1000), "a.docx"),
    "entities of entities": lambda: a_page(f"{ENTITIES}<html><body><p>&l11;</p></body></html>".encode()),
    "bytes of no charset": lambda: a_page(bytes(range(1, 256)) * 4000, media_type="text/html", charset="utf-8"),
    "half of UTF-16": lambda: a_page("<p>字".encode("utf-16") * 100_000 + b"\xd8", media_type="text/html"),
    "a PDF that unpacks to half a gigabyte": lambda: a_page(
        pdf(packed(bytes(2**29), 2), filters="[/FlateDecode/FlateDecode]")
    ),
    "a PDF that shows 64 MB of text": lambda: a_page(pdf(packed(b"BT /F 9 Tf (word) Tj ET\n" * 2_800_000))),
    "a PDF that shows one stream a million times": lambda: a_page(
        pdf(packed(b"BT /F 9 Tf (w) Tj ET " * 999), repeat=10**5)
    ),
    "mail in mail in mail": lambda: a_page(nested_mail(20_000), "a.eml", media_type="message/rfc822"),
    "mail of a million lines of headers": lambda: a_page(
        b"From: a@b.example\nSubject: s\nDate: x\n" + b"X-Y: z\n" * 1_000_000, "a.eml", media_type="message/rfc822"
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(limits=QUICK) as quick:
        quick.warm()
        yield quick


#: These are large: they take a second or more to be made, or all the time that they are given.
LARGE = {
    "a page of 50 MB in one line", "40 MB of paragraphs", "40 MB of text without an end", "20 MB of brackets",
    "half of UTF-16", "a PDF that unpacks to half a gigabyte", "a PDF that shows 64 MB of text",
    "mail of a million lines of headers", "a feed of a million entries",
}  # fmt: skip


def traps(named: dict[str, Callable[[], Any]]) -> list[Any]:
    return [pytest.param(name, marks=[pytest.mark.torture] * (name in LARGE)) for name in named]


@pytest.mark.parametrize("trap", traps(TRAPS))
def test_a_trap_is_one_source_that_was_read_or_failed_in_time(reader: Reader, trap: str) -> None:
    page = TRAPS[trap]()
    started = time.monotonic()
    found = reader.document(page)
    took = time.monotonic() - started

    assert isinstance(found, Document | Failure)
    if isinstance(found, Failure):
        assert found.reason in {
            Reason.UNREADABLE, Reason.TOO_COSTLY, Reason.UNSUPPORTED, Reason.EMPTY, Reason.SCANNED, Reason.TOO_SHORT,
            Reason.READER_FAILED, Reason.ERROR_PAGE,
        }, found  # fmt: skip
        assert found.detail
    assert took < QUICK.wall_seconds + 5
    assert isinstance(reader.document(a_page(html_body_pages.NEWS.encode(), media_type="text/html")), Document)


LISTS: dict[str, Callable[[], bytes]] = {
    "a feed of entities": (
        f"{ENTITIES}<rss version='2.0'><channel><title>&l11;</title><item><title>&l11;</title></item></channel></rss>"
    ).encode,
    "an outline of entities": f"{ENTITIES}<opml><body><outline text='&l11;' xmlUrl='a'/></body></opml>".encode,
    "a feed that asks for a file": (
        f"{FILE_ENTITY}<rss version='2.0'><channel><title>&f;</title><item><title>&f;</title></item></channel></rss>"
    ).encode,
    "a feed nested 100,000 deep": lambda: b"<rss version='2.0'><channel>" + b"<item>" * 100_000,
    "an outline nested 100,000 deep": lambda: b"<opml><body>" + b"<outline text='a'>" * 100_000,
    "a feed of a million entries": lambda: b"<rss><channel>" + b"<item><link>a</link></item>" * 1_000_000,
    "JSON nested a million deep": lambda: b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"[" * 1_000_000,
    "a long number": lambda: b'{"version": "https://jsonfeed.org/version/1", "items": [' + b"9" * 1_000_000 + b"]}",
}


@pytest.mark.parametrize("trap", traps(LISTS))
def test_a_list_that_is_a_trap_is_one_source_too(reader: Reader, trap: str) -> None:
    found = reader.listing(a_page(LISTS[trap]()))

    assert found is None or isinstance(found, Feed | OutlineList | Failure)
    assert "root:" not in repr(found)
    assert reader.listing(a_page((DATA / "feeds" / "rss.xml").read_bytes())) is not None


def test_rules_that_are_a_trap_are_none(reader: Reader) -> None:
    """No answer, which the site's rules then are; or one in time."""
    rules = b"User-agent: *\n" + b"Disallow: /" + b"*a" * 20_000 + b"$\n"
    found = reader.robots(rules * 5, "https://a.example/" + "a" * 2_000, "localdigest")

    assert found is None or isinstance(found, Rules)
    assert reader.robots(b"", "https://a.example/", "localdigest") == Rules(allowed=True, crawl_delay_s=0.0)


def test_a_file_that_is_no_outline_is_told(reader: Reader) -> None:
    with pytest.raises(OutlineError, match="no OPML"):
        reader.outline(b"<rss/>")
    with pytest.raises(OutlineError, match="entities"):
        reader.outline(LISTS["an outline of entities"]())


def test_a_draft_that_is_too_large_is_told() -> None:
    with Reader(limits=Limits(message_bytes=1000)) as reader, pytest.raises(WorkerError, match="too large"):
        reader.draft("x" * 2000)


# ── what is believed of an answer ────────────────────────────────────────────

TEXTS = st.text(st.characters(codec=None), max_size=40)
SOURCES = st.builds(Source, TEXTS, via=TEXTS, title=TEXTS, published=TEXTS, url=TEXTS)
PAGES = st.builds(
    Page, SOURCES, st.binary(max_size=40), TEXTS, TEXTS, TEXTS, TEXTS, st.sampled_from(PageOrigin), TEXTS, TEXTS
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Any document whose sentences are spans of its text."""
    text = draw(st.text(st.characters(codec=None), min_size=1, max_size=80))
    spans = draw(st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, len(text))), max_size=5))
    sentences = tuple(
        Sentence(text[min(span) : max(span)], min(span), number, draw(st.sampled_from(Role)))
        for number, span in enumerate(spans)
    )
    return Document(
        *(draw(TEXTS) for _ in range(4)), draw(st.sampled_from(DateEvidence)), draw(st.sampled_from(Language)),
        draw(TEXTS), draw(st.sampled_from(DocumentKind)), text, sentences,
        warnings=tuple(draw(st.lists(TEXTS, max_size=2))),
    )  # fmt: skip


def across(data: object) -> object:
    """As it comes out of a frame."""
    text = json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return json.loads(text.decode("utf-8", "surrogatepass"))


@given(PAGES)
def test_a_page_crosses_unchanged(page: Page) -> None:
    head = across(pack_page(page))

    assert isinstance(head, dict)
    assert unpack_page(head, page.body) == page


@given(documents(), PAGES)
def test_a_document_crosses_unchanged_and_gets_the_source_that_was_asked_about(document: Document, page: Page) -> None:
    found = unpack_reading(across(pack_reading(document)), page)

    assert isinstance(found, Document)
    assert found.sources == (page.source,)
    assert (found.text, found.sentences, found.warnings) == (document.text, document.sentences, document.warnings)


@given(st.builds(Failure, SOURCES, st.sampled_from(Reason), TEXTS, url=TEXTS), PAGES)
def test_a_failure_crosses_unchanged(failure: Failure, page: Page) -> None:
    found = unpack_reading(across(pack_reading(failure)), page)

    assert found == Failure(page.source, failure.reason, failure.detail, url=failure.url)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
GOOD = pack_reading(
    Document(
        "u", "t", "", "", DateEvidence.NONE, Language.ENGLISH, "", DocumentKind.NEWS, "One. Two.",
        (Sentence("One.", 0, 0), Sentence("Two.", 5, 0)),
    )
)  # fmt: skip
PLACES = [("document", key) for key in GOOD["document"]] + [("sentences", number) for number in range(2)]


@given(st.sampled_from(PLACES), JSON)
@settings(max_examples=300)
def test_an_answer_with_anything_else_in_it_is_a_document_or_refused(place: tuple[str, str | int], put: object) -> None:
    """A process that was taken over may say what it likes; what is built of it is a document, of its own words."""
    answer = json.loads(json.dumps(GOOD))
    answer[place[0]][place[1]] = put
    try:
        found = unpack_reading(answer, a_page(b""))
    except (ValueError, TypeError, LookupError, AttributeError):
        return
    assert isinstance(found, Document)
    assert all(each.text == found.text[each.start : each.start + len(each.text)] for each in found.sentences)
    assert found.sources == (a_page(b"").source,)


@given(JSON)
def test_an_answer_of_any_other_form_is_refused(answer: object) -> None:
    with pytest.raises((ValueError, TypeError, LookupError, AttributeError)):
        unpack_reading(answer, a_page(b""))
