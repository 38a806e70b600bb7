"""What a service is to this program: what it is asked, what of the topic that gives away, and who reads the answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from localdigest.services import TITLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from localdigest.records import Page

__all__ = ["Hit", "Hits", "Kind", "Query", "Question", "Service", "Span"]


class Kind(StrEnum):
    """What a service names: each kind has its share of what is taken."""

    NEWS = "news"  #: pages of all kinds of sites
    PAPERS = "papers"
    POSTS = "posts"  #: what the members of one site write


class Span(StrEnum):
    """How far back a service is asked to look: in steps, so that tomorrow's question is that of today."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for."""

    words: str  #: the topic as the user wrote it
    english: str  #: the same for services that know English only; `""` where nothing in it is
    span: Span
    language: str  #: of the digest: `zh-TW` or `en`


@dataclass(frozen=True, slots=True)
class Question:
    """What one service is asked."""

    url: str
    words: str  #: those of the topic that stand in the address; `""`: none


@dataclass(frozen=True, slots=True)
class Hit:
    """What a service says of one page."""

    title: str
    url: str  #: `""` where the service keeps it to itself
    published: str = ""  #: ISO 8601
    noticed: str = ""  #: when the service first saw it, where that is all it knows
    byline: str = ""
    summary: str = ""  #: plain text that tells what it is about
    html: str = ""  #: text of the page that the service carries itself, to be read where the page cannot be had
    votes: int = 0  #: by the service's own count
    site: str = ""  #: who published it, where there is no address to tell
    opens: str = ""  #: where a person can open what has no address


@dataclass(frozen=True, slots=True)
class Hits:
    """An answer in its own order."""

    hits: tuple[Hit, ...]
    num_odd: int = 0  #: entries that are built otherwise than expected


@dataclass(frozen=True, slots=True)
class Service:
    """One service."""

    name: str  #: a word, which stands in settings and in the manifest
    kind: Kind
    sends: str  #: what of the topic it learns, as `sources discover` and docs/discovery.md say it
    #: What to ask; None where these words are none for it (`needs`). Never raises.
    ask: Callable[[Query], Question | None]
    #: The entries of an answer. A `LookupError`, `TypeError` or `ValueError` says that it is built otherwise.
    entries: Callable[[Page], Iterable[Any]]
    #: What one entry says; None: it is no page. Raises likewise.
    read: Callable[[Any, Page], Hit | None]
    needs: str = ""  #: what a topic must have to be asked for

    @property
    def title(self) -> str:
        return TITLES[self.name]
