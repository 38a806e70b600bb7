"""Takes from a text what a server would read as marks of its own: the beginning of a turn, the end of the prompt. Pure.

This program's own engine turns texts into tokens by itself, and none of them can become a mark. A server is sent text,
and looks for its marks in all of it. They have two shapes in every model that is known: `<…>` without white space, and
`[…]` in capital letters. One space after the bracket makes a word of a mark; names that a server tells besides are
broken in the same way.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["without_marks"]

_LONGEST = 64  #: characters of a mark
_MARK = re.compile(rf"([<＜])(?=[^\s<>＜＞]{{1,{_LONGEST}}}[>＞])|(\[)(?=/?[A-Za-z]?[A-Z][A-Z_]+(?:_\d+)?\])")


def without_marks(text: str, others: Iterable[str] = ()) -> str:
    """The text, in which nothing is a mark. `others`: names of marks in other shapes; of one letter are none."""
    for name in others:
        if len(name) > 1 and name in text:
            text = text.replace(name, f"{name[0]} {name[1:]}")
    return _MARK.sub(lambda found: f"{found[0]} ", text)
