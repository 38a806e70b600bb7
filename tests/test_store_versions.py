"""Stores of older versions go on to serve, and are kept as they were; newer ones are refused."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import zlib
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from test_store import a_page

from localdigest.codec import encode
from localdigest.errors import StoreError
from localdigest.history import PastDigest
from localdigest.records import Digest, Failure, Reason, Source
from localdigest.store import Store, StoredCompletion
from localdigest.store.rows import row_checksum
from localdigest.store.schema import APPLICATION_ID, VERSION

#: As the first three versions made them.
FIRST = """
CREATE TABLE blobs (sha256 TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE pages (
    locator TEXT PRIMARY KEY, url TEXT NOT NULL, media_type TEXT NOT NULL, charset TEXT NOT NULL, etag TEXT NOT NULL,
    last_modified TEXT NOT NULL, fetched_at TEXT NOT NULL, sha256 TEXT NOT NULL REFERENCES blobs (sha256)
) WITHOUT ROWID;
CREATE INDEX pages_by_sha256 ON pages (sha256);
CREATE TABLE documents (key TEXT PRIMARY KEY, kind TEXT NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE digests (key TEXT PRIMARY KEY, created_at TEXT NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
"""
SECOND = """
CREATE TABLE completions (
    key TEXT PRIMARY KEY, created_at TEXT NOT NULL, is_whole INTEGER NOT NULL, text TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE token_counts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
CHECKED = {"pages": 8, "documents": 3, "digests": 3, "completions": 4, "token_counts": 2}  #: columns, by table
FAILURE = Failure(Source("a"), Reason.LOGIN_WALL, "Log in")
PAST = PastDigest("mistral", "mistral", "Mistral", "2026-01-05", (), (), "", (), 1)
DIGEST = Digest((), (), ("Mistral",), "extractive", uses_model=False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite3"


def make_old(path: Path, version: int, *, rows: bool = True) -> None:
    page = a_page()
    hashed = sha256(page.body).hexdigest()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.executescript(FIRST + (SECOND if version > 1 else ""))
        if rows:
            db.execute("INSERT INTO blobs VALUES (?, ?)", (hashed, zlib.compress(page.body)))
            found = (page.source.locator, page.url, "text/html", "utf-8", "", "", page.fetched_at, hashed)
            db.execute("INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?)", found)
            db.execute("INSERT INTO documents VALUES ('key', 'failure', ?)", (json.dumps(encode(FAILURE)),))
            db.execute("INSERT INTO digests VALUES ('key', '2026-01-05', ?)", (json.dumps(encode(DIGEST)),))
            if version > 1:
                db.execute("INSERT INTO completions VALUES ('key', '2026-01-05', 1, '{}')")
                db.execute("INSERT INTO token_counts VALUES ('key', '[1, 2]')")
        for table, columns in CHECKED.items() if version > 2 else ():
            db.execute(f"ALTER TABLE {table} ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0")
            for row in db.execute(f"SELECT * FROM {table}").fetchall():
                found = row_checksum(*row[:columns])
                db.execute(f"UPDATE {table} SET checksum = ?", (found,))  # of its only row
        db.execute(f"PRAGMA application_id={APPLICATION_ID}")
        db.execute(f"PRAGMA user_version={version}")
        db.commit()


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


@pytest.mark.parametrize("version", range(1, VERSION))
def test_a_store_of_an_older_version_keeps_what_it_has_and_a_copy(path: Path, version: int) -> None:
    make_old(path, version)
    before = dump(path)
    told: list[str] = []

    with Store(path, tell=told.append) as store:
        assert store.page(a_page().source.locator) == a_page()
        assert (store.reading("key"), store.digest("key")) == (FAILURE, DIGEST)
        if version > 1:
            assert store.completion("key") == StoredCompletion("{}", is_whole=True)
            assert store.token_counts("key") == (1, 2)
        store.put_completion("more", StoredCompletion("x", is_whole=False), created_at="")
        assert (store.past_digests(), store.sources()) == ((), ())
        store.remember(PAST, {})

    copy = path.with_name(f"store.sqlite3.schema-{version}.backup")
    assert told == [f"The store was brought from schema {version} to {VERSION}; {copy.name} beside it is as it was"]
    assert dump(copy) == before
    assert copy.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(copy)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (version,)
    with Store(path, tell=told.append) as store:
        assert store.completion("more") == StoredCompletion("x", is_whole=False)
        assert store.past_digests() == (PAST,)
    assert len(told) == 1
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name, f"{path.name}.lock", copy.name]


@pytest.mark.parametrize("number", range(1, 40, 3))
def test_a_migration_that_is_killed_is_done_by_the_next_run(path: Path, number: int) -> None:
    """At each of its statements."""
    make_old(path, 1)
    script = f"""
import os, signal, sqlite3
from pathlib import Path
from localdigest.store import Store

statements = 0

def count(statement):
    global statements
    statements += 1
    if statements == {number}:
        os.kill(os.getpid(), signal.SIGKILL)

connect = sqlite3.connect

def traced(*args, **kwargs):
    db = connect(*args, **kwargs)
    db.set_trace_callback(count)
    return db

sqlite3.connect = traced
Store(Path({str(path)!r})).close()
"""
    ended = subprocess.run([sys.executable, "-c", script], check=False).returncode
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() in ((1,), (VERSION,))

    with Store(path) as store:
        assert store.page(a_page().source.locator) == a_page()
        assert (store.reading("key"), store.digest("key")) == (FAILURE, DIGEST)
        store.put_token_counts("key", (3,))
    assert ended in (0, -9)
    assert not list(path.parent.glob("*.part"))


def test_an_old_store_that_is_damaged_is_saved_before_it_is_migrated(path: Path) -> None:
    make_old(path, 2)
    data = path.read_bytes()
    with closing(sqlite3.connect(path)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'digests'").fetchone()
    path.write_bytes(data[: (root - 1) * 4096] + b"\xaa" * 4096 + data[root * 4096 :])
    told: list[str] = []

    with Store(path, tell=told.append) as store:
        assert store.page(a_page().source.locator) == a_page()
        assert store.reading("key") == FAILURE
        assert store.completion("key") == StoredCompletion("{}", is_whole=True)
        assert store.digest("key") is None

    assert "was damaged" in told[0]


def test_two_runs_that_migrate_at_once_do_it_once(path: Path) -> None:
    make_old(path, 2)
    script = f"""
from pathlib import Path
from localdigest.store import Store
with Store(Path({str(path)!r}), tell=print) as store:
    assert store.token_counts("key") == (1, 2)
"""
    processes = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    told = [process.communicate(timeout=60)[0] for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sorted(map(bool, told)) == [False, False, True]


def test_a_newer_store_is_refused_and_not_touched(path: Path) -> None:
    Store(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    before = path.read_bytes()

    with pytest.raises(StoreError, match="newer localdigest") as caught:
        Store(path)

    assert "Upgrade" in caught.value.hint
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*.damaged-*"))
