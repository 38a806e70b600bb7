"""Writes one digest over and over, is killed each time, and goes on where it stopped. For `test_generative_cache.py`.

    python generative_child.py FOLDER KILLS

This process has imported everything and forks the writers that it kills, so that they die at work and not at their
start. FOLDER/log tells which jobs were begun and which were taken; FOLDER/digest.json is the digest of a last writer
that nobody kills; FOLDER/hits counts the kills that hit a writer at work.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from generative import a_writer, as_bytes, many
from scripted_engine import ScriptedEngine, honest

from localdigest.engine.jobs import Completion, Job
from localdigest.stages.dedupe import dedupe
from localdigest.store import Store

JOB_SECONDS = 0.01
TOWNS = 40  #: with a job each: enough that the last kill comes before the last job


class SlowEngine(ScriptedEngine):
    """Tells in a log that is never buffered what it was asked and what the writer took from it."""

    def __init__(self, log: Path) -> None:
        super().__init__(honest)
        self._log = log

    def generate(self, jobs: Iterable[Job]) -> Iterator[Completion]:
        for completion in super().generate(jobs):
            self._tell("begun", completion)
            time.sleep(JOB_SECONDS)
            yield completion
            self._tell("taken", completion)  # the writer asks for the next: it has done with this one

    def _tell(self, what: str, completion: Completion) -> None:
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"{what} {completion.job_id}\n")


def write_digest(folder: Path) -> bytes:
    with Store(folder / "store.sqlite3") as store:
        writer = a_writer(SlowEngine(folder / "log"), store)
        return as_bytes(writer.write(tuple(dedupe(many(TOWNS))), topic="buses", language="en"))


def killed(folder: Path, draw: random.Random) -> bool:
    """Whether the writer was still at work when it was killed: within the first job that it began, or soon after."""
    size = (folder / "log").stat().st_size
    writer = os.fork()
    if not writer:
        write_digest(folder)
        os._exit(0)
    while (folder / "log").stat().st_size == size and not os.waitid(
        os.P_PID, writer, os.WEXITED | os.WNOHANG | os.WNOWAIT
    ):
        time.sleep(JOB_SECONDS / 10)
    time.sleep(draw.uniform(0, 1.5 * JOB_SECONDS))
    os.kill(writer, signal.SIGKILL)
    _, status = os.waitpid(writer, 0)
    return os.WIFSIGNALED(status)


def main(folder: Path, kills: int) -> None:
    draw = random.Random(7)
    (folder / "log").touch()
    hits = sum(killed(folder, draw) for _ in range(kills))
    (folder / "digest.json").write_bytes(write_digest(folder))
    (folder / "hits").write_text(str(hits))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
