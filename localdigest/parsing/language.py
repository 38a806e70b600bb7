"""Names the language of a text by its letters and commonest words."""

from __future__ import annotations

import re
from functools import cache

from localdigest.records import Language
from localdigest.text.scripts import HAN, HANGUL, KANA, LATIN, WORD
from localdigest.text.written_in import ENGLISH_WORDS, FOREIGN_WORDS

__all__ = ["detect_language"]

# Measured on 316 real pages in a dozen languages (English, Chinese, German, French, Spanish and others): no page of
# another language passes for English or Chinese. Retune when a language is added.
_SAMPLE = 20_000  #: characters looked at
_HAN_SHARE = 0.12  #: of all letters: names and terms in Latin letters are common in Chinese text,
_HAN_WORDS = 0.40  #: but of characters and Latin words together, Chinese characters are not the smaller part
_KANA_SHARE = 0.10  #: of Han and kana: Japanese has 0.3 to 0.7, Chinese only what it quotes
_HANGUL_SHARE = 0.20
_LATIN_SHARE = 0.60
_ENGLISH_SHARE = 0.12  #: of words; English prose has 0.2 to 0.35, other languages below 0.06
_ENGLISH_LIST_SHARE = 0.03  #: enough in lists of names and products, when no other language shows itself,
_ACCENTED_SHARE = 0.01  #: of letters, as other languages in Latin letters do
_FEW_WORDS = 12  #: below this, words cannot be counted: plain ASCII without foreign function words passes

_HAN = re.compile(f"[{HAN}]")
_KANA = re.compile(f"[{KANA}]")
_HANGUL = re.compile(f"[{HANGUL}]")
_LATIN = re.compile(f"[{LATIN}]")
_LATIN_WORD = re.compile(f"[{LATIN}]+")
_WORD = re.compile(WORD)


def detect_language(text: str, *, hint: str = "") -> Language:
    """The language of most of the text. `hint` (a `lang` attribute) decides only what the text leaves open."""
    sample = text[:_SAMPLE]
    han, kana, hangul, latin = (len(kind.findall(sample)) for kind in (_HAN, _KANA, _HANGUL, _LATIN))
    letters = sum(map(str.isalpha, sample)) or 1
    if kana > _KANA_SHARE * (han + kana) and han + kana > _HAN_SHARE * letters:
        return Language.JAPANESE
    if hangul > _HANGUL_SHARE * letters and hangul > han:
        return Language.KOREAN
    if han > _HAN_SHARE * letters and han > _HAN_WORDS * (han + len(_LATIN_WORD.findall(sample))):
        return _chinese_script(sample, hint)
    if latin > _LATIN_SHARE * letters and _is_english(sample, hint):
        return Language.ENGLISH
    return Language.OTHER


def _chinese_script(text: str, hint: str) -> Language:
    """Traditional or Simplified, by the characters that only one of them has."""
    traditional, simplified = _distinguishing()
    balance = sum((char in traditional) - (char in simplified) for char in text)
    if balance == 0:
        balance = _by_hint(hint) or _by_quotes(text)
    return Language.SIMPLIFIED_CHINESE if balance < 0 else Language.TRADITIONAL_CHINESE


def _by_hint(hint: str) -> int:
    hint = hint.lower().replace("_", "-")
    if any(part in hint for part in ("hant", "tw", "hk", "mo")):
        return 1
    return -1 if any(part in hint for part in ("hans", "cn", "sg")) else 0


def _by_quotes(text: str) -> int:
    return sum(map(text.count, "「」")) - sum(map(text.count, "“”"))


@cache
def _distinguishing() -> tuple[frozenset[str], frozenset[str]]:
    """Characters of one script only. The national charsets are the table: Big5 holds Traditional, GB 2312 Simplified.

    Big5's second level is left out: its rare characters serve as names in Simplified text too.
    """
    big5 = _characters("big5", range(0xA4, 0xC7))
    gb2312 = _characters("gb2312", range(0xB0, 0xF8))
    return big5 - gb2312, gb2312 - _characters("big5", range(0xA4, 0xFA))


def _characters(charset: str, leads: range) -> frozenset[str]:
    pairs = (bytes((lead, trail)) for lead in leads for trail in range(0x40, 0xFF))
    return frozenset(char for pair in pairs for char in pair.decode(charset, "ignore") if _HAN.match(char))


def _is_english(text: str, hint: str) -> bool:
    words = [word.lower() for word in _WORD.findall(text)]
    if len(words) < _FEW_WORDS:
        return text.isascii() and not any(word in FOREIGN_WORDS for word in words) and hint[:2].lower() in ("", "en")
    share = sum(word in ENGLISH_WORDS for word in words) / len(words)
    foreign = sum(word in FOREIGN_WORDS for word in words) / len(words)
    accented = sum(not char.isascii() for word in words for char in word) / sum(map(len, words))
    enough = _ENGLISH_LIST_SHARE if accented < _ACCENTED_SHARE else _ENGLISH_SHARE
    return share > max(enough, foreign)
