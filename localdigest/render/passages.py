"""The words of the sources that a digest rests on, in their paragraphs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.render.escape import single_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from localdigest.manifest import Evidence

__all__ = ["Passage", "Piece", "passages"]

#: Characters of a paragraph that stand between two cited sentences, or beside one: a book without a blank line is one
#: paragraph too.
_CONTEXT = 1_200


@dataclass(frozen=True, slots=True)
class Piece:
    """A cited sentence with its id, or what stands around it."""

    text: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph; each cited sentence stands once, however often it is cited."""

    pieces: tuple[Piece, ...]


def passages(evidence: Sequence[Evidence]) -> Mapping[str, tuple[Passage, ...]]:
    """By document, in their order. Titles are no passages."""
    paragraphs: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for each in evidence:
        if not each.id.endswith(".T"):
            key = (each.document, single_line(each.paragraph))
            paragraphs.setdefault(key, []).append((each.id, single_line(each.text)))
    found: defaultdict[str, list[Passage]] = defaultdict(list)
    for (document, paragraph), cited in paragraphs.items():
        found[document] += _of(paragraph, cited)
    return {each.document: tuple(found[each.document]) for each in evidence}


def _of(paragraph: str, cited: list[tuple[str, str]]) -> Iterator[Passage]:
    """The paragraph with its sentences marked. A sentence that is not found in it stands alone."""
    pieces: list[Piece] = []
    strays: list[Passage] = []
    at = 0
    for id_, text in cited:  # in the order of the document
        start = paragraph.find(text, at)
        if start < 0:
            strays.append(Passage((Piece(text, id_),)))
            continue
        pieces += _around(paragraph[at:start], before=bool(at), after=True)
        pieces.append(Piece(text, id_))
        at = start + len(text)
    if pieces:
        yield Passage((*pieces, *_around(paragraph[at:], before=True, after=False)))
    yield from strays


def _around(text: str, *, before: bool, after: bool) -> Iterator[Piece]:
    """What stands beside a cited sentence, as far as it helps to understand it."""
    if len(text) > _CONTEXT:
        half = _CONTEXT // (before + after)
        text = f"{text[:half] if before else ''} … {text[-half:] if after else ''}"
    if text:
        yield Piece(text)
