"""Figures in English and Chinese: digits, words and numerals, with scale, unit, currency and hedge."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from localdigest.facts.hedges import REACH, hedge_before, hedge_behind
from localdigest.facts.moments import moment_before
from localdigest.facts.numerals import ENGLISH_NUMBER, HAN_NUMERAL, HAN_SCALES, english_value, han_value
from localdigest.facts.patterns import DIGITS, LETTER, either
from localdigest.facts.shapes import find_shapes
from localdigest.facts.tokens import Amount, Fact, Hedge, Moment, Reading
from localdigest.facts.units import (
    CURRENCIES,
    ENGLISH_UNITS,
    HAN_UNITS,
    MEASURE_WORDS,
    PERCENT,
    PREFIXED_CURRENCIES,
    SUFFIX_SCALES,
    TIMES,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

__all__ = ["find_amounts"]

_SCALE = r"[十百千]?[萬万億亿兆]|[百千]"
#: 12 億 5,000 萬, 1.2萬, 3,500: further digits belong to a figure only after a scale.
_FURTHER = (
    rf"(?:\s?\d[\d,]*(?:\s?(?:{_SCALE})))*(?:(?<=[萬万億亿兆])\s?(?:\d,\d{{3}}|\d{{1,4}})(?![\d,.]|\s?[年月日]))?"
)
_FIGURE = re.compile(
    rf"(?<![{LETTER}\d.])(?<!\d,)(?P<digits>{DIGITS}(?:\s?(?:{_SCALE}){_FURTHER})?)"
    rf"|(?P<han>[{HAN_NUMERAL}半]+(?:[點点][〇零一二三四五六七八九]+)?[{HAN_NUMERAL}]*)"
    rf"|(?<![{LETTER}-])(?P<words>{ENGLISH_NUMBER})(?![{LETTER}])",
    re.IGNORECASE,
)
_LETTERED = re.compile(rf"[{LETTER}]")
_LARGE = re.compile(r"[萬万億亿兆]")
_PIECE = re.compile(rf"({DIGITS})\s?({_SCALE})?")

_PREFIX_CURRENCY = re.compile(
    rf"(?:(?<![A-Za-z])(?:{either(sign for sign in PREFIXED_CURRENCIES if sign[0].isalpha())})|[$€£¥₩₹₺₽])\s?$",
    re.IGNORECASE,
)
_SUFFIX_SCALE = re.compile(rf"(?:(?<=\d) ?|-| )(?P<scale>{either(SUFFIX_SCALES)})(?![{LETTER}])", re.IGNORECASE)
_SUFFIX_CURRENCY = re.compile(rf"[ -]?(?P<currency>{either(CURRENCIES)})(?![a-z])", re.IGNORECASE)
_UNIT = re.compile(
    rf"(?P<han>\s?(?:{either(HAN_UNITS)}))"
    rf"|(?P<english>[ -]?(?:{either(unit for unit in ENGLISH_UNITS if unit[0] != '-')}))(?![{LETTER}\d])"
    rf"|(?P<fold>-?fold)(?![{LETTER}])",
    re.IGNORECASE,
)
_MEASURED = re.compile(rf"\s?(?:{either((*MEASURE_WORDS, *HAN_UNITS))})")
_AGO = re.compile(r" (?:ago|earlier|before)\b|以?前(?!三|五|十|\d|後|往|景|進|述)", re.IGNORECASE)
_RANGE = re.compile(r"\s?(?:-|~|到|至|、|,|/|to|and|or|和|或)\s?(?:(?:US|NT|HK)?[$€£]\s?)?", re.IGNORECASE)

_VAGUE = re.compile(r"[數数幾几好多]\s?$|several $", re.IGNORECASE)
_GROWS = re.compile(r"[增成長多提升漲高快加]{1,2}(?:了|達|約|逾|近|超過)?\s?$")
_YEARS = range(1900, 2101)
_SMALL = 5  #: counts in words up to this can stand for a list of names
_LONGEST = 40  #: characters of a figure that means one


class _Found(NamedTuple):
    start: int
    end: int
    value: Fraction
    form: str  #: `digits`, `han`, `words`


class _Behind(NamedTuple):
    """What follows a figure."""

    end: int
    factor: Fraction
    unit: str
    currency: str
    hedge: Hedge
    measured: bool
    scaled: bool


def find_amounts(text: str, *, taken: bytearray, published: dt.date | None) -> list[Fact]:
    """The figures of a folded text outside the characters that are taken; takes those of what it finds.

    The special forms come first and win; among the rest the earlier one.
    """
    facts: list[Fact] = []
    for fact in (*find_shapes(text), *_plain(text, published)):
        if not any(taken[fact.start : fact.end]):
            taken[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
            facts.append(fact)
    return sorted(facts, key=lambda fact: fact.start)


def _plain(text: str, published: dt.date | None) -> Iterator[Fact]:
    found = [item for match in _FIGURE.finditer(text) for item in _figure(match)]
    behind = [_behind(text, item) for item in found]
    for index, item in enumerate(found):
        follower = (
            index + 1 if index + 1 < len(found) and _joined(text, behind[index].end, found[index + 1].start) else 0
        )
        fact = _read(text, item, behind[index], behind[follower] if follower else None, published)
        if fact:
            yield fact


def _joined(text: str, end: int, start: int) -> bool:
    return start - end <= 8 and _RANGE.fullmatch(text, end, start) is not None  # noqa: PLR2004 - ` to US$`


def _figure(match: re.Match[str]) -> Iterator[_Found]:
    raw = match[0]
    if len(raw) > _LONGEST:
        return
    if match["digits"]:
        yield _Found(match.start(), match.end(), _digits_value(raw), "digits")
    elif match["han"]:
        value = Fraction(1, 2) if raw == "半" else han_value(raw.removesuffix("半")) if "半" not in raw[:-1] else None
        if value is not None:
            yield _Found(match.start(), match.end(), value, "han")
    else:
        value = english_value(raw)
        if value is not None:
            yield _Found(match.start(), match.end(), value, "words")


def _digits_value(raw: str) -> Fraction:
    total = Fraction(0)
    for digits, scale in _PIECE.findall(raw):
        value = Fraction(digits.replace(",", ""))
        for character in scale:
            value *= HAN_SCALES[character]
        total += value
    return total


def _behind(text: str, item: _Found) -> _Behind:
    at = item.end
    factor, currency, unit = Fraction(1), "", ""
    scaled = item.form != "words" and any(character in HAN_SCALES for character in text[item.start : item.end])
    if match := _SUFFIX_SCALE.match(text, at):
        factor, at, scaled = Fraction(SUFFIX_SCALES[match["scale"].lower()]), match.end(), True
    hedge, at = hedge_behind(text, at)
    if hedge is not Hedge.EXACT and (match := _LARGE.match(text, at)):  # 十多萬
        factor, at, scaled = factor * HAN_SCALES[match[0]], match.end(), True
    measured = _MEASURED.match(text, at) is not None
    if match := _SUFFIX_CURRENCY.match(text, at):
        currency, at, measured = CURRENCIES[match["currency"].lower()], match.end(), True
    elif match := _UNIT.match(text, at):
        word = match[0].strip(" -").lower()
        unit, size = HAN_UNITS[word] if match["han"] else ENGLISH_UNITS[word]
        factor, at = factor * size, match.end()
    if hedge is Hedge.EXACT:
        hedge, _ = hedge_behind(text, at)
    return _Behind(at, factor, unit, currency, hedge, measured, scaled)


def _read(text: str, item: _Found, behind: _Behind, follower: _Behind | None, published: dt.date | None) -> Fact | None:  # noqa: C901 - the readings of one figure, in one place
    start, end = item.start, behind.end
    if item.form == "han" and not _counts(text, item, behind, follower):
        return None
    if item.form == "digits" and behind.end == item.end and _LETTERED.match(text, item.end):
        return None  # 4o, 1080p: a name
    before = text[max(0, start - REACH) : start]
    currency = behind.currency
    if prefix := _PREFIX_CURRENCY.search(before):
        currency = PREFIXED_CURRENCIES[prefix[0].strip().lower()]
        start -= len(prefix[0])
        before = before[: prefix.start()]
    unit = "money" if currency and not behind.unit else behind.unit
    value = item.value * behind.factor
    if text[item.start : item.end].endswith("半") and item.value != Fraction(1, 2):
        value += behind.factor / 2
    half = text.startswith("半", end)
    readings: list[Reading] = [Amount(value, unit, currency)]
    if half and behind.unit:  # 一年半, 兩個月半
        readings, end = [Amount(value + behind.factor / 2, unit, currency)], end + 1
    if follower and not behind.unit and not behind.currency:
        readings += _inherited(item, behind, follower)
    if unit == TIMES:
        readings += _times(item, text[max(0, item.start - 4) : item.start], behind)
    if behind.unit in ("s", "mo") and published and _AGO.match(text, end):
        readings.append(_ago(value, behind.unit, published))
    if not currency:
        readings += _ambiguous(text, item, behind)
    if _is_year(text, item, behind, currency):
        readings.insert(0, Moment(int(item.value)))
    small = item.form != "digits" and value <= _SMALL and unit == "" and not behind.scaled
    single = item.value == 1 and item.form != "digits" and unit in ("", "s", "mo", "m") and not behind.scaled
    vague = _VAGUE.search(before) is not None
    return Fact(
        start, end, tuple(readings), hedge_before(before) or behind.hedge, checked=not (single or vague), small=small
    )


def _counts(text: str, item: _Found, behind: _Behind, follower: _Behind | None) -> bool:
    """Whether Chinese numerals are a number here: they also stand in words (一些, 千萬別, 三星)."""
    raw = text[item.start : item.end]
    if behind.unit or behind.currency:
        return not (raw[-1] in "百千" and behind.unit == "deg")
    if raw in ("萬", "億", "兆", "千萬", "千", "百", "十", "半", "萬一"):
        return False
    if len(raw) > 1 and any(character in "萬億兆万亿" for character in raw[-1:]):
        return True
    return behind.measured or (len(raw) > 1 and follower is not None)


def _inherited(item: _Found, behind: _Behind, follower: _Behind) -> list[Reading]:
    """The first of `3 to 5 million euros` is millions of euros too."""
    unit = "money" if follower.currency and not follower.unit else follower.unit
    if not unit and follower.factor == 1:
        return []
    factors = {follower.factor} if behind.factor == 1 else {behind.factor}
    return [Amount(item.value * factor, unit, follower.currency) for factor in factors]


def _times(item: _Found, before: str, behind: _Behind) -> list[Reading]:
    """`three times` can be three occasions; 增加兩倍 is taken for doubled by some and for tripled by others."""
    readings: list[Reading] = [Amount(item.value * behind.factor)]
    if _GROWS.search(before):
        readings += [Amount(item.value + 1, TIMES), Amount(item.value * 100, PERCENT)]
    return readings


def _ago(value: Fraction, unit: str, published: dt.date) -> Moment:
    if unit == "mo":
        return moment_before(published, months=min(int(value), 10**6))
    return moment_before(published, days=min(int(value // 86_400), 10**6) or 1)


def _ambiguous(text: str, item: _Found, behind: _Behind) -> list[Reading]:
    """`5m` may be metres, 3 度 may be times, `2 日` a date: every sense can be borne out."""
    after = text[item.end : item.end + 2]
    readings: list[Reading] = []
    if after[:1] == "m" and not after[1:].isalpha() and behind.factor == 10**6:
        readings.append(Amount(item.value, "m"))
    if behind.unit == "deg" and after.strip()[:1] == "度":
        readings.append(Amount(item.value))
    if after.strip()[:1] in ("日", "號") and item.value <= 31:  # noqa: PLR2004 - a day of the month
        readings.append(Moment(day=int(item.value)) if item.value >= 1 else Amount(item.value))
    if behind.unit == "mo" and after.strip()[:1] in ("季", "年", "歲"):
        readings.append(Amount(item.value, "ordinal"))
    return readings


def _is_year(text: str, item: _Found, behind: _Behind, currency: str) -> bool:
    raw = text[item.start : item.end]
    return (
        item.form == "digits"
        and len(raw) == 4  # noqa: PLR2004 - without a comma
        and raw.isdecimal()
        and int(raw) in _YEARS
        and not behind.unit
        and not currency
        and behind.factor == 1
    )
