"""The text side of chats: contents as marks, special names in what a template wrote, and names that must be cut."""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import TYPE_CHECKING

from localdigest.engine.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from localdigest.engine.jobs import Message

__all__ = ["Marked", "cut_names", "one_line", "split_at_names"]

MARKS = range(0x100000, 0x10FFFE, 2)  #: private use; the odd one after a mark stands for the content as JSON writes it
ROLE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
MAX_REASON_CHARACTERS = 300  #: of what a template says when it refuses


class Marked:
    """Messages whose contents are marks: what the template sees."""

    def __init__(self, messages: Sequence[Message], *, avoid: frozenset[str]) -> None:
        contents = [message.content.encode("utf-8", "replace").decode() for message in messages]
        used = avoid.union(*contents)
        free = (chr(code) for code in MARKS if chr(code) not in used and chr(code + 1) not in used)
        self.as_json: dict[int, str] = {}  #: for `str.translate`: mark to mark
        self.turns: list[dict[str, str]] = []
        self._needed: list[tuple[str, str]] = []
        self._texts: dict[str, str] = {}
        marks: dict[str, str] = {}
        for message, content in zip(messages, contents, strict=True):
            if not ROLE.fullmatch(message.role):
                raise TemplateError(f"{message.role!r} is no role of a chat.")
            core = content.strip()
            if not core:
                self.turns.append({"role": message.role, "content": content})
                continue
            mark = marks.get(core) or next(free, "")
            if not mark:
                raise TemplateError("The messages have no character of private use free to mark them by.")
            if core not in marks:
                marks[core] = self._add(mark, core)
            self.turns.append({"role": message.role, "content": content.replace(core, mark, 1)})
            self._needed.append((mark, message.role))

    def _add(self, mark: str, core: str) -> str:
        quoted = chr(ord(mark) + 1)
        self.as_json[ord(mark)] = quoted
        self._texts[mark] = core
        self._texts[quoted] = json.dumps(core, ensure_ascii=False)[1:-1]
        return mark

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(f"([{''.join(self._texts)}])" if self._texts else "((?!))")

    def check_complete(self, rendered: str) -> None:
        """Every content is there, as often as messages have it."""
        for mark, role in self._needed:
            found = rendered.count(mark) + rendered.count(self.as_json[ord(mark)])
            if found < sum(other == mark for other, _ in self._needed):
                raise TemplateError(f"The model's chat template leaves out a message of the role {role}.")

    def put_back(self, text: str) -> Iterator[tuple[str, bool]]:
        """The parts of a text, and whether they are the template's own."""
        for part in self._pattern.split(text):
            if part:
                yield self._texts.get(part, part), part not in self._texts


def one_line(reason: str) -> str:
    """What a template says, fit to be shown: marks and line ends become spaces, and it ends somewhere."""
    line = " ".join("".join(char if char.isprintable() else " " for char in reason).split())
    return line[:MAX_REASON_CHARACTERS]


def split_at_names(text: str, names: Mapping[str, int]) -> list[int | str]:
    """The ids of the names and the text between them; names are looked for one after the other, in their order."""
    pieces: list[int | str] = [text]
    for name, token in names.items():
        if name in text:
            pieces = [part for piece in pieces for part in _split(piece, name, token)]
    return [piece for piece in pieces if piece != ""]


def cut_names(parts: Iterable[tuple[str, bool]], names: Collection[str]) -> list[str]:
    """Joins the parts, and cuts the text inside every name that does not stand in parts marked True alone."""
    known = list(parts)
    text = "".join(part for part, _ in known)
    there = [name for name in names if name in text]
    own = [is_own for part, is_own in known for _ in part] if there else []
    found = ((start, len(name)) for name in there for start in _occurrences(text, name))
    cuts = sorted({start + size // 2 for start, size in found if not all(own[start : start + size])})
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def _split(piece: int | str, name: str, token: int) -> Iterator[int | str]:
    if isinstance(piece, int):
        yield piece
        return
    for index, part in enumerate(piece.split(name)):
        if index:
            yield token
        yield part


def _occurrences(text: str, name: str) -> Iterator[int]:
    start = text.find(name)
    while start >= 0:
        yield start
        start = text.find(name, start + 1)
