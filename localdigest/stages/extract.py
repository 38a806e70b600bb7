"""Pages in, documents out; what was read before is not read again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from localdigest.records import Document, Failure, Page, PageOrigin, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["ReadingCache", "extract", "read_page"]

#: Of this run and this machine: another try may go better, and the program may be mended.
_NOT_KEPT = (Reason.TOO_COSTLY, Reason.READER_FAILED)


class ReadingCache(Protocol):
    """Where the results of reading are kept, keyed by what they depend on."""

    def reading(self, key: str) -> Document | Failure | None: ...

    def put_reading(self, key: str, value: Document | Failure) -> None: ...


def extract(
    results: Iterable[Page | Failure],
    *,
    parse: Callable[[Page], Document | Failure],
    key_of: Callable[[Page], str],
    cache: ReadingCache,
) -> Iterator[Document | Failure]:
    """One document or failure for every result, in order.

    A feed entry whose page could not be had, or holds no article, is read from the text that the feed carries. What was
    left out on purpose stays out.
    """
    for result in results:
        read = read_page(result, parse=parse, key_of=key_of, cache=cache) if isinstance(result, Page) else result
        if isinstance(read, Failure) and read.source.feed_html and not read.is_left_out:
            from_feed = read_page(_feed_page(read), parse=parse, key_of=key_of, cache=cache)
            if isinstance(from_feed, Document):
                read = replace(from_feed, from_feed=True, warnings=(*from_feed.warnings, _feed_warning(read)))
        yield read


def read_page(
    page: Page, *, parse: Callable[[Page], Document | Failure], key_of: Callable[[Page], str], cache: ReadingCache
) -> Document | Failure:
    """What one page gives, from the cache where it is known."""
    key = key_of(page)
    known = cache.reading(key)
    if known is None:
        try:
            known = parse(page)
        except Exception as error:  # noqa: BLE001 - a page that trips the reader up must not stop the others
            known = Failure(
                page.source, Reason.READER_FAILED, f"the reader failed on it: {type(error).__name__}: {error}"
            )
        if isinstance(known, Document) or known.reason not in _NOT_KEPT:
            cache.put_reading(key, known)
    # How a source was found is no part of the key: the stored value may know another way.
    if isinstance(known, Document):
        return replace(known, sources=(page.source,))
    return replace(known, source=page.source)


def _feed_page(failure: Failure) -> Page:
    source = failure.source
    return Page(
        source=source,
        body=source.feed_html.encode(errors="replace"),
        media_type="text/html",
        charset="utf-8",
        url=source.url or source.locator,
        fetched_at="",
        origin=PageOrigin.FEED,
    )


def _feed_warning(failure: Failure) -> str:
    why = f"{failure.reason.value}: {failure.detail}" if failure.detail else failure.reason.value
    return f"the page could not be read ({why}); this is the text that its feed carries"
