"""Many addresses under way at once, each hop of each checked against robots.txt and the pause of its host.

    start ──▶ admit ──▶ queue ──▶ worker: one request ──▶ step ──┬─▶ a page or a failure
                ▲                                                │
                └──────────────── redirect, retry ───────────────┘

The thread that iterates decides everything and alone touches the cache; worker threads only make single requests.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from localdigest.net.answers import (
    is_misdated,
    is_not_modified,
    is_redirect,
    next_url,
    page_of,
    problem_of,
    unchanged,
    validators,
)
from localdigest.net.files import read_file
from localdigest.net.job import Job
from localdigest.net.outcome import Answer, FetchError
from localdigest.net.polite import HostQueue
from localdigest.net.retry import retry_after_s, wait_before_retry_s
from localdigest.net.rules import ROBOTS_MAX_BYTES, RobotsBook, robots_url
from localdigest.net.workers import Workers
from localdigest.records import Failure, Page, PageOrigin, Reason, Source
from localdigest.urls import flaw_of_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from localdigest.net.client import Client
    from localdigest.net.policy import FetchPolicy
    from localdigest.net.seams import Clock, PageCache, ReadRobots

__all__ = ["Crawl"]

_Asked: TypeAlias = "tuple[Answer | FetchError, float]"  #: and the seconds that it took


class Crawl:
    """The state of one round of fetching."""

    def __init__(self, client: Client, cache: PageCache, policy: FetchPolicy, robots: ReadRobots, clock: Clock) -> None:
        self._client = client
        self._cache = cache
        self._policy = policy
        self._clock = clock
        self._for_programs: frozenset[str] = frozenset()
        self._queue: HostQueue[Job] = HostQueue(client.pauses)
        self._book = RobotsBook(cache, clock, robots)
        self._parked: dict[str, list[Job]] = {}  #: jobs by the robots.txt that they wait for
        self._shut: dict[str, FetchError] = {}  #: hosts that asked for more patience than a run has
        self._workers: Workers[Job, _Asked] = Workers(policy.concurrency, self._ask)

    def results(self, sources: Iterable[Source], for_programs: frozenset[str]) -> Iterator[Page | Failure]:
        """One result for each source, as they complete."""
        self._for_programs = for_programs
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
            if stored is not None:  # until it is known to be current nobody needs its bytes
                stored = stored.without_body()
            url = source.locator.partition("#")[0]
            yield from self._admit(Job(source, url, stored, for_programs=source.locator in self._for_programs))

    def _from_store(self, source: Source) -> Page | Failure:
        stored = self._cache.page(source.locator)
        if stored is None:
            return Failure(source, Reason.OFFLINE, "not in the store, and the network may not be used")
        return replace(stored, source=source, origin=PageOrigin.STORE)

    # ── before a request ─────────────────────────────────────────────────────────────────────────────────────────────

    def _admit(self, job: Job) -> Iterator[Page | Failure]:
        """Queue a job, park it until the rules of its site are known, or refuse it."""
        if job.host in self._shut:
            yield from self._end(job, self._shut[job.host])
            return
        if job.is_robots or job.for_programs or not self._policy.respect_robots:
            self._enqueue(job)
            return
        rules = self._book.rules(job.url)
        if rules is None:
            self._park(job)
        elif isinstance(rules, FetchError):
            yield job.failure(rules)
        elif not rules.allowed:
            yield job.failure(FetchError(Reason.ROBOTS, "the site's robots.txt asks programs to stay away"))
        else:
            self._client.pauses.slow_down(job.host, rules.crawl_delay_s)
            self._enqueue(job)

    def _enqueue(self, job: Job) -> None:
        self._queue.put(job.host, job, not_before=job.not_before)

    def _park(self, job: Job) -> None:
        where = robots_url(job.url)
        if where not in self._parked:
            self._enqueue(Job(Source(where, via="robots.txt"), where, is_robots=True))
        self._parked.setdefault(where, []).append(job)

    def _dispatch(self) -> None:
        while self._workers.is_free and (job := self._queue.take(self._clock.monotonic())) is not None:
            self._workers.give(job)

    def _patience_s(self) -> float | None:
        """How long nothing but an answer can change anything."""
        return self._queue.wait_s(self._clock.monotonic()) if self._workers.is_free else None

    # ── the request, in a worker thread ──────────────────────────────────────────────────────────────────────────────

    def _ask(self, job: Job) -> _Asked:
        started = time.monotonic()
        result: Answer | FetchError
        try:
            result = self._client.get(
                job.url,
                headers=self._validators(job),
                deadline_s=self._policy.deadline_s - job.spent_s,
                max_bytes=ROBOTS_MAX_BYTES if job.is_robots else None,
                any_type=job.is_robots,
                cookies=job.cookies,
            )
        except FetchError as error:
            result = error
        return result, time.monotonic() - started

    def _validators(self, job: Job) -> dict[str, str]:
        """None for what has to come anew, whether it changed or not."""
        is_trusted = job.stored is not None and not is_misdated(job.stored, now=self._clock.now())
        return validators(job.stored, job.url) if is_trusted else {}

    # ── after a request ──────────────────────────────────────────────────────────────────────────────────────────────

    def _settle(self, job: Job, asked: _Asked) -> Iterator[Page | Failure]:
        result, took_s = asked
        self._queue.done(job.host, self._clock.monotonic())
        job = job.asked(took_s)
        step = self._step(job, result)
        if isinstance(step, Job):
            yield from self._admit(step)
        else:
            yield from self._end(job, step)
        if job.host in self._shut:
            for waiting in self._queue.drop(job.host):
                yield from self._end(waiting, self._shut[job.host])

    def _end(self, job: Job, result: Page | FetchError) -> Iterator[Page | Failure]:
        if job.is_robots:
            yield from self._release(job, result)
        elif isinstance(result, FetchError):
            yield job.failure(result)
        else:
            yield self._kept(result, job.stored)

    def _step(self, job: Job, result: Answer | FetchError) -> Job | Page | FetchError:
        """What follows: another request, the page, or the end."""
        if isinstance(result, FetchError):
            return self._retried(job, result)
        if is_redirect(result):
            return job.redirected(next_url(result), cookies=result.cookies, limit=self._policy.max_redirects)
        if job.stored is not None and is_not_modified(result):
            current = self._cache.page(job.source.locator)
            # Its bytes may have been lost since: then they are asked for.
            return replace(job, stored=None) if current is None else unchanged(job.source, result, current)
        problem = problem_of(result)
        if problem is not None:
            return self._retried(job, problem)
        return page_of(job.source, result, fetched_at=self._clock.now().isoformat(timespec="seconds"))

    def _retried(self, job: Job, error: FetchError) -> Job | FetchError:
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

    def _release(self, robots: Job, result: Page | FetchError) -> Iterator[Page | Failure]:
        """The rules of a site are known: let go what waited for them."""
        where = robots.source.locator
        self._book.learn(where, result)
        if robots.url == robots_url(robots.url):  # http://… led to the rules of https://…, which are now known too
            self._book.learn(robots.url, result)
        for job in self._parked.pop(where):
            yield from self._admit(job)

    def _kept(self, page: Page, stored: Page | None) -> Page:
        if stored is None or replace(page.without_body(), source=stored.source, origin=stored.origin) != stored:
            self._cache.put_page(page)
        return page
