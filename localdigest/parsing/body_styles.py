"""What a style says about whether text can be seen: an attribute's, or a rule's of a style sheet.

Only what hides by itself is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

__all__ = ["Colours", "colours_of", "hides", "without_comments"]

_TINY: Final = 1.0  #: pixels or points of a letter or a box: nobody reads it
_SQUEEZED: Final = 8.0  #: pixels that letters are moved together
_FAINT: Final = 0.05  #: opacity
_AWAY: Final = 900.0  #: pixels beyond the edge of the page

#: Any style that hides has one of these words; most have none, and are not taken apart.
_MAY_HIDE = re.compile(
    r"none|hidden|collapse|opacity|font|height|width|clip|indent|left|top|right|bottom|margin|scale|translate|zoom|size"
    r"|inset|spacing|rotate",
    re.IGNORECASE,
)
_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")
_CALC = re.compile(r"calc\(\s*([+-]?[\d.]+[a-z%]*)\s*\)")
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_LENGTH = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))\s*(px|pt|em|rem|ex|ch|%|vw|vh|cm|mm|in)?")
_PIXELS: Final = {"px": 1.0, "pt": 1.3, "em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0, "vw": 13.0, "vh": 9.0, "%": 10.0,
                  "cm": 38.0, "mm": 3.8, "in": 96.0, "": 1.0}  # fmt: skip
_CLIPPED = re.compile(
    r"rect\(\s*(?:0(?:px)?|1px|auto)(?:[\s,]+(?:0(?:px)?|1px|auto)){3}\s*\)"
    r"|inset\(\s*(?:50|[6-9]\d|100)%|circle\(\s*0"
    r"|polygon\(\s*0(?:px|%)?\s+0(?:px|%)?(?:\s*,\s*0(?:px|%)?\s+0(?:px|%)?)*\s*\)"
)
_SHRUNK = re.compile(
    r"scale(?:3d|x|y)?\(\s*0*\.?0+\s*[,)]|translate(?:x|y|3d)?\(\s*-\d{4,}px|rotate[xy]\(\s*(?:90deg|0?\.25turn)"
)
_CLEAR_FILTER = re.compile(r"opacity\(\s*(?:0*\.0[0-5]?\d*|0|[0-5]%)\s*\)")

_BRIGHT = re.compile(
    r"(?:hsla?\([^%]*%[\s,]+|(?:ok)?l(?:ab|ch)\(\s*)(?P<light>[\d.]+)%|color\(\s*[\w-]+(?P<ones>(?:\s+(?:1(?:\.0*)?|100%)){3})"
)
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:[\s,/]+([\d.]+%?))?\s*\)")
_HEX_COLOUR = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})(?![0-9a-f])")
_NAMED: Final = {"white": (255, 255, 255), "black": (0, 0, 0), "snow": (255, 250, 250), "ivory": (255, 255, 240),
                 "ghostwhite": (248, 248, 255), "whitesmoke": (245, 245, 245), "floralwhite": (255, 250, 240),
                 "red": (255, 0, 0), "yellow": (255, 255, 0), "blue": (0, 0, 255), "green": (0, 128, 0),
                 "gray": (128, 128, 128), "grey": (128, 128, 128), "silver": (192, 192, 192)}  # fmt: skip

_WHITE_FROM: Final = 97.0  #: per cent of light

Colour = tuple[int, int, int]
_LETTERS: Final = 0xD800  #: more than any name or value holds


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours that a style names; None where it names none that is understood."""

    text: Colour | None = None
    ground: Colour | None = None
    is_clear: bool = False  #: the text has no colour at all
    has_ground: bool = False  #: it names a background, understood or not


@lru_cache(maxsize=4096)
def hides(style: str) -> bool:
    """Whether the declarations of a style keep what they stand on from being seen, whatever stands around it."""
    style = _unescaped(style)
    if not _MAY_HIDE.search(style):
        return False
    declared = _declared(style)
    get = declared.get
    if get("display") == "none" or get("visibility") in ("hidden", "collapse") or _is_faint(get("opacity", "")):
        return True
    if _is_tiny(declared) or _CLEAR_FILTER.search(get("filter", "")):
        return True
    return _is_shut(declared) or _is_away(declared)


@lru_cache(maxsize=4096)
def colours_of(style: str) -> Colours:
    """The colours that a style gives to text and its ground. Clear letters may be cut out of a ground, and be seen."""
    style = _unescaped(style)
    if "color" not in (lower := style.lower()) and "background" not in lower:
        return Colours()
    declared = _declared(style)
    text = declared.get("-webkit-text-fill-color", declared.get("color", ""))
    ground = declared.get("background-color", declared.get("background", ""))
    is_cut_out = any(
        "text" in declared.get(name, "") for name in ("background", "background-clip", "-webkit-background-clip")
    )
    return Colours(
        _colour(text),
        _colour(ground),
        is_clear=_is_clear(text) and not is_cut_out,
        has_ground=bool(ground) and not _is_clear(ground),
    )


def without_comments(sheet: str) -> str:
    return _COMMENT.sub("", sheet)


def _unescaped(style: str) -> str:
    r"""A letter may be written as its number: `dis\70 lay`."""
    if "\\" not in style:
        return style
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if int(found[1], 16) < _LETTERS else "", style)


def _declared(style: str) -> dict[str, str]:
    """Lower-case properties and values; the last of a name counts."""
    found: dict[str, str] = {}
    for part in _COMMENT.sub("", style).lower().split(";"):
        name, colon, value = part.partition(":")
        if colon:
            found[name.strip()] = _CALC.sub(r"\1", value.replace("!important", "").strip())
    return found


def _is_faint(opacity: str) -> bool:
    number = _LENGTH.fullmatch(opacity)
    return number is not None and float(number[1]) / (100 if number[2] == "%" else 1) <= _FAINT


def _is_tiny(declared: dict[str, str]) -> bool:
    """Letters of no size, or one upon the other."""
    size = declared.get("font-size", "")
    if not size and "font" in declared:  # `italic 0/1.2 serif`: the first length is the size, weights have no unit
        parts = (part.partition("/")[0] for part in declared["font"].split())
        size = next(
            (part for part in parts if (found := _LENGTH.fullmatch(part)) and (found[2] or found[1] == "0")), ""
        )
    spacing = declared.get("letter-spacing", "")
    return 0 <= _of_letters(size, missing=-1.0) <= _TINY or _of_letters(spacing, missing=0.0) <= -_SQUEEZED


def _of_letters(value: str, *, missing: float) -> float:
    """The first length, in which per cent are of a letter and not of a page."""
    pixels = _first_length(value, missing=missing)
    return pixels / _PIXELS["%"] * 0.16 if "%" in value else pixels


def _first_length(value: str, *, missing: float) -> float:
    """The first length of a value in pixels, about."""
    number = _LENGTH.match(value)
    return float(number[1]) * _PIXELS[number[2] or ""] if number else missing


def _is_shut(declared: dict[str, str]) -> bool:
    """A box of no size that cuts off what does not fit in, or one that is cut or shrunk to nothing."""
    if _CLIPPED.search(f"{declared.get('clip', '')} {declared.get('clip-path', '')}"):
        return True
    if _SHRUNK.search(declared.get("transform", "")) or declared.get("zoom") == "0":
        return True
    if _first_length(declared.get("scale", ""), missing=1.0) == 0:
        return True
    cuts = any(declared.get(key, "").startswith(("hidden", "clip")) for key in ("overflow", "overflow-x", "overflow-y"))
    cuts = cuts or any(word in declared.get("contain", "") for word in ("strict", "content", "paint"))
    sides = ("height", "max-height", "width", "max-width", "block-size", "inline-size", "max-block-size")
    return cuts and any(0 <= _first_length(declared.get(side, ""), missing=-1.0) <= _TINY for side in sides)


def _is_away(declared: dict[str, str]) -> bool:
    """Moved beyond the edge of the page."""
    if _first_length(declared.get("text-indent", ""), missing=0.0) <= -_AWAY:
        return True
    if _first_length(declared.get("translate", ""), missing=0.0) <= -_AWAY:
        return True
    if declared.get("position") not in ("absolute", "fixed", "relative"):
        return _first_length(declared.get("margin-left", ""), missing=0.0) <= -_AWAY
    edges = ("left", "top", "right", "bottom", "margin-left", "margin-top", "inset", "inset-inline-start",
             "inset-inline", "inset-block-start", "inset-block")  # fmt: skip
    return any(_first_length(declared.get(edge, ""), missing=0.0) <= -_AWAY for edge in edges)


def _colour(value: str) -> Colour | None:
    if found := _HEX_COLOUR.search(value):
        digits = found[1]
        pairs = [digit * 2 for digit in digits] if len(digits) <= 4 else [digits[at : at + 2] for at in range(0, 6, 2)]
        red, green, blue = (int(pair, 16) for pair in pairs[:3])
        return red, green, blue
    if found := _RGB.search(value):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _BRIGHT.search(value):
        if found["ones"] or float(found["light"]) >= _WHITE_FROM:
            return 255, 255, 255
        return (0, 0, 0) if float(found["light"]) <= 100 - _WHITE_FROM else None
    return next((_NAMED[word] for word in re.findall(r"[a-z]+", value) if word in _NAMED), None)


def _is_clear(value: str) -> bool:
    if "transparent" in value:
        return True
    found = _RGB.search(value)
    if found and found[4]:
        return _is_faint(found[4])
    digits = _HEX_COLOUR.search(value)
    return digits is not None and len(digits[1]) in (4, 8) and int(digits[1][len(digits[1]) // 4 * 3 :], 16) == 0
