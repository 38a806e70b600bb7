"""The tables, whose file it is, and how a file of an older version becomes one of this version.

    pages         locator → address, validators, and the hash of the bytes
    blobs         hash → bytes, compressed
    documents     key → what reading a page gave (a Document or a Failure)
    completions   key → what a model answered
    token_counts  key → how many tokens some texts are to a model
    digests       key → what a writer made

A key is the hash of everything that its value depends on, so no entry is ever stale: another version of the reader or
the writer, or another page, makes another key.

    past_digests  series and date → what the digest told
    sources       locator → how the source is doing

These two cannot be made again.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.errors import StoreError
from localdigest.files import sync_folder
from localdigest.store.errors import explained
from localdigest.store.rows import row_checksum

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["APPLICATION_ID", "TABLES", "VERSION", "Table", "backup_of", "identify", "migrate", "refuse_strangers"]

APPLICATION_ID = 0x4C444947  # "LDIG": tells our files from other SQLite files
VERSION = 4
PRIVATE_FILE = 0o600


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: tuple[str, ...]  #: the key first, without the checksum
    has_checksum: bool = True  #: a blob's key is one already


#: In the order in which they may be filled: a page needs its blob.
TABLES = (
    Table("blobs", ("sha256", "body"), has_checksum=False),
    Table("pages", ("locator", "url", "media_type", "charset", "etag", "last_modified", "fetched_at", "sha256")),
    Table("documents", ("key", "kind", "value")),
    Table("digests", ("key", "created_at", "value")),
    Table("completions", ("key", "created_at", "is_whole", "text")),
    Table("token_counts", ("key", "value")),
    Table("past_digests", ("key", "value")),
    Table("sources", ("locator", "value")),
)

_MIGRATIONS = {
    1: """
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
""",
    2: """
CREATE TABLE completions (
    key TEXT PRIMARY KEY, created_at TEXT NOT NULL, is_whole INTEGER NOT NULL, text TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE token_counts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
""",
    3: """
ALTER TABLE pages ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE documents ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE digests ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE completions ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE token_counts ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE pages SET checksum =
    row_checksum(locator, url, media_type, charset, etag, last_modified, fetched_at, sha256);
UPDATE documents SET checksum = row_checksum(key, kind, value);
UPDATE digests SET checksum = row_checksum(key, created_at, value);
UPDATE completions SET checksum = row_checksum(key, created_at, is_whole, text);
UPDATE token_counts SET checksum = row_checksum(key, value);
""",
    4: """
CREATE TABLE past_digests (key TEXT PRIMARY KEY, value TEXT NOT NULL, checksum INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE sources (locator TEXT PRIMARY KEY, value TEXT NOT NULL, checksum INTEGER NOT NULL) WITHOUT ROWID;
""",
}


def identify(path: Path) -> None:
    """Looks whose file it is, and changes nothing.

    Raises:
        StoreError: it cannot be opened, is another program's, or a newer version's.
    """
    with explained(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        refuse_strangers(db, path)


def refuse_strangers(db: sqlite3.Connection, path: Path) -> None:
    """Raises StoreError for another program's file and for a newer version's."""
    application_id = db.execute("PRAGMA application_id").fetchone()[0]
    version = db.execute("PRAGMA user_version").fetchone()[0]
    has_tables = db.execute("SELECT 1 FROM sqlite_master").fetchone() is not None
    if application_id not in (0, APPLICATION_ID) or (application_id == 0 and has_tables):
        raise StoreError(f"{path} is a database of another program", hint="Name another file with `--store`.")
    if version > VERSION:
        raise StoreError(
            f"{path} was written by a newer localdigest (schema {version}, this one knows {VERSION})",
            hint="Upgrade localdigest, or name another file with `--store`.",
        )


def migrate(db: sqlite3.Connection, path: Path) -> str:
    """Brings the file to this version: a copy beside it first, then all or nothing. For one process at a time.

    Returns:
        What there is to say about it; "" where nothing was done, or the file is new.
    """
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version == VERSION:
        return ""
    copy = _back_up(db, path, version) if version else None
    db.create_function("row_checksum", -1, row_checksum, deterministic=True)
    db.execute("BEGIN IMMEDIATE")
    try:
        for step in range(version + 1, VERSION + 1):
            for statement in _MIGRATIONS[step].split(";"):
                db.execute(statement)
        db.execute(f"PRAGMA application_id={APPLICATION_ID}")
        db.execute(f"PRAGMA user_version={VERSION}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # a full disk may have rolled back already
            db.execute("ROLLBACK")
        raise
    return (
        f"The store was brought from schema {version} to {VERSION}; {copy.name} beside it is as it was" if copy else ""
    )


def backup_of(path: Path, version: int) -> Path:
    """Where the copy of an older version is kept."""
    return path.with_name(f"{path.name}.schema-{version}.backup")


def _back_up(db: sqlite3.Connection, path: Path, version: int) -> Path:
    target = backup_of(path, version)
    unfinished = target.with_name(f"{target.name}.part")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_RDWR, PRIVATE_FILE)
    try:
        db.execute("VACUUM INTO ?", (str(unfinished),))
        os.fsync(descriptor)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    unfinished.replace(target)
    sync_folder(target.parent)
    return target
