"""Which chunks are read when there is no time for all. Pure: the pace is handed in, no clock is looked at.

known chunks, free ─▶ the sections, always paid ─▶ the best chunk of each document ─▶ all others, the best first
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.planning.digest import INSTRUCTION_TOKENS, SAMPLED_SHARE, SECTION_PROMPT_TOKENS
from localdigest.stages import map as mapping
from localdigest.stages import reduce as reducing
from localdigest.writers.generative_desk import BODY_KINDS, NEWS_ITEMS, STORIES_TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Budget", "Choice", "LeftOut", "Pace", "Piece", "choose_pieces"]

#: Of the room for an answer, what answers take: `localdigest.planning.digest` reckons with as much.
_ANSWER_SHARE = 0.2
#: For repairs, and for grading many stories: how many there will be nobody knows before.
_SPARE = 1.15
_STORY_TOKENS = 300  #: of the one story that a news item is shown
#: What a second judge reads: claims of a chunk, statements of a full digest, and tokens of each with its evidence.
_CLAIMS_A_CHUNK = 4
_STATEMENTS = 30
_CASE_TOKENS = 160


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a model runs on this machine."""

    prefill_tokens_per_second: float
    decode_tokens_per_second: tuple[float, ...]  #: of one sequence, of two together, and so on up to the width

    @property
    def width(self) -> int:
        return len(self.decode_tokens_per_second)

    def seconds(self, *, prompt_tokens: float, answers: int, answer_tokens: float) -> float:
        """Of so many answers of so many tokens each, all asked for at once."""
        if not answers:
            return 0.0
        written = answers * answer_tokens
        forced = (1 - SAMPLED_SHARE) * written  # by their schema: computed like a prompt
        decode = self.decode_tokens_per_second[min(answers, self.width) - 1]
        return (prompt_tokens + forced) / self.prefill_tokens_per_second + SAMPLED_SHARE * written / decode


@dataclass(frozen=True, slots=True)
class Budget:
    """A time for the model's work; loading it is not in it."""

    seconds: float
    pace: Pace
    second_judge: bool = False  #: whether each sentence is asked about once more


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk, as far as the choice depends on it."""

    document: int
    num_tokens: int
    worth: float  #: only the order counts
    is_known: bool  #: its answer is in the store, and costs nothing


@dataclass(frozen=True, slots=True)
class Choice:
    places: tuple[int, ...]  #: of the pieces that are read, in their order
    seconds: float  #: that these and the sections are reckoned to take
    fits: bool  #: else it is the least that can be done


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was not read for lack of time."""

    chunks: int = 0
    documents_shortened: tuple[str, ...] = ()  #: ids (`D3`) of those that were read in part
    documents: tuple[str, ...] = ()  #: of those of which nothing was read
    is_over_budget: bool = False  #: even the least takes longer than was given

    @classmethod
    def of(cls, pieces: Sequence[Piece], choice: Choice) -> LeftOut:
        places = set(choice.places)
        read = {pieces[place].document for place in places}
        left = [piece.document for place, piece in enumerate(pieces) if place not in places]
        return cls(
            chunks=len(left),
            documents_shortened=tuple(f"D{number}" for number in sorted(set(left) & read)),
            documents=tuple(f"D{number}" for number in sorted(set(left) - read)),
            is_over_budget=not choice.fits,
        )


def choose_pieces(pieces: Sequence[Piece], budget: Budget, *, style: str) -> Choice:
    """As many of the best as there is time for: more time reads the same and more, never less.

    Where not even one fits, one is read all the same: a digest of nothing helps nobody. Nothing is left out when every
    answer is known, for then there is nothing to wait for.
    """
    known = [place for place, piece in enumerate(pieces) if piece.is_known]
    wanted = _by_worth(pieces)
    if not wanted:
        return Choice(tuple(known), 0.0, fits=True)
    judges = budget.second_judge and style == "abstract"  # a quotation is its own evidence
    costs = list(_costs([pieces[place] for place in wanted], budget.pace, style, judges=judges))
    affordable = max((count for count, cost in enumerate(costs) if cost <= budget.seconds), default=-1)
    count = max(affordable, 0 if known else 1)
    return Choice(tuple(sorted([*known, *wanted[:count]])), costs[count], fits=costs[count] <= budget.seconds)


def _by_worth(pieces: Sequence[Piece]) -> list[int]:
    """Places of the pieces that are not known: of each document the best, then the others; of each the best first."""
    order = sorted(range(len(pieces)), key=lambda place: (-pieces[place].worth, pieces[place].document, place))
    leads: dict[int, int] = {}
    for place in order:
        leads.setdefault(pieces[place].document, place)
    first = set(leads.values())
    return [place for place in sorted(order, key=lambda place: place not in first) if not pieces[place].is_known]


def _costs(pieces: Sequence[Piece], pace: Pace, style: str, *, judges: bool) -> Iterator[float]:
    """Seconds of the sections alone, with the first piece, with the first two, and so on."""
    case_tokens = _CASE_TOKENS if judges else 0
    sections = _section_seconds(pace, style) + _STATEMENTS * case_tokens / pace.prefill_tokens_per_second
    answer_tokens = _ANSWER_SHARE * mapping.answer_tokens(style)
    prompt_tokens = INSTRUCTION_TOKENS
    yield _SPARE * sections
    for count, piece in enumerate(pieces, start=1):
        prompt_tokens += piece.num_tokens + _CLAIMS_A_CHUNK * case_tokens
        mapped = pace.seconds(prompt_tokens=prompt_tokens, answers=count, answer_tokens=answer_tokens)
        yield _SPARE * (sections + mapped)


def _section_seconds(pace: Pace, style: str) -> float:
    """Of a full digest: how much there will be to tell is known after the map only."""
    read = INSTRUCTION_TOKENS + STORIES_TOKENS + NEWS_ITEMS * _STORY_TOKENS
    shared = read / pace.prefill_tokens_per_second
    return shared + sum(_batch_seconds(kinds, pace, style) for kinds in _batches(style))


def _batches(style: str) -> list[list[str]]:
    """The sections that are asked for together: in quotations one chooses after the other."""
    news, others = ["news"] * NEWS_ITEMS, [*BODY_KINDS, "summary"]
    return [news, *([kind] for kind in others)] if style == "quotes" else [news + others]


def _batch_seconds(kinds: Sequence[str], pace: Pace, style: str) -> float:
    written = _ANSWER_SHARE * sum(reducing.answer_tokens(kind, style) for kind in kinds)
    return pace.seconds(
        prompt_tokens=SECTION_PROMPT_TOKENS * len(kinds), answers=len(kinds), answer_tokens=written / len(kinds)
    )
