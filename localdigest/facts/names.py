"""The names of a sentence in Latin letters, and whether each must be one."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from localdigest.facts.aliases import alias_key, is_place
from localdigest.facts.patterns import word_set
from localdigest.facts.tokens import Name
from localdigest.facts.words import Word, is_version, parts_of, singular
from localdigest.text.stopwords import load_function_words, load_stopwords

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_names"]

_SENTENCE_START = re.compile(r"(?:\A|[.!?:;。！？：；\"“「『(（])\s*[\"“「『'(（]*\s*\Z")
_START_REACH = 8
_LONGEST = 60  #: characters; longer runs are no names
_SHORT = 3  #: letters of a word that begins a sentence and tells too little to be called a name
_HEADING = 0.1  #: of the telling words of a heading are small
_HEADING_WORDS = 3
_ENDINGS = (
    *(
        ("ies", "y"),
        ("ied", "y"),
        ("es", ""),
        ("s", ""),
        ("ing", ""),
        ("ing", "e"),
        ("ed", ""),
        ("ed", "e"),
        ("er", ""),
    ),
    *(("er", "e"), ("ers", ""), ("ers", "e"), ("ly", ""), ("ness", ""), ("ment", ""), ("or", "e"), ("ors", "e")),
)
#: Endings of words that begin sentences without being names.
_WORD_ENDINGS = tuple(
    word_set(
        "ing ed ly tion tions sion sions ment ments ness ers ors ists ians ies ity ance ence ism ship ships age ages"
        " ful less able ible ous ive ives ically"
    )
)
#: Short forms that every reader of news knows, and no evidence needs to hold.
_PLAIN_ACRONYMS = word_set(
    "ai ceo cto cfo coo gpu gpus cpu cpus tpu npu api apis ip it pc pcs tv llm llms ml ui ux ok faq pdf url ram usb vc"
    " ipo cv hr qa rd id am pm ad bc moe nlp sdk ide os app gb tb mb kb"
)


def find_names(text: str, words: list[Word], *, spaced: bool) -> Iterator[Name]:
    """The names in Latin letters of a folded text.

    Args:
        text: the folded sentence.
        words: its `latin_words`.
        spaced: whether the sentence itself is in Latin letters; in a Chinese one every Latin word is a name or a term.
    """
    heading = spaced and _is_heading(words)
    for index, word in enumerate(words):
        if word.key.isdecimal():
            if word.text.count(".") > 1:  # 1.2.3
                yield Name(word.start, word.end, frozenset({word.key}), strict=True)
        elif _may_be_name(word):
            is_name = _is_strict(text, words, index, heading=heading) if spaced else not _is_small(word)
            strict = is_name and not is_place(word.key)
            yield Name(word.start, word.end, _keys_of(word), strict)


def _may_be_name(word: Word) -> bool:
    return (
        1 < len(word.key) <= _LONGEST
        and (word.text[0].isupper() or _is_mixed(word.text))
        and not all(part.casefold() in _PLAIN_ACRONYMS for part in parts_of(word.text))
    )


def _is_mixed(text: str) -> bool:
    """CamelCase, iPhone, H100, GPT-4: no ordinary word looks so."""
    parts = parts_of(text)
    if any(_is_camel(part) or (not part.isalpha() and not part.isdecimal()) for part in parts):
        return True
    return any(part.isdecimal() for part in parts) and any(part[0].isupper() for part in parts)


def _is_camel(part: str) -> bool:
    return not part.isupper() and any(character.isupper() for character in part[1:])


def _keys_of(word: Word) -> frozenset[str]:
    keys = {word.key, singular(word.key)} | alias_key(word.key)
    if is_version(word.key):
        keys.add(word.key[1:])
    parts = [part.casefold() for part in parts_of(word.text)]
    if len(parts) > 1 and all(map(str.isalpha, parts)):
        keys.add(" ".join(parts))  # all of them, one by one
    return frozenset(keys)


def _is_strict(text: str, words: list[Word], index: int, *, heading: bool) -> bool:
    """Whether the word must be a name: an ordinary word may begin a sentence, or stand in a heading."""
    word = words[index]
    if _is_mixed(word.text):
        return True
    if word.text.isupper() and len(word.text) >= _SHORT:
        return not heading
    if heading or any(_is_ordinary(part) for part in (word.key, *map(str.casefold, parts_of(word.text)))):
        return False
    if _starts(text, word.start):
        return _next_is_name(words, index) or not (word.key.endswith(_WORD_ENDINGS) or len(word.key) <= _SHORT)
    return True


def _is_small(word: Word) -> bool:
    """An English "The" before a Chinese quotation is no name."""
    return word.key in load_function_words("en")


def _next_is_name(words: list[Word], index: int) -> bool:
    following = words[index + 1 : index + 2]
    return any(word.start - words[index].end == 1 and word.text[0].isupper() for word in following)


def _starts(text: str, place: int) -> bool:
    return _SENTENCE_START.search(text[max(0, place - _START_REACH) : place]) is not None


def _is_heading(words: list[Word]) -> bool:
    """A Heading Like This capitalises all but the small words."""
    function = load_function_words("en")
    telling = [word.text for word in words if word.text[0].isalpha() and word.text.lower() not in function]
    small = sum(text.islower() for text in telling)
    return len(telling) > _HEADING_WORDS and small <= _HEADING * len(telling)


@cache
def _is_ordinary(word: str) -> bool:
    """Whether a word in small letters is one of the language, in some form of it."""
    words = _ordinary()
    return word in words or word in load_stopwords() or any(stem in words for stem in _possible_stems(word))


def _possible_stems(word: str) -> Iterator[str]:
    for ending, put in _ENDINGS:
        if word.endswith(ending) and len(stem := word[: -len(ending)]) >= _SHORT:
            yield stem + put
            if stem[-1] == stem[-2]:  # planned
                yield stem[:-1]


@cache
def _ordinary() -> frozenset[str]:
    return frozenset(files(__package__).joinpath("ordinary.txt").read_text("utf-8").split())
