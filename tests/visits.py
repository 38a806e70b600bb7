"""Visits sites under their real addresses, answered by a server of our own (`internet.py`)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from caches import MemoryCache
from readers import READER

from localdigest.net.client import open_client
from localdigest.net.policy import FetchPolicy
from localdigest.records import Document, Failure, Page, Source
from localdigest.sites.registry import plan_for
from localdigest.stages.fetch import fetch
from localdigest.stages.visit import visit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from localdigest.net.guard import Guard

__all__ = ["POLICY", "document_at", "failure_at", "visited", "visiting"]

POLICY = FetchPolicy(per_host_interval_s=0.0, retry_base_s=0.01, max_crawl_delay_s=0.0)


class Web(Protocol):
    """Where addresses lead."""

    def guard(self) -> Guard: ...


@contextmanager
def visiting(
    web: Web, *, policy: FetchPolicy = POLICY, cache: MemoryCache | None = None
) -> Iterator[Callable[[Iterable[Source]], Iterator[Page | Failure]]]:
    """What fetches sources by the real parts."""
    store = cache or MemoryCache()
    with open_client(policy, guard=web.guard()) as client:

        def fetched(sources: Iterable[Source], for_programs: frozenset[str]) -> Iterator[Page | Failure]:
            return fetch(
                sources, client=client, cache=store, policy=policy, robots=READER.robots, for_programs=for_programs
            )

        yield lambda sources: visit(sources, plan_for=plan_for, fetch=fetched, read=READER.document, leads=READER.leads)


def visited(
    urls: Iterable[str], web: Web, *, policy: FetchPolicy = POLICY, cache: MemoryCache | None = None
) -> dict[str, Document | Failure]:
    """What each address gives, by address: fetched and read by the real parts."""
    with visiting(web, policy=policy, cache=cache) as fetching:
        results = list(fetching([Source(url) for url in urls]))
    return {
        result.source.locator: READER.document(result) if isinstance(result, Page) else result for result in results
    }


def document_at(url: str, web: Web) -> Document:
    result = visited([url], web)[url]
    assert isinstance(result, Document), result
    return result


def failure_at(url: str, web: Web) -> Failure:
    result = visited([url], web)[url]
    assert isinstance(result, Failure), result
    return result
