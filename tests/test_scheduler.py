"""The scheduler's promises, on a backend whose output depends on every token that a slot holds."""

from __future__ import annotations

import pytest
from fake_backend import FakeBackend
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.engine.cells import SharedCells, StreamCells
from localdigest.engine.errors import ContextOverflowError
from localdigest.engine.loading import KVLayout
from localdigest.engine.prefixes import common_prefix
from localdigest.engine.scheduler import Copy, Scheduler, Sequence


def make(backend: FakeBackend, *, width: int = 0, step_tokens: int = 32) -> Scheduler:
    cells = (
        StreamCells(num_slots=backend.num_slots, slot_cells=backend.slot_cells)
        if backend.layout is KVLayout.STREAMS
        else SharedCells(num_slots=backend.num_slots, num_cells=backend.num_cells, slot_cells=backend.slot_cells)
    )
    return Scheduler(
        cells=cells,
        num_slots=backend.num_slots,
        width=width or backend.num_slots,
        step_tokens=step_tokens,
        max_outputs=backend.max_outputs,
        can_cut=backend.can_cut,
    )


def sequence(prompt: list[int], *, output: int = 4) -> Sequence:
    return Sequence(list(prompt), max_tokens=len(prompt) + output, first_output=len(prompt) - 1)


def step(scheduler: Scheduler, backend: FakeBackend) -> None:
    """One step, as the engine makes it: greedy, until the sequence is as long as it may be."""
    plan = scheduler.schedule()
    for move in plan.moves:
        if isinstance(move, Copy):
            backend.copy(move.source, move.target, move.length)
        else:
            backend.cut(move.slot, move.length)
    rows = iter(backend.decode(plan.runs))
    scheduler.update(plan)
    for run, running in zip(plan.runs, plan.sequences, strict=True):
        for _ in range(run.num_outputs):
            row = next(rows)
        if not running.num_pending:
            running.tokens.append(int(row.argmax()))
            if len(running.tokens) == running.max_tokens:
                scheduler.remove(running)
    scheduler.check_integrity()


def run(scheduler: Scheduler, backend: FakeBackend) -> None:
    for _ in range(2000):
        if not scheduler.running and not scheduler.waiting:
            return
        step(scheduler, backend)
    pytest.fail("not every sequence came to its end")


def outputs(prompts: list[list[int]], lengths: list[int], backend: FakeBackend, **options: int) -> list[list[int]]:
    scheduler = make(backend, **options)
    sequences = [sequence(prompt, output=length) for prompt, length in zip(prompts, lengths, strict=True)]
    for each in sequences:
        scheduler.add(each)
    run(scheduler, backend)
    return [each.tokens for each in sequences]


LAYOUTS = pytest.mark.parametrize("layout", list(KVLayout))

#: Few different tokens and a shared stem: prefixes are shared at many depths.
PROMPTS = st.lists(st.lists(st.integers(10, 12), min_size=1, max_size=40), min_size=1, max_size=12)


@LAYOUTS
@settings(deadline=None, max_examples=60)
@given(
    prompts=PROMPTS,
    length=st.integers(1, 9),
    options=st.fixed_dictionaries({"width": st.integers(1, 4), "step_tokens": st.integers(4, 64)}),
    can_cut=st.sampled_from([True, False]),
)
def test_any_width_and_step_gives_what_one_alone_gives(
    layout: KVLayout, prompts: list[list[int]], length: int, options: dict[str, int], *, can_cut: bool
) -> None:
    lengths = [length + index % 3 for index in range(len(prompts))]
    alone = [
        outputs([prompt], [output], FakeBackend(num_slots=1))[0]
        for prompt, output in zip(prompts, lengths, strict=True)
    ]

    together = outputs(
        prompts,
        lengths,
        FakeBackend(layout=layout, can_cut=can_cut, num_cells=120 if layout is KVLayout.UNIFIED else 1024),
        **options,
    )

    assert alone == together


@LAYOUTS
def test_a_shared_prefix_is_computed_once(layout: KVLayout) -> None:
    """Eight prompts over four slots: the 50 common tokens are decoded a single time."""
    prompts = [[7] * 50 + [20 + index] * 10 for index in range(8)]
    backend = FakeBackend(layout=layout)

    outputs(prompts, [3] * 8, backend)

    assert backend.num_decoded == 50 + 8 * (10 + 2)


@LAYOUTS
def test_prefixes_branch_at_any_depth(layout: KVLayout) -> None:
    """Instruction, then one of two lots of stories, then a section: each part once per branch."""
    prompts = [[5] * 20 + [story] * 30 + [section] * 4 for story in (6, 7) for section in (30, 31, 32)]
    backend = FakeBackend(num_slots=8, layout=layout, num_cells=1024)

    outputs(prompts, [1] * 6, backend)

    assert backend.num_decoded == 20 + 2 * 30 + 6 * 4


def test_a_job_that_ends_leaves_its_prefix_for_the_next() -> None:
    backend = FakeBackend(num_slots=1)
    scheduler = make(backend)
    for last in (20, 21):
        scheduler.add(sequence([7] * 40 + [last], output=2))
        run(scheduler, backend)

    assert scheduler.counts.reused == 40
    assert backend.num_decoded == 42 + 2


def test_the_least_recently_used_prefix_goes_first() -> None:
    """Two slots keep two prefixes; a third takes the slot of the older one."""
    backend = FakeBackend(num_slots=2)
    scheduler = make(backend, width=1)
    for token in (5, 6, 5, 7, 5):
        scheduler.add(sequence([token] * 30 + [token + 50], output=1))
        run(scheduler, backend)

    assert scheduler.counts.reused == 2 * 30
    assert [sum(len(run.tokens) for run in step) for step in backend.steps] == [31, 31, 1, 31, 1]


def test_memory_that_cannot_be_cut_still_shares_where_sequences_part() -> None:
    """Recurrent state is copied at the very token where the prompts part."""
    prompts = [[7] * 30 + [20 + index] * 5 for index in range(3)]
    backend = FakeBackend(can_cut=False)

    outputs(prompts, [2] * 3, backend)

    assert backend.num_decoded == 30 + 3 * (5 + 1)


def test_what_can_never_fit_is_refused_and_harms_nobody() -> None:
    backend = FakeBackend(slot_cells=32)
    scheduler = make(backend)
    scheduler.add(sequence([5] * 20, output=4))

    with pytest.raises(ContextOverflowError, match="30 tokens with up to 4 more does not fit the 32"):
        scheduler.add(sequence([6] * 30, output=4))
    run(scheduler, backend)

    assert not scheduler.waiting


@settings(deadline=None, max_examples=80)
@given(
    jobs=st.lists(st.tuples(st.lists(st.integers(10, 12), min_size=1, max_size=60), st.integers(1, 30)), max_size=20),
    num_cells=st.integers(90, 200),
)
def test_a_pool_is_never_overdrawn(jobs: list[tuple[list[int], int]], num_cells: int) -> None:
    """The backend counts its own cells and raises where the budget promised too much; every job still ends."""
    backend = FakeBackend(num_slots=6, num_cells=num_cells, slot_cells=num_cells, layout=KVLayout.UNIFIED)
    scheduler = make(backend)
    for prompt, output in jobs:
        scheduler.add(sequence(prompt, output=output))

    run(scheduler, backend)

    assert isinstance(scheduler.cells, SharedCells)
    assert scheduler.cells.used == backend.used_cells


def test_a_cancelled_sequence_gives_its_cells_back() -> None:
    backend = FakeBackend(num_slots=2, num_cells=64, slot_cells=64, layout=KVLayout.UNIFIED)
    scheduler = make(backend)
    first, second = sequence([5] * 20, output=40), sequence([6] * 20, output=40)
    scheduler.add(first)
    scheduler.add(second)
    step(scheduler, backend)
    assert second in scheduler.waiting

    scheduler.remove(first)
    run(scheduler, backend)

    assert second.num_computed


def test_those_who_generate_go_on_beside_a_long_prompt() -> None:
    backend = FakeBackend(num_slots=2)
    scheduler = make(backend, step_tokens=8)
    writer = sequence([5] * 4, output=30)
    scheduler.add(writer)
    step(scheduler, backend)
    scheduler.add(sequence([6] * 60, output=1))

    before = len(writer.tokens)
    for _ in range(5):
        step(scheduler, backend)

    assert before + 5 == len(writer.tokens)
    assert all(sum(len(run.tokens) for run in runs) <= 8 for runs in backend.steps)


@given(st.lists(st.integers(0, 2), max_size=60), st.lists(st.integers(0, 2), max_size=60), st.integers(0, 70))
def test_common_prefix_is_the_number_of_equal_tokens(first: list[int], second: list[int], limit: int) -> None:
    expected = 0
    while expected < min(len(first), len(second), limit) and first[expected] == second[expected]:
        expected += 1

    assert expected == common_prefix(first, second, limit)
