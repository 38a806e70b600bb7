"""How many threads ggml should use, learned from how long steps take. Reads no clock and decides the same every time.

    observe(step) ─▶ usual so far? ─no, three times─▶ something changed: look at once
                          │yes
                          └─ now and then a few steps with another number ─▶ clearly quicker? keep it : go back

ggml's workers meet at a barrier hundreds of times a token, so one worker whose core is taken by another process holds
up all of them. How many workers are best changes with who else is there, and differs between steps of few tokens and
of many: each kind has a tuner of its own.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from math import inf, sqrt
from statistics import median

from localdigest.engine.loading import Threads

__all__ = ["ThreadGovernor", "ladder"]

# Found by the simulations in the tests and by runs on 2 cores beside processes that came and went. Look at them again
# when steps are longer than a few seconds, or machines larger than a few dozen cores.
WINDOW_STEPS = 12  #: what is usual is the median of so many steps of one size
MIN_STEPS = 4  #: before that nothing is called usual
CHANGED_RATIO = 1.3  #: so much longer or shorter than usual is strange ...
CHANGED_STEPS = 3  #: ... and so many such steps in a row mean that something changed
PROBE_STEPS = 6
MIN_GAIN = 0.08  #: another number must save so much of the time
HOPELESS_RATIO = 1.5  #: one step as slow as this ends a probe
BUDGET = 0.015  #: probes may waste so much of all time
WAIT_SECONDS = 1.0  #: between probes of one number, doubled after each in vain
MAX_WAIT_SECONDS = 32.0
SHORT_SECONDS = 0.05  #: the first step after a change of number pays for it; in longer steps that does not show


def ladder(cores: int) -> tuple[int, ...]:
    """The numbers of threads worth trying, in order: all cores, all but one, and some fractions."""
    numbers = {1, cores // 4, cores // 2, cores * 3 // 4, cores - 1, cores}
    return tuple(sorted(number for number in numbers if number > 0))


class ThreadGovernor:
    """Chooses the threads of steps of few tokens ("decode") and of many ("prefill")."""

    def __init__(self, *, cores: int, start: Threads | None = None) -> None:
        self._threads = start or Threads(decode=cores, prefill=cores)
        self._tuners = {
            "decode": _Tuner(cores=cores, threads=self._threads.decode),
            "prefill": _Tuner(cores=cores, threads=self._threads.prefill),
        }

    @property
    def threads(self) -> Threads:
        """The numbers for the next step."""
        return self._threads

    def observe(self, kind: str, *, num_tokens: int, seconds: float) -> Threads | None:
        """A step is done, computed with the numbers given last; the numbers from now on, or None for the same."""
        self._tuners[kind].observe(num_tokens=num_tokens, seconds=seconds)
        wanted = Threads(decode=self._tuners["decode"].threads, prefill=self._tuners["prefill"].threads)
        if wanted == self._threads:
            return None
        self._threads = wanted
        return wanted


@dataclass(slots=True)
class _Probe:
    """A trial of another number."""

    threads: int
    ratios: list[float] = field(default_factory=list)  #: of each step's time to what is usual
    costs: list[tuple[int, float]] = field(default_factory=list)
    num_unknown: int = 0  #: steps of sizes that were not seen before

    def verdict(self, spread: float) -> bool | None:
        """Whether it pays; None: not known yet."""
        if not self.ratios:
            return False if self.num_unknown >= PROBE_STEPS else None
        if self.ratios[-1] > HOPELESS_RATIO or (len(self.ratios) > 1 and min(self.ratios) > 1.0):
            return False
        if len(self.ratios) + self.num_unknown < PROBE_STEPS:
            return None
        # The noisier the steps are, the clearer the gain must be.
        return median(self.ratios) < 1.0 - max(MIN_GAIN, 2 * spread / sqrt(len(self.ratios)))


class _Tuner:
    """One number of threads, moved along the ladder."""

    def __init__(self, *, cores: int, threads: int) -> None:
        self.threads = threads  #: for the next step
        self._chosen = threads
        self._ladder = ladder(cores)
        self._windows: dict[int, deque[float]] = {}  #: seconds per token at the chosen number, by size of step
        self._probe: _Probe | None = None
        self._is_settling = False
        self._strange: list[tuple[int, float]] = []  #: the last steps, if all were longer or all shorter than usual
        self._elapsed = 0.0
        self._wasted = 0.0  #: what probes cost
        self._due: dict[int, float] = {}  #: not to be probed before
        self._failures: dict[int, int] = {}
        self._free = set(self._neighbours()[:1])  #: may be probed once whatever it costs
        self._next_alarm = 0.0
        self._num_alarms = 0
        self._left = threads  #: the number before the last switch
        self._switched = -inf
        self._num_returns = 0

    def observe(self, *, num_tokens: int, seconds: float) -> None:
        self._elapsed += seconds
        size, cost = _size_class(num_tokens), seconds / num_tokens
        if self._probe is not None:
            self._observe_probe(self._probe, size, cost, seconds)
        elif self._is_settling and seconds < SHORT_SECONDS:
            self._is_settling = False
        else:
            self._observe_usual(size, cost, seconds)

    # ── at the chosen number ─────────────────────────────────────────────────

    def _observe_usual(self, size: int, cost: float, seconds: float) -> None:
        self._is_settling = False
        if usual := self._usual(size):
            self._watch(size, cost, cost / usual)
        self._windows.setdefault(size, deque(maxlen=WINDOW_STEPS)).append(cost)
        if self._usual(size) and (number := self._to_probe(seconds)):
            self._probe = _Probe(number)
            self._set(number)

    def _watch(self, size: int, cost: float, ratio: float) -> None:
        """Notice when the steps become strange, and forget what was usual before."""
        if 1 / CHANGED_RATIO <= ratio <= CHANGED_RATIO:
            self._strange.clear()
            return
        usual = self._usual(self._strange[0][0]) if self._strange else None
        if usual and (self._strange[0][1] > usual) != (ratio > 1):
            self._strange.clear()
        self._strange.append((size, cost))
        if len(self._strange) < CHANGED_STEPS:
            return
        self._windows.clear()
        for size_then, cost_then in self._strange[:-1]:
            self._windows.setdefault(size_then, deque(maxlen=WINDOW_STEPS)).extend([cost_then] * 2)
        self._strange.clear()
        if self._elapsed >= self._next_alarm:
            # In vain, alarms come less often: the steps may just be of another kind.
            self._next_alarm = self._elapsed + min(MAX_WAIT_SECONDS, WAIT_SECONDS * 2**self._num_alarms)
            self._num_alarms += 1
            self._due.clear()
            self._failures.clear()
            self._free = set(self._neighbours())

    def _usual(self, size: int) -> float | None:
        window = self._windows.get(size)
        return median(window) if window and len(window) >= MIN_STEPS else None

    def _to_probe(self, seconds: float) -> int | None:
        """The number whose turn it is and that can be afforded."""
        due = [number for number in self._neighbours() if self._due.get(number, 0.0) <= self._elapsed]
        for number in sorted(due, key=lambda number: self._due.get(number, 0.0)):
            if number in self._free:
                self._free.discard(number)
                return number
            # At worst each thread does its full share of the work.
            worst = 2 * seconds * max(self._chosen / number - 1, 0.1)
            if self._wasted + worst <= BUDGET * self._elapsed:
                return number
        return None

    def _neighbours(self) -> list[int]:
        """The numbers that cannot be much slower than the chosen one on an idle machine, nearest first, fewer first."""
        near = [number for number in self._ladder if number != self._chosen and number * 2 >= self._chosen]
        return sorted(near, key=lambda number: (number > self._chosen, abs(number - self._chosen)))

    # ── at another number ────────────────────────────────────────────────────

    def _observe_probe(self, probe: _Probe, size: int, cost: float, seconds: float) -> None:
        usual = self._usual(size)
        ratio = cost / usual if usual else None
        if ratio is not None:
            self._wasted += max(0.0, seconds * (1 - 1 / ratio))
        if self._is_settling:
            self._is_settling = False
            if seconds < SHORT_SECONDS and (ratio is None or ratio <= 2 * HOPELESS_RATIO):
                return
        probe.costs.append((size, cost))
        if ratio is None:
            probe.num_unknown += 1
        else:
            probe.ratios.append(ratio)
        verdict = probe.verdict(self._spread(size))
        if verdict is None:
            return
        self._probe = None
        if verdict:
            self._switch(probe)
        else:
            self._go_back(probe.threads)

    def _spread(self, size: int) -> float:
        """How much single steps differ from the usual one: a robust standard deviation, as a share."""
        window = self._windows.get(size)
        if not window:
            return 0.0
        middle = median(window)
        return 1.48 * median(abs(cost - middle) for cost in window) / middle

    def _switch(self, probe: _Probe) -> None:
        if self._elapsed - self._switched > MAX_WAIT_SECONDS:
            self._num_returns = 0
        self._num_returns += probe.threads == self._left
        self._left, self._chosen = self._chosen, probe.threads
        self._switched = self._elapsed
        self._num_alarms = 0
        self._next_alarm = 0.0
        self._windows.clear()
        for size, cost in probe.costs:
            self._windows.setdefault(size, deque(maxlen=WINDOW_STEPS)).append(cost)
        self._failures.clear()
        # What was just left is not tried again soon, and the less so the more often it went to and fro.
        wait = min(MAX_WAIT_SECONDS, 2 * WAIT_SECONDS * 2**self._num_returns)
        self._due = {self._left: self._elapsed + wait}
        self._free = set()

    def _go_back(self, number: int) -> None:
        self._set(self._chosen)
        failures = self._failures[number] = self._failures.get(number, 0) + 1
        self._due[number] = self._elapsed + min(MAX_WAIT_SECONDS, WAIT_SECONDS * 2**failures)

    def _set(self, number: int) -> None:
        self.threads = number
        self._is_settling = True


def _size_class(num_tokens: int) -> int:
    """Steps of one class cost about the same per token: each small number by itself, then by halves of octaves."""
    if num_tokens <= 16:  # noqa: PLR2004 - up to here a token more or less shows
        return num_tokens
    octave = num_tokens.bit_length()
    return 2 * octave + (num_tokens >> (octave - 2) & 1) + 16
