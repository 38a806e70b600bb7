"""How long a stage still takes, from how fast it was so far. Pure: the time is handed in."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Countdown", "Pace", "seconds_left", "told_left"]

_LEAST_SECONDS, _LEAST_SHARE = 10.0, 0.05  #: seen before anything is foretold: the first jobs say little of the rest
_MINUTE, _HOUR = 60, 3600
_WHOLE = 10  #: tokens a second from which tenths say nothing


def seconds_left(*, begun_at: int, done: int, total: int, elapsed_s: float) -> float | None:
    """At the pace so far; None: too little is known of it.

    Args:
        begun_at: what was done when the time began: it cost nothing.
        done: by now.
        total: to do.
        elapsed_s: for what was done since.
    """
    new = done - begun_at
    if new <= 0 or elapsed_s < _LEAST_SECONDS or new < _LEAST_SHARE * (total - begun_at):
        return None
    return elapsed_s * (total - done) / new


def told_left(seconds: float) -> str:
    """In words, to the minute, from which a person plans."""
    minutes = max(1, round(seconds / _MINUTE))
    if seconds < _MINUTE:
        return "less than 1 min left"
    hours, rest = divmod(minutes, _HOUR // _MINUTE)
    return f"{hours} h {rest} min left" if hours else f"{minutes} min left"


@dataclass(slots=True)
class Pace:
    """Of a model in one batch: what it has written, over the time in which it did."""

    begun_at: int
    started_s: float
    tokens: int = 0
    told_s: float = 0.0

    def tell(self, tokens: int, now_s: float) -> None:
        self.tokens, self.told_s = tokens, now_s

    @property
    def told(self) -> str:
        """In words; `""`: nothing was written, or too little is known."""
        elapsed_s, written = self.told_s - self.started_s, self.tokens - self.begun_at
        if written <= 0 or elapsed_s < _LEAST_SECONDS:
            return ""
        rate = written / elapsed_s
        return f"{rate:.0f} tokens/s" if rate >= _WHOLE else f"{rate:.1f} tokens/s"


@dataclass(slots=True)
class Countdown:
    """Of one batch of a stage: what is told of it makes the pace, and between two words the time runs down."""

    begun_at: int
    total: int
    started_s: float
    done: int = 0
    told_s: float = 0.0

    @classmethod
    def begin(cls, done: int, total: int, now_s: float) -> Countdown:
        return cls(done, total, now_s, done, now_s)

    def goes_on(self, done: int, total: int) -> bool:
        """Whether this is word of the same batch."""
        return total == self.total and self.done <= done and self.done < self.total

    def tell(self, done: int, now_s: float) -> None:
        self.done, self.told_s = done, now_s

    def seconds_left(self, now_s: float) -> float | None:
        left = seconds_left(
            begun_at=self.begun_at, done=self.done, total=self.total, elapsed_s=self.told_s - self.started_s
        )
        return None if left is None else max(0.0, left - (now_s - self.told_s))
