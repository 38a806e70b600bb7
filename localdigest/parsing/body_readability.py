"""The one module that imports readability-lxml."""

from __future__ import annotations

import logging
from copy import deepcopy
from typing import TYPE_CHECKING

from readability import Document

from localdigest.parsing.html_tree import content_of, parse_html

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["article_by_readability"]

logging.getLogger("readability").setLevel(logging.CRITICAL)


def article_by_readability(tree: _Element) -> _Element | None:
    """The article's body as HTML elements; `tree` is left as it is."""
    try:
        summary = Document(deepcopy(tree)).summary(html_partial=True)
    except Exception:  # noqa: BLE001 - whatever a page makes it trip over, the other readings stand
        return None
    fragment = parse_html(summary)
    return None if fragment is None else content_of(fragment)
