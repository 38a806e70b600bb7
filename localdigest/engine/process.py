"""The engine in a child process: jobs in, completions out, and a clear error when the child dies.

    with EngineProcess(options) as engine:
        for completion in engine.generate(jobs): ...

A crash in the model's library, a damaged file or the system's killer for lack of memory end the child only. What was
yielded before is the caller's. Starting another child is the caller's business too.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Self

from localdigest.engine.calibrate import worker_environment
from localdigest.engine.child import Child
from localdigest.engine.errors import ContextOverflowError, JobError, WorkerDiedError
from localdigest.engine.jail import JAIL
from localdigest.engine.jobs import Completion, Finish
from localdigest.engine.wire import (
    MAX_FRAME_BYTES,
    Ask,
    Cancel,
    CancelWaiting,
    Count,
    Counted,
    Done,
    FrameError,
    Loading,
    Ready,
    Reported,
    Start,
    Submit,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from localdigest.engine.jobs import Job
    from localdigest.engine.loading import LoadOptions

__all__ = ["DEFAULT_FACTORY", "EngineProcess"]

DEFAULT_FACTORY = "localdigest.engine.factory:make_engine"
#: Enough for the scheduler to choose from and to find shared prefixes in, and no burden when the source is endless.
MAX_IN_FLIGHT = 96
#: Texts that the child is asked to count in one message, and how long they may be together.
COUNTED_AT_ONCE = 256
COUNTED_CHARACTERS = 2**20
CLOSE_SECONDS = 2.0


class EngineProcess:
    """An engine in a process of its own. For one thread and one `generate` at a time; any thread may `cancel`."""

    def __init__(
        self,
        options: LoadOptions | str,
        *,
        factory: str = DEFAULT_FACTORY,
        jail: str = JAIL,
        environment: Mapping[str, str] | None = None,
        max_in_flight: int = MAX_IN_FLIGHT,
        close_seconds: float = CLOSE_SECONDS,
        on_loading: Callable[[float], None] = lambda _: None,
    ) -> None:
        """Nothing starts before `start`.

        Args:
            options: What to load, or a text that the factory knows to read.
            factory: "module:function" that makes the engine in the child.
            jail: "module:function" that the child calls before it loads anything of a model.
            environment: What the child's environment is made from; this process's own unless given.
            max_in_flight: How many jobs the child is given ahead.
            close_seconds: How long `close` waits before it asks, and again before it kills.
            on_loading: Is told the fraction of the model that is loaded.
        """
        self._start = Start(factory, options, jail)
        self._environment = worker_environment(os.environ if environment is None else environment)
        self._max_in_flight = max_in_flight
        self._close_seconds = close_seconds
        self._on_loading = on_loading
        self._child: Child | None = None
        self._held: dict[str, str | int] = {}
        self._told = ""
        self._numbers = count(1)
        self._ids: dict[str, str] = {}  #: of the jobs in flight, by the number that the child knows them by
        self._finished: deque[Completion] = deque()
        self._is_generating = False
        self._is_finishing = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines of the child's log, llama.cpp's among them. Remains after the child's end."""
        return self._child.log if self._child else ()

    @property
    def held(self) -> dict[str, str | int]:
        """What the jail found to hold the child; empty before its start."""
        return dict(self._held)

    @property
    def told(self) -> str:
        """What the engine says of itself, in a form that its factory knows; empty before its start."""
        return self._told

    def start(self) -> None:
        """Start the child and wait until the model is loaded. Raises EngineError."""
        # -P: a file of the user's working folder must not stand in for a module.
        command = [sys.executable, "-P", "-m", "localdigest.engine.worker"]
        self._child = Child(command, environment=self._environment)
        try:
            self._child.send(self._start)
            while not isinstance(message := self._receive(), Ready):
                if isinstance(message, Loading):
                    self._on_loading(message.fraction)
            self._held = {fact.name: fact.value for fact in message.held}
            self._told = message.told
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the child, whatever it is doing."""
        if self._child is not None:
            self._child.close(grace_seconds=self._close_seconds)

    def generate(self, jobs: Iterable[Job]) -> Iterator[Completion]:
        """Run the jobs; every one ends in one completion, which comes as soon as it is done.

        `jobs` may be endless: it is read as the child has room. It is read in this thread, so while it keeps its reader
        waiting nothing is yielded, though the child goes on with what it has. Closing the iterator, and an exception in
        `jobs` or in the caller, Ctrl-C too, cancel the rest between two steps; the engine can then be used again.

        Raises:
            WorkerDiedError: The child is gone. So are the jobs that were not yielded.
            EngineError: The engine cannot go on.
            JobError: Two jobs have the same id.
        """
        if self._is_generating:
            raise RuntimeError("one generate at a time")
        self._is_generating = True
        try:
            yield from self._generate(jobs)
        finally:
            for number in self._ids:
                self._running.send(Cancel(number))
            self._ids.clear()  # what is still on its way belongs to nobody
            self._finished.clear()
            self._is_generating = self._is_finishing = False

    def cancel(self, job_id: str) -> None:
        """End this job between two steps; its completion holds what it wrote. Unknown ids are over already."""
        for number, known in tuple(self._ids.items()):
            if known == job_id:
                self._running.send(Cancel(number))

    def finish_begun(self) -> None:
        """Let `generate` end after the jobs that are under way; those that have not begun end as cancelled ones. Called
        before `generate`, it lets that begin none. A signal handler may call it.
        """
        self._is_finishing = True
        if self._is_generating:
            self._running.send(CancelWaiting())

    def count_tokens(self, text: str) -> int:
        """How many tokens the text is, without those that open a text. Waits for the end of the running step."""
        (num_tokens,) = self.count_all([text])
        return num_tokens

    def count_all(self, texts: Sequence[str]) -> list[int]:
        """The same of each text; many are asked about together."""
        return [num_tokens for some in _batches(texts) for num_tokens in self._counted(some)]

    def _counted(self, texts: tuple[str, ...]) -> tuple[int, ...]:
        number = next(self._numbers)
        try:
            self._running.send(Count(number, texts))
        except FrameError as error:
            raise _too_long(max(map(len, texts))) from error
        while True:
            message = self._receive()
            if isinstance(message, Counted) and message.number == number:
                return message.num_tokens

    def stats(self) -> dict[str, int | float]:
        """The engine's figures since its start, by name."""
        number = next(self._numbers)
        self._running.send(Ask(number))
        while True:
            message = self._receive()
            if isinstance(message, Reported) and message.number == number:
                return {report.name: report.value for report in message.reports}

    # ── inside ───────────────────────────────────────────────────────────────

    @property
    def _running(self) -> Child:
        if self._child is None:
            raise WorkerDiedError("The model's process was not started.", hint="Call start() first.")
        return self._child

    def _generate(self, jobs: Iterable[Job]) -> Iterator[Completion]:
        source, seen, is_open = iter(jobs), set[str](), True
        while is_open or self._ids or self._finished:
            # What is done is handed out before news of the child's end may be raised.
            while self._finished or self._receive(wait=False):
                while self._finished:
                    yield self._finished.popleft()
            if self._is_finishing:
                is_open = False
            if is_open and len(self._ids) < self._max_in_flight:
                job = next(source, None)
                if job is None:
                    is_open = False
                    continue
                if job.id in seen:
                    raise JobError(f"Two jobs have the id {job.id}.", hint="Give every job an id of its own.")
                seen.add(job.id)
                self._submit(job)
            elif self._ids:
                self._receive()

    def _submit(self, job: Job) -> None:
        number = str(next(self._numbers))
        try:
            self._running.send(Submit(replace(job, id=number)))
        except FrameError:
            self._finished.append(Completion(job.id, Finish.FAILED, error=_too_long(_num_characters(job))))
            return
        self._ids[number] = job.id

    def _receive(self, *, wait: bool = True) -> object:
        """The child's next message, after what it means for the jobs is noted. Raises what ended the child."""
        message = self._running.receive(wait=wait)
        if isinstance(message, Done) and (job_id := self._ids.pop(message.completion.job_id, None)) is not None:
            self._finished.append(replace(message.completion, job_id=job_id))
        return message


def _batches(texts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """As many as go into one message, which one step waits for."""
    some: list[str] = []
    size = 0
    for text in texts:
        if some and (len(some) == COUNTED_AT_ONCE or size + len(text) > COUNTED_CHARACTERS):
            yield tuple(some)
            some, size = [], 0
        some.append(text)
        size += len(text)
    if some:
        yield tuple(some)


def _num_characters(job: Job) -> int:
    return len(job.prompt) if isinstance(job.prompt, str) else sum(len(message.content) for message in job.prompt)


def _too_long(num_characters: int) -> ContextOverflowError:
    limit = MAX_FRAME_BYTES // 2**20
    return ContextOverflowError(f"A text of {num_characters} characters is more than the {limit} MiB that can be sent.")
