"""A real HTTP server on loopback whose routes misbehave as told, for every test that needs a network."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Route:
    """One answer."""

    body: bytes | str = b""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0  #: before the status line
    gzip: bool = False
    drip_s: float | None = None  #: seconds between two bytes of the body
    drip_headers_s: float | None = None  #: seconds between two bytes of the head
    cut_after: int | None = None  #: close the connection after so many bytes of the body
    length: int | None = None  #: a Content-Length that need not be true
    etag: str = ""  #: answered with 304 when the request names it
    last_modified: float | None = None  #: likewise
    raw: bytes | None = None  #: sent byte for byte instead of all the above
    endless: bytes = b""  #: sent after all else, again and again until the client hangs up

    @property
    def payload(self) -> bytes:
        raw = self.body.encode() if isinstance(self.body, str) else self.body
        return gzip.compress(raw, mtime=0) if self.gzip else raw

    @property
    def validators(self) -> dict[str, str]:
        changed = "" if self.last_modified is None else formatdate(self.last_modified, usegmt=True)
        return {name: value for name, value in (("ETag", self.etag), ("Last-Modified", changed)) if value}


def redirect(location: str, status: int = 302) -> Route:
    return Route(status=status, headers={"Location": location})


@dataclass(frozen=True)
class Asked:
    """One request that the server saw."""

    path: str
    headers: Mapping[str, str]  #: names in lower case
    at: float  #: `time.monotonic()` when it came


#: One answer for ever, answers in turn (the last stays), or whatever a function makes of the request.
Answers = Route | Sequence[Route] | Callable[[Asked], Route]


class Site:
    """A running server. `routes` may be changed while it runs; what is not named is 404."""

    def __init__(self, routes: Mapping[str, Answers], host: str) -> None:
        self.routes = dict(routes)
        self.host = host
        self.log: list[Asked] = []
        self.under_way = 0
        self.most_under_way = 0
        self._turns: dict[str, int] = {}
        self._lock = threading.Lock()
        self.server = _Server((host, 0), _Handler)
        self.server.site = self

    def url(self, path: str = "/") -> str:
        return f"http://{self.host}:{self.server.server_address[1]}{path}"

    def asked(self, path: str) -> list[Asked]:
        return [entry for entry in self.log if entry.path == path]

    def name_of(self, request: Asked) -> str:
        """Under which name a request's route stands."""
        return request.path

    def answer(self, request: Asked) -> Route:
        name = self.name_of(request)
        with self._lock:
            self.log.append(request)
            answers = self.routes.get(name, Route("nothing here", status=404))
            if isinstance(answers, Sequence):
                turn = self._turns.get(name, 0)
                self._turns[name] = turn + 1
                return answers[min(turn, len(answers) - 1)]
        return answers if isinstance(answers, Route) else answers(request)

    @contextmanager
    def counted(self) -> Iterator[None]:
        with self._lock:
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            yield
        finally:
            with self._lock:
                self.under_way -= 1


@contextmanager
def serve(routes: Mapping[str, Answers], *, host: str = "127.0.0.1", kind: type[Site] = Site) -> Iterator[Site]:
    """A site for the time of the block."""
    site = kind(routes, host)
    thread = threading.Thread(target=site.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.server.shutdown()
        site.server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    site: Site

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up on a misbehaving route is what the tests want."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a body waits 40 ms for somebody to have heard of its head
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the base class gives it
        """Tests read `Site.log` instead."""

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Asked(path=self.path, headers=headers, at=time.monotonic())
        with self.server.site.counted():
            self._send(request, self.server.site.answer(request))

    def _send(self, request: Asked, route: Route) -> None:
        time.sleep(route.delay_s)
        if route.raw is not None:
            self.wfile.write(route.raw)
            self._end(route)
            return
        if _is_current(request, route):
            self._head(route, 304, b"")
            return
        payload = route.payload
        self._head(route, route.status, payload)
        for piece in _pieces(payload[: route.cut_after], route.drip_s):
            self.wfile.write(piece)
        if route.cut_after is not None or route.endless:
            self._end(route)

    def _end(self, route: Route) -> None:
        """Sends what has no end, at most for as long as no test waits, and closes the connection."""
        self.close_connection = True
        give_up_at = time.monotonic() + 30.0
        while route.endless and time.monotonic() < give_up_at:
            self.wfile.write(route.endless)

    def _head(self, route: Route, status: int, payload: bytes) -> None:
        length = len(payload) if route.length is None else route.length
        headers = {
            "Content-Type": route.content_type,
            "Content-Length": str(length),
            **route.validators,
            **route.headers,
        }
        if route.gzip and status != 304:
            headers["Content-Encoding"] = "gzip"
        lines = [f"HTTP/1.1 {status} Told", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        for piece in _pieces("\r\n".join(lines).encode(), route.drip_headers_s):
            self.wfile.write(piece)


def _is_current(request: Asked, route: Route) -> bool:
    sent = {"etag": request.headers.get("if-none-match"), "last-modified": request.headers.get("if-modified-since")}
    return any(sent[name.lower()] == value for name, value in route.validators.items())


def _pieces(data: bytes, pause_s: float | None) -> Iterator[bytes]:
    if pause_s is None:
        yield data
        return
    for at in range(len(data)):
        time.sleep(pause_s)
        yield data[at : at + 1]
