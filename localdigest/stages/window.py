"""Leaves out what was published before the window opened, where only reading told the date."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from localdigest.records import DateEvidence, Document, Failure, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["in_window"]

_GUESSES = (DateEvidence.NONE, DateEvidence.TEXT)  # too weak to leave a page out for


def in_window(documents: Iterable[Document | Failure], since: dt.datetime | None) -> Iterator[Document | Failure]:
    """The same results, with a failure in place of each document that is surely older."""
    for document in documents:
        if since is not None and isinstance(document, Document) and _is_older(document, since):
            yield Failure(
                document.sources[0], Reason.OUT_OF_WINDOW, f"published {document.published[:10]}, before {since.date()}"
            )
        else:
            yield document


def _is_older(document: Document, since: dt.datetime) -> bool:
    if document.published_by in _GUESSES:
        return False
    published = dt.datetime.fromisoformat(document.published)
    if len(document.published) == len("2025-12-30"):
        return published.date() < since.date()  # a day has no hour: the whole day counts
    if published.tzinfo is None:
        published = published.replace(tzinfo=since.tzinfo)
    return published < since
