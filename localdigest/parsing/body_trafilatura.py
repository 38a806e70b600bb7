"""The one module that imports trafilatura."""

from __future__ import annotations

import logging
from enum import Enum, auto
from typing import TYPE_CHECKING

from trafilatura import bare_extraction

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["Focus", "article_by_trafilatura"]

# It warns of each page in which it finds nothing; the caller sees that by the result.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


class Focus(Enum):
    """`PLAIN` leaves out its own second opinions: the caller has better ones, and half the time is saved."""

    PLAIN = auto()
    PRECISION = auto()


def article_by_trafilatura(tree: _Element, *, focus: Focus = Focus.PLAIN) -> _Element | None:
    """The article's body in trafilatura's own vocabulary; `tree` is left as it is."""
    precise = focus is Focus.PRECISION
    try:
        document = bare_extraction(
            tree, fast=not precise, favor_precision=precise, include_comments=False, with_metadata=False
        )
    except Exception:  # noqa: BLE001 - whatever a page makes it trip over, the other readings stand
        return None
    return None if document is None or isinstance(document, dict) else document.body
