"""Which job goes to which server, and what becomes of it when that fails. Decides; it sends nothing and has no clock.

job ─▶ queue ─call─▶ server ─▶ answered: done
         ▲                  ├─▶ busy: the server rests, the job goes elsewhere, as often as it takes
         ├──────────────────┤
         │                  ├─▶ gone: the server is looked after until it is back, the job goes elsewhere
         └──────────────────┴─▶ strange: the job is asked once more; then it fails, and harms no other
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from localdigest.engine.errors import BackendError, JobError
from localdigest.remote.caller import BusyError, CallError, GoneError, Patience, RefusedError
from localdigest.remote.order import Queue, common_length
from localdigest.remote.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Call", "Counts", "Pool"]

_MOST_GONE = 4  #: servers that may end over one job: it may be what ends them
_MOST_STRANGE = 2
_SERVER_FAULT = 500
_SHARED_CHARACTERS = 500  #: a beginning as long as that is worth waiting for
_MOST_WARM = 32  #: prompts that a server is thought to remember
_FIRST_PAUSE_S, _MOST_PAUSE_S = 0.5, 15.0


@dataclass(slots=True, eq=False)
class Call:
    """A job under way at a server."""

    job_id: str
    server: int
    prompt: str
    begun_s: float
    round: int  #: of the server's pace
    has_begun: bool = False  #: its answer has: its prompt was read
    is_cancelled: bool = False


@dataclass(slots=True)
class Counts:
    """What happened so far."""

    calls: int = 0
    answered: int = 0
    again: int = 0  #: calls of jobs that were under way before
    refusals: int = 0
    ends: int = 0  #: of servers


@dataclass(slots=True)
class _Server:
    pace: Pace
    last: str | None = None  #: the prompt that it was sent last
    warm: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_WARM))
    calls: list[Call] = field(default_factory=list)
    rests_until_s: float = 0.0
    is_down: bool = False
    is_looked_at: bool = False
    is_away: bool = False  #: it was looked at, and was not there
    look_at_s: float = 0.0
    faults: int = 0  #: in a row
    said: str = ""  #: what was wrong last

    def has_room(self, now_s: float) -> bool:
        return not self.is_down and now_s >= self.rests_until_s and len(self.calls) < self.pace.limit

    def pause_s(self) -> float:
        return float(min(_MOST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (self.faults - 1)))


@dataclass(slots=True)
class _Job:
    prompt: str
    gone: int = 0
    strange: int = 0
    failed_at: int = -1  #: server


class Pool:
    """Of the jobs and servers of a run. Times are seconds of a clock that only goes forward."""

    def __init__(self, names: Sequence[str], slots: Sequence[int], patience: Patience) -> None:
        """Nobody is asked yet.

        Args:
            names: of the servers, for messages.
            slots: of each; 0: it does not say.
            patience: how long there may be nobody.
        """
        self._names = tuple(names)
        self._servers = [_Server(Pace(number)) for number in slots]
        self._patience = patience
        self._queue = Queue()
        self._jobs: dict[str, _Job] = {}
        self._heard_s: float | None = None  #: when a server last said anything; None: no job is there
        self._answered_s = 0.0
        self.counts = Counts()

    def __len__(self) -> int:
        return len(self._jobs)

    @property
    def num_under_way(self) -> int:
        return sum(len(server.calls) for server in self._servers)

    @property
    def limits(self) -> tuple[int, ...]:
        """Jobs that each server may have at once."""
        return tuple(server.pace.limit for server in self._servers)

    def add(self, job_id: str, prompt: str, now_s: float) -> None:
        if not self._jobs:
            self._heard_s = self._answered_s = now_s
        self._jobs[job_id] = _Job(prompt)
        self._queue.add(job_id, prompt)

    def cancel(self, job_id: str) -> bool:
        """True: the job is out; False: it is no job, or under way, and its call ends soon."""
        for server in self._servers:
            for call in server.calls:
                if call.job_id == job_id:
                    call.is_cancelled = True
        if job_id not in self._queue:
            return False
        self._queue.remove(job_id)
        del self._jobs[job_id]
        return True

    def cancel_waiting(self) -> tuple[str, ...]:
        """Take out those that are not under way; their names."""
        return tuple(name for name in self._queue if self.cancel(name))

    def next_call(self, now_s: float) -> Call | None:
        """A job to send now, and where to; None: none can be sent."""
        free = [index for index, server in enumerate(self._servers) if server.has_room(now_s)]
        for index in sorted(free, key=lambda index: len(self._servers[index].calls) - self._servers[index].pace.limit):
            if (name := self._choose(index)) is not None:
                return self._begin(name, index, now_s)
        return None

    def begun(self, call: Call, now_s: float) -> None:
        """The first of its answer is there."""
        call.has_begun = True
        self._heard_s = now_s
        self._servers[call.server].warm.append(call.prompt)

    def answered(self, call: Call, now_s: float, *, work: float) -> None:
        """The job has its answer."""
        server = self._servers[call.server]
        server.calls.remove(call)
        server.faults = 0
        server.pace.answered(now_s - call.begun_s, work, begun_in=call.round)
        self._heard_s = self._answered_s = now_s
        self.counts.answered += 1
        del self._jobs[call.job_id]

    def cancelled(self, call: Call) -> None:
        """Its call came to its end without an answer that anybody waits for."""
        self._servers[call.server].calls.remove(call)
        del self._jobs[call.job_id]

    def failed(self, call: Call, error: CallError | JobError, now_s: float) -> JobError | None:
        """Nothing came of the call. The error of the job, or None: it waits again, before all others."""
        server, job = self._servers[call.server], self._jobs[call.job_id]
        server.calls.remove(call)
        final = self._final(server, job, call, error, now_s)
        if final is not None:
            del self._jobs[call.job_id]
            return final
        job.failed_at = call.server
        self._queue.add_first(call.job_id, job.prompt)
        return None

    def looks_due(self, now_s: float) -> tuple[int, ...]:
        """Servers that are to be asked whether they are back; each is then `looked_at`."""
        due = [
            index
            for index, server in enumerate(self._servers)
            if server.is_down and not server.is_looked_at and now_s >= server.look_at_s
        ]
        for index in due:
            self._servers[index].is_looked_at = True
        return tuple(due)

    def looked_at(self, index: int, now_s: float, *, is_healthy: bool) -> None:
        server = self._servers[index]
        server.is_looked_at = False
        if is_healthy:
            if server.is_away:
                server.pace.restart()
            server.is_down = server.is_away = False
            server.warm.clear()
            self._heard_s = now_s
        else:
            server.is_away = True
            server.faults += 1
            server.look_at_s = now_s + server.pause_s()

    def check(self, now_s: float) -> None:
        """Raises BackendError when for longer than there is patience no server was there, or none took a job."""
        if self._heard_s is None or not self._jobs or self.num_under_way:
            return
        said = "; ".join(
            f"{name} {server.said}" for name, server in zip(self._names, self._servers, strict=True) if server.said
        )
        if now_s - self._heard_s > self._patience.absent_s:
            what = f"No server answers any more: {said}."
        elif now_s - self._answered_s > self._patience.first_s:
            what = f"No server has taken a job for {self._patience.first_s:g} s: {said}."
        else:
            return
        raise BackendError(what, hint="Start the servers again: what was answered is kept, the same command goes on.")

    def _choose(self, index: int) -> str | None:
        """The job for this server, unless it is better to wait for one whose beginning it is about to read."""
        server = self._servers[index]
        others_up = any(not other.is_down for other in self._servers if other is not server)
        skipped = [name for name in self._queue.again if self._jobs[name].failed_at == index] if others_up else []
        name = self._queue.next_for(server.last, share=index / len(self._servers), skipped=skipped)
        if name is None:
            return None
        prompt = self._jobs[name].prompt
        coming = max((common_length(prompt, call.prompt) for call in server.calls if not call.has_begun), default=0)
        if coming < _SHARED_CHARACTERS:
            return name
        known = max((common_length(prompt, other) for other in server.warm), default=0)
        return name if known >= coming else None

    def _begin(self, name: str, index: int, now_s: float) -> Call:
        server, job = self._servers[index], self._jobs[name]
        self._queue.remove(name)
        call = Call(name, index, job.prompt, now_s, server.pace.round)
        server.calls.append(call)
        server.last = job.prompt
        self.counts.calls += 1
        self.counts.again += bool(job.gone or job.strange or job.failed_at >= 0)
        return call

    def _final(
        self, server: _Server, job: _Job, call: Call, error: CallError | JobError, now_s: float
    ) -> JobError | None:
        """What the failure means for the server and for the job: its error, or None, where it may go better again."""
        if isinstance(error, JobError):
            self._heard_s = now_s
            return error
        name = self._names[call.server]
        server.said = error.detail
        if isinstance(error, GoneError):
            self._lose(server, call, now_s)
            job.gone += 1
            if job.gone < _MOST_GONE:
                return None
            return JobError(f"{name} {error.detail}, as {_MOST_GONE - 1} times before with this job.", hint=_ITS_FAULT)
        self._heard_s = now_s
        if isinstance(error, BusyError):
            self.counts.refusals += 1
            server.faults += 1
            server.pace.refused(begun_in=call.round)
            server.rests_until_s = max(server.rests_until_s, now_s + (error.after_s or server.pause_s()))
            return None
        if isinstance(error, RefusedError) and error.status < _SERVER_FAULT:
            return JobError(f"{name} {error.detail}.", hint=_ITS_FAULT)
        job.strange += 1
        return None if job.strange < _MOST_STRANGE else JobError(f"{name} {error.detail}, twice.", hint=_ITS_FAULT)

    def _lose(self, server: _Server, call: Call, now_s: float) -> None:
        """It is looked at at once: it may have dropped one connection, as some do when the next job comes."""
        if not server.is_down:
            self.counts.ends += 1
            self._heard_s = self._answered_s = now_s  # until now it was there, or thought to be
            server.is_down = True
            server.look_at_s = now_s if not server.faults else now_s + server.pause_s()
            server.faults += 1
            server.pace.refused(begun_in=call.round)


_ITS_FAULT = "Look into the server's log. The other jobs are not harmed."
