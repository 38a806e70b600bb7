"""Whether two figures or dates are too far apart to be one, however each was rounded."""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from localdigest.facts.patterns import DIGITS
from localdigest.facts.tokens import Amount, Hedge, Moment
from localdigest.facts.units import CURRENCY_FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localdigest.facts.reading import Reading
    from localdigest.facts.tokens import Fact

__all__ = ["days_apart", "figures_apart", "may_be_one", "same_unit"]

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


def figures_apart(one: Reading, own: Fact, other: Reading, their: Fact) -> bool:
    """Whether no sense of one figure can be true beside any of the other; only of figures with the same unit."""
    senses = _comparable(own, their)
    return bool(senses) and all(_apart(_span(one, own, a), _span(other, their, b)) for a, b in senses)


def may_be_one(one: Reading, own: Fact, other: Reading, their: Fact) -> bool:
    """Whether two figures of one unit may be the same."""
    return same_unit(own, their) and not figures_apart(one, own, other, their)


def same_unit(own: Fact, their: Fact) -> bool:
    """Whether the first senses of two figures can be compared."""
    a, b = own.readings[0], their.readings[0]
    return isinstance(a, Amount) and isinstance(b, Amount) and _same_unit(a, b)


def days_apart(own: Fact, their: Fact) -> int:
    """Between the nearest days that two dates may mean; 0 where either is no day."""
    pairs = [(a, b) for a in _days(own.readings) for b in _days(their.readings)]
    return min((abs((a - b).days) for a, b in pairs), default=0)


def _comparable(own: Fact, their: Fact) -> list[tuple[Amount, Amount]]:
    if not same_unit(own, their):
        return []
    return [
        (a, b)
        for a in own.readings
        for b in their.readings
        if isinstance(a, Amount) and isinstance(b, Amount) and _same_unit(a, b)
    ]


def _same_unit(one: Amount, other: Amount) -> bool:
    if one.unit != other.unit or one.unit in _NOT_MEASURED or bool(one.currency) is not bool(other.currency):
        return False
    families = (CURRENCY_FAMILIES.get(one.currency, ()), CURRENCY_FAMILIES.get(other.currency, ()))
    return one.currency == other.currency or other.currency in families[0] or one.currency in families[1]


class _Span(NamedTuple):
    """A value with what it leaves open."""

    value: Fraction
    hedge: Hedge
    slack: Fraction


def _span(reading: Reading, fact: Fact, amount: Amount) -> _Span:
    return _Span(amount.value, _hedge(reading, fact), _slack(reading.text[fact.start : fact.end], amount.value))


def _apart(one: _Span, other: _Span) -> bool:
    """Whether what two figures leave open does not touch."""
    less, more = sorted((one, other), key=lambda span: span.value)
    near = max(less.slack, more.slack)
    if Hedge.ABOUT in (less.hedge, more.hedge):
        near = max(near, _ABOUT * abs(more.value))
    return more.value - less.value > near and less.hedge is not Hedge.OVER and more.hedge is not Hedge.UNDER


def _hedge(reading: Reading, fact: Fact) -> Hedge:
    if _CEILING.search(reading.text[max(0, fact.start - _REACH) : fact.start]):
        return Hedge.UNDER
    return fact.hedge


@lru_cache(maxsize=4096)  # each figure is compared with many
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
