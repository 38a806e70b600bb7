"""DEV (dev.to): articles under the tag that the topic would be.

Asked:  `api/articles`, the best 30 of the span. A tag is one word of Latin letters and digits: `mistralai`.
Limits: three requests a second from one address, which the pauses keep.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from localdigest.discovery.reading import count_of, line_of, list_of
from localdigest.discovery.service import Hit, Kind, Query, Question, Service, Span
from localdigest.sites.reading import iso_of

if TYPE_CHECKING:
    from localdigest.records import Page

__all__ = ["DEV"]

_ARTICLES = "https://dev.to/api/articles"
_DAYS = {Span.DAY: 1, Span.WEEK: 7, Span.MONTH: 31, Span.YEAR: 365}


def _ask(query: Query) -> Question | None:
    tag = "".join(letter for letter in query.english.lower() if letter.isascii() and letter.isalnum())
    if not tag:
        return None
    asked = urlencode({"tag": tag, "top": _DAYS[query.span], "per_page": 30})
    return Question(f"{_ARTICLES}?{asked}", tag)


def _read(article: dict[str, Any], answer: Page) -> Hit:
    return Hit(
        title=line_of(article["title"]),
        url=article["url"],
        published=iso_of(article.get("published_at"), answer),
        byline=line_of((article.get("user") or {}).get("name")),
        summary=" ".join((line_of(article.get("description")), *_tags(article))),
        votes=count_of(article.get("public_reactions_count")),
    )


def _tags(article: dict[str, Any]) -> list[str]:
    tags = article.get("tag_list") or ()
    return [line_of(tag) for tag in (tags.split(",") if isinstance(tags, str) else tags)]


DEV: Final = Service(
    "dev",
    Kind.POSTS,
    "the topic as a tag, all its words in one",
    _ask,
    list_of,
    _read,
    needs="a tag in Latin letters",
)
