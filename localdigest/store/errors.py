"""What SQLite and the file system raise, as errors that say what to do."""

from __future__ import annotations

import errno
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from localdigest.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["damage_of", "explained"]

_PRIMARY = 0xFF  #: the lower byte of SQLite's codes tells the kind
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_ANOTHER = "Name another file with `--store`."
_HINTS = {
    sqlite3.SQLITE_FULL: "Free some disk space and run again: what was stored before is kept.",
    sqlite3.SQLITE_IOERR: "Free some disk space, check the disk, and run again: what was stored before is kept.",
    sqlite3.SQLITE_BUSY: f"Another localdigest is writing to it: wait until it ends. {_ANOTHER}",
    sqlite3.SQLITE_READONLY: f"Give this user write access to it and to its folder. {_ANOTHER}",
    sqlite3.SQLITE_CANTOPEN: f"Give this user write access to it and to its folder. {_ANOTHER}",
    sqlite3.SQLITE_PERM: f"Give this user write access to it and to its folder. {_ANOTHER}",
}
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_ACCESS = (errno.EACCES, errno.EPERM, errno.EROFS)


def damage_of(error: sqlite3.Error) -> str:
    """What is wrong with the file itself; "": nothing, the error is of another kind."""
    code = getattr(error, "sqlite_errorcode", None)
    return str(error) if code is not None and code & _PRIMARY in _DAMAGE else ""


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Maps what is raised to a StoreError with a hint."""
    try:
        yield
    except sqlite3.Error as error:
        if damage_of(error):
            raise StoreError(
                f"The store {path} is damaged or is no database: {error}",
                hint=f"Move it away: the next run makes a new one and fetches again. {_ANOTHER}",
            ) from error
        code = getattr(error, "sqlite_errorcode", None)
        hint = "" if code is None else _HINTS.get(code & _PRIMARY, "")
        raise StoreError(f"The store {path} cannot be used: {error}", hint=hint) from error
    except OSError as error:
        raise StoreError(f"The store {path} cannot be used: {error.strerror or error}", hint=_hint(error)) from error


def _hint(error: OSError) -> str:
    if error.errno in _NO_ROOM:
        return _HINTS[sqlite3.SQLITE_FULL]
    if error.errno in _NO_ACCESS:
        return _HINTS[sqlite3.SQLITE_READONLY]
    return ""
