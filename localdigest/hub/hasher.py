"""The sha256 of a file that is still coming, ready a moment after its last byte.

A thread reads the file back behind the bytes that have arrived without a gap, mostly from the system's cache. After an
interruption it starts again at the first byte, and reads what was kept while the network goes on: so the state of a
hash need not be stored, and a byte that the disk lost in between is noticed.
"""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Hasher"]

_BLOCK = 2**20


class Hasher:
    """Follows `frontier` from the file's start to its end."""

    def __init__(self, path: Path, frontier: Callable[[], int]) -> None:
        self._path = path
        self._frontier = frontier
        self._hash = hashlib.sha256()
        self._wake = threading.Event()
        self._total: int | None = None
        self._stopped = False
        self._problem: OSError | None = None
        self._thread = threading.Thread(target=self._run, daemon=True, name="hasher")
        self._thread.start()

    def grown(self) -> None:
        """The frontier may have moved."""
        self._wake.set()

    def stop(self) -> None:
        self._stopped = True
        self._wake.set()
        self._thread.join()

    def digest(self, total: int, *, each: Callable[[], None], every_s: float) -> str:
        """The hash of the whole file, all of which has arrived; `each` is called while it is waited for.

        Raises:
            OSError: the file could not be read back.
        """
        self._total = total
        self._wake.set()
        while self._thread.is_alive():
            self._thread.join(every_s)
            each()
        if self._problem is not None:
            raise self._problem
        return self._hash.hexdigest()

    def _run(self) -> None:
        try:
            self._follow()
        except OSError as error:
            self._problem = error

    def _follow(self) -> None:
        at = 0
        with self._path.open("rb", buffering=0) as file:
            while not self._stopped:
                self._wake.clear()
                end = self._frontier() if self._total is None else self._total
                while at < end and not self._stopped:
                    block = file.read(min(_BLOCK, end - at))
                    if not block:
                        raise OSError(f"the file ends at byte {at:,}, before its end")
                    self._hash.update(block)
                    at += len(block)
                if self._total is not None and at >= self._total:
                    return
                self._wake.wait()
