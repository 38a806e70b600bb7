"""All of the web on one loopback port: routes by `host/path`, asked under their real https addresses.

Names resolve to a public address, and who dials it, on whatever port, reaches the local server. TLS is left out between
the two: everything else (the guard, robots.txt, pauses, redirects, the parser's process) is the real thing.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpcore2
from servers import Answers, Asked, Route, Site, redirect, serve

from localdigest.net.guard import Guard

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Internet", "Route", "atom", "internet", "json", "redirect", "text"]

ADDRESS = "93.184.215.14"  #: public, and never dialled


class Internet(Site):
    """Routes are named `www.example.org/path?query`; a host without a robots.txt of its own has none (404)."""

    def name_of(self, request: Asked) -> str:
        return f"{request.headers.get('host', '').partition(':')[0]}{request.path}"

    def asked_addresses(self) -> list[str]:
        """What was asked for, but for robots.txt, in order."""
        return [name for request in self.log if not (name := self.name_of(request)).endswith("/robots.txt")]

    def guard(self) -> Guard:
        return Guard(resolve=lambda *_: (ADDRESS,), inner=_ToServer(self.server.server_address[1]))


@contextmanager
def internet(routes: Mapping[str, Answers]) -> Iterator[Internet]:
    with serve(routes, kind=Internet) as site:
        assert isinstance(site, Internet)
        yield site


class _ToServer(httpcore2.NetworkBackend):
    def __init__(self, port: int) -> None:
        self._port = port
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        assert (host, port) in ((ADDRESS, 80), (ADDRESS, 443))
        return _Bare(self._inner.connect_tcp("127.0.0.1", self._port, timeout, local_address, socket_options))


class _Bare(httpcore2.NetworkStream):
    """A stream that goes on without TLS where TLS would begin."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        del ssl_context, server_hostname, timeout
        return self

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


def text(body: str) -> Route:
    return Route(body, content_type="text/plain; charset=utf-8")


def json(body: str) -> Route:
    return Route(body, content_type="application/json; charset=utf-8")


def atom(body: str) -> Route:
    return Route(body, content_type="application/atom+xml; charset=utf-8")
