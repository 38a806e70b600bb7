"""Makes single guarded requests for pages, with every limit that a page has.

`Client.get` follows nothing: who is asked next, and whether at all, is decided outside (`crawl.py`), because robots.txt
and politeness have a say in every hop.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from localdigest.net.guard import Guard
from localdigest.net.http import Cookies, mapped, new_http
from localdigest.net.media import PDF, is_readable, media_type_of_name
from localdigest.net.outcome import Answer, FetchError
from localdigest.net.policy import SLOW_SITES, FetchPolicy
from localdigest.net.polite import Pauses
from localdigest.records import Reason
from localdigest.urls import flaw_of_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from http.cookiejar import Cookie

__all__ = ["Client", "open_client"]

_ACCEPT = (
    "text/html,application/xhtml+xml,application/atom+xml,application/rss+xml,application/feed+json,"
    "application/pdf,text/markdown,text/plain;q=0.9,application/xml;q=0.8,*/*;q=0.5"
)
_ENCODINGS = ("gzip", "deflate", "br", "zstd")  #: what httpx2 decodes with the extras that pyproject.toml names
_MOST_CODINGS = 2  #: one in the other; more than one is rare already
_WITH_BODY = (200, 203)


class Client:
    """Makes single guarded requests; may be used by several threads at once."""

    def __init__(self, policy: FetchPolicy, *, guard: Guard, pauses: Pauses | None = None) -> None:
        """No connection is made.

        Args:
            policy: limits.
            guard: of the run.
            pauses: of other clients that ask the same hosts; its own when not given.
        """
        self._policy = policy
        self._guard = guard.branch()
        self._before = frozenset(guard.contacted_hosts)
        self._http = new_http(
            self._guard,
            headers={"Accept": _ACCEPT, "Accept-Encoding": ", ".join(_ENCODINGS)},
            connections=policy.concurrency,
            connect_timeout_s=policy.connect_timeout_s,
            timeout_s=policy.deadline_s,
        )
        #: shared by all that goes through this client
        self.pauses = pauses or Pauses(interval_s=policy.per_host_interval_s, max_interval_s=policy.max_crawl_delay_s)
        for site, interval_s in SLOW_SITES.items():
            self.pauses.slow_down(site, interval_s)

    @property
    def contacted_hosts(self) -> frozenset[str]:
        """Names of the hosts that were really dialled: by this client, and by the run before it had one."""
        return self._before | self._guard.dialled_hosts

    def credit(self, hosts: Iterable[str]) -> None:
        """Of these it has answers that another client of the run was given."""
        self._guard.dialled_hosts.update(self._guard.contacted_hosts.intersection(hosts))

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        deadline_s: float | None = None,
        max_bytes: int | None = None,
        any_type: bool = False,
        cookies: tuple[Cookie, ...] = (),
    ) -> Answer:
        """One GET.

        Args:
            url: http or https.
            headers: on top of the client's own.
            deadline_s: for all of it: look-up, connection, headers, body. The policy's when not given.
            max_bytes: of the body after decompression. The policy's, by media type, when not given.
            any_type: read the body whatever its media type.
            cookies: of earlier answers; each goes to the host that set it. The client itself keeps none.

        Raises:
            FetchError: always this, whatever went wrong.
        """
        if self._policy.offline:
            raise FetchError(Reason.OFFLINE, "the network may not be used")
        if flaw := flaw_of_url(url):
            raise FetchError(Reason.BAD_URL, flaw)
        seconds = self._policy.deadline_s if deadline_s is None else deadline_s
        jar = Cookies(cookies)
        with mapped(f"not complete within {self._policy.deadline_s:g} s"), self._guard.within(seconds):
            request = self._http.build_request("GET", url, headers=headers)
            jar.put_into(request)
            with closing(self._http.send(request, stream=True)) as response:
                head = Answer(
                    url, response.status_code, dict(response.headers.items()), cookies=jar.take_from(response)
                )
                if head.status not in _WITH_BODY:
                    return head
                _check_headers(head, any_type=any_type)
                limit = max_bytes or self._limit(head)
                return replace(head, body=_read(response.iter_bytes(), limit, check=self._guard.left))

    def close(self) -> None:
        self._guard.stop()
        self._http.close()

    def _limit(self, answer: Answer) -> int:
        is_pdf = PDF in (answer.media_type, media_type_of_name(answer.url))
        return self._policy.max_pdf_bytes if is_pdf else self._policy.max_bytes


@contextmanager
def open_client(policy: FetchPolicy, *, guard: Guard | None = None, pauses: Pauses | None = None) -> Iterator[Client]:
    """The client for a run's pages. Its `contacted_hosts` can still be read after the block.

    Args:
        policy: limits.
        guard: the run's; one of the policy's own when not given.
        pauses: of other clients of the run.
    """
    guard = guard or Guard(allow_hosts=policy.allow_hosts, offline=policy.offline)
    client = Client(policy, guard=guard, pauses=pauses)
    try:
        yield client
    finally:
        client.close()


def _check_headers(answer: Answer, *, any_type: bool) -> None:
    if not any_type and not is_readable(answer.media_type, answer.url):
        raise FetchError(Reason.UNSUPPORTED, f"the server sends {answer.media_type}")
    codings = [coding.strip().lower() for coding in answer.header("content-encoding").split(",")]
    unknown = [coding for coding in codings if coding not in (*_ENCODINGS, "identity", "")]
    if len(codings) > _MOST_CODINGS:  # each holds a window of memory of its own
        raise FetchError(Reason.UNREADABLE, f"{len(codings)} content-encodings, one in the other")
    if unknown:
        raise FetchError(Reason.UNREADABLE, f"unknown content-encoding {unknown[0]!r}")


def _read(chunks: Iterable[bytes], limit: int, *, check: Callable[[], object]) -> bytes:
    """The whole body, counted after decompression; `check` raises when the time is up."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        check()
        size += len(chunk)
        if size > limit:
            raise FetchError(Reason.TOO_LARGE, f"more than {limit:,} bytes after decompression")
        parts.append(chunk)
    return b"".join(parts)
