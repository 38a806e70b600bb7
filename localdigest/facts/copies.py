"""A claim that copies a sentence but for its figures: there each figure has its place, and must be the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localdigest.facts.fold import squeeze

if TYPE_CHECKING:
    from localdigest.facts.reading import Reading

__all__ = ["changed_figures"]

_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_MARK = "\ue000"  # a private character, which no text holds after folding
_PLACES = 20  #: where a copy may stand in one sentence
_LEAST = 12  #: letters around the figures that make a part of a sentence a copy of it


def changed_figures(claim: Reading, evidence: Reading) -> list[tuple[int, int, str]]:
    """The spans of figures of the claim that differ from those at their place, with what stands there instead."""
    skeleton, figures = _skeleton(claim.text)
    other, theirs = _skeleton(evidence.text)
    if not figures or (len(skeleton) - len(figures) < _LEAST and skeleton != other):
        return []
    best: list[tuple[int, int, str]] | None = None
    at = other.find(skeleton)
    for _ in range(_PLACES):
        if at < 0:
            break
        first = other.count(_MARK, 0, at)
        there = theirs[first : first + len(figures)]
        changed = [
            (match.start(), match.end(), match_there[0])
            for match, match_there in zip(figures, there, strict=False)
            if _plain(match[0]) != _plain(match_there[0])
        ]
        if best is None or len(changed) < len(best):
            best = changed
        at = other.find(skeleton, at + 1) if best else -1
    return best or []


def _plain(figure: str) -> str:
    """1,200 and 1200, 01 and 1 are one; 1.05 and 1.5 are not."""
    bare = figure.replace(",", "")
    return bare.lstrip("0") or "0" if bare.isdecimal() else bare


def _skeleton(text: str) -> tuple[str, list[re.Match[str]]]:
    """The letters of a text with a mark for each figure, and the figures."""
    figures = list(_FIGURE.finditer(text))
    parts: list[str] = []
    at = 0
    for match in figures:
        parts += [squeeze(text[at : match.start()]), _MARK]
        at = match.end()
    return "".join([*parts, squeeze(text[at:])]), figures
