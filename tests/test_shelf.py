"""Pages without their bytes, and the bytes found again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from caches import MemoryCache
from hypothesis import given
from hypothesis import strategies as st

from localdigest.net.files import read_file
from localdigest.net.policy import FetchPolicy
from localdigest.net.shelf import Shelf
from localdigest.records import Failure, Page, PageOrigin, Reason, Source

if TYPE_CHECKING:
    from pathlib import Path


def page(name: str, body: bytes, *companions: Page, stored_as: str = "") -> Page:
    url = f"https://harbour.example/{name}"
    return Page(
        Source(url), body, "text/html", "utf-8", url, "2026-01-01T00:00:00+00:00", PageOrigin.NETWORK,
        companions=companions, stored_as=stored_as,
    )  # fmt: skip


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=6), st.data())
def test_what_is_put_is_what_is_taken_in_any_order(bodies: list[bytes], data: st.DataObject) -> None:
    cache = MemoryCache()
    shelf = Shelf(cache, FetchPolicy())
    pages = [page(f"{number}", body) for number, body in enumerate(bodies)]
    for each in pages:
        cache.put_page(each)
    slim = [shelf.put(each) for each in pages]

    assert not any(each.body for each in slim)
    for place in data.draw(st.permutations(range(len(pages)))):
        assert shelf.take(slim[place]) == pages[place]


def test_the_bytes_of_companions_are_found_where_they_were_asked_for() -> None:
    cache = MemoryCache()
    asked = [page("api", b"{}"), page("full", b"<p>It opened.</p>")]
    for each in asked:
        cache.put_page(each)
    first, second = (replace(each, source=Source("https://harbour.example/"), stored_as=each.url) for each in asked)
    shelf = Shelf(cache, FetchPolicy())

    slim = replace(shelf.put(first), companions=(shelf.put(second),))

    assert slim.sha256 == replace(first, companions=(second,)).sha256
    assert shelf.take(slim) == replace(first, companions=(second,))


def test_a_page_that_has_its_bytes_is_left_as_it_is() -> None:
    entry = page("entry", b"<p>From the feed.</p>")

    assert Shelf(MemoryCache(), FetchPolicy()).take(entry) == entry


@pytest.mark.parametrize("now_stored", [None, b"other bytes"])
def test_bytes_that_are_gone_or_others_are_a_failure_and_no_other_text(now_stored: bytes | None) -> None:
    cache = MemoryCache()
    shelf = Shelf(cache, FetchPolicy())
    slim = shelf.put(page("quay", b"It opened."))
    shelf.put(page("other", b"The crane stands."))  # so that the first is not at hand any more
    if now_stored is not None:
        cache.put_page(page("quay", now_stored))

    taken = shelf.take(slim)

    assert isinstance(taken, Failure)
    assert (taken.reason, taken.source) == (Reason.READER_FAILED, slim.source)
    assert "changed while the run went on" in taken.detail


def test_a_file_is_read_again_unless_it_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "quay.txt"
    path.write_text("It opened.")
    whole = read_file(Source(str(path)), FetchPolicy())
    assert isinstance(whole, Page)
    shelf = Shelf(MemoryCache(), FetchPolicy())
    slim = shelf.put(whole)
    shelf.put(page("other", b"The crane stands."))

    assert shelf.take(slim) == whole
    path.write_text("It closed.")
    assert isinstance(shelf.take(slim), Failure)
