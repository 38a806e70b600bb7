"""The engine's side of the messenger: jobs in, completions out. A thread waits for each answer; one thread decides.

submit ─▶ pool ─call─▶ thread: ask ─answer, or what went wrong─▶ results ─step─▶ pool ─▶ Completion
"""

from __future__ import annotations

import json
import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from localdigest.codec import encode
from localdigest.endpoints import Endpoint
from localdigest.engine.errors import BackendError, ConstraintError, JobError
from localdigest.engine.jobs import Completion, Finish, Job, JsonSchema, Usage
from localdigest.engine.schema_check import honoured_schema
from localdigest.remote.ask import Asker
from localdigest.remote.caller import CallError, CancelledError, StrangeError
from localdigest.remote.pace import work_of
from localdigest.remote.pool import Call, Pool
from localdigest.remote.valid import flaw_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localdigest.remote.api import Answer
    from localdigest.remote.caller import Caller
    from localdigest.remote.served import Served

__all__ = ["RemoteEngine", "Stats"]

_COUNTED_AT_ONCE = 4  #: texts: no more than connections that are kept
_WAIT_SECONDS = 0.02  #: between two looks for new jobs while answers are waited for

_Result = Completion | CallError | JobError | CancelledError
_Schema = tuple[str, "Mapping[str, Any]"]


@dataclass(frozen=True, slots=True)
class Stats:
    """What the servers were asked so far."""

    calls: int
    answered: int
    again: int
    refusals: int
    ends: int
    most_at_once: int


class RemoteEngine:
    """`Core` of `localdigest.engine.worker`. For one thread, but for those that it starts itself."""

    def __init__(self, caller: Caller, served: Served) -> None:
        self._askers = [Asker(caller, server) for server in served.servers]
        names = [Endpoint(server.url).door for server in served.servers]
        self._pool = Pool(names, [server.slots for server in served.servers], caller.patience)
        self._results: queue.SimpleQueue[tuple[Call, _Result]] = queue.SimpleQueue()
        self._begun: queue.SimpleQueue[Call] = queue.SimpleQueue()
        self._looks: queue.SimpleQueue[tuple[int, bool]] = queue.SimpleQueue()
        self._jobs: dict[str, tuple[Job, _Schema | None]] = {}
        self._done: list[Completion] = []
        self._most_at_once = 0
        #: For the main process, which knows the servers only from here.
        self.told = json.dumps(encode(served), ensure_ascii=False)

    @property
    def num_pending(self) -> int:
        return len(self._pool) + len(self._done)

    @property
    def stats(self) -> Stats:
        counts = self._pool.counts
        return Stats(counts.calls, counts.answered, counts.again, counts.refusals, counts.ends, self._most_at_once)

    def submit(self, job: Job) -> None:
        """Queue the job. One that no server can run comes back from the next step as a failed completion."""
        try:
            self._jobs[job.id] = (job, _schema_of(job))
        except JobError as error:
            self._done.append(Completion(job.id, Finish.FAILED, error=error))
            return
        prompt = job.prompt if isinstance(job.prompt, str) else "\0".join(each.content for each in job.prompt)
        self._pool.add(job.id, prompt, monotonic())

    def cancel(self, job_id: str) -> None:
        """End the job now, or its call with the next piece that comes. Unknown ids are over already."""
        if self._pool.cancel(job_id):
            self._finish(Completion(job_id, Finish.CANCELLED))

    def cancel_waiting(self) -> None:
        """End the jobs that are not under way."""
        for job_id in self._pool.cancel_waiting():
            self._finish(Completion(job_id, Finish.CANCELLED))

    def step(self) -> list[Completion]:
        """Send what can be sent, and take what has come; waits a little where nothing has.

        Raises:
            BackendError: there is no server any more.
        """
        self._take()
        while (call := self._pool.next_call(monotonic())) is not None:
            self._send(call)
        for index in self._pool.looks_due(monotonic()):
            threading.Thread(target=self._look, args=(index,), daemon=True).start()
        self._pool.check(monotonic())
        if len(self._pool) and not self._done:
            with suppress(queue.Empty):
                self._use(*self._results.get(timeout=_WAIT_SECONDS))
        done, self._done = self._done, []
        return done

    def count_all(self, texts: Sequence[str]) -> list[int]:
        """Each by the first server that answers; several at a time, since each is a question of its own.

        Raises:
            BackendError: none does.
        """
        if len(texts) == 1:
            return [self._count(texts[0])]
        with ThreadPoolExecutor(_COUNTED_AT_ONCE) as counters:
            return list(counters.map(self._count, texts))

    def _count(self, text: str) -> int:
        said = ""
        for asker in self._askers:
            try:
                return asker.count(text)
            except CallError as error:
                said = said or f"{Endpoint(asker.server.url).door} {error.detail}"
        raise BackendError(f"No server counts tokens any more: {said}.", hint="Start the servers again.")

    # ── the one thread ───────────────────────────────────────────────────────

    def _take(self) -> None:
        """All news that there is."""
        with suppress(queue.Empty):
            while True:
                self._pool.begun(self._begun.get_nowait(), monotonic())
        with suppress(queue.Empty):
            while True:
                index, is_healthy = self._looks.get_nowait()
                self._pool.looked_at(index, monotonic(), is_healthy=is_healthy)
        with suppress(queue.Empty):
            while True:
                self._use(*self._results.get_nowait())

    def _use(self, call: Call, result: _Result) -> None:
        now = monotonic()
        if isinstance(result, CancelledError) or (call.is_cancelled and not isinstance(result, Completion)):
            self._pool.cancelled(call)
            self._finish(Completion(call.job_id, Finish.CANCELLED))
        elif isinstance(result, Completion):
            usage = result.usage
            read = usage.prompt_tokens - usage.reused_tokens
            self._pool.answered(call, now, work=work_of(read_tokens=read, written_tokens=usage.sampled_tokens))
            self._finish(result)
        elif (error := self._pool.failed(call, result, now)) is not None:
            self._finish(Completion(call.job_id, Finish.FAILED, error=error))

    def _finish(self, completion: Completion) -> None:
        del self._jobs[completion.job_id]
        self._done.append(completion)

    def _send(self, call: Call) -> None:
        self._most_at_once = max(self._most_at_once, self._pool.num_under_way)
        threading.Thread(target=self._run, args=(call, *self._jobs[call.job_id]), daemon=True).start()

    # ── the others ───────────────────────────────────────────────────────────

    def _run(self, call: Call, job: Job, schema: _Schema | None) -> None:
        """Whatever happens, a result comes of it."""
        result: _Result
        try:
            result = self._asked(call, job, schema)
        except (CallError, JobError, CancelledError) as error:
            result = error
        except Exception as error:  # noqa: BLE001 - a fault of ours must not leave a job without its end
            result = JobError(f"The question could not be put: {type(error).__name__}: {error}.")
        self._results.put((call, result))

    def _asked(self, call: Call, job: Job, schema: _Schema | None) -> Completion:
        asker = self._askers[call.server]
        started = monotonic()
        if job.score:
            logprobs, num_read = asker.scores(job)
            usage = Usage(prompt_tokens=num_read, seconds=monotonic() - started)
            return Completion(job.id, Finish.SCORED, logprobs=logprobs, usage=usage)
        answer = asker.answer(
            job, schema, on_begin=lambda: self._begun.put(call), is_cancelled=lambda: call.is_cancelled
        )
        if schema is not None and (flaw := flaw_of(answer.text, schema[1], is_cut=answer.is_cut)):
            raise StrangeError(f"answers against the schema: {flaw}")
        return _completion(job, answer, monotonic() - started)

    def _look(self, index: int) -> None:
        is_healthy = False
        with suppress(Exception):
            is_healthy = self._askers[index].is_healthy()
        self._looks.put((index, is_healthy))


def _schema_of(job: Job) -> _Schema | None:
    """What the answer has to keep. Raises JobError for what no server is asked for."""
    if job.max_tokens < 1:
        raise JobError(f"{job.max_tokens} tokens are no output.", hint="Ask for one token or more.")
    match job.constraint:
        case None:
            return None
        case JsonSchema(schema=text):
            return text, honoured_schema(text)
    raise ConstraintError("A server is asked for JSON only, not for an expression or a choice.", hint="Use a schema.")


def _completion(job: Job, answer: Answer, seconds: float) -> Completion:
    usage = Usage(
        prompt_tokens=answer.prompt_tokens,
        reused_tokens=min(answer.reused_tokens, answer.prompt_tokens),
        sampled_tokens=answer.written_tokens,
        seconds=seconds,
    )
    return Completion(job.id, Finish.LENGTH if answer.is_cut else Finish.END, answer.text, usage=usage)
