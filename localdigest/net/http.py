"""The only module that imports httpx2: clients whose every connection goes through the guard.

What holds for all of them stands here: no proxy, password or certificate from the environment, no cookie kept, no
redirect followed, and foreign exceptions told as `FetchError`.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import contextmanager
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING

import httpcore2
import httpx2

from localdigest.net.door import AddressRefusedError
from localdigest.net.guard import OfflineError
from localdigest.net.outcome import FetchError
from localdigest.net.policy import USER_AGENT
from localdigest.records import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from http.cookiejar import Cookie

    from localdigest.net.door import Door

__all__ = ["Cookies", "Http", "Response", "guarded_http", "mapped", "new_http"]

Http = httpx2.Client
Response = httpx2.Response


def new_http(
    guard: Door,
    *,
    headers: Mapping[str, str],
    connections: int,
    connect_timeout_s: float,
    timeout_s: float,
    http2: bool = True,
) -> Http:
    """A client that says who it is and follows nothing.

    Args:
        guard: who may be dialled, and until when.
        headers: of every request.
        connections: that are kept; twice as many may be open.
        connect_timeout_s: for the name, TCP and TLS, each.
        timeout_s: without a byte.
        http2: all requests to one host over one connection, where it can.
    """
    return httpx2.Client(
        transport=_Transport(guard, connections=connections, http2=http2),
        headers={"User-Agent": USER_AGENT, **headers},
        timeout=httpx2.Timeout(timeout_s, connect=connect_timeout_s),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),  # a site shall not know us from page to page
        follow_redirects=False,
        trust_env=False,  # behind a proxy from the environment the guard would be blind
    )


def guarded_http(guard: Door) -> Http:
    """A bare client for a library that makes its own requests: what fails below HTTP is a `FetchError` there too."""
    return httpx2.Client(transport=_MappedTransport(guard, connections=2, http2=False), trust_env=False)


class Cookies:
    """Those of one page on its way through redirects; each goes to the host that set it, and none is kept."""

    def __init__(self, cookies: tuple[Cookie, ...]) -> None:
        self._jar = CookieJar()
        for cookie in cookies:
            self._jar.set_cookie(cookie)
        self._cookies = httpx2.Cookies(self._jar)

    def put_into(self, request: httpx2.Request) -> None:
        self._cookies.set_cookie_header(request)

    def take_from(self, response: Response) -> tuple[Cookie, ...]:
        self._cookies.extract_cookies(response)
        return tuple(self._cookies.jar)


@contextmanager
def mapped(late: str) -> Iterator[None]:
    """Foreign exceptions as `FetchError`. httpcore2's come from `_Transport`, httpx2's from decoding and URLs.

    Args:
        late: what to say when the time is up.
    """
    try:
        yield
    except FetchError:
        raise
    except AddressRefusedError as error:
        raise FetchError(Reason.ADDRESS, str(error)) from error
    except OfflineError as error:
        raise FetchError(Reason.OFFLINE, str(error)) from error
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
    cause = error.__cause__ or error.__context__  # the pool drops the cause on its way
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

    def __init__(self, guard: Door, *, connections: int, http2: bool) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=_ssl_context(),
            max_connections=2 * connections,
            max_keepalive_connections=connections,
            keepalive_expiry=15.0,
            http1=True,
            http2=http2,
            network_backend=guard,
        )

    def handle_request(self, request: httpx2.Request) -> Response:
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
        return Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        self._pool.close()


class _MappedTransport(_Transport):
    def handle_request(self, request: httpx2.Request) -> Response:
        with mapped("no answer in time"):
            return super().handle_request(request)


class _Body(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
