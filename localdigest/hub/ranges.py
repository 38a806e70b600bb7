"""Byte ranges: what of a file is here, what is missing, and what an answer says it brings. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ContentRange", "Spans", "content_range", "is_strong", "segments"]

#: Numbers longer than this are no sizes of files.
_CONTENT_RANGE = re.compile(r"bytes (?:(\d{1,18})-(\d{1,18})|\*)/(?:(\d{1,18})|\*)")
_LEAST_SEGMENT = 2**20

Span = tuple[int, int]  #: from the first byte to before the last


@dataclass(frozen=True, slots=True)
class ContentRange:
    start: int
    end: int  #: after the last byte
    total: int | None  #: None where the server does not know


def content_range(header: str) -> ContentRange | None:
    """What a `Content-Range` says; None when it says nothing that can be relied on. `bytes */N` is an empty range."""
    found = _CONTENT_RANGE.fullmatch(header.strip())
    if not found:
        return None
    first, last, total = (None if text is None else int(text) for text in found.groups())
    if first is None or last is None:
        return ContentRange(0, 0, total)
    if first > last or (total is not None and last >= total):
        return None
    return ContentRange(first, last + 1, total)


def is_strong(etag: str) -> bool:
    """Whether equal tags mean equal bytes (RFC 9110, 8.8.1): only then may a range be asked for by it."""
    return len(etag) > 2 and etag.startswith('"') and etag.endswith('"')  # noqa: PLR2004 - the two quotes


class Spans:
    """A set of bytes as few, sorted, disjoint spans."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._spans: list[Span] = []
        for start, end in spans:
            self.add(start, end)

    def add(self, start: int, end: int) -> None:
        if start >= end:
            return
        apart = [span for span in self._spans if span[1] < start or span[0] > end]
        touching = [span for span in self._spans if span[1] >= start and span[0] <= end]
        whole = (min([start, *(span[0] for span in touching)]), max([end, *(span[1] for span in touching)]))
        self._spans = sorted([*apart, whole])

    def __iter__(self) -> Iterator[Span]:
        return iter(self._spans)

    @property
    def num_bytes(self) -> int:
        return sum(end - start for start, end in self._spans)

    @property
    def frontier(self) -> int:
        """How far the file is here from its first byte on, without a gap."""
        return self._spans[0][1] if self._spans and self._spans[0][0] == 0 else 0

    def missing(self, total: int) -> Iterator[Span]:
        at = 0
        for start, end in self._spans:
            if at < start:
                yield at, min(start, total)
            at = end
        if at < total:
            yield at, total


def segments(missing: Iterable[Span], *, total: int, most_bytes: int, connections: int) -> list[Span]:
    """What one connection asks for at a time, in ascending order: every missing byte once.

    A small file is cut finer, so that every connection has something to do.
    """
    size = min(most_bytes, max(_LEAST_SEGMENT, -(-total // (2 * connections))))
    return [(at, min(at + size, end)) for start, end in missing for at in range(start, end, size)]
