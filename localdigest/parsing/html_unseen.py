"""Words of a page's source that no browser draws: comments, descriptions, labels. They are no text, but are judged."""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["unseen_words"]

_MOST: Final = 400  #: comments and values that are looked at
_MOST_CHARACTERS: Final = 1_000  #: of each
_LEAST: Final = 12  #: characters of a comment
_VALUE = re.compile(
    r"""\b(?:alt|title|content|placeholder|aria-label|aria-description)\s*=\s*(?:"([^"<>]{12,})"|'([^'<>]{12,})')""",
    re.IGNORECASE,
)


def unseen_words(html: str) -> str:
    """The words, a line for each place; `""` where there are none."""
    return "\n".join(" ".join(words[:_MOST_CHARACTERS].split()) for words in islice(_places(html), _MOST))


def _places(html: str) -> Iterator[str]:
    values = (found[1] or found[2] for found in _VALUE.finditer(html))
    return chain(islice(_comments(html), _MOST // 2), values)


def _comments(html: str) -> Iterator[str]:
    """Their words. Where one is not closed, none behind it is: a page of openings is read once."""
    end = 0
    while (start := html.find("<!--", end)) >= 0 and (end := html.find("-->", start + 4 + _LEAST)) >= 0:
        yield html[start + 4 : end]
        end += 3
