"""What parsing gives besides documents: values without a parser, for whoever asks another process to parse."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "Draft",
    "DraftSentence",
    "Entry",
    "Feed",
    "FeedError",
    "Listing",
    "Outline",
    "OutlineError",
    "OutlineList",
    "Post",
]


# ── feeds ────────────────────────────────────────────────────────────────────


class FeedError(ValueError):
    """The bytes are no feed that can be read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed says of one page."""

    title: str  #: text
    link: str  #: as it stands in the feed, resolved against `xml:base` only; `""` when there is none
    published: str  #: ISO 8601 with offset; `""` when missing or broken
    byline: str
    html: str  #: the fullest text that the feed carries of it; `""` when none


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed in its own order."""

    title: str
    home: str  #: the site's address, as it stands in the feed
    entries: tuple[Entry, ...]
    is_cut: bool = False  #: it ends before its end; these are the entries up to there


@dataclass(frozen=True, slots=True)
class Post:
    """What a list on a web page says of one of its posts."""

    title: str
    link: str  #: http(s)
    published: str  #: ISO 8601; `""` when it is not shown


@dataclass(frozen=True, slots=True)
class Listing:
    """A web page that is a list of others."""

    feeds: tuple[str, ...]  #: addresses of the feeds that it names for itself, best first
    posts: tuple[Post, ...]  #: in page order


# ── outlines ─────────────────────────────────────────────────────────────────


class OutlineError(ValueError):
    """The bytes are no outline that can be read."""


@dataclass(frozen=True, slots=True)
class Outline:
    """One address of a list."""

    title: str
    address: str  #: as it stands in the file


@dataclass(frozen=True, slots=True)
class OutlineList:
    """All addresses of a file in its order, whatever folders they stand in."""

    outlines: tuple[Outline, ...]
    without_address: tuple[str, ...]  #: titles of outlines that neither hold an address nor others


# ── drafts ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class DraftSentence:
    text: str  #: what it says, without marks
    written: str  #: as it stands in the draft, on one line


@dataclass(frozen=True, slots=True)
class Draft:
    sentences: tuple[DraftSentence, ...]
    date: str  #: `YYYY-MM-DD` of its front matter; `""` when it has none
