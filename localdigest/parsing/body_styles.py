"""What a style says about whether text can be seen: an attribute's, or a rule's of the page's own style sheets.

Only what hides by itself is read, and only rules for one class or one id. What a sheet elsewhere says nobody knows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Colours", "Rules", "colours_of", "ground_of", "hides", "rules_of"]

_TINY: Final = 1.0  #: pixels or points of a letter or a box: nobody reads it
_FAINT: Final = 0.05  #: opacity
_AWAY: Final = 900.0  #: pixels beyond the edge of the page
_MAX_SHEETS: Final = 500_000  #: characters of style sheets that are read

#: Any style that hides has one of these words; most have none, and are not taken apart.
_MAY_HIDE = re.compile(
    r"none|hidden|collapse|opacity|font|height|width|clip|indent|left|top|right|bottom|margin|scale|translate|zoom",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_LENGTH = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))\s*(px|pt|em|rem|ex|ch|%|vw|vh|cm|mm|in)?")
_PIXELS: Final = {"px": 1.0, "pt": 1.3, "em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0, "vw": 13.0, "vh": 8.0, "%": 10.0,
                  "cm": 38.0, "mm": 3.8, "in": 96.0, "": 1.0}  # fmt: skip
_CLIPPED = re.compile(
    r"rect\(\s*(?:0(?:px)?|1px|auto)(?:[\s,]+(?:0(?:px)?|1px|auto)){3}\s*\)"
    r"|inset\(\s*(?:50|[6-9]\d|100)%|circle\(\s*0|polygon\(\s*0(?:px|%)?\s+0(?:px|%)?\s*\)"
)
_SHRUNK = re.compile(r"scale(?:3d|x|y)?\(\s*0*\.?0+\s*[,)]|translate(?:x|y|3d)?\(\s*-\d{4,}px")

_SHOWS = re.compile(r"display|visibility|opacity|height|left|clip|transform|position")
_NAME = re.compile(r"([.#])(-?[_a-zA-Z][\w-]*)")
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_AT_BLOCK = re.compile(r"@[^{};]*\{")

_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:[\s,/]+([\d.]+%?))?\s*\)")
_HEX_COLOUR = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})(?![0-9a-f])")
_NAMED: Final = {"white": (255, 255, 255), "black": (0, 0, 0), "snow": (255, 250, 250), "ivory": (255, 255, 240),
                 "ghostwhite": (248, 248, 255), "whitesmoke": (245, 245, 245), "floralwhite": (255, 250, 240),
                 "red": (255, 0, 0), "yellow": (255, 255, 0), "blue": (0, 0, 255), "green": (0, 128, 0),
                 "gray": (128, 128, 128), "grey": (128, 128, 128), "silver": (192, 192, 192)}  # fmt: skip

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours that a style names; None where it names none that is understood."""

    text: Colour | None = None
    ground: Colour | None = None
    is_clear: bool = False  #: the text has no colour at all
    has_ground: bool = False  #: it names a background, understood or not


@dataclass(frozen=True, slots=True)
class Rules:
    """The classes and ids that the page's own style sheets hide."""

    classes: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()

    def hiding(self, classes: str, id_: str) -> str:
        """Which of an element's names hides it; `""` when none does."""
        if id_ in self.ids:
            return f"#{id_}"
        return next((f".{name}" for name in classes.split() if name in self.classes), "") if self.classes else ""


@lru_cache(maxsize=4096)
def hides(style: str) -> bool:
    """Whether the declarations of a style keep what they stand on from being seen, whatever stands around it."""
    if not _MAY_HIDE.search(style):
        return False
    declared = _declared(style)
    get = declared.get
    if get("display") == "none" or get("visibility") in ("hidden", "collapse") or _is_faint(get("opacity", "")):
        return True
    if 0 <= _first_length(get("font-size", ""), missing=-1.0) <= _TINY:
        return True
    return _is_shut(declared) or _is_away(declared)


@lru_cache(maxsize=4096)
def colours_of(style: str) -> Colours:
    """The colours that a style gives to text and its ground."""
    if "color" not in (lower := style.lower()) and "background" not in lower:
        return Colours()
    declared = _declared(style)
    text = declared.get("color", "")
    ground = declared.get("background-color", declared.get("background", ""))
    return Colours(
        _colour(text), _colour(ground), is_clear=_is_clear(text), has_ground=bool(ground) and not _is_clear(ground)
    )


def rules_of(sheets: Iterable[str]) -> Rules:
    """What style sheets hide by a class or an id alone; a name that another rule shows again is a script's to show."""
    hidden: dict[str, set[str]] = {".": set(), "#": set()}
    others: list[tuple[str, str]] = []
    for selectors, body in _rules("\n".join(sheets)[:_MAX_SHEETS]):
        if not hides(body):
            others.append((selectors, body))
            continue
        for selector in map(str.strip, selectors.split(",")):
            if _is_simple(selector):
                kind, name = _NAME.findall(selector)[0]
                hidden[kind].add(name)
    if not hidden["."] and not hidden["#"]:
        return Rules()
    names = hidden["."] | hidden["#"]
    for selectors, body in others:
        if any(name in selectors for name in names) and _SHOWS.search(body):
            for kind, name in _NAME.findall(selectors):
                hidden[kind].discard(name)
    return Rules(frozenset(hidden["."]), frozenset(hidden["#"]))


def ground_of(sheets: Iterable[str]) -> Colour | None:
    """The colour that style sheets give to the page itself; None where they give none that is understood."""
    found = None
    for selectors, body in _rules("\n".join(sheets)[:_MAX_SHEETS]):
        if not {"body", "html", ":root"}.isdisjoint(map(str.strip, selectors.lower().split(","))):
            found = colours_of(body).ground or found
    return found


@lru_cache(maxsize=1)  # a page's sheets are asked twice
def _rules(sheet: str) -> tuple[tuple[str, str], ...]:
    """Selectors and declarations of the rules that hold on every screen; `@media` and its like are skipped."""
    sheet = _COMMENT.sub("", sheet)
    plain: list[str] = []
    at = 0
    while block := _AT_BLOCK.search(sheet, at):
        plain.append(sheet[at : block.start()])
        at = _end_of_block(sheet, block.end())
    plain.append(sheet[at:])
    return tuple((rule[1].rpartition(";")[2], rule[2]) for rule in _RULE.finditer("".join(plain)))


def _end_of_block(sheet: str, at: int) -> int:
    depth = 1
    for brace in re.compile(r"[{}]").finditer(sheet, at):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return brace.end()
    return len(sheet)


def _is_simple(selector: str) -> bool:
    """One class or id, with or without the name of an element: `.note`, `p.note`, `#note`."""
    return re.fullmatch(r"[a-zA-Z0-9]*[.#]-?[_a-zA-Z][\w-]*", selector) is not None


def _declared(style: str) -> dict[str, str]:
    """Lower-case properties and values; the last of a name counts."""
    found: dict[str, str] = {}
    for part in _COMMENT.sub("", style).lower().split(";"):
        name, colon, value = part.partition(":")
        if colon:
            found[name.strip()] = value.replace("!important", "").strip()
    return found


def _is_faint(opacity: str) -> bool:
    number = _LENGTH.fullmatch(opacity)
    return number is not None and float(number[1]) / (100 if number[2] == "%" else 1) <= _FAINT


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
    cuts = any(declared.get(key, "").startswith(("hidden", "clip")) for key in ("overflow", "overflow-x", "overflow-y"))
    sides = ("height", "max-height", "width", "max-width")
    return cuts and any(0 <= _first_length(declared.get(side, ""), missing=-1.0) <= _TINY for side in sides)


def _is_away(declared: dict[str, str]) -> bool:
    """Moved beyond the edge of the page."""
    if _first_length(declared.get("text-indent", ""), missing=0.0) <= -_AWAY:
        return True
    if declared.get("position") not in ("absolute", "fixed", "relative"):
        return _first_length(declared.get("margin-left", ""), missing=0.0) <= -_AWAY
    edges = ("left", "top", "right", "bottom", "margin-left", "margin-top")
    return any(_first_length(declared.get(edge, ""), missing=0.0) <= -_AWAY for edge in edges)


def _colour(value: str) -> Colour | None:
    if found := _HEX_COLOUR.search(value):
        digits = found[1]
        pairs = [digit * 2 for digit in digits] if len(digits) <= 4 else [digits[at : at + 2] for at in range(0, 6, 2)]
        red, green, blue = (int(pair, 16) for pair in pairs[:3])
        return red, green, blue
    if found := _RGB.search(value):
        return int(found[1]), int(found[2]), int(found[3])
    return next((_NAMED[word] for word in re.findall(r"[a-z]+", value) if word in _NAMED), None)


def _is_clear(value: str) -> bool:
    if "transparent" in value:
        return True
    found = _RGB.search(value)
    if found and found[4]:
        return _is_faint(found[4])
    digits = _HEX_COLOUR.search(value)
    return digits is not None and len(digits[1]) in (4, 8) and int(digits[1][len(digits[1]) // 4 * 3 :], 16) == 0
