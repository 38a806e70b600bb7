"""Speeds: the one that is shown, and the one that is too slow to be borne. No clocks: times are handed in."""

from __future__ import annotations

from math import exp

__all__ = ["Speedometer", "StallWatch"]

_MEMORY_S = 5.0  #: older than this counts for a third


class Speedometer:
    """Bytes a second, smoothed."""

    def __init__(self) -> None:
        self._last: tuple[int, float] | None = None
        self.bytes_per_second = 0.0

    def feed(self, done_bytes: int, *, at: float) -> None:
        if self._last is None:
            self._last = (done_bytes, at)
            return
        before, then = self._last
        if at <= then:
            return
        now = max(0, done_bytes - before) / (at - then)
        weight = 1.0 if not self.bytes_per_second else 1.0 - exp((then - at) / _MEMORY_S)
        self.bytes_per_second += weight * (now - self.bytes_per_second)
        self._last = (done_bytes, at)

    def eta_s(self, rest_bytes: int) -> float | None:
        return rest_bytes / self.bytes_per_second if self.bytes_per_second else None


class StallWatch:
    """Notices a connection that drips: each byte restarts the idle timeout, and the whole would take for ever."""

    def __init__(self, *, window_s: float, least_bytes_per_s: float, at: float) -> None:
        self._window_s = window_s
        self._least_bytes = least_bytes_per_s * window_s
        self._since = at
        self._bytes = 0

    def is_stalled(self, num_bytes: int, *, at: float) -> bool:
        """After so many more bytes."""
        self._bytes += num_bytes
        if at - self._since < self._window_s:
            return False
        stalled = self._bytes < self._least_bytes
        self._since, self._bytes = at, 0
        return stalled
