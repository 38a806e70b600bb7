"""Opens what a run needs, and closes it again."""

from __future__ import annotations

import datetime as dt
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localdigest.cli.layers import settle, store_path
from localdigest.errors import UsageError
from localdigest.net.client import open_client
from localdigest.net.policy import FetchPolicy
from localdigest.pipeline import Event, Job, Tools, plan_job
from localdigest.store import Store
from localdigest.writers.extractive import ExtractiveWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from localdigest.settings import Settings

__all__ = ["Session", "open_session", "planned"]

_PDF_FACTOR = 2.5  # a paper with figures is larger than a page


@dataclass(frozen=True, slots=True)
class Session:
    job: Job
    tools: Tools


def planned(sources: Sequence[str] | None, flags: Mapping[str, Any], config: Path | None) -> Job:
    """The job that a command line asks for.

    Raises:
        UsageError: it names no source.
    """
    settings = settle(sources or (), flags=flags, config=config, stdin_lines=sys.stdin).settings
    if not settings.sources:
        raise UsageError(
            "No sources were named",
            hint="Name URLs, files, folders or feeds, or a topic file: `localdigest init` writes one.",
        )
    return plan_job(settings, now=dt.datetime.now().astimezone())


@contextmanager
def open_session(job: Job, on_event: Callable[[Event], None]) -> Iterator[Session]:
    policy = policy_of(job.settings)
    with Store(store_path(job.settings)) as store, open_client(policy) as client:
        yield Session(job, Tools(store, client, policy, ExtractiveWriter(), on_event))


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
