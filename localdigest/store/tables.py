"""The store as the rest of the program has it: values in, values out."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from localdigest.health import SourceHealth, updated, with_yield
from localdigest.history import PastDigest
from localdigest.records import Digest, Document, Failure, Page, PageOrigin, Source
from localdigest.store.database import Database
from localdigest.store.errors import explained
from localdigest.store.rescue import copies_of
from localdigest.store.rows import dumps, loads, row_checksum, unpacked
from localdigest.store.schema import TABLES

if TYPE_CHECKING:
    import datetime as dt
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path
    from types import TracebackType

    from localdigest.health import Observation, Yield

__all__ = ["Store", "StoreStats", "StoredCompletion"]

_AFTER_DATES = ":"  #: after every digit
_AFTER_KEYS = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class StoreStats:
    path: str
    size_bytes: int  #: of the file and its log on disk
    pages: int
    documents: int
    digests: int
    completions: int
    copies: tuple[str, ...] = ()  #: what was kept of damaged and of older stores, beside it
    copies_bytes: int = 0
    past_digests: int = 0
    sources: int = 0


@dataclass(frozen=True, slots=True)
class StoredCompletion:
    """What a model answered."""

    text: str
    is_whole: bool  #: False: it was cut at its limit of tokens


class Store:
    """One open database; use it as a context manager, from one thread. Several processes may use one file."""

    def __init__(self, path: Path, *, tell: Callable[[str], None] = lambda _: None) -> None:
        """Opens the file and makes it when it is not there. A damaged one is set aside, and what it holds is saved.

        Args:
            path: of the file.
            tell: is told what a user must know, now or later.

        Raises:
            StoreError: the folder cannot be written, or the file is of a newer version, or not ours.
        """
        self.path = path
        self._incidents: list[str] = []
        self._tell = tell
        self._db = Database(path, tell=self._happened)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    @property
    def incidents(self) -> tuple[str, ...]:
        """What `tell` was told since it was opened."""
        return tuple(self._incidents)

    # ── pages ──

    def page(self, locator: str) -> Page | None:
        """The stored bytes of a locator with their validators; its `source` knows only the locator."""
        row = self._db.read(
            "SELECT url, media_type, charset, etag, last_modified, fetched_at, sha256, checksum, body"
            " FROM pages JOIN blobs USING (sha256) WHERE locator = ?",
            locator,
        )
        if row is None or row[7] != row_checksum(locator, *row[:7]):
            return None
        url, media_type, charset, etag, last_modified, fetched_at, sha256, _, packed = row
        body = unpacked(packed, sha256=sha256)
        if body is None:
            return None
        return Page(
            source=Source(locator),
            body=body,
            media_type=media_type,
            charset=charset,
            url=url,
            fetched_at=fetched_at,
            origin=PageOrigin.STORE,
            etag=etag,
            last_modified=last_modified,
        )

    def put_page(self, page: Page) -> None:
        locator, sha256 = page.source.locator, page.sha256
        row = (
            *(locator, page.url, page.media_type, page.charset),
            *(page.etag, page.last_modified, page.fetched_at, sha256),
        )
        packed = zlib.compress(page.body, 6)

        def work(db: sqlite3.Connection) -> None:
            replaced = db.execute("SELECT sha256 FROM pages WHERE locator = ?", (locator,)).fetchone()
            # Written even where it is known: what stands there may be damaged.
            db.execute(
                "INSERT INTO blobs VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body"
                " WHERE body IS NOT excluded.body",
                (sha256, packed),
            )
            db.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, row_checksum(*row)))
            if replaced:
                db.execute("DELETE FROM blobs WHERE sha256 = ? AND sha256 NOT IN (SELECT sha256 FROM pages)", replaced)

        self._db.write(work)

    # ── what was made of them ──

    def reading(self, key: str) -> Document | Failure | None:
        """What reading a page gave under this key."""
        row = self._row("documents", "kind, value", key)
        if row is None:
            return None
        return loads(Document, row[1]) if row[0] == "document" else loads(Failure, row[1])

    def has_reading(self, key: str) -> bool:
        """Whether there is one; `reading` may still find it damaged, or of another version."""
        return self._row("documents", "kind, value", key) is not None

    def put_reading(self, key: str, value: Document | Failure) -> None:
        self._put("documents", key, "document" if isinstance(value, Document) else "failure", dumps(value))

    def digest(self, key: str) -> Digest | None:
        row = self._row("digests", "created_at, value", key)
        return None if row is None else loads(Digest, row[1])

    def put_digest(self, key: str, digest: Digest, *, created_at: str) -> None:
        self._put("digests", key, created_at, dumps(digest))

    # ── what a model made ──

    def completion(self, key: str) -> StoredCompletion | None:
        row = self._row("completions", "created_at, is_whole, text", key)
        return None if row is None else StoredCompletion(str(row[2]), bool(row[1]))

    def put_completion(self, key: str, completion: StoredCompletion, *, created_at: str) -> None:
        self._put("completions", key, created_at, int(completion.is_whole), completion.text)

    def token_counts(self, key: str) -> tuple[int, ...] | None:
        row = self._row("token_counts", "value", key)
        return None if row is None else loads(tuple[int, ...], row[0])

    def put_token_counts(self, key: str, counts: tuple[int, ...]) -> None:
        self._put("token_counts", key, dumps(counts))

    # ── what was told, and how the sources do ──

    def past_digests(self, series: str = "", *, before: str = "") -> tuple[PastDigest, ...]:
        """Of a series or of all, oldest first.

        Args:
            series: `""` for all.
            before: a date; `""` for no end.
        """
        found: list[PastDigest] = []
        low, high = (f"{series}/", f"{series}/{before or _AFTER_DATES}") if series else ("", _AFTER_KEYS)
        query = "SELECT key, value, checksum FROM past_digests WHERE key >= ? AND key < ? ORDER BY key"
        for key, value, checksum in self._db.read_all(query, low, high):
            digest = loads(PastDigest, value) if checksum == row_checksum(key, value) else None
            if digest is None:
                self._happened(f"What the digest {key} told is damaged and not known any more: it may be told again.")
            else:
                found.append(digest)
        return tuple(sorted(found, key=lambda digest: (digest.date, digest.series)))

    def remember(self, digest: PastDigest | None, yields: Mapping[str, Yield]) -> None:
        """What a digest told, in place of what was remembered of its date, and what each source gave to it: all of it
        or nothing.
        """

        def work(db: sqlite3.Connection) -> None:
            if digest:
                row = (_key_of(digest), dumps(digest))
                db.execute("INSERT OR REPLACE INTO past_digests VALUES (?, ?, ?)", (*row, row_checksum(*row)))
            for locator, given in yields.items():
                _put_health(db, with_yield(_health(db, locator), given))

        self._db.write(work)

    def forget(self, digests: Iterable[PastDigest]) -> None:
        keys = [(_key_of(digest),) for digest in digests]
        self._db.write(lambda db: db.executemany("DELETE FROM past_digests WHERE key = ?", keys))

    def observe(self, observations: Iterable[Observation], *, now: dt.datetime) -> None:
        """What a run found out about sources."""
        observations = tuple(observations)

        def work(db: sqlite3.Connection) -> None:
            for observation in observations:
                _put_health(db, updated(_health(db, observation.locator), observation, now=now))

        self._db.write(work)

    def sources(self) -> tuple[SourceHealth, ...]:
        """All that were ever looked at, by locator."""
        rows = self._db.read_all("SELECT locator, value, checksum FROM sources ORDER BY locator")
        return tuple(
            health
            for locator, value, checksum in rows
            if checksum == row_checksum(locator, value) and (health := loads(SourceHealth, value))
        )

    # ── housekeeping ──

    def stats(self) -> StoreStats:
        pages, documents, digests, completions, past_digests, sources = (
            (self._db.read(f"SELECT count(*) FROM {table}") or (0,))[0]  # noqa: S608 - our own table names
            for table in ("pages", "documents", "digests", "completions", "past_digests", "sources")
        )
        path = self._db.path
        with explained(self.path):
            copies = copies_of(path)
            size = _size_of(path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm"))
            return StoreStats(
                *(str(self.path), size, pages, documents, digests, completions),
                copies=tuple(map(str, copies)),
                copies_bytes=_size_of(*copies),
                past_digests=past_digests,
                sources=sources,
            )

    def clear(self) -> None:
        """Forgets everything, copies of damaged and of older stores too; the file stays."""

        def work(db: sqlite3.Connection) -> None:
            for table in reversed(TABLES):
                db.execute(f"DELETE FROM {table.name}")  # noqa: S608 - our own table names

        self._db.write(work)
        self._db.vacuum()
        with explained(self.path):
            for copy in copies_of(self._db.path):
                copy.unlink(missing_ok=True)

    def _row(self, table: str, columns: str, key: str) -> tuple[Any, ...] | None:
        """The columns after the key, in their order; None: there is none, or it is not as it was stored."""
        row = self._db.read(f"SELECT {columns}, checksum FROM {table} WHERE key = ?", key)  # noqa: S608 - our own names
        return row[:-1] if row and row[-1] == row_checksum(key, *row[:-1]) else None

    def _put(self, table: str, *row: object) -> None:
        values = (*row, row_checksum(*row))
        query = f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * len(values))})"  # noqa: S608 - our own names
        self._db.write(lambda db: db.execute(query, values))

    def _happened(self, what: str) -> None:
        self._incidents.append(what)
        self._tell(what)


def _key_of(digest: PastDigest) -> str:
    return f"{digest.series}/{digest.date}"


def _health(db: sqlite3.Connection, locator: str) -> SourceHealth:
    """What is known of it; of one that is new, or whose row is damaged, nothing."""
    row = db.execute("SELECT value, checksum FROM sources WHERE locator = ?", (locator,)).fetchone()
    known = loads(SourceHealth, row[0]) if row and row[1] == row_checksum(locator, row[0]) else None
    return known or SourceHealth(locator)


def _put_health(db: sqlite3.Connection, health: SourceHealth) -> None:
    row = (health.locator, dumps(health))
    db.execute("INSERT OR REPLACE INTO sources VALUES (?, ?, ?)", (*row, row_checksum(*row)))


def _size_of(*files: Path) -> int:
    return sum(file.stat().st_size for file in files if file.exists())
