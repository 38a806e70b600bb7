"""One process at a time; the others wait, and are told for whom.

The lock is the operating system's: it ends with the process that holds it, however that ends, so that a dead one keeps
nobody waiting. What stands in the file is for the message only.
"""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import socket
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import filelock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["Holder", "locked"]

_POLL_S = 0.05
_PRIVATE = 0o600
#: A file system without locks: the work is then done without one.
_NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)
_LONGEST_RECORD = 1024  #: bytes


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has the lock, as it says itself."""

    pid: int
    host: str
    since: str  #: ISO 8601

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since}"


@contextmanager
def locked(path: Path, *, on_wait: Callable[[Holder | None], None] = lambda _: None) -> Iterator[None]:
    """Holds the lock of a file that is made for it and stays.

    Args:
        path: its folder must be there.
        on_wait: is told once who holds it, when it cannot be had at once; None where that is not known.

    Raises:
        OSError: the file cannot be made.
    """
    lock = filelock.FileLock(path, mode=_PRIVATE, fallback_to_soft=False)
    try:
        _acquire(lock, path, on_wait)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        yield
        return
    try:
        _sign(path)
        yield
    finally:
        lock.release()


def _acquire(lock: filelock.BaseFileLock, path: Path, on_wait: Callable[[Holder | None], None]) -> None:
    with suppress(filelock.Timeout):
        lock.acquire(timeout=0)
        return
    # Whoever has taken it this moment has not signed yet.
    time.sleep(_POLL_S)
    with suppress(filelock.Timeout):
        lock.acquire(timeout=0)
        return
    on_wait(_holder(path))
    lock.acquire(poll_interval=_POLL_S)


def _sign(path: Path) -> None:
    holder = Holder(os.getpid(), socket.gethostname(), dt.datetime.now().astimezone().isoformat(timespec="seconds"))
    with suppress(OSError):  # Windows lets nobody write to a locked file; the message is poorer then
        descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0))
        try:
            os.ftruncate(descriptor, 0)
            os.write(descriptor, json.dumps(asdict(holder)).encode())
        finally:
            os.close(descriptor)


def _holder(path: Path) -> Holder | None:
    try:
        with path.open("rb") as file:
            told = json.loads(file.read(_LONGEST_RECORD))
        holder = Holder(int(told["pid"]), str(told["host"]), str(told["since"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return holder if f"{holder.host}{holder.since}".isprintable() else None
