"""Maximal marginal relevance: the best, then the best that says something else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

__all__ = ["Selector", "Taste"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Taste:
    """What likeness and crowding cost, in the unit of the items' values."""

    novelty: float  #: cost of full likeness to something that was taken
    repeat: float  #: an item more alike than this to something taken is never taken
    crowding: float  #: cost of each item that was taken from the same group


def _any(_: object) -> bool:
    return True


def _nothing(_: object) -> float:
    return 0.0


class Selector(Generic[T]):
    """Takes items from a fixed list, each at most once; all that was taken counts against what resembles it.

    Ties go to the earlier item. Each taking compares with every item once: n items, m taken make n·m comparisons.
    """

    def __init__(
        self,
        items: Sequence[T],
        *,
        value: Callable[[T], float],
        likeness: Callable[[T, T], float],
        group: Callable[[T], Hashable],
        taste: Taste,
    ) -> None:
        self._items = items
        self._values = [value(item) for item in items]
        self._groups = [group(item) for item in items]
        self._likeness = likeness
        self._taste = taste
        self._nearest = [0.0] * len(items)
        self._taken: list[int] = []
        self._crowd: Counter[Hashable] = Counter()

    @property
    def taken(self) -> list[T]:
        """In the order of taking."""
        return [self._items[index] for index in self._taken]

    @property
    def left(self) -> list[T]:
        taken = set(self._taken)
        return [item for index, item in enumerate(self._items) if index not in taken]

    def take(
        self,
        count: int,
        *,
        fits: Callable[[T], bool] = _any,
        bonus: Callable[[T], float] = _nothing,
    ) -> list[T]:
        """Up to `count` of the fitting items, best first; `bonus` adds to an item's value for this call."""
        taken = set(self._taken)
        worth = {
            index: self._values[index] + bonus(item)
            for index, item in enumerate(self._items)
            if index not in taken and fits(item)
        }
        chosen: list[T] = []
        while len(chosen) < count:
            best = self._best(worth)
            if best is None:
                break
            del worth[best]
            self._mark(best)
            chosen.append(self._items[best])
        return chosen

    def _best(self, worth: dict[int, float]) -> int | None:
        fresh = [index for index in worth if self._nearest[index] <= self._taste.repeat]
        return max(fresh, key=lambda index: (worth[index] - self._cost(index), -index), default=None)

    def _cost(self, index: int) -> float:
        return self._taste.novelty * self._nearest[index] + self._taste.crowding * self._crowd[self._groups[index]]

    def _mark(self, chosen: int) -> None:
        self._taken.append(chosen)
        self._crowd[self._groups[chosen]] += 1
        item = self._items[chosen]
        for index, other in enumerate(self._items):
            if self._nearest[index] <= self._taste.repeat:
                self._nearest[index] = max(self._nearest[index], self._likeness(item, other))
