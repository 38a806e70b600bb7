"""Runs the command line over and over, kills it at random moments, and checks after each kill what is there.

    python crash_child.py FOLDER KILLS SEED WRITER

FOLDER/pages holds pages; more come from a server of its own. WRITER is `extractive` or `scripted` (a model whose
answers take some milliseconds). This process has imported everything and forks the runs, so that they die at work and
not at their start. The last line that it prints is what it counted, as JSON; it ends with an error where something was
lost.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import os
import random
import re
import shutil
import signal
import sys
import time
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import scripted_run
from servers import Route, Site, serve

from localdigest import store as stores
from localdigest.cli.main import main
from localdigest.files import read_text

_CHILD_SUBREAPER = 36
_LONGEST_S = 60.0

#: The part of a page that differs from one run to the next.
_OF_ONE_RUN = re.compile(r'<section id="run".*?</section>', re.DOTALL)


class Loop:
    """One folder in which runs are killed."""

    def __init__(self, folder: Path, site: Site, *, seed: int, writer: str) -> None:
        self.folder = folder
        self.site = site
        self.draw = random.Random(seed)
        self.writer = writer
        self.counts: Counter[str] = Counter()
        self.log = folder / "acknowledged"
        self.work = folder / "work"
        self.reference: dict[str, Any] = {}
        self.memory: Any = None  #: what is remembered of a digest that nobody killed
        self.seconds = 0.0  #: of a whole run, as far as is known: other programs are busy too
        self.in_a_row = 0  #: kills since the last run that came to its end

    def arguments(self) -> list[str]:
        pages = [self.site.url(f"/{number}.html") for number in range(3)]
        return ["run", str(self.folder / "pages"), *pages, "--allow-host", self.site.host, "--interval", "0",
                "--date", "2025-12-30", "--topic", "Lindholm", "--lang", "en", "--out", "out",
                "--store", "store.sqlite3"]  # fmt: skip

    def start(self) -> int:
        self.work.mkdir(exist_ok=True)
        child = os.fork()
        if child:
            return child
        os.chdir(self.work)
        acknowledge_to(self.log)
        if self.writer == "scripted":
            scripted_run.write_with(lambda _: nullcontext(scripted_run.SlowEngine(0.01)))
        sys.argv = ["localdigest", *self.arguments()]
        code: Any = 1
        with (
            contextlib.redirect_stdout(io.StringIO()),
            (self.folder / "errors").open("a") as errors,
            contextlib.redirect_stderr(errors),
        ):
            try:
                main()
            except SystemExit as ended:
                code = ended.code
            except BaseException as error:  # noqa: BLE001 - told to the parent
                errors.write(f"{type(error).__name__}: {error}\n")
        os._exit(code if isinstance(code, int) else 0)

    def run_through(self) -> None:
        """One run that nobody kills."""
        started = time.monotonic()
        _, status = os.waitpid(self.start(), 0)
        self.seconds = time.monotonic() - started
        assert os.waitstatus_to_exitcode(status) == 0, (self.folder / "errors").read_text()

    def kill_one(self) -> None:
        child = self.start()
        # What a run stored the next one has; when none comes to its end for long, kills come later.
        longest = self.seconds * 1.2 ** max(0, self.in_a_row - 3)
        time.sleep(self.draw.uniform(0, 1.1 * longest))
        ended, status = os.waitpid(child, os.WNOHANG)
        if not ended:
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            self.counts["kills"] += 1
            self.in_a_row += 1
            self.check_after_kill()
            return
        self.in_a_row = 0
        assert os.waitstatus_to_exitcode(status) == 0, (self.folder / "errors").read_text()
        self.finish()

    def finish(self) -> None:
        """A run came to its end, after kills or none: what it wrote is what an untouched run writes."""
        self.counts["whole runs"] += 1
        assert self.output() == self.reference, "another digest than that of a run that nobody killed"
        assert sorted(path.name for path in (self.work / "out").iterdir()) == sorted(self.reference), "strays"
        (memory,) = self.remembered()
        assert self.memory in (None, memory), "it is remembered as another"
        self.memory = memory
        shutil.rmtree(self.work)
        self.log.unlink(missing_ok=True)

    def output(self) -> dict[str, Any]:
        """Every file that is in its place, by name, times aside."""
        found: dict[str, Any] = {}
        out = self.work / "out"
        for path in sorted(out.iterdir()) if out.is_dir() else ():
            if path.name.startswith(".localdigest-"):
                continue
            if path.suffix == ".png":
                found[path.name] = path.read_bytes()
                continue
            text = read_text(path)
            if path.suffix == ".json":
                manifest = json.loads(text)
                assert manifest.pop("run")["started_at"]
                if manifest["model"]:
                    manifest["model"]["account"].pop("work", None)
                found[path.name] = manifest
            else:
                found[path.name] = _OF_ONE_RUN.sub("", text)
        return found

    def check_after_kill(self) -> None:
        found = self.output()
        assert all(self.reference[name] == content for name, content in found.items()), "half a file"
        if any(name.endswith(".json") for name in found):
            assert set(found) == set(self.reference), "a manifest without what is drawn of it"
        if self.remembered():
            assert set(found) == set(self.reference), "a digest is remembered that was not written"
            self.counts["remembered after a kill"] += 1
        out = self.work / "out"
        self.counts["temporaries left"] += sum(1 for _ in out.glob(".localdigest-*")) if out.is_dir() else 0
        self.counts["rows acknowledged"] += self.check_rows()

    def remembered(self) -> tuple[Any, ...]:
        path = self.work / "store.sqlite3"
        if not path.exists():
            return ()
        with stores.Store(path) as store:
            return store.past_digests()

    def check_rows(self) -> int:
        """Every row that was acknowledged is there, as it was stored."""
        lines = self.log.read_bytes().split(b"\n")[:-1] if self.log.exists() else []  # the last may be cut
        if not lines:
            return 0
        told: list[str] = []
        with stores.Store(self.work / "store.sqlite3", tell=told.append) as store:
            for line in lines:
                kind, key, expected = json.loads(line)
                value = getattr(store, kind)(key)
                lost = value is None or digest_of(value) != expected
                self.counts["rows lost"] += lost
                assert not lost, f"{kind} {key} is gone"
        assert told == [], told
        return len(lines)


def digest_of(value: object) -> str:
    return stores.content_key(value.sha256 if hasattr(value, "sha256") else value)


def acknowledge_to(log: Path) -> None:
    """Write down what the store has returned from, in a file that a kill cannot take back."""
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def noted(kind: str, put: Any) -> Any:
        def wrapper(store: Any, *args: Any, **kwargs: Any) -> None:
            put(store, *args, **kwargs)
            key, value = (args[0].source.locator, args[0]) if kind == "page" else args
            os.write(descriptor, json.dumps([kind, key, digest_of(value)]).encode() + b"\n")

        return wrapper

    for kind in ("page", "reading", "digest", "completion", "token_counts"):
        setattr(stores.Store, f"put_{kind}", noted(kind, getattr(stores.Store, f"put_{kind}")))


def no_orphans() -> bool:
    """Whether all that the runs started has ended; this process is told of it, since it adopts them."""
    ends = time.monotonic() + 15
    while time.monotonic() < ends:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return True
        if not pid:
            time.sleep(0.05)
    return False


def loop(folder: Path, kills: int, seed: int, writer: str) -> dict[str, object]:
    ctypes.CDLL(None).prctl(_CHILD_SUBREAPER, 1, 0, 0, 0)
    routes = {f"/{path.name}": Route(path.read_bytes(), etag='"1"') for path in (folder / "served").iterdir()}
    started = time.monotonic()
    with serve(routes) as site:
        runs = Loop(folder, site, seed=seed, writer=writer)
        runs.run_through()
        runs.reference = runs.output()
        assert len(runs.reference) >= 2
        runs.finish()
        while runs.counts["kills"] < kills:
            assert time.monotonic() - started < _LONGEST_S + 10 * kills, "too slow"
            runs.kill_one()
        runs.run_through()
        runs.finish()
    assert no_orphans(), "a process is left"
    return {**runs.counts, "seconds": round(time.monotonic() - started, 1), "seconds a run": round(runs.seconds, 2)}


if __name__ == "__main__":
    counted = loop(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    print(json.dumps(counted))  # noqa: T201 - what the test reads
