"""Remarks of many people as one text: each under the name of who made it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from localdigest.parsing.parsed import Parsed
from localdigest.records import Block, Role
from localdigest.sites.reading import parsed_html, together

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["DEEPEST", "MOST", "Remark", "discussion"]

#: A thread of this size is some 30,000 words, the longest that a digest can make sense of.
MOST = 300
DEEPEST = 10  #: levels; what is deeper is talk between two
_TAKEN_BACK = ("[deleted]", "[removed]", "[dead]", "[flagged]")


@dataclass(frozen=True, slots=True)
class Remark:
    """What one person said, and how deep below the beginning."""

    author: str
    html: str
    depth: int = 0


def discussion(remarks: Iterable[Remark]) -> Parsed:
    """The remarks in their order, with a warning of what was left out."""
    remarks = tuple(remarks)
    shallow = [remark for remark in remarks if remark.depth < DEEPEST]
    warnings = []
    if deeper := len(remarks) - len(shallow):
        warnings.append(f"{deeper:,} remarks are nested more than {DEEPEST} deep and were left out")
    if len(shallow) > MOST:
        warnings.append(f"the first {MOST} of {len(shallow):,} remarks were read")
    said = together(map(_said, shallow[:MOST]))
    return replace(said, warnings=(*said.warnings, *warnings))


def _said(remark: Remark) -> Parsed:
    text = parsed_html(remark.html)
    if all(block.text in _TAKEN_BACK for block in text.blocks):
        return Parsed((), hidden=text.hidden)
    named = (Block(remark.author, Role.HEADING),) if remark.author else ()
    return Parsed((*named, *text.blocks), warnings=text.warnings, hidden=text.hidden)
