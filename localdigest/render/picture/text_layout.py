"""Lines of mixed Han and Latin text, by the widths of their characters.

Between two Han characters a line may end, within a Latin word it may not, and some signs stay with their neighbour: no
line begins with a closing one or ends with an opening one. Only what is wider than a whole line is broken elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["ELLIPSIS", "NO_END", "NO_START", "Wrapped", "shorten", "wrap"]

ELLIPSIS = "…"
NO_START = frozenset("，。、；：？！」』）】》〉〕｝］”’…—–·・％‰℃°ー々〻～,.;:?!)]}%")
NO_END = frozenset("「『（【《〈〔｛［“‘([{＄￥$£€¥#")
#: Scripts without spaces between words: radicals to kana, Bopomofo, Han, and the full forms of Latin signs.
_WIDE = (
    "\u2e80-\u303f\u3040-\u30ff\u3100-\u31ff\u3200-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U000323af"
)
_ATOM = re.compile(rf"[{_WIDE}“”‘’…—]|[^\s{_WIDE}“”…—]+|\s+")
_BREAK_AFTER = frozenset("/-_.?&=+,:;@")  # a long address is broken behind one of these
_UNITS_BACK = 16  # how far back such a place is looked for
_NARROWER = (0.94, 0.88, 0.82, 0.76, 0.7)
_IN_WORD = re.compile(r"[0-9A-Za-z\u00c0-\u024f]{2}")
_WORTH = 0.3  # of the width: so much room is used for the beginning of what fits no line
_ALONE = 0.25  # of the width: a last line shorter than that looks lost


@dataclass(frozen=True, slots=True)
class Wrapped:
    lines: tuple[str, ...]
    is_shortened: bool = False


def wrap(text: str, *, width: float, width_of: Callable[[str], float], max_lines: int = 0) -> Wrapped:
    """The text in lines no wider than `width`, and narrower where its end would stand alone on the last one.

    Args:
        text: one line, white space within it single.
        width: at least that of the widest character.
        width_of: a text's width.
        max_lines: where there would be more, the last of these ends in an ellipsis; 0 is no limit.
    """
    lines = _lines(text, width, width_of)
    if max_lines and len(lines) > max_lines:
        whole = lines[: max_lines - 1]
        last = shorten(_behind(text, whole), width=width, width_of=width_of)
        return Wrapped((*whole, last), is_shortened=True)
    for narrower in _NARROWER:
        if len(lines) < 2 or width_of(lines[-1]) >= width * _ALONE:  # noqa: PLR2004 - one line has no other
            break
        tried = _lines(text, width * narrower, width_of)
        if len(tried) > len(lines):
            break
        lines = tried
    return Wrapped(tuple(lines))


def shorten(text: str, *, width: float, width_of: Callable[[str], float]) -> str:
    """The beginning of the text with an ellipsis behind it, as long as there is room for."""
    room = width - width_of(ELLIPSIS)
    used, end = 0.0, 0
    while end < len(text) and used + (wanted := width_of(text[end])) <= room:
        used += wanted
        end += 1
    kept = text[:end]
    if _IN_WORD.search(text[max(0, end - 1) : end + 1]) and 0 < end - (space := kept.rfind(" ")) <= _UNITS_BACK:
        kept = kept[: max(space, 0)] or kept
    return kept.rstrip(" " + "".join(NO_END) + "，、；：,;:…") + ELLIPSIS


def _behind(text: str, lines: list[str]) -> str:
    """What follows these lines of the text, which hold all of it but some spaces."""
    at = 0
    for char in "".join(lines).replace(" ", ""):
        at = text.index(char, at) + 1
    return text[at:].strip()


def _lines(text: str, width: float, width_of: Callable[[str], float]) -> list[str]:
    lines: list[str] = []
    line, used = "", 0.0
    for space, cluster in _clusters(text):
        wanted = width_of(space) if line else 0.0
        needed = width_of(cluster)
        if used + wanted + needed <= width:
            line, used = line + (space if line else "") + cluster, used + wanted + needed
            continue
        rest = cluster
        if line and needed > width and (room := width - used - wanted) >= width * _WORTH:
            # It will be broken anyway: no need to leave half a line empty before it.
            head = _broken(cluster, room, width_of)[0]
            line, rest = line + space + head, cluster[len(head) :]
        if line:
            lines.append(line)
        *whole, line = _broken(rest, width, width_of)
        lines += whole
        used = width_of(line)
    return [*lines, line] if line else lines


def _clusters(text: str) -> Iterator[tuple[str, str]]:
    """What must stay on one line, with the space before it."""
    space, cluster = "", ""
    pending = ""  # the space behind the cluster
    for found in _ATOM.finditer(text):
        atom = found[0]
        if atom.isspace():
            pending = " "
            continue
        if cluster and (atom[0] in NO_START or cluster[-1] in NO_END):
            cluster += pending + atom
        else:
            if cluster:
                yield space, cluster
            space, cluster = pending, atom
        pending = ""
    if cluster:
        yield space, cluster


def _broken(cluster: str, width: float, width_of: Callable[[str], float]) -> list[str]:
    """A cluster that fits no line, in pieces that do, broken where it hurts least."""
    pieces: list[str] = []
    start, used = 0, 0.0
    for index, char in enumerate(cluster):
        needed = width_of(char)
        if used + needed > width and index > start:
            at = _best_break(cluster, start, index)
            pieces.append(cluster[start:at].strip())
            start, used = at, width_of(cluster[at:index])
        used += needed
    return [piece for piece in (*pieces, cluster[start:].strip()) if piece]


def _best_break(cluster: str, start: int, end: int) -> int:
    """The last place before `end` to break at; `end` itself where there is no good one."""
    earliest = max(start + 1, end - _UNITS_BACK)
    places = range(end, earliest - 1, -1)
    for at in places:
        if cluster[at - 1] in _BREAK_AFTER and _may_part(cluster, at):
            return at
    return next((at for at in places if _may_part(cluster, at)), end)


def _may_part(cluster: str, at: int) -> bool:
    return cluster[at] not in NO_START and cluster[at - 1] not in NO_END
