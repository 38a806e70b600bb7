"""Whether a figure or date of a claim stands in the evidence."""

from __future__ import annotations

from enum import IntEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from localdigest.facts.moments import agree, moment_of_day
from localdigest.facts.tokens import Amount, Fact, Hedge, Kind, Moment
from localdigest.facts.units import CURRENCY_FAMILIES, PERCENT, POINTS, TIMES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localdigest.facts.reading import Reading

__all__ = ["Match", "grain", "match_fact"]

_ABOUT = Fraction(1, 20)  #: how far from the truth a figure may be that says 約
_OVER = Fraction(1, 4)  #: how far above it the truth may be where it says 逾
_STRICT_UNITS = frozenset({PERCENT, POINTS, TIMES, "clock"})  #: a bare number is none of these
_OF_CHOICE = frozenset({"", "ordinal"})  #: third, No. 3, 第三, 3


class Match(IntEnum):
    """How well, the better the larger."""

    NONE = 0
    CONTRARY = 1  #: equal, but at most here and at least there
    WEAK = 2  #: equal as far as can be seen: a unit or a currency is said on one side only
    FULL = 3


def match_fact(fact: Fact, evidence: Iterable[Reading], *, only: Fact | None = None) -> Match:
    """The best match of a claim's figure or date in the evidence, or with one figure of it."""
    best = Match.NONE
    for reading in evidence:
        for other in (only,) if only else reading.facts:
            best = max(best, _match(fact, other))
            if best is Match.FULL:
                return best
        if best < Match.WEAK and not only and _is_of_the_day(fact, reading):
            best = Match.WEAK
    return best


def grain(fact: Fact) -> int:
    """How precise a date is, from 0 for a year to 4 for a day."""
    moment = next((reading for reading in reversed(fact.readings) if isinstance(reading, Moment)), Moment())
    if moment.day or moment.part[:3] in _DAYS:
        return 4
    if moment.part.startswith("W") or "week" in moment.part:
        return 3
    return 2 if moment.month else 1 if moment.part else 0


_DAYS = frozenset(("mon", "tue", "wed", "thu", "fri", "sat", "sun", "tod", "yes", "tom"))


def _is_of_the_day(fact: Fact, reading: Reading) -> bool:
    """The day of the text itself is evidence of when, though not of what; but not beside another such date in it."""
    if reading.published is None or fact.kind is not Kind.DATE:
        return False
    precision = grain(fact)
    if precision and not fact.loose and any(o.kind is Kind.DATE and grain(o) == precision for o in reading.facts):
        return False
    day = moment_of_day(reading.published)
    return any(isinstance(own, Moment) and (own.year or own.part) and agree(own, day) for own in fact.readings)


def _match(fact: Fact, other: Fact) -> Match:
    best = Match.NONE
    for own in fact.readings:
        for their in other.readings:
            if isinstance(own, Moment):
                found = Match.FULL if isinstance(their, Moment) and agree(own, their) else Match.NONE
            else:
                found = _match_amounts(own, their, fact.hedge, other.hedge) if isinstance(their, Amount) else Match.NONE
            best = max(best, found)
    return best


def _match_amounts(own: Amount, their: Amount, hedge: Hedge, other: Hedge) -> Match:
    if not _close(own.value, their.value, hedge):
        return Match.NONE
    if own.value == their.value and {hedge, other} == {Hedge.OVER, Hedge.UNDER}:
        return Match.CONTRARY
    return min(_match_units(own.unit, their.unit), _match_currencies(own.currency, their.currency))


def _close(own: Fraction, their: Fraction, hedge: Hedge) -> bool:
    if own == their:
        return True
    if hedge is Hedge.ABOUT:
        return abs(own - their) <= _ABOUT * abs(their)
    if hedge is Hedge.OVER:
        return own < their <= own * (1 + _OVER)
    return hedge is Hedge.UNDER and own * (1 - _OVER) <= their < own


def _match_units(own: str, their: str) -> Match:
    if own == their or (own in _OF_CHOICE and their in _OF_CHOICE):
        return Match.FULL
    if own == "" and their not in _STRICT_UNITS:
        return Match.FULL
    if their == "" and own not in _STRICT_UNITS:
        return Match.WEAK
    return Match.NONE


def _match_currencies(own: str, their: str) -> Match:
    if not own or own == their:
        return Match.FULL
    if not their:
        return Match.WEAK
    one_of = their in CURRENCY_FAMILIES.get(own, ()) or own in CURRENCY_FAMILIES.get(their, ())
    return Match.FULL if one_of else Match.NONE
