"""What the user named, to sources: pages, files, folders, feeds and outlines become one list without duplicates.

    requests ─▶ unfold folders ─▶ fetch what may be a list ─▶ unfold outlines, feeds, lists of posts ─▶ select

A page that lists posts (a blog's index) stands for them: for its feed where it names one, else for its links.

What is left out on the way is a `Failure` with its reason, never silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from localdigest.health import FeedRead
from localdigest.parsing.results import Feed, Listing, OutlineList
from localdigest.records import Failure, Page, Reason, Source
from localdigest.sourcing.folders import documents_of, is_document
from localdigest.sourcing.lists import entries_of, feeds_of, is_dated_ahead, outlines_of, posts_of
from localdigest.sourcing.paths import is_folder
from localdigest.sourcing.selection import Group, key_of, select

if TYPE_CHECKING:
    from datetime import datetime

    from localdigest.manifest import Inquiry
    from localdigest.sourcing.ranking import Pick

__all__ = ["Collected", "Fetch", "ReadList", "collect"]

#: `stages.fetch.fetch` with its client, cache and policy filled in.
Fetch: TypeAlias = Callable[[Iterable[Source]], Iterable[Page | Failure]]
#: The list that a page is, None when it is none; a failure when it is one that cannot be read.
ReadList: TypeAlias = Callable[[Page], Feed | OutlineList | Listing | Failure | None]
#: Pages and lists that one named list may lead to: each can cost half a minute, and a stranger wrote it.
MOST_OF_A_LIST = 2_000
_DEEPEST_OUTLINE = 3  #: outlines that name outlines that name outlines


@dataclass(frozen=True, slots=True)
class Collected:
    """What to read. A source either still has to be fetched, or its page came while looking for feeds."""

    sources: tuple[Source, ...]  #: to be fetched
    pages: tuple[Page, ...]  #: of further sources: no feeds after all
    failures: tuple[Failure, ...]
    warnings: tuple[str, ...] = ()  #: what was odd about a list that was read all the same
    picks: tuple[Pick, ...] = ()  #: those of the sources that discovery found, and why they were taken
    inquiries: tuple[Inquiry, ...] = ()  #: what was asked for them, and of whom
    feeds: tuple[FeedRead, ...] = ()  #: that were read


def collect(
    requests: Iterable[Source],
    *,
    fetch: Fetch,
    read_list: ReadList,
    in_place: Callable[[Source], Source] = lambda source: source,
    since: datetime | None = None,
    limit: int | None = None,
    per_source: int | None = None,
) -> Collected:
    """The sources of a digest.

    Args:
        requests: what the user named; a URL or file may turn out to be a page, a feed or an outline, a path a folder.
        fetch: gives a result for each source.
        read_list: tells feeds and outlines from pages.
        in_place: gives the saved copy of an address, where there is one, to be read instead.
        since: entries that say that they are older are left out.
        limit: how many sources in all, taken in turns from each list, newest first.
        per_source: how many of one feed or folder.
    """
    found = _Found(fetch, read_list, in_place)
    groups = found.unfold(tuple(requests))
    chosen = select(groups, since=since, limit=limit, per_source=per_source)
    return Collected(
        sources=tuple(source for source in chosen.sources if source.locator not in found.pages),
        pages=tuple(
            replace(found.pages[source.locator], source=source)
            for source in chosen.sources
            if source.locator in found.pages
        ),
        failures=(*found.failures, *chosen.failures),
        warnings=tuple(found.warnings),
        feeds=tuple(found.feeds),
    )


@dataclass(slots=True)
class _Found:
    """What unfolding has come upon so far."""

    fetch: Fetch
    read_list: ReadList
    in_place: Callable[[Source], Source]
    pages: dict[str, Page] = field(default_factory=dict)  #: by locator
    failures: list[Failure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    feeds: list[FeedRead] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)  #: keys of all that was unfolded: an outline may name itself
    left: int = MOST_OF_A_LIST  #: that the list under way may still lead to

    def unfold(self, requests: Sequence[Source], depth: int = 0) -> list[Group]:
        """A group for each page, feed and folder, in the order of the requests."""
        requests = self._new(requests)
        unknown = [source for source in requests if not _is_known(source)]
        results = {result.source.locator: result for result in self.fetch(unknown)} if unknown else {}
        groups: list[Group] = []
        for source in requests:
            if depth == 0:
                self.left = MOST_OF_A_LIST
            result = results.get(source.locator)
            if isinstance(result, Failure):
                self.failures.append(result)
            elif result is not None:
                groups += self._unfold_page(result, depth)
            else:
                groups.append(self._unfold_path(source))
        return groups

    def _new(self, requests: Iterable[Source]) -> tuple[Source, ...]:
        new: dict[str, Source] = {}
        for source in map(self.in_place, requests):
            key = key_of(source)
            if key not in self.seen:
                new.setdefault(key, source)
        self.seen.update(new)
        return tuple(new.values())

    def _unfold_path(self, source: Source) -> Group:
        if not is_folder(source.locator):
            return (source,)
        return self._taken(documents_of(source))

    def _unfold_page(self, page: Page, depth: int) -> list[Group]:
        match None if page.asked else self.read_list(page):
            case OutlineList() as outline:
                return self._unfold_outline(page, outline, depth)
            case Feed() as feed:
                return [self._unfold_feed(page, feed)]
            case Listing() as listing if group := self._unfold_listing(page, listing):
                return [group]
            case Failure() as failure:
                self.failures.append(failure)
                return []
        self.pages[page.source.locator] = page
        return [(page.source,)]

    def _unfold_outline(self, page: Page, outline: OutlineList, depth: int) -> list[Group]:
        where = page.source.locator
        self.warnings += [f"{where}: the outline {title!r} holds no address" for title in outline.without_address]
        sources = self._sources(page, outlines_of(page, outline))
        if depth == _DEEPEST_OUTLINE:
            self.failures.append(Failure(page.source, Reason.OVER_LIMIT, "outlines nest too deep"))
            return []
        if not outline.outlines:
            self.failures.append(Failure(page.source, Reason.EMPTY, "the outline names no address"))
        return self.unfold(sources, depth + 1)

    def _unfold_listing(self, page: Page, listing: Listing) -> Group:
        """The entries of the page's feed, else its posts."""
        where = page.source.locator
        for source in feeds_of(page, listing):
            found = next(iter(self.fetch([source])))
            feed = self.read_list(found) if isinstance(found, Page) else found
            if isinstance(found, Page) and isinstance(feed, Feed) and feed.entries:
                return self._unfold_feed(replace(found, source=page.source), feed)
            why = feed.detail if isinstance(feed, Failure) else "it holds no entries"
            self.warnings.append(f"{where}: its feed {source.locator} was not used: {why}")
        if listing.posts:
            self.feeds.append(FeedRead(page, tuple(post.published for post in listing.posts if post.published)))
        return self._sources(page, posts_of(page, listing))

    def _unfold_feed(self, page: Page, feed: Feed) -> Group:
        dates = (entry.published for entry in feed.entries if not is_dated_ahead(page, entry))
        self.feeds.append(FeedRead(page, tuple(filter(None, dates))))
        if feed.is_cut:
            self.warnings.append(f"{page.source.locator}: the feed breaks off; {len(feed.entries)} entries were read")
        if ahead := sum(is_dated_ahead(page, entry) for entry in feed.entries):
            self.warnings.append(f"{page.source.locator}: dates to come do not count; {ahead} of its entries have one")
        if not feed.entries:
            self.failures.append(Failure(page.source, Reason.EMPTY, "the feed holds no entries", url=page.url))
        return self._sources(page, entries_of(page, feed))

    def _sources(self, page: Page, items: Iterator[Source | Failure]) -> Group:
        """The same for what a list names, as far as that goes."""
        named = tuple(islice(items, self.left))
        self.left -= len(named)
        if beyond := sum(1 for _ in items):
            detail = f"it leads to {beyond:,} more than the {MOST_OF_A_LIST:,} that one list may"
            self.failures.append(Failure(page.source, Reason.OVER_LIMIT, detail, url=page.url))
        return self._taken(named)

    def _taken(self, items: Iterable[Source | Failure]) -> Group:
        """The sources among the items; the failures are kept."""
        sources: list[Source] = []
        for item in items:
            if isinstance(item, Source):
                sources.append(self.in_place(item))
            else:
                self.failures.append(item)
        return tuple(sources)


def _is_known(source: Source) -> bool:
    """Whether the name alone tells that this is no list."""
    return source.is_local and (is_document(source.locator) or is_folder(source.locator))
