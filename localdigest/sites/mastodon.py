"""Mastodon, on whatever host: a post, with what its author went on to say below it.

Asked:  `/api/v1/statuses/ID`, documented, no key, else the page; where somebody answered, `…/ID/context` too.
        That a host is Mastodon's is guessed from the path, so it is asked by the rules of its robots.txt.
Limits: an instance may ask for a login; of a context, 60 answers are given without one. Answers of other people are no
        part of a post.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from localdigest.records import DateEvidence, DocumentKind
from localdigest.sites.posts import author_of, quotation, title_of
from localdigest.sites.reading import iso_of, json_of, page_of, parsed_html, together
from localdigest.sites.site import Ask, Site, Step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from urllib.parse import SplitResult

    from localdigest.parsing.parsed import Parsed, Unusable
    from localdigest.records import Page

__all__ = ["MASTODON"]

_POST = re.compile(r"/(?:(?:web/|deck/)?@[\w.@-]+|users/[\w.-]+/statuses)/(\d{1,20})/?")
_INTERFACE = "/api/v1/statuses/"
_MOST = 60  #: posts that one answer about a context holds


def _steps(address: SplitResult) -> tuple[Step, ...]:
    found = _POST.fullmatch(address.path)
    if not found:
        return ()
    home = f"{address.scheme}://{address.netloc}"
    return (
        Step((Ask("status", f"{home}{_INTERFACE}{found[1]}"), Ask("page", f"{home}{address.path}"))),
    )  # fmt: skip


def _lead_to_context(answer: Page) -> tuple[Step, ...]:
    status = json_of(answer)
    if not status["replies_count"] or status.get("reblog"):
        return ()
    return (Step((Ask("context", f"{answer.url}/context"),), is_needed=False, what="what its author added to it"),)


def _read_status(answer: Page) -> Parsed | Unusable:
    status = json_of(answer)
    status = status.get("reblog") or status
    account = status["account"]
    text = together(_texts(status))
    return replace(
        text,
        title=status["spoiler_text"] or title_of(text),
        byline=author_of(account["display_name"], account["acct"]),
        published=iso_of(status["created_at"], answer),
        published_by=DateEvidence.DOCUMENT,
        url=status["url"] or "",
        kind=DocumentKind.SOCIAL,
        language_hint=status.get("language") or "",
    )


def _read_context(answer: Page) -> Parsed:
    first = urlsplit(answer.url).path.removeprefix(_INTERFACE).partition("/")[0]
    own = _own_answers(first, json_of(answer)["descendants"])
    return together(part for status in own for part in _texts(status))


def _own_answers(first: str, descendants: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The answers, one below the other, with which an author goes on."""
    current = first
    for _ in range(_MOST):
        below = (each for each in descendants if each["in_reply_to_id"] == current)
        own = next((each for each in below if each["account"]["id"] == each["in_reply_to_account_id"]), None)
        if own is None:
            return
        yield own
        current = own["id"]


def _texts(status: dict[str, Any]) -> Iterator[Parsed]:
    yield parsed_html(status["content"])
    quoted = (status.get("quote") or {}).get("quoted_status")
    if quoted:
        account = quoted["account"]
        yield quotation(author_of(account["display_name"], account["acct"]), parsed_html(quoted["content"]))


MASTODON: Final = Site(
    "mastodon",
    "Mastodon",
    _steps,
    {"status": _read_status, "context": _read_context, "page": page_of},
    leads={"status": _lead_to_context},
)
