"""A draft in Markdown or plain text into its sentences, each as it is meant and as it was written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from localdigest.parsing.results import Draft, DraftSentence
from localdigest.parsing.sentences import split_sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Draft", "DraftSentence", "read_draft"]

_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_DATE_FIELD = re.compile(r"^(?:date|published)[ \t]*:[ \t]*[\"']?(\d{4}-\d{2}-\d{2})", re.MULTILINE)
_FENCE = re.compile(r"[ ]{0,3}(```+|~~~+)")
_HEADING = re.compile(r"[ ]{0,3}(#{1,6})[ \t]+")
_RULE = re.compile(r"[ ]{0,3}(?:([-*_])(?:[ \t]*\1){2,}|=+)[ \t]*\Z")
_PREFIX = re.compile(r"[ \t]*(?:(?:>[ ]?)+[ \t]*)?(?:(?:[-*+•]|\d{1,3}[.)、])[ \t]+)?")
_REFERENCE = re.compile(r"[ ]{0,3}\[[^\[\]]{1,200}\]:[ \t]*\S")
_DELIMITER_ROW = re.compile(r"[ ]{0,3}\|?[ \t]*:?-{2,}[-:| \t]*\Z")
#: What follows is a list of sources, and no statement.
_SOURCES = re.compile(
    r"\W*(?:資料來源|来源|來源|參考(?:資料|文獻)|延伸閱讀|sources?|references|further reading|bibliography|notes)\W*\Z",
    re.IGNORECASE,
)

#: Marks that are no part of what is said; the first group, where there is one, stays.
_MARKS = tuple(
    re.compile(pattern)
    for pattern in (
        r"!\[[^\[\]]{0,500}\]\([^()\n]{0,2000}\)",  # a picture
        r"[ \t]?\[\\?\[?\^?[^\[\]\n]{1,12}?\\?\]\]\[[^\[\]\n]{1,60}\]",  # [\[4\]][D4.S7]
        r"[ \t]?\[\^[^\[\]\n]{1,40}\]",  # [^1]
        r"(?<=\S)[ \t]?\\?\[\d{1,3}(?:[,、-] ?\d{1,3}){0,9}\\?\](?!\()",  # [4], [1, 2]
        r"[ \t]?[\[(（]D\d+\.(?:S\d+|T)(?:[,、;] ?D\d+\.(?:S\d+|T))*[\])）]",  # (D4.S7)
        r"(?<=[\])])（\d+ 個獨立來源）|(?<=[\])]) \(\d+ independent sources?\)",  # what a post says of an item's weight
        r"\[([^\[\]\n]{1,500})\](?:\([^()\n]{0,2000}(?:\([^()\n]{0,200}\)[^()\n]{0,200})?\)|\[[^\[\]\n]{0,200}\])",
        r"<https?://[^<>\s]{1,2000}>",
        r"</?[a-zA-Z][^<>\n]{0,500}>|<!--.{0,2000}?-->",
        r"(?<![\w*])\*{1,3}(?=\S)([^*\n]{1,1000}?)(?<=\S)\*{1,3}(?![\w*])",
        r"(?<![A-Za-z0-9*])\*\*(?=\S)([^*\n]{1,1000}?)(?<=\S)\*\*",
        r"(?<![\w_])_{1,3}(?=\S)([^_\n]{1,1000}?)(?<=\S)_{1,3}(?![\w_])",
        r"`{1,3}([^`\n]{1,1000})`{1,3}",
        r"\\([\\`*_{}\[\]()#+.!>|~-])",
    )
)


def read_draft(text: str) -> Draft:
    """The sentences of a draft, in order. Front matter, code, link targets and lists of sources are left out."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    front = _FRONT_MATTER.match(text)
    found = _DATE_FIELD.search(front[1]) if front else None
    body = text[front.end() :] if front else text.removeprefix("\ufeff")
    sentences = tuple(sentence for block in _blocks(body) for sentence in _sentences(block))
    return Draft(sentences, found[1] if found else "")


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs, headings, items and cells, without the marks in front of their lines."""
    lines: list[str] = []
    fence = ""
    left_out = 0  # the level of the heading whose section is left out
    for line in text.split("\n"):
        if fence:
            fence = "" if line.strip().startswith(fence) and not line.strip().strip(fence[0]) else fence
            continue
        if match := _FENCE.match(line):
            fence = match[1]
        elif match := _HEADING.match(line):
            yield from _joined(lines)
            title = line[match.end() :].rstrip("# \t")
            if left_out and len(match[1]) > left_out:
                continue
            left_out = len(match[1]) if _SOURCES.match(title) else 0
            if not left_out:
                yield title
        elif not left_out:
            yield from _line(line, lines)
    yield from _joined(lines)


def _line(line: str, lines: list[str]) -> Iterator[str]:
    """Goes on with the paragraph in `lines`, or yields it and begins another."""
    if not line.strip() or _RULE.match(line) or _REFERENCE.match(line) or _DELIMITER_ROW.match(line):
        yield from _joined(lines)
        return
    prefix = _PREFIX.match(line)
    start = prefix.end() if prefix else 0
    if line[:start].strip() and line[:start].strip() != ">":
        yield from _joined(lines)
    content = line[start:]
    if content.startswith("|"):
        yield from _joined(lines)
        yield from (cell.strip() for cell in content.strip().strip("|").split("|"))
        return
    lines.append(content)
    if line.endswith(("  ", "\\")):  # a line break that is meant
        yield from _joined(lines)


def _joined(lines: list[str]) -> Iterator[str]:
    if lines:
        yield "\n".join(lines)
        lines.clear()


def _sentences(block: str) -> Iterator[DraftSentence]:
    kept, marks = _unmarked(block)
    clean = "".join(block[place] for place in kept)
    at = 0
    for sentence in split_sentences(clean):
        start = clean.index(sentence, at)
        at = start + len(sentence)
        if any(character.isalnum() for character in sentence):
            written = _whole(kept[start], kept[at - 1] + 1, marks)
            yield DraftSentence(" ".join(sentence.split()), " ".join(block[written[0] : written[1]].split()))


def _whole(start: int, end: int, marks: list[_Mark]) -> tuple[int, int]:
    """The span with the marks around what it begins and ends with: no half of a link."""
    for mark in marks:
        if mark.inner[0] < end and start < mark.inner[1]:
            start, end = min(start, mark.outer[0]), max(end, mark.outer[1])
    return start, end


class _Mark(NamedTuple):
    outer: tuple[int, int]
    inner: tuple[int, int]  #: what stays


def _unmarked(block: str) -> tuple[list[int], list[_Mark]]:
    """The places of the characters that say something, and the marks around some of them."""
    dropped = bytearray(len(block))
    marks: list[_Mark] = []
    for pattern in _MARKS:
        for match in pattern.finditer(block):
            if any(dropped[match.start() : match.end()]) and match.lastindex is None:
                continue
            inner = match.span(match.lastindex) if match.lastindex else (match.end(), match.end())
            if match.lastindex:
                marks.append(_Mark(match.span(), inner))
            dropped[match.start() : inner[0]] = b"\1" * (inner[0] - match.start())
            dropped[inner[1] : match.end()] = b"\1" * (match.end() - inner[1])
    return [place for place in range(len(block)) if not dropped[place]], marks
