"""From a topic and a window to what services are asked. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from localdigest.discovery.service import Query, Span
from localdigest.facts.aliases import in_latin
from localdigest.text.scripts import HAN, HANGUL, KANA

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["any_span", "query_of"]

_NOT_LATIN = re.compile(f"[{HAN}{KANA}{HANGUL}]")
_SPANS = ((timedelta(days=1), Span.DAY), (timedelta(days=7), Span.WEEK), (timedelta(days=31), Span.MONTH))
_ROUNDING = timedelta(minutes=10)  #: between the moment that the window was reckoned from and that of the question


def query_of(topic: str, *, since: datetime | None, now: datetime, language: str) -> Query:
    """What is asked.

    Args:
        topic: its subject, as the user wrote it.
        since: when the window opens; None: services look a month back.
        now: the time of the question.
        language: of the digest.
    """
    words = " ".join(topic.split())
    english = in_latin(words) if _NOT_LATIN.search(words) else words
    return Query(words, "" if _NOT_LATIN.search(english) else english, _span(since, now), language)


def any_span(query: Query) -> tuple[Query, ...]:
    """The same for every span, its own first: what is stored may have been asked for at another time."""
    return (query, *(replace(query, span=span) for span in Span if span is not query.span))


def _span(since: datetime | None, now: datetime) -> Span:
    if since is None:
        return Span.MONTH
    return next((span for length, span in _SPANS if now - since <= length + _ROUNDING), Span.YEAR)
