"""What the readers of services have in common."""

from __future__ import annotations

import html
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

from localdigest.parsing.xml_text import utf8_xml
from localdigest.sites.reading import json_of, parsed_html

if TYPE_CHECKING:
    from localdigest.records import Page

__all__ = ["count_of", "line_of", "list_of", "paragraph", "text_of_html", "xml_of"]

_LONGEST_LINE = 500  #: characters of a title or name
_LONGEST_TEXT = 4_000  #: characters that tell what a page is about


def list_of(answer: Page, key: str = "") -> list[dict[str, Any]]:
    """The list that a JSON answer is, or holds under a key. Raises ValueError, TypeError or LookupError."""
    data = json_of(answer)
    found = data[key] if key else data
    if not isinstance(found, list):
        raise TypeError(f"expected a list, got {type(found).__name__}")
    return found


def xml_of(answer: Page) -> ET.Element:
    """The root of an XML answer. Raises ValueError."""
    text = utf8_xml(answer.body, answer.charset)
    if b"<!ENTITY" in text:
        raise ValueError("it defines entities")  # a few lines of them can ask for gigabytes
    try:
        return ET.fromstring(text)  # noqa: S314 - entities are refused above
    except ET.ParseError as error:
        raise ValueError(str(error)) from error


def line_of(value: Any) -> str:
    """A title or a name on one line; `""` for what is no text."""
    return " ".join(value.split())[:_LONGEST_LINE] if isinstance(value, str) else ""


def count_of(value: Any) -> int:
    """A number of votes; 0 for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def paragraph(text: str) -> str:
    """Plain text as a page that says nothing else."""
    return f"<p>{html.escape(text, quote=False)}</p>" if text else ""


def text_of_html(markup: str) -> str:
    """What a piece of HTML says, as far as it tells what it is about."""
    return " ".join(block.text for block in parsed_html(markup).blocks)[:_LONGEST_TEXT]
