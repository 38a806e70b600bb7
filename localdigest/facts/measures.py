"""What a figure measures, and how it is framed, by the words around it."""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Measured", "frames_in", "measured_at", "measured_spans", "neutral_spans"]


class Measured(NamedTuple):
    """Names of measures and counted things in `measures.toml`."""

    nearest: frozenset[str]  #: those whose words stand nearest to the figure
    done: frozenset[str]  #: the same of measures alone
    all: frozenset[str]  #: of its clause; of its sentence where the clause names none

    def agrees(self, other: Measured) -> bool:
        """Whether what stands nearest to each figure stands beside the other one, too."""
        return bool(
            self.nearest & other.all
            and other.nearest & self.all
            and (not (self.done and other.done) or (self.done & other.all and other.done & self.all))
        )


def measured_at(text: str, start: int, end: int, clause: tuple[int, int]) -> Measured:
    """What the figure at a place of a folded text may measure."""
    spans = measured_spans(text)
    inside = [span for span in spans if clause[0] <= span[0] and span[1] <= clause[1]] or spans
    gaps = [(max(first - end, start - last, 0), name) for first, last, name in inside]
    return Measured(
        _nearest(gaps),
        _nearest([(gap, name) for gap, name in gaps if name in _table("measure")]),
        frozenset(name for _, name in gaps),
    )


def _nearest(gaps: list[tuple[int, str]]) -> frozenset[str]:
    least = min((gap for gap, _ in gaps), default=0)
    return frozenset(name for gap, name in gaps if gap == least)


def frames_in(text: str, clause: tuple[int, int], taken: Sequence[tuple[int, int]]) -> frozenset[str]:
    """How the clause frames its figures: as a part, a forecast, an earlier state. May is a month where it is taken."""
    return frozenset(
        name
        for name, pattern in _table("frame").items()
        if any(
            not any(start <= match.start() and match.end() <= end for start, end in taken)
            for match in pattern.finditer(text, *clause)
        )
    )


@lru_cache(maxsize=4096)
def measured_spans(text: str) -> tuple[tuple[int, int, str], ...]:
    """Where the words of measures and counted things stand, with their names."""
    return tuple(
        (*match.span(), name)
        for kind in ("measure", "thing")
        for name, pattern in _table(kind).items()
        for match in pattern.finditer(text)
    )


@lru_cache(maxsize=4096)
def neutral_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where words stand that tell nothing of what is measured."""
    return tuple(match.span() for pattern in _table("neutral").values() for match in pattern.finditer(text))


@cache
def _table(kind: str) -> Mapping[str, re.Pattern[str]]:
    table = tomllib.loads(files(__package__).joinpath("measures.toml").read_text("utf-8"))
    return {name: _compiled(words) for name, words in table[kind].items()}


def _compiled(words: dict[str, str]) -> re.Pattern[str]:
    english = "|".join(word.replace("_", " ") for word in words["en"].split())
    return re.compile(rf"\b(?:{english})(?!\w)|{'|'.join(words['zh'].split())}", re.IGNORECASE)
