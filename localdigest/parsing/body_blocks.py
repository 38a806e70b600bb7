"""A tree of elements, HTML or trafilatura's own vocabulary, becomes blocks in reading order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from localdigest.records import Block, Role

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["blocks_of"]

#: What starts a block of its own, and which role it has. HTML names first, then trafilatura's.
BLOCK_ROLES: Final[dict[str, Role]] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "head"), Role.HEADING),
    **dict.fromkeys(("li", "dt", "dd", "item"), Role.ITEM),
    **dict.fromkeys(("blockquote", "quote"), Role.QUOTE),
    **dict.fromkeys(
        (
            *("p", "div", "section", "article", "main", "header", "footer", "aside", "nav", "address", "figure"),
            *("figcaption", "ul", "ol", "dl", "hr", "center", "details", "summary", "fieldset", "form", "body", "html"),
            *("caption", "legend", "option", "list", "ab"),
        ),
        Role.TEXT,
    ),
}
#: Elements whose text is never shown as prose.
SILENT: Final = frozenset(
    ("script", "style", "noscript", "template", "title", "svg", "iframe", "object")
    + ("select", "button", "textarea", "input", "canvas", "video", "audio", "graphic", "img", "meta", "link")
)
#: Roles that an inner plain block keeps: a paragraph in a quotation is still quoted.
STICKY: Final = frozenset({Role.ITEM, Role.QUOTE, Role.HEADING})
BREAKS: Final = frozenset(("br", "lb"))
CELLS: Final = frozenset(("td", "th", "cell"))
ROWS: Final = frozenset(("tr", "row"))

_SPACE = re.compile(r"[^\S\n]+")
_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")
_BLANK_AROUND_NEWLINE = re.compile(r"[^\S\n]*\n[^\S\n]*")


def blocks_of(root: _Element) -> tuple[Block, ...]:
    """The blocks of a tree of limited depth; the tree is left as it is."""
    collector = _Collector()
    collector.visit(root, Role.TEXT)
    collector.flush()
    return tuple(collector.blocks)


def inline_text(text: str) -> str:
    """Text with HTML's white space rules applied: any run of it is one space."""
    return " ".join(text.split())


class _Collector:
    """Gathers inline text until a block begins or ends."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._pending: list[str] = []
        self._role = Role.TEXT

    def visit(self, element: _Element, role: Role) -> None:
        tag = element.tag
        if not isinstance(tag, str) or tag in SILENT:
            return
        if tag in BREAKS:
            self._pending.append("\n")
        elif tag == "table":
            self._add_table(element, role)
        elif tag == "pre" or (tag == "code" and "\n" in (element.text or "")):
            self._add_block(Block("".join(element.itertext()).strip("\n"), Role.CODE))
        elif tag in BLOCK_ROLES:
            self._visit_block(element, role)
        else:
            self._visit_children(element, role)

    def flush(self) -> None:
        """End the block that is being gathered; two line breaks in a row part paragraphs."""
        text = _BLANK_AROUND_NEWLINE.sub("\n", _SPACE.sub(" ", "".join(self._pending)))
        self._pending.clear()
        for paragraph in _PARAGRAPH_BREAK.split(text):
            if paragraph.strip():
                self._add_block(Block(paragraph.strip(), self._role))

    def _visit_block(self, element: _Element, role: Role) -> None:
        own = BLOCK_ROLES[element.tag]
        inner = role if own is Role.TEXT and role in STICKY else own
        self._begin(inner)
        self._visit_children(element, inner)
        self._begin(role)

    def _begin(self, role: Role) -> None:
        self.flush()
        self._role = role

    def _visit_children(self, element: _Element, role: Role) -> None:
        self._add_text(element.text)
        for child in element:
            self.visit(child, role)
            self._add_text(child.tail)

    def _add_text(self, text: str | None) -> None:
        if text:
            self._pending.append(re.sub(r"\s+", " ", text))

    def _add_block(self, block: Block) -> None:
        if block.text.strip():
            self.blocks.append(block)

    def _add_table(self, table: _Element, role: Role) -> None:
        """A table of data is one block; a table that only lays out the page is read through."""
        self.flush()
        rows = [row for row in table.iter(*ROWS) if next(row.iterancestors("table")) is table]
        if _lays_out(table, rows):
            for row in rows:
                for cell in row:
                    self._visit_block_like(cell, role)
            return
        lines = [" | ".join(filter(None, map(_cell_text, row.iter(*CELLS)))) for row in rows]
        self._add_block(Block("\n".join(filter(None, lines)), Role.TABLE))

    def _visit_block_like(self, cell: _Element, role: Role) -> None:
        self._begin(role)
        self._visit_children(cell, role)
        self._begin(role)


def _cell_text(cell: _Element) -> str:
    return inline_text(" ".join(text for text in cell.itertext() if isinstance(text, str)))


def _lays_out(table: _Element, rows: list[_Element]) -> bool:
    """Whether the cells hold blocks of prose rather than values: nested tables, or a single column."""
    return table.find(".//table") is not None or all(sum(cell.tag in CELLS for cell in row) <= 1 for row in rows)
