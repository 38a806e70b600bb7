"""Sparse tf-idf vectors in plain dicts, and which of them are near each other."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Vector", "Weights", "cosine", "neighbours", "overlap"]

#: Term to weight, of length 1 (or empty).
Vector: TypeAlias = Mapping[str, float]


#: Texts of other subjects that are imagined beside the collection: without them three texts on one event would hold
#: its own words for worthless, because all three share them.
_UNSEEN = 20


@dataclass(frozen=True, slots=True)
class Weights:
    """Document frequencies of a collection: what a term is worth."""

    frequency: Mapping[str, int]
    total: int

    @classmethod
    def of(cls, texts: Iterable[Iterable[str]]) -> Weights:
        frequency: Counter[str] = Counter()
        total = 0
        for terms in texts:
            frequency.update(set(terms))
            total += 1
        return cls(frequency, total)

    def idf(self, term: str) -> float:
        """Always positive; a term that nobody has seen is the rarest."""
        return math.log((1 + self.total + _UNSEEN) / (1 + self.frequency.get(term, 0)))

    def vector(self, terms: Iterable[str]) -> Vector:
        """Damped counts times idf, of length 1."""
        counts = Counter(terms)
        raw = {term: (1 + math.log(count)) * self.idf(term) for term, count in counts.items()}
        length = math.sqrt(sum(value * value for value in raw.values()))
        return {term: value / length for term, value in raw.items()} if length else {}


def cosine(one: Vector, other: Vector) -> float:
    """The similarity of two vectors of length 1, from 0 to 1."""
    if len(one) > len(other):
        one, other = other, one
    return sum(weight * other[term] for term, weight in one.items() if term in other)


def overlap(one: Vector, other: Vector) -> float:
    """How many terms of the one with fewer stand in the other, from 0 to 1, whatever they weigh.

    Where all texts share a subject its terms weigh little, and two ways to tell one fact look unlike by cosine.
    """
    if len(one) > len(other):
        one, other = other, one
    return sum(1 for term in one if term in other) / len(one) if one else 0.0


def neighbours(vectors: Sequence[Vector], *, least: float, common: int) -> list[dict[int, float]]:
    """For each vector the others at least `least` similar, found through shared terms.

    A term in more than `common` vectors proposes nobody: it would pair everything with everything, and weighs little.
    The similarity of the pairs that rarer terms propose is exact all the same.
    """
    postings: defaultdict[str, list[int]] = defaultdict(list)
    for index, vector in enumerate(vectors):
        for term in vector:
            postings[term].append(index)
    found: list[dict[int, float]] = [{} for _ in vectors]
    for index, vector in enumerate(vectors):
        for other in _proposed(vector, postings, below=index, common=common):
            similarity = cosine(vector, vectors[other])
            if similarity >= least:
                found[index][other] = found[other][index] = similarity
    return found


def _proposed(vector: Vector, postings: Mapping[str, list[int]], *, below: int, common: int) -> list[int]:
    proposed = {other for term in vector if len(postings[term]) <= common for other in postings[term] if other < below}
    return sorted(proposed)
