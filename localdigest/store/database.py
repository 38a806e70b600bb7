"""One open SQLite file: reading, writing, and what is done when it turns out to be damaged or is gone.

open ─▶ ours? ─▶ whole? ─▶ journal ─▶ migrate ─▶ read, write … ─▶ damaged: set aside, salvage, open anew, once more
"""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from localdigest.errors import StoreError
from localdigest.interruption import uninterrupted
from localdigest.locks import locked
from localdigest.store.errors import damage_of, explained
from localdigest.store.journal import do_without_log, needs_shared_memory, use_log
from localdigest.store.rescue import has_damaged_log, is_ours, salvage, set_aside
from localdigest.store.schema import PRIVATE_FILE, migrate, refuse_strangers

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CHECKED_BYTES", "Database"]

_BUSY_TIMEOUT_S = 30.0  # another run may be committing
_PRIVATE_FOLDER = 0o700  # what a newsroom reads is nobody else's business
#: A store up to this size is read through when it is opened (about 1 ms for each MiB). Of a larger one damage is
#: noticed where it is met, and by `localdigest doctor`.
CHECKED_BYTES = 32 << 20
_TRIES = 3

T = TypeVar("T")


class DamagedError(Exception):
    """The file is one of ours, and not whole."""


class Database:
    """A connection that outlives its file; for one thread."""

    def __init__(self, path: Path, *, tell: Callable[[str], None]) -> None:
        """Opens the file and makes it when it is not there.

        Args:
            path: of the file; its folder is made too.
            tell: is told what a user must know: that a damaged file was set aside, that an old one was migrated.

        Raises:
            StoreError: the folder cannot be written, or the file is of a newer version, or not ours.
        """
        self._path = Path(os.path.realpath(path))  # SQLite puts its log beside the real file
        self._tell = tell
        self._db: sqlite3.Connection
        self._identity = (0, 0)
        with explained(path):
            if not self._path.parent.is_dir():
                self._path.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True)
            self._open()

    @property
    def path(self) -> Path:
        """Where the file really lies."""
        return self._path

    def close(self) -> None:
        self._db.close()

    def read(self, query: str, *parameters: object) -> tuple[Any, ...] | None:
        """The first row."""

        def first(db: sqlite3.Connection) -> tuple[Any, ...] | None:
            with closing(db.execute(query, parameters)) as cursor:
                row: tuple[Any, ...] | None = cursor.fetchone()
                return row

        return self._tried(first)

    def read_all(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Every row."""

        def rows(db: sqlite3.Connection) -> list[tuple[Any, ...]]:
            with closing(db.execute(query, parameters)) as cursor:
                return cursor.fetchall()

        return self._tried(rows)

    def write(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """Does the work in a transaction, perhaps twice; when it returns, the file at this path holds it."""

        def committed(db: sqlite3.Connection) -> None:
            db.execute("BEGIN IMMEDIATE")
            try:
                work(db)
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:  # a full disk may have rolled back already
                    db.execute("ROLLBACK")
                raise

        with uninterrupted():
            self._tried(committed)
            # Another run may have found the file damaged and moved it away, or a user may have removed it.
            for _ in range(_TRIES):
                if self._is_in_place():
                    return
                with explained(self._path):
                    self._db.close()
                    self._open()
                self._tried(committed)
        raise StoreError(f"The store {self._path} is being replaced again and again", hint="Look what does it.")

    def vacuum(self) -> None:
        """Gives the room of what was removed back."""

        def work(db: sqlite3.Connection) -> None:
            db.execute("VACUUM")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

        self._tried(work)

    def _tried(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with explained(self._path):
            for _ in range(_TRIES - 1):
                try:
                    return work(self._db)
                except sqlite3.DatabaseError as error:
                    if not damage_of(error):
                        raise
                    self._recover(damage_of(error))
            return work(self._db)

    def _is_in_place(self) -> bool:
        try:
            return _identity_of(self._path) == self._identity
        except OSError:
            return False

    # ── opening ──────────────────────────────────────────────────────────────

    def _open(self) -> None:
        """For one process at a time: another may be moving the file."""
        with locked(self._path.with_name(f"{self._path.name}.lock")):
            try:
                self._connect()
            except DamagedError as error:
                self._replace(str(error))

    def _recover(self, damage: str) -> None:
        """The file of the open connection is damaged: another one takes its place, unless one has already."""
        self._db.close()
        with locked(self._path.with_name(f"{self._path.name}.lock")):
            if self._is_in_place():
                self._replace(damage)
                return
        self._open()

    def _replace(self, damage: str) -> None:
        aside = set_aside(self._path, now=dt.datetime.now(dt.UTC))
        kept = f"The store was damaged ({damage}). It is kept as {aside.name}"
        self._connect()
        try:
            saved = salvage(aside, self._db)
        except sqlite3.DatabaseError as error:
            if not damage_of(error):
                raise
            self._tell(f"{kept}; nothing of it could be read. A new one was made: pages are fetched and read again.")
        else:
            self._tell(f"{kept}; {saved} went into a new one. What is missing is fetched and made again.")

    def _connect(self) -> None:
        """Raises DamagedError, StoreError, sqlite3.Error or OSError, with no connection open then."""
        path = self._path
        num_bytes = path.stat().st_size if path.exists() else -1
        if num_bytes < 0:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, PRIVATE_FILE))
        log_is_damaged = has_damaged_log(path)
        self._db = self._dial()
        try:
            told = self._prepare(check=num_bytes <= CHECKED_BYTES or log_is_damaged)
            self._identity = _identity_of(path)
        except sqlite3.DatabaseError as error:
            self._db.close()
            if damage_of(error) and is_ours(path):
                raise DamagedError(damage_of(error)) from error
            raise
        except BaseException:
            self._db.close()
            raise
        if num_bytes == 0:
            told = "The store was an empty file: a new one was made in its place."
        elif log_is_damaged:
            told = "The log of the store was damaged: what was stored last may be missing, and is made again."
        if told:
            self._tell(told)

    def _dial(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
        # A damaged text must not be an error: its row is recognised, and made again.
        db.text_factory = _as_text
        return db

    def _prepare(self, *, check: bool) -> str:
        """Raises sqlite3.DatabaseError for whatever kind of damage."""
        self._set_journal()
        if check:
            _read_through(self._db)
        told = migrate(self._db, self._path)
        self._db.execute("PRAGMA foreign_keys=ON")
        return told

    def _set_journal(self) -> None:
        try:
            refuse_strangers(self._db, self._path)
            if use_log(self._db, self._path):
                return
        except sqlite3.OperationalError as error:
            if not needs_shared_memory(error):
                raise
            # Whoever has a file for itself alone reads even a log without shared memory.
            self._db.close()
            self._db = self._dial()
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            refuse_strangers(self._db, self._path)
        do_without_log(self._db)


def _read_through(db: sqlite3.Connection) -> None:
    flaw = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
    if flaw != "ok":
        error = sqlite3.DatabaseError(flaw.splitlines()[-1])
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def _identity_of(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _as_text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
