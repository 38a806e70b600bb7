"""Sends requests to model servers through the guard, and tells what went wrong in four kinds.

    CallError
    ├── GoneError      nobody there, or nobody any more: refused, cut off, silent for too long
    ├── BusyError      429 and 503: come again, perhaps after some seconds
    ├── RefusedError   any other status than 200: the server does not want this request
    └── StrangeError   200, and no answer in it

The key goes into the header of each request and nowhere else: what a server says of it is masked.
"""

from __future__ import annotations

import json
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from localdigest.net.http import mapped, new_http
from localdigest.net.outcome import FetchError
from localdigest.records import Reason
from localdigest.remote.api import BrokenAnswerError, error_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from localdigest.net.endpoint_guard import EndpointGuard
    from localdigest.net.http import Response
    from localdigest.remote.api import Answer, Reading

__all__ = [
    "BusyError",
    "CallError",
    "Caller",
    "CancelledError",
    "GoneError",
    "Patience",
    "RefusedError",
    "StrangeError",
]

_OK, _TOO_MANY, _UNAVAILABLE = 200, 429, 503
_MOST_JSON_BYTES = 32 * 2**20
_MOST_ERROR_BYTES = 64 * 2**10
_MOST_RETRY_AFTER_S = 300.0
_CONNECTIONS = 8  #: that are kept, for the short questions
_TRIES = 2  #: of a question that can be asked twice: a connection that was kept may have been closed meanwhile

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. An answer has no limit as a whole: it may be long, and its server slow."""

    connect_s: float = 5.0  #: for the name, TCP and TLS, each
    short_s: float = 20.0  #: for the answer to a question that computes nothing
    first_s: float = 900.0  #: until an answer begins: its prompt is read first, after those of others
    idle_s: float = 180.0  #: between two pieces of an answer
    absent_s: float = 60.0  #: until a run gives up when no server is left


class CallError(Exception):
    """A request came to nothing. `detail` goes on with "it", which is the server."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class GoneError(CallError):
    pass


class BusyError(CallError):
    def __init__(self, detail: str, *, after_s: float) -> None:
        super().__init__(detail)
        self.after_s = after_s  #: 0: it does not say


class RefusedError(CallError):
    def __init__(self, detail: str, *, status: int) -> None:
        super().__init__(detail)
        self.status = status


class StrangeError(CallError):
    pass


class CancelledError(Exception):
    """Nobody waits for the answer any more."""


class Caller:
    """May be used by several threads at once."""

    def __init__(self, guard: EndpointGuard, patience: Patience, *, key: str = "") -> None:
        self._guard = guard
        self._key = key
        self.patience = patience
        named = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = new_http(
            guard,
            headers={"Accept": "*/*", "Accept-Encoding": "identity", **named},
            connections=_CONNECTIONS,
            connect_timeout_s=patience.connect_s,
            timeout_s=patience.first_s,
            http2=False,
        )

    def is_public(self, host: str) -> bool:
        """Whether one of its addresses was found to be."""
        return host in self._guard.public_hosts

    def close(self) -> None:
        self._guard.stop()
        self._http.close()

    def get(self, url: str) -> Any:
        """The JSON at an address. Raises CallError."""
        return self._twice(lambda: self._json("GET", url, None, self.patience.short_s))

    def ask(self, url: str, body: dict[str, Any]) -> Any:
        """The JSON that a short question is answered with. Raises CallError."""
        return self._twice(lambda: self._json("POST", url, body, self.patience.short_s))

    def compute(self, url: str, body: dict[str, Any]) -> Any:
        """The JSON that a question is answered with for which a prompt has to be read. Raises CallError."""
        return self._json("POST", url, body, self.patience.first_s)

    def stream(
        self,
        url: str,
        body: dict[str, Any],
        reading: Reading,
        *,
        on_begin: Callable[[], None] = lambda: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> Answer:
        """An answer that comes piece by piece. The server sees us hang up when it is cancelled.

        Raises:
            CallError, CancelledError
        """
        try:
            with self._sent("POST", url, body, self.patience.first_s, lasting=False) as response:
                chunks, has_begun = response.iter_bytes(), False
                while chunk := self._next(chunks, self.patience.idle_s if has_begun else self.patience.first_s):
                    reading.feed(chunk)
                    if is_cancelled():
                        raise CancelledError
                    if reading.has_begun and not has_begun:
                        has_begun = True
                        on_begin()
            return reading.answer()
        except BrokenAnswerError as error:
            raise StrangeError(self._masked(f"gives no answer: {error}")) from error

    def _json(self, method: str, url: str, body: dict[str, Any] | None, seconds: float) -> Any:
        with self._guard.within(seconds), self._sent(method, url, body, seconds) as response:
            return self._read_json(response, _MOST_JSON_BYTES, seconds)

    @contextmanager
    def _sent(
        self, method: str, url: str, body: dict[str, Any] | None, seconds: float, *, lasting: bool = True
    ) -> Iterator[Response]:
        """An answer with status 200, whose body is still to come."""
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json"} if data is not None else {}
        # A job's connection is not kept: one that was closed in the meantime would look like a server that is gone.
        headers |= {} if lasting else {"Connection": "close"}
        with self._waiting(seconds):
            request = self._http.build_request(method, url, content=data, headers=headers)
            response = self._http.send(request, stream=True)
        with closing(response):
            self._require_ok(response)
            yield response

    @contextmanager
    def _waiting(self, seconds: float) -> Iterator[None]:
        """For the network alone: whatever fails in the block is the server's doing."""
        try:
            with mapped(f"nothing came for {seconds:g} s"), self._guard.within(seconds):
                yield
        except FetchError as error:
            if error.reason in (Reason.ADDRESS, Reason.BAD_URL):
                raise RefusedError(f"may not be asked: {error.detail}", status=0) from error
            raise GoneError(self._masked(f"does not answer: {error.detail}")) from error

    def _next(self, chunks: Iterator[bytes], seconds: float) -> bytes:
        """The next bytes; none at the end."""
        with self._waiting(seconds):
            return next(chunks, b"")

    def _require_ok(self, response: Response) -> None:
        status = response.status_code
        if status == _OK:
            return
        said = self._masked(error_of(self._read_error(response)))
        told = f"answers {status}{f': {said}' if said else ''}"
        if status in (_TOO_MANY, _UNAVAILABLE):
            raise BusyError(told, after_s=_seconds(response.headers.get("retry-after", "")))
        raise RefusedError(told, status=status)

    def _read_json(self, response: Response, limit: int, seconds: float) -> Any:
        parts, size, chunks = [], 0, response.iter_bytes()
        while chunk := self._next(chunks, seconds):
            size += len(chunk)
            if size > limit:
                raise StrangeError("sends more than any answer has")
            parts.append(chunk)
        try:
            return json.loads(b"".join(parts))
        except (ValueError, RecursionError) as error:
            raise StrangeError("answers what is no JSON") from error

    def _read_error(self, response: Response) -> Any:
        try:
            return self._read_json(response, _MOST_ERROR_BYTES, self.patience.short_s)
        except (GoneError, StrangeError):
            return ""

    def _twice(self, act: Callable[[], T]) -> T:
        for _ in range(_TRIES - 1):
            try:
                return act()
            except GoneError:
                continue
        return act()

    def _masked(self, text: str) -> str:
        return text.replace(self._key, "***") if self._key else text


def _seconds(text: str) -> float:
    """Of a Retry-After in seconds; a date, which no model server sends, counts as none."""
    try:
        return min(max(0.0, float(text)), _MOST_RETRY_AFTER_S)
    except ValueError:
        return 0.0
