"""Whether a sentence is in the language that it was asked for; where nobody can tell, it counts as being so."""

from __future__ import annotations

import re

from localdigest.text.scripts import HAN, KANA, LATIN, WORD

__all__ = ["ENGLISH_WORDS", "FOREIGN_WORDS", "is_written_in"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Function words that are common in English and rare as words of other languages.
ENGLISH_WORDS = _words("""
    the of and to that for with by from this are have has had which were been it its you your they their we our not but
    what when who will would can could should there than into about how more if he she his her is as at
""")
#: Function words of other languages in Latin letters.
FOREIGN_WORDS = _words("""
    der die das und ist nicht mit ein eine auf für den dem von le la les des et est une dans pour pas que qui el los
    las una por con para del es en il lo gli di che non della sono het een van niet zijn dat voor och att det som
    är på og ikke til av da dos das uma não em os na je się jest nie
""")

_HAN = re.compile(f"[{HAN}]")
_KANA = re.compile(f"[{KANA}]")
_LATIN = re.compile(f"[{LATIN}]")
_QUOTED = re.compile(r"「[^「」]*」|『[^『』]*』|“[^“”]*”|\"[^\"]*\"")  #: in whatever language it was said
_WORD = re.compile(WORD)
#: Of all letters. A Chinese sentence of names ("OpenAI 收購 Rockset") has 0.13, an English one that names a title 0.05.
_LEAST_HAN = 0.08
_MOST_KANA = 0.25  #: of Han and kana: more is Japanese, less a name that is quoted
_LEAST_LATIN = 0.6  #: of all letters
_LEAST_FOREIGN = 2  #: function words: one may be part of a name ("Le Chat", "La Plateforme")


def is_written_in(text: str, language: str) -> bool:
    """Whether the sentence can pass for one in `zh-TW` or `en`; any other language is not looked at.

    Chinese characters of either script pass: converting them is done elsewhere. Quotations are not looked at.
    """
    text = _QUOTED.sub("", text)
    letters = sum(map(str.isalpha, text))
    if not letters:
        return True
    if language == "zh-TW":
        han, kana = len(_HAN.findall(text)), len(_KANA.findall(text))
        return han >= _LEAST_HAN * letters and kana <= _MOST_KANA * (han + kana)
    return language != "en" or (len(_LATIN.findall(text)) >= _LEAST_LATIN * letters and not _is_foreign(text))


def _is_foreign(text: str) -> bool:
    words = [word.casefold() for word in _WORD.findall(text)]
    foreign = sum(word in FOREIGN_WORDS for word in words)
    return foreign >= _LEAST_FOREIGN and foreign > sum(word in ENGLISH_WORDS for word in words)
