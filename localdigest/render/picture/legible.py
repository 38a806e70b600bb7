"""Texts in characters that the picture's font has; what it lacks is replaced or left out, and counted.

A character that a font lacks would be drawn as an empty box, which says nothing and looks broken.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from localdigest.render import escape

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MARK", "Legible"]

MARK = "〓"  #: what printers set for a letter that they had no type for
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]+")
_LATIN = "[\x21-\u024f]"
#: Curly quotes belong to Chinese too, and a Chinese font makes them as wide as a character: a gap within a Latin word.
_SINGLE = re.compile(rf"(?<={_LATIN})[‘’]|[‘’](?={_LATIN})")
_DOUBLE = re.compile(rf"(?<={_LATIN})[“”]|[“”](?={_LATIN})")
_MARKS = re.compile(rf"{MARK}(?:\s?{MARK})+")


class Legible:
    """Makes texts legible, and remembers what it had to do for that."""

    def __init__(self, has: Callable[[str], bool]) -> None:
        self._has = has
        self.missing: set[str] = set()  #: characters that stand nowhere in the picture
        self.converted = 0  #: texts in Simplified characters, drawn in Traditional ones

    def __call__(self, text: str) -> str:
        """One line with characters of the font only, which a reader takes for the text."""
        text = self._traditional(escape.single_line(text))
        text = _DOUBLE.sub('"', _SINGLE.sub("'", text))
        drawn = "".join(map(self._drawn, text))
        return escape.single_line(_MARKS.sub(MARK, drawn))

    def _traditional(self, text: str) -> str:
        """A text of which the font lacks Simplified characters, as Traditional ones throughout."""
        if not any(_HAN.match(char) and not self._has(char) for char in text):
            return text
        # Its dictionaries are loaded by whoever needs them.
        from localdigest.text.hant_opencc import taiwan_reading  # noqa: PLC0415

        converted = _HAN.sub(lambda han: taiwan_reading(han[0]), text)
        if converted == text:
            return text
        self.converted += 1
        return converted

    def _drawn(self, char: str) -> str:
        kind = unicodedata.category(char)
        # Marks that belong to no letter of the font pile up over it, as high as there are many.
        if kind[0] != "M" and self._has(char):
            return char
        self.missing.add(char)
        return MARK if kind[0] in "LN" else " " if kind[0] == "Z" else ""
