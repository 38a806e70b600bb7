"""An engine without a model, for the worker process: what a job does is written in its prompt.

say X        answers X
steps N      takes N steps, then says so
forever      never ends by itself
later        never begins
fail         a failed completion
refuse       JobError from submit
break        BackendError from the step
bug          an exception that no one foresaw
kill SIG     sends itself the signal
abort        as ggml does: a line on standard error, then abort()
exit N       leaves with this status
sleep S      one step that takes S seconds
print        writes to standard output
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from localdigest.engine.errors import BackendError, ContextOverflowError, JobError, ModelFileError
from localdigest.engine.jobs import Completion, Finish, Job, Usage
from localdigest.engine.loading import LoadOptions


@dataclass(frozen=True)
class Stats:
    steps: int
    seconds: float
    pending: int
    cancelled: int
    spin: int


class Stub:
    def __init__(self) -> None:
        self._left: dict[str, tuple[Job, int]] = {}
        self._done: list[Completion] = []
        self._steps = 0
        self._cancelled = 0

    @property
    def num_pending(self) -> int:
        return len(self._left) + len(self._done)

    @property
    def stats(self) -> Stats:
        spin = int(os.environ.get("GOMP_SPINCOUNT", "-1"))
        return Stats(self._steps, 0.5, len(self._left), self._cancelled, spin)

    def submit(self, job: Job) -> None:
        assert isinstance(job.prompt, str)
        word, _, rest = job.prompt.partition(" ")
        if word == "refuse":
            raise JobError("refused", hint="ask nicely")
        if word == "fail":
            self._done.append(Completion(job.id, Finish.FAILED, error=ContextOverflowError("too long")))
        else:
            self._left[job.id] = (job, int(rest) if word == "steps" else 1)

    def cancel(self, job_id: str) -> None:
        if self._left.pop(job_id, None):
            self._cancelled += 1
            self._done.append(Completion(job_id, Finish.CANCELLED, text="so far"))

    def cancel_waiting(self) -> None:
        for job, _ in tuple(self._left.values()):
            if job.prompt == "later":
                self.cancel(job.id)

    def step(self) -> list[Completion]:
        self._steps += bool(self._left)
        for job, left in tuple(self._left.values()):
            self._advance(job, left)
        if self._left:
            time.sleep(0.001)
        done, self._done = self._done, []
        return done

    def count_all(self, texts: Sequence[str]) -> Sequence[int]:
        return [len(text) for text in texts]

    def _advance(self, job: Job, left: int) -> None:
        word, _, rest = str(job.prompt).partition(" ")
        # What is done goes out before a long step begins.
        if word in ("forever", "later") or (word == "sleep" and (len(self._left) > 1 or self._done)):
            return
        act(word, rest)
        if left > 1:
            self._left[job.id] = (job, left - 1)
            return
        del self._left[job.id]
        usage = Usage(prompt_tokens=len(str(job.prompt)), seconds=0.25)
        self._done.append(Completion(job.id, Finish.END, text=rest, usage=usage))


def act(word: str, rest: str) -> None:
    match word:
        case "break":
            raise BackendError("no step", hint="none")
        case "bug":
            raise LookupError("nobody thought of this")
        case "kill":
            os.kill(os.getpid(), signal.Signals[rest])
            time.sleep(60)
        case "abort":
            os.write(2, b"/src/ggml.c:123: GGML_ASSERT(a == b) failed\n\x1b[31mlater\n")
            os.abort()
        case "exit":
            os._exit(int(rest))
        case "sleep":
            time.sleep(float(rest))
        case "print":
            print("noise", flush=True)  # noqa: T201 - what is tested
            os.write(1, b"more noise\n")
            sys.stderr.write(f"read {sys.stdin.read()!r}\n")


def make_engine(options: LoadOptions, *, on_progress: Callable[[float], None]) -> Stub:
    match options.path:
        case "missing":
            raise ModelFileError("no such model", hint="look")
        case "bug":
            raise LookupError("in the making")
        case "abort":
            os.abort()
        case "slow":
            time.sleep(60)
    on_progress(0.5)
    on_progress(1.0)
    sys.stderr.write(f"loaded {options.path}\n")
    sys.stderr.flush()
    return Stub()
