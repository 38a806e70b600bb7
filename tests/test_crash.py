"""Runs that are killed at random moments, and runs at the same time: nothing that was stored is lost, no file is half.

`make torture` runs the long versions.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import Command
from test_bad_input import ARTICLE
from test_interrupts import ENVIRONMENT, is_mapping, running, scripted, wait_until

from localdigest.locks import Holder, locked
from localdigest.store import Store, StoredCompletion, content_key

TESTS = Path(__file__).parent
posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills what it forks")


def an_article(number: int) -> str:
    return (
        ARTICLE.replace("Lindholm", f"Lindholm{number}").replace("410", str(410 + number)).replace("120", f"{number}9")
    )


def killed(folder: Path, *, kills: int, writer: str, seed: int = 1) -> dict[str, Any]:
    for name in ("pages", "served"):
        (folder / name).mkdir(parents=True)
    for number in range(3):
        (folder / "pages" / f"{number}.html").write_text(an_article(number))
        (folder / "served" / f"{number}.html").write_text(an_article(number + 10))
    ran = subprocess.run(
        [sys.executable, "-P", str(TESTS / "crash_child.py"), str(folder), str(kills), str(seed), writer],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    counted: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    print(writer, counted)  # noqa: T201 - the figures of `make torture`
    return counted


@posix
@pytest.mark.parametrize("writer", ["extractive", "scripted"])
def test_killed_five_times_a_run_ends_as_if_it_had_not_been(tmp_path: Path, writer: str) -> None:
    counted = killed(tmp_path / "runs", kills=5, writer=writer)

    assert counted["kills"] == 5
    assert counted.get("rows lost", 0) == 0


@posix
@pytest.mark.torture
@pytest.mark.parametrize(("writer", "kills"), [("extractive", 60), ("scripted", 60)])
def test_killed_over_and_over_a_run_ends_as_if_it_had_not_been(tmp_path: Path, writer: str, kills: int) -> None:
    counted = killed(tmp_path / "runs", kills=kills, writer=writer, seed=int(time.time()))

    assert counted["kills"] == kills
    assert counted["rows acknowledged"] > kills
    assert counted.get("rows lost", 0) == 0


WRITER = f"""
import os, sys
from pathlib import Path
sys.path.insert(0, {str(TESTS)!r})
from localdigest.store import Store, StoredCompletion, content_key
from test_store import a_page
with Store(Path(sys.argv[1])) as store:
    for number in range(int(sys.argv[2]), 1_000_000):
        store.put_page(a_page(f"https://example.com/{{number % 50}}", str(number).encode() * 200))
        store.put_completion(content_key(number), StoredCompletion(str(number) * 50, is_whole=True), created_at="")
        os.write(1, b"%d\\n" % number)
"""


def kill_store(path: Path, *, kills: int) -> int:
    """Kills a process that does nothing but store; returns how many rows were acknowledged, none of them lost."""
    next_number = 0
    for kill in range(kills):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(next_number)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            first = int(process.stdout.readline())
            time.sleep(0.0007 * (kill * 37 % 97))
            process.send_signal(signal.SIGKILL)
            acknowledged = [first, *(int(line) for line in process.stdout if line.endswith("\n"))]
        next_number = acknowledged[-1] + 1
        with Store(path) as store:
            assert store.incidents == ()
            for number in range(acknowledged[0], next_number):
                assert store.completion(content_key(number)) == StoredCompletion(str(number) * 50, is_whole=True)
    with Store(path) as store:
        assert store.stats().completions >= next_number
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("PRAGMA foreign_key_check").fetchone() is None
    return next_number


def test_a_store_that_is_killed_ten_times_has_all_that_it_acknowledged(tmp_path: Path) -> None:
    assert kill_store(tmp_path / "store.sqlite3", kills=10) > 10


def test_a_store_without_a_log_keeps_its_word_too(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite3-shm").symlink_to(tmp_path / "nowhere" / "shm")

    assert kill_store(tmp_path / "store.sqlite3", kills=5) > 5


@pytest.mark.torture
@pytest.mark.parametrize("log", [True, False])
def test_a_store_that_is_killed_over_and_over_has_all_that_it_acknowledged(tmp_path: Path, *, log: bool) -> None:
    if not log:
        (tmp_path / "store.sqlite3-shm").symlink_to(tmp_path / "nowhere" / "shm")

    rows = kill_store(tmp_path / "store.sqlite3", kills=100)
    print(f"store, {'with' if log else 'without'} a log: 100 kills, {rows} rows acknowledged")  # noqa: T201 - as above


def test_a_damaged_store_ends_no_run_and_the_manifest_tells(command: Command, home: Path) -> None:
    """The digest is the same; what was lost is made again."""
    pages(home)
    arguments = ("run", "pages", "--date", "2025-12-30", "--store", "store.sqlite3", "--quiet")
    assert command(*arguments).code == 0
    post = (home / "output" / "2025-12-30-digest.md").read_bytes()
    data = (home / "store.sqlite3").read_bytes()
    middle = len(data) // 8192 * 4096
    (home / "store.sqlite3").write_bytes(data[:middle] + os.urandom(4096) + data[middle + 4096 :])

    ran = command(*arguments)
    manifest = json.loads((home / "output" / "2025-12-30-digest.json").read_text())
    again = command(*arguments)

    assert ran.code == 0
    (copy,) = home.glob("store.sqlite3.damaged-*")
    assert "Note: The store was damaged (" in ran.err
    assert f"kept as {copy.name}" in ran.err
    assert [told.partition(" (")[0] for told in manifest["run"]["store"]] == ["The store was damaged"]
    assert str(home) not in json.dumps(manifest["run"]["store"])
    assert (home / "output" / "2025-12-30-digest.md").read_bytes() == post
    assert "Note:" not in again.err


# ── files ────────────────────────────────────────────────────────────────────

PAIRS = """
import os, sys
from pathlib import Path
from localdigest.files import prepare_folder, write_together
folder = Path(sys.argv[1])
prepare_folder(folder)
os.write(1, b"ready\\n")
sys.stdin.readline()
for number in range(int(sys.argv[2]), 1_000_000):
    text = str(number).encode() * 4000
    write_together({folder / "post.md": text, folder / "m.json": text})
    os.write(1, b"%d\\n" % number)
"""


def kill_writers(folder: Path, *, kills: int) -> tuple[int, int, int]:
    """Kills a process that writes pairs of files; returns how many pairs were acknowledged, how many kills came between
    the two of a pair, and how many files were left lying and swept.
    """
    number, safe, between, strays = 0, -1, 0, 0
    for kill in range(kills):
        with subprocess.Popen(
            [sys.executable, "-c", PAIRS, str(folder), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            assert {path.name for path in folder.iterdir()} <= {"post.md", "m.json"}, "strays are swept at the start"
            process.stdin.write("go\n")
            process.stdin.flush()
            time.sleep(0.0011 * (kill * 37 % 41))
            process.send_signal(signal.SIGKILL)
            acknowledged = [int(line) for line in process.stdout if line.endswith("\n")]
        strays += sum(1 for _ in folder.glob(".localdigest-*"))
        post, manifest = (whole(folder / name) for name in ("post.md", "m.json"))
        safe = max([safe, *acknowledged])
        assert safe <= manifest <= post <= max(number, safe + 1), "the manifest last"
        between += post > manifest
        number = post + 1
    return number, between, strays


def whole(path: Path) -> int:
    """The number that a file repeats from its first byte to its last; -1: there is none."""
    if not path.exists():
        return -1
    text = path.read_text()
    number = text[: len(text) // 4000]
    assert text == number * 4000
    return int(number)


def test_files_whose_writers_are_killed_are_whole(tmp_path: Path) -> None:
    pairs, _, _ = kill_writers(tmp_path, kills=8)

    assert pairs > 8


@pytest.mark.torture
def test_files_whose_writers_are_killed_over_and_over_are_whole(tmp_path: Path) -> None:
    pairs, between, strays = kill_writers(tmp_path, kills=150)

    print(f"files: 150 kills, {pairs} pairs, {between} kills between two renames, {strays} strays swept")  # noqa: T201 - as above
    assert strays > 0, "no kill came while files were written"


# ── two runs at once ─────────────────────────────────────────────────────────


def pages(folder: Path) -> None:
    (folder / "pages").mkdir()
    for number in range(6):
        (folder / "pages" / f"{number}.html").write_text(an_article(number))


@posix
def test_two_runs_for_the_same_files_take_turns_and_the_work_is_done_once(home: Path) -> None:
    """The second says for whom it waits, and asks the model nothing."""
    pages(home)
    with running(home, *scripted("gated:gate", "pages", "--json")) as first:
        wait_until(lambda: is_mapping(home))
        with running(home, *scripted("slow:0", "pages", "--json"), name="other") as second:
            wait_until(lambda: "Another run" in second.err_file.read_text())
            (home / "gate").touch()
            code, _, err = first.end()
            other_code, _, other_err = second.end()
    pid = first.process.pid
    manifest = json.loads((home / "output" / "2025-12-30-lindholm.json").read_text())

    assert (code, other_code) == (0, 0), err + other_err
    assert re.search(rf"Another run \(process {pid} on \S+, since \S+\) is writing to output for lindholm", other_err)
    assert manifest["run"]["work"]["jobs_run"] == 0


@posix
def test_a_run_that_was_killed_keeps_nobody_waiting(home: Path) -> None:
    pages(home)
    with running(home, *scripted("silent:2", "pages")) as first:
        wait_until(lambda: is_mapping(home))
        first.signal(signal.SIGKILL)
    with running(home, *scripted("slow:0", "pages", "--json")) as second:
        code, _, err = second.end()

    assert code == 0, err
    assert "Another run" not in err


@posix
def test_runs_for_other_files_go_on_side_by_side_over_one_store(home: Path) -> None:
    pages(home)
    runs = [
        subprocess.Popen(
            [sys.executable, *scripted("slow:0.05", "pages", "--slug", f"topic{number}", "--json")],
            cwd=home, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(3)
    ]  # fmt: skip
    errors = [run.communicate(timeout=90)[1] for run in runs]

    assert [run.returncode for run in runs] == [0, 0, 0], errors
    assert not any("Another run" in error for error in errors)
    posts = [(home / "output" / f"2025-12-30-topic{number}.md").read_text() for number in range(3)]
    assert len({re.sub(r"topic\d", "", post) for post in posts}) == 1


def test_whoever_has_a_lock_is_told_of(tmp_path: Path) -> None:
    told: list[Holder | None] = []
    script = f"""
import sys, time
from pathlib import Path
from localdigest.locks import locked
with locked(Path({str(tmp_path / "lock")!r})):
    print("held", flush=True)
    sys.stdin.readline()
"""
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        stdin = process.stdin

        def wait(holder: Holder | None) -> None:
            told.append(holder)
            stdin.write(b"go\n")
            stdin.flush()

        with locked(tmp_path / "lock", on_wait=wait):
            pass
        pid = process.pid

    assert [holder.pid for holder in told if holder] == [pid]
    with locked(tmp_path / "lock", on_wait=told.append):
        assert len(told) == 1


@pytest.mark.parametrize(
    "record", [b"", b"{", b'{"pid": 1}', b'{"pid": 1, "host": "\\u001b[31m", "since": ""}', b"\xff"]
)
def test_a_lock_that_says_nothing_of_its_holder_is_waited_for_all_the_same(tmp_path: Path, record: bytes) -> None:
    told: list[Holder | None] = []
    with locked(tmp_path / "lock"):
        (tmp_path / "lock").write_bytes(record)
        script = f"""
from pathlib import Path
from localdigest.locks import locked
with locked(Path({str(tmp_path / "lock")!r}), on_wait=lambda holder: print(holder, flush=True)):
    pass
"""
        process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "None\n"
    assert process.wait(timeout=20) == 0
    process.stdout.close()
    assert told == []
