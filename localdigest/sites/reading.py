"""What readers of answers have in common. The parsers are loaded with the first answer, not with the sites."""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from localdigest.parsing.parsed import Parsed, Unusable
from localdigest.records import Block

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localdigest.parsing.results import Feed
    from localdigest.records import Page

__all__ = ["blocks_of_text", "feed_of", "iso_of", "json_of", "page_of", "parsed_html", "parsed_markdown", "text_of"]


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


def feed_of(answer: Page) -> Feed:
    """Raises ValueError where it is none that can be read."""
    from localdigest.parsing.feeds import parse_feed

    return parse_feed(answer.body, charset=answer.charset)


def parsed_html(html: str) -> Parsed:
    """A piece of HTML that is all content, with what it hides from readers; without blocks where there is no text."""
    from localdigest.parsing.html import read_fragment

    parsed = read_fragment(html) if html.strip() else None
    return parsed if isinstance(parsed, Parsed) else Parsed(())


def parsed_markdown(text: str) -> Parsed:
    """Markdown, likewise."""
    from localdigest.parsing.plain import read_markdown

    parsed = read_markdown(text) if text.strip() else None
    return parsed if isinstance(parsed, Parsed) else Parsed(())


def blocks_of_text(text: str) -> tuple[Block, ...]:
    """A block for each paragraph of plain text."""
    return tuple(Block(paragraph) for paragraph in _paragraphs(text.split("\n\n")))


def iso_of(date: object, answer: Page) -> str:
    """A date as an interface writes it, in ISO 8601; `""` where it is none, or one to come."""
    from localdigest.parsing.dates import iso_date

    return iso_date(date, not_after=answer.fetched_at) if isinstance(date, str) else ""


def _paragraphs(pieces: Iterable[str]) -> Iterable[str]:
    return (text for piece in pieces if (text := piece.strip()))
