"""Which of the sources found are taken: pure.

    groups ─▶ one source for each page ─▶ window ─▶ newest first ─▶ cap of each group ─▶ limit, in turns

A group is what came of one feed, folder or page that the user named.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TypeAlias

from localdigest.records import Failure, Reason, Source
from localdigest.sourcing.paths import real_path
from localdigest.urls import canonical_url

__all__ = ["Group", "Selection", "is_older", "key_of", "over_limit", "select", "time_of", "too_old"]

Group: TypeAlias = tuple[Source, ...]
_DAY = len("2025-12-30")
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Selection:
    """What is read, in the order of the groups, newest first in each; and what is not."""

    sources: tuple[Source, ...]
    failures: tuple[Failure, ...]


def select(
    groups: list[Group], *, since: datetime | None = None, limit: int | None = None, per_source: int | None = None
) -> Selection:
    failures: list[Failure] = []
    kept: list[Group] = []
    for group in _without_duplicates(groups):
        inside = tuple(source for source in group if not is_older(source, since))
        ranked = sorted(inside, key=time_of, reverse=True)
        failures += [too_old(source, since) for source in group if is_older(source, since)]
        failures += [
            over_limit(source, f"beyond {per_source} of one source") for source in ranked[per_source:] if per_source
        ]
        kept.append(tuple(ranked[:per_source]))
    quotas = _quotas([len(group) for group in kept], limit)
    for group, quota in zip(kept, quotas, strict=True):
        failures += [over_limit(source, f"beyond {limit} in all") for source in group[quota:]]
    taken = tuple(source for group, quota in zip(kept, quotas, strict=True) for source in group[:quota])
    return Selection(taken, tuple(failures))


def key_of(source: Source) -> str:
    """Under which all names of one page fall together."""
    return real_path(source.locator) if source.is_local else canonical_url(source.locator)


def _without_duplicates(groups: list[Group]) -> list[Group]:
    """Each page once, where it was first named, with the hints of all who name it."""
    merged: dict[str, Source] = {}
    for group in groups:
        for source in group:
            key = key_of(source)
            merged[key] = _with_hints(merged[key], source) if key in merged else source
    return [tuple(merged.pop(key_of(source)) for source in group if key_of(source) in merged) for group in groups]


def _with_hints(first: Source, other: Source) -> Source:
    return replace(
        first,
        title=first.title or other.title,
        byline=first.byline or other.byline,
        published=first.published or other.published,
        feed_html=max(first.feed_html, other.feed_html, key=len),
        url=first.url or other.url,
    )


def is_older(source: Source, since: datetime | None) -> bool:
    """Undated sources are kept: their pages may tell."""
    if since is None or not source.published:
        return False
    if len(source.published) == _DAY:  # a day has no hour: the whole day counts
        return date.fromisoformat(source.published) < since.date()
    return time_of(source) < since


def time_of(source: Source) -> datetime:
    """When it was published; what has no date comes last and keeps its order."""
    try:
        time = datetime.fromisoformat(source.published)
    except ValueError:
        return _NEVER
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _quotas(sizes: list[int], limit: int | None) -> list[int]:
    """How many each group may give: one after the other in turns, so that a busy feed cannot crowd out the rest."""
    if limit is None or sum(sizes) <= limit:
        return sizes
    quotas = [0] * len(sizes)
    left = limit
    while left > 0:
        for at, size in enumerate(sizes):
            if left > 0 and quotas[at] < size:
                quotas[at] += 1
                left -= 1
    return quotas


def too_old(source: Source, since: datetime | None) -> Failure:
    return Failure(source, Reason.OUT_OF_WINDOW, f"published {source.published[:_DAY]}, before {since:%Y-%m-%d}")


def over_limit(source: Source, detail: str) -> Failure:
    return Failure(source, Reason.OVER_LIMIT, detail)
