"""Makes connections: to addresses that were looked up once and checked, in the time that a thread has left.

    host, port ─look up─▶ addresses ─checked by the kind of door─▶ dial one ─▶ a stream that ends with the deadline

The check sits under TLS and HTTP, so that Host, SNI, certificates and redirects stay as they are, and a name that
answers differently the second time (DNS rebinding) finds nobody asking. What it does not do: look at the bytes.
"""

from __future__ import annotations

import queue
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import contextmanager
from math import inf
from typing import TYPE_CHECKING

import httpcore2

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator

__all__ = ["AddressRefusedError", "Door", "Resolve", "resolve"]


class AddressRefusedError(Exception):
    """The host leads to an address, or to a port, that may not be dialled."""

    def __init__(self, host: str, detail: str) -> None:
        super().__init__(f"{host} {detail}")
        self.host = host


#: The addresses of a host, for a port.
Resolve = Callable[[str, int], tuple[str, ...]]


def resolve(host: str, port: int) -> tuple[str, ...]:
    """All addresses of a host, in the system's order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class _Deadline(threading.local):
    """When the request of this thread must be over."""

    at = inf


class Door(httpcore2.NetworkBackend, ABC):
    """A network backend that dials whom its kind lets it.

    Thread-safe: each thread has its own deadline, the set of hosts only grows.
    """

    _socket_options: tuple[httpcore2.SOCKET_OPTION, ...] = ()  #: of every connection, beside those asked for

    def __init__(self, *, resolve: Resolve, inner: httpcore2.NetworkBackend | None) -> None:
        """A door.

        Args:
            resolve: the addresses of a host.
            inner: what makes the connections; the system when not given.
        """
        self._resolve = resolve
        self._inner = inner or httpcore2.SyncBackend()
        self._deadline = _Deadline()
        self._stopped = threading.Event()
        self.contacted_hosts: set[str] = set()  #: names of the hosts that were really dialled, by all doors of a run
        self.dialled_hosts: set[str] = set()  #: by this one

    @abstractmethod
    def _checked(self, host: str, port: int, timeout: float | None) -> tuple[str, ...]:
        """The addresses of a host, all of which may be dialled on this port.

        Raises:
            AddressRefusedError: they may not.
        """

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """All dialling, reading and writing of this thread inside the block ends after so many seconds."""
        outer = self._deadline.at
        self._deadline.at = min(outer, time.monotonic() + seconds)
        try:
            yield
        finally:
            self._deadline.at = outer

    def stop(self) -> None:
        """Let every thread's next read, write or dial fail."""
        self._stopped.set()

    def left(self, timeout: float | None = None) -> float | None:
        """Seconds that the next operation may take, None for as long as it likes; raises when there are none."""
        remaining = 0.0 if self._stopped.is_set() else self._deadline.at - time.monotonic()
        if remaining <= 0:
            raise httpcore2.ReadTimeout("the deadline has passed")
        least = min(remaining, inf if timeout is None else timeout)
        return None if least == inf else least

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        addresses = self._checked(host, port, timeout)
        name = host.lower().rstrip(".")
        self.contacted_hosts.add(name)
        self.dialled_hosts.add(name)
        options = (*(socket_options or ()), *self._socket_options)
        return self._dial(addresses, port, timeout, local_address, options)

    def _dial(
        self,
        addresses: tuple[str, ...],
        port: int,
        timeout: float | None,
        local_address: str | None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION],
    ) -> httpcore2.NetworkStream:
        problem: Exception = httpcore2.ConnectError("the name has no address")
        for address in addresses:
            try:
                stream = self._inner.connect_tcp(address, port, self.left(timeout), local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                problem = error
            else:
                return _TimedStream(stream, self.left)
        raise problem

    def _look_up(self, host: str, port: int, timeout: float | None) -> tuple[str, ...]:
        """`getaddrinfo` knows no timeout: it runs in a thread of its own, which is left behind when it is late."""
        answers: queue.SimpleQueue[tuple[str, ...] | OSError] = queue.SimpleQueue()
        threading.Thread(target=self._answer, args=(host, port, answers), daemon=True).start()
        try:
            answer = answers.get(timeout=timeout)
        except queue.Empty:
            raise httpcore2.ConnectTimeout(f"looking up {host} takes too long") from None
        if isinstance(answer, OSError):
            raise httpcore2.ConnectError(f"{host}: {answer.strerror or answer}") from answer
        return answer

    def _answer(self, host: str, port: int, answers: queue.SimpleQueue[tuple[str, ...] | OSError]) -> None:
        try:
            answers.put(self._resolve(host, port))
        except OSError as error:
            answers.put(error)
        except ValueError:  # no name: a label too long for IDNA, a NUL
            answers.put(OSError("no host name"))


class _TimedStream(httpcore2.NetworkStream):
    """A stream whose every operation ends with the deadline of the calling thread.

    httpx timeouts restart with each byte: a server that sends one byte a second, in the headers or in the body,
    would never be late.
    """

    def __init__(self, inner: httpcore2.NetworkStream, left: Callable[[float | None], float | None]) -> None:
        self._inner = inner
        self._left = left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, self._left(timeout)), self._left)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)
