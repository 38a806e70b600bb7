"""Where a store lies: full and read-only disks, places without a log, links, and what others may read."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from small_disk import on_small_disk
from test_store import a_page

from localdigest.errors import StoreError
from localdigest.store import Store, StoredCompletion
from localdigest.store.journal import is_on_network

TESTS = Path(__file__).parent
FILL = f"""
import os, sys
from pathlib import Path
sys.path.insert(0, {str(TESTS)!r})
from localdigest.errors import StoreError
from localdigest.store import Store
from test_store import a_page
path = Path(sys.argv[1]) / "store.sqlite3"
stored = []
try:
    with Store(path) as store:
        for number in range(200):
            page = a_page(f"https://example.com/{{number}}", os.urandom(20_000))
            store.put_page(page)
            stored.append(page)
except StoreError as error:
    print(error.message, error.hint)
(path.parent / "filler").unlink(missing_ok=True)
with Store(path, tell=print) as store:
    print(all(store.page(page.source.locator) == page for page in stored), len(stored) > 3)
"""


def test_a_full_disk_costs_nothing_that_was_stored(tmp_path: Path) -> None:
    told = on_small_disk(tmp_path, '"$PYTHON" -c "$SCRIPT" "$DISK"', script=FILL)

    assert "Free some disk space and run again: what was stored before is kept." in told
    assert told.endswith("True True\n"), told


def test_a_disk_that_is_full_from_the_beginning_is_told(tmp_path: Path) -> None:
    told = on_small_disk(
        tmp_path,
        '"$PYTHON" -m localdigest run "$DISK/../page.html" --store "$DISK/store.sqlite3"; echo "code $?"',
        prepare="dd if=/dev/zero of=$DISK/filler bs=1M count=2 2>/dev/null; echo '<p>A page' >page.html",
    )

    assert "Error: " in told
    assert "Hint: Free some disk space" in told
    assert "code 1" in told
    assert "Traceback" not in told


def test_a_disk_that_can_only_be_read_is_told(tmp_path: Path) -> None:
    told = on_small_disk(
        tmp_path,
        '"$PYTHON" -m localdigest cache stats --store "$DISK/store.sqlite3"; echo "code $?"',
        prepare='"$PYTHON" -m localdigest cache stats --store "$DISK/store.sqlite3"; mount -o remount,ro $DISK',
    )

    assert told.count("0 pages") == 1
    assert "cannot be used" in told
    assert "Hint: Give this user write access" in told
    assert "code 1" in told


def test_only_its_owner_can_read_anything_of_it(tmp_path: Path) -> None:
    path = tmp_path / "state" / "store.sqlite3"
    before = os.umask(0)
    try:
        with Store(path) as store:
            store.put_page(a_page())
            modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    finally:
        os.umask(before)

    assert set(modes) == {f"store.sqlite3{suffix}" for suffix in ("", "-wal", "-shm", ".lock")}
    assert set(modes.values()) == {0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_link_to_a_store_is_the_store(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    link = tmp_path / "store.sqlite3"
    link.symlink_to(tmp_path / "far" / "real.sqlite3")

    with Store(link) as store:
        store.put_page(a_page())
    with Store(tmp_path / "far" / "real.sqlite3") as store:
        assert store.page(a_page().source.locator) == a_page()
    assert link.is_symlink()


# ── where no log can be ──────────────────────────────────────────────────────


def journal_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as db:
        return str(db.execute("PRAGMA journal_mode").fetchone()[0])


def test_where_memory_cannot_be_shared_it_does_without_a_log(tmp_path: Path) -> None:
    """Nothing can be opened where the shared memory of a log would be."""
    path = tmp_path / "store.sqlite3"
    (tmp_path / "store.sqlite3-shm").symlink_to(tmp_path / "nowhere" / "shm")

    with Store(path) as store:
        store.put_page(a_page())
    with Store(path) as store, Store(path) as other:
        assert store.page(a_page().source.locator) == a_page()
        other.put_completion("key", StoredCompletion("{}", is_whole=True), created_at="")
        assert store.completion("key") == StoredCompletion("{}", is_whole=True)

    assert journal_of(path) == "delete"


def test_a_store_with_a_log_can_move_to_where_none_can_be(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    script = f"""
import os, sys
from pathlib import Path
sys.path.insert(0, {str(TESTS)!r})
from localdigest.store import Store
from test_store import a_page
store = Store(Path({str(path)!r}))
store.put_page(a_page())
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
    (tmp_path / "store.sqlite3-shm").unlink()
    (tmp_path / "store.sqlite3-shm").symlink_to(tmp_path / "nowhere" / "shm")

    with Store(path) as store:
        assert store.page(a_page().source.locator) == a_page()
        store.put_page(a_page("https://example.com/b"))

    assert journal_of(path) == "delete"


MOUNTS = """22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /home rw,relatime - nfs4 server:/home rw
31 30 0:41 / /home/me/local\\040disk rw - ext4 /dev/vdb rw
32 22 0:42 / /mnt/share rw - cifs //server/share rw
odd line
"""


@pytest.mark.parametrize(
    ("folder", "is_far"),
    [
        ("/var/lib", False),
        ("/home/me", True),
        ("/home/me/local disk/x", False),
        ("/homely", False),
        ("/mnt/share", True),
        ("/mnt", False),
    ],
)
def test_a_folder_on_another_machine_is_known_by_its_mount(folder: str, *, is_far: bool) -> None:
    assert is_on_network(Path(folder), MOUNTS) is is_far


def test_nothing_is_known_without_mounts() -> None:
    assert not is_on_network(Path("/home"), "")


# ── clocks ───────────────────────────────────────────────────────────────────


def test_rows_of_a_time_to_come_and_of_no_time_are_rows(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    page = a_page()
    with Store(path) as store:
        for when in ("2099-01-01T00:00:00+00:00", "1970-01-01T00:00:00+00:00"):
            store.put_completion(when, StoredCompletion("{}", is_whole=True), created_at=when)
            assert store.completion(when) is not None
        store.put_page(page)
        assert store.page(page.source.locator) == page


def test_a_lock_that_cannot_be_made_is_an_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite3.lock").mkdir()

    with pytest.raises(StoreError, match="cannot be used"):
        Store(tmp_path / "store.sqlite3")
