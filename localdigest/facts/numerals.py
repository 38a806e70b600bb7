"""Numbers written in words or in Chinese characters."""

from __future__ import annotations

import re
from fractions import Fraction

__all__ = ["ENGLISH_NUMBER", "HAN_DIGITS", "HAN_NUMERAL", "HAN_SCALES", "english_value", "han_value", "value_of"]

HAN_DIGITS = {
    **{character: value for value, character in enumerate("零一二三四五六七八九")},
    **dict.fromkeys("〇○", 0),
    **{character: value for value, character in enumerate("壹貳參肆伍陸柒捌玖", start=1)},
    **dict.fromkeys("兩两", 2),
}
_SMALL_SCALES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE_SCALES = {"萬": 10**4, "万": 10**4, "億": 10**8, "亿": 10**8, "兆": 10**12}
HAN_SCALES = _SMALL_SCALES | _LARGE_SCALES
_TENS = {"廿": 20, "卅": 30}

HAN_NUMERAL = "".join((*HAN_DIGITS, *HAN_SCALES, *_TENS))

_UNITS = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_DECADES = {
    word: 10 * value
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12}
_WORD = "|".join(sorted((*_UNITS, *_DECADES, *_SCALES), key=len, reverse=True))
#: A run of number words: `twenty-one`, `three hundred and five`, `a million`.
ENGLISH_NUMBER = (
    rf"(?:an?[ -](?=(?:{'|'.join(_SCALES)})\b)|half an?[ -](?=(?:{'|'.join(_SCALES)})\b))?"
    rf"(?:{_WORD})(?:(?:-| and | )(?:{_WORD}))*"
)
_LONGEST = 40  #: characters of a numeral that means a number; longer ones are noise


def han_value(run: str) -> Fraction | None:
    """一億二千萬, 兩百五, 二〇二五, 三點五, 廿; None for what is no number."""
    if not run or len(run) > _LONGEST:
        return None
    whole, point, decimals = run.replace("点", "點").partition("點")
    if point:
        if not whole or not decimals or any(character not in HAN_DIGITS for character in decimals):
            return None
        value = _whole(whole)
        places = "".join(str(HAN_DIGITS[character]) for character in decimals)
        return None if value is None else value + Fraction(int(places), 10 ** len(places))
    value = _whole(whole)
    return None if value is None else Fraction(value)


def value_of(text: str | None) -> Fraction | None:
    """A figure in digits or in Chinese numerals; None for none, and for one too long to mean anything."""
    if not text or len(text) > _LONGEST:
        return None
    return Fraction(text.replace(",", "")) if text[0].isascii() else han_value(text)


def _whole(run: str) -> int | None:
    if all(character in HAN_DIGITS for character in run):
        return int("".join(str(HAN_DIGITS[character]) for character in run))
    total = part = digit = 0
    last_scale = 0
    zero = False
    for character in run:
        if character in HAN_DIGITS:
            digit = HAN_DIGITS[character]
            zero = zero or digit == 0
        elif character in _TENS:
            part += _TENS[character]
            last_scale, digit = 10, 0
        elif character in _SMALL_SCALES:
            part += (digit or 1) * _SMALL_SCALES[character]
            last_scale, digit, zero = _SMALL_SCALES[character], 0, False
        elif character in _LARGE_SCALES:
            scale = _LARGE_SCALES[character]
            group = part + digit
            total = total * scale if total and not group else total + (group or 1) * scale
            part = digit = 0
            last_scale, zero = scale, False
        else:
            return None
    # 兩百五 is 250, 一億二 is 120 million, but 兩百零五 is 205
    tail = digit * (last_scale // 10) if last_scale > 10 and digit and not zero else digit  # noqa: PLR2004 - not 十五
    return total + part + tail


def english_value(text: str) -> Fraction | None:
    """`three hundred and five`, `half a million`, `a dozen`; None for words that make no number together."""
    if len(text) > 4 * _LONGEST:
        return None
    words = [word for word in re.split(r"[ -]+", text.lower()) if word not in ("and", "a", "an")]
    factor = Fraction(1)
    if words and words[0] == "half":
        factor, words = Fraction(1, 2), words[1:]
    total = part = 0
    previous = 10**15
    for word in words:
        if word in _UNITS or word in _DECADES:
            value = _UNITS.get(word, _DECADES.get(word, 0))
            if part % 100 and not (part % 10 == 0 and value < 10 and part % 100 >= 20):  # noqa: PLR2004 - tens and ones
                return None
            part += value
        elif word in ("hundred", "dozen"):
            part = max(part, 1) * _SCALES[word]
        else:
            scale = _SCALES[word]
            if scale >= previous:
                return None
            total += max(part, 1) * scale
            part, previous = 0, scale
    return factor * (total + part)
