"""Prompt lookup: guess that the text goes on as it did the last time the same few tokens came. Pure decisions.

A guess costs a wider step, and saves steps where the output quotes its prompt. On prose it saves nothing, so it is only
made while it measurably pays: see `Speculator`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PromptLookup", "Speculator"]

#: So many tokens must agree. Shorter ones agree by chance too often, longer ones are found too late.
NGRAM_TOKENS = 3
MAX_DRAFT_TOKENS = 8
#: Steps tried before judging, and sampled tokens until the next trial after it did not pay (doubled each time).
TRIAL_STEPS = 6
REST_TOKENS, MAX_REST_TOKENS = 64, 2048
#: A step with guesses must be quicker by this much, per token that it yields.
PAYS_BELOW = 0.95
SMOOTHING = 0.2


class PromptLookup:
    """The last place of every few tokens in one sequence."""

    def __init__(self) -> None:
        self._places: dict[tuple[int, ...], int] = {}
        self._indexed = 0

    def propose(self, tokens: Sequence[int], limit: int) -> list[int]:
        """What followed the last tokens when they came before; at most `limit` tokens, none where they are new."""
        # The last n-gram itself is left out: it would only find itself.
        for end in range(max(self._indexed, NGRAM_TOKENS), len(tokens)):
            self._places[tuple(tokens[end - NGRAM_TOKENS : end])] = end
        self._indexed = max(self._indexed, len(tokens))
        place = self._places.get(tuple(tokens[-NGRAM_TOKENS:]))
        return list(tokens[place : place + limit]) if place is not None else []


@dataclass(slots=True)
class Speculator:
    """Whether guessing pays here and now: seconds per token of steps with guesses against steps without."""

    _plain: float = 0.0  #: seconds per token, smoothed; 0: not measured yet
    _drafted: float = 0.0
    _trials: int = field(default=TRIAL_STEPS)  #: steps with guesses before the next judgement
    _rest: int = 0  #: tokens until guessing is tried again
    _next_rest: int = REST_TOKENS

    def num_draft(self) -> int:
        """How many tokens may be guessed in the next step."""
        return MAX_DRAFT_TOKENS if self._plain and not self._rest else 0

    def observe(self, *, num_drafted: int, num_emitted: int, seconds: float) -> None:
        """A step of a lone sequence is done."""
        per_token = seconds / max(1, num_emitted)
        if not num_drafted:
            self._plain = _smooth(self._plain, per_token)
            self._rest = max(0, self._rest - num_emitted)
            return
        self._drafted = _smooth(self._drafted, per_token)
        self._trials -= 1
        if self._trials > 0:
            return
        if self._drafted < PAYS_BELOW * self._plain:
            self._next_rest = REST_TOKENS
            return
        self._rest, self._next_rest = self._next_rest, min(2 * self._next_rest, MAX_REST_TOKENS)
        self._trials, self._drafted = TRIAL_STEPS, 0.0


def _smooth(old: float, new: float) -> float:
    return old + SMOOTHING * (new - old) if old else new
