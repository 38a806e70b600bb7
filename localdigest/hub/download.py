"""Brings one file onto this disk, whatever happens on the way.

    lock ─▶ probe ─▶ what is kept? ─▶ room? ─▶ segments over several connections ─▶ size, sha256 ─▶ rename

The bytes lie in `<target>.part` until they are all there and proven, so a file under its own name is whole. What is
interrupted goes on from the part (`part.py`), by the same call. Nothing is tried again, waited for or begun anew
without a note to `on_progress`.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from localdigest.hub.crew import Crew, RestartError
from localdigest.hub.download_policy import DownloadPolicy, Progress
from localdigest.hub.errors import DamagedFileError, DiskFullError, DownloadError, HubBusyError
from localdigest.hub.hasher import Hasher
from localdigest.hub.lock import locked
from localdigest.hub.pace import Speedometer
from localdigest.hub.part import PartFile, disk_errors, identity_of
from localdigest.hub.patience import Patience
from localdigest.hub.transfer import Facts, open_source
from localdigest.net.outcome import FetchError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from localdigest.hub.remote import RemoteFile
    from localdigest.hub.transfer import Source
    from localdigest.net.guard import Guard

__all__ = ["DownloadPolicy", "Progress", "download"]

_REPORT_S = 0.2


def download(
    remote: RemoteFile,
    target: Path,
    *,
    guard: Guard,
    on_progress: Callable[[Progress], None] | None = None,
    policy: DownloadPolicy | None = None,
) -> Path:
    """The file at `target`, verified. Goes on from `<target>.part` if an earlier call was interrupted.

    Args:
        remote: what to bring.
        target: where to. If it is there already, it is taken as it is when its size is right, and nothing is asked.
        guard: the run's (`remote.named_hosts` are let in beside whom it allows).
        on_progress: called by this thread only, a few times a second, and at once with every note.
        policy: limits; the defaults suit a model.

    Raises:
        HubNotFoundError, HubAccessError: the server says no.
        HubUnreachableError, HubBusyError: it says nothing, or "later", too often in a row.
        DiskFullError: there is no room. DamagedFileError: the bytes are wrong. DownloadError: all else.
    """
    report = _Report(on_progress or (lambda _: None), remote.num_bytes)
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    with locked(target, on_wait=lambda: report.waiting(f"Another process is downloading {target.name}: waiting.")):
        if target.exists():
            _check_present(remote, target)
            PartFile.sweep(target)
        else:
            _Download(remote, target, report, guard, policy or DownloadPolicy()).run()
    return target


class _Download:
    """One call's state, over its restarts."""

    def __init__(self, remote: RemoteFile, target: Path, report: _Report, guard: Guard, policy: DownloadPolicy) -> None:
        self._remote = remote
        self._target = target
        self._report = report
        self._guard = guard
        self._policy = policy
        self._one_stream = False

    def run(self) -> None:
        for _ in range(self._policy.max_restarts + 1):
            try:
                self._attempt()
            except RestartError as restart:
                self._one_stream |= restart.one_stream
                self._report.note(restart.why)
            else:
                return
        raise DownloadError(
            f"{self._remote.name} had to be started anew {self._policy.max_restarts} times.",
            hint="The server changes it, or cuts the connection, all the time: try another one, or later.",
        )

    def _attempt(self) -> None:
        stop = threading.Event()
        with open_source(self._remote, self._policy, guard=self._guard) as source:
            part = self._opened_part(facts := self._probe(source, stop))
            self._take_room(part, facts)
            part.save(list(part.spans))
            crew = Crew(
                source, part, facts, policy=self._policy, name=self._remote.name, stop=stop, tell=self._report.queue
            )
            self._report.start(part.spans.num_bytes, facts.total)
            hasher = Hasher(part.path, lambda: crew.frontier) if self._remote.sha256 else None
            try:
                total = crew.run(each=lambda: self._tick(crew, hasher), every_s=_REPORT_S)
                self._report.tick(total)
                self._verify(part, total, hasher)
            finally:
                if hasher is not None:
                    hasher.stop()
        part.finish(self._target)

    def _probe(self, source: Source, stop: threading.Event) -> Facts:
        patience = Patience(self._policy, self._remote.name, stop=stop, tell=self._report.note)
        while True:
            try:
                facts = source.probe()
            except (FetchError, HubBusyError) as error:
                source.forget_location()
                patience.after(error, has_answered=source.has_answered)
            else:
                break
        promised = self._remote.num_bytes
        if promised and facts.total is not None and facts.total != promised:
            raise DownloadError(
                f"The server has {facts.total:,} bytes of {self._remote.name}, and {promised:,} were promised.",
                hint="The file has changed at the server, or a proxy on the way sends a page instead.",
            )
        total = facts.total if facts.total is not None else promised or None
        # Without a tag and without a hash nobody would notice that parts of two versions met.
        can_tell = bool(facts.validator or self._remote.sha256)
        return replace(facts, total=total, ranges=facts.ranges and can_tell and not self._one_stream)

    def _opened_part(self, facts: Facts) -> PartFile:
        """What can be gone on with."""
        part, why = PartFile.open(self._target, identity_of(self._remote))
        earlier = part.identity
        if part.spans.num_bytes:
            if not facts.ranges:
                why = why or "The server cannot go on in the middle of this file: starting anew."
            elif facts.total != earlier.num_bytes:
                why = "The file has another size at the server than before: starting anew."
            elif facts.validator != earlier.validator:
                if self._remote.sha256:
                    self._report.note(
                        "The server has a new tag for the file: its sha256 will tell whether it is the same."
                    )
                else:
                    why = "The file has changed at the server: starting anew."
        if why:
            self._report.note(why)
        if why or not part.spans.num_bytes:
            part.discard()
            part, _ = PartFile.open(self._target, identity_of(self._remote))
        part.identity = replace(part.identity, validator=facts.validator, num_bytes=facts.total or 0)
        return part

    def _take_room(self, part: PartFile, facts: Facts) -> None:
        if not facts.total:
            return
        with disk_errors(part.path):
            free = shutil.disk_usage(part.path.parent).free
            rest = max(0, facts.total - part.allocated_bytes)
        if rest and free < rest + self._policy.spare_bytes:
            raise DiskFullError(
                f"{self._remote.name} needs {_size(rest)} more on the disk of {part.path.parent}, and {_size(free)} are"
                f" free, of which {_size(self._policy.spare_bytes)} are left alone."
            )
        if self._policy.reserve:
            part.reserve(facts.total)

    def _tick(self, crew: Crew, hasher: Hasher | None) -> None:
        if hasher is not None:
            hasher.grown()
        self._report.tick(crew.done_bytes)

    def _verify(self, part: PartFile, total: int, hasher: Hasher | None) -> None:
        promised = self._remote.num_bytes
        with disk_errors(part.path):
            size = part.path.stat().st_size
        if size != total or (promised and size != promised):
            if hasher is not None:
                hasher.stop()
            bad = part.set_aside(self._target)
            raise DamagedFileError(
                f"{self._remote.name} has {size:,} bytes, and {promised or total:,} were promised: see {bad}.", path=bad
            )
        if hasher is None:
            return
        with disk_errors(part.path):
            found = hasher.digest(total, each=lambda: self._report.tick(total), every_s=_REPORT_S)
        if found != self._remote.sha256:
            bad = part.set_aside(self._target)
            raise DamagedFileError(
                f"{self._remote.name} has the sha256 {found}, and {self._remote.sha256} was promised: see {bad}.",
                path=bad,
            )


class _Report:
    """What the caller is told. Other threads may only `queue`."""

    def __init__(self, tell: Callable[[Progress], None], total_bytes: int) -> None:
        self._tell = tell
        self._now = Progress(0, total_bytes, 0, 0.0)
        self._speed = Speedometer()
        self._notes: deque[str] = deque()
        self._has_waited = False

    def start(self, kept_bytes: int, total: int | None) -> None:
        self._speed = Speedometer()
        self._now = Progress(kept_bytes, total or 0, kept_bytes, 0.0)
        self._speed.feed(kept_bytes, at=time.monotonic())
        self._tell(self._now)

    def tick(self, done_bytes: int) -> None:
        self._speed.feed(done_bytes, at=time.monotonic())
        rest = self._now.total_bytes - done_bytes
        self._now = replace(
            self._now,
            done_bytes=done_bytes,
            bytes_per_second=self._speed.bytes_per_second,
            eta_s=self._speed.eta_s(rest) if self._now.total_bytes else None,
        )
        while self._notes:
            self.note(self._notes.popleft())
        self._tell(self._now)

    def note(self, text: str) -> None:
        self._tell(replace(self._now, note=text))

    def queue(self, text: str) -> None:
        self._notes.append(text)

    def waiting(self, text: str) -> None:
        if not self._has_waited:
            self.note(text)
        self._has_waited = True


def _check_present(remote: RemoteFile, target: Path) -> None:
    with disk_errors(target):
        size = target.stat().st_size
    if remote.num_bytes and size != remote.num_bytes:
        raise DownloadError(
            f"{target} is there already, with {size:,} bytes instead of {remote.num_bytes:,}.",
            hint="It is another file, or an older one: move it away and run this again.",
        )


def _size(num_bytes: int) -> str:
    for unit, name in ((2**30, "GiB"), (2**20, "MiB")):
        if num_bytes >= unit:
            return f"{num_bytes / unit:.1f} {name}"
    return f"{num_bytes:,} bytes"
