"""The main text of an HTML page as blocks in reading order."""

from __future__ import annotations

from localdigest.parsing.body_blocks import blocks_of
from localdigest.parsing.body_trafilatura import extract_body
from localdigest.parsing.html_tree import parse_html
from localdigest.records import Block

__all__ = ["extract_blocks"]


def extract_blocks(html: str, *, url: str = "") -> tuple[Block, ...]:
    """The main text of a page; `()` where there is none. Never raises, whatever `html` holds."""
    del url
    tree = parse_html(html)
    if tree is None:
        return ()
    return tuple(block for part in extract_body(tree) for block in blocks_of(part))
