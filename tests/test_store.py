"""What was stored is there, whatever happens."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from localdigest.errors import StoreError
from localdigest.records import Digest, Failure, Page, PageOrigin, Reason, Source
from localdigest.store import Store, content_key


def a_page(locator: str = "https://example.com/a", body: bytes = b"<p>Hello", **more: str) -> Page:
    return Page(
        Source(locator), body, "text/html", "utf-8", locator, "2025-12-30T08:00:00+00:00", PageOrigin.STORE, **more
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "store.sqlite3"


def test_a_page_comes_back_with_its_validators_after_reopening(path: Path) -> None:
    page = a_page(etag='"1"', last_modified="Tue, 30 Dec 2025 08:00:00 GMT")
    with Store(path) as store:
        store.put_page(page)

    with Store(path) as store:
        assert page == store.page(page.source.locator)
        assert store.page("https://example.com/other") is None


def test_a_newer_page_takes_the_place_of_the_older_and_its_bytes(path: Path) -> None:
    with Store(path) as store:
        store.put_page(a_page(body=b"old"))
        store.put_page(a_page(body=b"new"))
        stored = store.page("https://example.com/a")

    assert stored is not None
    assert stored.body == b"new"
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM blobs").fetchone() == (1,)


def test_equal_bytes_of_two_pages_are_kept_once_and_outlive_one_of_them(path: Path) -> None:
    with Store(path) as store:
        store.put_page(a_page("https://example.com/a"))
        store.put_page(a_page("https://example.com/b"))
        store.put_page(a_page("https://example.com/a", b"changed"))

        assert a_page("https://example.com/b") == store.page("https://example.com/b")


def test_readings_and_digests_are_found_by_their_keys_only(path: Path) -> None:
    failure = Failure(Source("a"), Reason.LOGIN_WALL, "Log in to continue")
    digest = Digest((), (), ("Mistral",), "extractive", uses_model=False)
    key = content_key("version 1", "bytes")
    with Store(path) as store:
        store.put_reading(key, failure)
        store.put_digest(key, digest, created_at="2025-12-30")

        assert failure == store.reading(key)
        assert digest == store.digest(key)
        assert store.reading(content_key("version 2", "bytes")) is None


def test_a_row_of_another_shape_is_as_good_as_none(path: Path) -> None:
    with Store(path) as store:
        store.put_reading("key", Failure(Source("a"), Reason.EMPTY))
    with sqlite3.connect(path) as db:
        db.execute("""UPDATE documents SET value = '{"colour": "red"}'""")

    with Store(path) as store:
        assert store.reading("key") is None


def test_stats_count_and_clear_forgets(path: Path) -> None:
    with Store(path) as store:
        store.put_page(a_page())
        before = store.stats()
        store.clear()
        after = store.stats()

    assert (before.pages, before.documents, before.digests) == (1, 0, 0)
    assert (after.pages, after.documents, after.digests) == (0, 0, 0)
    assert before.size_bytes > 0


def test_only_its_owner_can_read_the_store(path: Path) -> None:
    with Store(path):
        assert path.stat().st_mode & 0o077 == 0
        assert path.parent.stat().st_mode & 0o077 == 0


def test_a_text_file_is_refused_with_a_hint_and_left_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("Dear diary, this is no database at all, and it is longer than a header." * 20)
    before = path.read_bytes()

    with pytest.raises(StoreError, match="damaged or is no database") as caught:
        Store(path)
    assert "Move it away" in caught.value.hint
    assert before == path.read_bytes()


def test_a_database_of_another_program_is_refused(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE bookmarks (url TEXT)")

    with pytest.raises(StoreError, match="another program"):
        Store(path)


def test_a_folder_that_cannot_be_made_is_an_error_with_the_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StoreError, match="file"):
        Store(tmp_path / "file" / "store.sqlite3")


def test_a_full_disk_loses_nothing_that_was_stored(path: Path) -> None:
    """A size limit on files stands in for the disk: the write fails as on a full one."""
    script = f"""
import resource, signal, sys
from localdigest.store import Store
from localdigest.errors import StoreError
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_store import a_page
import os
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Store(__import__("pathlib").Path({str(path)!r})) as store:
    store.put_page(a_page())
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    try:
        for number in range(100):
            store.put_page(a_page(f"https://example.com/{{number}}", os.urandom(20_000)))
    except StoreError as error:
        print(error.message, error.hint)
        print(store.page("https://example.com/a").body)
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert "Free some disk space" in result.stdout or "cannot be used" in result.stdout
    assert "b'<p>Hello'" in result.stdout
    with Store(path) as store:
        assert store.page("https://example.com/a") is not None


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from localdigest.store import Store
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_store import a_page
with Store(Path({str(path)!r})) as store:
    for number in range(10_000):
        store.put_page(a_page(f"https://example.com/{{number}}", str(number).encode()))
        print(number, flush=True)
"""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    acknowledged = [int(process.stdout.readline()) for _ in range(20)]
    os.kill(process.pid, signal.SIGKILL)
    acknowledged += [int(line) for line in process.stdout if line.endswith("\n")]
    process.stdout.close()
    process.wait()

    with Store(path) as store:
        stored = [store.page(f"https://example.com/{number}") for number in acknowledged]
    assert [str(number).encode() for number in acknowledged] == [page.body for page in stored if page]
