"""The bytes of pages while nobody reads them: not in memory, where ten thousand pages would be gigabytes, but in the
store or in their files, where they are anyway.

    a page with its bytes ─put─▶ the page without ─take─▶ with them: from the store, or from its file
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from localdigest.net.files import read_file
from localdigest.records import Failure, Page, Reason

if TYPE_CHECKING:
    from localdigest.net.policy import FetchPolicy
    from localdigest.net.seams import PageCache

__all__ = ["Shelf"]


class Shelf:
    """Gives pages their bytes back. One page is at hand: most are read as soon as they have come."""

    def __init__(self, cache: PageCache, policy: FetchPolicy) -> None:
        """Nothing is looked up yet.

        Args:
            cache: where fetched pages are, before they are put here.
            policy: limits of files.
        """
        self._cache = cache
        self._policy = policy
        self._at_hand: Page | None = None

    def put(self, page: Page) -> Page:
        """The page without its bytes."""
        self._at_hand = page
        return page.without_body()

    def take(self, page: Page) -> Page | Failure:
        """The page with its bytes and those of its companions; a failure where they are there no more."""
        whole = self._whole(page)
        if isinstance(whole, Failure):
            return whole
        companions: list[Page] = []
        for each in page.companions:
            taken = self._whole(each)
            if isinstance(taken, Failure):
                return taken
            companions.append(taken)
        return replace(whole, companions=tuple(companions))

    def _whole(self, page: Page) -> Page | Failure:
        if not page.known_sha256:
            return page
        found = self._bytes_of(page)
        if found is None or found.own_sha256 != page.known_sha256:
            what = "the file" if page.source.is_local else "what is stored of it"
            detail = f"{what} changed while the run went on; the next run reads it as it is then"
            return Failure(page.source, Reason.READER_FAILED, detail)
        return replace(page, body=found.body, known_sha256="", known_bytes=0)

    def _bytes_of(self, page: Page) -> Page | None:
        if self._at_hand is not None and self._at_hand.own_sha256 == page.known_sha256:
            return self._at_hand
        if page.source.is_local and not page.stored_as:
            read = read_file(page.source, self._policy)
            return read if isinstance(read, Page) else None
        return self._cache.page(page.stored_as or page.source.locator)
