"""Typography: what stands between the words, as a reader of the language expects it.

In Chinese as Taiwan sets it: full-width punctuation beside Chinese, 「」『』 for quotation marks, …… and ——, one space
between Chinese and Latin letters or digits and none beside full-width punctuation. In every language: no invisible
spaces, no doubled ones. Addresses, code, markup and citations stay as they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localdigest.text.typography_marks import (
    HAN_AFTER,
    HAN_BEFORE,
    KANA,
    LATIN_AFTER,
    LATIN_BEFORE,
    OTHER_AFTER,
    OTHER_BEFORE,
    WIDE,
    edit_around_fixed,
)
from localdigest.text.typography_pairs import set_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["typeset"]

#: Zero width, and no part of a script: not the joiners, which emoji and Persian need.
_ZERO_WIDTH = re.compile("[\u00ad\u200b\u2060\ufeff]")
_ODD_SPACE = re.compile("[\u00a0\u2000-\u200a\u202f\u205f]")
_SPACES = re.compile("[ \t]{2,}")
_WIDE_SPACES = re.compile("[ \t\u3000]{2,}|\u3000")
# What opens a line of Markdown, and the spaces that end one: structure, not typography.
_LINE_EDGES = re.compile(
    r"^[ \t\u3000]*(?:(?:[-*+>]|\#{1,6}|\d{1,3}[.)])[ \t]+)*|(?<![ \t\u3000])[ \t\u3000]+$", re.MULTILINE
)
_CHINESE = re.compile(f"[{HAN_BEFORE}{HAN_AFTER}]")

#: What Chinese punctuation may follow, and a stop ahead of.
_CJK = f"{HAN_BEFORE}{KANA}」』）》〉】％"
_FULL = str.maketrans(",;:?!.", "，；：？！。")

# 中文, → 中文，   but not 中文:// nor 中文:( nor 中文![
_AFTER_CHINESE = re.compile(rf"(?<=[{_CJK}])(?: (?=[,;:?!]+(?:[ {HAN_AFTER}]|$)))?[,;:?!]+(?![,;:?!()/\[])")
# GPT-4, 中文 → GPT-4，中文   but not Yahoo! 奇摩
_BEFORE_CHINESE = re.compile(rf"(?<=[{LATIN_BEFORE}{OTHER_BEFORE}%‰℃)\]\"'”’])[,;:?] ?(?=[{HAN_AFTER}「『（《])")
_STOP = re.compile(rf"(?<=[{_CJK}])\.(?=[ {HAN_AFTER}{KANA}「『（」』）{OTHER_AFTER}]|$)")
# The end of a Chinese sentence that ends in Latin letters, citations after it or not.
_LATIN_STOP = re.compile(
    rf"(?<=[{LATIN_BEFORE}%])[.?](?=(?: ?[{OTHER_AFTER}][{OTHER_BEFORE}])*$|[ ]?[{HAN_AFTER}「『（《])"
)
_LOOK_BACK = 200  #: characters in which the beginning of a Latin phrase is looked for
_LATIN_PHRASE = 4  #: words: more than these in a row are a sentence of their own, with its own stop
_SENTENCE_START = re.compile('[。！？；：「『“”"…!?]')
_NO_LATIN = re.compile(f"[{HAN_BEFORE}{HAN_AFTER}{OTHER_BEFORE}{OTHER_AFTER}{KANA}{WIDE}]")
_INITIALS = re.compile(r"(?:[A-Za-z]\.)*[A-Za-z]")  # U.S. and e.g.
_ABBREVIATIONS = frozenset({
    "al", "co", "corp", "dr", "etc", "fig", "inc", "jr", "ltd", "mr", "mrs", "ms", "no", "sr", "st", "vs",
})  # fmt: skip

_ELLIPSIS = re.compile(r"(?: ?(?:\.{3,}|…|⋯|。{3,}))+ ?")
_DASH = re.compile(r" ?(?:[—―⸺]+|─{2,}|-{2,}) ?")
_BESIDE = re.compile(f"[{HAN_BEFORE}{HAN_AFTER}{KANA}{WIDE}]")
_OTHER = re.compile(f"[{OTHER_BEFORE}{OTHER_AFTER}]")

_SPACE_BEFORE_UNIT = re.compile(r"(?<=\d) (?=[%‰℃℉](?![A-Za-z0-9]))")
_SPACE_BESIDE_WIDE = re.compile(f"(?<![{OTHER_BEFORE}]) (?=[{WIDE}])|(?<=[{WIDE}]) (?![{OTHER_AFTER}])")
_NO_SPACE_YET = re.compile(
    rf"(?<=[{HAN_BEFORE}])(?=[{LATIN_AFTER}]|[$€£]\d)"
    rf"|(?:(?<=[{LATIN_BEFORE}])|(?<=\d[%‰℃℉])|(?<=[A-Za-z0-9][+#])|(?<=\+\+))(?=[{HAN_AFTER}])"
)


def typeset(text: str, *, language: str, keep: Sequence[str] = ()) -> str:
    """The text as it is set in `language` (`zh-TW`, `en`); every occurrence of a string in `keep` stays as it is."""
    text = edit_around_fixed(text, _without_odd_spaces, keep=keep)
    set_line = _set_chinese_line if language.startswith("zh") else _set_line
    return edit_around_fixed(
        text, lambda folded: "\n".join(map(set_line, folded.split("\n"))), keep=keep, also=_LINE_EDGES
    )


def _without_odd_spaces(text: str) -> str:
    return _ODD_SPACE.sub(" ", _ZERO_WIDTH.sub("", text))


def _set_line(line: str) -> str:
    return _SPACES.sub(" ", line)


def _set_chinese_line(line: str) -> str:
    if not _CHINESE.search(line):
        return _set_line(line)
    line = _SPACE_BESIDE_WIDE.sub("", set_pairs(_WIDE_SPACES.sub(" ", line)))
    line = _AFTER_CHINESE.sub(_full, line)
    line = _BEFORE_CHINESE.sub(_full, line)
    line = _STOP.sub(_full, line)
    line = _LATIN_STOP.sub(_full_in_chinese, line)
    line = _ELLIPSIS.sub(_ellipsis, line)
    line = _DASH.sub(_dash, line)
    line = _SPACE_BEFORE_UNIT.sub("", line)
    return _NO_SPACE_YET.sub(" ", _SPACE_BESIDE_WIDE.sub("", line))


def _full(half: re.Match[str]) -> str:
    return half[0].strip(" ").translate(_FULL)


def _full_in_chinese(half: re.Match[str]) -> str:
    """The full stop, if Chinese leads to it and neither an abbreviation nor a Latin sentence does."""
    before = half.string[max(0, half.start() - _LOOK_BACK) : half.start()]
    sentence = _SENTENCE_START.split(before)[-1]
    phrase = _NO_LATIN.split(sentence)[-1].split()
    last = phrase[-1] if phrase else ""
    abbreviated = bool(_INITIALS.fullmatch(last)) or last.lower() in _ABBREVIATIONS
    if not _CHINESE.search(sentence) or len(phrase) > _LATIN_PHRASE or (half[0] == "." and abbreviated):
        return half[0]
    return half[0].translate(_FULL)


def _ellipsis(found: re.Match[str]) -> str:
    return _beside(found, "……") if any(_neighbours(found)) else found[0]


def _dash(found: re.Match[str]) -> str:
    drawn = found[0].strip(" ")[0] in "-─"  # these draw flags and tables too: Chinese must stand on both sides
    return _beside(found, "——") if (all if drawn else any)(_neighbours(found)) else found[0]


def _neighbours(found: re.Match[str]) -> tuple[bool, bool]:
    before, after = found.string[max(0, found.start() - 1) : found.start()], found.string[found.end() : found.end() + 1]
    return bool(_BESIDE.match(before)), bool(_BESIDE.match(after))


def _beside(found: re.Match[str], sign: str) -> str:
    """The sign, without the spaces about it unless they part it from a citation or from code."""
    before, after = found.string[max(0, found.start() - 1) : found.start()], found.string[found.end() : found.end() + 1]
    left = " " if found[0].startswith(" ") and _OTHER.match(before) else ""
    right = " " if found[0].endswith(" ") and _OTHER.match(after) else ""
    return left + sign + right
