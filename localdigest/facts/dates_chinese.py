"""Dates in Chinese."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localdigest.facts.moments import (
    around,
    day_of_month,
    month_around,
    part_of_year,
    quarter_around,
    week_around,
    weekday,
    with_year,
    year_around,
)
from localdigest.facts.numerals import value_of
from localdigest.facts.tokens import Fact, Moment

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

__all__ = ["find_chinese_dates"]

_WEEKDAYS = {**{character: day for day, character in enumerate("一二三四五六日")}, "末": 5}
_DAYS = {"今": 0, "昨": -1, "明": 1, "前": -2, "後": 2}
_YEARS = {"今": 0, "本": 0, "去": -1, "前": -2, "明": 1, "後": 2, "后": 2}
_STEPS = {"上": -1, "下": 1}
_REPUBLIC = 1911  #: the year before the first of 民國
_CENTURY = 100

_H = "一二三四五六七八九十廿卅"
_D = rf"(?:\d{{1,2}}|[{_H}]{{1,3}})"
_YEAR = (
    r"(?:(?:西元)?(?:1[5-9]|20|21)\d\d|[一二][〇零○一二三四五六七八九]{3}"
    r"|民國\s?(?:\d{2,3}|[一二三四五六七八九十百〇零]{2,5}))"
)
_FREE = r"(?<!\d[.,])"  # no part of a number
_OF_YEAR = (
    rf"(?:(?P<ymonth>{_D})\s?月(?:份)?(?:\s?(?P<yday>{_D})\s?[日號号])?"
    r"|第?\s?(?P<yq>[一二三四1-4])\s?季度?|Q(?P<yq2>[1-4])|(?P<yhalf>[上下])半年)"
)
_AFTER_DAY = "宣表在於晚上下凌清早傍召發說指公透舉將向與抵出赴,)"
_DATE = re.compile(
    rf"(?P<in_year>(?<![\d年]){_FREE}(?P<year>{_YEAR}\s?年|今年|去年|前年|明年|後年|后年|本年度?)(?!代)"
    rf"(?:\s?[的初底中]?\s?{_OF_YEAR})?)"
    rf"|(?P<in_month>(?<![\d{_H}個个]){_FREE}(?P<month>{_D})\s?月(?![球亮餅光老台])(?:份)?(?:\s?(?P<day>{_D})\s?[日號号])?)"
    rf"|(?P<near_month>(?P<rm>[本當当]月|[上下這]個?月|[上下]个月)份?(?:\s?(?P<rday>{_D})\s?[日號号])?)"
    r"|(?P<near_week>(?P<rw>[本這上下])(?:個?星期|週|周|個?禮拜)(?P<rwd>[一二三四五六日末])?)"
    rf"|(?P<on_weekday>(?:週|(?<![{_H}每\d])周|星期|禮拜)(?P<wd>[一二三四五六日])(?!個|次|份))"
    rf"|(?P<near_day>(?P<rd>[今昨明])\s?\(\s?(?P<rdn>{_D})\s?日?\s?\)\s?日?"
    r"|(?P<rd2>[今昨明前後])[天日](?!候)|(?P<rd3>今[晚早晨]|昨[晚夜]))"
    r"|(?P<quarter>(?<![\d\u4e00-\u9fff])?第\s?(?P<q>[一二三四1-4])\s?季度?(?![軍賽名])|(?<![A-Za-z])Q(?P<q2>[1-4])(?![\dA-Za-z]))"
    r"|(?P<half_year>(?P<half>[上下])半年)"
    r"|(?P<near_quarter>(?P<rq>[本上下])一?季度?)"
    r"|(?P<decade>(?P<dec>(?:1[5-9]|20)?\d0|[二三四五六七八九][〇十]|[一二][〇零○一二三四五六七八九]{3})\s?年代)"
    rf"|(?P<day_alone>(?<![\d/月{_H}]){_FREE}(?P<dn>\d{{1,2}})\s?[日號](?=[{_AFTER_DAY}]|$))"
)
_BASE = ("較", "比", "跟", "與")  #: what growth is measured from goes without saying: 較去年, 去年同期


def find_chinese_dates(text: str, published: dt.date | None) -> Iterator[Fact]:
    """The dates of a folded text. A day by itself is of the month that was said before it."""
    month = 0
    for match in _DATE.finditer(text):
        moments = _moments(match, published, month)
        months = {moment.month for moment in moments if moment.month}
        month = months.pop() if len(months) == 1 else month
        if moments:
            base = text[match.start() - 1 : match.start()] in _BASE or text.startswith("同", match.end())
            checked = not base or match[0][0].isdecimal()
            yield Fact(match.start(), match.end(), tuple(moments), checked=checked, loose=_is_loose(match))


def _moments(match: re.Match[str], published: dt.date | None, month: int) -> list[Moment]:  # noqa: C901, PLR0911 - one row a form
    match match.lastgroup:
        case "in_year":
            return _in_year(match, published)
        case "in_month":
            return with_year(0, _number(match["month"]), _number(match["day"]), published)
        case "near_month":
            return month_around(_STEPS.get(match["rm"][0], 0), published, _number(match["rday"]))
        case "near_week" if match["rwd"] is None:
            return week_around(_STEPS.get(match["rw"], 0), published)
        case "near_week" | "on_weekday":
            return weekday(_WEEKDAYS[match["rwd"] or match["wd"]], published)
        case "quarter":
            return part_of_year(f"Q{_number(match['q'] or match['q2'])}", 0, published)
        case "half_year":
            return part_of_year(_half(match["half"]), 0, published)
        case "near_quarter":
            return quarter_around(_STEPS.get(match["rq"], 0), published)
        case "decade":
            return _decade(_number(match["dec"]))
        case "day_alone":
            return day_of_month(_number(match["dn"]), month, published)
    if match["rdn"]:  # 今(2)日
        return day_of_month(_number(match["rdn"]), 0, published)
    return around(_DAYS[match[0][0]], published)


def _in_year(match: re.Match[str], published: dt.date | None) -> list[Moment]:
    word = match["year"]
    relative = word[0] in _YEARS
    year = _relative_year(word, published) if relative else _said_year(word)
    if quarter := match["yq"] or match["yq2"]:
        return part_of_year(f"Q{_number(quarter)}", year, published)
    if match["yhalf"]:
        return part_of_year(_half(match["yhalf"]), year, published)
    if match["ymonth"]:
        return with_year(year, _number(match["ymonth"]), _number(match["yday"]), published)
    return year_around(_YEARS[word[0]], published) if relative else [Moment(year)]


def _relative_year(word: str, published: dt.date | None) -> int:
    return published.year + _YEARS[word[0]] if published else 0


def _said_year(word: str) -> int:
    bare = word.removesuffix("年").strip().removeprefix("西元")
    republic = bare.removeprefix("民國")
    return _number(bare) if republic == bare else _REPUBLIC + _number(republic.strip())


def _half(character: str) -> str:
    return "H1" if character == "上" else "H2"


def _decade(value: int) -> list[Moment]:
    """90 年代 is of one century or the other."""
    centuries = (1900, 2000) if value < _CENTURY else (0,)
    return [Moment(part=f"D{century + value}") for century in centuries]


def _is_loose(match: re.Match[str]) -> bool:
    """A stretch around the text's own day: 今年, 本週, 今天."""
    match match.lastgroup:
        case "in_year":
            return match["year"][0] in "今本" and match[0] == match["year"]
        case "near_month":
            return match["rm"][0] not in _STEPS and match["rday"] is None
        case "near_week":
            return match["rw"] not in _STEPS and match["rwd"] is None
        case "near_day":
            return match[0][0] == "今" and match["rdn"] is None
    return match["rq"] == "本"


def _number(text: str | None) -> int:
    return int(value_of(text) or 0)
