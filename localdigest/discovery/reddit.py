"""Reddit: posts that hold the words of the topic, by the feed of its search.

Asked:  `search.rss`, the best 50 of the span; without a login only feeds are answered.
Limits: some ten requests a minute, often fewer; one in six seconds is made, and 429 ends it for this run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

from localdigest.discovery.reading import line_of, text_of_html
from localdigest.discovery.service import Hit, Kind, Query, Question, Service
from localdigest.sites.reading import feed_of, iso_of

if TYPE_CHECKING:
    from localdigest.parsing.results import Entry
    from localdigest.records import Page

__all__ = ["REDDIT"]

_SEARCH = "https://www.reddit.com/search.rss"


def _ask(query: Query) -> Question:
    words = query.english or query.words
    asked = urlencode({"q": words, "type": "link", "sort": "top", "t": query.span.value, "limit": 50})
    return Question(f"{_SEARCH}?{asked}", words)


def _entries(answer: Page) -> tuple[Entry, ...]:
    return feed_of(answer).entries


def _read(entry: Entry, answer: Page) -> Hit | None:
    if "/comments/" not in urlsplit(entry.link).path:  # a community or a person by that name
        return None
    return Hit(
        title=line_of(entry.title),
        url=entry.link,
        published=iso_of(entry.published, answer),
        byline=entry.byline.removeprefix("/u/"),
        summary=text_of_html(entry.html),
        html=entry.html,
    )


REDDIT: Final = Service("reddit", Kind.POSTS, "the topic's words", _ask, _entries, _read)
