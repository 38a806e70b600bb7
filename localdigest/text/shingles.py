"""Near-copies of long texts in linear time: sampled shingles propose, the full sets decide."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

__all__ = ["CopyFinder", "containment", "resemblance", "shared", "shingles", "sketch"]

_WIDTH = 5  # tokens of a shingle: long enough that stock phrases rarely make one
# A shingle is in the sketch when its hash divides by this. Unlike a MinHash of fixed length, such a sketch keeps its
# share of a short text that stands inside a long one, so that contained copies are proposed as well as equal ones.
_SAMPLE = 4
_COMMON = 40  # a shingle in more texts than this is the furniture of a site
_PROPOSALS = 8  # how many of the likeliest are compared in full
_PARTS = 64  # that all samples are looked through in: one after the other they take no room to speak of


def shingles(terms: Sequence[str]) -> frozenset[int]:
    """The hashes of all runs of five tokens; of the whole text when it is shorter."""
    if not terms:
        return frozenset()
    last = max(len(terms) - _WIDTH, 0)
    return frozenset(crc32(" ".join(terms[start : start + _WIDTH]).encode()) for start in range(last + 1))


def resemblance(one: frozenset[int], other: frozenset[int]) -> float:
    """Shared of all (Jaccard), from 0 to 1."""
    union = len(one | other)
    return len(one & other) / union if union else 0.0


def containment(small: frozenset[int], large: frozenset[int]) -> float:
    """How much of the first stands in the second, from 0 to 1."""
    return len(small & large) / len(small) if small else 0.0


def sketch(text: Iterable[int]) -> list[int]:
    """The sample of a text's shingles that copies are proposed by."""
    return sorted(shingle for shingle in text if shingle % _SAMPLE == 0)


def shared(sketches: Iterable[Iterable[int]]) -> frozenset[int]:
    """What stands in two of these samples or more: the rest, which is nearly all, can propose nobody."""
    parts = [array("I") for _ in range(_PARTS)]
    for each in sketches:
        for shingle in each:
            parts[shingle // _SAMPLE % _PARTS].append(shingle)
    return frozenset(one for part in parts for one, other in pairwise(sorted(part)) if one == other)


class CopyFinder:
    """An index of texts; `near` proposes the indexed ones that share most of a sample with a new one."""

    def __init__(self, known: Container[int] | None = None) -> None:
        """`known` are the only shingles that two texts can have in common; None: nobody has looked."""
        self._known = known
        self._postings: defaultdict[int, list[int]] = defaultdict(list)

    def add(self, key: int, text: Iterable[int]) -> None:
        for shingle in sketch(text):
            if (self._known is None or shingle in self._known) and len(self._postings[shingle]) <= _COMMON:
                self._postings[shingle].append(key)

    def near(self, text: Iterable[int]) -> list[int]:
        """Keys of the likeliest, most shared first; ties in order of addition."""
        found: Counter[int] = Counter()
        for shingle in sketch(text):
            keys = self._postings.get(shingle, ())
            if len(keys) <= _COMMON:
                found.update(keys)
        return sorted(found, key=lambda key: (-found[key], key))[:_PROPOSALS]
