"""The store as the rest of the program has it: values in, values out."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from localdigest.records import Digest, Document, Failure, Page, PageOrigin, Source
from localdigest.store.database import Database
from localdigest.store.errors import explained
from localdigest.store.rescue import copies_of
from localdigest.store.rows import dumps, loads, row_checksum, unpacked
from localdigest.store.schema import TABLES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

__all__ = ["Store", "StoreStats", "StoredCompletion"]


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

    # ── housekeeping ──

    def stats(self) -> StoreStats:
        pages, documents, digests, completions = (
            (self._db.read(f"SELECT count(*) FROM {table}") or (0,))[0]  # noqa: S608 - our own table names
            for table in ("pages", "documents", "digests", "completions")
        )
        path = self._db.path
        with explained(self.path):
            copies = copies_of(path)
            size = _size_of(path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm"))
            return StoreStats(
                *(str(self.path), size, pages, documents, digests, completions),
                copies=tuple(map(str, copies)),
                copies_bytes=_size_of(*copies),
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


def _size_of(*files: Path) -> int:
    return sum(file.stat().st_size for file in files if file.exists())
