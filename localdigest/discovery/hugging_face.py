"""Hugging Face: the papers that its readers put on the daily list.

Asked:  `api/daily_papers`, the last 100; nothing of the topic is sent, and what has none of its words is left out here.
Limits: those of the hub for who has no account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from localdigest.discovery.arxiv import paper_url
from localdigest.discovery.reading import count_of, line_of, list_of, paragraph
from localdigest.discovery.service import Hit, Kind, Query, Question, Service
from localdigest.sites.reading import iso_of

if TYPE_CHECKING:
    from localdigest.records import Page

__all__ = ["HUGGING_FACE"]

_PAPERS = 100
_DAILY = f"https://huggingface.co/api/daily_papers?limit={_PAPERS}"


def _ask(_: Query) -> Question:
    return Question(_DAILY, "")


def _read(entry: dict[str, Any], answer: Page) -> Hit:
    paper = entry["paper"]
    abstract = " ".join((paper.get("summary") or "").split())
    authors = (line_of(author.get("name")) for author in paper.get("authors") or ())
    return Hit(
        title=line_of(paper["title"]),
        url=paper_url(paper["id"]),
        published=iso_of(paper.get("publishedAt"), answer),
        noticed=iso_of(paper.get("submittedOnDailyAt"), answer),
        byline=", ".join(filter(None, authors)),
        summary=abstract,
        html=paragraph(abstract),
        votes=count_of(paper.get("upvotes")),
    )


HUGGING_FACE: Final = Service(
    "hugging-face",
    Kind.PAPERS,
    "nothing of the topic: what has none of its words is left out here",
    _ask,
    list_of,
    _read,
)
