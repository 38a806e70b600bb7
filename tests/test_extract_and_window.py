"""Pages to documents: nothing is read twice, a feed's text stands in, what is too old is left out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import pytest
from documents import a_document, a_page

from localdigest.records import DateEvidence, Document, Failure, Page, PageOrigin, Reason, Source
from localdigest.stages.extract import extract
from localdigest.stages.window import in_window


@dataclass
class Readings:
    """A cache in memory."""

    kept: dict[str, Document | Failure] = field(default_factory=dict)

    def reading(self, key: str) -> Document | Failure | None:
        return self.kept.get(key)

    def put_reading(self, key: str, value: Document | Failure) -> None:
        self.kept[key] = value


@dataclass
class Reader:
    """Takes a page for an article when it is long enough, and remembers what it was given."""

    given: list[Page] = field(default_factory=list)

    def __call__(self, page: Page) -> Document | Failure:
        self.given.append(page)
        text = page.body.decode()
        return document_of(page.source, text) if len(text) > 20 else Failure(page.source, Reason.TOO_SHORT, "short")


def document_of(source: Source, text: str) -> Document:
    return replace(a_document(text, url=source.locator), sources=(source,))


LONG = "A text that is long enough to be read."
ENTRY = Source("https://example.com/a", feed_html=f"<p>{LONG}</p>")


def read(*results: Page | Failure, reader: Reader, readings: Readings) -> list[Document | Failure]:
    return list(extract(results, parse=reader, key_of=lambda page: page.sha256, cache=readings))


def test_a_page_is_read_once_and_remembered_for_whoever_names_it_next() -> None:
    reader, readings = Reader(), Readings()
    first, second = Source("https://example.com/a"), Source("https://example.com/b", via="feed x")

    read(a_page(LONG, first), reader=reader, readings=readings)
    again = read(a_page(LONG, second), reader=reader, readings=readings)

    assert len(reader.given) == 1
    assert isinstance(again[0], Document)
    assert again[0].sources == (second,)


@pytest.mark.parametrize("result", [Failure(ENTRY, Reason.NOT_FOUND, "404"), a_page("stub", ENTRY)])
def test_the_text_of_the_feed_stands_in_for_a_page_that_gives_nothing(result: Page | Failure) -> None:
    reader = Reader()

    (document,) = read(result, reader=reader, readings=Readings())

    assert isinstance(document, Document)
    assert document.from_feed
    assert "its feed carries" in document.warnings[0]
    assert reader.given[-1].origin is PageOrigin.FEED


@pytest.mark.parametrize("reason", [Reason.OUT_OF_WINDOW, Reason.OVER_LIMIT])
def test_what_was_left_out_on_purpose_does_not_come_back_by_its_feed(reason: Reason) -> None:
    failure = Failure(ENTRY, reason)

    assert read(failure, reader=Reader(), readings=Readings()) == [failure]


def test_the_failure_of_the_page_is_told_when_the_feed_has_no_text_either() -> None:
    failure = Failure(replace(ENTRY, feed_html="<p>short"), Reason.NOT_FOUND, "404")

    assert read(failure, reader=Reader(), readings=Readings()) == [failure]


def test_a_page_that_trips_the_reader_up_is_told_and_stops_no_other() -> None:
    def stumble(page: Page) -> Document | Failure:
        if b"trap" in page.body:
            raise ZeroDivisionError("division by zero")
        return document_of(page.source, LONG)

    readings = Readings()
    pages = [a_page("trap", "a"), a_page(LONG, "b")]
    trapped, read_well = extract(pages, parse=stumble, key_of=lambda page: page.sha256, cache=readings)

    assert isinstance(trapped, Failure)
    assert trapped.reason is Reason.READER_FAILED
    assert trapped.detail == "the reader failed on it: ZeroDivisionError: division by zero"
    assert isinstance(read_well, Document)
    assert len(readings.kept) == 1


OPENS = dt.datetime(2025, 12, 23, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("published", "evidence", "is_kept"),
    [
        ("2025-12-23", DateEvidence.META, True),
        ("2025-12-22", DateEvidence.META, False),
        ("2025-12-23T11:59:00+00:00", DateEvidence.JSON_LD, False),
        ("2025-12-23T20:30:00+08:00", DateEvidence.JSON_LD, True),
        ("2025-12-23T12:30:00", DateEvidence.MARKUP, True),
        ("2019-01-01", DateEvidence.TEXT, True),
        ("", DateEvidence.NONE, True),
    ],
)
def test_a_document_is_left_out_when_it_is_surely_older(
    published: str, evidence: DateEvidence, *, is_kept: bool
) -> None:
    document = replace(a_document(LONG, published=published), published_by=evidence)

    (result,) = in_window([document], OPENS)

    assert isinstance(result, Document) == is_kept
    if isinstance(result, Failure):
        assert result.reason is Reason.OUT_OF_WINDOW
    assert list(in_window([document], None)) == [document]
