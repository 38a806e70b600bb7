"""Which tokens sit in which slot, and which slot to begin the next sequence from. Exact matches only.

Slots are few (at most 256), and most lists differ within their first tokens, so one comparison per slot is quicker than
keeping a tree up to date at every decoded token; the tree is there all the same, in the tokens that the slots share:

    [instruction]──[stories]──[section 1 …]      slot 0, running
                 │          └─[section 2 …]      slot 1, running
                 └─[other stories]               slot 2, idle: kept until its slot is needed, least recently used first
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Match", "Slot", "common_prefix", "longest_match"]


@dataclass(slots=True, eq=False)
class Slot:
    """One sequence id of the backend, and the tokens whose keys and values it holds."""

    number: int
    tokens: list[int] = field(default_factory=list)
    busy: bool = False
    last_used: int = 0  #: step number


@dataclass(frozen=True, slots=True)
class Match:
    """The first `length` tokens of a prompt are in `slot` already."""

    slot: Slot
    length: int


def common_prefix(first: Sequence[int], second: Sequence[int], limit: int) -> int:
    """Number of equal tokens at the beginning, at most `limit`. Halves the range: slices compare at the speed of C."""
    high = min(len(first), len(second), limit)
    if first[:high] == second[:high]:
        return high
    low = 0  # equal up to low, different before high
    while high - low > 1:
        middle = (low + high) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle
    return low


def longest_match(slots: Iterable[Slot], tokens: Sequence[int], *, limit: int, whole: bool) -> Match | None:
    """The slot that holds most of the beginning of `tokens`, idle ones first; at most `limit` tokens of it.

    With `whole` only slots whose every token matches count: memory that cannot be cut.
    """
    best: tuple[int, bool, int] | None = None
    found: Match | None = None
    for slot in slots:
        length = common_prefix(slot.tokens, tokens, limit)
        if not length or (whole and length < len(slot.tokens)):
            continue
        rank = (length, not slot.busy, -slot.last_used)
        if best is None or rank > best:
            best, found = rank, Match(slot, length)
    return found
