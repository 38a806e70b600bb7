"""Lines of a PDF into blocks: pure rules on words, sizes and places."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from localdigest.parsing.paper import is_references, left_out_warning, without_back_matter
from localdigest.parsing.pdf_front import front_of
from localdigest.parsing.pdf_furniture import is_contents_line, without_furniture
from localdigest.parsing.pdf_lines import HYPHEN
from localdigest.parsing.pdf_words import joined, readable, vocabulary
from localdigest.records import Block, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from localdigest.parsing.pdf_lines import Line

__all__ = ["Laid", "lay_out"]

# Set by reading the lines of papers and reports in one and two columns; shares are of the page.
_BIGGER = 1.08  #: times the body's size: a heading
_SMALLER = 0.93  #: times the body's size: a note
_SAME_SIZE = 0.08  #: difference of sizes inside a paragraph
_INDENT = 0.012  #: of the width
_MOVED = 0.08  #: of the width: a line that begins so far left of a single one is not of its paragraph
_SHORT_LINE = 0.06  #: of the width that a paragraph's last line ends before the others
_GAP = 1.75  #: times the usual distance of lines
_HEADING_LIMIT = 120  #: characters
_BOLD_HEADING = 3  #: lines; more in bold are a paragraph
_LINES_SEEN = 40  #: of the paragraph, when the next line is compared with it
_NUMERIC_SHARE = 0.4  #: of the words of a table row
_ROW_LIMIT = 160  #: characters
_FLOATS = 12  #: blocks of figures and notes that can stand in the middle of a paragraph
_FLOAT_LIMIT = 60  #: characters: so short a block beside captions is a part of a figure
_PARAGRAPH = 40  #: characters, from which a block can be a paragraph that goes on after a figure
_SIGNS_FROM, _LETTERS = (
    20,
    0.35,
)  #: characters of a block, and the share of letters and digits below which it is a drawing
_ENTRIES = 30  #: lines of the list of references, whose type is compared with its heading's

_NAMED_HEADING = re.compile(
    r"(?:abstract|introduction|conclusions?|acknowledge?ments?|discussion|results|methods?|related work"
    r"|摘要|引言|結論|结论)\W*",
    re.IGNORECASE,
)
_NUMBERED_HEADING = re.compile(r"(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.)\s+[A-Z\u4e00-\u9fff][^.。!?]{2,90}")
_ITEM = re.compile(
    r"(?:[•●▪◦■–*-]\s|\(?\d{1,2}[.)]\s|[（(][一二三四五六七八九十\d]{1,2}[)）]|[一二三四五六七八九十]{1,3}、)"
)
_CITED = re.compile(r"\(\d{1,2}\)")  #: the number of a reference as often as that of an item
_NOTE = re.compile(r"(?:\d{1,2}[)\s]|[*†‡§¶])")
_CAPTION = re.compile(r"(?:fig(?:ure|\.)|table|algorithm|listing|scheme|圖|图|表)\s*[\dA-Z]", re.IGNORECASE)
_NUMBER = re.compile(r"[-+±~<>(]*[\d.,]+(?:[%×xkKMB)]|ms|GB|s)*")
_STOP = tuple(".!?。！？:：")


@dataclass(frozen=True, slots=True)
class Laid:
    """The blocks of a PDF, what its head says, and what was left out."""

    blocks: tuple[Block, ...]
    title: str = ""
    byline: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Measure:
    """What is usual in the file."""

    body: float  #: size of most letters, in points
    step: float  #: from line to line, for each point of size


def lay_out(lines: Sequence[Line]) -> Laid:
    """Blocks in reading order; notes come last.

    Left out are running lines, tables of contents, drawings whose letters are no text; where there is a list of
    references, that and what papers have behind it; where there is an abstract, the authors' addresses before it.
    """
    lines = [replace(line, text=readable(line.text)) for line in lines]
    lines = without_furniture(lines, _body_size(lines))
    front = front_of(lines, _body_size(lines))
    text = [line for index, line in enumerate(lines) if index not in front.of_title and index not in front.of_authors]
    contents = [line for line in text if is_contents_line(line)]
    blocks, back = _blocks([line for line in text if not is_contents_line(line)], vocabulary(lines))
    drawings = [block for block in blocks if _is_drawing(block.text)]
    left = {
        "authors' addresses": _size(lines[index] for index in front.of_authors),
        "table of contents": _size(contents),
        "drawings whose letters are no text": _size(drawings),
        **back,
    }
    blocks = tuple(block for block in blocks if not _is_drawing(block.text))
    return Laid(blocks, front.title, front.byline, left_out_warning(left))


def _size(pieces: Iterable[Line | Block]) -> int:
    return sum(len(piece.text) for piece in pieces)


def _body_size(lines: Iterable[Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _measure(lines: Sequence[Line]) -> _Measure:
    steps = [(below.top - above.top) / above.size for above, below in pairwise(lines) if _is_below(below, above)]
    return _Measure(_body_size(lines), median(steps) if steps else 0.0)


def _is_below(line: Line, last: Line) -> bool:
    return line.page == last.page and line.top > last.top and last.size > 0


# ── what is no text ──────────────────────────────────────────────────────────────────────────────────────────────────


def _list_of_references(lines: Sequence[Line]) -> tuple[int, int]:
    """The index of its first line and of the line behind it; twice the number of lines where there is none."""
    heading = next((index for index, line in enumerate(lines) if is_references(line.text)), len(lines))
    entries = range(min(heading + 1, len(lines)), len(lines))
    end = next((index for index in entries if _ends_list(lines[index], lines[heading], lines[entries.start :])), None)
    return entries.start, len(lines) if end is None else end


def _ends_list(line: Line, heading: Line, entries: Sequence[Line]) -> bool:
    """Whether a line is set like the heading of the references, and unlike its entries."""
    if len(line.text) > _HEADING_LIMIT or not any(map(str.isalpha, line.text)):
        return False
    if abs(line.size - heading.size) > line.size * _SAME_SIZE or line.bold != heading.bold:
        return False
    first = entries[:_ENTRIES]
    size, bold = _body_size(first), 2 * sum(entry.bold for entry in first) > len(first)
    return heading.size > size * (1 + _SAME_SIZE / 2) or heading.bold != bold


def _notes_apart(lines: Iterable[Line], body: float) -> tuple[list[Line], list[Line]]:
    """Body lines, and footnotes: small lines from a mark in the lower half of a page on, which would cut sentences."""
    kept: list[Line] = []
    notes: list[Line] = []
    in_note = False
    for line in lines:
        small = line.size < body * _SMALLER
        in_note = small and (in_note or (line.top > 0.5 and bool(_NOTE.match(line.text))))
        (notes if in_note else kept).append(line)
    return kept, notes


# ── blocks ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _blocks(lines: Sequence[Line], words: Counter[str]) -> tuple[tuple[Block, ...], dict[str, int]]:
    """The blocks, and how many characters of which parts of a paper are not among them."""
    start, end = _list_of_references(lines)
    usual = _measure(lines[:start])
    body, notes = _notes_apart(lines[:start], usual.body)

    def laid(some: Sequence[Line]) -> list[Block]:
        return [_block(group, usual, words) for group in _whole(_paragraphs(some, usual), usual)]

    blocks, left = tuple(laid(body)), dict[str, int]()
    if start < len(lines):
        entries = Block(joined(lines[start:end], words))
        blocks, left = without_back_matter((*blocks, entries, *laid(lines[end:])))
    return (*blocks, *laid(notes)), left


def _is_drawing(text: str) -> bool:
    signs = "".join(text.split())
    return len(signs) >= _SIGNS_FROM and sum(map(str.isalnum, signs)) < len(signs) * _LETTERS


def _block(group: Sequence[Line], usual: _Measure, words: Counter[str]) -> Block:
    if all(_is_row(line, usual) for line in group):
        return Block("\n".join(line.text.strip() for line in group), Role.TABLE)
    text = joined(group, words)
    if len(group) <= _BOLD_HEADING and all(_is_heading(line, usual) for line in group):
        return Block(text, Role.HEADING)
    return Block(text, Role.ITEM if _ITEM.match(text) else Role.TEXT)


def _whole(groups: Iterable[list[Line]], usual: _Measure) -> list[list[Line]]:
    """Paragraphs that a figure, a table or a note cuts are put together, before what cut them."""
    groups = list(groups)
    at = 0
    while at < len(groups):
        end, last = at + 1, min(len(groups), at + 1 + _FLOATS)
        while end < last and not _goes_on(groups[at], groups[end], usual) and _is_float(groups[end], usual):
            end += 1
        if at + 1 < end < last and _goes_on(groups[at], groups[end], usual):
            groups[at : end + 1] = [groups[at] + groups[end], *groups[at + 1 : end]]  # and it may be cut once more
        else:
            at += 1
    return groups


def _is_float(group: Sequence[Line], usual: _Measure) -> bool:
    if abs(group[0].size - usual.body) > usual.body * _SAME_SIZE:
        return group[0].size < usual.body
    if all(_is_row(line, usual) for line in group) or _CAPTION.match(group[0].text):
        return True
    text = "".join(line.text for line in group)
    return _is_drawing(text) or (len(text) < _FLOAT_LIMIT and not any(_is_heading(line, usual) for line in group))


def _goes_on(group: Sequence[Line], after: Sequence[Line], usual: _Measure) -> bool:
    """Whether a paragraph that breaks off goes on in another."""
    if any(abs(line.size - usual.body) > usual.body * _SAME_SIZE for line in (group[-1], after[0])):
        return False
    text = group[-1].text.rstrip()
    if text.endswith(_STOP) or sum(len(line.text) for line in group) < _PARAGRAPH:
        return False
    rest = "".join(line.text for line in after).rstrip()
    if len(rest) < _FLOAT_LIMIT and not rest.endswith(_STOP):  # a word in a figure
        return False
    return after[0].text[:1].islower() and not _is_heading(group[-1], usual) and not _CAPTION.match(group[0].text)


def _paragraphs(lines: Sequence[Line], usual: _Measure) -> list[list[Line]]:
    groups: list[list[Line]] = []
    for line in lines:
        if groups and not _begins(line, groups[-1], usual):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _begins(line: Line, group: Sequence[Line], usual: _Measure) -> bool:
    """Whether a line begins a new paragraph after the lines of the last one."""
    last = group[-1]
    if abs(line.size - last.size) > usual.body * _SAME_SIZE or _is_row(line, usual) != _is_row(last, usual):
        return True
    if last.text.endswith(HYPHEN):
        return False
    if _CAPTION.match(line.text) and _is_drawing(last.text):
        return True
    ended = last.text.rstrip().endswith(_STOP)
    headings = _is_heading(line, usual) + _is_heading(last, usual)
    if headings or (_ITEM.match(line.text) and (ended or not _CITED.match(line.text))):
        return headings != 2 or line.bold != last.bold or _is_named(line.text.strip())
    if line.page != last.page or line.top < last.top or (line.text[:1].islower() and not ended):
        return ended
    return _looks_new(line, group[-_LINES_SEEN:], usual)


def _looks_new(line: Line, group: Sequence[Line], usual: _Measure) -> bool:
    """By indentation, a gap, or a short line before it."""
    last = group[-1]
    steps = [below.top - above.top for above, below in pairwise(group) if below.top > above.top]
    if line.top - last.top > (min(steps) if steps else usual.step * last.size) * _GAP:
        return True
    if len(group) == 1 and last.left - line.left > _MOVED:
        return True
    ended = last.text.rstrip().endswith(_STOP)
    left = min(other.left for other in group[1:] or group)
    if line.left > left + _INDENT and ended:
        return True
    widest = max(other.right for other in group)
    return ended and last.right < max(widest, line.right) - _SHORT_LINE


def _is_heading(line: Line, usual: _Measure) -> bool:
    text = line.text.strip()
    if len(text) > _HEADING_LIMIT or text.endswith((".", "。", ",", "，", HYPHEN)):
        return False
    if line.size > usual.body * _BIGGER:
        return True
    if line.size < usual.body * _SMALLER:
        return False
    if _is_named(text):
        return True
    return line.bold and not text[:1].islower() and any(map(str.isalpha, text)) and not _CAPTION.match(text)


def _is_named(text: str) -> bool:
    """Whether the words alone tell that they are a heading."""
    return bool(_NUMBERED_HEADING.fullmatch(text) or _NAMED_HEADING.fullmatch(text)) or is_references(text)


def _is_row(line: Line, usual: _Measure) -> bool:
    words = line.text.split()
    if len(words) < 3 or len(line.text) > _ROW_LIMIT or line.size > usual.body * _BIGGER:
        return False
    return sum(bool(_NUMBER.fullmatch(word)) for word in words) >= len(words) * _NUMERIC_SHARE
