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
# Found by the sign before them, which is rarer than the letters that names begin with: a third of the time.
_VALUE = re.compile(r"""=(?=\s*(?:"([^"<>]{12,})"|'([^'<>]{12,})'))""")
_NAMES: Final = ("alt", "title", "content", "placeholder", "aria-label", "aria-description")
_NAME = re.compile(rf"\b(?:{'|'.join(_NAMES)})\Z", re.IGNORECASE)
_NAME_REACH: Final = 64  #: characters before the sign in which its name stands, with white space


def unseen_words(html: str) -> str:
    """The words, a line for each place; `""` where there are none."""
    return "\n".join(" ".join(words[:_MOST_CHARACTERS].split()) for words in islice(_places(html), _MOST))


def _places(html: str) -> Iterator[str]:
    return chain(islice(_comments(html), _MOST // 2), _values(html))


def _values(html: str) -> Iterator[str]:
    """What stands in these attributes, and in anything that looks like them."""
    end = 0
    for found in _VALUE.finditer(html):
        at = found.start()
        before = html[max(0, at - _NAME_REACH) : at].rstrip().lower()
        if at >= end and before.endswith(_NAMES) and _NAME.search(before):
            end = max(found.end(1), found.end(2)) + 1
            yield found[1] or found[2]


def _comments(html: str) -> Iterator[str]:
    """Their words. Where one is not closed, none behind it is: a page of openings is read once."""
    end = 0
    while (start := html.find("<!--", end)) >= 0 and (end := html.find("-->", start + 4 + _LEAST)) >= 0:
        yield html[start + 4 : end]
        end += 3
