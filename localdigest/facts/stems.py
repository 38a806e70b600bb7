"""English words without their endings, so that `acquire` and `acquired` are one."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["stem"]

_ENDINGS = tuple(
    "ations ation ingly ments ment ings ing edly ies ied ers er ors or es ed ly s e".split()  # noqa: SIM905 - a row
)
_LEAST = 3  #: letters that must be left


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A word without its ending, roughly; pairs of Chinese characters stay as they are."""
    word = word.lower()
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST:
            word = word[: -len(ending)]
            break
    if len(word) > _LEAST and word[-1] == word[-2]:
        return word[:-1]
    return word.removesuffix("y") if len(word) > _LEAST + 1 else word
