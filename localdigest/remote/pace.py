"""How many jobs a server is given at once: more while that does no harm, half as many when it does. Pure.

Additive increase, multiplicative decrease, as in TCP, and for the same reason: nobody tells how much a server can take
that others use too. A refusal (429, 503) is harm, and so are answers that take twice as long for their work as before.

    known slots      begins with all of them, and never has more under way: the rest would wait there
    unknown          begins with two, doubles with each round until the first harm, then one more a round
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from statistics import median

__all__ = ["MOST_UNKNOWN", "Pace", "work_of"]

MOST_UNKNOWN = 64  #: of a server that names no number; vLLM runs 256 by itself
_FIRST_UNKNOWN = 2
_SLOW = 2.0  #: times the least that a round has taken for its work
_FORGET = 1.02  #: the least is raised by so much each round: prompts change, and so does what else a server does
_LEAST_ROUND = 4  #: answers, of which a median says something
_PROMPT_SHARE = 1 / 10  #: of the time that a written token takes, a read one takes about so much


def work_of(*, read_tokens: int, written_tokens: int) -> float:
    """What an answer cost, in tokens written."""
    return max(1.0, read_tokens * _PROMPT_SHARE + written_tokens)


@dataclass(slots=True)
class Pace:
    """Of one server."""

    slots: int = 0  #: that it has; 0: it does not say
    limit: int = field(init=False)  #: jobs that it may have now
    round: int = field(init=False, default=0)  #: changes with the limit: answers that began before say nothing of it
    _is_starting: bool = field(init=False, default=True)
    _least: float = field(init=False, default=inf)
    _times: list[float] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.restart()

    @property
    def most(self) -> int:
        return self.slots or MOST_UNKNOWN

    def restart(self) -> None:
        """As if the server had not been seen before."""
        self.limit = self.slots or _FIRST_UNKNOWN
        self._is_starting = not self.slots
        self._least = inf
        self._next_round()

    def answered(self, seconds: float, work: float, *, begun_in: int) -> None:
        """An answer came. `begun_in`: the round in which its job was sent."""
        if begun_in != self.round:
            return
        self._times.append(seconds / work)
        if len(self._times) < max(self.limit, _LEAST_ROUND):
            return
        took = median(self._times)
        is_slow = took > _SLOW * self._least
        self._least = min(self._least * _FORGET, took)
        if is_slow:
            self._halve()
        elif self.limit < self.most:
            self.limit = min(self.most, self.limit * 2 if self._is_starting else self.limit + 1)
        self._next_round()

    def refused(self, *, begun_in: int) -> None:
        """It said that it is too busy. One word of that halves, not each of a dozen that were under way."""
        if begun_in == self.round:
            self._halve()
            self._next_round()

    def _halve(self) -> None:
        self.limit = max(1, self.limit // 2)
        self._is_starting = False

    def _next_round(self) -> None:
        self._times = []
        self.round += 1
