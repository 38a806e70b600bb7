"""Writes files so that a reader sees the old one or the new one, and never a half."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from localdigest.errors import OutputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["prepare_folder", "read_bytes", "read_text", "sync_folder", "write_atomically", "write_together"]

_READABLE = 0o644  # a site generator under another account reads the post
_TEMPORARY = ".localdigest-"


def prepare_folder(folder: Path) -> None:
    """Makes the folder and proves that files can be made and renamed in it, before any work is spent.

    Raises:
        OutputError: they cannot.
    """
    with _explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=_TEMPORARY, dir=folder)
        os.close(handle)
        renamed = Path(name).with_suffix(".probe")
        try:
            Path(name).rename(renamed)
        finally:
            Path(name).unlink(missing_ok=True)
            renamed.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes) -> None:
    """One file of `write_together`."""
    write_together({path: content})


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Writes every file beside its place, waits until the disk has them all, then puts them there in their order.

    Raises:
        OutputError: no space, no permission; the old files are as they were.
    """
    staged: dict[Path, Path] = {}
    try:
        for path, content in contents.items():
            with _explained(path):
                staged[path] = _stage(path.parent, content)
        for path, temporary in staged.items():
            with _explained(path):
                temporary.replace(path)
                sync_folder(path.parent)
    finally:
        for temporary in staged.values():
            temporary.unlink(missing_ok=True)


def _stage(folder: Path, content: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix=_TEMPORARY, dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(_READABLE)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


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
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error
