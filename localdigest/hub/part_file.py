"""A large file that is written from its beginning to its end, and goes on where a kill left it.

    <target>.part            what is written so far
    <target>.part.json       what it is made from, and how many of its bytes the disk surely holds
    <target>.part.lock       held by who writes; gone afterwards

A checkpoint waits for the disk before the sidecar counts the bytes, so the sidecar never says too much. What was
written after the last one is written again.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from localdigest.errors import LocalDigestError, OutputError, UsageError
from localdigest.files import sync_folder, write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from io import FileIO
    from pathlib import Path

__all__ = ["PartFile", "open_part"]

#: For the sidecar, its temporary copy and the folder itself.
SPARE_BYTES = 1 << 20
_GIB = 2**30
_RESUME = "Make room, or see to the disk and its permissions, and run it again: it goes on from what was written."


class PartFile:
    """The part while its lock is held."""

    def __init__(self, target: Path, *, made_from: Mapping[str, Any], num_bytes: int, checkpoint_bytes: int) -> None:
        self.target = target
        self.made_from = dict(made_from)
        self.num_bytes = num_bytes  #: of the finished file
        self.checkpoint_bytes = checkpoint_bytes
        self.path = target.with_name(target.name + ".part")
        self.sidecar = target.with_name(target.name + ".part.json")
        self.position = 0  #: bytes written
        self._kept = 0  #: of these, those that the sidecar counts
        self._file: FileIO | None = None

    def is_finished(self) -> bool:
        """Whether an earlier run was killed when the target was in its place and only the sidecar was left to go."""
        if self.path.exists() or not self.target.is_file() or self.target.stat().st_size != self.num_bytes:
            return False
        return self._read_sidecar() == {**self.made_from, "flushed_bytes": self.num_bytes}

    def begin(self, *, discard: bool) -> None:
        """Go on at the last checkpoint, or begin anew where there is none.

        Args:
            discard: Throw away a part that was made from something else.

        Raises:
            UsageError: There is such a part.
            OutputError: The disk has too little room, or the part cannot be written.
        """
        part_bytes = self.path.stat().st_size if self.path.exists() else None
        self._kept = self.position = self._resumable_bytes(part_bytes, discard=discard)
        with self._explained():
            # What lies in the part has its room already, be it gone on with or not.
            self._require_room(self.num_bytes - (part_bytes or 0))
            if not self.position:
                # First, so that no part is ever without the note that says whose it is.
                self._write_sidecar()
            self._file = self.path.open("r+b" if self.position else "w+b", buffering=0)
            self._file.truncate(self.position)
            self._file.seek(self.position)

    def write(self, data: memoryview) -> None:
        """All of it, with a checkpoint now and then.

        Raises:
            OutputError: The disk is full, or fails. What was written up to the last checkpoint is kept.
        """
        assert self._file is not None
        with self._explained():
            while data:
                num_written = self._file.write(data) or 0
                self.position += num_written
                data = data[num_written:]
        if self.position - self._kept >= self.checkpoint_bytes:
            self.checkpoint()

    def checkpoint(self) -> None:
        """From here on it goes on after a kill."""
        assert self._file is not None
        with self._explained():
            os.fsync(self._file.fileno())
            self._kept = self.position
            self._write_sidecar()

    def put_in_place(self) -> None:
        """The last step: the target is there at once and whole."""
        self.close()
        with self._explained():
            self.path.replace(self.target)
            sync_folder(self.target.parent)
            self.sidecar.unlink()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _require_room(self, num_bytes: int) -> None:
        free, needed = shutil.disk_usage(self.path.parent).free, num_bytes + SPARE_BYTES
        if free < needed:
            raise OutputError(f"{self.target} needs {_size(needed)} more, and its disk has {_size(free)} free.")

    def _resumable_bytes(self, part_bytes: int | None, *, discard: bool) -> int:
        noted = self._read_sidecar()
        if part_bytes is None and noted is None and not self.sidecar.exists():
            return 0
        flushed = (noted or {}).pop("flushed_bytes", None)
        if noted == self.made_from and type(flushed) is int and 0 <= flushed <= self.num_bytes:
            if part_bytes is None:
                return 0
            if flushed <= part_bytes:
                return flushed
        if discard:
            return 0
        raise UsageError(
            f"{self.path} lies there from something else: another source, one that has changed since, or a download.",
            hint="Name another target, or add `--overwrite` to throw away what was written and begin anew.",
        )

    def _read_sidecar(self) -> dict[str, Any] | None:
        try:
            noted = json.loads(self.sidecar.read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        return noted if isinstance(noted, dict) else None

    def _write_sidecar(self) -> None:
        noted = {**self.made_from, "flushed_bytes": self._kept}
        write_atomically(self.sidecar, json.dumps(noted, indent=1).encode())

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutputError(f"{self.path} cannot be written: {error.strerror or error}.", hint=_RESUME) from error
        except OutputError as error:
            raise OutputError(error.message, hint=_RESUME) from error


@contextmanager
def open_part(
    target: Path, *, made_from: Mapping[str, Any], num_bytes: int, checkpoint_bytes: int
) -> Iterator[PartFile]:
    """The part of this target, for one process at a time.

    Args:
        target: What it will become. Its folder is there.
        made_from: What the bytes depend on, as JSON has it: a part that was made from anything else is left alone.
        num_bytes: Of the finished file.
        checkpoint_bytes: How much may have to be written again after a kill.

    Raises:
        LocalDigestError: Another process writes it.
        OutputError: Nothing can be written there.
    """
    lock_path = target.with_name(target.name + ".part.lock")
    lock = FileLock(lock_path, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise LocalDigestError(
            f"Another process is writing {target}.", hint="Wait until it is done, or name another target."
        ) from error
    except OSError as error:
        raise OutputError(f"{target} cannot be made: {error.strerror}.", hint="Name another target.") from error
    part = PartFile(target, made_from=made_from, num_bytes=num_bytes, checkpoint_bytes=checkpoint_bytes)
    try:
        yield part
    finally:
        part.close()
        with suppress(OSError):  # Windows lets no open file go; there it stays, empty
            lock_path.unlink()
        lock.release()


def _size(num_bytes: int) -> str:
    return f"{num_bytes / _GIB:.2f} GiB" if num_bytes >= _GIB else f"{num_bytes / 2**20:.1f} MiB"
