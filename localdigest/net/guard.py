"""The only place where a connection is made: checks every resolved address and dials the one it checked.

The check sits under TLS and HTTP, so that Host, SNI, certificates and redirects stay as they are, and a name that
answers differently the second time (DNS rebinding) finds nobody asking. What it does not do: look at the bytes.

    Guard of the run ──branch──▶ one client: its own deadlines and end, perhaps a host more
          │            ──branch──▶ …
          └── contacted_hosts: whom any of them dialled
"""

from __future__ import annotations

import queue
import socket
import threading
import time
from contextlib import contextmanager
from math import inf
from typing import TYPE_CHECKING

import httpcore2

from localdigest.access import Access
from localdigest.net.addresses import is_own, is_public

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Collection, Iterable, Iterator

__all__ = ["AddressRefusedError", "EndpointGuard", "Guard", "OfflineError"]

_WEB_PORTS = (80, 443)
#: A machine that is switched off sends no farewell: the kernel asks after 15 s of silence, four times in 20 s.
_KEEP_ALIVE = tuple(
    (getattr(socket, level), getattr(socket, option), value)
    for level, option, value in (
        ("SOL_SOCKET", "SO_KEEPALIVE", 1),
        ("IPPROTO_TCP", "TCP_KEEPIDLE", 15),
        ("IPPROTO_TCP", "TCP_KEEPINTVL", 5),
        ("IPPROTO_TCP", "TCP_KEEPCNT", 4),
    )
    if hasattr(socket, option)
)


class AddressRefusedError(Exception):
    """The host leads to an address, or to a port, that may not be dialled."""

    def __init__(self, host: str, detail: str) -> None:
        super().__init__(f"{host} {detail}")
        self.host = host


class OfflineError(Exception):
    """Nobody may be dialled at all."""


def resolve(host: str, port: int) -> tuple[str, ...]:
    """All addresses of a host, in the system's order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class _Deadline(threading.local):
    """When the request of this thread must be over."""

    at = inf


class Guard(httpcore2.NetworkBackend):
    """A network backend that dials only public addresses on web ports, or whom the user vouched for.

    Thread-safe: each thread has its own deadline, the set of hosts only grows.
    """

    def __init__(
        self,
        *,
        allow_hosts: Collection[str] = (),
        offline: bool = False,
        resolve: Callable[[str, int], tuple[str, ...]] = resolve,
        inner: httpcore2.NetworkBackend | None = None,
    ) -> None:
        """The door of one run.

        Args:
            allow_hosts: in the forms of `localdigest.access`.
            offline: dial nobody, look nothing up.
            resolve: the addresses of a host.
            inner: what makes the connections.
        """
        self._access = Access.of(allow_hosts)
        self._offline = offline
        self._resolve = resolve
        self._inner = inner or httpcore2.SyncBackend()
        self._deadline = _Deadline()
        self._stopped = threading.Event()
        self.contacted_hosts: set[str] = set()  #: names of the hosts that were really dialled

    def branch(self, *, named: Collection[str] = ()) -> Guard:
        """The same door for one client, which can be stopped without the others.

        Args:
            named: hosts that the user vouched for in another way, and for this client alone.
        """
        branch = Guard(offline=self._offline, resolve=self._resolve, inner=self._inner)
        branch._access = self._access.and_names(named)
        branch.contacted_hosts = self.contacted_hosts
        return branch

    def vouches_for(self, host: str, port: int) -> bool:
        """Whether the user did."""
        return self._access.vouches_for(host, port)

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
        if self._offline:
            raise OfflineError("the network may not be used")
        addresses = self._checked(host, port, timeout)
        self.contacted_hosts.add(host.lower().rstrip("."))
        return self._dial(addresses, port, timeout, local_address, socket_options)

    def _checked(self, host: str, port: int, timeout: float | None) -> tuple[str, ...]:
        """The addresses of a host, all of which may be dialled on this port."""
        if self._access.vouches_for(host, port):
            return self._look_up(host, port, self.left(timeout))
        if port not in _WEB_PORTS and not self._access.networks:
            raise AddressRefusedError(host, f"is asked for on port {port}; only 80 and 443 are open to sites")
        addresses = self._look_up(host, port, self.left(timeout))
        strange = [address for address in addresses if not self._access.holds(address)]
        if strange and port not in _WEB_PORTS:
            raise AddressRefusedError(host, f"is asked for on port {port}; only 80 and 443 are open to sites")
        refused = [address for address in strange if not is_public(address)]
        if refused:
            raise AddressRefusedError(host, f"leads to {refused[0]}, which is no public address")
        return addresses

    def _dial(
        self,
        addresses: tuple[str, ...],
        port: int,
        timeout: float | None,
        local_address: str | None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None,
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


class EndpointGuard(Guard):
    """Dials the doors that it was made with, and nobody else: not even another port of the same host.

    Their addresses must be of one's own network. A public one must have been allowed, and is dialled for TLS only.
    """

    def __init__(
        self,
        doors: Collection[str],
        *,
        plain_doors: Collection[str] = (),
        allow_public: bool = False,
        resolve: Callable[[str, int], tuple[str, ...]] = resolve,
        inner: httpcore2.NetworkBackend | None = None,
    ) -> None:
        """The door of whoever talks to model servers.

        Args:
            doors: `host:port`, each as `localdigest.access` takes it.
            plain_doors: those of them that are talked to without TLS.
            allow_public: whether they may have public addresses.
            resolve: the addresses of a host.
            inner: what makes the connections.
        """
        super().__init__(allow_hosts=doors, resolve=resolve, inner=inner)
        self._plain = Access.of(plain_doors)
        self._allow_public = allow_public
        self.public_hosts: set[str] = set()  #: names of those that were found to have such an address

    def branch(self, *, named: Collection[str] = ()) -> Guard:
        raise NotImplementedError("a branch could be given other doors")

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        options = [*(socket_options or ()), *_KEEP_ALIVE]
        return super().connect_tcp(host, port, timeout, local_address, options)

    def _checked(self, host: str, port: int, timeout: float | None) -> tuple[str, ...]:
        if not self._access.vouches_for(host, port):
            raise AddressRefusedError(host, f"with port {port} is none of the endpoints")
        addresses = self._look_up(host, port, self.left(timeout))
        strange = [address for address in addresses if not is_own(address)]
        if strange and not self._allow_public:
            raise AddressRefusedError(host, f"leads to {strange[0]}, which is no address of one's own network")
        if strange and self._plain.vouches_for(host, port):
            raise AddressRefusedError(host, f"leads to {strange[0]}, beyond one's own network, without TLS (https://)")
        if strange:
            self.public_hosts.add(host)
        return addresses


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
