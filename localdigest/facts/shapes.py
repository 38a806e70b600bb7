"""Figures with forms of their own: shares, fractions, multiples, ordinals, times of the day."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from localdigest.facts.hedges import REACH, hedge_before, hedge_behind
from localdigest.facts.numerals import ENGLISH_NUMBER, HAN_NUMERAL, english_value, value_of
from localdigest.facts.patterns import DIGITS, LETTER, either
from localdigest.facts.tokens import Amount, Fact, Reading
from localdigest.facts.units import ENGLISH_UNITS, HAN_UNITS, PERCENT, TIMES

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_shapes"]

_HALF = Fraction(1, 2)
_ALL = 100  # percent
_TENTH = 10  # percent: 成

# 三成 is 30 %, but not in 成員, 成功, 成為
_CHENG = re.compile(
    r"(?P<n>[一二三四五六七八九兩]|(?<![\d.])\d(?:\.\d)?)\s?成(?:(?P<half>半)|(?P<tenth>[一二三四五六七八九]))?"
    r"(?:(?=員工)|(?![員功立為長果本就分交績熟年品敗效人名因語都]))"
)
_PARTS = re.compile(
    rf"(?P<below>百|千|萬|(?<![{HAN_NUMERAL}])[{HAN_NUMERAL}]{{1,12}}|(?<!\d)\d{{1,9}})分之"
    rf"(?P<above>{DIGITS}|[{HAN_NUMERAL}]{{1,12}}(?:[點点][〇零一二三四五六七八九]+)?)"
)
_HALF_WORD = re.compile(r"一半|半數|過半|(?<![A-Za-z])half(?! an?\b)(?![A-Za-z])", re.IGNORECASE)
_AND_HALF = re.compile(
    r"(?P<n>\d{1,4}|[一二三四五六七八九十兩]{1,3})\s?個半(?P<u>小時|鐘頭|月|星期|禮拜)"
    rf"|(?<![{LETTER}-])(?P<n2>\d{{1,4}}|{ENGLISH_NUMBER}) and a half"
    rf" (?P<u2>{either(unit for unit in ENGLISH_UNITS if unit.isalpha())})(?![{LETTER}])",
    re.IGNORECASE,
)
_BELOW = {
    "half": 2,
    "halv": 2,
    "third": 3,
    "quarter": 4,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
}
_ABOVE = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7, "nine": 9}
_FRACTION = re.compile(
    rf"\b(?P<n>{either(_ABOVE)})[ -](?P<d>half|halves|(?:{either(set(_BELOW) - {'half', 'halv'})})s?)\b"
    r"(?! (?:straight|consecutive|time\b|place|generation|year|of the year|results?|ended|earnings|revenue))",
    re.IGNORECASE,
)
_HALF_POINT = re.compile(r"\bhalf an? (?P<u>percentage point|percent)\b", re.IGNORECASE)
_A_UNIT = re.compile(
    r"\b(?:an?|one) (?P<u>decade|year|month|week|day|hour|minute|second|mile|kilometre|kilometer|tonne|ton)\b",
    re.IGNORECASE,
)
_MULTIPLE = re.compile(
    r"\b(?P<two>doubl(?:ed?|es|ing)|twice|twofold|two-fold)\b"
    r"|\b(?P<three>tripl(?:ed?|es|ing)|threefold|thrice|treble[ds]?)\b"
    r"|\b(?P<four>quadrupl(?:ed?|es|ing)|fourfold)\b"
    r"|(?P<han>翻倍|翻了?一番|加倍|倍增)"
    r"|(?P<halved>\bhalv(?:ed?|es|ing)\b|\bcut in half\b|減半|腰斬|砍半)",
    re.IGNORECASE,
)
_FOLD = re.compile(r"\b(?P<w>two|three|four|five|six|seven|eight|nine|ten|hundred)fold\b", re.IGNORECASE)
_ORDINAL_WORDS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "eleventh": 11,
    "twelfth": 12,
}
_ORDINAL = re.compile(
    r"(?<![A-Za-z\d.,])(?P<n>\d{1,3}(?:,\d{3})*|\d+)(?:st|nd|rd|th)(?![A-Za-z])"
    r"|第\s?(?P<h>\d[\d,]*|[〇零一二三四五六七八九十百千兩廿]{1,9})(?![方者]|人稱|世界|產業)"
    r"|(?:\bNo\. ?|(?<!\w)#)(?P<no>\d{1,4})(?!\d)"
    rf"|\b(?P<w>{either(_ORDINAL_WORDS)})(?![A-Za-z])"
)
_CLOCK = re.compile(
    r"(?<![\d:.])(?P<h>[01]?\d|2[0-4]):(?P<m>[0-5]\d)(?!\d)(?: ?(?P<ap>[ap])\.?m\.?(?![a-z]))?"
    r"|(?<![\d:.,])(?P<h2>1[0-2]|[1-9]) ?(?P<ap2>[ap])\.?m\.?(?![a-z])"
    r"|(?P<zap>上午|下午|晚上|早上|凌晨|中午|晚間|清晨|傍晚|今晚|當晚)\s?(?P<zh>\d{1,2}|[一二三四五六七八九十兩]{1,3})"
    r"\s?[點時](?!間)(?:\s?(?P<zm>\d{1,2}|[一二三四五六七八九十]{1,3})\s?分|(?P<zhalf>半))?",
    re.IGNORECASE,
)
_MORNING = ("上午", "早上", "凌晨", "清晨")


def find_shapes(text: str) -> Iterator[Fact]:
    """The figures of a folded text that have forms of their own; the earlier ones win where they overlap."""
    yield from _clocks(text)
    if not text.isascii():
        yield from _han_shares(text)
    yield from _halves(text)
    yield from _multiples(text)
    yield from _ordinals(text)


def _clocks(text: str) -> Iterator[Fact]:
    for match in _CLOCK.finditer(text):
        hour = int(value_of(match["h"] or match["h2"] or match["zh"]) or 0)
        minute = 30 if match["zhalf"] else int(value_of(match["m"] or match["zm"]) or 0)
        half = (match["ap"] or match["ap2"] or "").lower()
        if match["zap"]:
            half = "a" if match["zap"] in _MORNING else "p"
        hour = hour % 12 + 12 if half == "p" else hour % 12 if half == "a" else hour
        yield Fact(match.start(), match.end(), (Amount(Fraction(hour * 60 + minute), "clock"),))


def _han_shares(text: str) -> Iterator[Fact]:
    for match in _PARTS.finditer(text):
        below, above = value_of(match["below"]), value_of(match["above"])
        if below and above is not None:
            yield _fact(text, match, _share(above / below))
    for match in _CHENG.finditer(text):
        tenths = value_of(match["n"])
        if tenths is not None:
            more = 5 if match["half"] else int(value_of(match["tenth"]) or 0)
            yield _fact(text, match, (Amount(tenths * _TENTH + more, PERCENT),))


def _halves(text: str) -> Iterator[Fact]:
    for match in _AND_HALF.finditer(text):
        number, word = match["n"] or match["n2"], (match["u"] or match["u2"]).lower()
        value = english_value(number) if number[0].isascii() and number[0].isalpha() else value_of(number)
        if value is not None:
            unit, size = HAN_UNITS.get(word) or HAN_UNITS.get(f"個{word}") or ENGLISH_UNITS[word]
            yield _fact(text, match, (Amount((value + _HALF) * size, unit),))
    for match in _FRACTION.finditer(text):
        below = next(value for stem, value in _BELOW.items() if match["d"].lower().startswith(stem))
        yield _fact(text, match, _share(Fraction(_ABOVE[match["n"].lower()], below)))
    for match in _HALF_WORD.finditer(text):
        # Not checked: `half` and 半 stand in many phrases that are no figures.
        yield Fact(match.start(), match.end(), _share(_HALF), checked=False)
    for match in _HALF_POINT.finditer(text):
        unit, size = ENGLISH_UNITS[match["u"].lower()]
        yield _fact(text, match, (Amount(size / 2, unit),))


def _multiples(text: str) -> Iterator[Fact]:
    for match in _A_UNIT.finditer(text):
        unit, size = ENGLISH_UNITS[match["u"].lower()]
        yield Fact(match.start(), match.end(), (Amount(size, unit),), checked=False)
    for match in _MULTIPLE.finditer(text):
        yield Fact(match.start(), match.end(), _multiple(match))
    for match in _FOLD.finditer(text):
        if (value := english_value(match["w"])) is not None:
            yield Fact(match.start(), match.end(), (Amount(value, TIMES),))


def _multiple(match: re.Match[str]) -> tuple[Reading, ...]:
    if match["halved"]:
        return (Amount(Fraction(50), PERCENT), Amount(_HALF))
    factor = 3 if match["three"] else 4 if match["four"] else 2
    readings = (Amount(Fraction(factor), TIMES), Amount(Fraction((factor - 1) * _ALL), PERCENT))
    return (*readings, Amount(Fraction(1), TIMES)) if match["two"] or match["han"] else readings  # 成長一倍


def _ordinals(text: str) -> Iterator[Fact]:
    for match in _ORDINAL.finditer(text):
        word = match["w"]
        value = Fraction(_ORDINAL_WORDS[word]) if word else value_of(match["n"] or match["h"] or match["no"])
        if value is None:
            continue
        # `first` and `second` have other uses, so has 第一: they bear others out and need no proof.
        checked = word not in ("first", "second") and (value > 1 or match[0].isascii())
        yield Fact(match.start(), match.end(), (Amount(value, "ordinal"),), checked=checked)


def _share(share: Fraction) -> tuple[Reading, ...]:
    return (Amount(share * _ALL, PERCENT), Amount(share))


def _fact(text: str, match: re.Match[str], readings: tuple[Reading, ...]) -> Fact:
    before = text[max(0, match.start() - REACH) : match.start()]
    hedge = hedge_before(before) or hedge_behind(text, match.end())[0]
    return Fact(match.start(), match.end(), readings, hedge)
