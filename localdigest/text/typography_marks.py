"""A text with what must not change folded away, so that rules about neighbours need not know of it.

Each fixed span becomes two signs, one that tells what it begins with and one that tells what it ends with: a rule sees
that Chinese stands before, and cannot reach inside.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localdigest.text.fixed_spans import Span, find_fixed_spans

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "HAN_AFTER",
    "HAN_BEFORE",
    "KANA",
    "LATIN_AFTER",
    "LATIN_BEFORE",
    "OTHER_AFTER",
    "OTHER_BEFORE",
    "WIDE",
    "edit_around_fixed",
]

# Classes of characters, as they stand between the brackets of a pattern.
_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_LATIN = "A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0370-\u03ff"
KANA = "\u3041-\u3096\u30a1-\u30fa\u30fc"
WIDE = "，。；：？！、「」『』（）《》〈〉【】"

# Noncharacters: no text is interchanged with them, and one that holds them all the same is folded away itself.
_STARTS = "\ufdd0\ufdd1\ufdd2"
_ENDS = "\ufdd3\ufdd4\ufdd5"
_FOLDED = re.compile(f"[{_STARTS}][{_ENDS}]")
_SIGNS = f"[{_STARTS}{_ENDS}]+"

#: What may stand before or after a point in the text: the characters, and the fixed spans that end or begin with them.
HAN_BEFORE, LATIN_BEFORE, OTHER_BEFORE = _HAN + _ENDS[0], _LATIN + _ENDS[1], _ENDS[2]
HAN_AFTER, LATIN_AFTER, OTHER_AFTER = _HAN + _STARTS[0], _LATIN + _STARTS[1], _STARTS[2]

_KINDS = (re.compile(f"[{_HAN}]"), re.compile(f"[{_LATIN}]"), re.compile(""))


def edit_around_fixed(
    text: str,
    edit: Callable[[str], str],
    *,
    keep: Sequence[str] = (),
    also: re.Pattern[str] | None = None,
) -> str:
    """The text, edited but for its fixed spans; `edit` leaves the signs of a span where they are, in their order."""
    spans = find_fixed_spans(text, keep=keep, also=_with_signs(also))
    pieces: list[str] = []
    end = 0
    for first, last in spans:
        pieces += text[end:first], _fold(text, (first, last))
        end = last
    folded = iter(spans)
    return _FOLDED.sub(lambda _: text[slice(*next(folded))], edit("".join(pieces) + text[end:]))


def _with_signs(also: re.Pattern[str] | None) -> re.Pattern[str]:
    return re.compile(f"{also.pattern}|{_SIGNS}" if also else _SIGNS, also.flags if also else 0)


def _fold(text: str, span: Span) -> str:
    return _STARTS[_kind(text[span[0]])] + _ENDS[_kind(text[span[1] - 1])]


def _kind(char: str) -> int:
    return next(number for number, kind in enumerate(_KINDS) if kind.match(char))
