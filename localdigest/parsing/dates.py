"""Dates as people and programs write them into ISO 8601; what is ambiguous gives none."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

__all__ = ["iso_date", "stamped_date", "url_date"]

_EARLIEST = date(1990, 1, 1)  #: older dates on web pages are template errors (the Unix epoch above all)
_OPENING = 1_500  #: characters of the visible words in which an article's own date stands
_TOMORROW = timedelta(days=2)  #: a page may be dated ahead by its time zone, not more

_MONTH_NAMES = (
    "jan january janvier januar enero gennaio janeiro januari|feb february février februar febrero febbraio fevereiro"
    "|mar march mars märz marzo março maart|apr april avril abril aprile|may mai mayo maggio maio mei"
    "|jun june juin juni junio giugno junho|jul july juillet juli julio luglio julho"
    "|aug august août agosto augustus|sep sept september septembre septiembre settembre setembro"
    "|oct october octobre oktober octubre ottobre outubro okt|nov november novembre noviembre novembro"
    "|dec december décembre dezember diciembre dicembre dezembro dez"
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES.split("|"), 1) for name in names.split()}

_NUMERIC = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(?!\d)")
_DAY_FIRST = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|\.)?\s+(?:de\s+)?([^\W\d_]{3,10})\.?,?\s+(?:de\s+)?((?:19|20)\d\d)(?!\d)"
)
_MONTH_FIRST = re.compile(r"([^\W\d_]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20)\d\d)(?!\d)")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2((?:19|20)\d\d)(?!\d)")
_URL = re.compile(
    r"[/_-]((?:19|20)\d\d)([/_-]?)(0[1-9]|1[0-2]|[1-9](?=[/_-]))\2([0-2]\d|3[01]|[1-9](?![0-9]))(?=[/_.?a-zA-Z-]|\Z)"
)
_OFFSET = re.compile(r"(\d\d:\d\d(?::\d\d)?)(?:\.\d+)?\s*(?:(Z|UTC|GMT)|([+-]\d\d):?(\d\d))\Z")
_STAMPED = re.compile(
    r"((?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2})日?\s{0,2}\d{1,2}[:：时時點点]\d\d"
    r"|(?:published|posted|first published|發布|发布|發佈|發表|发表|日期|时间|時間)"
    r"(?:\s+(?:on|at|by)|于|於|時間|时间|日期)?"
    r"\s*[:：]?\s*(\S{4,12}(?:\s+\S{1,6}\s+\d{4})?)",
    re.IGNORECASE,
)


def iso_date(text: str, *, not_after: str = "") -> str:
    """`YYYY-MM-DD`, with time and offset where both are given; `""` for no date, a doubtful one, or one to come.

    `not_after` is the ISO time at which the page was read: nothing was published later.
    """
    text = " ".join(text.split())
    found = _epoch(text) or _iso(text) or _rfc_2822(text) or _written(text)
    return found if found and _plausible(found[:10], not_after) else ""


def url_date(url: str, *, not_after: str = "") -> str:
    """The day that a path such as `/2025/12/30/` names."""
    match = _URL.search(url.partition("?")[0])
    found = _day(match[1], match[3], match[4]) if match else ""
    return found if found and _plausible(found, not_after) else ""


def stamped_date(visible: str, *, not_after: str = "") -> str:
    """The day in the words over an article: with a time of day, or after a word such as `Published`."""
    for match in _STAMPED.finditer(visible[:_OPENING]):
        if found := iso_date(match[1] or match[2], not_after=not_after):
            return found
    return ""


def _plausible(day: str, not_after: str) -> bool:
    found = date.fromisoformat(day)
    latest = date.fromisoformat(not_after[:10]) + _TOMORROW if not_after else date.max
    return _EARLIEST <= found <= latest


def _day(year: str | int, month: str | int, day: str | int) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds") if moment.tzinfo else moment.date().isoformat()


def _iso(text: str) -> str:
    text = _OFFSET.sub(lambda m: m[1] + (f"{m[3]}:{m[4]}" if m[3] else "+00:00"), text)
    try:
        return _stamp(datetime.fromisoformat(text)) if len(text) >= len("20250101") and text[:4].isdigit() else ""
    except ValueError:
        return ""


def _epoch(text: str) -> str:
    """Seconds or milliseconds since 1970, as some pages write them."""
    if not (text.isascii() and text.isdigit() and len(text) in (10, 13)):
        return ""
    return _stamp(datetime.fromtimestamp(int(text[:10]), UTC))


def _rfc_2822(text: str) -> str:
    if ":" not in text:
        return ""
    try:
        return _stamp(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _written(text: str) -> str:
    if match := _NUMERIC.search(text) or _COMPACT.search(text):
        return _day(match[1], match[2], match[3])
    if (match := _DAY_FIRST.search(text)) and (month := _MONTHS.get(match[2].lower())):
        return _day(match[3], month, match[1])
    if (match := _MONTH_FIRST.search(text)) and (month := _MONTHS.get(match[1].lower())):
        return _day(match[3], month, match[2])
    return _year_last(text)


def _year_last(text: str) -> str:
    """`30/12/2025` and `12/30/2025`; `5/6/2025` may be either, so it is neither. With full stops the day is first."""
    match = _YEAR_LAST.search(text)
    if not match:
        return ""
    first, mark, second, year = match.groups()
    if mark == "." or int(first) > 12 or first == second:
        return _day(year, second, first)
    return _day(year, first, second) if int(second) > 12 else ""
