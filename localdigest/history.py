"""What is remembered of a digest once it was written, and what digests of several weeks say together. Pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["History", "PastDigest", "PastDocument", "PastStory", "Week", "history_of"]

_WEEKS = 6  #: that are told of, the digest's own the last
_TAGS = 3  #: of a week


@dataclass(frozen=True, slots=True)
class PastStory:
    """A news item."""

    headline: str
    sentences: tuple[str, ...]  #: of its sources, that it rests on
    seen: str = ""  #: date of the digest that had told the story before


@dataclass(frozen=True, slots=True)
class PastDocument:
    """A text that was read for it."""

    addresses: tuple[str, ...]  #: canonical: its own first, then those of its copies
    keys: str = ""  #: of all its sentences, parted by spaces; empty: nothing of it was told


@dataclass(frozen=True, slots=True)
class PastDigest:
    """A series has one for each date."""

    series: str  #: what it has in common with those that go by it: the slug of a topic
    slug: str
    topic: str
    date: str
    stories: tuple[PastStory, ...]
    documents: tuple[PastDocument, ...]
    told: str  #: keys of the sentences and titles that it rests on, parted by spaces
    tags: tuple[str, ...]
    sources: int  #: that were read for it


@dataclass(frozen=True, slots=True)
class Week:
    """The digests of one ISO week."""

    week: str  #: `2025-W52`
    first: str  #: its Monday
    last: str  #: its Sunday
    digests: int
    stories: int  #: each once, however often it was told of
    sources: int  #: different texts that were read
    tags: tuple[str, ...]  #: the most frequent, without the topic


@dataclass(frozen=True, slots=True)
class History:
    """What a digest says of those before it."""

    digests: int = 0  #: of the topic, with an earlier date
    last: str = ""  #: date of the latest of them
    weeks: tuple[Week, ...] = ()  #: the latest, its own the last; none where there is no earlier digest


def history_of(earlier: Sequence[PastDigest], own: PastDigest) -> History:
    """From the digests before it, and itself."""
    if not earlier:
        return History()
    ordered = sorted((*earlier, own), key=lambda digest: digest.date)
    weeks = [_week(monday, tuple(digests)) for monday, digests in groupby(ordered, key=_monday)]
    return History(len(earlier), max(digest.date for digest in earlier), tuple(weeks[-_WEEKS:]))


def _monday(digest: PastDigest) -> dt.date:
    day = dt.date.fromisoformat(digest.date)
    return day - dt.timedelta(days=day.weekday())


def _week(monday: dt.date, digests: Sequence[PastDigest]) -> Week:
    year, number, _ = monday.isocalendar()
    first, last = monday.isoformat(), (monday + dt.timedelta(days=6)).isoformat()
    return Week(
        week=f"{year}-W{number:02}",
        first=first,
        last=last,
        digests=len(digests),
        stories=sum(story.seen < first for digest in digests for story in digest.stories),
        sources=len({document.addresses[:1] for digest in digests for document in digest.documents}),
        tags=_frequent(digests),
    )


def _frequent(digests: Iterable[PastDigest]) -> tuple[str, ...]:
    """The tags of most digests; of equals those that stood further in front."""
    names: dict[str, str] = {}
    digests_with: Counter[str] = Counter()
    for digest in digests:
        for tag in dict.fromkeys(tag.casefold() for tag in digest.tags):
            if tag != digest.topic.casefold():
                digests_with[tag] += 1
        for tag in digest.tags:
            names.setdefault(tag.casefold(), tag)
    return tuple(names[tag] for tag, _ in digests_with.most_common(_TAGS))
