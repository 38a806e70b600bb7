"""The whole run on one screen.

    collect ─▶ (discover) ─▶ fetch ─▶ extract ─▶ window ─▶ dedupe ─▶ leave out what was told ─▶ write
        ─▶ verify ─▶ account ─▶ (render ─▶ remember)

Decides nothing itself: each stage is a function of values, and what touches the world is handed in (`Tools`).
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from localdigest import values
from localdigest.codec import encode
from localdigest.discovery.query import any_span, query_of
from localdigest.discovery.registry import service_named
from localdigest.errors import NothingToSummarizeError
from localdigest.fingerprint import fingerprint
from localdigest.health import observed, silence_of, yields_of
from localdigest.hints import hint_for, hint_of, told
from localdigest.history import history_of
from localdigest.manifest import Manifest, ModelRecord, RunRecord
from localdigest.records import Digest, Document, Failure, Page, Reason, Source
from localdigest.sites.registry import plan_for
from localdigest.sourcing.inbox import read_inbox
from localdigest.sourcing.selection import key_of
from localdigest.stages.account import account
from localdigest.stages.collect import collect
from localdigest.stages.dedupe import dedupe
from localdigest.stages.discover import discover
from localdigest.stages.extract import extract, read_page
from localdigest.stages.fetch import fetch
from localdigest.stages.follow import mark
from localdigest.stages.remember import leave_out, to_remember
from localdigest.stages.verify import verify
from localdigest.stages.visit import visit
from localdigest.stages.window import in_window
from localdigest.store import Store, content_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from localdigest.health import FeedRead, SourceHealth
    from localdigest.history import PastDigest
    from localdigest.manifest import Inquiry
    from localdigest.net.client import Client
    from localdigest.net.policy import FetchPolicy
    from localdigest.reader import Reader
    from localdigest.settings import Settings
    from localdigest.stages.collect import Collected
    from localdigest.writers.base import Writer

__all__ = [
    "Event",
    "Gathered",
    "Job",
    "Made",
    "Reading",
    "Tools",
    "collect_sources",
    "gather",
    "make_digest",
    "observe_sources",
    "plan_job",
    "read_documents",
    "remember_digest",
]

_READER = ("localdigest.parsing", "localdigest.sites", "localdigest.text")
_READER_LIBRARIES = (
    *("trafilatura", "readability-lxml", "htmldate", "lxml", "selectolax", "pypdf", "pypdfium2"),
    "charset-normalizer",
)
#: What a writer makes rests on modules all over the package, and is quickly made again.
_WRITER = ("localdigest",)


@dataclass(frozen=True, slots=True)
class Event:
    """What a person watching the run may want to know."""

    stage: str  #: collect, discover, fetch, extract, write
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
    reader: Reader  #: the only one who parses
    writer: Writer
    model: ModelRecord | None = None  #: of the writer, where it uses one
    placement: Mapping[str, object] = field(default_factory=dict)  #: how the model is loaded
    seal: Callable[[], None] = lambda: None  #: gives up the network, once everything is fetched
    sandbox: Callable[[], Mapping[str, object]] = dict  #: what was found to hold each process
    on_event: Callable[[Event], None] = lambda _: None
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now().astimezone()


@dataclass(frozen=True, slots=True)
class Gathered:
    """Every source of a job with its bytes or its failure."""

    results: tuple[Page | Failure, ...]
    warnings: tuple[str, ...]
    watch: Stopwatch
    inquiries: tuple[Inquiry, ...] = ()  #: what discovery asked, and of whom
    feeds: tuple[FeedRead, ...] = ()  #: that were read

    @property
    def pages(self) -> tuple[Page, ...]:
        return tuple(result for result in self.results if isinstance(result, Page))

    def without_bodies(self) -> Gathered:
        """For when they were read."""
        slim = (result.without_body() if isinstance(result, Page) else result for result in self.results)
        return replace(self, results=tuple(slim))


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading the pages gave."""

    documents: tuple[Document, ...]
    failures: tuple[Failure, ...]  #: of every stage so far
    parsed: int  #: pages that were read anew; the text of the others was known

    @property
    def results(self) -> tuple[Document | Failure, ...]:
        return (*self.documents, *self.failures)


@dataclass(frozen=True, slots=True)
class Made:
    """A digest whose files are not written yet."""

    manifest: Manifest
    memory: PastDigest | None  #: what later digests go by; None: nothing is to be remembered


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


def make_digest(job: Job, tools: Tools) -> Made:
    """From sources to the manifest of a verified digest.

    Raises:
        NothingToSummarizeError: no source gave any text, or none of it is new and fit for a digest.
    """
    started_at = tools.now().isoformat(timespec="seconds")
    gathered = gather(job, tools)
    watch = gathered.watch
    with watch.time("extract"):
        reading = read_documents(gathered.results, job, tools)
    gathered = gathered.without_bodies()
    observe_sources(gathered, reading.results, tools)
    with watch.time("dedupe"):
        past = tools.store.past_digests(job.series, before=job.date) if job.settings.history else ()
        fresh = leave_out(dedupe(reading.documents), past)
        documents, failures = fresh.documents, (*reading.failures, *fresh.failures)
    with watch.time("write"):
        tools.on_event(Event("write", 0, 1, tools.writer.name))
        digest = verify(_written(documents, failures, job, tools), documents)
        digest = mark(digest, documents, past, date=job.date)
        tools.on_event(Event("write", 1, 1, tools.writer.name))
    told = encode(tools.writer.account) or {}
    work = told.pop("work", {})
    manifest = account(
        digest,
        documents,
        failures,
        topic=job.topic,
        slug=job.slug,
        date=job.date,
        language=job.settings.lang,
        settings=_recorded(job.settings, tools),
        pages=gathered.pages,
        warnings=gathered.warnings,
    )
    record = RunRecord(
        started_at=started_at,
        seconds=watch.seconds,
        origins=dict(sorted(Counter(page.origin.value for page in gathered.pages).items())),
        hosts=tuple(sorted(tools.client.contacted_hosts)),
        parsed=reading.parsed,
        work=work,
        placement=dict(tools.placement),
        store=tools.store.incidents,
    )
    model = replace(tools.model, account=told) if tools.model else None
    memory = to_remember(manifest, documents, series=job.series)
    manifest = replace(
        manifest,
        discovery=gathered.inquiries,
        history=history_of(past, memory),
        run=record,
        model=model,
        sandbox=dict(tools.sandbox()),
    )
    return Made(manifest, memory if job.settings.history else None)


def remember_digest(made: Made, tools: Tools) -> None:
    """For when its files are written: a run that is killed before does all of it again, and comes to the same."""
    tools.store.remember(made.memory, yields_of(made.manifest))


def observe_sources(
    gathered: Gathered, results: Iterable[Document | Page | Failure], tools: Tools
) -> tuple[SourceHealth, ...]:
    """Notes how the sources do that somebody named, whether a digest comes of it or not; what is known of them now."""
    now = tools.now()
    observations = observed(results, gathered.pages, gathered.feeds, now=now)
    tools.store.observe(observations, now=now)
    looked_at = {observation.locator for observation in observations}
    return tuple(health for health in tools.store.sources() if health.locator in looked_at)


def gather(job: Job, tools: Tools) -> Gathered:
    """Finds the sources of a job and fetches them. Nothing is asked of the network after this."""
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
    tools.seal()
    day = dt.date.fromisoformat(job.date)
    silent = filter(None, (silence_of(feed, day=day) for feed in collected.feeds))
    return Gathered(
        tuple(results), (*collected.warnings, *silent), watch, inquiries=collected.inquiries, feeds=collected.feeds
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
        read_list=tools.reader.listing,
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
        read=tools.reader.hits,
        locate=lambda sites: (
            collect(
                map(Source, sites), fetch=lambda sources: _fetched(sources, tools), read_list=tools.reader.listing
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
    return fetch(
        sources,
        client=tools.client,
        cache=tools.store,
        policy=tools.policy,
        robots=tools.reader.robots,
        for_programs=for_programs,
    )


def _fetched(sources: Iterable[Source], tools: Tools) -> Iterator[Page | Failure]:
    def fetched(sources: Iterable[Source], for_programs: frozenset[str]) -> Iterator[Page | Failure]:
        return _asked(sources, tools, for_programs)

    def read(page: Page) -> Document | Failure:
        return read_page(page, parse=tools.reader.document, key_of=_reading_key, cache=tools.store)

    return visit(sources, plan_for=plan_for, fetch=fetched, read=read, leads=tools.reader.leads)


def read_documents(results: Sequence[Page | Failure], job: Job, tools: Tools) -> Reading:
    """Reads every page, or remembers what it read."""
    read: list[Document | Failure] = []
    documents = extract(results, parse=tools.reader.document, key_of=_reading_key, cache=tools.store)
    for done, result in enumerate(in_window(documents, job.since), start=1):
        read.append(result)
        note = result.sources[0].locator if isinstance(result, Document) else result.source.locator
        tools.on_event(Event("extract", done, len(results), note))
    return Reading(
        documents=tuple(result for result in read if isinstance(result, Document)),
        failures=tuple(result for result in read if isinstance(result, Failure)),
        parsed=tools.reader.parsed,
    )


def _written(documents: tuple[Document, ...], failures: Sequence[Failure], job: Job, tools: Tools) -> Digest:
    """The writer's digest of these documents, or the one that it made of the same before."""
    if not documents:
        raise _nothing(failures)
    digest = _by_model(documents, job, tools) if tools.writer.uses_model else _remembered(documents, job, tools)
    # A model that says nothing that holds still leaves an account of it, which is worth more than an error.
    if not digest.uses_model and not any(section.parts for section in digest.sections):
        raise _nothing_to_quote(documents, failures)
    return digest


def _remembered(documents: tuple[Document, ...], job: Job, tools: Tools) -> Digest:
    key = content_key(fingerprint(_WRITER), tools.writer.name, job.topic, job.settings.lang, documents)
    digest = tools.store.digest(key)
    if digest is None:
        digest = tools.writer.write(documents, topic=job.topic, language=job.settings.lang)
        tools.store.put_digest(key, digest, created_at=tools.now().isoformat(timespec="seconds"))
    return digest


def _by_model(documents: tuple[Document, ...], job: Job, tools: Tools) -> Digest:
    """Its answers are remembered one by one; what is made of them is made anew, with its account."""
    return tools.writer.write(documents, topic=job.topic, language=job.settings.lang)


def _nothing_to_quote(documents: Iterable[Document], failures: Iterable[Failure]) -> NothingToSummarizeError:
    if last := max((*(each.seen for each in documents), *(each.seen for each in failures)), default=""):
        return NothingToSummarizeError(
            f"What the sources hold beyond the digest of {last} is no sentence that a digest could quote",
            hint=hint_of(Reason.COVERED),
        )
    return NothingToSummarizeError("The sources were read, but hold no sentence that a digest could quote")


def _nothing(failures: Sequence[Failure]) -> NothingToSummarizeError:
    if not failures:
        return NothingToSummarizeError("There is nothing to read: the sources name no page")
    covered = [failure for failure in failures if failure.reason is Reason.COVERED]
    if covered:
        last = max(failure.seen for failure in covered)
        others = [failure for failure in failures if not failure.is_left_out]
        return NothingToSummarizeError(
            f"There is nothing new: earlier digests told all that was read, the last of them that of {last}"
            + (f". Not read: {told(others)}" if others else ""),
            hint=hint_of(Reason.COVERED),
        )
    return NothingToSummarizeError(f"No source gave any text ({told(failures)})", hint=hint_for(failures))


def _reading_key(page: Page) -> str:
    source = page.source
    hints = (source.title, source.byline, source.published, source.url, source.locator)
    reader = fingerprint(_READER, _READER_LIBRARIES)
    asked = [[each.asked, each.url, each.media_type, each.charset] for each in (page, *page.companions)]
    return content_key(reader, page.sha256, asked, page.missing, page.origin.value == "feed", hints)


def _recorded(settings: Settings, tools: Tools) -> dict[str, object]:
    """The settings that shape a digest; where files are kept on this machine is nobody's business."""
    recorded = asdict(settings) | {"model": tools.model.name if tools.model else ""}
    for private in (
        *("store", "out", "site", "sources", "inbox", "models", "prompts", "after"),
        *("endpoints", "api_key_env"),  # whom a model was asked at stands with the model
    ):
        del recorded[private]
    return recorded
