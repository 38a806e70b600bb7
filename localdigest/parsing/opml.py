"""OPML outlines: lists of feeds and pages."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from localdigest.parsing.results import Outline, OutlineError, OutlineList
from localdigest.parsing.xml_text import root_name, utf8_xml

__all__ = ["Outline", "OutlineError", "OutlineList", "is_outline", "parse_outline"]

#: Programs do not agree on how to write it; best first.
_ADDRESSES = ("xmlurl", "url", "htmlurl")


def is_outline(body: bytes) -> bool:
    return root_name(body) == "opml"


def parse_outline(body: bytes, *, charset: str = "") -> OutlineList:
    """Reads a list.

    Args:
        body: the bytes as they came.
        charset: from the HTTP header.

    Raises:
        OutlineError: no OPML, damaged, or with entities of its own.
    """
    text = utf8_xml(body, charset)
    if b"<!ENTITY" in text:
        # A few lines of entities can ask for gigabytes of text, or for local files. No reader of feeds writes any.
        raise OutlineError("it defines entities, which no honest list needs")
    try:
        root = ET.fromstring(text)  # noqa: S314 - entities are refused above
    except (ET.ParseError, ValueError, RecursionError) as error:
        raise OutlineError(f"the outline cannot be read: {error}") from error
    if _local(root.tag) != "opml":
        raise OutlineError("no OPML")
    return _listed(root)


def _listed(root: ET.Element) -> OutlineList:
    found: list[Outline] = []
    without: list[str] = []
    for element in root.iter():
        if _local(element.tag) != "outline":
            continue
        attributes = {_local(name): " ".join(value.split()) for name, value in element.attrib.items()}
        title = attributes.get("title") or attributes.get("text") or ""
        address = next((attributes[name] for name in _ADDRESSES if attributes.get(name)), "")
        if address:
            found.append(Outline(title, address))
        elif len(element) == 0:
            without.append(title or "(no title)")
    return OutlineList(tuple(found), tuple(without))


def _local(tag: object) -> str:
    """The name without namespace, in lower case; comments have none."""
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
