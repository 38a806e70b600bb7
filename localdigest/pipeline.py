"""The whole run on one screen.

    collect ─▶ (discover) ─▶ fetch ─▶ extract ─▶ window ─▶ dedupe ─▶ leave out what was told ─▶ write
        ─▶ verify ─▶ account ─▶ (render ─▶ remember)

Decides nothing itself: each stage is a function of values, and what touches the world is handed in (`Tools`).
The first line is `gathering.py`'s up to the window.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from localdigest.codec import encode
from localdigest.errors import NothingNewError, NothingToSummarizeError
from localdigest.fingerprint import fingerprint
from localdigest.gathering import gather, observe_sources, read_documents
from localdigest.health import yields_of
from localdigest.hints import hint_for, hint_of, told
from localdigest.history import history_of
from localdigest.job import Event, Readership
from localdigest.manifest import Manifest, RunRecord
from localdigest.records import Digest, Document, Failure, Reason
from localdigest.stages.account import account
from localdigest.stages.dedupe import dedupe
from localdigest.stages.follow import mark
from localdigest.stages.remember import leave_out, to_remember
from localdigest.stages.verify import verify
from localdigest.store import content_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from localdigest.gathering import Gathered
    from localdigest.history import PastDigest
    from localdigest.job import Job, Tools
    from localdigest.settings import Settings

__all__ = ["Made", "digest_of", "make_digest", "remember_digest"]

_ALONE = Readership()
#: What a writer makes rests on modules all over the package, and is quickly made again.
_WRITER = ("localdigest",)


@dataclass(frozen=True, slots=True)
class Made:
    """A digest whose files are not written yet."""

    manifest: Manifest
    memory: PastDigest | None  #: what later digests go by; None: nothing is to be remembered


def make_digest(job: Job, tools: Tools) -> Made:
    """From sources to the manifest of a verified digest.

    Raises:
        NothingToSummarizeError: no source gave any text, or none of it is new and fit for a digest.
    """
    return digest_of(gather(job, tools), job, tools)


def digest_of(gathered: Gathered, job: Job, tools: Tools, *, readership: Readership = _ALONE) -> Made:
    """The same from what was fetched for the job; asks nothing of the network.

    Args:
        gathered: what was fetched.
        job: to do.
        tools: to do it with.
        readership: other digests of the run that read the same: a model is asked for all of them at once.

    Raises:
        NothingToSummarizeError: as `make_digest`.
    """
    watch = gathered.watch
    with watch.time("extract"):
        reading = read_documents(gathered.results, job, tools)
    observe_sources(gathered, reading.results, tools)
    with watch.time("dedupe"):
        past = tools.store.past_digests(job.series, before=job.date) if job.settings.history else ()
        fresh = leave_out(dedupe(reading.documents), past)
        documents, failures = fresh.documents, (*reading.failures, *fresh.failures)
    with watch.time("write"):
        tools.on_event(Event("write", 0, 1, tools.writer.name))
        digest = verify(_written(documents, failures, job, tools, readership), documents)
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
        started_at=gathered.started_at,
        seconds=watch.seconds,
        origins=dict(sorted(Counter(page.origin.value for page in gathered.pages).items())),
        hosts=tuple(sorted(tools.client.contacted_hosts)),
        parsed=gathered.parsed + reading.parsed,
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


def _written(
    documents: tuple[Document, ...], failures: Sequence[Failure], job: Job, tools: Tools, readership: Readership
) -> Digest:
    """The writer's digest of these documents, or the one that it made of the same before."""
    if not documents:
        raise _nothing(failures)
    if tools.writer.uses_model:
        digest = _by_model(documents, job, tools, readership)
    else:
        digest = _remembered(documents, job, tools)
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


def _by_model(documents: tuple[Document, ...], job: Job, tools: Tools, readership: Readership) -> Digest:
    """Its answers are remembered one by one; what is made of them is made anew, with its account."""
    shared = readership.shared(documents)
    return tools.writer.write(documents, topic=job.topic, language=job.settings.lang, shared=shared)


def _nothing_to_quote(documents: Iterable[Document], failures: Iterable[Failure]) -> NothingToSummarizeError:
    if last := max((*(each.seen for each in documents), *(each.seen for each in failures)), default=""):
        return NothingNewError(
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
        return NothingNewError(
            f"There is nothing new: earlier digests told all that was read, the last of them that of {last}"
            + (f". Not read: {told(others)}" if others else ""),
            hint=hint_of(Reason.COVERED),
        )
    return NothingToSummarizeError(f"No source gave any text ({told(failures)})", hint=hint_for(failures))


def _recorded(settings: Settings, tools: Tools) -> dict[str, object]:
    """The settings that shape a digest; where files are kept on this machine is nobody's business."""
    recorded = asdict(settings) | {"model": tools.model.name if tools.model else ""}
    for private in (
        *("store", "out", "site", "sources", "inbox", "models", "prompts", "after"),
        *("endpoints", "api_key_env"),  # whom a model was asked at stands with the model
    ):
        del recorded[private]
    return recorded
