"""What a model is shown of a document, and what it claims."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from localdigest.records.document import Language  # noqa: TC001 - as in `document.py`

__all__ = ["Chunk", "Claim", "ClaimKind", "Dropped", "Line", "Story", "Verdict"]


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence as a prompt shows it, or a part of one that is too long: the parts joined are the sentence."""

    index: int  #: of the sentence in its document, from 0
    text: str

    @property
    def label(self) -> str:
        """What the line is called in its prompt: `S17`, as in `D3.S17`."""
        return f"S{self.index + 1}"

    @property
    def shown(self) -> str:
        """Label and text on one line, whatever breaks the text has in its document."""
        return f"[{self.label}] {' '.join(self.text.split())}\n"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of whole sentences of one document that fits a model's budget."""

    document: int  #: its number
    language: Language
    header: str  #: what a reader needs to know of the document: title, site, date, language
    lines: tuple[Line, ...]
    num_tokens: int  #: of header and lines, as the model counts

    @property
    def text(self) -> str:
        return self.header + "".join(line.shown for line in self.lines)


class Verdict(StrEnum):
    SUPPORTED = "supported"
    UNSUPPORTED = "unsupported"
    UNDECIDED = "undecided"


class ClaimKind(StrEnum):
    EVENT = "event"
    NUMBER = "number"
    QUOTATION = "quotation"
    OPINION = "opinion"
    BACKGROUND = "background"


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement and the sentences that it rests on."""

    text: str
    evidence: tuple[str, ...]  #: sentence ids, at least one
    document: int  #: number of the document that it comes from
    kind: ClaimKind = ClaimKind.EVENT
    score: float = 0.0  #: how much it matters to the digest; only the order counts


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence that a model wrote and that the digest does not say."""

    text: str
    evidence: tuple[str, ...]  #: as far as it named any
    reason: str  #: one of the words that docs/writer.md explains
    tokens: tuple[str, ...] = ()  #: what does not stand in the evidence


@dataclass(frozen=True, slots=True)
class Story:
    """Claims of several documents on one event, best first."""

    claims: tuple[Claim, ...]
    weight: int  #: how many independent sites tell it

    @property
    def documents(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(claim.document for claim in self.claims))
