"""A few connections that fill one part file, and one thread that keeps the account of it.

Workers take segments in ascending order, write what comes where it belongs, and try again by themselves. The caller's
thread alone writes the sidecar, reports, and ends it all when one worker meets what no trying cures.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.hub.errors import DownloadError, HubBusyError
from localdigest.hub.pace import StallWatch
from localdigest.hub.part import disk_errors
from localdigest.hub.patience import Patience, StoppedError
from localdigest.hub.ranges import ContentRange, content_range, is_strong, segments
from localdigest.net.outcome import FetchError
from localdigest.records import Reason

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import FileIO

    from localdigest.hub.download_policy import DownloadPolicy
    from localdigest.hub.part import PartFile
    from localdigest.hub.transfer import Facts, Source
    from localdigest.net.stream import Stream

__all__ = ["Crew", "RestartError"]

_PARTIAL = 206
_LONGEST_GOODBYE_S = 3.0


class RestartError(Exception):
    """What has come cannot be gone on with in this way; the text says why."""

    def __init__(self, why: str, *, one_stream: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.one_stream = one_stream  #: whether the server's ranges are not to be relied on


@dataclass(slots=True)
class _Cursor:
    """Where a worker writes next."""

    at: int
    end: int | None  #: None while nobody knows


class Crew:
    """Fills `part` from `source`. One use."""

    def __init__(
        self,
        source: Source,
        part: PartFile,
        facts: Facts,
        *,
        policy: DownloadPolicy,
        name: str,
        stop: threading.Event,
        tell: Callable[[str], None],
    ) -> None:
        self._source = source
        self._part = part
        self._facts = facts
        self._policy = policy
        self._tell = tell
        self._name = name
        self._stop = stop
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._problem: Exception | None = None
        self._fresh_bytes = 0  #: since the last checkpoint
        self._checkpoint_at = time.monotonic()
        self._is_unsaved = False  #: whether that was told
        self._working = 0
        self._segments = deque(self._cut())

    @property
    def done_bytes(self) -> int:
        with self._lock:
            return self._part.spans.num_bytes

    @property
    def frontier(self) -> int:
        with self._lock:
            return self._part.spans.frontier

    def run(self, *, each: Callable[[], None], every_s: float) -> int:
        """Until all of it is here; `each` is called now and then. Gives the file's size.

        Raises:
            RestartError: begin again, in another way. All else that a download can raise.
        """
        threads = [threading.Thread(target=self._work, daemon=True, name=f"download-{n}") for n in range(self._width)]
        self._working = len(threads)
        try:
            for thread in threads:
                thread.start()
            while self._working and self._problem is None:
                self._changed.wait(every_s)
                self._changed.clear()
                self._checkpoint()
                each()
            if self._problem is not None:
                raise self._problem
        finally:
            self._end(threads)
        return self._facts.total if self._facts.total is not None else self.done_bytes

    @property
    def _width(self) -> int:
        return min(self._policy.connections, len(self._segments))

    def _cut(self) -> list[tuple[int, int | None]]:
        total = self._facts.total
        if total == 0:
            return []
        if not self._facts.ranges or total is None:
            return [(0, total)]
        return [
            *segments(
                self._part.spans.missing(total),
                total=total,
                most_bytes=self._policy.segment_bytes,
                connections=self._policy.connections,
            )
        ]

    def _end(self, threads: list[threading.Thread]) -> None:
        """Lets the workers go, and records what they brought; whoever does not hear is left behind."""
        if any(thread.is_alive() for thread in threads):
            self._stop.set()
            self._source.stop()
            give_up_at = time.monotonic() + _LONGEST_GOODBYE_S
            for thread in threads:
                if thread.ident is not None:
                    thread.join(max(0.0, give_up_at - time.monotonic()))
        if self._part.path.exists():
            self._checkpoint(now=True)

    def _checkpoint(self, *, now: bool = False) -> None:
        with self._lock:
            overdue = time.monotonic() - self._checkpoint_at >= self._policy.checkpoint_s
            if not self._fresh_bytes or not (now or overdue or self._fresh_bytes >= self._policy.checkpoint_bytes):
                return
            spans = list(self._part.spans)
            self._fresh_bytes = 0
        if not self._part.save(spans) and not self._is_unsaved:
            self._is_unsaved = True
            self._tell(
                "The disk is full but for the file itself: after an interruption, what comes now would come again."
            )
        self._checkpoint_at = time.monotonic()

    # ── in the workers' threads ──────────────────────────────────────────────────────────────────────────────────────

    def _work(self) -> None:
        try:
            with disk_errors(self._part.path), self._part.path.open("r+b", buffering=0) as file:
                while not self._stop.is_set() and (segment := self._next()) is not None:
                    self._fetch(_Cursor(*segment), file)
        except StoppedError:
            pass
        except Exception as error:  # noqa: BLE001 - raised again by the caller's thread
            with self._lock:
                self._problem = self._problem or error
        finally:
            with self._lock:
                self._working -= 1
            self._changed.set()

    def _next(self) -> tuple[int, int | None] | None:
        with self._lock:
            return self._segments.popleft() if self._segments else None

    def _fetch(self, cursor: _Cursor, file: FileIO) -> None:
        patience = Patience(self._policy, self._name, stop=self._stop, tell=self._tell)
        while True:
            start = cursor.at
            try:
                self._fetch_once(cursor, file)
            except (FetchError, HubBusyError) as error:
                self._source.forget_location()
                if cursor.at > start and not isinstance(error, _StalledError):
                    patience.progress()
                patience.after(error, has_answered=self._source.has_answered)
                if not self._facts.ranges:
                    raise RestartError(
                        "The server cannot go on in the middle of this file: starting anew.", one_stream=True
                    ) from error
            else:
                return

    def _fetch_once(self, cursor: _Cursor, file: FileIO) -> None:
        if not self._facts.ranges:
            with self._source.open() as stream:
                self._copy(stream, cursor, file)
            return
        assert cursor.end is not None, "only a file without ranges has an unknown end"
        with self._source.open((cursor.at, cursor.end), validator=self._facts.validator) as stream:
            self._check(stream, cursor)
            self._copy(stream, cursor, file)

    def _check(self, stream: Stream, cursor: _Cursor) -> None:
        """Whether the answer is the very part that was asked for."""
        if stream.status == _PARTIAL:
            told = content_range(stream.header("content-range"))
            if told == ContentRange(cursor.at, cursor.end or 0, self._facts.total):
                return
            if told is None or told.total == self._facts.total:
                raise RestartError(
                    "The server sends another part of the file than was asked for: starting anew, in one go.",
                    one_stream=True,
                )
        elif (etag if is_strong(etag := stream.header("etag")) else "") == self._facts.validator:
            raise RestartError("The server stopped answering ranges: starting anew, in one go.", one_stream=True)
        raise RestartError("The file changed at the server.")

    def _copy(self, stream: Stream, cursor: _Cursor, file: FileIO) -> None:
        watch = StallWatch(
            window_s=self._policy.stall_s, least_bytes_per_s=self._policy.stall_bytes_per_s, at=time.monotonic()
        )
        for received in stream.chunks():
            if self._stop.is_set():
                raise StoppedError
            chunk = received if cursor.end is None else received[: cursor.end - cursor.at]
            self._write(chunk, cursor, file)
            if len(chunk) < len(received):
                raise DownloadError(f"The server sends more than the {cursor.end:,} bytes that it promised.")
            if watch.is_stalled(len(chunk), at=time.monotonic()):
                raise _StalledError(Reason.TIMEOUT, "less than a drip came", may_pass=True)
        if cursor.end is not None and cursor.at < cursor.end:
            raise FetchError(Reason.CONNECTION, "the answer ended too soon", may_pass=True)

    def _write(self, chunk: bytes, cursor: _Cursor, file: FileIO) -> None:
        file.seek(cursor.at)
        rest = memoryview(chunk)
        while rest:
            rest = rest[file.write(rest) :]
        with self._lock:
            self._part.spans.add(cursor.at, cursor.at + len(chunk))
            self._fresh_bytes += len(chunk)
            due = self._fresh_bytes >= self._policy.checkpoint_bytes
        cursor.at += len(chunk)
        if due:
            self._changed.set()


class _StalledError(FetchError):
    """Bytes come, and far too slowly."""
