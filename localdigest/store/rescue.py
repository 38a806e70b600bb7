"""What becomes of a damaged store: it is kept under another name, and what can be read of it goes into a new one.

SQLite keeps each table as a tree of pages. Where one is damaged, the rows before it are read from the front, those
after it from the back, and what lies between two damaged pages by asking for keys in the middle.
"""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localdigest.store.errors import damage_of
from localdigest.store.rows import row_checksum, unpacked
from localdigest.store.schema import APPLICATION_ID, TABLES, Table

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Saved", "copies_of", "has_damaged_log", "is_ours", "salvage", "set_aside"]

_MAGIC = b"SQLite format 3\x00"
_HEADER_BYTES = 100
_APPLICATION_ID_AT = 68
_OUR_TABLE = b"CREATE TABLE blobs (sha256 TEXT PRIMARY KEY"
_LOOKED_AT_BYTES = 1 << 18
_LOG_MAGIC = (0x377F0682, 0x377F0683)
_LOG_HEADER_BYTES = 32
_HIGHEST = "\U0010ffff"
#: Each halving of the keys between two damaged places finds what lies between them.
_HALVINGS = 8
_KEY_CHARACTERS = 8  #: of a key, after what two have in common, to find one in the middle


@dataclass(frozen=True, slots=True)
class Saved:
    """Rows that came through, by table."""

    pages: int
    documents: int
    completions: int
    past_digests: int

    def __str__(self) -> str:
        made = f"{self.pages} pages, {self.documents} readings, {self.completions} answers"
        return f"{made}, what {self.past_digests} digests told" if self.past_digests else made


def is_ours(path: Path) -> bool:
    """Whether a file that SQLite cannot open was a store: nobody else's file is ever moved.

    Call it while no connection to the file is open: closing the file lets go of SQLite's locks.
    """
    with path.open("rb") as file:
        head = file.read(_LOOKED_AT_BYTES)
    if head.startswith(_MAGIC) and len(head) >= _HEADER_BYTES:
        return head[_APPLICATION_ID_AT : _APPLICATION_ID_AT + 4] == struct.pack(">I", APPLICATION_ID)
    return _OUR_TABLE in head or (path.suffix == ".sqlite3" and b"\x00" in head)


def has_damaged_log(path: Path) -> bool:
    """Whether a write-ahead log is there of which SQLite would take nothing, without a word."""
    log = path.with_name(f"{path.name}-wal")
    try:
        with log.open("rb") as file:
            head = file.read(_LOG_HEADER_BYTES)
    except OSError:
        return False
    return len(head) == _LOG_HEADER_BYTES and struct.unpack_from(">I", head)[0] not in _LOG_MAGIC


def set_aside(path: Path, *, now: dt.datetime) -> Path:
    """Gives the file and its log another name beside the old one, and returns it. For one process at a time."""
    stamp = f"{path.name}.damaged-{now:%Y%m%dT%H%M%S}"
    names = (stamp, *(f"{stamp}-{number}" for number in range(2, 1000)))
    aside = next(found for name in names if not (found := path.with_name(name)).exists())
    path.rename(aside)
    # The file first: SQLite never reads a log that lies beside no database.
    with suppress(FileNotFoundError):
        path.with_name(f"{path.name}-wal").rename(aside.with_name(f"{aside.name}-wal"))
    for suffix in ("-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return aside


def copies_of(path: Path) -> tuple[Path, ...]:
    """What was kept of damaged and of older stores."""
    kinds = (f"{path.name}.damaged-*", f"{path.name}.schema-*.backup", f"{path.name}.schema-*.backup.part")
    return tuple(sorted(found for kind in kinds for found in path.parent.glob(kind)))


def salvage(damaged: Path, db: sqlite3.Connection) -> Saved:
    """Copies every row that can be read and proves whole; what is there already stays."""
    saved: dict[str, int] = {}
    # Read only: its log must not be written into it.
    with closing(sqlite3.connect(f"{damaged.absolute().as_uri()}?mode=ro", uri=True)) as source:
        source.text_factory = lambda text: text.decode("utf-8", "replace")
        db.execute("BEGIN IMMEDIATE")
        try:
            for table in TABLES:
                before = db.total_changes
                for row in _rows(source, table):
                    _insert(db, table, row)
                saved[table.name] = db.total_changes - before
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
    log = damaged.with_name(f"{damaged.name}-wal")  # made by reading, where there was none
    if log.exists() and not log.stat().st_size:
        log.unlink()
    damaged.with_name(f"{damaged.name}-shm").unlink(missing_ok=True)
    return Saved(saved["pages"], saved["documents"], saved["completions"], saved["past_digests"])


def _insert(db: sqlite3.Connection, table: Table, row: tuple[Any, ...]) -> None:
    if table.name == "pages" and not db.execute("SELECT 1 FROM blobs WHERE sha256 = ?", (row[-1],)).fetchone():
        return  # its bytes are gone
    checksum = (row_checksum(*row),) if table.has_checksum else ()
    values = (*row, *checksum)
    with suppress(sqlite3.IntegrityError):  # a value of a kind that no row of ours has
        db.execute(
            f"INSERT OR IGNORE INTO {table.name} VALUES ({', '.join('?' * len(values))})",  # noqa: S608 - our own names
            values,
        )


def _rows(source: sqlite3.Connection, table: Table) -> Iterator[tuple[Any, ...]]:
    """The rows that are whole, without their checksums."""
    try:
        found = {row[1] for row in source.execute(f"PRAGMA table_info({table.name})")}
    except sqlite3.DatabaseError:
        return
    checked = table.has_checksum and "checksum" in found
    if not found.issuperset(table.columns):
        return
    columns = (*table.columns, "checksum") if checked else table.columns
    query = f"SELECT {', '.join(columns)} FROM {table.name} WHERE {columns[0]} BETWEEN ? AND ? ORDER BY {columns[0]}"  # noqa: S608 - our own names
    for row in _between(source, query, "", _HIGHEST, _HALVINGS):
        if table.name == "blobs":
            if unpacked(row[1], sha256=row[0]) is not None:
                yield row
        elif not checked:
            yield row
        elif row[-1] == row_checksum(*row[:-1]):
            yield row[:-1]


def _between(source: sqlite3.Connection, query: str, low: str, high: str, halvings: int) -> Iterator[tuple[Any, ...]]:
    """Rows with keys from `low` to `high`, some perhaps twice; those that cannot be reached are left out."""
    for order in ("", " DESC"):
        try:
            for row in source.execute(query + order, (low, high)):
                yield row
                if order:
                    high = str(row[0])
                else:
                    low = str(row[0])
        except sqlite3.DatabaseError as error:
            if not damage_of(error):
                raise
        else:
            return
    middle = _middle(low, high)
    if halvings and low < middle < high:
        yield from _between(source, query, low, middle, halvings - 1)
        yield from _between(source, query, middle, high, halvings - 1)


def _middle(low: str, high: str) -> str:
    """A key about half-way between two, in ASCII."""
    same = next((n for n, (one, other) in enumerate(zip(low, high, strict=False)) if one != other), len(low))
    below, above = (
        [min(ord(letter), 127) for letter in key[same : same + _KEY_CHARACTERS].ljust(_KEY_CHARACTERS, "\x00")]
        for key in (low, high)
    )
    number = (_as_number(below) + _as_number(above)) // 2
    letters = [chr(number // 128**place % 128) for place in reversed(range(_KEY_CHARACTERS))]
    return low[:same] + "".join(letters)


def _as_number(digits: list[int]) -> int:
    number = 0
    for digit in digits:
        number = number * 128 + digit
    return number
