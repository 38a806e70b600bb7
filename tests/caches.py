"""Where pages are kept for the time of one test."""

from __future__ import annotations

from localdigest.records import Page


class MemoryCache:
    """The smallest page cache."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}

    def page(self, locator: str) -> Page | None:
        return self.pages.get(locator)

    def put_page(self, page: Page) -> None:
        self.pages[page.source.locator] = page
