"""What fetching is handed from outside: a cache, a reader of robots.txt, time and chance."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from localdigest.records import Page

__all__ = ["Clock", "PageCache", "ReadRobots", "Rules"]


class PageCache(Protocol):
    """Where pages outlive a run. Called from the thread that iterates over `fetch`, and from no other."""

    def page(self, locator: str) -> Page | None:
        """The page last stored under a source's locator."""

    def put_page(self, page: Page) -> None:
        """Keep a page under its source's locator, in place of an older one."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a robots.txt says to one program about one address."""

    allowed: bool
    crawl_delay_s: float  #: between two requests; 0: it asks for none


class ReadRobots(Protocol):
    """Reads a robots.txt; fetching itself parses nothing that comes from the network."""

    def __call__(self, body: bytes, url: str, agent: str) -> Rules | None:
        """None: it cannot be read."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and chance, so that a test can do without both."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _now
    chance: Callable[[], float] = random.random  #: from [0, 1)
