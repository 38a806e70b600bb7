"""LexRank-like centrality: a text matters when texts that matter resemble it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["centrality"]

_DAMPING = 0.85  # of PageRank and LexRank alike
_ROUNDS = 30
_PRECISION = 1e-6


def centrality(neighbours: Sequence[Mapping[int, float]]) -> list[float]:
    """The stationary share of a walk over the similarity graph, by power iteration; the values sum to 1."""
    count = len(neighbours)
    if not count:
        return []
    outgoing = [sum(row.values()) for row in neighbours]
    rank = [1.0 / count] * count
    for _ in range(_ROUNDS):
        following = _step(neighbours, outgoing, rank)
        change = sum(abs(new - old) for new, old in zip(following, rank, strict=True))
        rank = following
        if change < _PRECISION:
            break
    return rank


def _step(neighbours: Sequence[Mapping[int, float]], outgoing: list[float], rank: list[float]) -> list[float]:
    """One round; who has no neighbour spreads its share over all."""
    count = len(rank)
    stranded = sum(value for value, total in zip(rank, outgoing, strict=True) if not total)
    floor = (1 - _DAMPING) / count + _DAMPING * stranded / count
    share = [value / total if total else 0.0 for value, total in zip(rank, outgoing, strict=True)]
    return [
        floor + _DAMPING * sum(similarity * share[other] for other, similarity in row.items()) for row in neighbours
    ]
