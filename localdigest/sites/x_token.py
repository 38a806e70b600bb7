"""The token that X's embedded posts ask with: `(id / 1e15 · π)` in base 36, without its zeros and its point."""

from __future__ import annotations

import math

__all__ = ["token_of"]

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_BASE = len(_DIGITS)


def token_of(number: int) -> str:
    """The token of a post."""
    return _in_base_36(number / 1e15 * math.pi).replace("0", "").replace(".", "")


def _in_base_36(value: float) -> str:
    """As JavaScript writes it: as many digits behind the point as tell the number from its neighbours."""
    whole, fraction = int(value), value - int(value)
    least = max((math.nextafter(value, math.inf) - value) / 2, math.nextafter(0.0, 1.0))
    digits: list[int] = []
    while fraction >= least:
        fraction *= _BASE
        least *= _BASE
        digits.append(int(fraction))
        fraction -= digits[-1]
        is_above = fraction > 0.5 or (fraction == 0.5 and digits[-1] % 2)  # noqa: PLR2004 - rounding
        if is_above and fraction + least > 1:
            whole += _round_up(digits)
            break
    return f"{_whole_in_base_36(whole)}.{''.join(_DIGITS[digit] for digit in digits)}"


def _round_up(digits: list[int]) -> int:
    """Adds one to the last digit; what is carried over the point."""
    while digits:
        if digits[-1] + 1 < _BASE:
            digits[-1] += 1
            return 0
        digits.pop()
    return 1


def _whole_in_base_36(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, _BASE)
        text = _DIGITS[digit] + text
    return text or "0"
