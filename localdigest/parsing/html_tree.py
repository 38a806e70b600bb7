"""Parses HTML into an lxml tree of bounded size and depth."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["parse_html"]

MAX_CHARACTERS: Final = 10 * 1024 * 1024

# XML's parsers accept no other control characters.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def parse_html(html: str) -> HtmlElement | None:
    """The page's root element, or None where it holds no element."""
    text = _FORBIDDEN.sub("", html[:MAX_CHARACTERS])
    if "<" not in text:
        return None
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        return document_fromstring(text.encode("utf-8"), parser=parser)
    except (etree.LxmlError, ValueError):
        return None
