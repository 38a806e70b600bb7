"""The one module that imports trafilatura."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from trafilatura import bare_extraction

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["extract_body"]

# It warns of each page in which it finds nothing; the caller sees that by the result.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def extract_body(tree: _Element, *, with_comments: bool = False) -> tuple[_Element, ...]:
    """The article's elements in trafilatura's vocabulary, then the readers' comments if asked for; `tree` is not changed."""
    document = bare_extraction(tree, include_comments=with_comments, with_metadata=False)
    if document is None:
        return ()
    parts = (document.body, document.commentsbody if with_comments else None)
    return tuple(part for part in parts if part is not None)
