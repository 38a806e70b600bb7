"""How the sources that somebody named are doing: the feed, not its entries. Pure.

what a run found ─observed─▶ Observation ─updated─▶ SourceHealth, which the store keeps
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from localdigest.manifest import Fate
from localdigest.records import Document, Failure, Page, PageOrigin, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from localdigest.manifest import Manifest

__all__ = [
    "FeedRead",
    "Observation",
    "SourceHealth",
    "Yield",
    "named_source",
    "observed",
    "share_read",
    "silence_of",
    "updated",
    "with_yield",
    "yields_of",
]

_YIELDS = 5  #: digests whose yield is kept
_LISTS = ("feed ", "folder ", "page ")  #: an entry is found by one of these
_DISCOVERY = "discovery "  #: with the names of services
#: A feed is silent after two weeks, or after four times what parts two of its entries, whichever is longer.
_SILENT_DAYS = 14
_SILENT_GAPS = 4
_RHYTHM = 10  #: entries, the newest, that tell its rhythm
_DAY = len("2025-12-30")
_AHEAD = dt.timedelta(days=2)  #: as far as an entry may be dated ahead by its time zone


@dataclass(frozen=True, slots=True)
class Yield:
    """What a source gave to one digest."""

    slug: str
    date: str
    documents: int
    cited: int  #: sentences


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """What is known of a source from all runs."""

    locator: str
    via: str = ""  #: who named it: `topic file`, `outline PATH`
    last_success: str = ""  #: when something of it arrived last
    last_failure: str = ""
    reason: str = ""  #: of that failure
    detail: str = ""
    failures_in_a_row: int = 0
    newest_entry: str = ""  #: date of the newest entry of a feed
    yields: tuple[Yield, ...] = ()  #: the latest digests, oldest first


@dataclass(frozen=True, slots=True)
class FeedRead:
    """A feed that could be read."""

    page: Page
    dates: tuple[str, ...]  #: of its entries, as far as they have one that can be

    @property
    def locator(self) -> str:
        return self.page.source.locator


@dataclass(frozen=True, slots=True)
class Observation:
    """What one run found out about a source."""

    locator: str
    via: str
    succeeded: str = ""  #: when it arrived; empty: it did not
    failure: Failure | None = None
    newest_entry: str = ""


def named_source(locator: str, via: str) -> str:
    """The source that somebody named, of one that was found by it."""
    for kind in _LISTS:
        if via.startswith(kind):
            return via.removeprefix(kind)
    return via.partition(",")[0] if via.startswith(_DISCOVERY) else locator


def observed(
    results: Iterable[Document | Page | Failure],
    pages: Iterable[Page],
    feeds: Iterable[FeedRead],
    *,
    now: dt.datetime,
) -> tuple[Observation, ...]:
    """One for each named source of which this run can tell anything.

    Args:
        results: what became of every page; of one that was not read yet, the page.
        pages: all that arrived.
        feeds: that were read.
        now: time of the run.
    """
    arrived = {page.source.locator: _arrival(page, now) for page in pages}
    found = {feed.locator: _of_feed(feed, now) for feed in feeds}
    groups: defaultdict[str, list[Document | Page | Failure]] = defaultdict(list)
    for result in results:
        source = result.sources[0] if isinstance(result, Document) else result.source
        groups[named_source(source.locator, source.via)].append(result)
    for name, group in groups.items():
        if name not in found and (observation := _of_pages(name, group, arrived, _utc(now))):
            found[name] = observation
    return tuple(found.values())


def updated(health: SourceHealth, observation: Observation, *, now: dt.datetime) -> SourceHealth:
    """With what a run found out."""
    health = replace(health, via=observation.via or health.via)
    if observation.failure:
        return replace(
            health,
            last_failure=_utc(now),
            reason=observation.failure.reason.value,
            detail=observation.failure.detail,
            failures_in_a_row=health.failures_in_a_row + 1,
        )
    # A copy from the store says that the source did well once, and nothing of its failures since. Of what a clock that
    # was wrong noted for times to come nothing is known: it would stand for years.
    succeeded, today = observation.succeeded, _utc(now)
    is_new = succeeded == today or health.last_failure < succeeded < today
    return replace(
        health,
        last_success=max(time for time in ("", health.last_success, succeeded) if time <= today),
        failures_in_a_row=0 if is_new else health.failures_in_a_row,
        newest_entry=_newest(health.newest_entry, observation.newest_entry, now),
    )


def _newest(known: str, found: str, now: dt.datetime) -> str:
    latest = (now.date() + _AHEAD).isoformat()
    return max(found, known if known <= latest else "")


def with_yield(health: SourceHealth, given: Yield) -> SourceHealth:
    """With what it gave to a digest, in place of what it gave to that digest before."""
    others = [each for each in health.yields if (each.slug, each.date) != (given.slug, given.date)]
    return replace(health, yields=(*others, given)[-_YIELDS:])


def yields_of(manifest: Manifest) -> dict[str, Yield]:
    """What each named source gave to a digest."""
    cited = {document.id: document.cited_sentences for document in manifest.documents}
    documents: defaultdict[str, set[str]] = defaultdict(set)
    for source in manifest.sources:
        documents[named_source(source.locator, source.via)] |= {source.document} - {""}
    return {
        name: Yield(manifest.slug, manifest.date, len(ids), sum(cited[id_] for id_ in ids))
        for name, ids in documents.items()
    }


def share_read(manifest: Manifest) -> float:
    """Of the sources that somebody named, those that gave something, or only what was left out on purpose."""
    gave: defaultdict[str, bool] = defaultdict(bool)
    for source in manifest.sources:
        if not source.via.startswith(_DISCOVERY):
            gave[named_source(source.locator, source.via)] |= source.fate is not Fate.NOT_READ
    return sum(gave.values()) / len(gave) if gave else 1.0


def silence_of(feed: FeedRead, *, day: dt.date) -> str:
    """That a feed has had nothing new for long, by its own rhythm; "": it has, or nobody can tell.

    `day` is that of the digest. A copy from the store can only speak for the days before it was fetched.
    """
    days = sorted({found for date in feed.dates if (found := _day_of(date))}, reverse=True)
    if len(days) < 2:  # noqa: PLR2004 - one date makes no rhythm
        return ""
    fetched = _day_of(feed.page.fetched_at)
    if feed.page.origin is PageOrigin.STORE and fetched:
        day = min(day, fetched)
    gap = median((later - earlier).days for later, earlier in pairwise(days[:_RHYTHM]))
    if (day - days[0]).days <= max(_SILENT_DAYS, _SILENT_GAPS * gap):
        return ""
    rhythm = "day" if gap <= 1 else f"{gap:.0f} days"
    return f"{feed.locator}: the feed has no new entry since {days[0]}; before, about one came every {rhythm}"


def _of_feed(feed: FeedRead, now: dt.datetime) -> Observation:
    newest = max((date[:_DAY] for date in feed.dates), default="")
    return Observation(feed.locator, feed.page.source.via, _arrival(feed.page, now), newest_entry=newest)


def _of_pages(
    name: str, group: Sequence[Document | Page | Failure], arrived: Mapping[str, str], now: str
) -> Observation | None:
    """Of a page, a folder, or a feed that could not be read."""
    first = group[0].sources[0] if isinstance(group[0], Document) else group[0].source
    via = first.via if first.locator == name else ""
    good = [result for result in group if not isinstance(result, Failure) or result.is_left_out]
    if good:
        locators = (each.sources[0].locator if isinstance(each, Document) else each.source.locator for each in good)
        return Observation(name, via, succeeded=max(arrived.get(locator, now) for locator in locators))
    failures = [each for each in group if isinstance(each, Failure) and each.reason is not Reason.OFFLINE]
    return Observation(name, via, failure=failures[0]) if failures else None


def _arrival(page: Page, now: dt.datetime) -> str:
    """When the source was well: a copy from the store tells of an earlier time."""
    try:
        return _utc(dt.datetime.fromisoformat(page.fetched_at) if page.origin is PageOrigin.STORE else now)
    except ValueError:
        return _utc(now)


def _utc(time: dt.datetime) -> str:
    """Times that are compared as texts have one form."""
    return time.astimezone(dt.UTC).isoformat(timespec="seconds")


def _day_of(date: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(date[:_DAY])
    except ValueError:
        return None
