"""Writes files so that a reader sees the old one or the new one, and never a half."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from localdigest.errors import OutputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["prepare_folder", "read_bytes", "read_text", "write_atomically"]

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
    """Writes beside the file, waits until the disk has it, then puts it in the file's place.

    Raises:
        OutputError: no space, no permission; the old file is as it was.
    """
    with _explained(path):
        handle, name = tempfile.mkstemp(prefix=_TEMPORARY, dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(_READABLE)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)


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


def _sync_folder(folder: Path) -> None:
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
