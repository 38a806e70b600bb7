"""RSS, Atom and JSON Feed: the only module that imports fastfeedparser."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import fastfeedparser

from localdigest.parsing.feed_dates import FeedDates
from localdigest.parsing.results import Entry, Feed, FeedError
from localdigest.parsing.xml_text import root_name, utf8_xml

__all__ = ["Entry", "Feed", "FeedError", "is_feed", "parse_feed"]

_ROOTS = frozenset({"rss", "feed", "rdf"})
_ENDING = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_TAIL = 2000  #: bytes at the end in which the root is closed; caches write their comments after it
_JSON_FEED = re.compile(rb'"version"\s*:\s*"https?:\\?/\\?/jsonfeed\.org\\?/version\\?/')
#: Markup that titles carry. Anything else in angle brackets is what the author wrote (`List<String>`).
_MARKUP = re.compile(
    r"</?(?:a|abbr|b|bdi|br|cite|code|em|font|i|img|mark|p|q|s|small|span|strong|sub|sup|tt|u|wbr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_MAIL_AND_NAME = re.compile(r"\S+@\S+\s+\((.+)\)")  # RSS 2.0: `editor@example.com (Ann Lee)`


def is_feed(body: bytes) -> bool:
    """Whether the bytes call themselves a feed, by their first element or by JSON Feed's version."""
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _JSON_FEED.search(body) is not None
    return root_name(body) in _ROOTS


def parse_feed(body: bytes, *, charset: str = "") -> Feed:
    """Reads a feed; entities are never expanded, nothing is fetched.

    Args:
        body: the bytes as they came.
        charset: from the HTTP header.

    Raises:
        FeedError: it is none, or damaged beyond reading.
    """
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _json_feed(body)
    if root_name(body) not in _ROOTS:
        raise FeedError("neither RSS nor Atom nor JSON Feed")
    return _xml_feed(utf8_xml(body, charset))


# ── RSS and Atom ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _xml_feed(body: bytes) -> Feed:
    try:
        # Bytes, never text: the library fetches a text that begins like an address.
        parsed = fastfeedparser.parse(body, include_tags=False, include_media=False, include_enclosures=False)
    except Exception as error:  # whatever hostile bytes make a foreign parser raise is one answer: unreadable
        raise FeedError(f"the feed cannot be read: {error}") from error
    about = parsed["feed"]
    base = (about.get("title_detail") or {}).get("base") or ""
    dates = FeedDates(body)
    entries = tuple(_xml_entry(entry, base, dates) for entry in parsed["entries"])
    is_cut = _ENDING.search(body[-_TAIL:]) is None
    return Feed(_text(about.get("title")), about.get("link") or "", entries, is_cut)


def _xml_entry(entry: dict[str, Any], base: str, dates: FeedDates) -> Entry:
    return Entry(
        title=_text(entry.get("title")),
        link=_joined(base, entry.get("link") or ""),
        published=dates.as_written(entry.get("published") or entry.get("updated") or ""),
        byline=_byline(entry.get("author")),
        html=_fullest(entry),
    )


def _fullest(entry: dict[str, Any]) -> str:
    texts = [part.get("value") or "" for part in entry.get("content") or ()]
    return max((*texts, entry.get("description") or ""), key=len).strip()


def _byline(author: Any) -> str:
    text = _text(author)
    found = _MAIL_AND_NAME.fullmatch(text)
    return found[1] if found else text


# ── JSON Feed ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _json_feed(body: bytes) -> Feed:
    try:
        raw = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FeedError(f"the JSON cannot be read: {error}") from error
    items = raw.get("items") if isinstance(raw, dict) else None
    if not isinstance(items, list):
        raise FeedError("JSON, but no JSON Feed: it has no list of items")
    shared = _json_byline(raw)
    entries = [_json_entry(item) for item in items if isinstance(item, dict)]
    return Feed(
        title=_text(raw.get("title")),
        home=_string(raw, "home_page_url"),
        entries=tuple(replace(entry, byline=entry.byline or shared) for entry in entries),
    )


def _json_entry(item: dict[str, Any]) -> Entry:
    plain = _string(item, "content_text") or _string(item, "summary")
    return Entry(
        title=_text(item.get("title")),
        link=_string(item, "url") or _string(item, "external_url"),
        published=_iso(_string(item, "date_published") or _string(item, "date_modified")),
        byline=_json_byline(item),
        html=_string(item, "content_html") or _paragraphs(plain),
    )


def _json_byline(item: dict[str, Any]) -> str:
    authors = item.get("authors")
    people = authors if isinstance(authors, list) else [item.get("author")]
    return ", ".join(filter(None, (_text(person.get("name")) for person in people if isinstance(person, dict))))


def _string(item: dict[str, Any], key: str) -> str:
    value = item.get(key)
    return value.strip() if isinstance(value, str) else ""


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{html.escape(part.strip(), quote=False)}</p>" for part in text.split("\n\n") if part.strip())


def _iso(text: str) -> str:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).isoformat()


# ── both ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _text(value: Any) -> str:
    """A title or name as plain text on one line."""
    if not isinstance(value, str):
        return ""
    return " ".join(html.unescape(_MARKUP.sub("", value)).split())


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link.strip()) if base else link.strip()
    except ValueError:
        return ""
