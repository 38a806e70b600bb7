"""The checkable tokens of a sentence, as values that are equal when they mean the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = ["Amount", "Fact", "Hedge", "Kind", "Moment", "Name", "Quotation", "Reading"]


class Kind(StrEnum):
    """What can be wrong; the value stands in what `check` prints."""

    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    QUOTATION = "quotation"
    NEGATION = "negation"
    DIRECTION = "direction"


class Hedge(StrEnum):
    """How far a figure says that it is not exact."""

    EXACT = ""
    ABOUT = "about"
    OVER = "over"
    UNDER = "under"


@dataclass(frozen=True, slots=True)
class Amount:
    """A value in the base unit of its dimension: 1.2 billion dollars, 十二億美元."""

    value: Fraction
    unit: str = ""  #: a dimension of `units.py`, `ordinal`, `clock`; `""` for a bare number or a count of things
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, or the part of a date that is said."""

    year: int = 0
    month: int = 0
    day: int = 0
    part: str = (
        ""  #: `Q3`, `H1`, `W49` (ISO), `D1990` (decade), `mon` … `sun`, or a relative day with nothing to resolve it
    )


Reading: TypeAlias = Amount | Moment


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure or a date of a sentence, with everything that it may mean."""

    start: int  #: in the folded text
    end: int
    readings: tuple[Reading, ...]
    hedge: Hedge = Hedge.EXACT
    checked: bool = True  #: false for what proves others but needs no proof: `one`, 一個
    loose: bool = False  #: a stretch counted from the day of the text, which a writer may add: 本週, `this year`
    small: bool = False  #: a small count in words, which a list can bear out as well: `three`, 兩家

    @property
    def kind(self) -> Kind:
        return Kind.DATE if isinstance(self.readings[0], Moment) else Kind.NUMBER


@dataclass(frozen=True, slots=True)
class Name:
    """A word of a name in Latin letters."""

    start: int
    end: int
    keys: frozenset[str]  #: any of them in the evidence will do
    strict: bool  #: whether its absence says something: false for what may be an ordinary word


@dataclass(frozen=True, slots=True)
class Quotation:
    start: int  #: of the text inside the marks
    end: int
    long: bool  #: long enough that it was said by somebody, and is no mere term
