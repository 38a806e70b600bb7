"""Dates in English and Chinese, absolute and relative to the day of the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localdigest.facts.dates_chinese import find_chinese_dates
from localdigest.facts.dates_english import find_english_dates

if TYPE_CHECKING:
    import datetime as dt

    from localdigest.facts.tokens import Fact

__all__ = ["find_dates"]


def find_dates(text: str, *, taken: bytearray, published: dt.date | None) -> list[Fact]:
    """The dates of a folded text outside the characters that are taken; takes those of what it finds.

    Of two that overlap the longer one wins. Relative dates are resolved where the day of the text is known.
    """
    facts = list(find_english_dates(text, published))
    if not text.isascii():
        facts += find_chinese_dates(text, published)
    found: list[Fact] = []
    for fact in sorted(facts, key=lambda fact: fact.start - fact.end):
        if fact.readings and not any(taken[fact.start : fact.end]):
            taken[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
            found.append(fact)
    return found
