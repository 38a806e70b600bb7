"""From what the settings name to documents: the half of a run that needs the network, and reading what it brought.

collect ─▶ (discover) ─▶ fetch ─▶ extract ─▶ window
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from localdigest.discovery.query import any_span, query_of
from localdigest.discovery.registry import service_named
from localdigest.fingerprint import fingerprint
from localdigest.health import observed, silence_of
from localdigest.job import Event, Stopwatch
from localdigest.net.answers import is_too_early
from localdigest.records import Document, Failure, Page, PageOrigin, Source
from localdigest.sites.registry import plan_for
from localdigest.sourcing.inbox import read_inbox
from localdigest.stages.collect import collect
from localdigest.stages.discover import discover
from localdigest.stages.extract import extract, read_page
from localdigest.stages.fetch import fetch
from localdigest.stages.visit import visit
from localdigest.stages.window import in_window
from localdigest.store import content_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from localdigest.discovery.service import Hits
    from localdigest.health import FeedRead, SourceHealth
    from localdigest.job import Job, Tools
    from localdigest.manifest import Inquiry
    from localdigest.parsing.results import Feed, Listing, OutlineList
    from localdigest.sites.site import Step
    from localdigest.stages.collect import Collected

__all__ = ["Gathered", "Reading", "collect_sources", "gather", "observe_sources", "read_documents"]

_READER = ("localdigest.parsing", "localdigest.sites", "localdigest.text")
_READER_LIBRARIES = (
    *("trafilatura", "readability-lxml", "htmldate", "lxml", "selectolax", "pypdf", "pypdfium2"),
    *("charset-normalizer", "cssselect"),
)


@dataclass(frozen=True, slots=True)
class Gathered:
    """Every source of a job with its page or its failure. The bytes are on the shelf."""

    started_at: str
    results: tuple[Page | Failure, ...]
    warnings: tuple[str, ...]
    watch: Stopwatch
    inquiries: tuple[Inquiry, ...] = ()  #: what discovery asked, and of whom
    feeds: tuple[FeedRead, ...] = ()  #: that were read
    parsed: int = 0  #: pages that had to be read to know what to ask for

    @property
    def pages(self) -> tuple[Page, ...]:
        return tuple(result for result in self.results if isinstance(result, Page))


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading the pages gave."""

    documents: tuple[Document, ...]
    failures: tuple[Failure, ...]  #: of every stage so far
    parsed: int  #: pages that were read anew here; the text of the others was known

    @property
    def results(self) -> tuple[Document | Failure, ...]:
        return (*self.documents, *self.failures)


def gather(job: Job, tools: Tools, *, is_last: bool = True) -> Gathered:
    """Finds the sources of a job and fetches them. Nothing is asked of the network after the last."""
    started_at = tools.now().isoformat(timespec="seconds")
    parsed = tools.reader.parsed
    watch = Stopwatch()
    with watch.time("collect"):
        collected = collect_sources(job, tools)
    results: list[Page | Failure] = [*collected.failures, *collected.pages]
    total = len(collected.sources)
    with watch.time("fetch"):
        tools.on_event(Event("fetch", 0, total))
        is_ready = False
        for done, result in enumerate(_fetched(collected.sources, tools), start=1):
            results.append(result)
            is_ready = is_ready or _get_ready_for(result, tools)
            tools.on_event(Event("fetch", done, total, result.source.locator))
    if is_last:
        tools.seal()
    day = dt.date.fromisoformat(job.date)
    silent = filter(None, (silence_of(feed, day=day) for feed in collected.feeds))
    return Gathered(
        started_at,
        tuple(results),
        (*collected.warnings, *silent),
        watch,
        inquiries=collected.inquiries,
        feeds=collected.feeds,
        parsed=tools.reader.parsed - parsed,
    )


def _get_ready_for(result: Page | Failure, tools: Tools) -> bool:
    """While more is fetched the reader can load its parsers, which takes a second; what is known needs none."""
    is_new = isinstance(result, Page) and not tools.store.has_reading(_reading_key(result))
    if is_new:
        tools.reader.warm()
    return is_new


def collect_sources(job: Job, tools: Tools) -> Collected:
    """What the settings name, unfolded to pages, and what discovery finds; asks feeds and what may be one."""
    settings = job.settings
    requests = [Source(entry.locator, via=entry.via, title=entry.title, url=entry.url) for entry in settings.sources]
    inbox = read_inbox(settings.inbox)
    requests += inbox.sources
    tools.on_event(Event("collect", 0, len(requests)))
    collected = collect(
        requests,
        fetch=lambda sources: _fetched(sources, tools),
        read_list=lambda page: _listing(page, tools),
        in_place=inbox.in_place,
        since=job.since,
        limit=settings.limit or None,
        per_source=settings.per_source or None,
    )
    tools.on_event(Event("collect", len(requests), len(requests)))
    if settings.discover:
        collected = _with_discovered(collected, job, tools)
    return replace(
        collected,
        sources=inbox.all_in_place(collected.sources),
        failures=(*collected.failures, *inbox.failures),
    )


def _with_discovered(collected: Collected, job: Job, tools: Tools) -> Collected:
    """With pages that services name, as far as the limits leave room."""
    settings = job.settings
    known = (*collected.sources, *(page.source for page in collected.pages))
    limit = settings.discover_limit or None
    if settings.limit:
        room = max(0, settings.limit - len(known))
        limit = min(room, limit or room)
    if not job.topic or limit == 0:
        why = "the sources that were named reach the limit" if job.topic else "there is no topic"
        return replace(collected, warnings=(*collected.warnings, f"discovery: nobody was asked, since {why}"))
    query = query_of(job.topic, since=job.since, now=tools.now(), language=settings.lang)
    tools.on_event(Event("discover", 0, len(settings.discover)))
    found = discover(
        map(service_named, settings.discover),
        any_span(query) if tools.policy.offline else (query,),
        fetch=lambda sources, for_programs: _asked(sources, tools, for_programs),
        read=lambda service, page: _hits(service, page, tools),
        locate=lambda sites: (
            collect(
                map(Source, sites),
                fetch=lambda sources: _fetched(sources, tools),
                read_list=lambda page: _listing(page, tools),
            ).sources
        ),
        known=known,
        passed=[failure.source for failure in collected.failures],
        since=job.since,
        limit=limit,
    )
    tools.on_event(Event("discover", len(settings.discover), len(settings.discover)))
    return replace(
        collected,
        sources=(*collected.sources, *(pick.source for pick in found.picks)),
        failures=(*collected.failures, *found.failures),
        warnings=(*collected.warnings, *found.warnings),
        picks=found.picks,
        inquiries=found.inquiries,
    )


def _asked(sources: Iterable[Source], tools: Tools, for_programs: frozenset[str]) -> Iterator[Page | Failure]:
    """A result for each source, asked for once in a run; the bytes of pages are on the shelf."""
    unknown: list[Source] = []
    for source in sources:
        known = tools.answered.result(source, for_programs=source.locator in for_programs)
        if known is None:
            unknown.append(source)
            continue
        if isinstance(known, Page):
            tools.client.credit(filter(None, (urlsplit(url).hostname for url in (known.url, source.locator))))
        yield known
    for result in fetch(
        unknown,
        client=tools.client,
        cache=tools.store,
        policy=tools.policy,
        robots=tools.reader.robots,
        for_programs=for_programs,
    ):
        kept = tools.shelf.put(result) if isinstance(result, Page) else result
        tools.answered.keep(kept, for_programs=kept.source.locator in for_programs)
        yield kept


def _fetched(sources: Iterable[Source], tools: Tools) -> Iterator[Page | Failure]:
    def fetched(sources: Iterable[Source], for_programs: frozenset[str]) -> Iterator[Page | Failure]:
        return _asked(sources, tools, for_programs)

    def read(page: Page) -> Document | Failure:
        return read_page(page, parse=lambda page: _document(page, tools), key_of=_reading_key, cache=tools.store)

    def leads(page: Page) -> tuple[Step, ...]:
        whole = tools.shelf.take(page)
        return tools.reader.leads(whole) if isinstance(whole, Page) else ()

    return visit(sources, plan_for=plan_for, fetch=fetched, read=read, leads=leads)


def _document(page: Page, tools: Tools) -> Document | Failure:
    whole = tools.shelf.take(page)
    return tools.reader.document(whole) if isinstance(whole, Page) else whole


def _listing(page: Page, tools: Tools) -> Feed | OutlineList | Listing | Failure | None:
    whole = tools.shelf.take(page)
    return tools.reader.listing(whole) if isinstance(whole, Page) else whole


def _hits(service: str, page: Page, tools: Tools) -> Hits | Failure:
    whole = tools.shelf.take(page)
    return tools.reader.hits(service, whole) if isinstance(whole, Page) else whole


def read_documents(results: Sequence[Page | Failure], job: Job, tools: Tools) -> Reading:
    """Reads every page, or remembers what it read."""
    parsed = tools.reader.parsed
    read: list[Document | Failure] = []
    documents = extract(results, parse=lambda page: _document(page, tools), key_of=_reading_key, cache=tools.store)
    for done, result in enumerate(in_window(documents, job.since), start=1):
        read.append(result)
        note = result.sources[0].locator if isinstance(result, Document) else result.source.locator
        tools.on_event(Event("extract", done, len(results), note))
    return Reading(
        documents=tuple(result for result in read if isinstance(result, Document)),
        failures=tuple(result for result in read if isinstance(result, Failure)),
        parsed=tools.reader.parsed - parsed,
    )


def observe_sources(
    gathered: Gathered, results: Iterable[Document | Page | Failure], tools: Tools
) -> tuple[SourceHealth, ...]:
    """Notes how the sources do that somebody named, whether a digest comes of it or not; what is known of them now."""
    now = tools.now()
    observations = observed(results, gathered.pages, gathered.feeds, now=now)
    tools.store.observe([each for each in observations if tools.answered.observe_once(each.locator)], now=now)
    looked_at = {observation.locator for observation in observations}
    return tuple(health for health in tools.store.sources() if health.locator in looked_at)


def _reading_key(page: Page) -> str:
    source = page.source
    hints = (source.title, source.byline, source.published, source.url, source.locator)
    reader = fingerprint(_READER, _READER_LIBRARIES)
    asked = [[each.asked, each.url, each.media_type, each.charset] for each in (page, *page.companions)]
    # Dates to come are not believed. To a clock that had lost the time all were: not for longer than it was wrong.
    lost = page.fetched_at if page.origin is not PageOrigin.FILE and is_too_early(page) else ""
    return content_key(reader, page.sha256, asked, page.missing, page.origin.value == "feed", hints, lost)
