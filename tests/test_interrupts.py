"""Ctrl-C once, twice, and the other ways to end a run: what is stored, what is said, and who is left behind.

A terminal sends its signals to a whole group of processes; so do these tests.
"""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import HEEDING_PYTHON, REPOSITORY
from servers import Route, serve
from test_bad_input import ARTICLE

import models
from localdigest.cli.interrupts import finishing, heeding_signals, interruptible
from localdigest.interruption import uninterrupted
from localdigest.job import Event
from localdigest.store import Store

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals, groups and terminals of POSIX")
TESTS = Path(__file__).parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(TESTS)}
COMMON = ("--date", "2025-12-30", "--store", "store.sqlite3", "--topic", "Lindholm", "--lang", "en")


class Run:
    """A run in a group of processes of its own."""

    def __init__(self, folder: Path, *arguments: str, name: str = "run") -> None:
        self.err_file = folder / f"{name}.stderr"
        with self.err_file.open("wb") as err:
            self.process = subprocess.Popen(
                [*HEEDING_PYTHON, *arguments],
                cwd=folder,
                env=ENVIRONMENT,
                stdout=subprocess.PIPE,
                stderr=err,
                text=True,
                process_group=0,
            )

    def signal(self, number: int) -> None:
        os.killpg(self.process.pid, number)

    def end(self, timeout: float = 20) -> tuple[int, str, str]:
        out, _ = self.process.communicate(timeout=timeout)
        return self.process.returncode, out, self.err_file.read_text()

    @property
    def processes(self) -> dict[int, str]:
        """What lives in the group, by id."""
        return members_of(self.process.pid)


def members_of(group: int) -> dict[int, str]:
    found = {}
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = (folder / "stat").read_text().rpartition(") ")[2].split()
            if int(fields[2]) == group and fields[0] != "Z":
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
    return found


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextlib.contextmanager
def running(folder: Path, *arguments: str, name: str = "run") -> Iterator[Run]:
    run = Run(folder, *arguments, name=name)
    try:
        yield run
        wait_until(lambda: not run.processes, 10)
    finally:
        with contextlib.suppress(ProcessLookupError):
            run.signal(signal.SIGKILL)
        run.process.wait()
        if run.process.stdout is not None:
            run.process.stdout.close()


def scripted(engine: str, *arguments: str) -> tuple[str, ...]:
    return (str(TESTS / "scripted_run.py"), engine, "run", *arguments, *COMMON)


@pytest.fixture(autouse=True)
def heeding() -> Iterator[None]:
    """As in a terminal, wherever the tests were started from."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def pages(home: Path) -> Path:
    """A folder with six pages in the working folder."""
    (home / "pages").mkdir()
    for number in range(6):
        text = ARTICLE.replace("Lindholm", f"Lindholm{number}").replace("410", str(410 + number))
        (home / "pages" / f"{number}.html").write_text(text)
    return home


def answers(folder: Path) -> int:
    with Store(folder / "store.sqlite3") as store:
        return store.stats().completions


def is_mapping(folder: Path) -> bool:
    return (folder / "store.sqlite3").exists() and answers(folder) >= 2


# ── stages ───────────────────────────────────────────────────────────────────


def test_while_fetching_it_ends_at_once_and_keeps_the_pages(home: Path) -> None:
    routes = {"/quick": Route(ARTICLE, etag='"1"'), "/slow": Route(ARTICLE, delay_s=30)}
    with serve(routes) as site:
        sources = (site.url("/quick"), site.url("/slow"), "--allow-host", site.host, "--interval", "0")
        with running(home, "-m", "localdigest", "run", *sources, *COMMON) as run:
            wait_until(lambda: bool(site.asked("/slow")) and is_stored(home, site.url("/quick")))
            run.signal(signal.SIGINT)
            code, out, err = run.end(timeout=10)

    assert (code, out) == (130, "")
    assert "Error: Interrupted while collecting\n" in err  # an address may be a feed
    assert "Hint: Everything that was fetched, read and answered so far is kept: the same command goes on" in err
    assert "Traceback" not in err


def is_stored(folder: Path, locator: str) -> bool:
    if not (folder / "store.sqlite3").exists():
        return False
    with Store(folder / "store.sqlite3") as store:
        return store.page(locator) is not None


def test_while_a_model_answers_the_answer_is_waited_for_and_stored(pages: Path) -> None:
    """The next run asks only for what is missing."""
    with running(pages, *scripted("slow:0.4", "pages")) as run:
        wait_until(lambda: is_mapping(pages))
        run.signal(signal.SIGINT)
        code, out, err = run.end()
    kept = answers(pages)
    with running(pages, *scripted("slow:0", "pages", "--json")) as again:
        code_again, _, err_again = again.end()
    manifest = json.loads((pages / "output" / "2025-12-30-lindholm.json").read_text())

    assert (code, out) == (130, "")
    told = re.search(r"Stopping while mapping, (\d) of 6 done: what is under way is finished and stored\.", err)
    assert told, err
    done = int(told[1]) + 1
    assert f"Error: Interrupted while mapping, {done} of 6 done" in err
    assert kept == done
    assert code_again == 0, err_again
    assert manifest["run"]["work"]["jobs_stored"] == kept


def test_while_reading_the_page_is_waited_for_and_stored(home: Path) -> None:
    """The second page takes some seconds."""
    (home / "a.html").write_text(ARTICLE)
    paragraphs = "".join(f"<div><p>{ARTICLE[80:300]} {n}</p></div>" for n in range(9000))
    (home / "b.html").write_text(f"<title>Long</title><article>{paragraphs}</article>")
    (home / "c.html").write_text(ARTICLE.replace("Lindholm", "Malmo"))
    with running(home, "-m", "localdigest", "run", "a.html", "b.html", "c.html", *COMMON) as run:
        wait_until(lambda: (home / "store.sqlite3").exists() and readings(home) >= 1)
        run.signal(signal.SIGINT)
        code, _, err = run.end()

    assert code == 130
    done = re.search(r"Error: Interrupted while reading, (\d) of 3 done", err)
    assert done, err
    assert readings(home) == int(done[1])
    assert not list((home / "output").iterdir())


def readings(folder: Path) -> int:
    with Store(folder / "store.sqlite3") as store:
        return store.stats().documents


def test_while_a_model_is_loading_it_ends_at_once_and_so_does_the_models_process(pages: Path) -> None:
    with running(pages, *scripted("loading", "pages")) as run:
        wait_until(lambda: any("localdigest.engine.worker" in line for line in run.processes.values()))
        time.sleep(0.3)
        run.signal(signal.SIGINT)
        code, out, err = run.end(timeout=10)

    assert (code, out) == (130, ""), err
    assert "Traceback" not in err
    assert "Interrupted" in err


def test_with_a_real_model_what_is_under_way_is_finished(home: Path) -> None:
    """Its process too ends; there are pages enough that it cannot be done before it is told."""
    shutil.copytree(REPOSITORY / "examples", home / "examples")
    model = ("--model", str(models.tiny_mixtral()), "--style", "quotes", "--store", "store.sqlite3")
    with running(home, "-m", "localdigest", "run", "examples/mistral-week.toml", *model) as run:
        wait_until(lambda: is_mapping(home), 60)
        run.signal(signal.SIGINT)
        code, out, err = run.end(timeout=60)

    assert (code, out) == (130, ""), err
    assert "what is under way is finished and stored" in err
    told = re.search(r"Interrupted while \w+, (\d+) of (\d+) done", err)
    assert told, err
    assert answers(home) >= 2
    assert not list((home / "output").iterdir())


# ── twice, and other signals ─────────────────────────────────────────────────


def test_twice_stops_at_once_and_leaves_no_process(pages: Path) -> None:
    with running(pages, *scripted("silent:2", "pages")) as run:
        wait_until(lambda: is_mapping(pages))
        run.signal(signal.SIGINT)
        wait_until(lambda: "Ctrl-C again stops at once" in run.err_file.read_text())
        assert run.process.poll() is None
        run.signal(signal.SIGINT)
        code, out, err = run.end(timeout=5)

    assert (code, out) == (130, "")
    assert "Stopped at once. What was stored before is kept" in err
    assert "Traceback" not in err
    assert answers(pages) == 2


def test_a_request_to_terminate_is_the_first_ctrl_c_with_a_code_of_its_own(pages: Path) -> None:
    with running(pages, *scripted("slow:0.3", "pages", "--json")) as run:
        wait_until(lambda: is_mapping(pages))
        run.process.send_signal(signal.SIGTERM)
        code, out, err = run.end()

    assert code == 143
    assert "Error: Terminated while mapping" in err
    assert json.loads(out)["exit_code"] == 143
    assert json.loads(out)["error"]["type"] == "TerminatedRunError"


@pytest.mark.parametrize("engine", ["silent:2", "loading"])
def test_when_its_terminal_goes_away_nothing_is_left(pages: Path, engine: str) -> None:
    """Only the run itself is told."""
    with running(pages, *scripted(engine, "pages")) as run:
        process = "worker" if engine == "loading" else "localdigest.sandbox"
        wait_until(lambda: any(process in line for line in run.processes.values()))
        run.process.send_signal(signal.SIGHUP)
        code, _, err = run.end(timeout=5)

    assert code == -signal.SIGHUP
    assert "Traceback" not in err


def test_what_a_background_job_ignores_stays_ignored(pages: Path) -> None:
    run = subprocess.Popen(
        [sys.executable, *scripted("slow:0.05", "pages", "--json")],
        cwd=pages,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),  # noqa: PLW1509 - no other thread here
    )
    wait_until(lambda: is_mapping(pages))
    os.killpg(run.pid, signal.SIGINT)
    out, _ = run.communicate(timeout=30)

    assert run.returncode == 0
    assert json.loads(out)["ok"]


# ── terminals ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("presses", [1, 2])
def test_the_terminal_is_as_it_was(pages: Path, presses: int) -> None:
    """Keys are pressed at a real one; its cursor is shown again, and what is typed is seen."""
    engine = "silent:2" if presses == 2 else "slow:0.5"
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(pages)
        os.environ.update({"TERM": "xterm", "PYTHONPATH": str(TESTS), "COLUMNS": "100"})
        os.environ.pop("NO_COLOR", None)
        os.execv(sys.executable, [*HEEDING_PYTHON, *scripted(engine, "pages")])
    before = termios.tcgetattr(terminal)
    shown = b""

    def read() -> bytes:
        nonlocal shown
        while select.select([terminal], [], [], 0)[0]:
            with contextlib.suppress(OSError):
                data = os.read(terminal, 65536)
                shown += data
                if data:
                    continue
            break
        return shown

    try:
        wait_until(lambda: bool(read()) and is_mapping(pages))
        wait_until(lambda: b"\x1b[?25l" in read())
        os.write(terminal, b"\x03")
        if presses == 2:
            wait_until(lambda: b"again stops at once" in read())
            os.write(terminal, b"\x03")
        status = None
        deadline = time.monotonic() + 20
        while status is None and time.monotonic() < deadline:
            read()
            ended, found = os.waitpid(pid, os.WNOHANG)
            status = found if ended else None
            time.sleep(0.02)
        after = termios.tcgetattr(terminal)
        read()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.close(terminal)

    assert status is not None
    assert os.waitstatus_to_exitcode(status) == 130
    assert after == before
    assert shown.rindex(b"\x1b[?25h") > shown.rindex(b"\x1b[?25l")
    assert shown.count(b"\x1b[?1049h") == shown.count(b"\x1b[?1049l")


# ── the parts ────────────────────────────────────────────────────────────────


def test_a_stretch_of_work_is_not_cut_in_two() -> None:
    done = []
    with heeding_signals(), pytest.raises(KeyboardInterrupt):  # noqa: PT012 - where it is raised is the point
        with uninterrupted():
            with uninterrupted():
                signal.raise_signal(signal.SIGINT)
                done.append("inner")
            done.append("outer")
        done.append("after")

    assert done == ["inner", "outer"]


def test_a_stretch_in_another_thread_is_none_of_ours() -> None:
    held, go = threading.Event(), threading.Event()

    def work() -> None:
        with uninterrupted():
            held.set()
            go.wait(10)

    thread = threading.Thread(target=work)
    thread.start()
    held.wait(10)
    with heeding_signals(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    go.set()
    thread.join()


def test_what_is_worth_finishing_is_finished() -> None:
    """And what waits for others is not."""
    heard: list[str] = []
    with heeding_signals() as interrupts, interruptible(lambda event: heard.append(event.stage)) as tell:
        tell(Event("fetch", 2, 2))
        signal.raise_signal(signal.SIGINT)
        heard.append("goes on")
        with pytest.raises(KeyboardInterrupt):
            tell(Event("extract", 1, 2))
        interrupts.asked = 0
        tell(Event("fetch", 1, 2))
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        interrupts.asked = 0

    assert heard == ["fetch", "goes on", "extract", "fetch"]


def test_an_end_while_a_model_grades_says_how_far_it_was() -> None:
    with heeding_signals() as interrupts, interruptible(lambda _: None) as tell:
        tell(Event("grade", 2, 7))

        assert interrupts.error.message == "Interrupted while grading, 2 of 7 done"


def test_whoever_can_finish_is_asked_to() -> None:
    asked: list[str] = []
    with heeding_signals() as interrupts, interruptible(lambda _: None) as tell:
        with pytest.raises(KeyboardInterrupt), finishing(lambda: asked.append("finish")):  # noqa: PT012 - likewise
            signal.raise_signal(signal.SIGINT)
            tell(Event("map", 1, 3))
            asked.append("one more")
        with pytest.raises(KeyboardInterrupt):
            tell(Event("map", 2, 3))
        interrupts.asked = 0

    assert asked == ["finish", "one more"]


def test_the_handlers_are_given_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with heeding_signals():
        assert signal.getsignal(signal.SIGINT) != before[0]

    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
