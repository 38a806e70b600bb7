"""Writes files so that a reader sees the old one or the new one, and never a half.

    contents ─stage (beside their place, on the disk)─▶ temporaries ─rename, one after the other─▶ files

A temporary is locked for as long as it is being written. One that nobody locks was left by a run that was killed: the
next run that writes to the folder removes it.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from localdigest.errors import OutputError, UsageError
from localdigest.interruption import uninterrupted

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = [
    "plain_name",
    "prepare_folder",
    "read_bytes",
    "read_text",
    "sync_folder",
    "write_atomically",
    "write_together",
]

_READABLE = 0o644  # a site generator under another account reads the post
_TEMPORARY = ".localdigest-"
_OURS = re.compile(r"\.localdigest-[0-9a-z_]{8}(\.tmp|\.old|\.probe)?")
_LONGEST_NAME = 255  #: bytes, of nearly every file system
#: Where a file system has no locks, only what is older than any run is taken for abandoned.
_ABANDONED_S = 7 * 86_400.0
#: Two runs may write to one folder. Files are put in place within milliseconds, so that who waits longer waits for a
#: process that was stopped; without the lock each file is still whole.
_TURN_S = 10.0
_POLL_S = 0.02
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def plain_name(name: str) -> str:
    """The name itself, when it is one of a file within its folder.

    Raises:
        UsageError: it would lead elsewhere, hide the file, or can be no name.
    """
    is_plain = name.isprintable() and not re.search(r'[/\\:*?"<>|]', name) and not name.startswith((".", "-"))
    if not is_plain or not name or len(name.encode()) > _LONGEST_NAME:
        raise UsageError(f"{name[:80]!r} can be no file's name", hint="Names are made of the date and the slug.")
    return name


def prepare_folder(folder: Path) -> None:
    """Makes the folder and proves that files can be made and renamed in it, before any work is spent; removes what
    killed runs left there.

    Raises:
        OutputError: they cannot.
    """
    with _explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        with _temporary(folder) as (file, name):
            renamed = name.with_suffix(".probe")
            _close_where_open_files_stay(file)
            try:
                name.rename(renamed)
            finally:
                renamed.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes) -> None:
    """One file of `write_together`."""
    write_together({path: content})


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Writes every file beside its place, waits until the disk has them all, then puts them there in their order.

    A symbolic link in the place of a file is replaced, not followed. Ctrl-C waits until all are in their places.

    Raises:
        OutputError: no space, no permission; the old files are as they were.
    """
    with ExitStack() as stack:
        staged: dict[Path, Path] = {}
        for path, content in contents.items():
            with _explained(path):
                if path.is_dir() and not path.is_symlink():
                    raise IsADirectoryError(errno.EISDIR, "a folder of that name is in the way")
                file, staged[path] = stack.enter_context(_temporary(path.parent))
                _fill(file, staged[path], content)
        with _turn({path.parent for path in staged}), uninterrupted():
            _put_in_place(staged)


def _fill(file: IO[bytes], path: Path, content: bytes) -> None:
    file.write(content)
    file.flush()
    os.fsync(file.fileno())
    path.chmod(_READABLE)
    _close_where_open_files_stay(file)


def _put_in_place(staged: Mapping[Path, Path]) -> None:
    """All, or none: where one cannot be, those before it are taken back."""
    olds: dict[Path, Path] = {}  #: other names of what stood there
    new: list[Path] = []  #: where nothing stood
    try:
        for path in staged:
            if not os.path.lexists(path):
                new.append(path)
            elif len(staged) > 1 and (old := _second_name(path)):
                olds[path] = old
        # Nothing else is done between two renames.
        for path, temporary in staged.items():
            with _explained(path):
                temporary.replace(path)
        # Once, after all: the disk's journal then takes them together.
        for folder in {path.parent for path in staged}:
            with _explained(folder):
                sync_folder(folder)
    except OutputError:
        _take_back(staged, olds, new)
        raise
    finally:
        for old in olds.values():
            old.unlink(missing_ok=True)


def _take_back(staged: Mapping[Path, Path], olds: Mapping[Path, Path], new: Sequence[Path]) -> None:
    for path in new:
        if not staged[path].exists():  # it was put there
            path.unlink(missing_ok=True)
    for path, old in olds.items():
        with suppress(OSError):
            old.replace(path)


def _second_name(path: Path) -> Path | None:
    """Another name for what stands there now; None: nothing does, or the file system knows no second names."""
    other = path.with_name(f"{_TEMPORARY}{secrets.token_hex(4)}.old")
    with suppress(OSError):
        os.link(path, other, follow_symlinks=False)
        return other
    return None


# ── temporaries ──────────────────────────────────────────────────────────────


@contextmanager
def _temporary(folder: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """A new file that only we can read, locked while the block runs; whatever has not been renamed then is removed."""
    while True:
        handle, name = tempfile.mkstemp(prefix=_TEMPORARY, suffix=".tmp", dir=folder)
        with os.fdopen(handle, "wb") as file:
            path = Path(name)
            try:
                # Between its making and its locking another run may have taken it for abandoned.
                if _is_locked(handle, if_unknown=True) and os.fstat(handle).st_nlink:
                    yield file, path
                    return
            finally:
                path.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    for entry in os.scandir(folder):
        if _OURS.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
            with suppress(OSError):
                _remove_if_abandoned(Path(entry.path))


def _remove_if_abandoned(path: Path) -> None:
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(path, flags)
    try:
        found = os.fstat(handle)
        is_ours = stat.S_ISREG(found.st_mode) and (sys.platform == "win32" or found.st_uid == os.getuid())
        is_old = time.time() - found.st_mtime > _ABANDONED_S
        if is_ours and _is_locked(handle, if_unknown=is_old):
            path.unlink()
    finally:
        os.close(handle)


def _is_locked(handle: int, *, if_unknown: bool) -> bool:
    """Whether we hold the file's lock now; it ends with the handle. False: another process has it."""
    if sys.platform == "win32":
        return if_unknown
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # the file system has no locks
        return if_unknown
    return True


@contextmanager
def _turn(folders: set[Path]) -> Iterator[None]:
    """One process at a time puts files into a folder, so that a post and a manifest are of one run."""
    with ExitStack() as stack:
        for folder in sorted(folders):
            if sys.platform != "win32":
                with _explained(folder):
                    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
                stack.callback(os.close, handle)
                ends = time.monotonic() + _TURN_S
                while not _is_locked(handle, if_unknown=True) and time.monotonic() < ends:
                    time.sleep(_POLL_S)
        yield


def _close_where_open_files_stay(file: IO[bytes]) -> None:
    """Windows renames no open file. Elsewhere it stays open, and so its lock."""
    if sys.platform == "win32":
        file.close()


# ── files that are read ──────────────────────────────────────────────────────


def read_bytes(path: Path) -> bytes:
    """A file that the user named.

    Raises:
        UsageError: it is not there, or cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UsageError(f"There is no file {path}", hint="Paths are relative to this folder.") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint="Check name and permissions.") from error


def read_text(path: Path) -> str:
    """A UTF-8 file that the user named.

    Raises:
        UsageError: it is not there, cannot be read, or is no UTF-8 text.
    """
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no UTF-8 text", hint="Name a text file saved as UTF-8.") from error


def sync_folder(folder: Path) -> None:
    """Wait until the disk holds what the folder lists: a rename is lost with the power otherwise."""
    if os.name == "nt":  # no folder can be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hint = "Free some disk space and run again: what was read is kept." if error.errno in _NO_ROOM else ""
        raise OutputError(f"{path} cannot be written: {error.strerror or error}", hint=hint) from error
