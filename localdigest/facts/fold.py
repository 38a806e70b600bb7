"""One form for the many ways to write a character, with the way back to what was written."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Folded", "fold", "squeeze"]

_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
_RAISED = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹")  # footnote marks; a square metre is read as a metre, which compares as well
_SAME = {
    **dict.fromkeys("‘’‚‛ʼ＇`´", "'"),
    **dict.fromkeys("„‟〝〞＂″", '"'),
    **dict.fromkeys("‐‑‒–−﹣－", "-"),
    **dict.fromkeys("～〜∼", "~"),
    **dict.fromkeys("×✕✖", "x"),
    **dict.fromkeys("\t\r\n\v\f", " "),
    "…": "…",  # its compatibility form is three full stops, which end a sentence
    "￥": "¥",
    "⁄": "/",
    "臺": "台",
    "裏": "裡",
    "着": "著",
    "佔": "占",
    "祕": "秘",
}
_HALVES = {"½": " 1/2", "¼": " 1/4", "¾": " 3/4", "⅓": " 1/3", "⅔": " 2/3"}
_DASHES = frozenset("—―─")
_COMMA = "，"
_THIN_SPACES = frozenset("\u00a0\u2009\u202f\u2007'’")  # part the thousands in French, German and Swiss texts
_SQUEEZED = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` is compared; `written` tells how a span of it stood on the page."""

    text: str
    original: str
    offsets: Sequence[int]  #: place in `original` of each character of `text`; empty when they are the same

    def written(self, start: int, end: int) -> str:
        if not self.offsets:
            return self.original[start:end]
        last = self.offsets[end] if end < len(self.offsets) else len(self.original)
        return self.original[self.offsets[start] : last].strip()


def fold(text: str) -> Folded:
    """Width, dashes, quotation marks and white space as one form each; the case of letters is kept."""
    original = text if text.isascii() else unicodedata.normalize("NFC", text)
    if original.isascii() and "`" not in original:
        return Folded(original.translate(_ASCII_SPACE), original, ())
    characters: list[str] = []
    offsets: list[int] = []
    for place, character in enumerate(original):
        folded = _one(character, original, place)
        characters.append(folded)
        offsets.extend([place] * len(folded))
    return Folded("".join(characters), original, offsets)


def squeeze(text: str) -> str:
    """Letters and digits alone, in small letters: what is left when nobody minds the punctuation."""
    return _SQUEEZED.sub("", text).casefold()


_ASCII_SPACE = str.maketrans("\t\r\n\v\f", "     ")


def _one(character: str, text: str, place: int) -> str:
    if character.isascii() and character not in "`'\t\r\n\v\f":
        return character
    if character in _INVISIBLE or character in _RAISED:
        return ""
    if character in _THIN_SPACES and _parts_thousands(text, place):
        return ""
    if character in _DASHES:  # a range between figures, else a break in the sentence
        return "-" if _between_digits(text, place) else ";"
    if character == _COMMA:
        return _comma(text, place)
    return _SAME.get(character) or _HALVES.get(character) or unicodedata.normalize("NFKC", character)


def _parts_thousands(text: str, place: int) -> bool:
    after = text[place + 1 : place + 5]
    return (
        place > 0
        and text[place - 1].isdecimal()
        and after[:3].isdecimal()
        and len(after[:3]) == 3  # noqa: PLR2004 - a group of thousands
        and not after[3:].isdecimal()
        and not after[3:].isalpha()
    )


def _between_digits(text: str, place: int) -> bool:
    return text[place - 1 : place].isdecimal() and text[place + 1 : place + 2].isdecimal()


def _comma(text: str, place: int) -> str:
    """A wide comma parts thousands only among wide digits: 「共 3，500 人是」 may be two figures."""
    if not _between_digits(text, place):
        return ","
    return ";" if text[place - 1].isascii() or text[place + 1].isascii() else ","
