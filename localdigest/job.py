"""One digest to make, and what it is made with: the values that the run and its parts hand to each other."""

from __future__ import annotations

import datetime as dt
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from localdigest import values
from localdigest.records import Source
from localdigest.sourcing.selection import key_of
from localdigest.store import Store, content_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from localdigest.manifest import ModelRecord
    from localdigest.net.answered import Answered
    from localdigest.net.client import Client
    from localdigest.net.policy import FetchPolicy
    from localdigest.net.shelf import Shelf
    from localdigest.reader import Reader
    from localdigest.records import Document
    from localdigest.settings import Settings
    from localdigest.writers.base import Writer

__all__ = ["PART", "Event", "Job", "Readership", "Stopwatch", "Tools", "plan_job"]


#: The stage of an event that stands between the parts of a run of many digests: its note is a heading, or `""`.
PART = "part"


@dataclass(frozen=True, slots=True)
class Event:
    """What a person watching the run may want to know."""

    stage: str  #: collect, discover, fetch, extract, write; `PART`
    done: int
    total: int  #: 0 when there is nothing to do
    note: str = ""
    tokens: int = 0  #: that a model has written in this run


@dataclass(frozen=True, slots=True)
class Job:
    """One digest to make: the settings, and what follows from them today."""

    settings: Settings
    topic: str
    slug: str
    date: str
    since: dt.datetime | None

    @property
    def folder(self) -> Path:
        return Path(self.settings.out)

    @property
    def series(self) -> str:
        """What digests of several days have in common: the topic, or, where none is named, their sources."""
        if self.settings.topic or self.settings.slug:
            return self.slug
        sources = {key_of(Source(entry.locator)) for entry in self.settings.sources}
        return f"{self.slug}~{content_key(sorted(sources))[:16]}"


@dataclass(frozen=True, slots=True)
class Tools:
    """What touches the world."""

    store: Store
    client: Client
    policy: FetchPolicy
    shelf: Shelf  #: bytes of pages while nobody reads them
    answered: Answered  #: what was asked for in this run
    reader: Reader  #: the only one who parses
    writer: Writer
    model: ModelRecord | None = None  #: of the writer, where it uses one
    placement: Mapping[str, object] = field(default_factory=dict)  #: how the model is loaded
    seal: Callable[[], None] = lambda: None  #: gives up the network, once everything is fetched
    sandbox: Callable[[], Mapping[str, object]] = dict  #: what was found to hold each process
    on_event: Callable[[Event], None] = lambda _: None
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now().astimezone()


@dataclass(frozen=True, slots=True)
class Readership:
    """Which digests of a run read which sources."""

    topics: tuple[str, ...] = ()  #: of all digests that have one, in the order of the file
    by_locator: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def shared(self, documents: Iterable[Document]) -> dict[int, tuple[str, ...]]:
        """Of documents that several digests read, their topics by the number of the document."""
        found: dict[int, tuple[str, ...]] = {}
        for document in documents:
            named = frozenset[str]().union(
                *(self.by_locator.get(source.locator, frozenset()) for source in document.sources)
            )
            if len(named) > 1:
                found[document.number] = tuple(topic for topic in self.topics if topic in named)
        return found


@dataclass(slots=True)
class Stopwatch:
    """Seconds by stage, for the manifest."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[stage] = round(self.seconds.get(stage, 0.0) + time.monotonic() - start, 3)


def plan_job(settings: Settings, *, now: dt.datetime) -> Job:
    date = settings.date or now.date().isoformat()
    day_end = dt.datetime.combine(dt.date.fromisoformat(date), dt.time.max, tzinfo=now.tzinfo)
    end = min(now, day_end)
    return Job(
        settings=settings,
        topic=settings.topic,
        slug=settings.slug or values.slug(settings.topic) or "digest",
        date=date,
        since=values.window_start(settings.since, end=end),
    )
