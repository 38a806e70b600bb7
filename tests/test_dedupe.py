"""One Document for each text."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from documents import CHIP_ZH, HARBOUR, ORCHARD, a_document
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.records import DateEvidence, Document, DocumentKind
from localdigest.stages.dedupe import dedupe

LEAD = "\n".join(HARBOUR.splitlines()[:4])


def urls(documents: tuple[Document, ...]) -> list[list[str]]:
    return [[source.locator for source in document.sources] for document in documents]


def test_nothing_gives_nothing() -> None:
    assert dedupe([]) == ()


def test_documents_are_numbered_newest_first_and_undated_last() -> None:
    """The order is of date and address, whatever order the sources had."""
    found = dedupe(
        [
            a_document(CHIP_ZH, url="https://c.example/1", published=""),
            a_document(HARBOUR, url="https://b.example/1", published="2026-01-05T23:00:00+00:00"),
            a_document(ORCHARD, url="https://a.example/1", published="2026-01-06"),
        ]
    )

    assert [(d.number, d.url) for d in found] == [
        (1, "https://a.example/1"),
        (2, "https://b.example/1"),
        (3, "https://c.example/1"),
    ]
    assert found[0].id_of(0) == "D1.S1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://news.example/a", "https://www.news.example/a?utm_source=x"),
        ("https://news.example/a", "https://m.news.example/a#top"),
    ],
)
def test_one_address_is_one_document_whatever_its_text(one: str, other: str) -> None:
    """A page and the shorter text that its feed carries."""
    found = dedupe([a_document(HARBOUR, url=one), a_document(ORCHARD, url=other)])

    assert len(found) == 1
    assert found[0].text == HARBOUR
    assert urls(found) == [[one, other]]


def test_a_page_is_kept_before_the_text_of_its_feed() -> None:
    """Though the feed may carry some words more."""
    feed = replace(a_document(HARBOUR + "\nSent by the feed."), from_feed=True)

    (found,) = dedupe([feed, a_document(HARBOUR)])

    assert (found.text, found.from_feed) == (HARBOUR, False)


@pytest.mark.parametrize("text", [HARBOUR, CHIP_ZH])
def test_identical_text_but_for_space_and_case_is_one_document(text: str) -> None:
    copy = text.upper().replace("\n", "\n\n")

    assert len(dedupe([a_document(text), a_document(copy, url="https://other.example/b")])) == 1


@pytest.mark.parametrize("text", [HARBOUR, CHIP_ZH])
def test_a_syndicated_copy_with_words_changed_and_a_line_added_is_one_document(text: str) -> None:
    lines = text.splitlines()
    copy = "\n".join([*lines[:-1], lines[-1][: len(lines[-1]) // 2], "Port Ellis Courier, edited for length. 本報綜合"])
    found = dedupe([a_document(text), a_document(copy, url="https://other.example/b")])

    assert len(found) == 1
    assert len(found[0].sources) == 2


@pytest.mark.parametrize("text", [HARBOUR, CHIP_ZH])
def test_a_short_copy_of_another_site_joins_the_whole_text(text: str) -> None:
    stub = "\n".join(text.splitlines()[:2])
    found = dedupe([a_document(stub, url="https://other.example/b"), a_document(text)])

    assert [document.text for document in found] == [text]


def test_a_listing_with_the_beginnings_of_articles_is_no_copy_of_them() -> None:
    """A front page holds the leads of many articles; each stays a document of its own."""
    front = a_document(
        LEAD + "\n" + "\n".join(ORCHARD.splitlines()[:4]), url="https://front.example/", kind=DocumentKind.INDEX
    )
    found = dedupe([front, a_document(LEAD), a_document(ORCHARD, url="https://o.example/1")])

    assert len(found) == 3


def test_pages_of_one_template_with_other_figures_stay_apart() -> None:
    """Reports that a program fills in share most words; the figures tell that they are not one story."""

    def report(town: str, *figures: int) -> str:
        return (
            f"The weather station of {town} measured a mean temperature of {figures[0]} degrees in the past month, and "
            f"the rain gauge beside it collected {figures[1]} millimetres of rain on {figures[2]} days, which the "
            "service calls usual for the season. The service reads all its stations once an hour, checks the readings "
            "by program, and publishes a report on the first working day of each month for every town of the county."
        )

    found = dedupe(
        [
            a_document(report("Lindow", 11, 84, 17), url="https://weather.example/lindow"),
            a_document(report("Port Ellis", 14, 31, 6), url="https://climate.example/port-ellis"),
        ]
    )

    assert len(found) == 2


def test_different_stories_on_one_subject_stay_apart() -> None:
    other = HARBOUR.replace("\n", " ").split(". ")
    follow_up = (
        "The first electric ferry of Port Ellis ran aground near the fish market on Thursday with 130 passengers on "
        "board. Nobody was hurt, said Ana Reyes of the harbour council, which had ordered the boat from Fjordverk. "
        + other[4]
        + "."
    )

    assert len(dedupe([a_document(HARBOUR), a_document(follow_up, url="https://other.example/b")])) == 2


def test_the_whole_dated_and_titled_copy_is_kept_and_the_earliest_of_those() -> None:
    """The original before its copies; a stub never, be it ever so early."""
    found = dedupe(
        [
            a_document(LEAD, url="https://stub.example/1", published="2026-01-01"),
            a_document(HARBOUR + "\nCopied.", url="https://late.example/1", published="2026-01-04"),
            a_document(HARBOUR, url="https://first.example/1", published="2026-01-02"),
            a_document(HARBOUR + "\nMore.", url="https://undated.example/1", published=""),
            a_document(HARBOUR + "\nAlso.", url="https://untitled.example/1", title="", published="2026-01-01"),
        ]
    )

    assert [document.url for document in found] == ["https://first.example/1"]
    assert urls(found) == [
        [
            "https://first.example/1",
            "https://late.example/1",
            "https://undated.example/1",
            "https://untitled.example/1",
            "https://stub.example/1",
        ]
    ]


def test_what_the_kept_copy_lacks_comes_from_the_others() -> None:
    whole = a_document(HARBOUR, title="", published="")
    stub = replace(a_document(LEAD, url="https://other.example/b", title="Ferries go electric"), byline="Kim Doe")

    (found,) = dedupe([whole, stub])

    assert (found.text, found.title, found.byline) == (HARBOUR, "Ferries go electric", "Kim Doe")
    assert (found.published, found.published_by) == ("2026-01-05", DateEvidence.META)


def test_documents_without_text_stay_apart() -> None:
    assert len(dedupe([a_document("", url="https://a.example/1"), a_document("", url="https://b.example/1")])) == 2


def test_local_files_without_a_site_are_independent() -> None:
    """Two saved pages are not of one site because neither has an address."""
    found = dedupe([a_document(HARBOUR, url="file:///tmp/a.html"), a_document(LEAD, url="file:///tmp/b.html")])

    assert len(found) == 1


TEXTS = (HARBOUR, LEAD, ORCHARD, CHIP_ZH, HARBOUR + "\nAnd one more line.", "\n".join(ORCHARD.splitlines()[1:]))


@given(st.permutations(range(len(TEXTS))), st.data())
@settings(deadline=None, max_examples=40)
def test_the_order_of_input_does_not_matter(order: list[int], data: st.DataObject) -> None:
    """Nor does doing it twice."""
    days = data.draw(st.lists(st.sampled_from(["", "2026-01-01", "2026-01-02"]), min_size=6, max_size=6))
    documents = [
        a_document(text, url=f"https://s{at}.example/x", published=day)
        for at, (text, day) in enumerate(zip(TEXTS, days, strict=True))
    ]
    once = dedupe(documents)

    assert dedupe([documents[at] for at in order]) == once
    assert dedupe(once) == once
    assert {s for d in once for s in d.sources} == {s for d in documents for s in d.sources}


def made_up(count: int) -> list[Document]:
    """Texts of random words in which every fourth is a copy of the one before, with its end cut off."""
    chance = random.Random(7)
    words = [f"{a}{b}{c}" for a in "bcdfglmnprst" for b in "aeiou" for c in "klmnrst"]
    documents: list[Document] = []
    text = ""
    for at in range(count):
        text = text[: int(len(text) * 0.9)] if at % 4 == 3 else " ".join(chance.choices(words, k=250))
        documents.append(a_document(text, url=f"https://s{at}.example/x"))
    return documents


@pytest.mark.parametrize("count", [4, 248, 2000])
def test_every_copy_among_many_documents_is_found(count: int) -> None:
    """`bench/bench_extractive.py` tells what it takes."""
    assert len(dedupe(made_up(count))) == count * 3 // 4
