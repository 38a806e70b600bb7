"""X (Twitter): a single post. Timelines, searches and replies are shown to people who are logged in only.

Asked:  `publish.x.com/oembed`, documented, no key; else `cdn.syndication.twimg.com/tweet-result`, which X's own
        embedded posts ask and no document promises, so it comes second, and by the rules of robots.txt. It adds the
        time of day, where links lead and the post that is quoted; of a long post it too gives the beginning only.
Traps:  the page itself is an empty shell. A deleted post is 404 or `{}`, a withheld one a "tombstone".
"""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from localdigest.parsing.parsed import Parsed, Unusable
from localdigest.records import DateEvidence, DocumentKind, Reason
from localdigest.sites.posts import author_of, quotation, title_of
from localdigest.sites.reading import blocks_of_text, iso_of, json_of, parsed_html, together
from localdigest.sites.site import Ask, Refusal, Site, Step
from localdigest.sites.x_token import token_of

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from localdigest.records import Page

__all__ = ["X"]

_HOST = re.compile(r"(?:(?:www|m|mobile)\.)?(?:x|twitter)\.com")
_POST = re.compile(r"/(?:(?P<user>\w+)/status(?:es)?|i/(?:web/)?status)/(?P<id>\d{1,20})(?:/.*)?")
#: First parts of paths that are pages like any other.
_PAGES = frozenset({"", "about", "en", "privacy", "rules", "tos"})

_TEXT = re.compile(r"<p(?:\s+lang=\"([\w-]+)\")?[^>]*>(.*?)</p>", re.DOTALL)
_DATE = re.compile(r">([^<>]+)</a>\s*</blockquote>")
_PICTURE = re.compile(r"<a\s[^>]*>\s*pic\.(?:twitter|x)\.com/\w+\s*</a>")
#: X cuts after 280 characters, which are 140 Chinese ones; a shorter text ends so because its author wanted it to.
_CUT = re.compile(r".{120}…\s*(?:https://t\.co/\w+)?\s*\Z", re.DOTALL)
_WARNING = "it breaks off: of a long post X gives programs the beginning only"


def _steps(address: SplitResult) -> tuple[Step, ...] | Refusal:
    if not _HOST.fullmatch(address.hostname or "") or address.path.strip("/").partition("/")[0] in _PAGES:
        return ()
    found = _POST.fullmatch(address.path)
    if not found:
        return Refusal(
            Reason.LOGIN_WALL,
            "X shows timelines, searches, lists and articles only to people who are logged in;"
            " a single post (x.com/NAME/status/NUMBER) can be read",
        )
    post = f"https://x.com/{found['user'] or 'i'}/status/{found['id']}"
    token = token_of(int(found["id"]))
    return (
        Step((
            Ask("oembed", f"https://publish.x.com/oembed?url={quote(post, safe='')}&omit_script=1", for_programs=True),
            Ask("embedded", f"https://cdn.syndication.twimg.com/tweet-result?id={found['id']}&token={token}"),
        )),
    )  # fmt: skip


def _read_oembed(answer: Page) -> Parsed | Unusable:
    embed = json_of(answer)
    markup = _PICTURE.sub("", embed["html"])
    language, text = _TEXT.findall(markup)[0]
    dated = _DATE.findall(markup)
    handle = urlsplit(embed["author_url"]).path.strip("/")
    parsed = parsed_html(text)
    is_cut = _CUT.search("\n".join(block.text for block in parsed.blocks)) is not None
    return replace(
        _post(parsed, author=author_of(embed["author_name"], handle), url=_of_x(embed["url"]), is_cut=is_cut),
        published=iso_of(dated[-1], answer) if dated else "",
        published_by=DateEvidence.DOCUMENT if dated else DateEvidence.NONE,
        language_hint=language,
    )


def _read_embedded(answer: Page) -> Parsed | Unusable:
    post = json_of(answer)
    if not post:
        return Unusable(Reason.NOT_FOUND, "X knows no such post")
    if "tombstone" in post:
        return Unusable(Reason.FORBIDDEN, f"X says “{post['tombstone']['text']['text']}”")
    text = _plain(post)
    parts = [text]
    if quoted := post.get("quoted_tweet"):
        parts.append(quotation(_author(quoted), _plain(quoted)))
    url = f"https://x.com/{post['user']['screen_name']}/status/{post['id_str']}"
    return replace(
        _post(together(parts), author=_author(post), url=url, is_cut="note_tweet" in post),
        published=iso_of(post["created_at"], answer),
        published_by=DateEvidence.DOCUMENT,
        language_hint=post.get("lang") or "",
    )


def _post(text: Parsed, *, author: str, url: str, is_cut: bool) -> Parsed:
    return replace(
        text,
        title=title_of(text),
        byline=author,
        site="X",
        url=url,
        kind=DocumentKind.SOCIAL,
        warnings=(*text.warnings, _WARNING) if is_cut else text.warnings,
    )


def _author(post: dict[str, Any]) -> str:
    return author_of(post["user"]["name"], post["user"]["screen_name"])


def _plain(post: dict[str, Any]) -> Parsed:
    """The text with its links as they lead, and without those to its pictures."""
    text = html.unescape(post["text"])
    entities = post.get("entities") or {}
    for link in entities.get("urls") or ():
        text = text.replace(link["url"], link.get("expanded_url") or link["url"])
    for picture in entities.get("media") or ():
        text = text.replace(picture["url"], "")
    return Parsed(blocks_of_text(text))


def _of_x(url: str) -> str:
    return url.replace("https://twitter.com/", "https://x.com/", 1)


X: Final = Site("x", "X", _steps, {"oembed": _read_oembed, "embedded": _read_embedded})
