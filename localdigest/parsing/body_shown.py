"""Takes what a reader does not see out of a tree, before extractors that do not look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml.etree import XPath

from localdigest.parsing.body_names import OPENABLE_ROLES, is_hidden

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["drop_hidden"]

_TEXT_LENGTH = XPath("string-length(normalize-space(.))")
_SUSPECTS = XPath(
    "//body//template | //body//*[@hidden or contains(@style, 'none') or contains(@style, 'hidden')"
    " or contains(@style, 'NONE') or contains(@style, 'HIDDEN')]"
)


def drop_hidden(tree: HtmlElement, *, max_share: float) -> None:
    """Remove hidden elements, but for one that holds so much of the page that its script must show it at once."""
    suspects = [element for element in _SUSPECTS(tree) if _is_unseen(element)]
    if not suspects:
        return
    limit = max_share * _TEXT_LENGTH(tree)
    for element in suspects:
        if _TEXT_LENGTH(element) <= limit:
            element.drop_tree()


def _is_unseen(element: HtmlElement) -> bool:
    if element.tag == "template":
        return "shadowrootmode" not in element.attrib
    return element.get("role") not in OPENABLE_ROLES and is_hidden(element)
