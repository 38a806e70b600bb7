"""GDELT: news sites of the world, in some 65 languages, by its DOC 2.0 API.

Asked:  `doc`, the newest 75 articles of the span, at most three months back.
Limits: one request in five seconds, which the pauses keep; since 2026 it turns many away all the same (429).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from localdigest.discovery.reading import line_of
from localdigest.discovery.service import Hit, Kind, Query, Question, Service, Span
from localdigest.sites.reading import iso_of, text_of

if TYPE_CHECKING:
    from localdigest.records import Page

__all__ = ["GDELT"]

_API = "https://api.gdeltproject.org/api/v2/doc/doc"
_SPANS = {Span.DAY: "1d", Span.WEEK: "1w", Span.MONTH: "1m", Span.YEAR: "3m"}
#: Shorter words it refuses; quotation marks, colons and brackets are operators.
_WORD = re.compile(r"[^\W_]{3,}|[^\x00-\x7f]{2,}")


def _ask(query: Query) -> Question | None:
    words = " ".join(_WORD.findall(query.english or query.words))
    if not words:
        return None
    asked = {
        "query": words,
        "mode": "ArtList",
        "format": "json",
        "maxrecords": 75,
        "sort": "DateDesc",
        "timespan": _SPANS[query.span],
    }
    return Question(f"{_API}?{urlencode(asked)}", words)


def _entries(answer: Page) -> list[dict[str, Any]]:
    text = text_of(answer)
    try:
        # Line ends stand in its strings now and then.
        data = json.loads(text, strict=False)
    except ValueError:
        if "<" in text or not text.strip():
            raise
        raise ValueError(f"it answers: {line_of(text)}") from None  # why it takes no such question, in a sentence
    articles = data.get("articles", [])  # where it finds nothing it answers `{}`
    if not isinstance(articles, list):
        raise TypeError(f"expected a list, got {type(articles).__name__}")
    return articles


def _read(article: dict[str, Any], answer: Page) -> Hit:
    return Hit(
        title=line_of(article["title"]),
        url=article["url"],
        noticed=iso_of(article.get("seendate"), answer),
        site=line_of(article.get("domain")),
    )


GDELT: Final = Service(
    "gdelt",
    Kind.NEWS,
    "the topic's words of three letters and more",
    _ask,
    _entries,
    _read,
    needs="a word of three letters",
)
