"""Moments: what a date says, what a relative one means on the day of its text, and when two agree."""

from __future__ import annotations

import datetime as dt

from localdigest.facts.tokens import Moment

__all__ = [
    "WEEKDAYS",
    "agree",
    "around",
    "day_of",
    "day_of_month",
    "moment_before",
    "moment_of_day",
    "month_around",
    "part_of_year",
    "quarter_around",
    "week_around",
    "weekday",
    "with_year",
    "year_around",
]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NAMES = {0: "today", -1: "yesterday", -2: "two days ago", 1: "tomorrow", 2: "in two days"}
_STEPS = {-2: "two {}s ago", -1: "last {}", 0: "this {}", 1: "next {}", 2: "in two {}s"}
_NEAR_DAYS = 183  #: a date without a year is of the text's own year, or of a day no further from it
_MONTHS = 12
_LAST_DAY = 31


def day_of(text: str) -> dt.date | None:
    """The day of an ISO 8601 date or time; None where there is none."""
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None


def moment_of_day(day: dt.date) -> Moment:
    return Moment(day.year, day.month, day.day)


# ── what is meant ────────────────────────────────────────────────────────────────────────────────────────────────────
# Without the day of the text a relative date stays what it says: 昨天 and `yesterday` are still one.


def with_year(year: int, month: int, day: int, published: dt.date | None) -> list[Moment]:
    """The month or day as said, and with the years that it may be of."""
    if not 1 <= month <= _MONTHS or day > _LAST_DAY:
        return []
    if year:
        return [Moment(year, month, day)]
    if published is None:
        return [Moment(0, month, day)]
    years = (published.year - 1, published.year, published.year + 1)
    near = [y for y in years if y == published.year or _distance(y, month, day or 15, published) <= _NEAR_DAYS]
    return [Moment(0, month, day), *(Moment(y, month, day) for y in near)]


def part_of_year(part: str, year: int, published: dt.date | None) -> list[Moment]:
    """`Q3` or `H1` of a year, or of this one or the last."""
    if year:
        return [Moment(year, part=part)]
    near = [Moment(published.year + step, part=part) for step in (0, -1)] if published else []
    return [Moment(part=part), *near]


def around(days: int, published: dt.date | None) -> list[Moment]:
    """昨天, `tomorrow`."""
    return [_moved(published, days)] if published else [Moment(part=_NAMES[days])]


def weekday(number: int, published: dt.date | None) -> list[Moment]:
    """The name, and such days around the text's own."""
    name = Moment(part=WEEKDAYS[number][:3])
    if published is None:
        return [name]
    back = (published.weekday() - number) % 7
    return [name, *(_moved(published, offset - back) for offset in (-7, 0, 7))]


def week_around(step: int, published: dt.date | None) -> list[Moment]:
    """上週, `this week`, as an ISO week."""
    if published is None:
        return [Moment(part=_STEPS[step].format("week"))]
    moved = _moved(published, 7 * step)
    year, week, _ = dt.date(moved.year, moved.month, moved.day).isocalendar()
    return [Moment(year, part=f"W{week}")]


def month_around(step: int, published: dt.date | None, day: int = 0) -> list[Moment]:
    """上個月, `next month`, and a day of it."""
    if published is None:
        return [Moment(part=_STEPS[step].format("month"))]
    index = published.year * _MONTHS + published.month - 1 + step
    return [Moment(index // _MONTHS, index % _MONTHS + 1, day)]


def quarter_around(step: int, published: dt.date | None) -> list[Moment]:
    if published is None:
        return [Moment(part=_STEPS[step].format("quarter"))]
    index = published.year * 4 + (published.month - 1) // 3 + step
    return [Moment(index // 4, part=f"Q{index % 4 + 1}")]


def year_around(step: int, published: dt.date | None) -> list[Moment]:
    return [Moment(published.year + step) if published else Moment(part=_STEPS[step].format("year"))]


def day_of_month(day: int, month: int, published: dt.date | None) -> list[Moment]:
    """A day whose month was said before, or is the text's own or the one before."""
    if not 1 <= day <= _LAST_DAY:
        return []
    if month:
        return with_year(0, month, day, published)
    if published is None:
        return [Moment(day=day)]
    return [Moment(day=day), *month_around(0, published, day), *month_around(-1, published, day)]


def moment_before(published: dt.date, *, months: int = 0, days: int = 0) -> Moment:
    """A length of time before a day, as precise as it was said: `two years ago` is a year, `three days ago` a day."""
    if days:
        return _moved(published, -days)
    index = published.year * _MONTHS + published.month - 1 - months
    if index < _MONTHS:
        return Moment(part="before our era")
    return Moment(index // _MONTHS, 0 if months % _MONTHS == 0 else index % _MONTHS + 1)


def _distance(year: int, month: int, day: int, published: dt.date) -> int:
    return abs((dt.date(year, month, min(day, 28)) - published).days)


def _moved(day: dt.date, days: int) -> Moment:
    try:
        return moment_of_day(day + dt.timedelta(days=days))
    except OverflowError:
        return moment_of_day(day)


# ── comparing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def agree(claim: Moment, evidence: Moment) -> bool:
    """Whether the evidence says the claim's date, or one inside it."""
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
    """An ISO week can belong to another year than its days."""
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
    return part in (f"W{day.isocalendar().week}", WEEKDAYS[day.weekday()][:3])


def _date(moment: Moment) -> dt.date:
    try:
        return dt.date(moment.year, moment.month, moment.day)
    except ValueError:  # 30 February
        return dt.date(moment.year, moment.month, 28)
