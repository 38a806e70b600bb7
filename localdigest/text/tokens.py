"""Tokens of mixed text: words where spaces part them, character pairs where they do not."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from localdigest.text.scripts import HAN
from localdigest.text.stopwords import load_stopwords

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["content_tokens", "han_share", "tokens"]

#: Scripts written without spaces: Han, kana, Thai, Lao, Myanmar, Khmer.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_UNSPACED_PREFIX = re.compile(f"[{UNSPACED}]")
_HAN = re.compile(f"[{HAN}]")
_PARTICLES = frozenset("的了們们")  #: a pair that holds one of these is two halves of words
# Python's own table of letters ends where its Unicode did; Han that was added later are letters all the same.
_LETTER = re.compile(rf"[^\W\d_]|[{HAN}]")

# 1,200 and 3.5 and gpt-4 and 8x7b and don't are one token each; a run of an unspaced script is cut into pairs later.
_TOKEN = re.compile(
    rf"[{UNSPACED}]+"
    r"|\d+(?:[.,]\d+)+%?"
    rf"|(?:(?![{UNSPACED}])\w)+(?:['’&.-](?:(?![{UNSPACED}_])\w)+)*%?"
)


def tokens(text: str) -> list[str]:
    """All tokens in order, case and width folded; numbers without their thousands separators."""
    return list(_tokens(text))


def content_tokens(text: str) -> list[str]:
    """The tokens that carry meaning: no stop words, English plurals and possessives folded."""
    stop = load_stopwords()
    return [_stem(token) for token in _tokens(text) if token not in stop and _PARTICLES.isdisjoint(token)]


def han_share(text: str) -> float:
    """How much of a text's letters are Han characters, from 0 to 1."""
    han = len(_HAN.findall(text))
    return han / len(_LETTER.findall(text)) if han else 0.0


def _tokens(text: str) -> Iterator[str]:
    for raw in _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold()):
        if _UNSPACED_PREFIX.match(raw):
            yield from _pairs(raw)
        elif raw[0].isdigit() and "," in raw:
            yield raw.replace(",", "")
        else:
            yield raw.replace("’", "'")


def _pairs(run: str) -> Iterator[str]:
    if len(run) == 1:
        yield run
    for index in range(len(run) - 1):
        yield run[index : index + 2]


@cache
def _stem(token: str) -> str:
    token = token.removesuffix("'s").removesuffix("'")
    if len(token) < 4 or not token.isascii() or not token.isalpha() or token.endswith(("ss", "us", "is")):  # noqa: PLR2004 - short words and -ss, -us, -is are no plurals
        return token
    if token.endswith("ies"):
        return token[:-3] + "y"
    return token.removesuffix("s")
