"""Looks at the store's file without making or changing it."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

from localdigest.doctor.data_checks import StoreState
from localdigest.errors import StoreError
from localdigest.store import identify

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["look_at_store"]

_SECONDS = 3.0  #: a store of some gigabytes cannot be read through in this time
_STEPS = 10_000  #: of SQLite's machine between two looks at the clock


def look_at_store(path: Path, *, seconds: float = _SECONDS) -> StoreState:
    version = sqlite3.sqlite_version_info
    if not path.exists() or not path.stat().st_size:
        return StoreState(path, version)
    num_bytes = path.stat().st_size
    try:
        identify(path)
        damage = _quick_check(path, seconds)
    except StoreError as error:
        return StoreState(path, version, num_bytes, problem=error.message, hint=error.hint)
    except sqlite3.DatabaseError as error:
        return StoreState(path, version, num_bytes, damage=str(error))
    return StoreState(path, version, num_bytes, damage=damage or "", checked=damage is not None)


def _quick_check(path: Path, seconds: float) -> str | None:
    """What is damaged; "": nothing; None: it took too long to say."""
    ends = time.monotonic() + seconds
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=seconds)) as db:
        db.set_progress_handler(lambda: int(time.monotonic() > ends), _STEPS)
        try:
            rows = db.execute("PRAGMA quick_check(1)").fetchall()
        except sqlite3.OperationalError:
            if time.monotonic() > ends:
                return None
            raise
    found = str(rows[0][0])
    return "" if found == "ok" else found.splitlines()[-1]
