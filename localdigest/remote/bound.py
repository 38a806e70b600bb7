"""An upper bound for the tokens of a text, for servers that count none. Pure.

A tokenizer needs about as many tokens for a text as for another in the same script. So two samples are sent to the
server once, and what it says that it read of them is taken half as much again. Digits and signs count as one each,
which is the most that they can be; no character counts for more tokens than it has bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

__all__ = ["LATIN_SAMPLE", "OTHER_SAMPLE", "Rates", "bound", "rates_of"]

#: Names and rare words in it on purpose.
LATIN_SAMPLE = (
    "Ambassador Katarzyna Wojciechowska told reporters in Vlissingen that the desalination consortium had quietly "
    "renegotiated its photovoltaic contracts with Guangzhou and Thessaloniki while arbitration dragged on past autumn"
)
OTHER_SAMPLE = (
    "駐維也納代表蔡宥蓁昨晚在記者會上表示雙方已就離岸風電與半導體封裝測試簽署備忘錄並將於年底前設立聯合實驗室"
    "但環保團體質疑填海造陸會破壞潟湖棲地呼籲縣府重啟審查程序"
)
_MARGIN = 1.5
_MOST_BYTES = 4  #: of a character


@dataclass(frozen=True, slots=True)
class Rates:
    """Tokens a character, at most."""

    latin: float = 0.5  #: ASCII letters and spaces
    other: float = 3.0  #: beyond ASCII


def rates_of(latin_tokens: int, other_tokens: int) -> Rates:
    """From what a server read of the two samples; 0: it does not say, and the rates stay wide."""
    wide = Rates()
    return Rates(
        min(1.0, _MARGIN * latin_tokens / len(LATIN_SAMPLE)) if latin_tokens else wide.latin,
        min(float(_MOST_BYTES), _MARGIN * other_tokens / len(OTHER_SAMPLE)) if other_tokens else wide.other,
    )


def bound(text: str, rates: Rates) -> int:
    """Tokens of the text, at most; one more than its bytes where a tokenizer puts a space before it."""
    letters = sum(letter.isascii() and (letter.isalpha() or letter == " ") for letter in text)
    signs = sum(letter.isascii() for letter in text) - letters
    others = "".join(letter for letter in text if not letter.isascii())
    num_bytes = len(others.encode("utf-8", "replace"))
    return 1 + ceil(letters * rates.latin) + signs + min(num_bytes, ceil(len(others) * rates.other)) if text else 0
