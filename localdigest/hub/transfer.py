"""One file's server, and the way to it: redirects followed by hand, the token kept at home, answers judged.

The hub answers with a redirect to an address that is signed for an hour or so. It is kept for all requests of a
download, and asked for anew when it fails. What this does not do: try again, or write.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from localdigest.hub.download_policy import DownloadPolicy
from localdigest.hub.errors import DownloadError, HubAccessError, HubBusyError, HubNotFoundError, HubUnreachableError
from localdigest.hub.pace import StallWatch
from localdigest.hub.ranges import ContentRange, content_range, is_strong
from localdigest.hub.remote import RemoteFile, origin_of
from localdigest.net.outcome import FetchError
from localdigest.net.retry import RETRIED_STATUSES, retry_after_s
from localdigest.net.stream import Stream, StreamClient
from localdigest.records import Reason
from localdigest.urls import host_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localdigest.net.guard import Guard

__all__ = ["Facts", "Source", "open_source", "read_range", "unreachable", "url_file"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_WHOLE, _PARTIAL, _UNSATISFIABLE = 200, 206, 416
_DENIED = frozenset({401, 403, 451})
_GONE = frozenset({404, 410})
_FOR_A_HEADER = DownloadPolicy(connections=1)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the server of the bytes says of the file."""

    total: int | None  #: None when it does not say
    validator: str  #: a strong ETag, or empty
    ranges: bool  #: whether it answers them


class Source:
    """Opens one remote file, from any byte on; may be used by several threads at once."""

    def __init__(self, remote: RemoteFile, client: StreamClient, *, guard: Guard, max_redirects: int) -> None:
        self._remote = remote
        self._client = client
        self._guard = guard
        self._max_redirects = max_redirects
        self._lock = threading.Lock()
        self._location = ""  #: where the bytes were found last
        self._open: set[Stream] = set()
        self.has_answered = False  #: whether anybody ever did

    @contextmanager
    def open(self, span: tuple[int, int] | None = None, *, validator: str = "") -> Iterator[Stream]:
        """The answer for a span of bytes, or for the whole file: its status is 200, 206 or 416.

        Raises:
            FetchError: the network failed. HubBusyError: asking again may help.
            HubAccessError, HubNotFoundError, DownloadError: it will not.
        """
        remembered = self._location
        url = remembered or self._remote.url
        for _ in range(self._max_redirects + 1):
            self._check_scheme(url)
            with self._client.open(url, headers=self._headers(url, span, validator)) as stream:
                self.has_answered = True
                target = stream.header("location") if stream.status in _REDIRECTS else ""
                if not target:
                    _check_status(stream, host_of(url), is_remembered=url == remembered)
                    if url not in (remembered, self._remote.url):
                        self._location = url
                    with self._listed(stream):
                        yield stream
                    return
            url = urljoin(url, target)
        raise DownloadError(f"{host_of(self._remote.url)} leads round in a circle: {self._max_redirects} redirects.")

    def probe(self) -> Facts:
        """Asks for the first byte, to learn the rest. Raises as `open` does."""
        with self.open((0, 1)) as stream:
            etag = stream.header("etag")
            validator = etag if is_strong(etag) else ""
            told = content_range(stream.header("content-range"))
            if stream.status == _UNSATISFIABLE:
                if told is None or told.total != 0:
                    raise DownloadError(f"{host_of(stream.url)} does not give the file's first byte (HTTP 416).")
                return Facts(0, validator, ranges=False)
            if stream.status == _PARTIAL and told == ContentRange(0, 1, told.total if told else None) and told.total:
                return Facts(told.total, validator, ranges=True)
            if stream.status == _PARTIAL:
                return Facts(None, validator, ranges=False)
            length = stream.header("content-length")
            return Facts(int(length) if length.isascii() and length.isdigit() else None, validator, ranges=False)

    def forget_location(self) -> None:
        """Ask the file's owner again where the bytes are."""
        self._location = ""

    def stop(self) -> None:
        """Lets all that other threads wait for end now."""
        self._client.stop()
        with self._lock:
            for stream in self._open:
                stream.abort()

    @contextmanager
    def _listed(self, stream: Stream) -> Iterator[None]:
        with self._lock:
            self._open.add(stream)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(stream)

    def _headers(self, url: str, span: tuple[int, int] | None, validator: str) -> dict[str, str]:
        at_home = origin_of(url) == origin_of(self._remote.url)
        headers = dict(self._remote.headers) if at_home else {}
        if span is not None:
            headers["Range"] = f"bytes={span[0]}-{span[1] - 1}"
            if validator:
                headers["If-Range"] = validator
        return headers

    def _check_scheme(self, url: str) -> None:
        scheme, host, port = origin_of(url)
        if scheme == "http" and not self._guard.vouches_for(host, port):
            raise DownloadError(
                f"{host_of(url)} would send the file over plain http, where anybody on the way can change it.",
                hint="Use an https address, or vouch for the host with `--allow-host`.",
            )


@contextmanager
def open_source(remote: RemoteFile, policy: DownloadPolicy, *, guard: Guard) -> Iterator[Source]:
    """A remote file, asked for through the run's guard, in which the hosts that name this file are let in."""
    own = guard.branch(named=remote.named_hosts)
    client = StreamClient(
        own,
        connections=policy.connections,
        connect_timeout_s=policy.connect_timeout_s,
        idle_timeout_s=policy.idle_timeout_s,
        head_timeout_s=policy.head_timeout_s,
    )
    try:
        yield Source(remote, client, guard=own, max_redirects=policy.max_redirects)
    finally:
        client.close()


def read_range(remote: RemoteFile, *, start: int, num_bytes: int, guard: Guard) -> bytes:
    """So many bytes of a remote file from `start` on, fewer at its end. For headers: all of it is held in memory.

    Of a server that knows no ranges only a beginning can be had: it is read that far, and hung up on.

    Raises:
        HubNotFoundError, HubAccessError, HubUnreachableError, HubBusyError, DownloadError: it cannot be had.
    """
    with open_source(remote, _FOR_A_HEADER, guard=guard) as source:
        try:
            with source.open((start, start + num_bytes)) as stream:
                if stream.status == _UNSATISFIABLE:
                    return b""
                told = content_range(stream.header("content-range"))
                begins = told.start if stream.status == _PARTIAL and told else 0
                if begins != start:
                    raise DownloadError(
                        f"{host_of(stream.url)} sends another part of {remote.name} than was asked for."
                    )
                return _read(stream, num_bytes)
        except FetchError as error:
            raise unreachable(error, remote.name) from error


def url_file(url: str, *, sha256: str = "", guard: Guard) -> RemoteFile:
    """What the server of a plain address says of the file there. That the user gave the address names its host.

    Asks for one byte instead of a HEAD, which many a server of signed addresses refuses.

    Raises:
        HubNotFoundError, HubAccessError, HubUnreachableError, HubBusyError, DownloadError: it cannot be had.
    """
    name = unquote(urlsplit(url).path).rpartition("/")[2]
    remote = RemoteFile(url=url, name=name, sha256=sha256, named_hosts=frozenset({host_of(url)}))
    with open_source(remote, _FOR_A_HEADER, guard=guard) as source:
        try:
            facts = source.probe()
        except FetchError as error:
            raise unreachable(error, name or url) from error
    return replace(remote, num_bytes=facts.total or 0, etag=facts.validator)


def unreachable(error: FetchError, name: str) -> HubUnreachableError:
    """The network's failure as the end of a download."""
    hint = "A private address must be named with `--allow-host`." if error.reason is Reason.ADDRESS else ""
    return HubUnreachableError(f"{name} did not come: {error.detail.rstrip('.')}.", hint=hint)


def _read(stream: Stream, num_bytes: int) -> bytes:
    policy = _FOR_A_HEADER
    watch = StallWatch(window_s=policy.stall_s, least_bytes_per_s=policy.stall_bytes_per_s, at=time.monotonic())
    read = bytearray()
    for chunk in stream.chunks():
        read += chunk[: num_bytes - len(read)]
        if len(read) == num_bytes:
            break
        if watch.is_stalled(len(chunk), at=time.monotonic()):
            raise FetchError(Reason.TIMEOUT, "less than a drip came")
    return bytes(read)


def _check_status(stream: Stream, host: str, *, is_remembered: bool) -> None:
    status = stream.status
    if status in (_WHOLE, _PARTIAL, _UNSATISFIABLE):
        if stream.header("content-encoding").lower() not in ("", "identity"):
            raise DownloadError(f"{host} compresses the file though it was asked not to.", hint="Use another mirror.")
        return
    if is_remembered and status in _DENIED | _GONE:
        raise HubBusyError(f"The address that {host} gave has expired (HTTP {status}).")
    if status in RETRIED_STATUSES:
        asked_s = retry_after_s(stream.header("retry-after"), now=datetime.now(UTC))
        raise HubBusyError(f"{host} cannot answer now (HTTP {status}).", retry_after_s=asked_s)
    if status in _GONE:
        raise HubNotFoundError(f"{host} has no such file (HTTP {status}).")
    if status in _DENIED:
        raise HubAccessError(f"{host} denies access to the file (HTTP {status}).")
    raise DownloadError(f"{host} gave an answer that is no file (HTTP {status}).")
