"""Makes guarded requests for files of any size, whose bytes are handed on as they come."""

from __future__ import annotations

import socket
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from localdigest.net.http import mapped, new_http
from localdigest.net.outcome import FetchError
from localdigest.records import Reason
from localdigest.urls import flaw_of_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from localdigest.net.guard import Guard
    from localdigest.net.http import Response

__all__ = ["Stream", "StreamClient"]


class Stream:
    """An answer whose body is still to come."""

    def __init__(self, url: str, response: Response, *, late: str) -> None:
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
        with mapped(self._late):
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

    Each answer under way has a connection of its own (HTTP/2 would put all of a host's on one). There is a deadline for
    the head of an answer and none for its body: that ends with silence, and who reads it watches its pace.
    """

    def __init__(
        self, guard: Guard, *, connections: int, connect_timeout_s: float, idle_timeout_s: float, head_timeout_s: float
    ) -> None:
        self._guard = guard.branch()
        self._head_timeout_s = head_timeout_s
        self._late = f"nothing came for {idle_timeout_s:g} s"
        self._http = new_http(
            self._guard,
            headers={"Accept": "*/*", "Accept-Encoding": "identity"},
            connections=connections,
            connect_timeout_s=connect_timeout_s,
            timeout_s=idle_timeout_s,
            http2=False,
        )

    @contextmanager
    def open(self, url: str, *, headers: Mapping[str, str] | None = None) -> Iterator[Stream]:
        """One GET; the connection is kept for the next one only if the body is read to its end.

        Raises:
            FetchError: always this, whatever went wrong before the body.
        """
        if flaw := flaw_of_url(url):
            raise FetchError(Reason.BAD_URL, flaw)
        with mapped(self._late), self._guard.within(self._head_timeout_s):
            response = self._http.send(self._http.build_request("GET", url, headers=headers), stream=True)
        with closing(response):
            yield Stream(url, response, late=self._late)

    def stop(self) -> None:
        """Let every thread's next read, write or dial fail."""
        self._guard.stop()

    def close(self) -> None:
        self.stop()
        self._http.close()
