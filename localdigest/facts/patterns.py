"""Pieces that the patterns of several modules are made of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["DIGITS", "LETTER", "either", "word_set"]

LETTER = "A-Za-zÀ-ÖØ-öø-ɏ"  #: Latin, for use inside brackets
#: 1,234,567.8; a list of numbers is no number
DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?![\d,]*\d)|\d+)(?:\.\d+)?"


def either(words: Iterable[str]) -> str:
    """A pattern of any of these words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def word_set(text: str) -> frozenset[str]:
    """The words of a row of words."""
    return frozenset(text.split())
