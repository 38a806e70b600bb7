"""The figures of a sentence as numbers, so that "46.7 billion" and 「467 億」 are the same."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["quantities"]

_SCALES = {
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "m": 1e6,
    "bn": 1e9,
    "tn": 1e12,
    "千": 1e3,
    "萬": 1e4,
    "万": 1e4,
    "億": 1e8,
    "亿": 1e8,
    "兆": 1e12,
}
_FIGURE = re.compile(
    rf"(?<![a-z0-9.,])(\d[\d,]*(?:\.\d+)?)(?: ?({'|'.join(_SCALES)})(?![a-z])|(?![\d.]*\d|[a-z]))", re.IGNORECASE
)
_YEARS = range(1900, 2101)
_LEAST = 10  #: smaller numbers without a scale ("two of 8") stand in unrelated sentences


def quantities(text: str) -> frozenset[float]:
    """The telling ones: no years, no small counts."""
    found: set[float] = set()
    for digits, scale in _FIGURE.findall(unicodedata.normalize("NFKC", text)):
        number = float(digits.replace(",", ""))
        if scale:
            found.add(float(f"{number * _SCALES[scale.lower()]:.6g}"))
        elif number >= _LEAST and number not in _YEARS:
            found.add(number)
    return frozenset(found)
