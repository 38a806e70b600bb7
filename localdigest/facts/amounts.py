"""Figures in English and Chinese: digits, words and numerals, with scale, unit, currency and hedge."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from localdigest.facts.dates import moment_before
from localdigest.facts.numerals import ENGLISH_NUMBER, HAN_NUMERAL, HAN_SCALES, english_value, han_value
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
    from collections.abc import Iterable, Iterator

__all__ = ["find_amounts"]


def _either(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_LETTER = "A-Za-zÀ-ÖØ-öø-ɏ"
_SCALE = r"[十百千]?[萬万億亿兆]|[百千]"
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?![\d,]*\d)|\d+)(?:\.\d+)?"
_FIGURE = re.compile(
    # 12 億 5,000 萬, 1.2萬, 3,500: further digits belong to it only after a scale
    rf"(?<![{_LETTER}\d.])(?<!\d,)(?P<digits>{_DIGITS}(?:\s?(?:{_SCALE})(?:\s?\d[\d,]*(?:\s?(?:{_SCALE})))*(?:(?<=[萬万億亿兆])\s?(?:\d,\d{{3}}|\d{{1,4}})(?![\d,.]|\s?[年月日]))?)?)"
    rf"|(?P<han>[{HAN_NUMERAL}半]+(?:[點点][〇零一二三四五六七八九]+)?[{HAN_NUMERAL}]*)"
    rf"|(?<![{_LETTER}-])(?P<words>{ENGLISH_NUMBER})(?![{_LETTER}])",
    re.IGNORECASE,
)
_LETTERED = re.compile(rf"[{_LETTER}]")
_LARGE = re.compile(r"[萬万億亿兆]")
_PIECE = re.compile(rf"({_DIGITS})\s?({_SCALE})?")

_PREFIX_CURRENCY = re.compile(
    rf"(?:(?<![A-Za-z])(?:{_either(c for c in PREFIXED_CURRENCIES if c[-1].isalpha() or c[0].isalpha())})|[$€£¥₩₹₺₽])\s?$",
    re.IGNORECASE,
)
_SUFFIX_SCALE = re.compile(rf"(?:(?<=\d) ?|-| )(?P<scale>{_either(SUFFIX_SCALES)})(?![{_LETTER}])", re.IGNORECASE)
_MORE = re.compile(
    r"\s?(?P<more>餘|多(?!媒|數|元|樣|邊|年來)|以上|\+|plus\b)|\s?(?P<about>左右|上下|or so\b)|\s?(?P<less>以下|以內)"
)
_SUFFIX_CURRENCY = re.compile(rf"[ -]?(?P<currency>{_either(CURRENCIES)})(?![a-z])", re.IGNORECASE)
_UNIT = re.compile(
    rf"(?P<han>\s?(?:{_either(HAN_UNITS)}))|(?P<english>[ -]?(?:{_either(u for u in ENGLISH_UNITS if u[0] != '-')}))(?![{_LETTER}\d])"
    rf"|(?P<fold>-?fold)(?![{_LETTER}])",
    re.IGNORECASE,
)
_MEASURED = re.compile(rf"\s?(?:{_either((*MEASURE_WORDS, *HAN_UNITS))})")
_NO_CHENG = "員功立為長果本就分交績熟年品敗效人名因語都"  # 三成 is 30 %, but not in 成員, 成功, 成為
_CHENG = re.compile(
    rf"(?P<n>[一二三四五六七八九兩]|(?<![\d.])\d(?:\.\d)?)\s?成(?:(?P<half>半)|(?P<tenth>[一二三四五六七八九]))?(?:(?=員工)|(?![{_NO_CHENG}]))"
)
_PARTS = re.compile(
    rf"(?P<below>百|千|萬|(?<![{HAN_NUMERAL}])[{HAN_NUMERAL}]{{1,12}}|(?<!\d)\d{{1,9}})分之(?P<above>{_DIGITS}|[{HAN_NUMERAL}]{{1,12}}(?:[點点][〇零一二三四五六七八九]+)?)"
)
_HALF = re.compile(r"一半|半數|過半|(?<![A-Za-z])half(?! an?\b)(?![A-Za-z])", re.IGNORECASE)
_AND_HALF = re.compile(
    rf"(?P<n>\d{{1,4}}|[一二三四五六七八九十兩]{{1,3}})\s?個半(?P<u>小時|鐘頭|月|星期|禮拜)"
    rf"|(?<![{_LETTER}-])(?P<n2>\d{{1,4}}|{ENGLISH_NUMBER}) and a half (?P<u2>{_either(u for u in ENGLISH_UNITS if u.isalpha())})(?![{_LETTER}])",
    re.IGNORECASE,
)
_FRACTION = re.compile(
    r"\b(?P<n>an?|one|two|three|four|five|seven|nine)[ -](?P<d>half|halves|thirds?|quarters?|fourths?|fifths?|sixths?|sevenths?|eighths?|ninths?|tenths?)\b(?! (?:straight|consecutive|time\b|place|generation|year|of the year|results?|ended|earnings|revenue))",
    re.IGNORECASE,
)
_FRACTION_BELOW = {
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
_FRACTION_ABOVE = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7, "nine": 9}
_HALF_POINT = re.compile(r"\bhalf an? (?P<u>percentage point|percent)\b", re.IGNORECASE)
_A_UNIT = re.compile(
    r"\b(?:an?|one) (?P<u>decade|year|month|week|day|hour|minute|second|mile|kilometre|kilometer|tonne|ton)\b",
    re.IGNORECASE,
)
_MULTIPLE = re.compile(
    r"\b(?P<n2>doubl(?:ed?|es|ing)|twice|twofold|two-fold)\b|\b(?P<n3>tripl(?:ed?|es|ing)|threefold|thrice|treble[ds]?)\b|\b(?P<n4>quadrupl(?:ed?|es|ing)|fourfold)\b|(?P<h2>翻倍|翻了?一番|加倍|倍增)|\b(?P<halved>halv(?:ed?|es|ing)|cut in half)\b|(?P<hhalf>減半|腰斬|砍半)",
    re.IGNORECASE,
)
_WORD_FOLD = re.compile(r"\b(?P<w>two|three|four|five|six|seven|eight|nine|ten|hundred)fold\b", re.IGNORECASE)
_ORDINAL = re.compile(
    r"(?<![A-Za-z\d.,])(?P<n>\d{1,3}(?:,\d{3})*|\d+)(?:st|nd|rd|th)(?![A-Za-z])|第\s?(?P<h>\d[\d,]*|[〇零一二三四五六七八九十百千兩廿]{1,9})(?![方者]|人稱|世界|產業)"
    r"|(?:\bNo\. ?|(?<!\w)#)(?P<no>\d{1,4})(?!\d)|\b(?P<w>first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth)(?![A-Za-z])",
)
_ORDINAL_WORDS = {
    w: n
    for n, w in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
        ],
        start=1,
    )
}
_CLOCK = re.compile(
    r"(?<![\d:.])(?P<h>[01]?\d|2[0-4]):(?P<m>[0-5]\d)(?!\d)(?: ?(?P<ap>[ap])\.?m\.?(?![a-z]))?"
    r"|(?<![\d:.,])(?P<h2>1[0-2]|[1-9]) ?(?P<ap2>[ap])\.?m\.?(?![a-z])"
    r"|(?P<zap>上午|下午|晚上|早上|凌晨|中午|晚間|清晨|傍晚|今晚|當晚)\s?(?P<zh>\d{1,2}|[一二三四五六七八九十兩]{1,3})\s?[點時](?!間)(?:\s?(?P<zm>\d{1,2}|[一二三四五六七八九十]{1,3})\s?分|(?P<zhalf>半))?",
    re.IGNORECASE,
)
_AGO = re.compile(r" (?:ago|earlier|before)\b|以?前(?!三|五|十|\d|後|往|景|進|述)", re.IGNORECASE)
_RANGE = re.compile(r"\s?(?:-|~|到|至|、|,|/|to|and|or|和|或)\s?(?:(?:US|NT|HK)?[$€£]\s?)?", re.IGNORECASE)

_BEFORE = re.compile(
    r"(?P<about>(?:約|大約|大概|近|將近|接近|上看|差不多|幾乎)[有為占達需]?\s?|(?<![A-Za-z])(?:about|around|roughly|nearly|almost|approximately|approx\.?|some|circa|ca\.|close to|an estimated|just under|just over|just shy of)\s|[~≈]\s?)"
    r"|(?P<under>(?:不到|未達|不足|低於|少於|未滿|小於|不及)\s?|(?<![A-Za-z])(?:less than|fewer than|under|below|short of)\s|[<≤]\s?)"
    r"|(?P<over>(?:逾|超過|超过|突破|多達|至少|高於|多於|不少於|大於|超越|破|上|達到?逾)\s?|(?<![A-Za-z])(?:over|more than|at least|exceed(?:ing|ed|s)?|above|upwards? of|no fewer than|no less than|in excess of|greater than|surpass(?:ed|ing|es)?|top(?:ped|ping|s))\s|[>≥]\s?)",
    re.IGNORECASE,
)
_HEDGE_REACH = 24  #: characters before a figure in which its hedge stands
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
    for fact in (*_special(text), *_plain(text, published)):
        if not any(taken[fact.start : fact.end]):
            taken[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
            facts.append(fact)
    return sorted(facts, key=lambda fact: fact.start)


# ── forms of their own ───────────────────────────────────────────────────────────────────────────────────────────────


def _special(text: str) -> Iterator[Fact]:
    yield from _clocks(text)
    if not text.isascii():
        yield from _han_shares(text)
    for match in _AND_HALF.finditer(text):
        number, word = match["n"] or match["n2"], (match["u"] or match["u2"]).lower()
        value = english_value(number) if match["n2"] and number[0].isalpha() else _any_value(number)
        if value is not None:
            unit, size = HAN_UNITS.get(word) or HAN_UNITS.get(f"個{word}") or ENGLISH_UNITS[word]
            yield _fact(text, match.start(), match.end(), (Amount((value + Fraction(1, 2)) * size, unit),))
    for match in _FRACTION.finditer(text):
        below = next(value for stem, value in _FRACTION_BELOW.items() if match["d"].lower().startswith(stem))
        share = Fraction(_FRACTION_ABOVE[match["n"].lower()], below)
        yield _fact(text, match.start(), match.end(), (Amount(share * 100, PERCENT), Amount(share)))
    for match in _HALF.finditer(text):
        # Not checked: `half` and 半 stand in many phrases that are no figures.
        yield Fact(match.start(), match.end(), (Amount(Fraction(50), PERCENT), Amount(Fraction(1, 2))), checked=False)
    for match in _HALF_POINT.finditer(text):
        unit, size = ENGLISH_UNITS[match["u"].lower()]
        yield _fact(text, match.start(), match.end(), (Amount(size / 2, unit),))
    for match in _A_UNIT.finditer(text):
        unit, size = ENGLISH_UNITS[match["u"].lower()]
        yield Fact(match.start(), match.end(), (Amount(size, unit),), checked=False)
    for match in _MULTIPLE.finditer(text):
        yield Fact(match.start(), match.end(), tuple(_multiple_readings(match)))
    for match in _WORD_FOLD.finditer(text):
        value = english_value(match["w"])
        if value is not None:
            yield Fact(match.start(), match.end(), (Amount(value, TIMES),))
    for match in _ORDINAL.finditer(text):
        yield from _ordinal(match)


def _han_shares(text: str) -> Iterator[Fact]:
    for match in _PARTS.finditer(text):
        below, above = _any_value(match["below"]), _any_value(match["above"])
        if below and above is not None:
            share = Fraction(above) / below
            yield _fact(text, match.start(), match.end(), (Amount(share * 100, PERCENT), Amount(share)))
    for match in _CHENG.finditer(text):
        tenths = _any_value(match["n"])
        if tenths is None or tenths > 10:  # noqa: PLR2004
            continue
        more = 5 if match["half"] else int(_any_value(match["tenth"]) or 0) if match["tenth"] else 0
        yield _fact(text, match.start(), match.end(), (Amount(tenths * 10 + more, PERCENT),))


def _multiple_readings(match: re.Match[str]) -> list[Reading]:
    if match["halved"] or match["hhalf"]:
        return [Amount(Fraction(50), PERCENT), Amount(Fraction(1, 2))]
    factor = 3 if match["n3"] else 4 if match["n4"] else 2
    readings: list[Reading] = [Amount(Fraction(factor), TIMES), Amount(Fraction(factor - 1) * 100, PERCENT)]
    return [*readings, Amount(Fraction(1), TIMES)] if match["h2"] or match["n2"] else readings


def _ordinal(match: re.Match[str]) -> Iterator[Fact]:
    if match["w"]:
        value: Fraction | None = Fraction(_ORDINAL_WORDS[match["w"]])
    else:
        value = _any_value(match["n"] or match["h"] or match["no"])
    if value is None:
        return
    in_words = bool(match["w"]) or not match[0].isascii()
    # `first` and `second` have other uses: they bear others out and need no proof.
    checked = match["w"] not in ("first", "second") and (value > 1 or not in_words)
    yield Fact(match.start(), match.end(), (Amount(value, "ordinal"),), checked=checked)


def _clocks(text: str) -> Iterator[Fact]:
    for match in _CLOCK.finditer(text):
        hour = int(_any_value(match["h"] or match["h2"] or match["zh"]) or 0)
        minute = 30 if match["zhalf"] else int(_any_value(match["m"] or match["zm"]) or 0)
        half = (match["ap"] or match["ap2"] or "").lower()
        if match["zap"]:
            half = "a" if match["zap"] in ("上午", "早上", "凌晨", "清晨") else "p"
        hours = {hour % 12 + 12} if half == "p" else {hour % 12} if half == "a" else {hour}
        yield Fact(match.start(), match.end(), tuple(Amount(Fraction(h * 60 + minute), "clock") for h in hours))


# ── figures ──────────────────────────────────────────────────────────────────────────────────────────────────────────


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


def _any_value(text: str | None) -> Fraction | None:
    if not text:
        return None
    if text[0].isascii():
        return Fraction(text.replace(",", "")) if len(text) <= _LONGEST else None
    return han_value(text)


def _behind(text: str, item: _Found) -> _Behind:
    at = item.end
    factor, hedge, currency, unit = Fraction(1), Hedge.EXACT, "", ""
    scaled = item.form != "words" and any(character in HAN_SCALES for character in text[item.start : item.end])
    if match := _SUFFIX_SCALE.match(text, at):
        factor, at, scaled = Fraction(SUFFIX_SCALES[match["scale"].lower()]), match.end(), True
    if match := _MORE.match(text, at):
        hedge = Hedge.OVER if match["more"] else Hedge.ABOUT if match["about"] else Hedge.UNDER
        at = match.end()
        if match := _LARGE.match(text, at):  # 十多萬
            factor, at, scaled = factor * HAN_SCALES[match[0]], match.end(), True
    measured = _MEASURED.match(text, at) is not None
    if match := _SUFFIX_CURRENCY.match(text, at):
        currency, at, measured = CURRENCIES[match["currency"].lower()], match.end(), True
    elif match := _UNIT.match(text, at):
        word = match[0].strip(" -").lower()
        unit, size = HAN_UNITS[word] if match["han"] else ENGLISH_UNITS[word]
        factor, at = factor * size, match.end()
    if hedge is Hedge.EXACT and (match := _MORE.match(text, at)):
        hedge = Hedge.OVER if match["more"] else Hedge.ABOUT if match["about"] else Hedge.UNDER
    return _Behind(at, factor, unit, currency, hedge, measured, scaled)


def _read(text: str, item: _Found, behind: _Behind, follower: _Behind | None, published: dt.date | None) -> Fact | None:  # noqa: C901 - the readings of one figure, in one place
    start, end = item.start, behind.end
    if item.form == "han" and not _counts(text, item, behind, follower):
        return None
    if item.form == "digits" and behind.end == item.end and _LETTERED.match(text, item.end):
        return None  # 4o, 1080p: a name
    before = text[max(0, start - _HEDGE_REACH) : start]
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
    return Fact(start, end, tuple(readings), _hedge(before, behind), checked=not (single or vague), small=small)


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
    if after[:1] == "億" or (behind.unit == "deg" and after.strip()[:1] == "度"):
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


def _hedge(before: str, behind: _Behind) -> Hedge:
    last = None
    for match in _BEFORE.finditer(before):
        last = match
    if last and last.end() >= len(before) - 1:
        return Hedge.ABOUT if last["about"] else Hedge.UNDER if last["under"] else Hedge.OVER
    return behind.hedge


def _fact(text: str, start: int, end: int, readings: tuple[Reading, ...]) -> Fact:
    before = text[max(0, start - _HEDGE_REACH) : start]
    more = _MORE.match(text, end)
    hedge = Hedge.EXACT
    if more:
        hedge = Hedge.OVER if more["more"] else Hedge.ABOUT if more["about"] else Hedge.UNDER
    nothing = _Behind(end, Fraction(1), "", "", hedge, measured=False, scaled=False)
    return Fact(start, end, readings, _hedge(before, nothing))
