"""The whole run on one screen.

    collect ─▶ fetch ─▶ extract ─▶ window ─▶ dedupe ─▶ write ─▶ verify ─▶ account ─▶ (render)

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
from localdigest.errors import NothingToSummarizeError
from localdigest.fingerprint import fingerprint
from localdigest.hints import hint_for, told
from localdigest.manifest import Manifest, ModelRecord, RunRecord
from localdigest.records import Digest, Document, Failure, Page, Source
from localdigest.sites.registry import plan_for
from localdigest.stages.account import account
from localdigest.stages.collect import collect
from localdigest.stages.dedupe import dedupe
from localdigest.stages.extract import extract, read_page
from localdigest.stages.fetch import fetch
from localdigest.stages.verify import verify
from localdigest.stages.visit import visit
from localdigest.stages.window import in_window
from localdigest.store import Store, content_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

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
    "Reading",
    "Tools",
    "collect_sources",
    "gather",
    "make_digest",
    "plan_job",
    "read_documents",
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

    stage: str  #: collect, fetch, extract, write
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

    @property
    def pages(self) -> tuple[Page, ...]:
        return tuple(result for result in self.results if isinstance(result, Page))


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading the pages gave."""

    documents: tuple[Document, ...]
    failures: tuple[Failure, ...]  #: of every stage so far
    parsed: int  #: pages that were read anew; the text of the others was known

    @property
    def results(self) -> tuple[Document | Failure, ...]:
        return (*self.documents, *self.failures)


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


def make_digest(job: Job, tools: Tools) -> Manifest:
    """From sources to the manifest of a verified digest.

    Raises:
        NothingToSummarizeError: no source gave any text, or none of it is fit for a digest.
    """
    started_at = tools.now().isoformat(timespec="seconds")
    gathered = gather(job, tools)
    watch = gathered.watch
    with watch.time("extract"):
        reading = read_documents(gathered.results, job, tools)
    with watch.time("dedupe"):
        documents = dedupe(reading.documents)
    with watch.time("write"):
        tools.on_event(Event("write", 0, 1, tools.writer.name))
        digest = verify(_written(documents, reading.failures, job, tools), documents)
        tools.on_event(Event("write", 1, 1, tools.writer.name))
    told = encode(tools.writer.account) or {}
    work = told.pop("work", {})
    manifest = account(
        digest,
        documents,
        reading.failures,
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
    return replace(manifest, run=record, model=model, sandbox=dict(tools.sandbox()))


def gather(job: Job, tools: Tools) -> Gathered:
    """Finds the sources of a job and fetches them. Nothing is asked of the network after this."""
    watch = Stopwatch()
    with watch.time("collect"):
        collected = collect_sources(job, tools)
    results: list[Page | Failure] = [*collected.failures, *collected.pages]
    total = len(collected.sources)
    with watch.time("fetch"):
        tools.on_event(Event("fetch", 0, total))
        for done, result in enumerate(_fetched(collected.sources, tools), start=1):
            results.append(result)
            _get_ready_for(result, tools)
            tools.on_event(Event("fetch", done, total, result.source.locator))
    tools.seal()
    return Gathered(tuple(results), collected.warnings, watch)


def _get_ready_for(result: Page | Failure, tools: Tools) -> None:
    """While more is fetched the reader can load its parsers, which takes a second; what is known needs none."""
    if isinstance(result, Page) and tools.store.reading(_reading_key(result)) is None:
        tools.reader.warm()


def collect_sources(job: Job, tools: Tools) -> Collected:
    """What the settings name, unfolded to pages; asks feeds and addresses that may be feeds."""
    settings = job.settings
    requests = [Source(entry.locator, via=entry.via, title=entry.title, url=entry.url) for entry in settings.sources]
    tools.on_event(Event("collect", 0, len(requests)))
    collected = collect(
        requests,
        fetch=lambda sources: _fetched(sources, tools),
        read_list=tools.reader.listing,
        since=job.since,
        limit=settings.limit or None,
        per_source=settings.per_source or None,
    )
    tools.on_event(Event("collect", len(requests), len(requests)))
    return collected


def _fetched(sources: Iterable[Source], tools: Tools) -> Iterator[Page | Failure]:
    def fetched(sources: Iterable[Source], for_programs: frozenset[str]) -> Iterator[Page | Failure]:
        return fetch(
            sources,
            client=tools.client,
            cache=tools.store,
            policy=tools.policy,
            robots=tools.reader.robots,
            for_programs=for_programs,
        )

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
        raise NothingToSummarizeError("The sources were read, but hold no sentence that a digest could quote")
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


def _nothing(failures: Sequence[Failure]) -> NothingToSummarizeError:
    if not failures:
        return NothingToSummarizeError("There is nothing to read: the sources name no page")
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
    for private in ("store", "out", "site", "sources", "models", "prompts", "after"):
        del recorded[private]
    return recorded
