"""Who may be asked next: one request at a time to a host, and a pause after each.

Pure but for its own state: the clock is handed in with each call, nothing here sleeps or asks.
One thread owns a queue.

    put ──▶ waiting ──take──▶ under way ──done──▶ pause ──▶ free
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from itertools import count
from typing import Generic, TypeVar

__all__ = ["HostQueue", "Pauses"]

Item = TypeVar("Item")


@dataclass(slots=True)
class Pauses:
    """When each host may be asked again. Outlives one queue: two stages of a run ask the same hosts."""

    interval_s: float = 1.0
    max_interval_s: float = 10.0
    _own_interval_s: dict[str, float] = field(default_factory=dict)
    _free_at: dict[str, float] = field(default_factory=dict)

    def slow_down(self, host: str, interval_s: float) -> None:
        """Honour a longer pause that the host asks for, up to the limit; a shorter one changes nothing."""
        known = self._own_interval_s.get(host, self.interval_s)
        self._own_interval_s[host] = max(known, min(interval_s, self.max_interval_s))

    def asked(self, host: str, now: float) -> None:
        """A request to the host is over."""
        self.hold(host, now + self._own_interval_s.get(host, self.interval_s))

    def hold(self, host: str, until: float) -> None:
        """Leave the host alone until then, whoever wants it."""
        self._free_at[host] = max(until, self.free_at(host))

    def free_at(self, host: str) -> float:
        return self._free_at.get(host, float("-inf"))


class HostQueue(Generic[Item]):
    """Items waiting for their hosts. What was put first is taken first, as far as its host allows."""

    def __init__(self, pauses: Pauses) -> None:
        self._pauses = pauses
        self._waiting: dict[str, list[tuple[float, int, Item]]] = {}
        self._under_way: set[str] = set()
        self._order = count()

    def __len__(self) -> int:
        """How many items wait; those under way are not counted."""
        return sum(map(len, self._waiting.values()))

    def put(self, host: str, item: Item, *, not_before: float = float("-inf")) -> None:
        heapq.heappush(self._waiting.setdefault(host, []), (not_before, next(self._order), item))

    def take(self, now: float) -> Item | None:
        """The next item whose host is free; its host is under way until `done`."""
        free = [(self._waiting[host][0][1], host) for host in self._idle_hosts() if self._ready_at(host) <= now]
        if not free:
            return None
        _, host = min(free)
        _, _, item = heapq.heappop(self._waiting[host])
        if not self._waiting[host]:
            del self._waiting[host]
        self._under_way.add(host)
        return item

    def drop(self, host: str) -> list[Item]:
        """Take all that waits for a host out of the queue, in its order."""
        return [item for _, _, item in sorted(self._waiting.pop(host, []), key=lambda entry: entry[:2])]

    def done(self, host: str, now: float) -> None:
        self._under_way.remove(host)
        self._pauses.asked(host, now)

    def wait_s(self, now: float) -> float | None:
        """Seconds until `take` gives something by the clock alone; None when only `done` can change that."""
        times = [self._ready_at(host) for host in self._idle_hosts()]
        return max(0.0, min(times) - now) if times else None

    def _idle_hosts(self) -> list[str]:
        return [host for host in self._waiting if host not in self._under_way]

    def _ready_at(self, host: str) -> float:
        return max(self._waiting[host][0][0], self._pauses.free_at(host))
