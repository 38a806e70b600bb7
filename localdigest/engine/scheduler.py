"""Continuous batching: which tokens of which sequences are computed in the next step. Imports no model library.

    add(sequence) ─▶ waiting ─admit─▶ running ─schedule() / update()─▶ … ─▶ remove(sequence)
                                 │
                                 └─ begins from the slot that holds most of its prompt: by going on in it, or by a copy

A running sequence wants its uncomputed tokens computed: a prompt, one sampled token, or a token and those that the
constraint forces after it. They are one thing here. A prompt is taken in chunks, so that those who generate go on.

A sequence whose prompt shares more with one that is being computed than with what is there yet waits for it: a shared
prefix is computed once, however many jobs begin with it and at whatever depth they part.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from localdigest.engine.backend import Run
from localdigest.engine.errors import ContextOverflowError
from localdigest.engine.prefixes import Match, Slot, common_prefix, longest_match

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localdigest.engine.cells import Cells

__all__ = ["FEW_TOKENS", "Copy", "Cut", "Scheduler", "Sequence", "StepPlan"]

#: How many waiting sequences are looked at in one step, so that a long queue costs nothing.
LOOKAHEAD = 64

#: So many uncomputed tokens are no prompt yet, but what a constraint forces.
FEW_TOKENS = 32


@dataclass(slots=True, eq=False)
class Sequence:
    """Tokens that are, or will be, in one slot.

    [ prompt: num_prompt ][ output … ]
    [ num_computed     ][ the rest is computed next ]
                   [ first_output … : logits are wanted after these ]
    """

    tokens: list[int]
    max_tokens: int  #: the longest that it may become, prompt included
    first_output: int  #: position of the first token after which logits are wanted
    num_computed: int = 0
    num_reused: int = 0  #: of the prompt: taken from another sequence
    slot: Slot | None = None
    stop_at: int = 0  #: a chunk ends here, because another sequence parts from this one; 0: nowhere

    @property
    def num_pending(self) -> int:
        return len(self.tokens) - self.num_computed


@dataclass(frozen=True, slots=True)
class Cut:
    """Keep the first `length` tokens of the slot."""

    slot: int
    length: int


@dataclass(frozen=True, slots=True)
class Copy:
    """Empty `target`, then make it hold the first `length` tokens of `source`."""

    source: int
    target: int
    length: int


@dataclass(frozen=True, slots=True)
class StepPlan:
    """What to do in one step: the moves in their order, then the runs together."""

    moves: tuple[Cut | Copy, ...]
    runs: tuple[Run, ...]
    sequences: tuple[Sequence, ...]  #: whose run it is, in the order of `runs`


@dataclass(slots=True)
class Counts:
    """What has been saved and spent so far, in tokens."""

    computed: int = 0
    reused: int = 0
    evicted: int = 0


@dataclass(slots=True, kw_only=True)
class Scheduler:
    """Owns the slots and the budget; decides, and moves no data itself."""

    cells: Cells
    num_slots: int
    width: int  #: sequences that run at once, at most `num_slots`; the other slots keep prefixes
    step_tokens: int  #: the most tokens of one step
    max_outputs: int  #: the most rows of logits of one step
    can_cut: bool = True
    mixed: bool = True  #: whether a step computes prompts and single tokens together, or one after the other
    counts: Counts = field(default_factory=Counts)
    slots: list[Slot] = field(init=False)
    waiting: deque[Sequence] = field(init=False, default_factory=deque)
    running: list[Sequence] = field(init=False, default_factory=list)
    _rewinds: list[Cut] = field(init=False, default_factory=list)
    _step: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        assert 0 < self.width <= self.num_slots
        assert self.step_tokens >= self.width, "every running sequence gets a token a step"
        self.slots = [Slot(number) for number in range(self.num_slots)]

    def check(self, sequence: Sequence) -> None:
        """Raises ContextOverflowError when it could never run, whatever else is there."""
        longest, prompt = self.cells.longest(), len(sequence.tokens)
        if sequence.max_tokens > longest:
            raise ContextOverflowError(
                f"A prompt of {prompt} tokens with up to {sequence.max_tokens - prompt} more "
                f"does not fit the {longest} tokens that one sequence may have."
            )

    def add(self, sequence: Sequence) -> None:
        """Queue it. Raises ContextOverflowError as `check` does."""
        self.check(sequence)
        self.waiting.append(sequence)

    def remove(self, sequence: Sequence) -> None:
        """It ended, or is wanted no longer. What it computed stays as a prefix until its slot is needed."""
        if sequence.slot is None:
            self.waiting.remove(sequence)
            return
        self.running.remove(sequence)
        slot, sequence.slot = sequence.slot, None
        slot.busy, slot.last_used = False, self._step
        slot.tokens = sequence.tokens[: sequence.num_computed]
        self.cells.settle(slot.number)

    def rewind(self, sequence: Sequence, length: int) -> None:
        """Its tokens after the first `length` were computed for a guess that was wrong."""
        assert sequence.slot is not None
        assert self.can_cut
        self.cells.rewind(sequence.slot.number, length)
        del sequence.slot.tokens[length:]
        sequence.num_computed = length
        self._rewinds.append(Cut(sequence.slot.number, length))

    def schedule(self) -> StepPlan:
        """Admit whom there is room for, and share out the step's tokens, who wants fewest first.

        A prompt that does not fit what is left of the step waits for the next, and one longer than a step is cut into
        equal chunks: half-filled batches cost almost as much as full ones.
        """
        self._step += 1
        rewinds, self._rewinds = self._rewinds, []
        moves = (*rewinds, *self._admit())
        chosen: list[tuple[Run, Sequence]] = []
        budget, outputs = self.step_tokens, self.max_outputs
        for sequence in sorted(self._turn(), key=lambda sequence: sequence.num_pending):
            whole = sequence.num_pending <= budget
            if chosen and not whole and not self.mixed:
                break
            run = self._run_of(sequence, budget if whole or self.mixed else self._chunk(sequence), outputs)
            if run is not None:
                budget -= len(run.tokens)
                outputs -= run.num_outputs
                chosen.append((run, sequence))
        # llama.cpp computes streams together where their ids follow one another.
        chosen.sort(key=lambda pair: pair[0].slot)
        return StepPlan(moves, tuple(run for run, _ in chosen), tuple(sequence for _, sequence in chosen))

    def _turn(self) -> list[Sequence]:
        """Whose turn it is: everybody's, or, where prompts and single tokens are computed apart, the prompts' first."""
        prompts = [] if self.mixed else [each for each in self.running if each.num_pending > FEW_TOKENS]
        return prompts or self.running

    def _chunk(self, sequence: Sequence) -> int:
        pending = sequence.num_pending
        return -(-pending // -(-pending // self.step_tokens))

    def update(self, plan: StepPlan) -> None:
        """The plan was carried out: its tokens are in their slots."""
        for run, sequence in zip(plan.runs, plan.sequences, strict=True):
            assert sequence.slot is not None
            self.cells.grow(run.slot, len(run.tokens))
            self.counts.computed += len(run.tokens)
            sequence.num_computed += len(run.tokens)
            sequence.slot.tokens.extend(run.tokens)
            sequence.slot.last_used = self._step

    def _run_of(self, sequence: Sequence, budget: int, outputs: int) -> Run | None:
        assert sequence.slot is not None
        start = sequence.num_computed
        end = min(len(sequence.tokens), start + budget)
        if start < sequence.stop_at < end:
            end = sequence.stop_at
        num_outputs = end - max(start, sequence.first_output)
        if num_outputs > outputs:
            end -= num_outputs - outputs
            num_outputs = outputs
        if end <= start:
            return None
        return Run(sequence.slot.number, start, tuple(sequence.tokens[start:end]), max(0, num_outputs))

    # ── admission ────────────────────────────────────────────────────────────

    def _admit(self) -> Iterable[Cut | Copy]:
        deferred: list[Sequence] = []
        for _ in range(min(len(self.waiting), LOOKAHEAD)):
            if len(self.running) == self.width:
                break
            sequence = self.waiting.popleft()
            if self._comes_nearer(sequence):
                deferred.append(sequence)
                continue
            moves = self._place(sequence)
            if moves is None:
                deferred.append(sequence)
                break
            yield from moves
        self.waiting.extendleft(reversed(deferred))

    def _match(self, sequence: Sequence) -> Match | None:
        # The last token is always computed: its logits are wanted.
        limit = min(len(sequence.tokens) - 1, sequence.first_output)
        return longest_match(self.slots, sequence.tokens, limit=limit, whole=not self.can_cut)

    def _comes_nearer(self, sequence: Sequence) -> bool:
        """Whether a running sequence is about to compute more of this prompt than any slot holds now."""
        match = self._match(sequence)
        held = match.length if match else 0
        limit = min(len(sequence.tokens) - 1, sequence.first_output)
        for other in self.running:
            shared = common_prefix(other.tokens, sequence.tokens, limit)
            if shared > max(held, other.num_computed):
                other.stop_at = shared
                return True
        return False

    def _place(self, sequence: Sequence) -> list[Cut | Copy] | None:
        """Give it a slot and what it may reuse; None when there is no room for it now."""
        idle = [slot for slot in self.slots if not slot.busy]
        match = self._match(sequence)
        target = self._target(idle, match)
        in_place = match is not None and match.slot is target
        length = match.length if match else 0
        kept = length if in_place else 0
        spared = match.slot if match else None
        lack = self.cells.shortfall(sequence.max_tokens - length) - self.cells.releases(target.number, kept)
        victims: list[Slot] = []
        for slot in sorted(idle, key=lambda slot: slot.last_used):
            if lack <= 0:
                break
            if slot is not target and slot is not spared:
                victims.append(slot)
                lack -= self.cells.releases(slot.number, 0)
        if lack > 0 and self.running:
            return None
        moves: list[Cut | Copy] = [self._empty(slot) for slot in victims]
        if lack > 0 and match is not None and not in_place:
            # Alone, and still short: what it shares is spread over a slot that must go. It begins in that very slot.
            target, kept, in_place = match.slot, length, True
            moves.extend(self._empty(slot) for slot in idle if slot is not target and slot.tokens)
        if in_place or target.tokens:
            self.counts.evicted += len(target.tokens) - kept
            self.cells.cut(target.number, kept)
            moves.append(Cut(target.number, kept))
        if match is not None and not in_place:
            self.cells.share(match.slot.number, target.number, length)
            moves.append(Copy(match.slot.number, target.number, length))
        self._begin(sequence, target, length)
        return moves

    def _target(self, idle: list[Slot], match: Match | None) -> Slot:
        """Where to run: in the slot that holds the prefix if little else is lost by it, else in the one used least."""
        if match is not None and not match.slot.busy:
            lost = len(match.slot.tokens) - match.length
            if (self.can_cut or not lost) and (lost <= match.length or len(idle) == 1):
                return match.slot
        others = [slot for slot in idle if match is None or slot is not match.slot] or idle
        return min(others, key=lambda slot: (bool(slot.tokens), slot.last_used, slot.number))

    def _empty(self, slot: Slot) -> Cut:
        self.counts.evicted += len(slot.tokens)
        self.cells.cut(slot.number, 0)
        slot.tokens = []
        return Cut(slot.number, 0)

    def _begin(self, sequence: Sequence, slot: Slot, length: int) -> None:
        self.cells.reserve(slot.number, sequence.max_tokens)
        slot.tokens = sequence.tokens[:length]
        slot.busy, slot.last_used = True, self._step
        sequence.slot = slot
        sequence.num_computed = sequence.num_reused = length
        self.counts.reused += length
        self.running.append(sequence)

    def check_integrity(self) -> None:
        """Every invariant that a step may rely on. For tests, and for when nothing runs."""
        self.cells.check_integrity()
        busy = [sequence.slot for sequence in self.running]
        assert len({id(slot) for slot in busy}) == len(busy)
        assert all(slot is not None and slot.busy for slot in busy)
        assert sum(slot.busy for slot in self.slots) == len(self.running)
        for sequence in self.running:
            assert sequence.slot is not None
            assert sequence.slot.tokens == sequence.tokens[: sequence.num_computed]
