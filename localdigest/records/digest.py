"""What a writer made."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from localdigest.records.claim import Verdict

__all__ = ["Conflict", "Digest", "Part", "PartKey", "Section", "SectionKey", "Statement"]


class SectionKey(StrEnum):
    """The sections of a digest, in their order."""

    TREND = "trend"
    NEWS = "news"
    ANALYSIS = "analysis"
    KEY_POINTS = "key_points"
    IMPLICATIONS = "implications"


class PartKey(StrEnum):
    """The fixed headings inside a section; `BODY` has none."""

    BODY = ""
    SIGNIFICANCE = "significance"
    COMPARISON = "comparison"
    MARKET = "market"
    DEVELOPERS = "developers"
    USERS = "users"


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of the digest with what it rests on."""

    text: str
    evidence: tuple[str, ...]  #: sentence ids, at least one
    verdict: Verdict = Verdict.UNDECIDED


@dataclass(frozen=True, slots=True)
class Conflict:
    """Sentences of different sites that give different figures for one fact. The digest takes no side."""

    statements: tuple[Statement, ...]  #: two or more, word for word
    figures: tuple[tuple[str, ...], ...]  #: what differs, as each of the statements writes it


@dataclass(frozen=True, slots=True)
class Part:
    """A run of statements, under a fixed heading (`key`) or one of its own (`headline`)."""

    statements: tuple[Statement, ...]
    key: PartKey = PartKey.BODY
    headline: Statement | None = None  #: of a news item
    weight: int = 0  #: of a news item: independent sites that tell it
    conflicts: tuple[Conflict, ...] = ()  #: where its sources disagree
    seen: str = ""  #: of a news item: date of the latest digest that told its story; this one tells what is new in it

    @property
    def all_statements(self) -> tuple[Statement, ...]:
        """In the order in which the post shows them."""
        disputed = tuple(statement for conflict in self.conflicts for statement in conflict.statements)
        return ((self.headline,) if self.headline else ()) + self.statements + disputed


@dataclass(frozen=True, slots=True)
class Section:
    """An empty section (no parts) is right when the sources hold nothing for it; it is then left out with a note."""

    key: SectionKey
    parts: tuple[Part, ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(statement for part in self.parts for statement in part.all_statements)


@dataclass(frozen=True, slots=True)
class Digest:
    """What the writer made; the renderers add only words of their templates."""

    sections: tuple[Section, ...]  #: all of `SectionKey`, in its order
    summary: tuple[Statement, ...]  #: up to three points for the front matter
    tags: tuple[str, ...]
    writer: str  #: `extractive`, or the model's name
    uses_model: bool  #: whether a language model wrote any of it

    @property
    def statements(self) -> tuple[Statement, ...]:
        return self.summary + tuple(s for section in self.sections for s in section.statements)
