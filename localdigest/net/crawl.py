"""Many addresses under way at once, each hop of each checked against robots.txt and the pause of its host.

    start ──▶ admit ──▶ queue ──▶ worker: one request ──▶ step ──┬─▶ a page or a failure
                ▲                                                │
                └──────────────── redirect, retry ───────────────┘

The thread that iterates decides everything and alone touches the cache; worker threads only make single requests.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from localdigest.net.answers import is_not_modified, is_redirect, next_url, page_of, problem_of, unchanged, validators
from localdigest.net.client import Answer, Client, FetchError
from localdigest.net.files import read_file
from localdigest.net.policy import SLOW_SITES
from localdigest.net.polite import HostQueue
from localdigest.net.retry import retry_after_s, wait_before_retry_s
from localdigest.net.rules import ROBOTS_MAX_BYTES, RobotsBook, robots_url
from localdigest.net.workers import Workers
from localdigest.records import Failure, Page, PageOrigin, Reason, Source
from localdigest.urls import flaw_of_url, site_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from localdigest.net.policy import FetchPolicy
    from localdigest.net.seams import Clock, PageCache

__all__ = ["Crawl"]

_WEB_PORTS = (None, 80, 443)


@dataclass(frozen=True, slots=True)
class _Job:
    """One source on its way to its page."""

    source: Source
    url: str  #: to ask next
    stored: Page | None = None
    came_by: tuple[str, ...] = ()  #: addresses that redirected here
    tries: int = 0  #: of this address
    spent_s: float = 0.0  #: on the network, all tries and redirects together
    not_before: float = 0.0
    is_robots: bool = False

    @property
    def host(self) -> str:
        """Whose turn it takes. Another port is another server; http and https are one, and so are some sites."""
        if (site := site_of(self.url)) in SLOW_SITES:
            return site
        parts = urlsplit(self.url)
        return (parts.hostname or "") + ("" if parts.port in _WEB_PORTS else f":{parts.port}")


_Asked: TypeAlias = "tuple[Answer | FetchError, float]"  #: and the seconds that it took


class Crawl:
    """The state of one round of fetching."""

    def __init__(self, client: Client, cache: PageCache, policy: FetchPolicy, clock: Clock) -> None:
        self._client = client
        self._cache = cache
        self._policy = policy
        self._clock = clock
        self._queue: HostQueue[_Job] = HostQueue(client.pauses)
        self._book = RobotsBook(cache, clock)
        self._parked: dict[str, list[_Job]] = {}  #: jobs by the robots.txt that they wait for
        self._shut: dict[str, FetchError] = {}  #: hosts that asked for more patience than a run has
        self._workers: Workers[_Job, _Asked] = Workers(policy.concurrency, self._ask)

    def results(self, sources: Iterable[Source]) -> Iterator[Page | Failure]:
        """One result for each source, as they complete."""
        try:
            # Files are read while the network works.
            for source in sorted(sources, key=lambda source: source.is_local):
                yield from self._start(source)
                self._dispatch()
            while self._workers.busy or len(self._queue):
                self._dispatch()
                finished = self._workers.wait(self._patience_s())
                if finished is not None:
                    yield from self._settle(*finished)
        finally:
            self._workers.stop()

    def _start(self, source: Source) -> Iterator[Page | Failure]:
        if source.is_local:
            yield read_file(source, self._policy)
        elif flaw := flaw_of_url(source.locator):
            yield Failure(source, Reason.BAD_URL, flaw)
        elif self._policy.offline:
            yield self._from_store(source)
        else:
            stored = self._cache.page(source.locator)
            yield from self._admit(_Job(source, source.locator.partition("#")[0], stored))

    def _from_store(self, source: Source) -> Page | Failure:
        stored = self._cache.page(source.locator)
        if stored is None:
            return Failure(source, Reason.OFFLINE, "not in the store, and the network may not be used")
        return replace(stored, source=source, origin=PageOrigin.STORE)

    # ── before a request ─────────────────────────────────────────────────────────────────────────────────────────────

    def _admit(self, job: _Job) -> Iterator[Page | Failure]:
        """Queue a job, park it until the rules of its site are known, or refuse it."""
        if job.host in self._shut:
            yield from self._end(job, self._shut[job.host])
            return
        if job.is_robots or not self._policy.respect_robots:
            self._enqueue(job)
            return
        rules = self._book.rules(job.url)
        if rules is None:
            self._park(job)
        elif isinstance(rules, FetchError):
            yield self._failure(job, rules)
        elif not rules.allows(job.url):
            yield self._failure(job, FetchError(Reason.ROBOTS, "the site's robots.txt asks programs to stay away"))
        else:
            self._client.pauses.slow_down(job.host, rules.crawl_delay_s)
            self._enqueue(job)

    def _enqueue(self, job: _Job) -> None:
        self._queue.put(job.host, job, not_before=job.not_before)

    def _park(self, job: _Job) -> None:
        where = robots_url(job.url)
        if where not in self._parked:
            self._enqueue(_Job(Source(where, via="robots.txt"), where, is_robots=True))
        self._parked.setdefault(where, []).append(job)

    def _dispatch(self) -> None:
        while self._workers.is_free and (job := self._queue.take(self._clock.monotonic())) is not None:
            self._workers.give(job)

    def _patience_s(self) -> float | None:
        """How long nothing but an answer can change anything."""
        return self._queue.wait_s(self._clock.monotonic()) if self._workers.is_free else None

    # ── the request, in a worker thread ──────────────────────────────────────────────────────────────────────────────

    def _ask(self, job: _Job) -> _Asked:
        started = time.monotonic()
        result: Answer | FetchError
        try:
            result = self._client.get(
                job.url,
                headers=validators(job.stored, job.url),
                deadline_s=self._policy.deadline_s - job.spent_s,
                max_bytes=ROBOTS_MAX_BYTES if job.is_robots else None,
                any_type=job.is_robots,
            )
        except FetchError as error:
            result = error
        return result, time.monotonic() - started

    # ── after a request ──────────────────────────────────────────────────────────────────────────────────────────────

    def _settle(self, job: _Job, asked: _Asked) -> Iterator[Page | Failure]:
        result, took_s = asked
        self._queue.done(job.host, self._clock.monotonic())
        job = replace(job, tries=job.tries + 1, spent_s=job.spent_s + took_s)
        step = self._step(job, result)
        if isinstance(step, _Job):
            yield from self._admit(step)
        else:
            yield from self._end(job, step)
        if job.host in self._shut:
            for waiting in self._queue.drop(job.host):
                yield from self._end(waiting, self._shut[job.host])

    def _end(self, job: _Job, result: Page | FetchError) -> Iterator[Page | Failure]:
        if job.is_robots:
            yield from self._release(job, result)
        elif isinstance(result, FetchError):
            yield self._failure(job, result)
        else:
            yield self._kept(result, job.stored)

    def _step(self, job: _Job, result: Answer | FetchError) -> _Job | Page | FetchError:
        """What follows: another request, the page, or the end."""
        if isinstance(result, FetchError):
            return self._retried(job, result)
        if is_redirect(result):
            return self._redirected(job, next_url(result))
        if job.stored is not None and is_not_modified(result):
            return unchanged(job.source, result, job.stored)
        problem = problem_of(result)
        if problem is not None:
            return self._retried(job, problem)
        return page_of(job.source, result, fetched_at=self._clock.now().isoformat(timespec="seconds"))

    def _redirected(self, job: _Job, url: str) -> _Job | FetchError:
        came_by = (*job.came_by, job.url)
        if flaw := flaw_of_url(url):
            return FetchError(Reason.BAD_URL, f"it redirects to {url!r}: {flaw}")
        if url in came_by:
            return FetchError(Reason.REDIRECTS, f"it redirects in a circle, back to {url}")
        if len(came_by) > self._policy.max_redirects:
            return FetchError(Reason.REDIRECTS, f"more than {self._policy.max_redirects} redirects, the last to {url}")
        return replace(job, url=url, came_by=came_by, tries=0, not_before=0.0)

    def _retried(self, job: _Job, error: FetchError) -> _Job | FetchError:
        if not error.may_pass or job.spent_s >= self._policy.deadline_s:
            return error
        header = error.answer.header("retry-after") if error.answer else ""
        asked_s = retry_after_s(header, now=self._clock.now())
        wait_s = wait_before_retry_s(
            tries=job.tries,
            retries=self._policy.retries,
            base_s=self._policy.retry_base_s,
            jitter=self._clock.chance(),
            asked_s=asked_s,
            max_asked_s=self._policy.max_retry_after_s,
        )
        now = self._clock.monotonic()
        if asked_s is not None and asked_s > self._policy.max_retry_after_s:
            detail = f"{error.detail}; the host asks to be left alone for {asked_s:.0f} s"
            error = self._shut[job.host] = FetchError(error.reason, detail, answer=error.answer)
        elif asked_s is not None:
            self._client.pauses.hold(job.host, now + asked_s)
        return error if wait_s is None else replace(job, not_before=now + wait_s)

    def _release(self, robots: _Job, result: Page | FetchError) -> Iterator[Page | Failure]:
        """The rules of a site are known: let go what waited for them."""
        where = robots.source.locator
        self._book.learn(where, result)
        if robots.url == robots_url(robots.url):  # http://… led to the rules of https://…, which are now known too
            self._book.learn(robots.url, result)
        for job in self._parked.pop(where):
            yield from self._admit(job)

    def _kept(self, page: Page, stored: Page | None) -> Page:
        if stored is None or replace(page, source=stored.source, origin=stored.origin) != stored:
            self._cache.put_page(page)
        return page

    def _failure(self, job: _Job, error: FetchError) -> Failure:
        detail = error.detail
        if job.stored is not None:
            detail += f"; a copy of {job.stored.fetched_at[:10]} is stored and can be read with --offline"
        return Failure(
            source=job.source,
            reason=error.reason,
            detail=detail,
            url="" if job.url == job.source.locator else job.url,
            status=error.answer.status if error.answer else 0,
        )
