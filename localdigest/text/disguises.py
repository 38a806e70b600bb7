"""What a text says to a machine that undoes its disguise: look-alike letters, digits for letters, rot13, base64, hex.

Each is undone only where the text shows signs of it, so that plain sentences cost next to nothing.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import unquote

from localdigest.text.unseen import without_unseen

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["plain", "views"]

#: Cyrillic and Greek letters that look like Latin ones.
_LOOK_ALIKES = str.maketrans("аеорсухіјѕһԁԛԝѵмтвнкαορεικνυτ", "aeopcyxijshdqwvmtbhkaopeiknut")
_LATIN = re.compile(r"[a-z]")
_OTHER_ALPHABET = re.compile("[\u0370-\u03ff\u0400-\u04ff\u0501-\u052f]")
_DIGITS_FOR_LETTERS = str.maketrans("013457@$!|", "oieastasii")
_DIGIT_IN_WORD = re.compile(r"(?<=[a-z])[013457@$!|]+(?=[a-z])")
_MIXED_WORD = re.compile(r"[a-z@$!|]*[a-z][013457@$!|][a-z013457@$!|]*|[013457@$!|]+[a-z]{2}[a-z013457@$!|]*")
_SPELT = re.compile(r"(?:(?<!\w)\w[\s._*·-]{1,3}){5,}\w(?!\w)")
_ROT13 = re.compile(r"vtaber|vafgehpgvba|qvfertneq|cebzcg|fhzznel|bireevqr|flfgrz|sbetrg")
_BACKWARDS = re.compile(r"snoitcurtsni|tpmorp|erongi|drageridsid|yrammus|令指|示提")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX = re.compile(r"(?:(?:0x|\\x)?[0-9a-fA-F]{2}[\s:,]?){16,}")
_DIGIT = re.compile(r"[0-9]")
_ESCAPES = re.compile(r"(?:%[0-9a-fA-F]{2}){2,}|&#?\w{2,8};|\\u[0-9a-fA-F]{4}")
_UNICODE_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_READABLE = 0.9  #: of the characters of what was decoded


def plain(text: str) -> str:
    """The text as it is compared: what is seen of it, in compatibility form and lower case, on one line."""
    return " ".join(_folded(text).split())


def views(text: str) -> Iterator[str]:
    """All readings that a text allows: the plain one, then what undoes a disguise, each in the plain form."""
    folded = _folded(text)
    seen = " ".join(folded.split())
    yield seen
    if _SPELT.search(folded):
        yield plain(_SPELT.sub(_joined, folded))
    yield from _respelt(seen)
    yield from _decoded(text)


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", without_unseen(text)).lower()


def _respelt(seen: str) -> Iterator[str]:
    if not seen.isascii() and _OTHER_ALPHABET.search(seen) and _LATIN.search(seen):
        yield seen.translate(_LOOK_ALIKES)
    if _DIGIT_IN_WORD.search(seen):
        yield _MIXED_WORD.sub(lambda word: word[0].translate(_DIGITS_FOR_LETTERS), seen)
    if _ROT13.search(seen):
        yield codecs.decode(seen, "rot13")
    if _BACKWARDS.search(seen):
        yield seen[::-1]


def _joined(found: re.Match[str]) -> str:
    """Two separators in a row part words where one parts letters; with one everywhere nobody can tell."""
    words = re.split(r"\s{2,}|\s[._*·-]\s|_{2,}|\s*\|\s*", found[0])
    return " ".join(re.sub(r"[\s._*·-]", "", word) for word in words)


def _decoded(text: str) -> Iterator[str]:
    for run in _BASE64.findall(text):
        yield from _readable(_from_base64(run))
    if _DIGIT.search(text):  # no byte of a letter or a sign of ASCII is two letters in hex
        for run in _HEX.findall(text):
            yield from _readable(_from_hex(run))
    if _ESCAPES.search(text):
        unescaped = html.unescape(html.unescape(unquote(text)))
        yield plain(_UNICODE_ESCAPE.sub(lambda code: chr(int(code[1], 16)), unescaped))


def _from_base64(run: str) -> bytes:
    run = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(run[: len(run) - (len(run) % 4 == 1)] + "=" * (-len(run) % 4))
    except (binascii.Error, ValueError):
        return b""


def _from_hex(run: str) -> bytes:
    digits = re.sub(r"0x|\\x|[\s:,]", "", run)
    return bytes.fromhex(digits[: len(digits) // 2 * 2])


def _readable(data: bytes) -> Iterator[str]:
    """The text of bytes that are one; most long words are no base64, and decode to noise."""
    text = data.decode("utf-8", "ignore")
    if text and len(text) * 3 >= len(data) and sum(map(str.isprintable, text)) >= _READABLE * len(text):
        yield plain(text)
