"""Lines of a PDF into blocks: pure rules on words, sizes and places."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from localdigest.parsing.pdf_lines import HYPHEN
from localdigest.records import Block, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from localdigest.parsing.pdf_lines import Line

__all__ = ["Laid", "lay_out", "title_of"]

# Set by reading the lines of papers and reports in one and two columns; shares are of the page.
_EDGE = 0.10  #: of the height, at the top and bottom: where running headers and page numbers stand
_REPEATED = 0.4  #: of the pages, from which an edge line is a running one (odd and even pages may differ)
_BIGGER = 1.08  #: times the body's size: a heading
_TITLE_BIGGER = 1.2
_TITLE_ABOVE = 0.5  #: of the height of the first page
_SMALLER = 0.93  #: times the body's size: a note
_SAME_SIZE = 0.08  #: difference of sizes inside a paragraph
_INDENT = 0.012  #: of the width
_SHORT_LINE = 0.06  #: of the width that a paragraph's last line ends before the others
_GAP = 1.75  #: times the usual distance of lines
_HEADING_LIMIT = 120  #: characters
_LINES_SEEN = 40  #: of the paragraph, when the next line is compared with it
_NUMERIC_SHARE = 0.4  #: of the words of a table row
_ROW_LIMIT = 160  #: characters
_REFERENCES_FROM = 0.3  #: share of the text before which a heading `References` is a table of contents
_MIN_LETTERS = 2

_PAGE_NUMBER = re.compile(
    r"\W*(?:page|p\.|seite|第)?\s*(?:\d{1,4}|[ivxlc]{1,6})\s*(?:(?:of|/|von|共)\s*\d{1,4})?\s*(?:頁|页)?\W*",
    re.IGNORECASE,
)
_REFERENCES = re.compile(
    r"(?:\d{1,2}\.?\s*|[IVX]+\.\s*)?"
    r"(?:references|bibliography|(?:literature|works) cited|參考文獻|参考文献|引用文獻)\W*",
    re.IGNORECASE,
)
_APPENDIX = re.compile(r"(?:appendi(?:x|ces)|supplementa\w*|附錄|附录|[A-H](?:\.\d)?\.?\s+[A-Z]\w+)\b", re.IGNORECASE)
_NAMED_HEADING = re.compile(
    r"(?:abstract|introduction|conclusions?|acknowledge?ments?|discussion|results|methods?|related work"
    r"|摘要|引言|結論|结论)\W*",
    re.IGNORECASE,
)
_NUMBERED_HEADING = re.compile(r"(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.)\s+[A-Z\u4e00-\u9fff][^.。!?]{2,90}")
_STAMP = re.compile(r"arXiv:\d{4}\.\d{4,5}")  #: printed up the margin of each preprint
_ITEM = re.compile(
    r"(?:[•●▪◦■–*-]\s|\(?\d{1,2}[.)]\s|[（(][一二三四五六七八九十\d]+[)）]|[一二三四五六七八九十]{1,3}、)"
)
_NOTE = re.compile(r"(?:\d{1,2}[)\s]|[*†‡§¶])")
_NUMBER = re.compile(r"[-+±~<>(]*[\d.,]+(?:[%×xkKMB)]|ms|GB|s)*")
_NO_SPACE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef\uac00-\ud7a3]")
_STOP = tuple(".!?。！？:：")
_LIGATURES = str.maketrans(
    {"ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\xad": None}
)


@dataclass(frozen=True, slots=True)
class Laid:
    """The blocks of a PDF and what was left out."""

    blocks: tuple[Block, ...]
    references: int = 0  #: characters of the reference list


def lay_out(lines: Sequence[Line]) -> Laid:
    """Blocks in reading order, without running lines and the reference list; notes come last."""
    lines = _without_running_lines([_readable(line) for line in lines])
    lines, references = _without_references(lines)
    body = _body_size(lines)
    kept, notes = _notes_apart(lines, body)
    words = _vocabulary(lines)
    groups = [*_paragraphs(kept, body), *_paragraphs(notes, body)]
    return Laid(tuple(_block(group, body, words) for group in groups), sum(len(line.text) for line in references))


def _vocabulary(lines: Sequence[Line]) -> Counter[str]:
    """How often each word stands undivided in the text."""
    text = re.sub(rf"\S*[{HYPHEN}-]\s*\n\S*", " ", "\n".join(line.text for line in lines).lower())
    return Counter(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text))


def title_of(lines: Sequence[Line]) -> str:
    """The biggest words on the first page, where they are clearly bigger than its text."""
    first = [
        line for line in _without_running_lines(list(lines)) if line.page == 0 and len(line.text.strip()) > _MIN_LETTERS
    ]
    biggest = max((line.size for line in first), default=0.0)
    if not biggest or biggest < _body_size(lines) * _TITLE_BIGGER:
        return ""
    start = next(index for index, line in enumerate(first) if line.size == biggest)
    run: list[Line] = []
    for line in first[start:]:
        if abs(line.size - biggest) > biggest * _SAME_SIZE:
            break
        run.append(line)
    return _joined(run, Counter())[: _HEADING_LIMIT * 2]


def _readable(line: Line) -> Line:
    return replace(line, text=line.text.translate(_LIGATURES))


def _body_size(lines: Iterable[Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


# ── what is no text ──────────────────────────────────────────────────────────────────────────────────────────────────


def _without_running_lines(lines: list[Line]) -> list[Line]:
    """Without page numbers, and without what stands at the edge of many pages."""
    pages = len({line.page for line in lines})
    seen: Counter[str] = Counter()
    for _, key in {(line.page, _running_key(line)) for line in lines if _at_edge(line)}:
        seen[key] += 1
    threshold = max(2, pages * _REPEATED)
    return [
        line
        for line in lines
        if not _STAMP.match(line.text)
        and not (_at_edge(line) and (_PAGE_NUMBER.fullmatch(line.text) or seen[_running_key(line)] >= threshold))
    ]


def _at_edge(line: Line) -> bool:
    return line.top < _EDGE or line.top > 1 - _EDGE


def _running_key(line: Line) -> str:
    return re.sub(r"\d+", "#", " ".join(line.text.lower().split()))


def _without_references(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """Without the list of references: from its heading to an appendix or the end."""
    total = sum(len(line.text) for line in lines)
    before = 0
    for index, line in enumerate(lines):
        if before > total * _REFERENCES_FROM and _REFERENCES.fullmatch(line.text.strip()):
            size = line.size * (1 - _SAME_SIZE)
            rest = range(index + 1, len(lines))
            end = next((at for at in rest if lines[at].size >= size and _APPENDIX.match(lines[at].text)), len(lines))
            return lines[:index] + lines[end:], lines[index:end]
        before += len(line.text)
    return lines, []


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


# ── paragraphs ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _paragraphs(lines: Sequence[Line], body: float) -> list[list[Line]]:
    groups: list[list[Line]] = []
    for line in lines:
        if groups and not _begins(line, groups[-1], body):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _begins(line: Line, group: Sequence[Line], body: float) -> bool:
    """Whether a line begins a new paragraph after the lines of the last one."""
    last = group[-1]
    if abs(line.size - last.size) > body * _SAME_SIZE or _is_row(line) != _is_row(last):
        return True
    if last.text.endswith(HYPHEN):
        return False
    headings = _is_heading(line, body) + _is_heading(last, body)
    if headings or _ITEM.match(line.text):
        return headings != 2 or line.size <= body * _BIGGER
    ended = last.text.rstrip().endswith(_STOP)
    next_column = line.page != last.page or line.top < last.top
    if next_column or (line.text[:1].islower() and not ended):
        return ended
    return _looks_new(line, group[-_LINES_SEEN:])


def _looks_new(line: Line, group: Sequence[Line]) -> bool:
    """By indentation, a gap, or a short line before it."""
    last = group[-1]
    steps = [below.top - above.top for above, below in pairwise(group) if below.top > above.top]
    if steps and line.top - last.top > min(steps) * _GAP:
        return True
    ended = last.text.rstrip().endswith(_STOP)
    left = min(other.left for other in group[1:] or group)
    if line.left > left + _INDENT and ended:
        return True
    widest = max(other.right for other in group)
    return ended and last.right < max(widest, line.right) - _SHORT_LINE


def _is_heading(line: Line, body: float) -> bool:
    text = line.text.strip()
    if len(text) > _HEADING_LIMIT or text.endswith((".", "。", ",", "，", HYPHEN)):
        return False
    if line.size > body * _BIGGER:
        return True
    return bool(_NUMBERED_HEADING.fullmatch(text) or _NAMED_HEADING.fullmatch(text)) and line.size > body * _SMALLER


def _is_row(line: Line) -> bool:
    words = line.text.split()
    if len(words) < 3 or len(line.text) > _ROW_LIMIT:
        return False
    return sum(bool(_NUMBER.fullmatch(word)) for word in words) >= len(words) * _NUMERIC_SHARE


def _block(group: Sequence[Line], body: float, words: Counter[str]) -> Block:
    if all(map(_is_row, group)):
        return Block("\n".join(line.text.strip() for line in group), Role.TABLE)
    text = _joined(group, words)
    if all(_is_heading(line, body) for line in group):
        return Block(text, Role.HEADING)
    return Block(text, Role.ITEM if _ITEM.match(text) else Role.TEXT)


def _joined(lines: Sequence[Line], words: Counter[str]) -> str:
    text = ""
    for line in lines:
        text = _join(text, line.text.lstrip(), words)
    return " ".join(text.replace(HYPHEN, "-").split())


def _join(text: str, line: str, words: Counter[str]) -> str:
    """Puts a line after the text: divided words together, Chinese without a space, others with one."""
    if text.endswith((HYPHEN, "-")) and line[:1].islower():
        head = re.search(r"[^\W\d_]*\Z", text[:-1])
        tail = re.match(r"(?:[^\W\d_]+(?:-[^\W\d_]+)*)?", line)
        assert head
        assert tail
        return text[:-1] + ("-" if _keeps_hyphen(head[0].lower(), tail[0].lower(), words) else "") + line
    if text.endswith(HYPHEN):
        return text[:-1] + "-" + line
    glued = not text or (_NO_SPACE.match(text[-1]) and _NO_SPACE.match(line))
    return text + ("" if glued else " ") + line


def _keeps_hyphen(head: str, tail: str, words: Counter[str]) -> bool:
    """Whether the hyphen is a part of the word: as the rest of the text writes it, else if both halves are words."""
    whole, hyphened = words[head + tail], words[f"{head}-{tail}"]
    if whole or hyphened:
        return hyphened > whole
    return len(head) > 3 and len(tail) > 3 and words[head] > 0 and words[tail] > 0
