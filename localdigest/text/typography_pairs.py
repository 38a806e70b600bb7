"""Quotation marks and brackets: found as pairs, changed as pairs or not at all."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from localdigest.text.typography_marks import HAN_AFTER, HAN_BEFORE, KANA, LATIN_BEFORE

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["set_pairs"]

_HAN = re.compile(f"[{HAN_BEFORE}{HAN_AFTER}{KANA}]")
_LATIN = re.compile(f"[{LATIN_BEFORE}]")
_ROUND = "("
_CORNERS = "「『"
_STRAIGHT = '"'
_APOSTROPHE = "’"

#: Sign → the opening sign of its kind.
_OPENING = {"“": "“", "‘": "‘", "「": "「", "『": "『", "(": _ROUND, "（": _ROUND}
_CLOSING = {"”": "“", "’": "‘", "」": "「", "』": "『", ")": _ROUND, "）": _ROUND}
_WORTH_A_LOOK = re.compile('[“‘"(（]')


@dataclass(frozen=True, slots=True, order=True)
class _Pair:
    start: int
    end: int
    kind: str


def set_pairs(line: str) -> str:
    """The line with “…”, ‘…’ and "…" about or beside Chinese as 「…」, nested ones as 『…』, and (…) as （…）."""
    while _WORTH_A_LOOK.search(line):
        done = _set_pairs(line)
        if done == line:
            break
        line = done  # signs that crossed each other can pair anew: until nothing changes
    return line


def _set_pairs(line: str) -> str:
    pairs = sorted(_pairs(line))
    # Chinese characters before each position: tells in one subtraction whether a pair holds any.
    han = list(accumulate((_HAN.match(char) is not None for char in line), initial=0))
    signs = list(line)
    for pair in pairs:
        if pair.kind == _ROUND and _becomes_round(line, pair, holds_han=han[pair.start] < han[pair.end]):
            signs[pair.start], signs[pair.end] = "（", "）"
    _set_corners(line, signs, [pair for pair in pairs if pair.kind != _ROUND], han)
    return "".join(signs)


def _set_corners(line: str, signs: list[str], pairs: list[_Pair], han: list[int]) -> None:
    """Writes 「 and 『 in turn, from the outside in; corners that stand already turn only inside of new ones."""
    around: list[tuple[int, str, bool]] = []  # the corners about this place: where they end, which, and whether new
    for pair in pairs:
        while around and around[-1][0] < pair.start:
            around.pop()
        outer, in_new = (around[-1][1], around[-1][2]) if around else ("", False)
        stands = pair.kind in _CORNERS
        if not stands and not (han[pair.start] < han[pair.end] or _beside_han(line, pair)):
            continue
        opening = pair.kind if stands and not in_new else "『" if outer == "「" else "「"
        signs[pair.start], signs[pair.end] = opening, "」" if opening == "「" else "』"
        around.append((pair.end, opening, in_new or not stands))


def _becomes_round(line: str, pair: _Pair, *, holds_han: bool) -> bool:
    if holds_han or line[pair.start] == "（" or line[pair.end] == "）":
        return True
    called = pair.start > 0 and _LATIN.match(line[pair.start - 1])  # f(x) is no remark
    return not called and _beside_han(line, pair)


def _beside_han(line: str, pair: _Pair) -> bool:
    before = line[max(0, pair.start - 2) : pair.start].rstrip(" ")[-1:]
    after = line[pair.end + 1 : pair.end + 3].lstrip(" ")[:1]
    return bool(_HAN.match(before) or _HAN.match(after))


def _pairs(line: str) -> Iterator[_Pair]:
    """The pairs of the line; what opens and never closes inside of another pair is none."""
    open_signs: list[tuple[str, int]] = []
    number: Counter[str] = Counter()
    for index, sign in enumerate(line):
        opens, closes = _OPENING.get(sign), _CLOSING.get(sign)
        if sign == _STRAIGHT:
            opens, closes = (None, _STRAIGHT) if number[_STRAIGHT] else (_STRAIGHT, None)
            if opens and line[index - 1 : index].isdigit():  # 15" is a measure
                continue
        if sign == _APOSTROPHE and _within_word(line, index):
            continue
        if opens:
            open_signs.append((opens, index))
            number[opens] += 1
        elif closes and number[closes]:
            while True:
                kind, start = open_signs.pop()
                number[kind] -= 1
                if kind == closes:
                    break
            yield _Pair(start, index, kind)


def _within_word(line: str, index: int) -> bool:
    return bool(_LATIN.match(line[index - 1 : index]) and re.match("[A-Za-z]", line[index + 1 : index + 2]))
