"""What sites of short posts have in common: a post has an author and no title, and may quote another."""

from __future__ import annotations

from localdigest.parsing.parsed import Parsed
from localdigest.records import Block, Role

__all__ = ["author_of", "quotation", "title_of"]

_TITLE = 100  #: characters


def author_of(name: str | None, handle: str | None) -> str:
    """`Ada Example (@ada)`: names are free to choose, and only the handle tells one Ada from another."""
    known = " ".join((name or "").split())
    if not handle:
        return known
    return f"{known} (@{handle})" if known and known != handle else f"@{handle}"


def title_of(text: Parsed) -> str:
    """The beginning of a post, in place of the title that it has not."""
    first = " ".join(next((block.text for block in text.blocks), "").split("\n")[0].split())
    if len(first) <= _TITLE:
        return first
    cut = first[:_TITLE]
    words, _, rest = cut.rpartition(" ")
    return f"{words if len(rest) < _TITLE // 2 and words else cut}…"


def quotation(author: str, text: Parsed) -> Parsed:
    """The words of somebody else, under the name."""
    said = tuple(Block(block.text, Role.QUOTE) for block in text.blocks)
    return Parsed((Block(author, Role.HEADING), *said) if said else (), hidden=text.hidden)
