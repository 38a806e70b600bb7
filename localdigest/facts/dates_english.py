"""Dates in English."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from localdigest.facts.moments import (
    WEEKDAYS,
    around,
    month_around,
    part_of_year,
    quarter_around,
    week_around,
    weekday,
    with_year,
    year_around,
)
from localdigest.facts.tokens import Amount, Fact, Moment
from localdigest.facts.units import PERCENT

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

__all__ = ["find_english_dates"]

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_NUMBER = {name: number for number, name in enumerate(_MONTHS, start=1)}
_NUMBER |= {name[:3]: number for name, number in _NUMBER.items()} | {"sept": 9}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_YEARS = {"last year": -1, "this year": 0, "next year": 1}
_AROUND = {"week": week_around, "month": month_around, "year": year_around, "quarter": quarter_around}
_VERBS = ("may", "march", "mar")  # and months

_NAME = rf"(?:{'|'.join(sorted(_NUMBER, key=len, reverse=True))})"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?![\dA-Za-z,.]*\d)"
_YEAR = r"(?:1[5-9]|20|21)\d\d(?!\d|[.,]\d)"
_OF_YEAR = rf"(?:{_YEAR}|last year|this year|next year)"
_FREE = r"(?<!\d[.,])"  # no part of a number
_DATE = re.compile(
    rf"(?<![\d/$€£-]){_FREE}(?P<iso>(?P<iy>{_YEAR})(?P<sep>[-/.])(?P<im>0?[1-9]|1[0-2])(?P=sep)"
    r"(?P<id>3[01]|[12]\d|0?[1-9])(?![\d%]))"
    rf"|(?<![A-Za-z])(?P<md>(?P<mm>{_NAME})\.? (?P<mday>{_DAY})(?:(?: ?- ?| to | and )(?P<mday2>{_DAY}))?"
    rf"(?:,? (?P<my>{_YEAR}))?)"
    rf"|(?<![\d:A-Za-z-]){_FREE}(?P<dm>(?P<dday>{_DAY})(?:(?: ?- ?| to )(?P<dday2>{_DAY}))? (?:of )?(?P<dmon>{_NAME})\b"
    rf"\.?(?:,? (?P<dy>{_YEAR}))?)"
    rf"|(?<![A-Za-z])(?P<ym>(?P<ymm>{_NAME})\.?,? (?:of )?(?P<yy>{_OF_YEAR}))"
    rf"|(?<![A-Za-z0-9])(?P<q>(?:(?P<qo>{'|'.join(_ORDINALS)})[ -]quarter|Q(?P<qn>[1-4])"
    rf"|(?P<qy2>{_YEAR}) ?Q(?P<qn2>[1-4]))(?:,? (?:of )?(?P<qy>{_OF_YEAR}))?)(?![A-Za-z])"
    rf"|(?<![A-Za-z0-9])(?P<h>(?:(?P<ho>first|second)[ -]half|H(?P<hn>[12]))"
    rf"(?: (?:of )?(?P<hy>{_OF_YEAR}))?)(?![A-Za-z])"
    rf"|(?<![\d$€£A-Za-z]){_FREE}(?P<dec>(?:1[5-9]|20)\d0)s(?![A-Za-z])"
    r"|\b(?P<rel>(?:last|this|next|past|previous|current|earlier this|later this)"
    rf" (?:week|month|year|quarter|{'|'.join(WEEKDAYS)})|yesterday|today|tomorrow)\b"
    rf"|\b(?P<wd>{'|'.join(WEEKDAYS)})s?\b",
    re.IGNORECASE,
)
#: A month by itself: `may` and `march` are words too.
_MONTH_ALONE = re.compile(
    r"\b(?:January|February|April|June|July|August|September|October|November|December"
    r"|(?<=[a-z] )(?:March|May)(?= |[.,;:)]|$)|Jan\.|Feb\.|Mar\.|Apr\.|Aug\.|Sept?\.|Oct\.|Nov\.|Dec\.)(?![A-Za-z])"
)
_BEFORE_MAY = re.compile(
    r"(?:in|since|until|till|by|of|from|last|next|this|early|late|mid|during|through|between|and|to|before|after)[ -]\Z"
)
_SLASHED = re.compile(rf"(?<![\d/]){_FREE}(1[0-2]|0?[1-9])/(3[01]|[12]\d|0?[1-9])(?![\d/%]|\.\d)")
#: What growth is measured from goes without saying.
_BASE = re.compile(r"(?:than|compared (?:with|to)|versus|from|on|over)(?: the)? \Z", re.IGNORECASE)
_BASE_REACH = 20
_LOOSE = ("this", "today", "current", "past", "earlier this", "later this")
_MONTHS_OF_YEAR = 12


def find_english_dates(text: str, published: dt.date | None) -> Iterator[Fact]:
    """The dates of a folded text; those of days before months and shares, which look alike."""
    taken = bytearray(len(text))
    for match in _DATE.finditer(text):
        if moments := _moments(match, published):
            taken[match.start() : match.end()] = b"\1" * len(match[0])
            yield from _facts(text, match, moments, published)
    for match in _MONTH_ALONE.finditer(text):
        before = text[max(0, match.start() - 10) : match.start()].lower()
        if not taken[match.start()] and (match[0] not in ("May", "March") or _BEFORE_MAY.search(before)):
            month = _NUMBER[match[0].rstrip(".").lower()]
            yield Fact(match.start(), match.end(), tuple(with_year(0, month, 0, published)))
    for match in _SLASHED.finditer(text):
        if not taken[match.start()]:
            yield _slashed(match, published)


def _facts(text: str, match: re.Match[str], moments: list[Moment], published: dt.date | None) -> Iterator[Fact]:
    """The date, and the end of `March 2 to 5`, which is a date of its own."""
    second = match["mday2"] or match["dday2"]
    end = match.end("mday" if match["mday2"] else "dday") if second else match.end()
    relative = (match["rel"] or "").lower()
    before = text[max(0, match.start() - _BASE_REACH) : match.start()]
    checked = not (relative and _BASE.search(before))
    yield Fact(match.start(), end, tuple(moments), checked=checked, loose=relative.startswith(_LOOSE))
    if second:
        name, year = match["mm"] or match["dmon"], match["my"] or match["dy"]
        start = match.start("mday2" if match["mday2"] else "dday2")
        yield Fact(start, match.end(), tuple(_of_month(name, second, year, published)))


def _moments(match: re.Match[str], published: dt.date | None) -> list[Moment]:
    kind = match.lastgroup
    if kind == "iso":
        return [Moment(int(match["iy"]), int(match["im"]), int(match["id"]))]
    if kind in ("md", "dm"):
        name, day, year = (match[group] for group in (("mm", "mday", "my") if kind == "md" else ("dmon", "dday", "dy")))
        is_verb = name.lower() in _VERBS and name[0].islower()
        return [] if is_verb else _of_month(name, day, year, published)
    if kind == "ym":
        return with_year(_year(match["yy"], published), _NUMBER[match["ymm"].lower()], 0, published)
    if kind in ("q", "h"):
        number = match["qn"] or match["qn2"] or match["hn"] or _ORDINALS[(match["qo"] or match["ho"]).lower()]
        year = _year(match["qy"] or match["qy2"] or match["hy"] or "", published)
        return part_of_year(f"{kind.upper()}{number}", year, published)
    if kind == "dec":
        return [Moment(part=f"D{match['dec']}")]
    return _relative(match, published)


def _relative(match: re.Match[str], published: dt.date | None) -> list[Moment]:
    words = (match["rel"] or match["wd"]).lower()
    if words in _DAYS:
        return around(_DAYS[words], published)
    word = words.rsplit(" ", 1)[-1]
    if word in WEEKDAYS:
        return weekday(WEEKDAYS.index(word), published) if match["rel"] or match["wd"][0].isupper() else []
    step = -1 if words.startswith(("last", "previous")) else 1 if words.startswith("next") else 0
    return _AROUND[word](step, published)


def _of_month(name: str, day: str, year: str | None, published: dt.date | None) -> list[Moment]:
    return with_year(int(year or 0), _NUMBER[name.lower()], int(re.sub(r"\D", "", day)), published)


def _year(text: str, published: dt.date | None) -> int:
    if text[:2].isdigit():
        return int(text)
    return published.year + _YEARS[text.lower()] if published and text else 0


def _slashed(match: re.Match[str], published: dt.date | None) -> Fact:
    first, second = int(match[1]), int(match[2])
    readings: list[Moment | Amount] = [*with_year(0, first, second, published)]
    if second <= _MONTHS_OF_YEAR:  # the day may stand first
        readings += with_year(0, second, first, published)
    if first < second:  # or it is a share: 1/3
        share = Fraction(first, second)
        readings += [Amount(share * 100, PERCENT), Amount(share)]
    return Fact(match.start(), match.end(), tuple(readings))
