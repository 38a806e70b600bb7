"""One guarded door to HTTP for the whole program: the only module that imports httpx2.

`Client.get` makes one request for a page and follows nothing: who is asked next, and whether at all, is decided outside
(`stages/fetch.py`), because robots.txt and politeness have a say in every hop. `StreamClient.open` does the same for a
file of any size, whose bytes are handed on as they come. `guarded_http` is for a library that brings its own requests.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING

import httpcore2
import httpx2

from localdigest.net.guard import AddressRefusedError, Guard
from localdigest.net.media import PDF, is_readable, media_type_of_name, split_content_type
from localdigest.net.policy import SLOW_SITES, USER_AGENT, FetchPolicy
from localdigest.net.polite import Pauses
from localdigest.records import Reason
from localdigest.urls import flaw_of_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["Answer", "Client", "FetchError", "Stream", "StreamClient", "guarded_http", "open_client"]

_ACCEPT = (
    "text/html,application/xhtml+xml,application/atom+xml,application/rss+xml,application/feed+json,"
    "application/pdf,text/markdown,text/plain;q=0.9,application/xml;q=0.8,*/*;q=0.5"
)
_ENCODINGS = ("gzip", "deflate", "br", "zstd")  #: what httpx2 decodes with the extras that pyproject.toml names
_WITH_BODY = (200, 203)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request brought. The body is read for a page only, never for a redirect or an error."""

    url: str
    status: int
    headers: Mapping[str, str]  #: names in lower case
    body: bytes = b""
    cookies: tuple[Cookie, ...] = ()  #: those sent and those set

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    @property
    def media_type(self) -> str:
        return split_content_type(self.header("content-type"))[0]

    @property
    def charset(self) -> str:
        return split_content_type(self.header("content-type"))[1]


class FetchError(Exception):
    """One request came to nothing."""

    def __init__(self, reason: Reason, detail: str, *, may_pass: bool = False, answer: Answer | None = None) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.may_pass = may_pass  #: whether the next try can go better
        self.answer = answer  #: what the server said, where it said anything


class Client:
    """Makes single guarded requests; may be used by several threads at once."""

    def __init__(self, policy: FetchPolicy, *, guard: Guard) -> None:
        self._policy = policy
        self._guard = guard
        self._http = httpx2.Client(
            transport=_Transport(guard, connections=policy.concurrency),
            headers={"User-Agent": USER_AGENT, "Accept": _ACCEPT, "Accept-Encoding": ", ".join(_ENCODINGS)},
            timeout=httpx2.Timeout(policy.deadline_s, connect=policy.connect_timeout_s),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),  # a site shall not know us from page to page
            follow_redirects=False,
            trust_env=False,  # behind a proxy from the environment the guard would be blind
        )
        #: shared by all that goes through this client
        self.pauses = Pauses(interval_s=policy.per_host_interval_s, max_interval_s=policy.max_crawl_delay_s)
        for site, interval_s in SLOW_SITES.items():
            self.pauses.slow_down(site, interval_s)

    @property
    def contacted_hosts(self) -> frozenset[str]:
        """Names of the hosts that were really dialled."""
        return frozenset(self._guard.contacted_hosts)

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
        jar = _jar_of(cookies)
        with _mapped(_late(self._policy.deadline_s)), self._guard.within(seconds):
            request = self._http.build_request("GET", url, headers=headers)
            jar.set_cookie_header(request)
            with closing(self._http.send(request, stream=True)) as response:
                jar.extract_cookies(response)
                head = Answer(url, response.status_code, dict(response.headers.items()), cookies=tuple(jar.jar))
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
def open_client(policy: FetchPolicy, *, guard: Guard | None = None) -> Iterator[Client]:
    """The client of one run. Its `contacted_hosts` can still be read after the block."""
    client = Client(policy, guard=guard or Guard(allow_hosts=policy.allow_hosts))
    try:
        yield client
    finally:
        client.close()


class Stream:
    """An answer whose body is still to come."""

    def __init__(self, url: str, response: httpx2.Response, *, late: str) -> None:
        self.url = url
        self.status = response.status_code
        self.headers: Mapping[str, str] = dict(response.headers.items())  #: names in lower case
        self._response = response
        self._late = late

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    def chunks(self) -> Iterator[bytes]:
        """The body's bytes as they were sent: nothing is decompressed, and nothing counted.

        Raises:
            FetchError: it broke off, or no byte came for too long.
        """
        with _mapped(self._late):
            yield from self._response.iter_raw()

    def abort(self) -> None:
        """Let another thread's wait for the next chunk end now."""
        stream = self._response.extensions.get("network_stream")
        raw = stream.get_extra_info("socket") if stream is not None else None
        if raw is not None:
            with suppress(OSError):  # closed already
                raw.shutdown(socket.SHUT_RDWR)


class StreamClient:
    """Makes guarded requests for files of any size and type; may be used by several threads at once.

    Each answer under way has a connection of its own (HTTP/2 would put all of a host's on one). There is no deadline
    for the whole: only silence ends a request.
    """

    def __init__(self, guard: Guard, *, connections: int, connect_timeout_s: float, idle_timeout_s: float) -> None:
        self._guard = guard
        self._late = f"nothing came for {idle_timeout_s:g} s"
        self._http = httpx2.Client(
            transport=_Transport(guard, connections=connections, http2=False),
            headers={"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"},
            timeout=httpx2.Timeout(idle_timeout_s, connect=connect_timeout_s),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            follow_redirects=False,
            trust_env=False,
        )

    @contextmanager
    def open(self, url: str, *, headers: Mapping[str, str] | None = None) -> Iterator[Stream]:
        """One GET; the connection is kept for the next one only if the body is read to its end.

        Raises:
            FetchError: always this, whatever went wrong before the body.
        """
        if flaw := flaw_of_url(url):
            raise FetchError(Reason.BAD_URL, flaw)
        with _mapped(self._late):
            response = self._http.send(self._http.build_request("GET", url, headers=headers), stream=True)
        with closing(response):
            yield Stream(url, response, late=self._late)

    def stop(self) -> None:
        """Let every thread's next read, write or dial fail."""
        self._guard.stop()

    def close(self) -> None:
        self.stop()
        self._http.close()


def guarded_http(guard: Guard) -> httpx2.Client:
    """A bare client for a library that makes its own requests: what fails below HTTP is a `FetchError` there too."""
    return httpx2.Client(transport=_MappedTransport(guard, connections=2, http2=False), trust_env=False)


def _jar_of(cookies: tuple[Cookie, ...]) -> httpx2.Cookies:
    jar = CookieJar()
    for cookie in cookies:
        jar.set_cookie(cookie)
    return httpx2.Cookies(jar)


def _check_headers(answer: Answer, *, any_type: bool) -> None:
    if not any_type and not is_readable(answer.media_type, answer.url):
        raise FetchError(Reason.UNSUPPORTED, f"the server sends {answer.media_type}")
    codings = [coding.strip().lower() for coding in answer.header("content-encoding").split(",")]
    unknown = [coding for coding in codings if coding not in (*_ENCODINGS, "identity", "")]
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


def _late(deadline_s: float) -> str:
    return f"not complete within {deadline_s:g} s"


@contextmanager
def _mapped(late: str) -> Iterator[None]:
    """Foreign exceptions as `FetchError`. httpcore2's come from `_Transport`, httpx2's from decoding and URLs."""
    try:
        yield
    except FetchError:
        raise
    except AddressRefusedError as error:
        raise FetchError(Reason.ADDRESS, str(error)) from error
    except httpcore2.ConnectTimeout as error:
        raise FetchError(Reason.TIMEOUT, "no connection in time", may_pass=True) from error
    except httpcore2.TimeoutException as error:
        raise FetchError(Reason.TIMEOUT, late) from error
    except httpcore2.ConnectError as error:
        raise FetchError(Reason.CONNECTION, _words(error), may_pass=not _is_final(error)) from error
    except httpx2.DecodingError as error:
        raise FetchError(Reason.UNREADABLE, f"damaged content-encoding: {error}") from error
    except httpx2.InvalidURL as error:
        raise FetchError(Reason.BAD_URL, str(error)) from error
    except Exception as error:  # a strange server must cost one page, not the run
        raise FetchError(Reason.CONNECTION, _words(error), may_pass=True) from error


def _words(error: Exception) -> str:
    return f"the connection failed: {error}" if str(error) else f"the connection failed ({type(error).__name__})"


def _is_final(error: Exception) -> bool:
    """Whether the next try is sure to fail too: a name that does not exist, a certificate that does not hold."""
    cause = error.__cause__
    if isinstance(cause, socket.gaierror):
        return cause.errno == socket.EAI_NONAME
    return isinstance(cause, ssl.SSLCertVerificationError)


@cache
def _ssl_context() -> ssl.SSLContext:
    """The system's trust store; reading it takes a good part of a second."""
    return httpx2.create_ssl_context(trust_env=False)


class _Transport(httpx2.BaseTransport):
    """httpx2 over a connection pool that dials through the guard.

    httpx2's own transport builds its pool itself and takes no network backend.
    """

    def __init__(self, guard: Guard, *, connections: int, http2: bool = True) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=_ssl_context(),
            max_connections=2 * connections,
            max_keepalive_connections=connections,
            keepalive_expiry=15.0,
            http1=True,
            http2=http2,
            network_backend=guard,
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        answer = self._pool.handle_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx2.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        self._pool.close()


class _MappedTransport(_Transport):
    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        with _mapped("no answer in time"):
            return super().handle_request(request)


class _Body(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
