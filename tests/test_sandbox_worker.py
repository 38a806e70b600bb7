"""The jailed child and its parent, with real processes and a service that misbehaves."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from localdigest.errors import LocalDigestError
from localdigest.sandbox.enforced import Barrier, Files
from localdigest.sandbox.frames import FrameError, TooLongError, read_frame, to_frame
from localdigest.sandbox.limits import Limits
from localdigest.sandbox.process import CostlyError, CrashedError, MemoryLimitError, RaisedError, WorkerError
from localdigest.sandbox.worker import Worker

TESTS = Path(__file__).parent
MIB = 2**20
SMALL = Limits(memory_bytes=256 * MIB, cpu_seconds=1, wall_seconds=20, message_bytes=4 * MIB)
SERVICE = "odd_service"
linux = pytest.mark.skipif(sys.platform != "linux", reason="what holds is Linux's")


@pytest.fixture(autouse=True)
def _with_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))


@pytest.fixture
def worker() -> Iterator[Worker]:
    with Worker(SERVICE, limits=SMALL) as started:
        yield started


def echo(worker: Worker, text: str = "hello", body: bytes = b"") -> Any:
    return worker.ask({"do": "echo", "text": text}, body)


def is_alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


def ends(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not is_alive(pid):
            return True
        time.sleep(0.02)
    return False


# ── questions and answers ────────────────────────────────────────────────────


@pytest.mark.parametrize("text", ["", "繁體中文，：；", "\x00\x1b[31m\r\n", "\\ud83d", "\U0001f600" * 10])
def test_any_text_comes_and_goes(worker: Worker, text: str) -> None:
    assert echo(worker, text) == [text, 0]


def test_half_a_pair_arrives_as_a_sign(worker: Worker) -> None:
    """No file and no database takes one. Two halves in a row are not the character that they would be together."""
    assert echo(worker, "a \ud83d b \ud83d\ude00") == ["a \ufffd b \ufffd\ufffd", 0]


def test_bytes_of_any_kind_come_whole(worker: Worker) -> None:
    """More than any pipe holds."""
    assert echo(worker, "x" * MIB, bytes(range(256)) * 8192) == ["x" * MIB, 2 * MIB]


def test_one_child_answers_all(worker: Worker) -> None:
    pids = {worker.ask({"do": "facts"})["pid"] for _ in range(3)}

    assert pids == {worker.pid}


def test_many_threads_ask_at_once_and_each_gets_its_own_answer(worker: Worker) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda number: echo(worker, str(number), bytes(number)), range(300)))

    assert answers == [[str(number), number] for number in range(300)]


def test_what_the_service_raises_is_told_and_costs_nobody_else_anything(worker: Worker) -> None:
    pid = worker.pid
    with pytest.raises(RaisedError, match="ValueError: no   good"):
        worker.ask({"do": "raise", "text": "no \x1b good"})

    assert echo(worker) == ["hello", 0]
    assert worker.pid == pid


def test_a_question_that_is_too_long_is_refused_and_the_next_is_answered(worker: Worker) -> None:
    with pytest.raises(CostlyError, match="too large"):
        echo(worker, "", bytes(SMALL.message_bytes))

    assert echo(worker) == ["hello", 0]


def test_an_answer_that_is_too_long_is_not_taken(worker: Worker) -> None:
    with pytest.raises(CostlyError, match="longer than 4 MiB"):
        worker.ask({"do": "long", "length": SMALL.message_bytes})

    assert echo(worker) == ["hello", 0]


# ── what goes wrong ──────────────────────────────────────────────────────────


@linux
@pytest.mark.parametrize(
    ("question", "kind", "says"),
    [
        ({"do": "loop"}, CostlyError, "more than 1 s of computing"),
        ({"do": "eat"}, MemoryLimitError, "more than 256 MiB of memory"),
        ({"do": "eat in c"}, CrashedError, "SIGSEGV"),
        ({"do": "crash", "signal": signal.SIGKILL}, CrashedError, "SIGKILL"),
        ({"do": "crash", "signal": signal.SIGABRT}, CrashedError, "SIGABRT"),
        ({"do": "garble", "hex": "ff" * 8}, CostlyError, "too long"),
        ({"do": "garble", "hex": "0000000200000000" + b"[]".hex()}, CrashedError, "no answer"),
        ({"do": "garble", "hex": "0000000200000000" + b"{x".hex()}, CrashedError, "no answer"),
        ({"do": "garble", "hex": "0000000200000000" + b"{}".hex()}, CrashedError, "no answer"),
        ({"do": "garble", "hex": "0000c35000000000" + b"[".hex() * 50_000}, CrashedError, "no answer"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_one_question_fails_and_the_next_is_answered(
    worker: Worker, question: dict[str, Any], kind: type[WorkerError], says: str
) -> None:
    before = worker.pid
    with pytest.raises(kind, match=says):
        worker.ask(question)

    assert echo(worker) == ["hello", 0]
    assert worker.pid != before
    assert ends(before, 5)


@linux
def test_a_child_that_neither_computes_nor_answers_is_ended() -> None:
    with Worker(SERVICE, limits=replace(SMALL, wall_seconds=1)) as worker:
        with pytest.raises(CostlyError, match="not read within 1 s"):
            worker.ask({"do": "sleep", "seconds": 60})

        assert echo(worker) == ["hello", 0]


@linux
def test_a_child_that_is_killed_in_the_middle_of_a_page_costs_that_page() -> None:
    with Worker(SERVICE, limits=SMALL) as worker:
        pid = worker.pid
        threading.Timer(0.5, os.kill, (pid, signal.SIGKILL)).start()
        with pytest.raises(CrashedError, match="SIGKILL"):
            worker.ask({"do": "sleep", "seconds": 60})

        assert echo(worker) == ["hello", 0]


@linux
def test_a_child_that_died_between_two_pages_is_replaced_in_silence(worker: Worker) -> None:
    echo(worker)
    before = worker.pid
    os.kill(before, signal.SIGKILL)
    assert ends(before, 5)

    assert echo(worker) == ["hello", 0]
    assert worker.pid != before


@linux
def test_a_page_is_not_blamed_for_what_earlier_ones_left_in_memory(worker: Worker) -> None:
    """128 MiB fit once, not twice: the second goes to a fresh child."""
    for _ in range(3):
        assert worker.ask({"do": "hoard", "bytes": 128 * MIB}) == 1


@linux
def test_the_time_of_one_page_is_not_the_next_ones(worker: Worker) -> None:
    """Together they compute longer than one may."""
    pid = worker.pid
    for _ in range(4):
        deadline = time.process_time() + 0.1
        while time.process_time() < deadline:
            echo(worker, "x" * MIB)

    assert worker.pid == pid


@linux
def test_an_interrupt_leaves_no_answer_behind_for_the_next_question(worker: Worker) -> None:
    echo(worker)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(KeyboardInterrupt):
            worker.ask({"do": "sleep", "seconds": 1})
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    assert echo(worker, "next") == ["next", 0]


def test_a_service_that_cannot_be_loaded_ends_the_run_with_its_reason() -> None:
    with Worker("no_such_service", limits=SMALL) as worker, pytest.raises(LocalDigestError, match="no_such_service"):
        echo(worker)


# ── what holds it ────────────────────────────────────────────────────────────


@linux
def test_what_is_reported_was_found_to_hold(worker: Worker) -> None:
    held = worker.enforced()

    assert (held.network, held.files) == (Barrier.SECCOMP, Files.LANDLOCK)
    assert (held.memory_bytes, held.cpu_seconds, held.wall_seconds) == (256 * MIB, 1, 20)


@linux
def test_a_reader_that_was_taken_over_gets_nowhere(worker: Worker, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    found = worker.ask({"do": "attempts", "folder": str(tmp_path)})

    assert found.pop("core") == "0"
    assert found.pop("more memory") == "OSError"
    assert found.pop("signal to its parent") in {"PermissionError", "done"}  # Landlock 6 bars it
    assert found.pop("change") in {"PermissionError", "done"}  # rights of files are not Landlock's
    assert set(found.values()) == {"PermissionError"}, found
    assert list(tmp_path.iterdir()) == [tmp_path / "secret"]


@linux
def test_it_knows_nothing_of_the_user(worker: Worker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No secrets, no open sockets, no modules from the folder that the command runs in; and it is deaf to Ctrl-C."""
    monkeypatch.setenv("HF_TOKEN", "secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    (tmp_path / "json.py").write_text("raise SystemExit('a file of the working folder was loaded')")
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.set_inheritable(True)
        found = worker.ask({"do": "facts"})

    assert {"HF_TOKEN", "HTTPS_PROXY", "HOME"}.isdisjoint(found["environment"])
    assert "" not in found["path"]
    assert found["open"] == []
    assert found["ignores interrupts"]


# ── how it ends ──────────────────────────────────────────────────────────────


@linux
def test_closing_ends_the_child() -> None:
    with Worker(SERVICE, limits=SMALL) as worker:
        pid = worker.pid
        echo(worker)

    assert not is_alive(pid)


@linux
@pytest.mark.parametrize("question", ['{"do": "loop"}', '{"do": "sleep", "seconds": 600}', ""])
@pytest.mark.parametrize("thread", [False, True])
def test_no_child_outlives_its_parent(question: str, *, thread: bool) -> None:
    """Killed while the child computes, sleeps or waits, wherever it was started; then at most a page's own time."""
    program = f"""
import sys, threading
from localdigest.sandbox.limits import Limits
from localdigest.sandbox.worker import Worker
worker = Worker({SERVICE!r}, limits=Limits(memory_bytes={256 * MIB}, cpu_seconds=2, wall_seconds=3))
def start():
    worker.enforced()
    print(worker.pid, flush=True)
thread = threading.Thread(target=start)
{"thread.start(); thread.join()" if thread else "start()"}
{f"worker.ask({question})" if question else "sys.stdin.read()"}
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    time.sleep(0.3)
    parent.kill()
    parent.communicate()

    assert ends(pid, 8 if thread else 2)


# ── frames ───────────────────────────────────────────────────────────────────


def test_a_frame_that_breaks_off_is_none(tmp_path: Path) -> None:
    whole = to_frame({"a": 1}, num_bytes=3, most_bytes=100) + b"abc"
    for length in range(1, len(whole)):
        (tmp_path / "cut").write_bytes(whole[:length])
        with (tmp_path / "cut").open("rb") as stream, pytest.raises(FrameError):
            read_frame(stream, most_bytes=100)


def test_the_length_of_a_frame_is_looked_at_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"\xff" * 8)
    with (tmp_path / "long").open("rb") as stream, pytest.raises(TooLongError):
        read_frame(stream, most_bytes=10**9)
    with pytest.raises(TooLongError):
        to_frame({"a": "x" * 100}, most_bytes=100)


def test_half_a_pair_that_is_written_as_an_escape_is_a_sign_too() -> None:
    """As a child that was taken over may write it; what only looks like one stays."""
    data = rb'{"a\ud800": ["\udc00", {"b": "\\ud800 \uD83D\uDE00"}], "n": 1}'

    read = read_frame(io.BytesIO(struct.pack(">II", len(data), 0) + data), most_bytes=100)

    assert read == ({"a\ufffd": ["\ufffd", {"b": "\\ud800 \U0001f600"}], "n": 1}, b"")
