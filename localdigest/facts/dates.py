"""Dates in English and Chinese, absolute and relative to the day of the text."""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction
from typing import TYPE_CHECKING

from localdigest.facts.numerals import han_value
from localdigest.facts.tokens import Amount, Fact, Moment, Reading
from localdigest.facts.units import PERCENT

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["agree", "day_of", "find_dates", "moment_before", "moment_of_day"]

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH_NUMBER = {name: number for number, name in enumerate(_MONTHS, start=1)} | {
    name[:3]: number for number, name in enumerate(_MONTHS, start=1)
}
_MONTH_NUMBER["sept"] = 9
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_HAN_WEEKDAYS = {**{character: day for day, character in enumerate("一二三四五六日")}, "天": 6, "末": 5}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}

_NAME = rf"(?:{'|'.join(sorted(_MONTHS, key=len, reverse=True))}|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?![\dA-Za-z,.]*\d)"
_YEAR = r"(?:1[5-9]|20|21)\d\d(?!\d|[.,]\d)"
_ENGLISH = re.compile(
    rf"(?<![\d/$€£-])(?<!\d[.,])(?P<iso>(?P<iy>{_YEAR})(?P<sep>[-/.])(?P<im>0?[1-9]|1[0-2])(?P=sep)(?P<id>3[01]|[12]\d|0?[1-9])(?![\d%]))"
    rf"|(?<![A-Za-z])(?P<md>(?P<mm>{_NAME})\.? (?P<mday>{_DAY})(?:(?: ?- ?| to | and )(?P<mday2>{_DAY}))?(?:,? (?P<my>{_YEAR}))?)"
    rf"|(?<![\d:A-Za-z-])(?<!\d[.,])(?P<dm>(?P<dday>{_DAY})(?:(?: ?- ?| to )(?P<dday2>{_DAY}))? (?:of )?(?P<dmon>{_NAME})\b\.?(?:,? (?P<dy>{_YEAR}))?)"
    rf"|(?<![A-Za-z])(?P<ym>(?P<ymm>{_NAME})\.?,? (?:of )?(?P<yy>{_YEAR}|last year|this year|next year))"
    rf"|(?<![A-Za-z0-9])(?P<q>(?:(?P<qo>first|second|third|fourth|1st|2nd|3rd|4th)[ -]quarter|Q(?P<qn>[1-4])|(?P<qy2>{_YEAR}) ?Q(?P<qn2>[1-4]))"
    rf"(?:,? (?:of )?(?P<qy>{_YEAR}|last year|this year|next year))?)(?![A-Za-z])"
    rf"|(?<![A-Za-z0-9])(?P<h>(?:(?P<ho>first|second)[ -]half|H(?P<hn>[12]))(?: (?:of )?(?P<hy>{_YEAR}|last year|this year|next year))?)(?![A-Za-z])"
    rf"|(?<![\d$€£A-Za-z])(?<!\d[.,])(?P<dec>(?:1[5-9]|20)\d0)s(?![A-Za-z])"
    rf"|\b(?P<rel>(?:last|this|next|past|previous|current|earlier this|later this) (?:week|month|year|quarter|{'|'.join(_WEEKDAYS)})|yesterday|today|tomorrow)\b"
    rf"|\b(?P<wd>{'|'.join(_WEEKDAYS)})s?\b",
    re.IGNORECASE,
)
#: A month by itself: `may` and `march` are words too.
_MONTH_ALONE = re.compile(
    r"\b(?:January|February|April|June|July|August|September|October|November|December"
    r"|(?<=[a-z] )(?:March|May)(?<!-)(?= |[.,;:)]|$)|Jan\.|Feb\.|Mar\.|Apr\.|Aug\.|Sept?\.|Oct\.|Nov\.|Dec\.)(?![A-Za-z])"
)
_MAY = re.compile(
    r"(?:in|since|until|till|by|of|from|last|next|this|early|late|mid|during|through|between|and|to|before|after)[ -]$"
)
_SLASHED = re.compile(r"(?<![\d/])(?<!\d[.,])(1[0-2]|0?[1-9])/(3[01]|[12]\d|0?[1-9])(?![\d/%]|\.\d)")

_HAN_NUMBER = "一二三四五六七八九十廿卅"
_D = rf"(?:\d{{1,2}}|[{_HAN_NUMBER}]{{1,3}})"
_HAN_YEAR = r"(?:(?:西元)?(?:1[5-9]|20|21)\d\d|[一二][〇零○一二三四五六七八九]{3}|民國\s?(?:\d{2,3}|[一二三四五六七八九十百〇零]{2,5}))"
_CHINESE = re.compile(
    rf"(?<![\d年])(?<!\d[.,])(?P<year>{_HAN_YEAR}\s?年|今年|去年|前年|明年|後年|后年|本年度?|今、明年)(?!代)"
    rf"(?:\s?(?:的|[初底中]?)\s?(?:(?P<ymonth>{_D})\s?月(?:份)?(?:\s?(?P<yday>{_D})\s?[日號号])?|第?\s?(?P<yq>[一二三四1-4])\s?季度?|Q(?P<yq2>[1-4])|(?P<yhalf>[上下])半年))?"
    rf"|(?<![\d{_HAN_NUMBER}個个])(?<!\d[.,])(?P<month>{_D})\s?月(?![球亮餅光老台])(?:份)?(?:\s?(?P<day>{_D})\s?[日號号])?"
    rf"|(?P<relmonth>本月|上個?月|上个月|下個?月|下个月|這個月|当月|當月)份?(?:\s?(?P<relday>{_D})\s?[日號号])?"
    rf"|(?P<week>本週|本周|這週|這周|上週|上周|下週|下周|上星期|下星期|這星期|上個星期|下個星期)(?P<weekday>[一二三四五六日末])?"
    rf"|(?:週|(?<![{_HAN_NUMBER}每\d上下這本個])周|星期|禮拜)(?P<wd>[一二三四五六日])(?![\w]?[個次份])"
    rf"|(?P<rel>今天|今日|今晚|今早|今晨|昨天|昨日|昨晚|昨夜|明天|明日|前天|前日|後天|(?P<relfix>[今昨明])\s?\(\s?(?P<reld>{_D})\s?(?:日\s?)?\)\s?日?)"
    rf"|(?<![\d一-鿿])?第\s?(?P<q>[一二三四1-4])\s?季度?(?![軍賽名])|(?P<q2>(?<![A-Za-z])Q[1-4](?![\dA-Za-z]))|(?P<half>[上下])半年"
    rf"|(?P<relq>本季|上季|上一季|下季|下一季|本季度)"
    rf"|(?P<dec>(?:1[5-9]|20)?\d0|[二三四五六七八九]〇|[二三四五六七八九]十|[一二][〇零○一二三四五六七八九]{{3}})\s?年代"
    rf"|(?<![\d/月{_HAN_NUMBER}])(?<!\d[.,])(?P<dayonly>\d{{1,2}})\s?[日號](?=[宣表在於晚上下凌清早傍召發說指公透舉將向與抵出赴,)]|$)"
)
#: What growth is measured from goes without saying: `than last year`, 較去年, 去年同期.
_BASE = re.compile(r"(?:than|compared (?:with|to)|versus|from|on|over)(?: the)? $", re.IGNORECASE)
_HAN_BASE = ("較", "比", "跟", "與")
_NEAR_DAYS = 366  #: a date without a year is of a day no further from the text's own

#: Words for days around the text's own.
_DAYS = {"今": 0, "昨": -1, "明": 1, "前": -2, "後": 2}
_YEARS = {"今": 0, "去": -1, "前": -2, "明": 1, "後": 2, "后": 2, "本": 0}


def find_dates(text: str, published: dt.date | None) -> Iterator[Fact]:
    """The dates of a folded text; relative ones resolved where the day of the text is known. They may overlap."""
    yield from _english(text, published)
    if not text.isascii():
        yield from _chinese(text, published)


def day_of(text: str) -> dt.date | None:
    """The day of an ISO 8601 date or time; None where there is none."""
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None


def moment_of_day(day: dt.date) -> Moment:
    return Moment(day.year, day.month, day.day)


# ── English ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _english(text: str, published: dt.date | None) -> Iterator[Fact]:
    taken: list[tuple[int, int]] = []
    for match in _ENGLISH.finditer(text):
        readings = _english_readings(match, published)
        if readings:
            taken.append(match.span())
            second = list(_second_day(match, published))
            first_end = match.end("mday" if match["mday2"] else "dday") if second else match.end()
            base = bool(match["rel"]) and _BASE.search(text, max(0, match.start() - 20), match.start()) is not None
            yield Fact(match.start(), first_end, tuple(readings), checked=not base, loose=_is_loose_english(match))
            yield from second
    for match in _MONTH_ALONE.finditer(text):
        if any(start <= match.start() < end for start, end in taken):
            continue
        if match[0] in ("May", "March") and not _MAY.search(text[max(0, match.start() - 10) : match.start()].lower()):
            continue
        month = _MONTH_NUMBER[match[0].rstrip(".").lower()]
        yield Fact(match.start(), match.end(), tuple(_with_year(0, month, 0, published)))
    for match in _SLASHED.finditer(text):
        if any(start <= match.start() < end for start, end in taken):
            continue
        first, second = int(match[1]), int(match[2])
        readings = _with_year(0, first, second, published)
        if second <= 12:  # noqa: PLR2004 - the day may stand first
            readings += _with_year(0, second, first, published)
        if first < second:  # or a share: 1/3
            share = Fraction(first, second)
            readings += [Amount(share * 100, PERCENT), Amount(share)]
        yield Fact(match.start(), match.end(), tuple(readings))


def _english_readings(match: re.Match[str], published: dt.date | None) -> list[Reading]:
    group = match.groupdict()
    if group["iso"]:
        return [Moment(int(group["iy"]), int(group["im"]), int(group["id"]))]
    if group["md"]:
        if match["mm"].lower() in ("may", "march", "mar") and not match["mm"][0].isupper():
            return []
        return _with_day(group["mm"], group["mday"], group["my"], published)
    if group["dm"]:
        if match["dmon"].lower() in ("may", "march", "mar") and not match["dmon"][0].isupper():
            return []
        return _with_day(group["dmon"], group["dday"], group["dy"], published)
    if group["ym"]:
        return list(_with_year(_year(group["yy"], published), _MONTH_NUMBER[group["ymm"].lower()], 0, published))
    if group["q"]:
        number = group["qn"] or group["qn2"] or str(_ORDINALS[(group["qo"] or "").lower()])
        return _parts(f"Q{number}", _year(group["qy"] or group["qy2"] or "", published), published)
    if group["h"]:
        number = group["hn"] or str(_ORDINALS[(group["ho"] or "").lower()])
        return _parts(f"H{number}", _year(group["hy"] or "", published), published)
    if group["dec"]:
        return [Moment(part=f"D{group['dec']}")]
    if group["rel"]:
        return _relative_english(group["rel"].lower(), published)
    name = group["wd"]
    return _weekday(_WEEKDAYS.index(name.lower()), published) if name[0].isupper() else []


def _second_day(match: re.Match[str], published: dt.date | None) -> Iterator[Fact]:
    """The end of `March 2 to 5` is a date of its own."""
    for day, month, year in (("mday2", "mm", "my"), ("dday2", "dmon", "dy")):
        if match[day]:
            readings = _with_day(match[month], match[day], match[year], published)
            yield Fact(match.start(day), match.end(), tuple(readings))


def _with_day(name: str, day: str, year: str | None, published: dt.date | None) -> list[Reading]:
    return _with_year(int(year or 0), _MONTH_NUMBER[name.lower()], int(re.sub(r"\D", "", day)), published)


def _year(text: str, published: dt.date | None) -> int:
    if text[:2].isdigit():
        return int(text)
    offset = {"last year": -1, "this year": 0, "next year": 1}.get(text.lower())
    return published.year + offset if published and offset is not None else 0


def _relative_english(text: str, published: dt.date | None) -> list[Reading]:
    if text in ("yesterday", "today", "tomorrow"):
        return _day_offset({"yesterday": -1, "today": 0, "tomorrow": 1}[text], published)
    word = text.rsplit(" ", 1)[-1]
    step = -1 if text.startswith(("last", "past", "previous")) else 1 if text.startswith("next") else 0
    if word in _WEEKDAYS:
        return _weekday(_WEEKDAYS.index(word), published)
    return {"week": _week, "month": _month, "year": _whole_year, "quarter": _quarter}[word](step, published)


# ── Chinese ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _chinese(text: str, published: dt.date | None) -> Iterator[Fact]:
    last_month = 0
    for match in _CHINESE.finditer(text):
        readings = _chinese_readings(match, published, last_month)
        months = {reading.month for reading in readings if isinstance(reading, Moment) and reading.month}
        if len(months) == 1:
            last_month = months.pop()
        if readings:
            base = text[max(0, match.start() - 1) : match.start()] in _HAN_BASE or text.startswith("同", match.end())
            is_base = base and not text[match.start()].isdecimal()
            yield Fact(match.start(), match.end(), tuple(readings), checked=not is_base, loose=_is_loose_chinese(match))


def _is_loose_chinese(match: re.Match[str]) -> bool:
    group = match.groupdict()
    if group["year"]:
        return group["year"][0] in "今本" and not (group["ymonth"] or group["yq"] or group["yq2"] or group["yhalf"])
    return bool(
        (group["week"] and not group["weekday"] and group["week"][0] in "本這")
        or (group["relmonth"] and not group["relday"] and group["relmonth"][0] in "本這当當")
        or (group["rel"] and group["rel"][0] == "今" and not group["reld"])
        or (group["relq"] and group["relq"][0] == "本")
    )


def _is_loose_english(match: re.Match[str]) -> bool:
    return (match["rel"] or "").lower().startswith(("this", "today", "current", "past", "earlier this", "later this"))


def _chinese_readings(match: re.Match[str], published: dt.date | None, last_month: int) -> list[Reading]:  # noqa: C901, PLR0911, PLR0912 - one row a form
    group = match.groupdict()
    if group["year"]:
        year = _han_year(group["year"], published)
        if quarter := group["yq"] or group["yq2"]:
            return _parts(f"Q{_number(quarter)}", year, published, group["year"])
        if group["yhalf"]:
            return _parts("H1" if group["yhalf"] == "上" else "H2", year, published, group["year"])
        if not group["ymonth"]:
            return [Moment(year) if year else Moment(part=_RELATIVE_YEAR[_YEARS[group["year"][0]]])]
        return list(_with_year(year, _number(group["ymonth"]), _number(group["yday"]), published))
    if group["month"]:
        return list(_with_year(0, _number(group["month"]), _number(group["day"]), published))
    if group["relmonth"]:
        step = -1 if group["relmonth"].startswith("上") else 1 if group["relmonth"].startswith("下") else 0
        day = _number(group["relday"])
        months = _month(step, published)
        return [Moment(m.year, m.month, day) if day and isinstance(m, Moment) and m.month else m for m in months]
    if group["week"]:
        step = -1 if group["week"][0] == "上" else 1 if group["week"][0] == "下" else 0
        if group["weekday"]:
            return _weekday(_HAN_WEEKDAYS[group["weekday"]], published)
        return _week(step, published)
    if group["wd"]:
        return _weekday(_HAN_WEEKDAYS[group["wd"]], published)
    if group["rel"]:
        readings = _day_offset(_DAYS[group["rel"][0]], published)
        if group["reld"]:
            return _day_of_month(_number(group["reld"]), published, 0)
        return readings
    if quarter := group["q"] or (group["q2"] or "")[1:]:
        return _parts(f"Q{_number(quarter)}", 0, published)
    if group["half"]:
        return _parts("H1" if group["half"] == "上" else "H2", 0, published)
    if group["relq"]:
        return _quarter(-1 if "上" in group["relq"] else 1 if "下" in group["relq"] else 0, published)
    if group["dec"]:
        return _decade(group["dec"])
    return _day_of_month(_number(group["dayonly"]), published, last_month)


_RELATIVE_YEAR = {0: "this year", -1: "last year", -2: "two years ago", 1: "next year", 2: "in two years"}


def _han_year(text: str, published: dt.date | None) -> int:
    if text[0] in _YEARS and not text[0].isdigit() and text[:2] != "前一":
        return published.year + _YEARS[text[0]] if published else 0
    bare = text.removesuffix("年").strip().removeprefix("西元")
    if bare.startswith("民國"):
        return 1911 + _number(bare.removeprefix("民國").strip())
    return int(bare) if bare.isdecimal() and bare.isascii() else _number(bare)


def _number(text: str | None) -> int:
    if not text:
        return 0
    value = int(text) if text.isdecimal() and text.isascii() else han_value(text)
    return int(value or 0)


def _decade(text: str) -> list[Reading]:
    value = _number(text)
    if value < 100:  # noqa: PLR2004 - 90 年代
        return [Moment(part=f"D{century + value}") for century in (1900, 2000)]
    return [Moment(part=f"D{value}")]


# ── parts of time ────────────────────────────────────────────────────────────────────────────────────────────────────


def _with_year(year: int, month: int, day: int, published: dt.date | None) -> list[Reading]:
    """The month or day as said, and with the year that it most likely is of."""
    if not 1 <= month <= 12 or day > 31:  # noqa: PLR2004
        return []
    if year:
        return [Moment(year, month, day)]
    if published is None:
        return [Moment(0, month, day)]
    years = [published.year - 1, published.year, published.year + 1]
    near = [y for y in years if y == published.year or _distance(y, month, day or 15, published) <= _NEAR_DAYS // 2]
    return [Moment(0, month, day), *(Moment(y, month, day) for y in near)]


def _distance(year: int, month: int, day: int, published: dt.date) -> int:
    return abs((dt.date(year, month, min(day, 28)) - published).days)


def _parts(part: str, year: int, published: dt.date | None, said: str = "") -> list[Reading]:
    if year:
        return [Moment(year, part=part)]
    del said
    return [Moment(part=part), *((Moment(published.year + step, part=part) for step in (0, -1)) if published else ())]


def _day_offset(days: int, published: dt.date | None) -> list[Reading]:
    names = {0: "today", -1: "yesterday", -2: "two days ago", 1: "tomorrow", 2: "in two days"}
    if published is None:
        return [Moment(part=names[days])]
    return [_moved(published, days)]


def _moved(day: dt.date, days: int) -> Moment:
    try:
        return moment_of_day(day + dt.timedelta(days=days))
    except OverflowError:
        return moment_of_day(day)


def _weekday(weekday: int, published: dt.date | None) -> list[Reading]:
    """The name, and the last and the next such days around the text's own."""
    name = _WEEKDAYS[weekday][:3]
    if published is None:
        return [Moment(part=name)]
    back = (published.weekday() - weekday) % 7
    return [Moment(part=name), *(_moved(published, offset - back) for offset in (-7, 0, 7))]


def _week(step: int, published: dt.date | None) -> list[Reading]:
    if published is None:
        return [Moment(part={-1: "last week", 0: "this week", 1: "next week"}[step])]
    moved = _moved(published, 7 * step)
    year, week, _ = dt.date(moved.year, moved.month, moved.day).isocalendar()
    return [Moment(year, part=f"W{week}")]


def _month(step: int, published: dt.date | None) -> list[Reading]:
    if published is None:
        return [Moment(part={-1: "last month", 0: "this month", 1: "next month"}[step])]
    index = published.year * 12 + published.month - 1 + step
    return [Moment(index // 12, index % 12 + 1)]


def _whole_year(step: int, published: dt.date | None) -> list[Reading]:
    return [Moment(published.year + step) if published else Moment(part=_RELATIVE_YEAR[step])]


def _quarter(step: int, published: dt.date | None) -> list[Reading]:
    if published is None:
        return [Moment(part={-1: "last quarter", 0: "this quarter", 1: "next quarter"}[step])]
    index = published.year * 4 + (published.month - 1) // 3 + step
    return [Moment(index // 4, part=f"Q{index % 4 + 1}")]


def _day_of_month(day: int, published: dt.date | None, month: int) -> list[Reading]:
    if not 1 <= day <= 31:  # noqa: PLR2004
        return []
    if month:
        return _with_year(0, month, day, published)
    if published is None:
        return [Moment(0, 0, day)]
    last = published.year * 12 + published.month - 2
    months = ((published.year, published.month), (last // 12, last % 12 + 1))
    return [Moment(0, 0, day), *(Moment(year, number, day) for year, number in months)]


def moment_before(published: dt.date, *, months: int = 0, days: int = 0) -> Moment:
    """A length of time before a day, as precise as it was said: `two years ago` is a year, `three days ago` a day."""
    if days:
        return _moved(published, -days)
    index = published.year * 12 + published.month - 1 - months
    if index < 12:  # noqa: PLR2004 - before the year 1
        return Moment(part="long ago")
    return Moment(index // 12) if months % 12 == 0 else Moment(index // 12, index % 12 + 1)


# ── comparing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def agree(claim: Moment, evidence: Moment) -> bool:
    """Whether the evidence says the claim's date, or a day inside it."""
    if claim == evidence:
        return True
    if claim.part and claim.part != evidence.part and not _inside(claim.part, evidence):
        return False
    if claim.part and claim.year == 0:
        return True
    return (
        claim.year in (0, _year_of(evidence, claim))
        and claim.month in (0, evidence.month)
        and claim.day in (0, evidence.day)
        and (claim.year, claim.month, claim.day) != (0, 0, 0)
    )


def _year_of(evidence: Moment, claim: Moment) -> int:
    """A week can belong to another year than its days."""
    if claim.part.startswith("W") and evidence.day and evidence.month and evidence.year:
        return _date(evidence).isocalendar().year
    return evidence.year


def _inside(part: str, evidence: Moment) -> bool:
    if part.startswith("D") and evidence.year:
        return part == f"D{evidence.year // 10 * 10}"
    if part.startswith("Q") and evidence.month:
        return part == f"Q{(evidence.month + 2) // 3}"
    if part.startswith("H"):
        half = (evidence.month + 5) // 6 if evidence.month else {"Q1": 1, "Q2": 1, "Q3": 2, "Q4": 2}.get(evidence.part)
        return part == f"H{half}"
    if not (evidence.year and evidence.month and evidence.day):
        return False
    day = _date(evidence)
    return part in (f"W{day.isocalendar().week}", _WEEKDAYS[day.weekday()][:3])


def _date(moment: Moment) -> dt.date:
    try:
        return dt.date(moment.year, moment.month, moment.day)
    except ValueError:  # 30 February
        return dt.date(moment.year, moment.month, 28)
