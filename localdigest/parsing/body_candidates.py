"""Every block of a tree, HTML or in trafilatura's own vocabulary, with what it stands in; nothing is chosen here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Final

from lxml.etree import iterwalk

from localdigest.parsing.body_names import Place, is_hidden, place_of
from localdigest.parsing.body_tuning import DEFAULT, Tuning
from localdigest.records import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

__all__ = ["Candidate", "Region", "candidates_of", "is_cjk"]

HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
#: `head`, `item`, `quote`, `list`, `row`, `cell` and `lb` are trafilatura's; the `head` of a page is never walked.
ROLES: Final[dict[str, Role]] = {
    **dict.fromkeys((*HEADINGS, "head"), Role.HEADING),
    **dict.fromkeys(("li", "dt", "dd", "item"), Role.ITEM),
    **dict.fromkeys(("blockquote", "quote"), Role.QUOTE),
}
#: What starts a block besides the names of `ROLES`.
CONTAINERS: Final = frozenset(
    (
        *("body", "div", "p", "section", "article", "main", "header", "footer", "aside", "nav", "search", "address"),
        *("figure", "figcaption", "details", "summary", "dialog", "fieldset", "legend", "form", "hgroup", "center"),
        *("ul", "ol", "dl", "menu", "list", "hr", "noscript", "pre"),
        *("table", "caption", "thead", "tbody", "tfoot", "tr", "row", "td", "th", "cell"),
    )
)
#: Never prose.
SILENT: Final = frozenset(
    (
        *("script", "style", "title", "meta", "link", "svg", "math", "iframe", "object", "canvas", "video", "audio"),
        *("img", "map", "button", "input", "textarea", "select", "option", "datalist"),
    )
)
BREAKS: Final = frozenset(("br", "lb"))
LISTINGS: Final = frozenset(("pre", "code"))
ROWS: Final = ("tr", "row")
CELLS: Final = ("td", "th", "cell")
MAX_CELL_CHARACTERS: Final = 200  #: longer cells on average: the table lays out prose
TABLE_OF_LAYOUT: Final = ("table", "form", "article", *HEADINGS)  #: what a table of values does not hold

SAMPLE: Final = 4000  #: characters that tell a text's script

_CJK = re.compile(r"[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]")
_LETTER = re.compile(r"[^\W\d_]")
#: Stands for `<br>` while a block is gathered: no tree holds it, and it is no white space.
_LINE_BREAK: Final = "\0"


@dataclass(slots=True, eq=False)
class Region:
    """A block element with what it holds, all levels counted."""

    tag: str
    role: Role
    place: Place
    parent: Region | None
    names: str = ""  #: its class
    characters: int = 0
    link_characters: int = 0
    links: int = 0
    prose: int = 0  #: characters in blocks long enough to be sentences

    def lineage(self) -> Iterator[Region]:
        """The region and what it stands in, from the inside."""
        region: Region | None = self
        while region is not None:
            yield region
            region = region.parent


@dataclass(frozen=True, slots=True)
class Candidate:
    """One block of the page."""

    text: str
    role: Role
    region: Region


@dataclass(slots=True)
class _Walk:
    """Gathers inline text until a block begins or ends."""

    region: Region
    tuning: Tuning
    candidates: list[Candidate] = field(default_factory=list)
    _pending: list[str] = field(default_factory=list)
    _link_characters: int = 0
    _links: int = 0
    _open_links: int = 0

    def open_link(self) -> None:
        self._open_links += 1
        self._links += 1

    def close_link(self) -> None:
        self._open_links -= 1

    def add_text(self, text: str | None) -> None:
        if not text:
            return
        self._pending.append(text)
        if self._open_links:
            self._link_characters += len(text.strip())

    def break_line(self) -> None:
        self._pending.append(_LINE_BREAK)

    def enter(self, element: _Element) -> None:
        self.flush()
        outer = self.region
        role = ROLES.get(element.tag, outer.role)
        self.region = Region(element.tag, role, place_of(element), outer, element.get("class", ""))

    def leave(self) -> None:
        """End the innermost region and count what it holds into the one around it."""
        self.flush()
        inner, outer = self.region, self.region.parent
        if outer is not None:
            outer.characters += inner.characters
            outer.link_characters += inner.link_characters
            outer.links += inner.links
            outer.prose += inner.prose
            self.region = outer

    def flush(self) -> None:
        """End the block that is being gathered; an empty line parts paragraphs."""
        if not self._pending:
            return
        text = "".join(self._pending)
        self._pending.clear()
        for paragraph in _paragraphs(text):
            if self._is_prose(paragraph):
                self.region.prose += len(paragraph)
            self.add_block(paragraph, self.region.role)
        self.region.link_characters += self._link_characters
        self.region.links += self._links
        self._link_characters = self._links = 0

    def _is_prose(self, text: str) -> bool:
        tuning = self.tuning
        needed = tuning.prose_characters_cjk
        if len(text) >= needed and not is_cjk(text, min_share=tuning.min_cjk_share):
            needed = tuning.prose_characters
        return len(text) >= needed and self._link_characters < tuning.max_prose_link_share * len(text)

    def add_block(self, text: str, role: Role) -> None:
        if text:
            self.candidates.append(Candidate(text, role, self.region))
            self.region.characters += len(text)


def _paragraphs(text: str) -> list[str]:
    """Text with white space as a browser shows it: any run of it is one space, and two line breaks part paragraphs."""
    if _LINE_BREAK not in text:
        line = " ".join(text.split())
        return [line] if line else []
    lines = (" ".join(line.split()) for line in text.split(_LINE_BREAK))
    return ["\n".join(group) for is_filled, group in groupby(lines, key=bool) if is_filled]


def is_cjk(text: str, *, min_share: float) -> bool:
    """Whether a text is Chinese, Japanese or Korean: by the share of its letters, of which a sample tells."""
    if text.isascii():
        return False
    letters = _LETTER.findall(text[:SAMPLE])
    return bool(letters) and len(_CJK.findall("".join(letters))) >= min_share * len(letters)


def candidates_of(body: _Element, *, tuning: Tuning = DEFAULT) -> list[Candidate]:
    """The blocks of a tree in reading order; the tree is left as it is."""
    walk = _Walk(Region("body", Role.TEXT, Place.PLAIN, None), tuning)
    walker = iterwalk(body, events=("start", "end"))
    for event, element in walker:
        if event == "end":
            _end(walk, element)
            if element is not body:
                walk.add_text(element.tail)
        elif _start(walk, element):
            walk.add_text(element.text)
        else:
            walker.skip_subtree()
    walk.flush()
    return walk.candidates


def _start(walk: _Walk, element: _Element) -> bool:
    """Whether to go on with what the element holds."""
    tag = element.tag
    if not isinstance(tag, str) or tag in SILENT or (tag == "template" and not element.get("shadowrootmode")):
        return False
    if tag in BREAKS:
        walk.break_line()
    elif not _is_block(element):
        if is_hidden(element):
            return False
        if tag == "a":
            walk.open_link()
    else:
        walk.enter(element)
        if tag in LISTINGS:
            walk.add_block(_source_of(element), Role.CODE)
            return False
        if tag == "table" and _holds_values(element):
            _add_table(walk, element)
            return False
    return True


def _end(walk: _Walk, element: _Element) -> None:
    if element.tag == "a":
        if not is_hidden(element):
            walk.close_link()
    elif _is_block(element):
        walk.leave()


def _is_block(element: _Element) -> bool:
    tag = element.tag
    if tag == "code":  # trafilatura's listing stands in the body; any other is part of its sentence
        parent = element.getparent()
        return parent is not None and parent.tag == "body" and "\n" in _source_of(element)
    return tag in CONTAINERS or tag in ROLES


def _holds_values(table: _Element) -> bool:
    """Whether a table holds values rather than laying out a page."""
    if any(element is not table for element in table.iter(*TABLE_OF_LAYOUT)):
        return False
    cells = [len(_text_of(cell)) for cell in table.iter(*CELLS)]
    rows = sum(1 for _ in table.iter(*ROWS))
    return rows > 1 and len(cells) >= 2 * rows and sum(cells) <= MAX_CELL_CHARACTERS * len(cells)


def _add_table(walk: _Walk, table: _Element) -> None:
    rows = (" | ".join(filter(None, map(_text_of, row.iter(*CELLS)))) for row in table.iter(*ROWS))
    walk.add_block("\n".join(filter(None, rows)), Role.TABLE)
    links = [len(_text_of(link)) for link in table.iter("a")]
    walk.region.links += len(links)
    walk.region.link_characters += sum(links)


def _source_of(element: _Element) -> str:
    """The shown text of an element with its white space as it is."""
    parts = []
    walker = iterwalk(element, events=("start", "end"))
    for event, inner in walker:
        if event == "end":
            parts.append((inner is not element and inner.tail) or "")
        elif inner.tag in SILENT:
            walker.skip_subtree()
        else:
            parts.append("\n" if inner.tag in BREAKS else inner.text or "")
    return "".join(parts).strip("\n")


def _text_of(element: _Element) -> str:
    return " ".join(_source_of(element).split())
