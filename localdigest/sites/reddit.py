"""Reddit: a subreddit's list or a post with its comments, from the feeds, which are all that programs are still given.

Asked:  `www.reddit.com/…/.rss` of the same path, one request for each address; a list gives its posts' own texts.
Limits: one request in some seconds, and often none (403, 429) for networks from which much is asked. No scores; of a
        long thread as many comments as the feed holds. JSON is closed since May 2026, the old site since June.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode

from localdigest.parsing.parsed import Parsed, Unusable
from localdigest.records import Block, DateEvidence, DocumentKind, Reason, Role
from localdigest.sites.discussion import Remark, discussion
from localdigest.sites.reading import feed_of, iso_of, parsed_html, together
from localdigest.sites.site import Ask, Refusal, Site, Step

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from localdigest.parsing.results import Entry, Feed
    from localdigest.records import Page

__all__ = ["REDDIT"]

_HOST = re.compile(r"(?:(?:www|old|new|np|m|i|sh|amp)\.)?reddit\.com")
_SHORT = "redd.it"
_LIST = re.compile(r"/r/[\w+]+(?:/(?:hot|new|top|rising|best|controversial))?")
_POST = re.compile(r"(?:/(?:r|u|user)/[\w-]+)?/comments/\w+(?:/[^/]*){0,2}")
_SUFFIX = re.compile(r"/?(?:\.(?:rss|json|compact))?/?\Z")
_KEPT = frozenset({"t", "sort", "limit"})  #: parameters that choose what is listed
#: What people wrote stands between these marks; around it, links that every entry has.
_WRITTEN = re.compile(r"<!-- SC_OFF -->(.*?)<!-- SC_ON -->", re.DOTALL)


def _steps(address: SplitResult) -> tuple[Step, ...] | Refusal:
    path = _SUFFIX.sub("", address.path)
    if address.hostname == _SHORT and path.count("/") == 1:
        path = f"/comments{path}"
    elif not _HOST.fullmatch(address.hostname or ""):
        return ()
    reader = "post" if _POST.fullmatch(path) else "list" if _LIST.fullmatch(path) else ""
    if not reader:
        return Refusal(
            Reason.ROBOTS,
            "Reddit gives programs only the feeds of subreddits (/r/NAME/new) and posts (/r/NAME/comments/…);"
            " a shared link (/s/…) shows the post's address when a browser opens it",
        )
    kept = urlencode([(name, value) for name, value in parse_qsl(address.query) if name in _KEPT])
    url = f"https://www.reddit.com{path}/.rss{'?' if kept else ''}{kept}"
    return (Step((Ask(reader, url, for_programs=True),)),)


def _read_list(answer: Page) -> Parsed | Unusable:
    feed = feed_of(answer)
    if not feed.entries:
        return Unusable(Reason.EMPTY, "its feed holds no posts: it is private, restricted or banned, or new")
    what, _, name = feed.title.rpartition(" : ")
    return replace(
        _warned(together(map(_listed, feed.entries)), feed),
        title=f"r/{name}: {what}" if what else feed.title,
        published=max(iso_of(entry.published, answer) for entry in feed.entries),
        published_by=DateEvidence.DOCUMENT,
        site="Reddit",
        kind=DocumentKind.FORUM,
    )


def _read_post(answer: Page) -> Parsed | Unusable:
    feed = feed_of(answer)
    post, *comments = feed.entries
    own = parsed_html(_written(post))
    said = discussion(Remark(_name(comment), _written(comment)) for comment in comments)
    text = together((own, said))
    if not text.blocks:
        return Unusable(Reason.EMPTY, "the post is a link or a picture, and nobody has commented yet")
    return replace(
        _warned(text, feed),
        title=post.title,
        byline=_name(post),
        published=iso_of(post.published, answer),
        published_by=DateEvidence.DOCUMENT,
        site="Reddit",
        url=post.link,
        kind=DocumentKind.FORUM,
    )


def _listed(entry: Entry) -> Parsed:
    text = parsed_html(_written(entry))
    return replace(text, blocks=(Block(entry.title, Role.HEADING), *text.blocks))


def _written(entry: Entry) -> str:
    found = _WRITTEN.search(entry.html)
    return found[1] if found else ""


def _name(entry: Entry) -> str:
    return entry.byline.removeprefix("/u/")


def _warned(parsed: Parsed, feed: Feed) -> Parsed:
    warning = f"the feed breaks off; {len(feed.entries)} of its entries were read"
    return replace(parsed, warnings=(*parsed.warnings, warning)) if feed.is_cut else parsed


REDDIT: Final = Site(
    "reddit",
    "Reddit",
    _steps,
    {"list": _read_list, "post": _read_post},
    advice="Reddit often turns away programs without a login: run again later, or `localdigest add` a saved page",
)
