"""Chinese as Taiwan writes it: characters by OpenCC, words by a table, and nothing harmed that was right already.

    text ─fixed spans─▶ clauses ─weigh─▶ script of each ─characters─▶ ─words─▶ text

A converter that takes every text for Simplified damages the rest: 里長 becomes 裡長, 范先生 becomes 範先生. So each
clause is weighed first. In a Traditional one only characters change that are Simplified and nothing else, each as its
word demands; words change only where Taiwan never says them in another sense.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localdigest.text.fixed_spans import find_fixed_spans
from localdigest.text.hant_tables import WordTable, glyphs, word_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["has_simplified", "to_taiwan"]

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]+")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_CLAUSE = re.compile(r"[^\n，。；：？！、「」『』“”（）《》…—,;:?!()\"]+")
_FREE, _FIXED = "0", "1"  #: of each character, whether it may change


def to_taiwan(text: str, *, keep: Sequence[str] = ()) -> str:
    """The text in the characters and words of Taiwan; a text that has them already comes back as it is.

    Every occurrence of a string in `keep` (names, quotations of a source) stays, as do addresses, code and markup.
    """
    if not _HAN.search(text):
        return text
    fixed = _fixed_flags(text, keep)
    mostly_simplified = _leaning(text, fixed) > 0
    pieces: list[str] = []
    end = 0
    for clause in _CLAUSE.finditer(text):
        pieces += (
            text[end : clause.start()],
            _clause_to_taiwan(clause[0], fixed[slice(*clause.span())], mostly_simplified),
        )
        end = clause.end()
    return "".join(pieces) + text[end:]


def has_simplified(text: str, *, keep: Sequence[str] = ()) -> tuple[str, ...]:
    """The characters in the text that only Simplified Chinese has, each once, in order.

    Addresses, code and the strings in `keep` do not count, nor does Japanese where kana or its own characters tell it.
    """
    fixed = _fixed_flags(text, keep)
    found: dict[str, None] = {}
    for clause in _CLAUSE.finditer(text):
        found |= dict.fromkeys(clause[0][index] for index in _simplified(clause[0], fixed[slice(*clause.span())]))
    return tuple(found)


def _fixed_flags(text: str, keep: Sequence[str]) -> str:
    flags: list[str] = []
    end = 0
    for first, last in find_fixed_spans(text, keep=keep):
        flags += _FREE * (first - end), _FIXED * (last - first)
        end = last
    return "".join(flags) + _FREE * (len(text) - end)


def _leaning(text: str, fixed: str) -> int:
    """More than 0: Simplified characters prevail; less: Traditional ones."""
    known = glyphs()
    return sum(
        (char in known.simplified) - (char in known.traditional)
        for char, flag in zip(text, fixed, strict=True)
        if flag == _FREE
    )


def _simplified(clause: str, fixed: str) -> list[int]:
    """Where a clause has characters that are Simplified only; in Japanese, those that Japan has too are none."""
    known = glyphs()
    found = [
        index
        for index, (char, flag) in enumerate(zip(clause, fixed, strict=True))
        if flag == _FREE and char in known.simplified
    ]
    if found and known.shinjitai.issuperset(clause[index] for index in found) and _is_japanese(clause):
        return []
    return found


def _is_japanese(clause: str) -> bool:
    return bool(_KANA.search(clause)) or not glyphs().japanese.isdisjoint(clause)


def _clause_to_taiwan(clause: str, fixed: str, mostly_simplified: bool) -> str:  # noqa: FBT001 - one caller
    simplified = _simplified(clause, fixed)
    leaning = _leaning(clause, fixed)
    all_of_it = leaning > 0 or (leaning == 0 and mostly_simplified)
    if _is_japanese(clause) and not simplified:
        all_of_it = False
    if simplified or all_of_it:
        clause = _read(clause, fixed, set(simplified), all_of_it=all_of_it)
    clause = "".join(
        glyphs().forms.get(ord(char), char) if flag == _FREE else char for char, flag in zip(clause, fixed, strict=True)
    )
    traditional_words, all_words = word_tables()
    if all_of_it:
        clause, fixed = _say(clause, fixed, all_words)
    return _say_until_said(clause, fixed, traditional_words)


def _read(clause: str, fixed: str, simplified: set[int], *, all_of_it: bool) -> str:
    """The clause with its Simplified characters replaced; in a Traditional one only those, and what belongs to them."""
    from localdigest.text.hant_opencc import taiwan_reading  # noqa: PLC0415 - megabytes, needed for Simplified only

    known = glyphs()
    chars = list(clause)
    for run in _HAN.finditer(clause):
        for index, new in enumerate(taiwan_reading(run[0]), run.start()):
            old = clause[index]
            if new == old or fixed[index] == _FIXED or old in known.traditional or (old, new) in _AS_THE_PRESS_WRITES:
                continue
            # 标准 in a Traditional clause: 准 can be Traditional too, but not beside 标.
            if all_of_it or index in simplified or (old in known.shared and {index - 1, index + 1} & simplified):
                chars[index] = new
    return "".join(chars)


#: What the norm of the ministry changes and Taiwan's press does not.
_AS_THE_PRESS_WRITES = frozenset({("台", "臺"), ("污", "汙")})


def _say_until_said(clause: str, fixed: str, words: WordTable) -> str:
    """A translation can make another word with its neighbours (文檔 + 夾): said again, it must change nothing."""
    for _ in range(len(clause)):
        said, fixed = _say(clause, fixed, words)
        if said == clause:
            break
        clause = said
    return clause


def _say(clause: str, fixed: str, words: WordTable) -> tuple[str, str]:
    pieces: list[str] = []
    flags: list[str] = []
    end = 0
    for word in words.pattern.finditer(clause):
        if _FIXED in fixed[slice(*word.span())]:
            continue
        said = words.translations[word[0]]
        pieces += clause[end : word.start()], said
        flags += fixed[end : word.start()], _FREE * len(said)
        end = word.end()
    return "".join(pieces) + clause[end:], "".join(flags) + fixed[end:]
