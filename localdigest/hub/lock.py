"""One process per download; the others wait, and say so."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import filelock

from localdigest.hub.part import disk_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["locked"]


@contextmanager
def locked(target: Path, *, on_wait: Callable[[], None], every_s: float = 0.5) -> Iterator[None]:
    """Holds `<target>.lock`; `on_wait` is called now and then while another process has it.

    The system lets go of it when the process ends, however it ends. On network file systems it may hold nobody off:
    then two processes do the same work, and the sha256 decides.
    """
    lock = filelock.FileLock(target.with_name(f"{target.name}.lock"))
    while not _taken(lock, target, every_s):
        on_wait()
    try:
        yield
    finally:
        lock.release()


def _taken(lock: filelock.BaseFileLock, target: Path, wait_s: float) -> bool:
    with disk_errors(target):
        try:
            lock.acquire(timeout=wait_s, poll_interval=0.1)
        except filelock.Timeout:  # an OSError too
            return False
    return True
