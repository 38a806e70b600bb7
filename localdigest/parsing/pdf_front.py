"""The head of a PDF's first page: its title, its authors, and what stands between them and the abstract."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.parsing.pdf_words import joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localdigest.parsing.pdf_lines import Line

__all__ = ["Front", "front_of"]

_TITLE_BIGGER = 1.2  #: times the body's size
_TITLE_ABOVE = 0.6  #: of the height of the first page
_TITLE_LIMIT = 240  #: characters
_SAME_SIZE = 0.08  #: difference of sizes inside a title
_LINES_SEEN = 80  #: after the title, among which the abstract begins
_MIN_LETTERS = 2

_ABSTRACT = re.compile(r"(?:abstract|summary|摘要|초록|요약)\W*", re.IGNORECASE)
_RUN_IN = re.compile(r"(?:abstract|summary|摘\s*要)\s*[—–:：.]", re.IGNORECASE)
_NAME = re.compile(
    r"[^\W\d_a-z][\w.'’-]+(?: (?:[^\W\d_a-z][\w.'’-]*|de|del|van|von|der|den|da|di|dos|la|le|el|al|bin|ten))+"
)
_NO_PERSON = re.compile(
    r"\b(?:universit\w*|institut\w*|college|departments?|school|laborator\w*|labs?|research|google|meta|microsoft|openai"
    r"|inc|corp\w*|ltd|centers?|centres?|academy|team|ai|groups?|foundation|hospital|ministry|bank|journal|article)\b",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[∗*†‡§¶#$+\d]|\b[a-z]\b")
_BETWEEN_NAMES = re.compile(r"\s*(?:[,;·•&]|\band\b|\s{2,})\s*")


@dataclass(frozen=True, slots=True)
class Front:
    """What the head of the first page says, and which lines it takes."""

    title: str = ""
    byline: str = ""
    of_title: frozenset[int] = frozenset()  #: indices of lines
    of_authors: frozenset[int] = frozenset()  #: between the title and the abstract; empty where there is no abstract


def front_of(lines: Sequence[Line], body: float) -> Front:
    """The biggest words on the first page, where they are clearly bigger than its text; what follows them."""
    title = _title(lines, body)
    if not title:
        return Front()
    start = title[-1] + 1
    within = range(start, min(start + _LINES_SEEN, len(lines)))
    abstract = next((at for at in within if lines[at].page == 0 and _begins_abstract(lines[at].text)), start)
    return Front(
        title=joined([lines[at] for at in title], Counter())[:_TITLE_LIMIT],
        byline=_names([lines[at].text for at in range(start, abstract)]),
        of_title=frozenset(title),
        of_authors=frozenset(range(start, abstract)),
    )


def _title(lines: Sequence[Line], body: float) -> list[int]:
    high = [
        index
        for index, line in enumerate(lines)
        if line.page == 0 and line.top < _TITLE_ABOVE and len(line.text.strip()) > _MIN_LETTERS
    ]
    biggest = max((lines[index].size for index in high), default=0.0)
    if biggest < body * _TITLE_BIGGER:
        return []
    start = next(index for index in high if lines[index].size == biggest)
    run = [start]
    while (after := run[-1] + 1) < len(lines) and _goes_on(lines[after], biggest):
        run.append(after)
    return run


def _goes_on(line: Line, size: float) -> bool:
    return line.page == 0 and abs(line.size - size) <= size * _SAME_SIZE


def _begins_abstract(text: str) -> bool:
    return bool(_ABSTRACT.fullmatch("".join(text.split())) or _RUN_IN.match(text.strip()))


def _names(lines: Sequence[str]) -> str:
    """The people named by the first lines, until one names something else."""
    names: list[str] = []
    for line in lines:
        if _NO_PERSON.search(line) or "@" in line or "{" in line:
            break
        parts = [" ".join(part.split()) for part in _BETWEEN_NAMES.split(_MARKS.sub(" ", line))]
        parts = [part.strip(" .,") for part in parts]
        found = [part for part in parts if part]
        if not all(_NAME.fullmatch(part) for part in found):
            break
        names += found
    return ", ".join(dict.fromkeys(names))
