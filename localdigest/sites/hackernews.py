"""Hacker News: a story or question with its comments, from the interface that the site's search offers.

Asked:  `hn.algolia.com/api/v1/items/ID`, documented, no key; one answer holds the whole thread.
Limits: some 10,000 requests an hour. What a story links to is a source of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from localdigest.parsing.parsed import Unusable
from localdigest.records import DateEvidence, DocumentKind, Reason
from localdigest.sites.discussion import Remark, discussion
from localdigest.sites.posts import title_of
from localdigest.sites.reading import iso_of, json_of, parsed_html, together
from localdigest.sites.site import Ask, Site, Step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from urllib.parse import SplitResult

    from localdigest.parsing.parsed import Parsed
    from localdigest.records import Page

__all__ = ["HACKER_NEWS"]

_HOST = "news.ycombinator.com"


def _steps(address: SplitResult) -> tuple[Step, ...]:
    number = parse_qs(address.query).get("id", [""])[0]
    if address.hostname != _HOST or address.path != "/item" or not (number.isascii() and number.isdigit()):
        return ()
    return (Step((Ask("item", f"https://hn.algolia.com/api/v1/items/{number}", for_programs=True),)),)


def _read_item(answer: Page) -> Parsed | Unusable:
    item = json_of(answer)
    own = parsed_html(item["text"] or "")
    text = together((own, discussion(_remarks(item["children"]))))
    if not text.blocks:
        return Unusable(Reason.EMPTY, f"nobody has said anything yet about {item.get('url') or 'it'}")
    return replace(
        text,
        title=item["title"] or title_of(own),
        byline=item["author"] or "",
        published=iso_of(item["created_at"], answer),
        published_by=DateEvidence.DOCUMENT,
        site="Hacker News",
        url=f"https://{_HOST}/item?id={item['id']}",
        kind=DocumentKind.FORUM,
    )


def _remarks(children: list[dict[str, Any]]) -> Iterator[Remark]:
    """All comments in reading order; of those that were taken back, the answers."""
    waiting = [(0, child) for child in reversed(children)]
    while waiting:
        depth, item = waiting.pop()
        if item["text"]:
            yield Remark(item["author"] or "", item["text"], depth)
        waiting += [(depth + 1, child) for child in reversed(item["children"])]


HACKER_NEWS: Final = Site("hackernews", "Hacker News", _steps, {"item": _read_item})
