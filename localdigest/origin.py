"""Who speaks in a document: pages of one site are not independent of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localdigest.urls import site_of

if TYPE_CHECKING:
    from localdigest.records import Document

__all__ = ["origin_of"]


def origin_of(document: Document) -> str:
    """The site of its address; for a local file the site that the page names, else the file itself."""
    return site_of(document.url) or document.site or document.url
