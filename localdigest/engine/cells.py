"""The KV cells: who holds how many, and whether another sequence may begin. Numbers only; moves no data.

In the unified layout a copied prefix shares its cells, so cells are counted by segments:

    slot 0   [── instruction 300 ──][── story A 700 ──]
    slot 1   [── instruction 300 ──][─ story B 500 ─]       300 + 700 + 500 cells in use, not 1,800
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["Cells", "SharedCells", "StreamCells"]


class Cells(Protocol):
    """A budget of cells. A sequence reserves what it may come to need before it begins, so no step ever fails."""

    def longest(self) -> int:
        """The longest that a sequence can ever be."""

    def shortfall(self, count: int) -> int:
        """How many cells are lacking before `count` more could be promised; 0: none."""

    def releases(self, slot: int, length: int) -> int:
        """How many cells come free when the slot is cut to `length`."""

    def reserve(self, slot: int, length: int) -> None:
        """Promise that the slot may grow to `length` tokens."""

    def grow(self, slot: int, count: int) -> None:
        """`count` tokens of the slot were computed, within what it reserved."""

    def share(self, source: int, target: int, length: int) -> None:
        """The empty slot `target` now holds the first `length` tokens of `source`."""

    def rewind(self, slot: int, length: int) -> None:
        """The tokens after the first `length` were guessed wrongly: their cells are reserved again."""

    def settle(self, slot: int) -> None:
        """Give back what was reserved and not taken."""

    def cut(self, slot: int, length: int) -> None:
        """Keep the first `length` tokens of a slot that has nothing reserved."""

    def check_integrity(self) -> None: ...


class StreamCells:
    """One equal part per slot: nothing is shared, and nobody competes."""

    def __init__(self, *, num_slots: int, slot_cells: int) -> None:
        self._slot_cells = slot_cells
        self._held = [0] * num_slots

    def longest(self) -> int:
        return self._slot_cells

    def shortfall(self, count: int) -> int:  # noqa: ARG002 - every slot has its part
        return 0

    def releases(self, slot: int, length: int) -> int:
        return max(0, self._held[slot] - length)

    def reserve(self, slot: int, length: int) -> None:  # noqa: ARG002 - every slot has its part
        assert length <= self._slot_cells

    def grow(self, slot: int, count: int) -> None:
        self._held[slot] += count

    def share(self, source: int, target: int, length: int) -> None:
        assert not self._held[target]
        assert length <= self._held[source]
        self._held[target] = length

    def rewind(self, slot: int, length: int) -> None:
        self._held[slot] = length

    def settle(self, slot: int) -> None:
        pass

    def cut(self, slot: int, length: int) -> None:
        self._held[slot] = min(self._held[slot], length)

    def check_integrity(self) -> None:
        assert all(0 <= held <= self._slot_cells for held in self._held), self._held


@dataclass(slots=True)
class _Segment:
    """Cells that always go together."""

    length: int
    holders: int = 1


class SharedCells:
    """One pool for all slots; a shared prefix is counted once."""

    def __init__(self, *, num_slots: int, num_cells: int, slot_cells: int) -> None:
        self._num_cells = num_cells
        self._slot_cells = min(slot_cells, num_cells)
        self._segments: list[list[_Segment]] = [[] for _ in range(num_slots)]
        self._reserved = [0] * num_slots  #: cells each slot may still take
        self._used = 0

    @property
    def used(self) -> int:
        """Cells that hold a token."""
        return self._used

    @property
    def free(self) -> int:
        """Cells that are neither used nor promised."""
        return self._num_cells - self._used - sum(self._reserved)

    def longest(self) -> int:
        return self._slot_cells

    def held(self, slot: int) -> int:
        return sum(segment.length for segment in self._segments[slot])

    def shortfall(self, count: int) -> int:
        return max(0, count - self.free)

    def releases(self, slot: int, length: int) -> int:
        freed, start = 0, 0
        for segment in self._segments[slot]:
            end = start + segment.length
            if segment.holders == 1:
                freed += max(0, end - max(start, length))
            start = end
        return freed

    def reserve(self, slot: int, length: int) -> None:
        assert not self._reserved[slot]
        count = max(0, length - self.held(slot))
        assert count <= self.free
        self._reserved[slot] = count

    def grow(self, slot: int, count: int) -> None:
        assert count <= self._reserved[slot], "a sequence grew past what it reserved"
        self._reserved[slot] -= count
        self._used += count
        segments = self._segments[slot]
        if segments and segments[-1].holders == 1:
            segments[-1].length += count
        else:
            segments.append(_Segment(count))

    def share(self, source: int, target: int, length: int) -> None:
        assert not self._segments[target]
        assert not self._reserved[target]
        for segment in self._up_to(source, length):
            segment.holders += 1
            self._segments[target].append(segment)

    def rewind(self, slot: int, length: int) -> None:
        count = self.held(slot) - length
        reserved, self._reserved[slot] = self._reserved[slot], 0
        self.cut(slot, length)
        self._reserved[slot] = reserved + count

    def settle(self, slot: int) -> None:
        self._reserved[slot] = 0

    def cut(self, slot: int, length: int) -> None:
        assert not self._reserved[slot]
        kept = self._up_to(slot, min(length, self.held(slot)))
        for segment in self._segments[slot][len(kept) :]:
            segment.holders -= 1
            if not segment.holders:
                self._used -= segment.length
        self._segments[slot] = kept

    def _up_to(self, slot: int, length: int) -> list[_Segment]:
        """The segments of the slot's first `length` tokens, after splitting the one that reaches past them."""
        end = 0
        segments = self._segments[slot]
        for index, segment in enumerate(segments):
            if end == length:
                return segments[:index]
            end += segment.length
            if end > length:
                self._split(segment, segment.length - (end - length))
                return self._segments[slot][: index + 1]
        assert end == length, "a slot cannot give more than it holds"
        return segments[:]

    def _split(self, segment: _Segment, length: int) -> None:
        tail = _Segment(segment.length - length, segment.holders)
        segment.length = length
        for segments in self._segments:
            for index, held in enumerate(segments):
                if held is segment:
                    segments.insert(index + 1, tail)
                    break

    def check_integrity(self) -> None:
        holders: dict[int, int] = {}
        alive: dict[int, _Segment] = {}
        for segments in self._segments:
            for segment in segments:
                alive[id(segment)] = segment
                holders[id(segment)] = holders.get(id(segment), 0) + 1
        assert all(alive[key].holders == count for key, count in holders.items())
        assert all(segment.length > 0 for segment in alive.values())
        assert self._used == sum(segment.length for segment in alive.values())
        assert self.free >= 0
