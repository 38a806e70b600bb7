"""Draws a list of sources as OPML 2.0."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localdigest.values import SourceEntry

__all__ = ["draw_outline"]


def draw_outline(entries: Iterable[SourceEntry], *, title: str) -> str:
    """The file's text; every entry stands as `xmlUrl`, since only asking tells a feed from a page."""
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = title
    body = ET.SubElement(root, "body")
    for entry in entries:
        text = entry.title or entry.locator
        ET.SubElement(body, "outline", type="rss", text=text, title=text, xmlUrl=entry.locator)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"
