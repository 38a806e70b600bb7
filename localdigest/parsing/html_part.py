"""A part of a page, for readers that know how its site builds pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser

from localdigest.parsing.html_limits import html_excess

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from selectolax.lexbor import LexborNode

__all__ = ["cut_html", "part_of_html", "take_out"]


def part_of_html(html: str, keep: str, *, drop: str = "") -> str:
    """The HTML of the first element that `keep` selects, without what `drop` selects in it.

    Raises:
        LookupError: nothing is selected.
        ValueError: it cannot be parsed in time.
    """
    return cut_html(html, keep, {"": drop} if drop else {})[0]


def cut_html(html: str, keep: str, drop: Mapping[str, str]) -> tuple[str, dict[str, int]]:
    """The same for several selectors, with how many elements went by each; by their names."""
    if excess := html_excess(html):
        raise ValueError(excess)
    part = LexborHTMLParser(html).css_first(keep)
    if part is None:
        raise LookupError(f"nothing is `{keep}`")
    counts = {name: len(take_out(part, selector)) for name, selector in drop.items()}
    return part.html or "", counts


def take_out(part: LexborNode, selector: str) -> list[str]:
    """Removes the elements; their texts. Those within another of them go with it and are not counted."""
    outermost: dict[int, LexborNode] = {}
    for node in part.css(selector):  # in page order: what is around comes first
        if not any(around.mem_id in outermost for around in _around(node)):
            outermost[node.mem_id] = node
    texts = []
    for node in outermost.values():
        for line_break in node.css("br"):
            line_break.replace_with(" ")
        texts.append(" ".join(node.text().split()))
        node.decompose()
    return texts


def _around(node: LexborNode) -> Iterator[LexborNode]:
    around = node.parent
    while around is not None:
        yield around
        around = around.parent
