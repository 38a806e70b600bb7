"""Plain text and Markdown into blocks, with what front matter says."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.parsing.dates import iso_date
from localdigest.parsing.markdown_unseen import without_hidden_markup
from localdigest.parsing.parsed import Parsed, Unusable, has_text
from localdigest.records import Block, DateEvidence, Reason, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_markdown", "read_plain"]

_EMPTY = Unusable(Reason.EMPTY, "there is no text in it")
_TITLE_LINES = 3  #: a plain text's first line is its title if a blank line follows within these
_TITLE_LIMIT = 150  #: characters

_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\n(.*?)\n\1[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^([A-Za-z_]+)[ \t]*[:=][ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"[ ]{0,3}(```+|~~~+)")
_HEADING = re.compile(
    r"[ ]{0,3}(?:#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?|<h[1-6](?:\s[^<>]{0,500})?>(.*)</h[1-6]>)[ \t]*\Z", re.IGNORECASE
)
_UNDERLINE = re.compile(r"[ ]{0,3}(?:=+|-{2,})[ \t]*\Z")
_RULE = re.compile(r"[ ]{0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*\Z")
_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,9}[.)])[ \t]+(?=\S)")
_QUOTE = re.compile(r"[ ]{0,3}>[ ]?")
_ALERT = re.compile(r"\A\s*\[![A-Z]{3,12}\]\s*")  #: GitHub's `> [!NOTE]`
_ROW = re.compile(r"[ ]{0,3}\|.*\|[ \t]*\Z")
_DELIMITER_ROW = re.compile(r"[ ]{0,3}\|?[ \t]*:?-{2,}[-:| \t]*\Z")

_PICTURE = r"!\[[^\[\]]{0,500}\](?:\([^()\s]{0,2000}(?:\s+\"[^\"]{0,500}\")?\)|\[[^\[\]]{0,200}\])"
_IMAGE = re.compile(_PICTURE)
_BADGE = re.compile(rf"\[\s{{0,20}}(?:{_PICTURE}\s{{0,20}}){{1,9}}\](?:\([^()\s]{{0,2000}}\)|\[[^\[\]]{{0,200}}\])")
_LINK = re.compile(
    r"\[([^\[\]]{1,500})\](?:\([^()\s]{0,2000}(?:\([^()\s]{0,200}\))?[^()\s]{0,200}(?:\s+\"[^\"]{0,500}\")?\)|\[[^\[\]]{0,200}\])"
)
_REFERENCE = re.compile(r"[ ]{0,3}\[[^\[\]]{1,200}\]:[ \t]+\S+")
_AUTOLINK = re.compile(r"<(https?://[^<>\s]{1,2000})>")
_EMPHASIS = re.compile(
    r"(?<![\w*])(\*{1,3})(?=\S)([^*\n]{1,1000}?)(?<=\S)\1(?![\w*])|(?<![\w_])(_{1,3})(?=\S)([^_\n]{1,1000}?)(?<=\S)\3(?![\w_])"
)
_CJK_STRONG = re.compile(r"(\*{2})(?=\S)([^*\n]{1,1000}?)(?<=\S)\1")
_CODE_SPAN = re.compile(r"(`{1,3})([^`\n]{1,1000})\1")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>|<!--.{0,500}?-->", re.DOTALL)
_HIDDEN = 0xE000  # an escaped mark waits among the private characters until the other marks are gone
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!>|~-])")


def read_plain(text: str, *, not_after: str = "") -> Parsed | Unusable:
    """Paragraphs by blank lines; a short first line on its own is the title."""
    del not_after
    paragraphs = [part for part in re.split(r"\n[ \t\u3000]*\n\s*", text) if part.strip()]
    blocks = [Block(paragraph.strip()) for paragraph in paragraphs]
    if not has_text(blocks):
        return _EMPTY
    title = blocks[0].text if len(blocks) > 1 and _is_title(blocks[0].text) else ""
    if title:
        blocks[0] = Block(title, Role.HEADING)
    return Parsed(tuple(blocks), title=title)


def _is_title(text: str) -> bool:
    return "\n" not in text and len(text) <= _TITLE_LIMIT and text[-1] not in ".。!！?？;；,，:："


def read_markdown(text: str, *, not_after: str = "") -> Parsed | Unusable:
    """The blocks of a Markdown text, its marks taken off, and the title, author and date of its front matter."""
    front = _FRONT_MATTER.match(text)
    fields = {key.lower(): _unquoted(value) for key, value in _FIELD.findall(front[2])} if front else {}
    shown, hidden = without_hidden_markup(text[front.end() :] if front else text)
    blocks = tuple(_MarkdownReader(shown).blocks())
    if not has_text(blocks):
        return _EMPTY
    published = iso_date(fields.get("date") or fields.get("published", ""), not_after=not_after)
    return Parsed(
        blocks,
        title=fields.get("title") or next((block.text for block in blocks if block.role is Role.HEADING), ""),
        byline=fields.get("author") or fields.get("authors", ""),
        published=published,
        published_by=DateEvidence.DOCUMENT if published else DateEvidence.NONE,
        hidden=hidden,
    )


def _unquoted(value: str) -> str:
    return value.strip().strip("\"'[]").strip()


@dataclass(slots=True)
class _Open:
    """The block that the next line may still belong to."""

    role: Role
    lines: list[str]


class _MarkdownReader:
    """One pass over the lines: each goes on with the open block or closes it and opens another."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._open: _Open | None = None

    def blocks(self) -> Iterator[Block]:
        """The blocks that hold words."""
        for role, raw in self._raw_blocks():
            text = raw if role is Role.CODE else _inline(_ALERT.sub("", raw) if role is Role.QUOTE else raw)
            if text.strip():
                yield Block(text.strip("\n") if role is Role.CODE else text.strip(), role)

    def _raw_blocks(self) -> Iterator[tuple[Role, str]]:
        fence = ""
        for line in self._lines:
            if fence:
                if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                    fence = ""
                    yield from self._close()
                elif self._open:
                    self._open.lines.append(line)
            elif match := _FENCE.match(line):
                fence = match[1]
                yield from self._start(Role.CODE)
            else:
                yield from self._line(line)
        yield from self._close()

    def _line(self, line: str) -> Iterator[tuple[Role, str]]:
        if not line.strip() or _REFERENCE.match(line):
            yield from self._close()
        elif match := _HEADING.match(line):
            yield from self._start(Role.HEADING, match[1] or match[2] or "")
            yield from self._close()
        elif _UNDERLINE.match(line) and self._open and self._open.role is Role.TEXT and len(self._open.lines) == 1:
            self._open.role = Role.HEADING
            yield from self._close()
        elif _RULE.match(line):
            yield from self._close()
        elif match := _ITEM.match(line):
            yield from self._start(Role.ITEM, line[match.end() :])
        elif match := _QUOTE.match(line):
            yield from self._continue(Role.QUOTE, line[match.end() :])
        elif _ROW.match(line) or (_DELIMITER_ROW.match(line) and self._open and "|" in line):
            yield from self._row(line)
        else:
            yield from self._continue(self._open.role if self._open else Role.TEXT, line.strip())

    def _row(self, line: str) -> Iterator[tuple[Role, str]]:
        if not _DELIMITER_ROW.match(line):
            cells = " | ".join(cell.strip() for cell in line.strip().strip("|").split("|"))
            yield from self._continue(Role.TABLE, cells)

    def _continue(self, role: Role, line: str) -> Iterator[tuple[Role, str]]:
        if self._open and self._open.role is role:
            self._open.lines.append(line)
        else:
            yield from self._start(role, line)

    def _start(self, role: Role, *lines: str) -> Iterator[tuple[Role, str]]:
        yield from self._close()
        self._open = _Open(role, list(lines))

    def _close(self) -> Iterator[tuple[Role, str]]:
        if self._open:
            yield self._open.role, "\n".join(self._open.lines)
        self._open = None


def _inline(text: str) -> str:
    """The words of a line of Markdown: links become their words, emphasis and code marks go."""
    text = _ESCAPED.sub(lambda match: chr(_HIDDEN + ord(match[1])), text)
    text = _IMAGE.sub("", _BADGE.sub("", text))  # what stands for a picture is shown where there is none
    text = _LINK.sub(r"\1", text)
    text = _AUTOLINK.sub(r"\1", text)
    text = _TAG.sub("", text)
    text = _CODE_SPAN.sub(r"\2", text)
    for _ in range(2):  # bold inside italics
        text = _EMPHASIS.sub(lambda match: match[2] or match[4], text)
    text = _CJK_STRONG.sub(r"\2", text)
    return html.unescape(re.sub("[\ue000-\ue07f]", lambda match: chr(ord(match[0]) - _HIDDEN), text))
