"""Whether two figures or dates are too far apart to be one, however each was rounded."""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from localdigest.facts.patterns import DIGITS
from localdigest.facts.tokens import Amount, Hedge, Kind, Moment
from localdigest.facts.units import CURRENCY_FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from localdigest.facts.reading import Reading
    from localdigest.facts.tokens import Fact

__all__ = ["Extent", "days_apart", "extents", "figures_apart", "may_be_one", "same_unit"]

_ABOUT = Fraction(1, 10)  #: how far from the truth a figure may be that says 約
_ROUNDED = Fraction(1, 20)  #: no figure is taken for one that was rounded by more
_DIGITS = re.compile(DIGITS)
_CEILING = re.compile(
    r"(?:(?<![A-Za-z])(?:up to|as (?:many|much) as|at most|no more than|a maximum of)"
    r"|最高|最多|至多|上限)[為達]?[^,;.，。0-9]{0,6}\Z",
    re.IGNORECASE,
)
_ROUGH = re.compile(r"thirds?|quarters?|half|halves|fifths?|tenths?|半|分之|成\Z", re.IGNORECASE)
_REACH = 24
_NOT_MEASURED = frozenset({"ordinal", "clock"})  #: ranks name things, and clocks stand in time zones


class Extent(NamedTuple):
    """A sense of a figure with what it leaves open."""

    amount: Amount
    hedge: Hedge
    slack: Fraction


def extents(reading: Reading, fact: Fact) -> tuple[Extent, ...]:
    """All senses of a figure, the first one first; of a date none."""
    if fact.kind is Kind.DATE:
        return ()
    text, hedge = reading.text[fact.start : fact.end], _hedge(reading, fact)
    amounts = (sense for sense in fact.readings if isinstance(sense, Amount))
    return tuple(Extent(amount, hedge, _slack(text, amount.value)) for amount in amounts)


def figures_apart(own: Sequence[Extent], their: Sequence[Extent]) -> bool:
    """Whether no sense of one figure can be true beside any of the other; only of figures with the same unit."""
    return same_unit(own, their) and all(_apart(a, b) for a in own for b in their if _same_unit(a.amount, b.amount))


def may_be_one(own: Sequence[Extent], their: Sequence[Extent]) -> bool:
    """Whether two figures of one unit may be the same."""
    return same_unit(own, their) and not figures_apart(own, their)


def same_unit(own: Sequence[Extent], their: Sequence[Extent]) -> bool:
    """Whether the first senses of two figures can be compared."""
    return bool(own and their) and _same_unit(own[0].amount, their[0].amount)


def days_apart(own: Fact, their: Fact) -> int:
    """Between the nearest days that two dates may mean; 0 where either is no day."""
    pairs = [(a, b) for a in _days(own.readings) for b in _days(their.readings)]
    return min((abs((a - b).days) for a, b in pairs), default=0)


def _same_unit(one: Amount, other: Amount) -> bool:
    if one.unit != other.unit or one.unit in _NOT_MEASURED or bool(one.currency) is not bool(other.currency):
        return False
    families = (CURRENCY_FAMILIES.get(one.currency, ()), CURRENCY_FAMILIES.get(other.currency, ()))
    return one.currency == other.currency or other.currency in families[0] or one.currency in families[1]


def _apart(one: Extent, other: Extent) -> bool:
    """Whether what two figures leave open does not touch."""
    less, more = (one, other) if one.amount.value <= other.amount.value else (other, one)
    near = max(less.slack, more.slack)
    if Hedge.ABOUT in (less.hedge, more.hedge):
        near = max(near, _ABOUT * abs(more.amount.value))
    return (
        more.amount.value - less.amount.value > near and less.hedge is not Hedge.OVER and more.hedge is not Hedge.UNDER
    )


def _hedge(reading: Reading, fact: Fact) -> Hedge:
    if _CEILING.search(reading.text[max(0, fact.start - _REACH) : fact.start]):
        return Hedge.UNDER
    return fact.hedge


def _slack(text: str, value: Fraction) -> Fraction:
    """How far the truth may be from a figure as it is written: 1.7 billion may be anything that is written so."""
    if _ROUGH.search(text):
        return _ABOUT * abs(value)
    found = _DIGITS.findall(text)
    if len(found) != 1:
        return Fraction(0)
    digits = found[0].replace(",", "")
    number = Fraction(digits)
    if not number:
        return Fraction(0)
    whole, _, decimals = digits.partition(".")
    zeros = len(whole) - len(whole.rstrip("0"))
    place = Fraction(1, 10 ** len(decimals)) if decimals else Fraction(10**zeros)
    scale = abs(value) / number
    if place == 1 and scale == 1:
        return Fraction(0)  # a count
    return min(place * scale, _ROUNDED * abs(value))


def _days(readings: Iterable[Amount | Moment]) -> list[dt.date]:
    days = []
    for moment in readings:
        if isinstance(moment, Moment) and moment.year and moment.month and moment.day:
            try:
                days.append(dt.date(moment.year, moment.month, moment.day))
            except ValueError:  # 30 February
                continue
    return days
