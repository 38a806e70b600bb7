"""Words in Latin letters, in any sentence, and the keys that they can be matched by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from localdigest.facts.patterns import LETTER

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Word", "bare", "is_version", "latin_words", "parts_of", "singular", "word_keys"]

#: With the digits and joints in it: GPT-4o, 8x7B, O'Neill, AT&T, node.js, C++.
_WORD = re.compile(rf"[{LETTER}0-9]+(?:['&+._/-][{LETTER}0-9]+)*(?:\+\+|#(?![{LETTER}0-9]))?")
_JOINT = re.compile(rf"[^{LETTER}0-9]+")
_NEAR = 2  #: characters between neighbours: a space, a hyphen
_MOST_PARTS = 8
_LEAST_PLURAL = 4  #: letters: `was` and `gas` are none
_SMALL = ("of", "and", "for", "the", "de")  # stand in names of organisations without a letter in their initials


class Word(NamedTuple):
    """A word where it stands, without a possessive ending."""

    start: int
    end: int
    text: str
    key: str  #: letters and digits in small letters


def latin_words(text: str) -> list[Word]:
    """The words in Latin letters of a folded text, in order."""
    words: list[Word] = []
    for match in _WORD.finditer(text):
        word = match[0]
        if len(word) > len("'s") and word[-2:] in ("'s", "'S"):
            word = word[:-2]
        words.append(Word(match.start(), match.start() + len(word), word, bare(word)))
    return words


def bare(text: str) -> str:
    """`GPT-4o` and `gpt 4o` are one."""
    return _JOINT.sub("", text).casefold()


def parts_of(text: str) -> list[str]:
    """What a word is joined of."""
    return [part for part in _JOINT.split(text) if part]


def singular(key: str) -> str:
    """A key without the s of a plural."""
    is_plural = len(key) >= _LEAST_PLURAL and key.endswith("s") and not key.endswith("ss")
    return key[:-1] if is_plural else key


def is_version(key: str) -> bool:
    """`v0.3` is `0.3`."""
    return key[:1] == "v" and key[1:2].isdigit()


def word_keys(words: list[Word]) -> frozenset[str]:
    """Everything that a name may be matched with: words, their parts, joined neighbours, initials of capitals."""
    keys: set[str] = set()
    for index, word in enumerate(words):
        keys.add(word.key)
        if len(word.key) != len(word.text):
            keys.update(_joined_parts(word.text))
        joined, end = word.key, word.end
        for neighbour in words[index + 1 : index + 3]:
            if neighbour.start - end > _NEAR:
                break
            joined, end = joined + neighbour.key, neighbour.end
            keys.add(joined)
    keys |= {singular(key) for key in keys} | {key[1:] for key in keys if is_version(key)}
    return frozenset(keys.union(_initials(words)))


def _joined_parts(text: str) -> Iterator[str]:
    """`Mixtral-8x7B-v0.1` holds `mixtral`, `mixtral8x7b`, `8x7bv01` and so on."""
    parts = [part.casefold() for part in parts_of(text)][:_MOST_PARTS]
    for first in range(len(parts)):
        for last in range(first + 1, len(parts) + 1):
            yield "".join(parts[first:last])


def _initials(words: list[Word]) -> Iterator[str]:
    """`EU` of European Union, `UN` of the United Nations."""
    run: list[str] = []
    end = 0
    for word in words:
        small, capital = word.text in _SMALL, word.text[0].isupper()
        if word.start - end > _NEAR or not (capital or small):
            run = []
        if capital or (run and small):
            run = [*run, word.text[0].casefold() if capital else ""][-_MOST_PARTS:]
            for length in range(2, len(run) + 1):
                if len(initials := "".join(run[-length:])) > 1:
                    yield initials
        end = word.end
