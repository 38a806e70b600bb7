"""What readers of answers have in common. The parsers are loaded with the first answer, not with the sites."""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from localdigest.parsing.parsed import Parsed, Unusable
from localdigest.records import Block, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from localdigest.parsing.html_head import Head
    from localdigest.parsing.results import Feed
    from localdigest.records import Page

__all__ = [
    "blocks_of_text",
    "consent_of",
    "cut_of",
    "feed_of",
    "head_of",
    "iso_of",
    "json_of",
    "page_of",
    "paper_of_html",
    "parsed_html",
    "parsed_markdown",
    "part_of",
    "pdf_of",
    "text_of",
    "together",
    "xml_of",
]


def text_of(answer: Page) -> str:
    """The answer's text, by its own charset."""
    from localdigest.parsing.encoding import decode

    return decode(answer.body, charset=answer.charset).text


def json_of(answer: Page) -> Any:
    """Raises ValueError where it is no JSON."""
    return json.loads(text_of(answer))


def page_of(answer: Page, *, url: str = "") -> Parsed | Unusable:
    """The answer as the web page that it is. `url`: its address, where that is not the one that was asked."""
    from localdigest.parsing.html import read_html

    return read_html(text_of(answer), url=url or answer.url, not_after=answer.fetched_at)


def consent_of(answer: Page) -> Unusable | None:
    """Says so where the site led to a page that asks for consent to cookies."""
    host = urlsplit(answer.url).hostname or ""
    return Unusable(Reason.CONSENT_WALL, f"it leads to {host}") if host.startswith("consent.") else None


def head_of(answer: Page) -> Head:
    """What a web page says about itself. Raises ValueError where it is built to exhaust parsers."""
    from localdigest.parsing.html_head import read_head
    from localdigest.parsing.html_limits import html_excess

    html = text_of(answer)
    if excess := html_excess(html):
        raise ValueError(excess)
    return read_head(html)


def pdf_of(answer: Page) -> Parsed | Unusable:
    """The answer as the PDF that it is."""
    from localdigest.parsing.pdf import read_pdf

    return read_pdf(answer.body, not_after=answer.fetched_at)


def paper_of_html(answer: Page) -> Parsed | Unusable:
    """The answer as a paper that LaTeXML wrote."""
    from localdigest.parsing.latexml import read_latexml

    return read_latexml(text_of(answer), not_after=answer.fetched_at)


def part_of(html: str, keep: str, *, drop: str = "") -> str:
    """The HTML of the first element that `keep` selects, without what `drop` selects in it. Raises LookupError."""
    from localdigest.parsing.html_part import part_of_html

    return part_of_html(html, keep, drop=drop)


def cut_of(html: str, keep: str, drop: Mapping[str, str]) -> tuple[str, dict[str, int]]:
    """The same, with how many elements went by each selector; by their names."""
    from localdigest.parsing.html_part import cut_html

    return cut_html(html, keep, drop)


def xml_of(answer: Page) -> Any:
    """The root of the answer's tree of `lxml`; no entity is expanded. Raises ValueError where it is no XML."""
    from lxml import etree

    try:
        return etree.fromstring(answer.body, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise ValueError(f"it is no XML: {error}") from error


def feed_of(answer: Page) -> Feed:
    """Raises ValueError where it is none that can be read."""
    from localdigest.parsing.feeds import parse_feed

    return parse_feed(answer.body, charset=answer.charset)


def parsed_html(html: str, *, is_clean: bool = False) -> Parsed:
    """A piece of HTML that is all content, with what it hides from readers; without blocks where there is no text.

    `is_clean`: there is no furniture in it to look for.
    """
    from localdigest.parsing.html import read_fragment

    parsed = read_fragment(html, is_clean=is_clean) if html.strip() else None
    return parsed if isinstance(parsed, Parsed) else Parsed(())


def parsed_markdown(text: str) -> Parsed:
    """Markdown, likewise."""
    from localdigest.parsing.plain import read_markdown

    parsed = read_markdown(text) if text.strip() else None
    return parsed if isinstance(parsed, Parsed) else Parsed(())


def blocks_of_text(text: str) -> tuple[Block, ...]:
    """A block for each paragraph of plain text."""
    return tuple(Block(paragraph) for paragraph in _paragraphs(text.split("\n\n")))


def together(parts: Iterable[Parsed]) -> Parsed:
    """The text of several pieces, in their order, with what was found on the way."""
    parts = tuple(parts)
    return Parsed(
        tuple(block for part in parts for block in part.blocks),
        warnings=tuple(dict.fromkeys(warning for part in parts for warning in part.warnings)),
        hidden="\n".join(filter(None, (part.hidden for part in parts))),
    )


def iso_of(date: object, answer: Page) -> str:
    """A date as an interface writes it, in ISO 8601; `""` where it is none, or one to come."""
    from localdigest.parsing.dates import iso_date

    return iso_date(date, not_after=answer.fetched_at) if isinstance(date, str) else ""


def _paragraphs(pieces: Iterable[str]) -> Iterable[str]:
    return (text for piece in pieces if (text := piece.strip()))
