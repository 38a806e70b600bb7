"""The worker process: takes messages from its standard input, runs the engine, writes messages to its standard output.

    python -m localdigest.engine.worker

    Start ─▶ jail ─▶ load ─▶ Ready ─▶ ( take what has come · step · Done … ) until the input ends

It is deaf to Ctrl-C, which reaches it with its parent: the parent decides what becomes of the jobs. It ends at once, in
the middle of a step too, when its input ends, which it does when the parent is gone.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import os
import queue
import signal
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from localdigest.engine.errors import EngineError, JobError
from localdigest.engine.jail import enter
from localdigest.engine.jobs import Completion, Finish
from localdigest.engine.wire import (
    Ask,
    Cancel,
    CancelWaiting,
    Count,
    Counted,
    Done,
    Fact,
    Failed,
    FrameError,
    Loading,
    Message,
    Ready,
    Report,
    Reported,
    Start,
    Submit,
    read_frame,
    to_frame,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import BinaryIO

    from localdigest.engine.jobs import Job

__all__ = ["Core", "main"]

#: The kernel ends this process before others when memory runs out: it holds the most, and its parent can say what
#: happened. From -1000 (never) to 1000 (first).
OOM_SCORE_ADJUSTMENT = 500
#: How often an idle worker looks whether its parent is still there, should its input not end (another child of the
#: parent may hold the pipe).
IDLE_SECONDS = 2.0


class Core(Protocol):
    """The engine, as the worker needs it."""

    @property
    def num_pending(self) -> int: ...

    @property
    def stats(self) -> Any:
        """A dataclass of numbers."""

    def submit(self, job: Job) -> None: ...

    def cancel(self, job_id: str) -> None: ...

    def cancel_waiting(self) -> None: ...

    def step(self) -> list[Completion]: ...

    def count_all(self, texts: Sequence[str]) -> Sequence[int]: ...


class Worker:
    """Serves one engine until its input ends."""

    def __init__(self, core: Core, *, inbox: queue.SimpleQueue[Message], send: Callable[[Message], None]) -> None:
        self._core = core
        self._inbox = inbox
        self._send = send

    def run(self, *, is_orphan: Callable[[], bool]) -> None:
        """Step while there is work, wait while there is none; returns when the parent is gone."""
        while not is_orphan():
            self._take()
            for completion in self._core.step():
                self._done(completion)

    def _take(self) -> None:
        """All that has come; when there is nothing to do, wait for something."""
        with contextlib.suppress(queue.Empty):
            if not self._core.num_pending:
                self._handle(self._inbox.get(timeout=IDLE_SECONDS))
            while True:
                self._handle(self._inbox.get_nowait())

    def _handle(self, message: Message) -> None:
        match message:
            case Submit(job):
                try:
                    self._core.submit(job)
                except JobError as error:
                    self._send(Done(Completion(job.id, Finish.FAILED, error=error)))
            case Cancel(job_id):
                self._core.cancel(job_id)
            case CancelWaiting():
                self._core.cancel_waiting()
            case Count(number, texts):
                self._send(Counted(number, tuple(self._core.count_all(texts))))
            case Ask(number):
                figures = dataclasses.asdict(self._core.stats)
                self._send(Reported(number, tuple(Report(name, value) for name, value in figures.items())))
            case _:
                raise FrameError(f"a worker is not told {type(message).__name__}")

    def _done(self, completion: Completion) -> None:
        try:
            self._send(Done(completion))
        except FrameError as error:
            failure = JobError(f"The answer cannot be sent: {error}.")
            self._send(Done(Completion(completion.job_id, Finish.FAILED, error=failure)))


def main() -> None:
    """Run as a child of `EngineProcess`, and never return."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    commands, replies = _take_pipes()
    _go_first_when_memory_runs_out()

    def send(message: Message) -> None:
        replies.write(to_frame(message))
        replies.flush()

    try:
        _serve(commands, send, is_orphan=lambda: os.getppid() != parent)
    except EngineError as error:
        with contextlib.suppress(OSError):
            send(Failed(error))
        _exit(1)
    except BrokenPipeError:
        pass  # the parent is gone, or has closed us
    except Exception:  # noqa: BLE001 - the parent reads the traceback from the log, whatever it is
        traceback.print_exc()
        _exit(1)
    _exit(0)


def _serve(commands: BinaryIO, send: Callable[[Message], None], *, is_orphan: Callable[[], bool]) -> None:
    start = read_frame(commands)
    if not isinstance(start, Start):
        return
    held = enter(start.jail)
    inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
    # A thread that always reads: the parent never waits to write, and the end of the input ends even a long step.
    threading.Thread(target=_listen, args=(commands, inbox), daemon=True).start()
    module, _, function = start.factory.partition(":")
    make_engine = getattr(importlib.import_module(module), function)
    core: Core = make_engine(start.options, on_progress=lambda fraction: send(Loading(fraction)))
    told = getattr(core, "told", "")
    send(Ready(tuple(Fact(name, value) for name, value in held.items()), told))
    Worker(core, inbox=inbox, send=send).run(is_orphan=is_orphan)


def _listen(commands: BinaryIO, inbox: queue.SimpleQueue[Message]) -> NoReturn:
    try:
        while (message := read_frame(commands)) is not None:
            inbox.put(message)
    except FrameError as error:
        sys.stderr.write(f"error: {error}\n")
        _exit(1)
    _exit(0)


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to the parent, out of reach of whatever else reads standard input or prints to standard output."""
    commands = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return commands, replies


def _go_first_when_memory_runs_out() -> None:
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:  # noqa: PTH123 - no path of ours
        file.write(str(OOM_SCORE_ADJUSTMENT))


def _exit(status: int) -> NoReturn:
    """End here and now: a model in the middle of a step is not waited for, and nothing is to be saved."""
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
