"""Which elements the rules of a page's own style sheets hide, as a browser would find them.

    sheets ─▶ rules that hold on every screen ─▶ those that hide ─▶ classes and ids, else selectors ─▶ elements

What a sheet elsewhere says nobody knows. A rule that another one takes back is a script's to show: it hides nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cssselect import HTMLTranslator, SelectorError
from lxml.etree import XPath, XPathError, iterwalk

from localdigest.parsing.body_styles import colours_of, hides, without_comments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.html import HtmlElement

    from localdigest.parsing.body_styles import Colour

__all__ = ["Rules", "ground_of", "rules_of"]

_MAX_SHEETS: Final = 500_000  #: characters of style sheets that are read
_MOST_SELECTORS: Final = 200  #: that are looked up in the tree
_LONGEST_SELECTOR: Final = 300
#: From element to element, about, that all selectors may take. An article has 2,000 elements, 25 deep.
_MOST_STEPS: Final = 5_000_000
_MOST_FOUND: Final = 20_000  #: elements: a page that hides more by rules is its script's to show

_SHOWS = re.compile(r"display|visibility|opacity|height|left|clip|transform|position")
_NAME = re.compile(r"([.#])(-?[_a-zA-Z][\w-]*)")
_SIMPLE = re.compile(r"[a-zA-Z0-9]*[.#]-?[_a-zA-Z][\w-]*")
#: What a pointer, a script or a reader changes, and boxes that are no elements.
_PASSING = re.compile(r"::|:(?!not\(|is\(|where\(|root\b|(?:first|last|only)-(?:child|of-type)\b|nth-)")
_COUNTS = re.compile(r"~|nth-|last-|only-")
_BRACKET_OR_COMMA = re.compile(r"[()\[\],]")
_LAST = re.compile(r"[^\s>+~]+\Z")
_BRACE = re.compile(r"@[^{};@]*\{|[{}]")
#: Blocks that hold on every screen: for it or for all, of no width or of one that every screen has, in a layer.
_EVERYWHERE = re.compile(
    r"@(?:layer\b[^{]*|supports(?!\s+not)\b[^{]*"
    r"|media\s*(?:(?:only\s+)?(?:screen|all)\s*)?(?:(?:and\s*)?\(\s*min-(?:width|height)\s*:\s*[0-2]?\d{1,2}(?:\.\d+)?px\s*\)\s*)?)\{",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the page's own style sheets hide."""

    classes: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    selectors: tuple[str, ...] = ()  #: more than one name

    def hiding(self, classes: str, id_: str) -> str:
        """Which of an element's names hides it; `""` when none does."""
        if id_ in self.ids:
            return f"#{id_}"
        return next((f".{name}" for name in classes.split() if name in self.classes), "") if self.classes else ""

    def found_in(self, tree: HtmlElement) -> dict[HtmlElement, str]:
        """The elements that the selectors hide, each with the selector."""
        found: dict[HtmlElement, str] = {}
        left = _MOST_STEPS
        size, depth = _size_of(tree) if self.selectors else (0, 0)
        for selector in self.selectors:
            left -= size * (depth if " " in selector else 1) * (1 + size // 10 if _COUNTS.search(selector) else 1)
            if left < 0:
                break
            path = _path_of(selector)
            try:
                elements = path(tree) if path else ()
            except XPathError:
                continue
            found |= {element: selector for element in elements if element not in found}
            if len(found) > _MOST_FOUND:
                return {}
        return found


def rules_of(sheets: Iterable[str]) -> Rules:
    """What style sheets hide by names that no other rule shows again."""
    hidden: dict[str, set[str]] = {".": set(), "#": set()}
    further: list[str] = []
    others: list[tuple[str, str]] = []
    for selectors, body in _rules("\n".join(sheets)[:_MAX_SHEETS]):
        if not hides(body) and not colours_of(body).is_clear:
            others.append((selectors, body))
            continue
        for selector in map(str.strip, _parted(selectors)):
            if _SIMPLE.fullmatch(selector):
                kind, name = _NAME.findall(selector)[0]
                hidden[kind].add(name)
            elif len(selector) <= _LONGEST_SELECTOR and not _PASSING.search(selector):
                further.append(selector)
    showing = [selectors for selectors, body in others if _SHOWS.search(body)]
    for selectors in showing:
        for kind, name in _NAME.findall(selectors):
            hidden[kind].discard(name)
    shown = {_last_of(selector) for selectors in showing for selector in _parted(selectors)}
    shown_names = {name for last in shown for name in _NAME.findall(last)}
    lasting = [
        selector for selector in dict.fromkeys(further)
        if (last := _last_of(selector)) not in shown and shown_names.isdisjoint(_NAME.findall(last))
    ]  # fmt: skip
    return Rules(frozenset(hidden["."]), frozenset(hidden["#"]), tuple(lasting[:_MOST_SELECTORS]))


def ground_of(sheets: Iterable[str]) -> Colour | None:
    """The colour that style sheets give to the page itself; None where they give none that is understood."""
    found = None
    for selectors, body in _rules("\n".join(sheets)[:_MAX_SHEETS]):
        if not {"body", "html", ":root"}.isdisjoint(map(str.strip, selectors.lower().split(","))):
            found = colours_of(body).ground or found
    return found


@lru_cache(maxsize=1)  # a page's sheets are asked twice
def _rules(sheet: str) -> tuple[tuple[str, str], ...]:
    """Selectors and declarations of the rules that hold on every screen; other blocks are skipped."""
    plain = "".join(_everywhere(without_comments(sheet)))
    return tuple(_rules_in(plain))


def _everywhere(sheet: str) -> Iterator[str]:
    """The sheet without the blocks that do not hold everywhere, and without the marks of those that do."""
    at = num_skipped = 0
    open_blocks: list[bool | None] = []  #: whether what stands in it holds; None: it is a rule's
    for sign in _BRACE.finditer(sheet):
        if sign[0] == "{":
            open_blocks.append(None)
            continue
        if sign[0] == "}" and (not open_blocks or open_blocks[-1] is None):
            del open_blocks[-1:]
            continue
        if not num_skipped:
            yield sheet[at : sign.start()]
        at = sign.end()
        if sign[0] == "}":
            num_skipped -= open_blocks.pop() is False
        else:
            open_blocks.append(_EVERYWHERE.fullmatch(sign[0]) is not None)
            num_skipped += open_blocks[-1] is False
    if not num_skipped:
        yield sheet[at:]


def _rules_in(sheet: str) -> Iterator[tuple[str, str]]:
    """Selectors and declarations, each as far as the brace before it."""
    selectors = ""
    start, is_open = 0, False
    for brace in re.finditer(r"[{}]", sheet):
        part = sheet[start : brace.start()]
        if brace[0] == "}" and is_open:
            yield selectors, part
        selectors, is_open = part.rpartition(";")[2], brace[0] == "{"
        start = brace.end()


def _parted(selectors: str) -> Iterator[str]:
    """A list's selectors; commas in brackets part none."""
    start = depth = 0
    for sign in _BRACKET_OR_COMMA.finditer(selectors):
        if sign[0] != ",":
            depth += 1 if sign[0] in "([" else -1
        elif depth <= 0:
            yield selectors[start : sign.start()]
            start = sign.end()
    yield selectors[start:]


def _last_of(selector: str) -> str:
    """What it says of the element itself, not of those around it."""
    found = _LAST.search(selector.strip()[-_LONGEST_SELECTOR:])
    return found[0] if found else ""


def _size_of(tree: HtmlElement) -> tuple[int, int]:
    """How many elements there are, and how deep they lie."""
    size = depth = deepest = 0
    for event, _ in iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        size += event == "start"
        deepest = max(deepest, depth)
    return size, deepest


@lru_cache(maxsize=1024)
def _path_of(selector: str) -> XPath | None:
    try:
        return XPath(HTMLTranslator().css_to_xpath(selector))
    except (SelectorError, XPathError, ValueError, RecursionError):  # none, or one that is not understood
        return None
