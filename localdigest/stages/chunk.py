"""Cuts a document into runs of whole sentences that a model can read at once; every sentence is in one of them, but for
those that earlier digests told.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localdigest.prompts import one_line
from localdigest.records import Chunk, Document, Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["chunk"]

#: Of title and site, the first that leaves the header small enough: the page's text says the rest of a title again.
_TITLE_CHARACTERS = (200, 60, 0)
_HEADER_SHARE = 3
# Where a sentence that is too long may be cut: the first of these that is found near its middle.
_CLAUSE = re.compile(r"[,;:—，、；：。．]\s*")
_SPACE = re.compile(r"\s+")
_MIDDLE = (0.25, 0.75)


def chunk(document: Document, *, count: Callable[[Sequence[str]], Sequence[int]], budget_tokens: int) -> list[Chunk]:
    """Chunks in reading order, of about equal length, each of at most `budget_tokens` with its header.

    A sentence that is longer than that is cut at clause marks into several lines with one label.
    A document's chunks depend on nothing but the document, so a page that did not change is not read again.

    Args:
        document: numbered.
        count: tokens of each text, as the model counts them.
        budget_tokens: of header and lines; a hundred at least, or lines are cut to pieces.
    """
    headers = [_header(document, most=most) for most in _TITLE_CHARACTERS]
    told = frozenset(document.told)
    sentences = [Line(index, sentence.text) for index, sentence in enumerate(document.sentences) if index not in told]
    counts = count([*headers, *(line.shown for line in sentences)])
    header, header_tokens = next(
        (pair for pair in zip(headers, counts, strict=False) if pair[1] <= budget_tokens // _HEADER_SHARE), ("", 0)
    )
    lengths = counts[len(headers) :]
    room = budget_tokens - header_tokens
    lines = list(_fitting(zip(sentences, lengths, strict=True), room, count))
    return [
        Chunk(document.number, document.language, header, tuple(line for line, _ in run), header_tokens + _total(run))
        for run in _runs(lines, room)
    ]


def _header(document: Document, *, most: int) -> str:
    facts = {
        "title": one_line(document.title)[:most],
        "site": one_line(document.site)[:most],
        "date": document.published[:10],
        "language": document.language.value,
    }
    return "".join(f"{name}: {fact}\n" for name, fact in facts.items() if fact)


_Counted = tuple[Line, int]


def _fitting(
    lines: Iterable[_Counted], room: int, count: Callable[[Sequence[str]], Sequence[int]]
) -> Iterator[_Counted]:
    for line, length in lines:
        if length <= room or len(line.text) == 1:
            yield line, length
            continue
        cut = _cut(line.text)
        halves = [Line(line.index, line.text[:cut]), Line(line.index, line.text[cut:])]
        yield from _fitting(zip(halves, count([half.shown for half in halves]), strict=True), room, count)


def _cut(text: str) -> int:
    """The best place to cut: the clause mark nearest to the middle, else a space, else the middle."""
    middle = len(text) // 2
    low, high = (max(1, min(len(text) - 1, round(share * len(text)))) for share in _MIDDLE)
    for mark in (_CLAUSE, _SPACE):
        places = [match.end() for match in mark.finditer(text) if low <= match.end() <= high]
        if places:
            return min(places, key=lambda place: (abs(place - middle), place))
    return middle


def _runs(lines: Sequence[_Counted], room: int) -> Iterator[list[_Counted]]:
    """As few as possible, and none much shorter than the others: a run of two sentences has no context."""
    if not lines:
        return
    wanted = _total(lines) / -(-_total(lines) // room)
    run: list[_Counted] = []
    for line in lines:
        if run and (_total(run) + line[1] > room or _total(run) >= wanted):
            yield run
            run = []
        run.append(line)
    yield run


def _total(run: Iterable[_Counted]) -> int:
    return sum(length for _, length in run)
