"""arXiv: the newest papers that hold all words of the topic.

Asked:  `api/query`, the 50 that were submitted last. No date stands in the address, as with Hacker News.
Limits: one request in three seconds, all its hosts together, which the pauses keep.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from localdigest.discovery.reading import line_of, paragraph
from localdigest.discovery.service import Hit, Kind, Query, Question, Service
from localdigest.sites.reading import feed_of, iso_of

if TYPE_CHECKING:
    from localdigest.parsing.results import Entry
    from localdigest.records import Page

__all__ = ["ARXIV", "paper_url"]

_API = "https://export.arxiv.org/api/query"
_ABSTRACT = "https://arxiv.org/abs/"
_PAPERS = 50
_WORD = re.compile(r"[^\W_]+(?:[.-][^\W_]+)*")  #: what else stands in a topic may be an operator
_PAPER = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?", re.ASCII | re.IGNORECASE)


def paper_url(number: str) -> str:
    """Where the paper of a number is read: its newest version, so that all who name it name one page.

    Raises:
        ValueError: it is no number of a paper.
    """
    paper = _PAPER.fullmatch(number)
    if paper is None:
        raise ValueError(f"no number of a paper: {number!r}")
    return f"{_ABSTRACT}{paper[1]}"


def _ask(query: Query) -> Question | None:
    words = _WORD.findall(query.english)
    if not words:
        return None
    asked = {
        "search_query": " AND ".join(f"all:{word}" for word in words),
        "sortBy": "submittedDate",
        "sortOrder": "descending",
        "max_results": _PAPERS,
    }
    return Question(f"{_API}?{urlencode(asked, safe=':')}", " ".join(words))


def _entries(answer: Page) -> tuple[Entry, ...]:
    entries = feed_of(answer).entries
    if any("/api/errors" in entry.link for entry in entries):
        raise ValueError(f"it answers with an error: {line_of(entries[0].html) or entries[0].title}")
    return entries


def _read(entry: Entry, answer: Page) -> Hit:
    abstract = " ".join(entry.html.split())  # plain text, with `<` where it is less than
    return Hit(
        title=line_of(entry.title),
        url=paper_url(entry.link.partition("/abs/")[2]),
        published=iso_of(entry.published, answer),
        byline=entry.byline,
        summary=abstract,
        html=paragraph(abstract),
    )


ARXIV: Final = Service(
    "arxiv",
    Kind.PAPERS,
    "the topic's words",
    _ask,
    _entries,
    _read,
    needs="words in Latin letters",
)
