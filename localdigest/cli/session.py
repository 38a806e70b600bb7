"""Opens what a run needs, and closes it again."""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localdigest.cli.chosen import NO_MODEL
from localdigest.cli.layers import settle, settle_all_sources, settle_every, store_path
from localdigest.cli.model_writer import opened_writer
from localdigest.cli.network import guard_of
from localdigest.cli.program import PROGRAM
from localdigest.cli.server_writer import opened_messenger
from localdigest.codec import encode
from localdigest.errors import UsageError
from localdigest.gathering import collect_sources
from localdigest.job import Event, Job, Tools, plan_job
from localdigest.net.answered import Answered
from localdigest.net.client import open_client
from localdigest.net.policy import FetchPolicy
from localdigest.net.shelf import Shelf
from localdigest.records import Reason, Source
from localdigest.render.locale import load_locale
from localdigest.sandbox.enforced import Barrier
from localdigest.sourcing.paths import is_folder
from localdigest.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from localdigest.cli.chosen import Chosen
    from localdigest.net.client import Client
    from localdigest.settings import Settings

__all__ = ["Session", "open_session", "open_sessions", "open_store", "plan_reading", "planned", "planned_every"]

_PDF_FACTOR = 2.5  # a paper with figures is larger than a page


@dataclass(frozen=True, slots=True)
class Session:
    job: Job
    tools: Tools


def planned(
    sources: Sequence[str] | None,
    flags: Mapping[str, Any],
    config: Path | None,
    *,
    discover: tuple[str, ...] = (),
    with_inbox: bool = True,
    with_discovery: bool = True,
    is_digest: bool = True,
) -> Job:
    """The one job that a command line asks for.

    Args:
        sources: what stands on it as SOURCE.
        flags: the settings given as flags.
        config: the topic file, where `--config` names it.
        discover: services that are asked where no setting names any.
        with_inbox: pages saved by hand are sources, too.
        with_discovery: so are those that services name, where a setting says so.
        is_digest: it is of one topic; else of the sources of all topics of the file.

    Raises:
        UsageError: it names no source or a heading that no digest has, or asks for discovery without a topic.
    """
    settled = settle if is_digest else settle_all_sources
    settings = settled(sources or (), flags=flags, config=config, stdin_lines=sys.stdin).settings
    settings = replace(
        settings,
        discover=(settings.discover or discover) if with_discovery else (),
        inbox=settings.inbox if with_inbox else "",
    )
    return _planned(settings, must_discover=bool(discover or "discover" in flags))


def planned_every(sources: Sequence[str] | None, flags: Mapping[str, Any], config: Path | None) -> tuple[Job, ...]:
    """The jobs that a command line asks for, one for each topic of its file.

    Raises:
        UsageError: as `planned`; two of them would write the same files.
    """
    every = settle_every(sources or (), flags=flags, config=config, stdin_lines=sys.stdin)
    return tuple(_planned(resolved.settings, must_discover="discover" in flags) for resolved in every)


def _planned(settings: Settings, *, must_discover: bool) -> Job:
    if settings.discover and not settings.topic and (must_discover or not settings.sources):
        raise UsageError(
            "There is no topic to find pages on", hint="Name one: `--topic mistral`, or `topic` in a topic file."
        )
    if not settings.sources and not settings.discover and not is_folder(settings.inbox):
        raise UsageError(
            "No sources were named",
            hint="Name URLs, files, folders or feeds, or a topic file: `localdigest init` writes one. Or have pages "
            "found: `--topic mistral --discover all`.",
        )
    load_locale(settings.lang, settings.headings)  # a heading that no digest has: before anything is read
    return plan_job(settings, now=dt.datetime.now().astimezone())


@contextmanager
def open_session(job: Job, on_event: Callable[[Event], None], *, chosen: Chosen | None = None) -> Iterator[Session]:
    """What a run works with. `chosen` writes; who only collects or fetches needs none."""
    with open_sessions([job], on_event, chosen=chosen) as (session,):
        yield session


@contextmanager
def open_sessions(
    jobs: Sequence[Job], on_event: Callable[[Event], None], *, chosen: Chosen | None = None
) -> Iterator[tuple[Session, ...]]:
    """The same for several digests with one store, reader, model and door to the network; each notes its own hosts."""
    settings = jobs[0].settings  # what is read here is of the whole run
    policy = policy_of(settings)
    chosen = chosen or NO_MODEL
    program = PROGRAM.get()
    with (
        # First of all: it has the network that this process gives up, with `--offline` in the next line.
        opened_messenger(chosen, settings, on_event) as messenger,
        nullcontext(guard_of(settings)) as guard,
        program.open_reader() as reader,
        open_store(store_path(settings)) as store,
        opened_writer(chosen, settings, store, on_event, guard=guard, messenger=messenger) as opened,
        ExitStack() as stack,
    ):
        clients: list[Client] = []
        for _ in jobs:
            pauses = clients[0].pauses if clients else None
            clients.append(stack.enter_context(open_client(policy, guard=guard, pauses=pauses)))
        reader.start()
        held: dict[str, object] = {"main": {"network": Barrier.NONE.value}}

        def seal() -> None:
            for client in clients:
                client.close()
            held["main"] = {"network": program.give_up_network().value}

        shelf, answered = Shelf(store, policy), Answered()
        yield tuple(
            Session(
                job,
                Tools(
                    store,
                    client,
                    policy,
                    shelf,
                    answered,
                    reader,
                    opened.writer_for(job.settings),
                    model=opened.model,
                    placement=opened.placement,
                    seal=seal,
                    sandbox=lambda: {**held, "parser": encode(reader.enforced()), **opened.sandbox()},
                    on_event=on_event,
                ),
            )
            for job, client in zip(jobs, clients, strict=True)
        )


def open_store(path: Path) -> Store:
    """The store, whose mishaps are told on stderr, quiet or not."""
    return Store(path, tell=lambda what: print(f"Note: {what} (in {path.parent.absolute()})", file=sys.stderr))


def plan_reading(job: Job) -> list[tuple[Source, str]]:
    """Each source that is known without the network, with what it would take: `file`, `stored`, `network` or a reason.

    Nothing is written: a store that is not there yet is made in a folder that goes away again.
    """
    settings = replace(job.settings, offline=True)
    with tempfile.TemporaryDirectory() as folder:
        if not store_path(settings).exists():
            settings = replace(settings, store=str(Path(folder) / "store.sqlite3"))
        with open_session(replace(job, settings=settings), lambda _: None) as session:
            found = collect_sources(session.job, session.tools)
            plan = [(page.source, "stored") for page in found.pages]
            plan += [(source, _takes(source, session.tools.store)) for source in found.sources]
    missing = {failure.source.locator: failure for failure in found.failures}
    plan += [
        (failure.source, "network" if failure.reason is Reason.OFFLINE else failure.reason.value)
        for failure in missing.values()
    ]
    return plan


def _takes(source: Source, store: Store) -> str:
    if source.is_local:
        return "file"
    return "stored" if store.page(source.locator) else "network"


def policy_of(settings: Settings) -> FetchPolicy:
    return FetchPolicy(
        offline=settings.offline,
        respect_robots=settings.robots,
        allow_hosts=frozenset(settings.allow_hosts),
        concurrency=settings.concurrency,
        per_host_interval_s=settings.interval,
        deadline_s=settings.deadline,
        max_bytes=settings.max_bytes,
        max_pdf_bytes=int(settings.max_bytes * _PDF_FACTOR),
    )
