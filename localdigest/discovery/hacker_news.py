"""Hacker News: stories that its readers found, by the search that Algolia runs for it.

Asked:  `search_by_date`, the newest 100 stories that hold the words. No time stands in the address: what is too old is
        left out here, and the stored answer of yesterday is found again.
Limits: about 10,000 requests an hour from one address (as others report), 1,000 stories a question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from localdigest.discovery.reading import count_of, line_of, list_of, text_of_html
from localdigest.discovery.service import Hit, Kind, Query, Question, Service
from localdigest.sites.reading import iso_of

if TYPE_CHECKING:
    from localdigest.records import Page

__all__ = ["HACKER_NEWS"]

_SEARCH = "https://hn.algolia.com/api/v1/search_by_date"
_ITEM = "https://news.ycombinator.com/item?id="
_STORIES = 100


def _ask(query: Query) -> Question | None:
    if not query.english:
        return None
    asked = urlencode({"query": query.english, "tags": "story", "hitsPerPage": _STORIES})
    return Question(f"{_SEARCH}?{asked}", query.english)


def _entries(answer: Page) -> list[dict[str, Any]]:
    return list_of(answer, "hits")


def _read(story: dict[str, Any], answer: Page) -> Hit:
    text = story.get("story_text") or ""
    own = f"{_ITEM}{int(story['objectID'])}"
    submitted = iso_of(story.get("created_at"), answer)
    url = story.get("url") or own
    return Hit(
        title=line_of(story["title"]),
        url=url,
        # A page may be years old when somebody submits it.
        published=submitted if url == own else "",
        noticed=submitted,
        byline=line_of(story.get("author")) if url == own else "",
        summary=text_of_html(text),
        html=text if url == own else "",
        votes=max(0, count_of(story.get("points")) - 1),  # the first is its submitter's own
    )


HACKER_NEWS: Final = Service(
    "hacker-news",
    Kind.NEWS,
    "the topic's words, to Algolia, which runs the search",
    _ask,
    _entries,
    _read,
    needs="words in Latin letters",
)
