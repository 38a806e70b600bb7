"""How far a figure says that it is not exact."""

from __future__ import annotations

import re

from localdigest.facts.tokens import Hedge

__all__ = ["REACH", "hedge_before", "hedge_behind"]

REACH = 24  #: characters before a figure in which its hedge stands
_ABOUT = (
    r"(?:約|大約|大概|近|將近|接近|上看|差不多|幾乎)[有為占達需]?\s?|[~≈]\s?"
    r"|(?<![A-Za-z])(?:about|around|roughly|nearly|almost|approximately|approx\.?|some|circa|ca\.|close to"
    r"|an estimated|just under|just over|just shy of)\s"
)
_UNDER = (
    r"(?:不到|未達|不足|低於|少於|未滿|小於|不及)\s?|[<≤]\s?"
    r"|(?<![A-Za-z])(?:less than|fewer than|under|below|short of)\s"
)
_OVER = (
    r"(?:逾|超過|超过|突破|多達|至少|高於|多於|不少於|大於|超越|破|上|達到?逾)\s?|[>≥]\s?"
    r"|(?<![A-Za-z])(?:over|more than|at least|exceed(?:ing|ed|s)?|above|upwards? of|no fewer than|no less than"
    r"|in excess of|greater than|surpass(?:ed|ing|es)?|top(?:ped|ping|s))\s"
)
_BEFORE = ((Hedge.ABOUT, _ABOUT), (Hedge.UNDER, _UNDER), (Hedge.OVER, _OVER))
_BEHIND = (
    (Hedge.OVER, r"\s?(?:餘|多(?!媒|數|元|樣|邊|年來)|以上|\+|plus\b)"),
    (Hedge.ABOUT, r"\s?(?:左右|上下|or so\b)"),
    (Hedge.UNDER, r"\s?(?:以下|以內)"),
)
_BEFORE_PATTERNS = tuple((hedge, re.compile(rf"(?:{words}).?\Z", re.IGNORECASE)) for hedge, words in _BEFORE)
_BEHIND_PATTERNS = tuple((hedge, re.compile(words, re.IGNORECASE)) for hedge, words in _BEHIND)


def hedge_before(before: str) -> Hedge:
    """By the words that end right before a figure, or a sign before it."""
    found = [(match.start(), hedge) for hedge, words in _BEFORE_PATTERNS if (match := words.search(before))]
    # `不少於` holds `少於`, `no less than` holds `less than`: the longer one is meant
    return min(found)[1] if found else Hedge.EXACT


def hedge_behind(text: str, at: int) -> tuple[Hedge, int]:
    """By the words that begin at a place; with the place behind them."""
    for hedge, words in _BEHIND_PATTERNS:
        if match := words.match(text, at):
            return hedge, match.end()
    return Hedge.EXACT, at
