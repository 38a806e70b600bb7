"""The choice of the next token from one row of logits.

Order: repetition penalty, temperature, top-k, top-p, min-p; each works on what the one before has left. At
temperature 0 the likeliest token is taken, and only the penalty counts.

With a constraint the engine samples freely, and only if the token is not allowed asks for one that is. That draws from
the right distribution. Let p be the (truncated) distribution, A the allowed tokens and P = p(A). An allowed token a
comes at once with p(a), or after a miss, which has 1 - P, with p(a)/P from the distribution restricted to A:

    p(a) + (1 - P) p(a)/P  =  p(a) (1 + 1/P - 1)  =  p(a)/P

So truncation comes first and the mask after it: masking first would truncate another distribution than the one of the
free draw, and the two draws would not add up. Only where nothing that truncation leaves is allowed (P = 0, every free
draw misses) the allowed tokens alone are truncated and drawn from.

Each sequence has a generator of its own that is asked once a token, for two numbers: one for the free draw, one for the
draw after a miss. So a sequence's choices depend on its seed and logits, not on the sequences beside it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from localdigest.engine.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from localdigest.engine.jobs import Sampling

    _Row = npt.NDArray[np.float32]
    _Ids = npt.NDArray[np.intp]
    _Weights = npt.NDArray[np.float64]

__all__ = ["Sampler", "check_sampling", "log_softmax_at"]


class Sampler:
    """Chooses the tokens of one sequence. Never changes the row it is given."""

    def __init__(self, sampling: Sampling) -> None:
        """Raises JobError for settings out of range."""
        check_sampling(sampling)
        self._sampling = sampling
        self._random = np.random.Generator(np.random.PCG64(sampling.seed))
        self._second_draw = 0.0

    def sample(self, logits: _Row, recent: Sequence[int] = ()) -> int:
        """One token, freely; `recent`: the sequence's tokens so far, of which the last ones may be penalised."""
        row = self._penalised(logits, recent)
        if not self._sampling.temperature:
            return _likeliest(row)
        first, second = self._random.random(2)
        self._second_draw = float(second)
        ids, weights = self._truncated(row)
        return _pick(ids, weights, float(first))

    def sample_allowed(self, logits: _Row, allowed: npt.NDArray[np.bool_], recent: Sequence[int] = ()) -> int:
        """One allowed token, after `sample` gave one that is not, from the same row."""
        if not allowed.any():
            raise JobError("No token is allowed to come next.")
        row = self._penalised(logits, recent)
        masked = np.where(allowed, row, np.float32(-np.inf))
        if not self._sampling.temperature:
            return _likeliest(masked)
        ids, weights = self._truncated(row)
        kept = allowed[ids]
        if weights[kept].any():
            return _pick(ids[kept], weights[kept], self._second_draw)
        return _pick(*self._truncated(masked), self._second_draw)

    def _penalised(self, logits: _Row, recent: Sequence[int]) -> _Row:
        penalty, window = self._sampling.repeat_penalty, self._sampling.repeat_window_tokens
        if penalty == 1.0 or not window or not recent:
            return logits
        row = logits.copy()
        seen = np.unique(np.asarray(recent[-window:], np.intp))
        values = row[seen]
        row[seen] = np.where(values > 0, values / np.float32(penalty), values * np.float32(penalty))
        return row

    def _truncated(self, row: _Row) -> tuple[_Ids, _Weights]:
        """The tokens left, and their weights: in proportion to their probabilities, the likeliest's is 1."""
        settings = self._sampling
        greatest = _checked(row.max())
        ids = _top_k(row, settings.top_k)
        weights = (row if ids is None else row[ids]).astype(np.float64)
        weights -= greatest
        with np.errstate(over="ignore"):  # a temperature near 0: minus infinity, weight 0
            weights /= settings.temperature
        np.exp(weights, out=weights)
        if settings.top_p < 1:
            chosen = _top_p(weights, settings.top_p)
            ids, weights = (chosen if ids is None else ids[chosen]), weights[chosen]
        if settings.min_p > 0:
            chosen = np.flatnonzero(weights >= settings.min_p)
            ids, weights = (chosen if ids is None else ids[chosen]), weights[chosen]
        return (np.arange(row.size) if ids is None else ids), weights


def check_sampling(sampling: Sampling) -> None:
    """Raises JobError for the first setting out of range."""
    limits: tuple[tuple[str, bool, str], ...] = (
        ("temperature", 0 <= sampling.temperature < math.inf, "0 or more"),
        ("top_k", sampling.top_k >= 0, "0 (all) or more"),
        ("top_p", 0 < sampling.top_p <= 1, "above 0 and at most 1"),
        ("min_p", 0 <= sampling.min_p <= 1, "from 0 to 1"),
        ("repeat_penalty", 0 < sampling.repeat_penalty < math.inf, "above 0 (1: none)"),
        ("repeat_window_tokens", sampling.repeat_window_tokens >= 0, "0 (none) or more"),
        ("seed", sampling.seed >= 0, "0 or more"),
    )
    for name, good, range_ in limits:
        if not good:
            message = f"The sampling's {name} is {getattr(sampling, name)}."
            raise JobError(message, hint=f"It must be {range_}.")


def log_softmax_at(logits: _Row, token: int) -> float:
    """The natural logarithm of the token's probability, before penalties, temperature and truncation."""
    row = logits.astype(np.float64)
    row -= _checked(row.max())
    return float(row[token]) - math.log(float(np.exp(row).sum()))


def _likeliest(row: _Row) -> int:
    best = int(row.argmax())
    _checked(row[best])  # argmax takes a NaN for the greatest
    return best


def _checked(greatest: np.floating) -> float:
    value = float(greatest)
    if not math.isfinite(value):
        raise JobError(
            f"The model computed {value} for the next token.",
            hint="The model file may be damaged, or the KV cache type too coarse for it: try f16.",
        )
    return value


def _top_k(row: _Row, top_k: int) -> _Ids | None:
    """The `top_k` greatest, in the order of their ids; those equal to the last of them stay too. None: all."""
    if not 0 < top_k < row.size:
        return None
    least = np.partition(row, row.size - top_k)[row.size - top_k]
    return np.flatnonzero(row >= least)


def _top_p(weights: _Weights, top_p: float) -> _Ids:
    """Which are the fewest, likeliest first, that have `top_p` of the probability together."""
    total = weights.sum()
    # All below this have less than what may be left out, together: sorting them would be most of the work.
    candidates = np.flatnonzero(weights >= total * (1 - top_p) / weights.size)
    order = candidates[np.argsort(-weights[candidates], kind="stable")]
    count = int(np.searchsorted(np.cumsum(weights[order]), total * top_p)) + 1
    return np.sort(order[:count])


def _pick(ids: _Ids, weights: _Weights, draw: float) -> int:
    """The token on whose part of the line from 0 to 1 the draw falls."""
    ends = np.cumsum(weights)
    index = int(np.searchsorted(ends, draw * ends[-1], side="right"))
    if index == len(ids):  # rounded up to the very end: the last token that has a part of the line
        index = int(np.searchsorted(ends, ends[-1]))
    return int(ids[index])
