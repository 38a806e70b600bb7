"""In which order jobs are sent, so that servers find the beginnings of prompts in their caches. Pure.

Sorted by their prompts, jobs that begin alike stand side by side. A server goes on with the neighbour that shares most
with what it was sent last; a server that was sent nothing yet begins where no other one is near.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["Queue", "common_length"]


def common_length(one: str, other: str) -> int:
    """How many characters two texts share at their beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


@dataclass(slots=True)
class Queue:
    """Names of jobs that wait, by their prompts."""

    _entries: list[tuple[str, str]] = field(default_factory=list)  #: prompt and name, sorted
    _first: list[str] = field(default_factory=list)  #: names of those that go before all others
    _prompts: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._prompts)

    def __iter__(self) -> Iterator[str]:
        """The names, in no order."""
        return iter(tuple(self._prompts))

    def __contains__(self, name: str) -> bool:
        return name in self._prompts

    @property
    def again(self) -> tuple[str, ...]:
        """Those that have waited before."""
        return tuple(self._first)

    def add(self, name: str, prompt: str) -> None:
        self._prompts[name] = prompt
        insort(self._entries, (prompt, name))

    def add_first(self, name: str, prompt: str) -> None:
        """A job that has waited before."""
        self._prompts[name] = prompt
        self._first.append(name)

    def remove(self, name: str) -> None:
        prompt = self._prompts.pop(name)
        if name in self._first:
            self._first.remove(name)
        else:
            del self._entries[bisect_left(self._entries, (prompt, name))]

    def next_for(self, last: str | None, *, share: float = 0.0, skipped: Collection[str] = ()) -> str | None:
        """The name of the job that a server is to be sent; None: there is none for it.

        Args:
            last: the prompt that it was sent last; None: none yet.
            share: where such a server begins, as a share of all.
            skipped: of those that waited before, the ones that are not for it.
        """
        first = next((name for name in self._first if name not in skipped), None)
        if first is not None or not self._entries:
            return first
        if last is None:
            return self._entries[int(share * len(self._entries))][1]
        place = bisect_left(self._entries, (last, ""))
        near = self._entries[max(0, place - 1) : place + 1]
        # Forward where both share as much: so a server walks through the jobs in one direction.
        return max(reversed(near), key=lambda entry: common_length(entry[0], last))[1]
