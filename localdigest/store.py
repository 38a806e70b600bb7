"""What the program remembers: one SQLite file of pages, documents and digests, found by what they hold.

    pages         locator → address, validators, and the hash of the bytes
    blobs         hash → bytes, compressed
    documents     key → what reading a page gave (a Document or a Failure)
    completions   key → what a model answered
    token_counts  key → how many tokens some texts are to a model
    digests       key → what a writer made

A key is the hash of everything that its value depends on, so no entry is ever stale: another version of the reader or
the writer, or another page, makes another key.
The write-ahead log with `synchronous=FULL` loses nothing that `put_…` has returned from, power cuts included.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeVar

from localdigest.codec import canonical_json, decode, encode
from localdigest.errors import StoreError
from localdigest.records import Digest, Document, Failure, Page, PageOrigin, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

__all__ = ["Store", "StoreStats", "StoredCompletion", "content_key"]

_APPLICATION_ID = 0x4C444947  # "LDIG": tells our files from other SQLite files
_SCHEMA_VERSION = 2
_BUSY_TIMEOUT_S = 30.0  # another run may be committing
_PRIVATE_FOLDER = 0o700  # what a newsroom reads is nobody else's business
_PRIVATE_FILE = 0o600

_SCHEMA = """
CREATE TABLE blobs (sha256 TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE pages (
    locator TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    media_type TEXT NOT NULL,
    charset TEXT NOT NULL,
    etag TEXT NOT NULL,
    last_modified TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    sha256 TEXT NOT NULL REFERENCES blobs (sha256)
) WITHOUT ROWID;
CREATE INDEX pages_by_sha256 ON pages (sha256);
CREATE TABLE documents (key TEXT PRIMARY KEY, kind TEXT NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE digests (key TEXT PRIMARY KEY, created_at TEXT NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
"""
#: What the second version of the schema added.
_SCHEMA_2 = """
CREATE TABLE completions (
    key TEXT PRIMARY KEY, created_at TEXT NOT NULL, is_whole INTEGER NOT NULL, text TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE token_counts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

T = TypeVar("T")


def content_key(*parts: Any) -> str:
    """The hash of all that a stored value depends on."""
    return hashlib.sha256(canonical_json(list(parts)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class StoreStats:
    path: str
    size_bytes: int  #: of the file and its log on disk
    pages: int
    documents: int
    digests: int
    completions: int


@dataclass(frozen=True, slots=True)
class StoredCompletion:
    """What a model answered."""

    text: str
    is_whole: bool  #: False: it was cut at its limit of tokens


class Store:
    """One open database; use it as a context manager, from one thread."""

    def __init__(self, path: Path) -> None:
        """Opens the file and makes it when it is not there.

        Raises:
            StoreError: the folder cannot be written, or the file is damaged, of a newer version, or not ours.
        """
        self.path = path
        with _explained(path):
            _make_private_folder(path.parent)
            is_new = not path.exists() or path.stat().st_size == 0
            self._db = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise
            if is_new:
                path.chmod(_PRIVATE_FILE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    # ── pages ──

    def page(self, locator: str) -> Page | None:
        """The stored bytes of a locator with their validators; its `source` knows only the locator."""
        row = self._row(
            "SELECT url, media_type, charset, etag, last_modified, fetched_at, body"
            " FROM pages JOIN blobs USING (sha256) WHERE locator = ?",
            locator,
        )
        if row is None:
            return None
        url, media_type, charset, etag, last_modified, fetched_at, body = row
        return Page(
            source=Source(locator),
            body=zlib.decompress(body),
            media_type=media_type,
            charset=charset,
            url=url,
            fetched_at=fetched_at,
            origin=PageOrigin.STORE,
            etag=etag,
            last_modified=last_modified,
        )

    def put_page(self, page: Page) -> None:
        sha256 = page.sha256
        with self._transaction():
            replaced = self._db.execute("SELECT sha256 FROM pages WHERE locator = ?", (page.source.locator,)).fetchone()
            self._db.execute("INSERT OR IGNORE INTO blobs VALUES (?, ?)", (sha256, zlib.compress(page.body, 6)))
            self._db.execute(
                "INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    page.source.locator,
                    page.url,
                    page.media_type,
                    page.charset,
                    page.etag,
                    page.last_modified,
                    page.fetched_at,
                    sha256,
                ),
            )
            if replaced:
                self._db.execute(
                    "DELETE FROM blobs WHERE sha256 = ? AND sha256 NOT IN (SELECT sha256 FROM pages)", replaced
                )

    # ── what was made of them ──

    def reading(self, key: str) -> Document | Failure | None:
        """What reading a page gave under this key."""
        row = self._row("SELECT kind, value FROM documents WHERE key = ?", key)
        if row is None:
            return None
        return self._decoded(Document, row[1]) if row[0] == "document" else self._decoded(Failure, row[1])

    def put_reading(self, key: str, value: Document | Failure) -> None:
        kind = "document" if isinstance(value, Document) else "failure"
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", (key, kind, _dumps(value)))

    def digest(self, key: str) -> Digest | None:
        row = self._row("SELECT value FROM digests WHERE key = ?", key)
        return None if row is None else self._decoded(Digest, row[0])

    def put_digest(self, key: str, digest: Digest, *, created_at: str) -> None:
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO digests VALUES (?, ?, ?)", (key, created_at, _dumps(digest)))

    # ── what a model made ──

    def completion(self, key: str) -> StoredCompletion | None:
        row = self._row("SELECT text, is_whole FROM completions WHERE key = ?", key)
        return None if row is None else StoredCompletion(str(row[0]), bool(row[1]))

    def put_completion(self, key: str, completion: StoredCompletion, *, created_at: str) -> None:
        with self._transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO completions VALUES (?, ?, ?, ?)",
                (key, created_at, completion.is_whole, completion.text),
            )

    def token_counts(self, key: str) -> tuple[int, ...] | None:
        row = self._row("SELECT value FROM token_counts WHERE key = ?", key)
        return None if row is None else self._decoded(tuple[int, ...], row[0])

    def put_token_counts(self, key: str, counts: tuple[int, ...]) -> None:
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO token_counts VALUES (?, ?)", (key, _dumps(counts)))

    # ── housekeeping ──

    def stats(self) -> StoreStats:
        with _explained(self.path):
            counts = [
                self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our own table names
                for table in ("pages", "documents", "digests", "completions")
            ]
        files = [self.path, *(self.path.with_name(self.path.name + suffix) for suffix in ("-wal", "-shm"))]
        size = sum(file.stat().st_size for file in files if file.exists())
        return StoreStats(str(self.path), size, *counts)

    def clear(self) -> None:
        """Forgets everything; the file stays."""
        with self._transaction():
            for table in ("digests", "completions", "token_counts", "documents", "pages", "blobs"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own table names
        with _explained(self.path):
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _prepare(self) -> None:
        db = self._db
        application_id = db.execute("PRAGMA application_id").fetchone()[0]
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if application_id not in (0, _APPLICATION_ID) or (application_id == 0 and self._has_tables()):
            raise StoreError(f"{self.path} is a database of another program", hint="Name another file with `--store`.")
        if version > _SCHEMA_VERSION:
            raise StoreError(
                f"{self.path} was written by a newer localdigest (schema {version}, this one knows {_SCHEMA_VERSION})",
                hint="Upgrade localdigest, or name another file with `--store`.",
            )
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA foreign_keys=ON")
        if version < _SCHEMA_VERSION:
            self._create()

    def _has_tables(self) -> bool:
        return self._db.execute("SELECT 1 FROM sqlite_master").fetchone() is not None

    def _create(self) -> None:
        """Makes the tables that this version has and the file lacks."""
        with self._transaction():
            version = self._db.execute("PRAGMA user_version").fetchone()[0]  # another process may have been quicker
            for since, schema in ((1, _SCHEMA), (2, _SCHEMA_2)):
                for statement in schema.split(";") if version < since else ():
                    self._db.execute(statement)
            self._db.execute(f"PRAGMA application_id={_APPLICATION_ID}")
            self._db.execute(f"PRAGMA user_version={_SCHEMA_VERSION}")

    def _row(self, query: str, key: str) -> tuple[Any, ...] | None:
        with _explained(self.path), closing(self._db.execute(query, (key,))) as cursor:
            row: tuple[Any, ...] | None = cursor.fetchone()
            return row

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _explained(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a full disk may have rolled back already
                    self._db.execute("ROLLBACK")
                raise

    @staticmethod
    def _decoded(kind: type[T], text: str) -> T | None:
        """A row that this version cannot read is as good as none: it is made again."""
        try:
            return decode(kind, json.loads(text))
        except (ValueError, TypeError):
            return None


def _dumps(value: Any) -> str:
    return json.dumps(encode(value), ensure_ascii=False)


def _make_private_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=_PRIVATE_FOLDER, parents=True)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Maps what SQLite and the file system raise to a StoreError that says what to do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreError(f"The store {path} cannot be used: {error}", hint=_hint_for(str(error))) from error
    except sqlite3.DatabaseError as error:
        raise StoreError(
            f"The store {path} is damaged or is no database: {error}",
            hint="Move it away: the next run makes a new one and fetches again. Files already written are not touched.",
        ) from error
    except OSError as error:
        raise StoreError(f"The store {path} cannot be used: {error.strerror or error}") from error


def _hint_for(message: str) -> str:
    if "full" in message or "disk I/O" in message:
        return "Free some disk space and run again: what was stored before is kept."
    if "locked" in message:
        return "Another localdigest is writing to it: wait until it ends, or name another file with `--store`."
    return ""
