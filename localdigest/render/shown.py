"""What every drawn file says of a digest, as values: nothing in them acts any more."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Citation", "Conflict", "Link", "NotRead", "Note", "Part", "Section", "Source", "Statement", "Week"]


@dataclass(frozen=True, slots=True)
class Citation:
    id: str  #: of the sentence: `D3.S17`
    number: int  #: of its document
    place: int  #: among all citations of the digest, from 1
    link: str
    title: str


@dataclass(frozen=True, slots=True)
class Statement:
    text: str
    citations: tuple[Citation, ...]
    verdict: str
    language: str | None  #: as HTML names it, `""` for one that is unknown; None: the digest's own


@dataclass(frozen=True, slots=True)
class Conflict:
    figures: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Part:
    key: str
    headline: Statement | None
    statements: tuple[Statement, ...]
    weight: int
    conflicts: tuple[Conflict, ...]
    seen: str  #: date of the digest that told the story before; empty: none did
    more_conflicts: int  #: that are not shown


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Link:
    href: str
    text: str = ""  #: empty: the address itself


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be said of a source in a word or two."""

    text: str = ""
    links: tuple[Link, ...] = ()
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A document that was read."""

    id: str
    number: int
    title: str
    link: str
    language: str | None
    notes: tuple[Note, ...]
    asked: str = ""  #: which of its site's interfaces answered in place of its address


@dataclass(frozen=True, slots=True)
class Week:
    """What the digests of a week told."""

    first: str  #: its Monday
    last: str
    stories: int
    sources: int
    tags: str


@dataclass(frozen=True, slots=True)
class NotRead:
    """A source that gave nothing."""

    title: str
    link: str
    reason: str
