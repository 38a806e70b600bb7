"""What a digest wants of a paper: abstract, contributions, results. What stands behind them is left out, and told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from localdigest.records import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from localdigest.records import Block

__all__ = ["is_references", "left_out_warning", "without_back_matter"]

_NUMBER = r"(?:(?:\d{1,2}|[IVX]{1,5})\.?\s+)?"
_REFERENCES = re.compile(
    rf"{_NUMBER}(?:references(?: and notes)?|bibliography|(?:literature|works|references) cited"
    r"|參考(?:文獻|資料)|参考(?:文献|资料)|引用文[獻献]|참고문헌)\W*",
    re.IGNORECASE,
)
_SMALL_CAPITALS = re.compile(r"\b([A-Z]) (?=[A-Z]{2,}\b)")  #: `R EFERENCES`, as a PDF gives them
_YEAR = re.compile(r"\b(?:19|20)\d\d[a-z]?\b")
_YEARS = 3  #: below a heading, from which on it heads a list of references wherever it stands
_ACKNOWLEDGEMENTS = re.compile(
    rf"{_NUMBER}(?:acknowledge?ments?|funding|author contributions?|致謝|致谢)\W*", re.IGNORECASE
)
#: The heading and its first sentence in one paragraph, as many styles print it.
_RUN_IN = re.compile(r"acknowledge?ments?\s*[.:—–-]", re.IGNORECASE)
_APPENDIX = re.compile(r"(?:appendi(?:x|ces)|supplementa(?:ry|l) material|附錄|附录)\b", re.IGNORECASE)
#: `A Proofs`, which begins an appendix only behind the last of the numbered parts.
_LETTERED = re.compile(r"A\.?\s+[A-Z]\w")
_LAST_PARTS = re.compile(
    rf"{_NUMBER}(?:conclusions?|concluding|discussion|limitations|references|bibliography|acknowledge?ments?|結論|结论)\b",
    re.IGNORECASE,
)
_BACK = 0.3  #: of the text, before which no such heading is believed: a list of contents has them too


@dataclass(frozen=True, slots=True)
class _Piece:
    """A heading with what follows it, and how far into the text it begins."""

    blocks: tuple[Block, ...]
    at: float

    @property
    def heading(self) -> str:
        first = self.blocks[0]
        return " ".join(first.text.split()) if first.role is Role.HEADING else ""


def without_back_matter(blocks: Sequence[Block]) -> tuple[tuple[Block, ...], dict[str, int]]:
    """The blocks without reference list, acknowledgements and appendix, and how many characters of each went."""
    kept: list[Block] = []
    left: dict[str, int] = {}
    is_late = is_appendix = False
    for piece in _pieces(blocks):
        name = ""
        if piece.at >= _BACK or is_late or _heads_entries(piece):
            is_appendix = is_appendix or _begins_appendix(piece.heading, is_late=is_late)
            name = "appendix" if is_appendix else _name_of(piece.heading)
        is_late = is_late or (len(piece.blocks) > 1 and bool(_LAST_PARTS.match(piece.heading)))  # no list of contents
        for block in piece.blocks:
            part = name or ("acknowledgements" if piece.at >= _BACK and _RUN_IN.match(block.text) else "")
            if part:
                left[part] = left.get(part, 0) + len(block.text)
            else:
                kept.append(block)
    return tuple(kept), left


def left_out_warning(left: Mapping[str, int], counted: Mapping[str, int] | None = None) -> tuple[str, ...]:
    """What was left out, in a line, or none. `left` is in characters, `counted` in pieces: `{"footnotes": 3}`."""
    parts = [f"{name} ({characters:,} characters)" for name, characters in left.items() if characters]
    parts += [f"{name} ({number:,})" for name, number in (counted or {}).items() if number]
    return (f"left out of the paper: {', '.join(parts)}",) if parts else ()


def _pieces(blocks: Sequence[Block]) -> Iterator[_Piece]:
    total = max(1, sum(len(block.text) for block in blocks))
    before = 0
    for group in _by_heading(blocks):
        yield _Piece(group, before / total)
        before += sum(len(block.text) for block in group)


def _by_heading(blocks: Sequence[Block]) -> Iterable[tuple[Block, ...]]:
    numbers: list[int] = []
    for block in blocks:
        numbers.append((numbers[-1] if numbers else 0) + (block.role is Role.HEADING))
    for _, group in groupby(zip(numbers, blocks, strict=True), key=lambda pair: pair[0]):
        yield tuple(block for _, block in group)


def _begins_appendix(heading: str, *, is_late: bool) -> bool:
    return bool(_APPENDIX.match(heading)) or (is_late and bool(_LETTERED.match(heading)))


def is_references(heading: str) -> bool:
    """Whether these words are the heading of a list of references."""
    return bool(_REFERENCES.fullmatch(_SMALL_CAPITALS.sub(r"\1", " ".join(heading.split()))))


def _heads_entries(piece: _Piece) -> bool:
    """Papers with long appendices have their references in the first third."""
    return is_references(piece.heading) and sum(len(_YEAR.findall(block.text)) for block in piece.blocks) >= _YEARS


def _name_of(heading: str) -> str:
    if is_references(heading):
        return "references"
    return "acknowledgements" if _ACKNOWLEDGEMENTS.fullmatch(heading) else ""
