"""What is known of Simplified and Traditional characters, and of the words of Taiwan: data, loaded once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["Glyphs", "WordTable", "glyphs", "word_tables"]


@dataclass(frozen=True, slots=True)
class Glyphs:
    simplified: frozenset[str]  #: Simplified, and nothing else
    shared: frozenset[str]  #: Simplified for another character, and Traditional itself: 后, 里, 台
    traditional: frozenset[str]  #: Simplified Chinese has another character for it
    shinjitai: frozenset[str]  #: simplified, and Japanese
    japanese: frozenset[str]  #: written in Japan only
    forms: dict[int, str]  #: forms of Hong Kong and of old prints, as `str.translate` takes them


@dataclass(frozen=True, slots=True)
class WordTable:
    """Words of the mainland and what Taiwan says; a word that stays is its own translation."""

    pattern: re.Pattern[str]
    translations: dict[str, str]


@cache
def glyphs() -> Glyphs:
    table = _load("hant_glyphs.toml")
    sets = {
        name: frozenset("".join(table[name].split()))
        for name in ("simplified", "shared", "traditional", "shinjitai", "japanese")
    }
    return Glyphs(**sets, forms=str.maketrans(_pairs(_load("hant_words.toml")["forms"])))


@cache
def word_tables() -> tuple[WordTable, WordTable]:
    """The table for text that was Traditional already, and the fuller one for text that was Simplified."""
    table = _load("hant_words.toml")
    stay = {word: word for words in table["stay"].values() for word in words.split()}
    anywhere = _pairs(table["anywhere"]) | stay
    return _table(anywhere), _table(_pairs(table["simplified"]) | anywhere)


def _pairs(groups: dict[str, str]) -> dict[str, str]:
    """`軟件 軟體, 硬件 硬體`: an entry is a word, a space, and what is said for it."""
    entries = (entry.split(maxsplit=1) for group in groups.values() for entry in group.split(","))
    return {word: said.strip() for word, said in entries}


def _table(translations: dict[str, str]) -> WordTable:
    longest_first = sorted(translations, key=lambda word: (-len(word), word))
    starts = "".join(sorted({word[0] for word in translations}))
    # One look at the character before all alternatives: most characters begin no word.
    return WordTable(re.compile(f"(?=[{starts}])(?:{'|'.join(map(re.escape, longest_first))})"), translations)


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(name).read_text("utf-8"))
