"""What language a sentence is checked as."""

from __future__ import annotations

import re
from enum import StrEnum

from localdigest.facts.patterns import word_set
from localdigest.records import Language
from localdigest.text.stopwords import load_function_words

__all__ = ["Tongue", "tongue_of"]


class Tongue(StrEnum):
    ENGLISH = "en"
    CHINESE = "zh"
    OTHER = "und"  #: figures and names are looked for, their absence proves nothing
    NONE = ""  #: no letters at all


_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏ]+")
_OTHER_LETTER = re.compile(r"[^\W\d_A-Za-zÀ-ÖØ-öø-ɏ\u3400-\u9fff\uf900-\ufaff]")
_SAMPLE = 2_000
_HAN_TO_WORDS = 0.8  #: Chinese text holds many Latin names, but more characters than those
_ENGLISH_SHARE = 0.08  #: function words of all; below it a long sentence is of another language
_FEW_WORDS = 9
_FOREIGN = word_set(
    "der die das und ist nicht mit ein eine auf für den dem von le la les des et est une dans pour pas que qui el los"
    " las una por con para del es en il lo gli di che non della sono het een van niet zijn dat voor och att det som"
    " är på og ikke til av da dos das uma não em os na je się jest nie du au elle sur avec"
)


def tongue_of(text: str, hint: Language | None = None) -> Tongue:
    """By the letters; the hint decides between languages that share them."""
    sample = text[:_SAMPLE]
    words = [word.lower() for word in _LATIN_WORD.findall(sample)]
    if not sample.isascii():
        han = len(_HAN.findall(sample))
        if len(_KANA.findall(sample)) * 4 > han + 1:
            return Tongue.OTHER
        if han and han > _HAN_TO_WORDS * len(words):
            return Tongue.CHINESE
        if len(_OTHER_LETTER.findall(sample)) > sum(map(len, words)):
            return Tongue.OTHER
    if not words:
        return Tongue.NONE
    if hint is not None and hint not in (Language.ENGLISH, Language.OTHER) and not hint.is_chinese:
        return Tongue.OTHER
    return Tongue.ENGLISH if _is_english(words) else Tongue.OTHER


def _is_english(words: list[str]) -> bool:
    function = load_function_words("en")
    english = sum(word in function for word in words)
    foreign = sum(word in _FOREIGN for word in words)
    if len(words) < _FEW_WORDS:
        return foreign <= max(english, 1)
    return english > foreign and english >= _ENGLISH_SHARE * len(words)
