"""Bluesky: a post, with what its author went on to say below it.

Asked:  `public.api.bsky.app/xrpc/app.bsky.feed.getPostThread`, documented, no key.
Limits: search is closed to programs without a login since 2025. Answers of other people are no part of a post.
        Who wants to be shown only to people who are logged in is not read.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote

from localdigest.parsing.parsed import Parsed, Unusable
from localdigest.records import DateEvidence, DocumentKind, Reason
from localdigest.sites.posts import author_of, quotation, title_of
from localdigest.sites.reading import blocks_of_text, iso_of, json_of, together
from localdigest.sites.site import Ask, Site, Step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from urllib.parse import SplitResult

    from localdigest.records import Page

__all__ = ["BLUESKY"]

_HOSTS = frozenset({"bsky.app", "www.bsky.app"})
_POST = re.compile(r"/profile/([\w.:%-]+)/post/(\w+)/?")
_INTERFACE = "https://public.api.bsky.app/xrpc/app.bsky.feed.getPostThread"
_MOST = 20  #: posts of one thread
_ONLY_LOGGED_IN = "!no-unauthenticated"
_THREAD = "app.bsky.feed.defs#threadViewPost"


def _steps(address: SplitResult) -> tuple[Step, ...]:
    found = _POST.fullmatch(address.path)
    if address.hostname not in _HOSTS or not found:
        return ()
    uri = quote(f"at://{unquote(found[1])}/app.bsky.feed.post/{found[2]}", safe="")
    return (Step((Ask("thread", f"{_INTERFACE}?uri={uri}&depth={_MOST}&parentHeight=0", for_programs=True),)),)


def _read_thread(answer: Page) -> Parsed | Unusable:
    thread = json_of(answer)["thread"]
    if thread["$type"] != _THREAD:
        return Unusable(Reason.NOT_FOUND, f"Bluesky shows no such post ({thread['$type'].partition('#')[2]})")
    first = thread["post"]
    author = first["author"]
    if any(label["val"] == _ONLY_LOGGED_IN for label in author.get("labels") or ()):
        return Unusable(Reason.LOGIN_WALL, "its author wants it to be shown only to people who are logged in")
    posts = list(_own_posts(thread))
    text = together(part for post in posts for part in (_text(post), *_quoted(post)))
    return replace(
        text,
        title=title_of(_text(first)),
        byline=author_of(author.get("displayName"), author["handle"]),
        published=iso_of(first["record"]["createdAt"], answer),
        published_by=DateEvidence.DOCUMENT,
        site="Bluesky",
        kind=DocumentKind.SOCIAL,
        language_hint=next(iter(first["record"].get("langs") or ()), ""),
        warnings=(f"of its thread the first {_MOST} posts were read",) if len(posts) == _MOST else (),
    )


def _own_posts(thread: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The post and, one below the other, those with which its author went on."""
    author = thread["post"]["author"]["did"]
    node: dict[str, Any] | None = thread
    for _ in range(_MOST):
        if node is None:
            return
        yield node["post"]
        replies = [each for each in node.get("replies") or () if each["$type"] == _THREAD]
        node = next((each for each in replies if each["post"]["author"]["did"] == author), None)


def _text(post: dict[str, Any]) -> Parsed:
    return Parsed(blocks_of_text(post["record"]["text"]))


def _quoted(post: dict[str, Any]) -> Iterator[Parsed]:
    record = (post.get("embed") or {}).get("record") or {}
    record = record.get("record", record)  # beside pictures it is one level deeper
    if "value" in record:
        author = record["author"]
        text = Parsed(blocks_of_text(record["value"].get("text") or ""))
        yield quotation(author_of(author.get("displayName"), author["handle"]), text)


BLUESKY: Final = Site("bluesky", "Bluesky", _steps, {"thread": _read_thread})
