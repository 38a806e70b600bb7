"""The governor on simulated machines: time passes only in numbers."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.engine.loading import Threads
from localdigest.engine.threads import ThreadGovernor, ladder

#: Seconds that a token takes one thread, in steps of few tokens and of many.
WORK = {"decode": 0.0075, "prefill": 0.0016}

#: Of one run, however short they are.
MAX_STEPS = 40_000


@dataclass
class Machine:
    """Cores, some of them taken by other processes, and workers that wait for one another."""

    cores: int
    busy: Callable[[float], int] = lambda _: 0
    collapse: float = 2.0  #: how much longer a step takes when a worker shares its core
    noise: float = 0.0
    seed: int = 0
    now: float = 0.0
    spent: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def ideal(self, kind: str, num_tokens: int) -> float:
        return min(self.seconds(kind, num_tokens, threads) for threads in range(1, self.cores + 1))

    def seconds(self, kind: str, num_tokens: int, threads: int) -> float:
        # A twentieth cannot be shared out.
        seconds = WORK[kind] * num_tokens * (0.05 + 0.95 / threads)
        shared = threads + self.busy(self.now) > self.cores
        return seconds * (self.collapse if shared else 1.0)

    def step(self, kind: str, num_tokens: int, threads: int) -> float:
        seconds = self.seconds(kind, num_tokens, threads) * self._random.lognormvariate(0.0, self.noise)
        self.now += seconds
        self.spent[threads] = self.spent.get(threads, 0.0) + seconds
        return seconds


@dataclass
class Ran:
    seconds: float = 0.0
    ideal: float = 0.0
    steps: int = 0
    numbers: list[int] = field(default_factory=list)  #: of threads, at each step

    @property
    def overhead(self) -> float:
        return self.seconds / self.ideal - 1

    @property
    def settled(self) -> int:
        """The number used most in the second half."""
        half = self.numbers[len(self.numbers) // 2 :]
        return max(set(half), key=half.count)


def run(
    governor: ThreadGovernor, machine: Machine, *, seconds: float, kind: str = "decode", num_tokens: int = 1
) -> Ran:
    ran, end = Ran(), machine.now + seconds
    while machine.now < end and ran.steps < MAX_STEPS:
        threads = getattr(governor.threads, kind)
        ran.ideal += machine.ideal(kind, num_tokens)
        taken = machine.step(kind, num_tokens, threads)
        ran.seconds += taken
        ran.steps += 1
        ran.numbers.append(threads)
        governor.observe(kind, num_tokens=num_tokens, seconds=taken)
    return ran


def stays(numbers: list[int]) -> int:
    """How often the number changed for more than a probe's length."""
    stretches: list[list[int]] = []
    for number in numbers:
        if stretches and stretches[-1][0] == number:
            stretches[-1][1] += 1
        else:
            stretches.append([number, 1])
    kept = [number for number, length in stretches if length > 8]
    return sum(one != other for one, other in pairwise(kept))


@pytest.mark.parametrize("cores", [1, 2, 3, 4, 8, 16, 64])
def test_an_idle_machine_keeps_all_its_cores(cores: int) -> None:
    """And loses less than two in a hundred by looking whether fewer would do."""
    ran = run(ThreadGovernor(cores=cores), Machine(cores), seconds=60)

    assert ran.settled == cores
    assert stays(ran.numbers) == 0
    assert ran.overhead < 0.02


@pytest.mark.parametrize("collapse", [3.0, 5.0, 50.0])
@pytest.mark.parametrize("cores", [2, 4, 8])
def test_a_neighbour_that_comes_and_goes(cores: int, collapse: float) -> None:
    """The core it takes is left to it, and taken back."""
    governor = ThreadGovernor(cores=cores)
    machine = Machine(cores, collapse=collapse)
    run(governor, machine, seconds=30)
    machine.busy = lambda _: 1
    beside = run(governor, machine, seconds=60)
    machine.busy = lambda _: 0
    alone = run(governor, machine, seconds=90)

    assert beside.settled == cores - 1
    assert beside.overhead < 0.1
    assert alone.settled == cores
    assert alone.overhead < 0.1
    assert stays(beside.numbers) <= 1
    assert stays(alone.numbers) <= 1


def test_a_neighbour_that_was_there_first() -> None:
    governor = ThreadGovernor(cores=2)
    ran = run(governor, Machine(2, busy=lambda _: 1, collapse=50.0), seconds=60)

    assert ran.settled == 1
    assert ran.overhead < 0.1


@pytest.mark.parametrize("num_neighbours", [1, 2, 4, 6])
def test_many_cores(num_neighbours: int) -> None:
    """Fewer threads than are free cost a little; one more than are free costs half."""
    governor = ThreadGovernor(cores=16)
    machine = Machine(16, collapse=3.0)
    run(governor, machine, seconds=30)
    machine.busy = lambda _: num_neighbours
    beside = run(governor, machine, seconds=60)
    machine.busy = lambda _: 0
    alone = run(governor, machine, seconds=90)

    assert 8 <= beside.settled <= 16 - num_neighbours
    assert beside.overhead < 0.4
    assert alone.settled >= 15


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("noise", [0.05, 0.2, 0.5])
def test_noise_is_no_neighbour(noise: float, seed: int) -> None:
    ran = run(ThreadGovernor(cores=2), Machine(2, noise=noise, seed=seed), seconds=120)
    mean = sum(ran.numbers) / len(ran.numbers)

    assert ran.settled == 2
    assert mean > 1.9
    assert stays(ran.numbers) <= 4


def test_where_all_numbers_are_equal_it_stays() -> None:
    """A GPU does the work: the threads do not matter."""

    class Flat(Machine):
        def seconds(self, kind: str, num_tokens: int, threads: int) -> float:  # noqa: ARG002 - that is the point
            return 0.01

    ran = run(ThreadGovernor(cores=8), Flat(8, noise=0.1), seconds=120)

    assert stays(ran.numbers) == 0


def test_prefill_and_decode_are_apart() -> None:
    """With workers that sleep while they wait, two threads pay in prefill and not in decode, beside a neighbour."""

    class Sleeping(Machine):
        def seconds(self, kind: str, num_tokens: int, threads: int) -> float:
            gain = {"decode": 0.85, "prefill": 1.45}[kind]
            return WORK[kind] * num_tokens / (gain if threads == 2 else 1.0)

    machine = Sleeping(2, noise=0.05)
    governor = ThreadGovernor(cores=2)
    for _ in range(10):
        run(governor, machine, seconds=5, kind="prefill", num_tokens=512)
        run(governor, machine, seconds=5, kind="decode", num_tokens=4)
    prefill = run(governor, machine, seconds=20, kind="prefill", num_tokens=512)
    decode = run(governor, machine, seconds=20, kind="decode", num_tokens=4)

    assert (prefill.settled, decode.settled) == (2, 1)


def test_steps_of_all_sizes_and_growing_contexts() -> None:
    """Wider steps, longer contexts and new jobs change what a token costs, and are no reason to change anything."""
    machine = Machine(4, noise=0.05)
    governor = ThreadGovernor(cores=4)
    rng = random.Random(1)
    numbers = []
    for step in range(6000):
        width = max(1, 16 - step % 160 // 10)
        context = 1 + (step % 400) / 800  # up to half as much again
        taken = machine.step("decode", width, governor.threads.decode) * context * (1 - 0.03 * width)
        numbers.append(governor.threads.decode)
        governor.observe("decode", num_tokens=width, seconds=taken)
        if step % 20 == 0:
            chunk = rng.randint(17, 512)
            taken = machine.step("prefill", chunk, governor.threads.prefill)
            governor.observe("prefill", num_tokens=chunk, seconds=taken)

    assert numbers.count(4) > 0.97 * len(numbers)
    assert stays(numbers) == 0


#: Times that vary by more than this from step to step make it waver between neighbours, which costs little.
QUIET_NOISE = 0.05
MACHINES = st.builds(
    lambda cores, taken, **rest: Machine(cores, busy=lambda _: min(taken, cores), **rest),
    st.integers(1, 24),
    st.integers(0, 24),
    collapse=st.floats(1.0, 60.0),
    noise=st.floats(0.0, QUIET_NOISE),
    seed=st.integers(0, 1000),
)


@settings(max_examples=25, deadline=None)
@given(machine=MACHINES, kind=st.sampled_from(["decode", "prefill"]), num_tokens=st.sampled_from([8, 64, 512]))
def test_it_never_swings(machine: Machine, kind: str, num_tokens: int) -> None:
    """Whatever the machine is like: where nothing changes, and steps take about the same time, it comes to rest."""
    governor = ThreadGovernor(cores=machine.cores)
    run(governor, machine, seconds=60, kind=kind, num_tokens=num_tokens)
    rest = run(governor, machine, seconds=60, kind=kind, num_tokens=num_tokens)

    assert stays(rest.numbers) <= 3
    assert set(rest.numbers) <= set(ladder(machine.cores))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 600), st.floats(1e-4, 20.0)), max_size=300), st.integers(1, 64))
def test_any_times_give_numbers_of_the_ladder(steps: list[tuple[int, float]], cores: int) -> None:
    """Of what it is told last, and the same each time."""
    one, other = ThreadGovernor(cores=cores), ThreadGovernor(cores=cores)
    threads = one.threads
    for num_tokens, seconds in steps:
        kind = "decode" if num_tokens < 20 else "prefill"
        told = one.observe(kind, num_tokens=num_tokens, seconds=seconds)
        assert told == other.observe(kind, num_tokens=num_tokens, seconds=seconds)
        threads = told or threads
        assert {threads.decode, threads.prefill} <= set(ladder(cores))
    assert threads == one.threads


def test_it_begins_where_it_is_told() -> None:
    governor = ThreadGovernor(cores=8, start=Threads(decode=4, prefill=8))

    assert governor.threads == Threads(decode=4, prefill=8)


@pytest.mark.parametrize(("cores", "numbers"), [(1, (1,)), (2, (1, 2)), (4, (1, 2, 3, 4)), (16, (1, 4, 8, 12, 15, 16))])
def test_the_numbers_worth_trying(cores: int, numbers: tuple[int, ...]) -> None:
    assert ladder(cores) == numbers
