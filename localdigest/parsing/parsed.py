"""What each reader (HTML, PDF, mail, plain text) makes of its bytes, before it becomes a Document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.records import Block, DateEvidence, DocumentKind, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Parsed", "Unusable", "has_text"]


@dataclass(frozen=True, slots=True)
class Parsed:
    """The text of one page and what it says about itself; `""` where it says nothing."""

    blocks: tuple[Block, ...]
    title: str = ""
    byline: str = ""
    published: str = ""
    published_by: DateEvidence = DateEvidence.NONE
    site: str = ""
    url: str = ""
    kind: DocumentKind | None = None  #: None: let the address tell
    language_hint: str = ""
    warnings: tuple[str, ...] = ()
    hidden: str = ""  #: words that no reader sees and that were left out, as far as they are kept


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why the bytes give no document."""

    reason: Reason
    detail: str = ""


def has_text(blocks: Iterable[Block]) -> bool:
    """Whether there is a single letter or digit in the blocks."""
    return any(char.isalnum() for block in blocks for char in block.text)
