"""A damaged store is noticed, kept under another name, and what can be read of it goes on to serve."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_store import a_page

from localdigest.errors import StoreError
from localdigest.records import Failure, Reason, Source
from localdigest.store import Store, StoredCompletion, content_key
from localdigest.store.database import CHECKED_BYTES

PAGE_BYTES = 4096
PAGES = 150
ANSWERS = 600


def body_of(number: int) -> bytes:
    """A few kilobytes that cannot be compressed, so that the file has many pages."""
    return random.Random(number).randbytes(3000 + number * 17 % 4000)


def locator_of(number: int) -> str:
    return f"https://example.com/{number}"


def answer_key(number: int) -> str:
    return content_key("answer", number)


def fill(path: Path) -> None:
    with Store(path) as store:
        for number in range(PAGES):
            store.put_page(a_page(locator_of(number), body_of(number)))
        for number in range(ANSWERS):
            store.put_completion(answer_key(number), StoredCompletion(str(number) * 40, is_whole=True), created_at="")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a store that was closed."""
    path = tmp_path_factory.mktemp("whole") / "store.sqlite3"
    fill(path)
    assert not path.with_name("store.sqlite3-wal").exists()
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite3"


def held(store: Store) -> tuple[int, int]:
    """How many pages and answers are there; each must be as it was stored."""
    pages = 0
    for number in range(PAGES):
        if (page := store.page(locator_of(number))) is not None:
            assert page.body == body_of(number)
            pages += 1
    answers = 0
    for number in range(ANSWERS):
        if (answer := store.completion(answer_key(number))) is not None:
            assert answer == StoredCompletion(str(number) * 40, is_whole=True)
            answers += 1
    return pages, answers


def spoil(data: bytes, *page_numbers: int) -> bytes:
    """With whole pages of the file overwritten."""
    spoiled = bytearray(data)
    for number in page_numbers:
        spoiled[number * PAGE_BYTES : (number + 1) * PAGE_BYTES] = random.Random(number).randbytes(PAGE_BYTES)
    return bytes(spoiled)


def copies(path: Path) -> list[Path]:
    return sorted(path for path in path.parent.glob("*.damaged-*") if not path.name.endswith(("-wal", "-shm")))


def test_one_damaged_page_in_the_middle_costs_its_rows_only(path: Path, whole: bytes) -> None:
    """The damaged file is kept as it is, and the user is told how much came through."""
    damaged = spoil(whole, len(whole) // PAGE_BYTES // 2)
    path.write_bytes(damaged)
    told: list[str] = []

    with Store(path, tell=told.append) as store:
        pages, answers = held(store)
        assert store.incidents == tuple(told)

    assert PAGES * 0.8 < pages <= PAGES
    assert ANSWERS * 0.8 < answers <= ANSWERS
    (copy,) = copies(path)
    assert copy.read_bytes() == damaged
    assert f"kept as {copy.name}; {pages} pages, 0 readings, {answers} answers went into a new one" in told[0]
    with Store(path, tell=told.append):
        assert len(told) == 1, "it is whole now"


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: bytes(100) + data[100:], id="header zeroed"),
        pytest.param(lambda data: os.urandom(PAGE_BYTES) + data[PAGE_BYTES:], id="first page overwritten"),
        pytest.param(lambda data: data[: len(data) // 2], id="half is gone"),
        pytest.param(lambda data: data[: len(data) // 2 + 1000], id="cut within a page"),
        pytest.param(lambda data: data[:PAGE_BYTES], id="one page is left"),
        pytest.param(lambda data: data[:50], id="half a header is left"),
        pytest.param(lambda data: bytes(len(data)), id="all zeros"),
        pytest.param(lambda data: spoil(data, *range(1, len(data) // PAGE_BYTES)), id="nothing but the header is left"),
    ],
)
def test_whatever_is_damaged_a_store_opens_and_the_old_one_is_kept(
    path: Path, whole: bytes, damage: Callable[[bytes], bytes]
) -> None:
    damaged = damage(whole)
    path.write_bytes(damaged)
    told: list[str] = []

    with Store(path, tell=told.append) as store:
        held(store)
        store.put_page(a_page())
        assert store.page("https://example.com/a") == a_page()

    assert [copy.read_bytes() for copy in copies(path)] == [damaged]
    assert "damaged" in told[0]


def test_what_stands_in_the_log_of_a_damaged_store_is_saved_too(path: Path, whole: bytes) -> None:
    """The run that wrote it was killed, so that it was not yet put in its place."""
    path.write_bytes(whole)
    late = content_key("late")
    script = f"""
import os
from pathlib import Path
from localdigest.store import Store, StoredCompletion
store = Store(Path({str(path)!r}))
store.put_completion({late!r}, StoredCompletion("late", is_whole=True), created_at="")
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
    assert path.with_name("store.sqlite3-wal").stat().st_size > 0
    path.write_bytes(spoil(path.read_bytes(), len(whole) // PAGE_BYTES // 2))

    with Store(path) as store:
        pages, _ = held(store)
        answer = store.completion(late)

    assert len(copies(path)) == 1
    assert pages > 0
    assert answer == StoredCompletion("late", is_whole=True)


def test_an_empty_file_is_told(path: Path) -> None:
    path.touch()
    told: list[str] = []

    with Store(path, tell=told.append) as store:
        store.put_page(a_page())

    assert "was an empty file" in told[0]


def test_a_log_that_is_garbage_is_told_and_the_rest_is_read(path: Path, whole: bytes) -> None:
    path.write_bytes(whole)
    path.with_name("store.sqlite3-wal").write_bytes(os.urandom(200_000))
    told: list[str] = []

    with Store(path, tell=told.append) as store:
        assert held(store) == (PAGES, ANSWERS)

    assert "log of the store" in told[0]


def test_damage_that_shows_while_it_is_read_is_mended_then(tmp_path: Path, whole: bytes) -> None:
    """A store that is too large to be read through when it is opened."""
    path = tmp_path / "store.sqlite3"
    path.write_bytes(whole)
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE filler (body BLOB)")
        db.execute("INSERT INTO filler VALUES (zeroblob(?))", (CHECKED_BYTES,))
        db.commit()
    data = path.read_bytes()
    path.write_bytes(spoil(data, *range(20, 40)))
    told: list[str] = []

    with Store(path, tell=told.append) as store:
        assert told == []
        pages, answers = held(store)
        store.put_page(a_page())

    assert "was damaged" in told[0]
    assert len(copies(path)) == 1
    assert pages + answers > 0


def test_a_flipped_bit_in_a_row_is_no_row(path: Path) -> None:
    """SQLite itself does not notice it."""
    key, text = content_key("key"), "The ferry carries 120 passengers. " * 400
    with Store(path) as store:
        store.put_completion(key, StoredCompletion(text, is_whole=True), created_at="")
        store.put_page(a_page(body=random.Random(1).randbytes(20_000)))
        store.put_reading(key, Failure(Source("a"), Reason.LOGIN_WALL, "Log in " * 1000))
    data = path.read_bytes()
    at = data.index(b"carries 120", len(data) // 4)
    data = data[: at + 8] + b"9" + data[at + 9 :]
    at = data.index(b"Log in", len(data) // 4)
    path.write_bytes(data[:at] + b"D" + data[at + 1 :])

    with Store(path) as store:
        assert store.incidents == ()
        assert store.completion(key) is None
        assert store.reading(key) is None


def test_a_page_whose_bytes_do_not_match_their_hash_is_fetched_again(path: Path) -> None:
    with Store(path) as store:
        store.put_page(a_page())
        with closing(sqlite3.connect(path)) as db:
            db.execute("UPDATE blobs SET body = x'789c030000000001'")
            db.commit()
        assert store.page("https://example.com/a") is None
        store.put_page(a_page())
        assert store.page("https://example.com/a") == a_page()


VALUES = st.one_of(
    st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(), st.text(max_size=20), st.binary(max_size=40)
)
CELLS = st.sampled_from(
    [
        *[("pages", name) for name in ("url", "media_type", "etag", "fetched_at", "sha256", "checksum")],
        ("blobs", "body"),
        *[("documents", name) for name in ("kind", "value", "checksum")],
        *[("completions", name) for name in ("is_whole", "text", "created_at", "checksum")],
        *[("token_counts", name) for name in ("value", "checksum")],
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cell=CELLS, value=VALUES)
def test_a_row_that_was_tampered_with_is_as_it_was_or_none(
    tmp_path: Path, cell: tuple[str, str], value: object
) -> None:
    path = tmp_path / "store.sqlite3"
    failure = Failure(Source("a"), Reason.EMPTY)
    answer = StoredCompletion("{}", is_whole=True)
    table, column = cell
    with Store(path) as store:
        store.put_page(a_page())
        store.put_reading("key", failure)
        store.put_completion("key", answer, created_at="2026-01-05")
        store.put_token_counts("key", (1, 2))
        with closing(sqlite3.connect(path)) as db:
            try:
                db.execute(f"UPDATE {table} SET {column} = ?", (value,))
            except sqlite3.IntegrityError:
                return  # no such value can stand there
            db.commit()

        assert store.page("https://example.com/a") in (a_page(), None)
        assert store.reading("key") in (failure, None)
        assert store.completion("key") in (answer, None)
        assert store.token_counts("key") in ((1, 2), None)
        store.put_page(a_page())
        store.put_reading("key", failure)
        assert (store.page("https://example.com/a"), store.reading("key")) == (a_page(), failure)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1, exclude_max=True), noise=st.binary(min_size=1, max_size=9000))
def test_any_bytes_anywhere_in_the_file_leave_a_store_that_works(
    tmp_path: Path, whole: bytes, at: float, noise: bytes
) -> None:
    """What it gives is what was stored, or nothing."""
    path = tmp_path / "store.sqlite3"
    for old in tmp_path.iterdir():
        old.unlink()
    start = int(at * len(whole))
    path.write_bytes(whole[:start] + noise + whole[start + len(noise) :])

    try:
        store = Store(path)
    except StoreError:  # its number of the program or of the version was hit: nobody else's file is moved
        return
    with store:
        held(store)
        store.put_page(a_page())
        assert store.page("https://example.com/a") == a_page()


# ── several processes, and files that go away ────────────────────────────────


def test_a_store_that_is_removed_under_a_run_gets_what_is_stored_then(path: Path) -> None:
    with Store(path) as store:
        store.put_page(a_page(locator_of(1)))
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink()
        store.put_page(a_page(locator_of(2)))

    with Store(path) as store:
        assert store.page(locator_of(1)) is None
        assert store.page(locator_of(2)) == a_page(locator_of(2))


def test_two_runs_over_a_damaged_store_set_it_aside_once_and_lose_nothing_that_they_store(
    path: Path, whole: bytes
) -> None:
    script = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_store_damage import a_page, answer_key, locator_of
from localdigest.store import Store
first = int(sys.argv[1])
with Store(Path({str(path)!r})) as store:
    print("open", flush=True)
    sys.stdin.readline()
    for number in range(first, first + 60):
        store.put_page(a_page(locator_of(number)))
        store.completion(answer_key(number))
"""
    path.write_bytes(whole)
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE filler (body BLOB)")
        db.execute("INSERT INTO filler VALUES (zeroblob(?))", (CHECKED_BYTES,))
        db.commit()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, first], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for first in ("1000", "2000")
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
    data = path.read_bytes()
    with path.open("r+b") as file:
        file.write(spoil(data, *range(2, len(data) // PAGE_BYTES // 40)))
    for process in processes:
        process.communicate("go\n", timeout=60)

    assert [process.returncode for process in processes] == [0, 0]
    assert len(copies(path)) == 1
    with Store(path) as store:
        for number in (*range(1000, 1060), *range(2000, 2060)):
            assert store.page(locator_of(number)) == a_page(locator_of(number))


# ── files of others ──────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["photo.jpg", "notes.sqlite3"])
def test_a_file_that_was_no_store_is_never_moved(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\xff\xd8 a picture\x00" * 500 if name == "photo.jpg" else b"Dear diary " * 500)
    before = path.read_bytes()

    with pytest.raises(StoreError, match="no database") as caught:
        Store(path)

    assert "Move it away" in caught.value.hint
    assert path.read_bytes() == before
    assert {file.name for file in tmp_path.iterdir()} == {name, f"{name}.lock"}


def test_clear_forgets_the_copies_too(path: Path, whole: bytes) -> None:
    """Whoever wants a page forgotten means it."""
    path.write_bytes(spoil(whole, 7))
    with Store(path) as store:
        assert len(store.stats().copies) == 1
        assert store.stats().copies_bytes == len(whole)
        store.clear()
        assert store.stats().copies == ()

    assert copies(path) == []
