"""The engine in one process: jobs in, completions out, one step at a time.

submit(job) ─tokenize, compile─▶ scheduler ─plan─▶ backend ─logits─▶ request ─tokens─▶ scheduler … ─▶ Completion
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from localdigest.engine.cells import SharedCells, StreamCells
from localdigest.engine.chat import ChatTemplate
from localdigest.engine.constraint import ConstraintFactory
from localdigest.engine.errors import ConstraintError, JobError
from localdigest.engine.jobs import Completion, Finish, Job
from localdigest.engine.loading import KVLayout, Threads
from localdigest.engine.requests import GenerateRequest, Request, ScoreRequest
from localdigest.engine.scheduler import FEW_TOKENS, Copy, Scheduler, Sequence, StepPlan
from localdigest.engine.speculation import Speculator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from localdigest.engine.backend import Backend, Logits, VocabToken
    from localdigest.engine.jobs import Prompt

__all__ = ["BatchEngine", "Governor", "Stats"]

#: Prompt tokens of one step. Between two steps a run can be stopped, and a job cancelled.
STEP_TOKENS = 512


class Governor(Protocol):
    """Chooses the number of threads from how long steps take."""

    def observe(self, kind: str, *, num_tokens: int, seconds: float) -> Threads | None:
        """A step of `kind` ("decode" or "prefill") is done; other numbers of threads, or None to go on as it is."""


@dataclass(frozen=True, slots=True)
class Stats:
    """What the engine has done so far."""

    steps: int
    computed_tokens: int
    reused_tokens: int
    evicted_tokens: int
    guessed_tokens: int  #: computed as guesses, right or wrong
    right_guesses: int  #: of these, tokens that were then written
    busy_seconds: float  #: inside `step`
    decode_seconds: float  #: of these, inside llama_decode
    decode_threads: int  #: last chosen for steps of few tokens; 0: as loaded
    prefill_threads: int


class BatchEngine:
    """Runs many jobs over one backend. Not safe for threads."""

    def __init__(
        self,
        backend: Backend,
        *,
        width: int = 0,
        step_tokens: int = STEP_TOKENS,
        chat_template: str | None = None,
        governor: Governor | None = None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._backend = backend
        self._governor = governor
        self._clock = clock
        self._vocabulary = list(backend.vocabulary())
        self._chat = _chat_template(chat_template or backend.chat_template(), backend, self._vocabulary)
        self._constraints: ConstraintFactory | None = None
        self._scheduler = Scheduler(
            cells=_cells(backend),
            num_slots=backend.num_slots,
            width=width or backend.num_slots,
            step_tokens=max(min(step_tokens, backend.batch_tokens), width or backend.num_slots),
            max_outputs=backend.max_outputs,
            can_cut=backend.can_cut,
            # Over streams llama.cpp computes sequences together only as far as they bring the same number of tokens.
            mixed=backend.layout is KVLayout.UNIFIED,
        )
        self._requests: dict[str, Request] = {}
        self._owners: dict[int, Request] = {}  #: by the identity of the sequence
        self._begun: dict[str, float] = {}
        self._done: list[Completion] = []
        self._speculator = Speculator()
        self._guessed_tokens = 0
        self._right_guesses = 0
        self._steps = 0
        self._busy_seconds = 0.0
        self._threads = Threads(decode=0, prefill=0)
        self._current_threads = 0

    @property
    def num_pending(self) -> int:
        """Jobs that have not been handed out as completions."""
        return len(self._requests) + len(self._done)

    @property
    def stats(self) -> Stats:
        counts = self._scheduler.counts
        return Stats(
            steps=self._steps,
            computed_tokens=counts.computed,
            reused_tokens=counts.reused,
            evicted_tokens=counts.evicted,
            guessed_tokens=self._guessed_tokens,
            right_guesses=self._right_guesses,
            busy_seconds=self._busy_seconds,
            decode_seconds=self._backend.decode_seconds,
            decode_threads=self._threads.decode,
            prefill_threads=self._threads.prefill,
        )

    def count_tokens(self, text: str) -> int:
        return len(self._backend.tokenize(text))

    def count_all(self, texts: Iterable[str]) -> list[int]:
        return [self.count_tokens(text) for text in texts]

    def submit(self, job: Job) -> None:
        """Queue the job. One that cannot be run comes back from the next step as a failed completion."""
        if job.id in self._requests:
            raise JobError(f"There is a job named {job.id} already.", hint="Give every job an id of its own.")
        try:
            self._accept(job)
        except JobError as error:
            self._done.append(Completion(job.id, Finish.FAILED, error=error))

    def cancel(self, job_id: str) -> None:
        """End the job now: what it wrote comes back as a cancelled completion. Unknown ids are over already."""
        if request := self._requests.get(job_id):
            self._finish(request, Finish.CANCELLED)

    def cancel_waiting(self) -> None:
        """End the jobs of which nothing is computed yet."""
        for job_id in self._requests.keys() - self._begun.keys():
            self.cancel(job_id)

    def step(self) -> list[Completion]:
        """Compute one step; returns the jobs that ended."""
        started = self._clock()
        if self._requests:
            self._compute()
        self._busy_seconds += self._clock() - started
        done, self._done = self._done, []
        return done

    # ── one step ─────────────────────────────────────────────────────────────

    def _compute(self) -> None:
        plan = self._scheduler.schedule()
        for move in plan.moves:
            if isinstance(move, Copy):
                self._backend.copy(move.source, move.target, move.length)
            else:
                self._backend.cut(move.slot, move.length)
        for sequence in plan.sequences:
            self._begun.setdefault(self._owners[id(sequence)].job.id, self._clock())
        kind = _kind(plan)
        self._set_threads(kind)
        before = self._clock()
        rows = self._backend.decode(plan.runs)
        seconds = self._clock() - before
        self._adapt(kind, plan, seconds)
        self._scheduler.update(plan)
        self._steps += 1
        self._use(plan, rows)
        self._guess(plan, seconds)

    def _use(self, plan: StepPlan, rows: list[Logits]) -> None:
        """Give every request its rows; whoever is at its end leaves."""
        end = 0
        for sequence, run in zip(plan.sequences, plan.runs, strict=True):
            start, end = end, end + run.num_outputs
            request = self._owners.get(id(sequence))
            if request is None or not run.num_outputs:
                continue
            try:
                finish = request.take(sequence, run, rows[start:end])
            except JobError as error:
                self._finish(request, Finish.FAILED, error=error)
                continue
            if isinstance(request, GenerateRequest) and run.num_outputs > 1:
                # The guesses that came true stay; the others' cells are taken back.
                self._guessed_tokens += run.num_outputs - 1
                self._right_guesses += request.num_right
                right = run.start + len(run.tokens) - (run.num_outputs - 1) + request.num_right
                if right < sequence.num_computed:
                    self._scheduler.rewind(sequence, right)
            if finish is not None:
                self._finish(request, finish)
            elif not sequence.num_pending:
                self._drop(sequence)

    def _guess(self, plan: StepPlan, seconds: float) -> None:
        """Let a lone writer guess ahead, while that pays. Beside others the wider step would cost them."""
        scheduler = self._scheduler
        if len(scheduler.running) != 1 or scheduler.waiting or not self._backend.can_cut:
            return
        sequence = scheduler.running[0]
        request = self._owners[id(sequence)]
        if not isinstance(request, GenerateRequest) or plan.sequences != (sequence,) or not plan.runs[0].num_outputs:
            return
        run = plan.runs[0]
        drafted = run.num_outputs - 1
        emitted = len(sequence.tokens) - (run.start + len(run.tokens) - drafted)
        if emitted > 0 and len(run.tokens) <= FEW_TOKENS:
            self._speculator.observe(num_drafted=drafted, num_emitted=emitted, seconds=seconds)
        if limit := self._speculator.num_draft():
            request.propose(limit)

    def _adapt(self, kind: str, plan: StepPlan, seconds: float) -> None:
        if self._governor is None:
            return
        num_tokens = sum(len(run.tokens) for run in plan.runs)
        self._threads = self._governor.observe(kind, num_tokens=num_tokens, seconds=seconds) or self._threads

    def _set_threads(self, kind: str) -> None:
        """Both of llama.cpp's numbers: it goes by the second as soon as a step has two tokens, whatever they are."""
        wanted = self._threads.decode if kind == "decode" else self._threads.prefill
        if wanted not in {0, self._current_threads}:
            self._backend.set_threads(Threads(decode=wanted, prefill=wanted))
            self._current_threads = wanted

    def _finish(self, request: Request, finish: Finish, *, error: JobError | None = None) -> None:
        job_id = request.job.id
        begun = self._begun.pop(job_id, None)
        seconds = self._clock() - begun if begun is not None else 0.0
        self._done.append(request.completion(finish, seconds=seconds, error=error))
        for sequence in request.sequences:
            self._drop(sequence)
        del self._requests[job_id]

    def _drop(self, sequence: Sequence) -> None:
        if self._owners.pop(id(sequence), None) is not None:
            self._scheduler.remove(sequence)

    # ── accepting a job ──────────────────────────────────────────────────────

    def _accept(self, job: Job) -> None:
        if job.max_tokens < 1:
            raise JobError(f"{job.max_tokens} tokens are no output.", hint="Ask for one token or more.")
        prompt = self._prompt_tokens(job.prompt)
        request: Request
        if job.score:
            request = ScoreRequest(job, prompt, self._option_tokens(job))
        else:
            matcher = self._factory().make(job.constraint) if job.constraint is not None else None
            leads = not isinstance(job.prompt, str)
            request = GenerateRequest(job, prompt, vocabulary=self._vocabulary, matcher=matcher, leads=leads)
            if finish := request.begin():
                self._done.append(request.completion(finish))
                return
        for sequence in request.sequences:
            self._scheduler.check(sequence)
        self._requests[job.id] = request
        for sequence in request.sequences:
            self._owners[id(sequence)] = request
            self._scheduler.add(sequence)

    def _prompt_tokens(self, prompt: Prompt) -> list[int]:
        if isinstance(prompt, str):
            bos = [] if self._backend.bos is None else [self._backend.bos]
            tokens = bos + self._backend.tokenize(prompt)
        else:
            tokens = self._chat.tokens(prompt, self._backend.tokenize)
        if not tokens:
            raise JobError("The prompt is empty.", hint="Give the job some text.")
        return tokens

    def _option_tokens(self, job: Job) -> list[list[int]]:
        leads = not isinstance(job.prompt, str)
        options = [self._backend.tokenize(option, lead=leads) for option in job.score]
        if not all(options):
            raise ConstraintError("An option to score is empty.", hint="Every option needs at least one character.")
        return options

    def _factory(self) -> ConstraintFactory:
        if self._constraints is None:
            self._constraints = ConstraintFactory(
                self._vocabulary,
                eos=self._backend.eos,
                tokenize=lambda text: self._backend.tokenize(text, lead=False),
            )
        return self._constraints


def _kind(plan: StepPlan) -> str:
    return "prefill" if sum(len(run.tokens) for run in plan.runs) > FEW_TOKENS * len(plan.runs) else "decode"


def _cells(backend: Backend) -> SharedCells | StreamCells:
    if backend.layout is KVLayout.STREAMS:
        return StreamCells(num_slots=backend.num_slots, slot_cells=backend.slot_cells)
    return SharedCells(num_slots=backend.num_slots, num_cells=backend.num_cells, slot_cells=backend.slot_cells)


def _chat_template(source: str | None, backend: Backend, vocabulary: list[VocabToken]) -> ChatTemplate:
    names = [token.text.decode("utf-8", "replace") for token in vocabulary]
    return ChatTemplate(
        source or "",
        bos="" if backend.bos is None else names[backend.bos],
        eos=names[backend.eos] if backend.eos >= 0 else "",
        special={names[index]: index for index, token in enumerate(vocabulary) if token.special},
        user_defined=[names[index] for index, token in enumerate(vocabulary) if token.user_defined],
        # A digest has no use for a model's thoughts, and its schemas have no place for them.
        variables={"enable_thinking": False},
    )
