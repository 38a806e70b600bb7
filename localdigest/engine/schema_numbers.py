"""The numbers that a schema allows, narrowed so that every number has an end and none loses digits.

A model that may go on writing digits sometimes does so for ever. So whole numbers stay where doubles are exact (±2^53),
and others have at most six decimals, below a thousand million; no exponents. The compiler is handed inclusive bounds
on that grid: its own handling of exclusive, long and unmatched ones is not exact.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["integer_schema", "is_exact", "number_schema"]

_MAX_WHOLE = 2**53 - 1
_DECIMALS = 6
_MAX_DECIMAL = 10**9  #: above it neighbours with six decimals could be one double, or be read as the next one
_FEW = 8
_MAX_STEP = 2**32 - 1  #: the compiler's


def integer_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Raises ValueError(why, keyword)."""
    read = _whole(schema)
    if read is None:
        raise _nothing(schema, "integer")
    return read


def number_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Raises ValueError(why, keyword)."""
    options = [option for option in (_whole(schema), _decimal(schema), _cut_bounds(schema)) if option]
    if not options:
        raise _nothing(schema, "number")
    return options[0] if len(options) == 1 else {"anyOf": options}


def is_exact(value: float) -> bool:
    """Whether the compiler reads and writes this number as it is."""
    if not math.isfinite(value):
        return False
    if float(value).is_integer():
        return abs(value) <= _MAX_WHOLE
    return abs(value) < _MAX_DECIMAL and (Fraction(repr(value)) * 10**_DECIMALS).denominator == 1


def _whole(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """The whole numbers; a multiple of some number of them if so asked."""
    step = _step(schema)
    low, high = _bounds(schema, Fraction(step), _MAX_WHOLE)
    if low > high:
        return None
    read = {"type": "integer", "minimum": int(low), "maximum": int(high)}
    return read if step == 1 else {**read, "multipleOf": step}


def _decimal(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    if "multipleOf" in schema:
        return None
    low, high = _bounds(schema, Fraction(1, 10**_DECIMALS), _MAX_DECIMAL)
    if low > high:
        return None
    if high - low < Fraction(_FEW, 10**_DECIMALS):
        # The compiler looks for a multiple of the step with rounded numbers, and may miss the only ones.
        count = int((high - low) * 10**_DECIMALS) + 1
        return {"enum": [_value(low + Fraction(index, 10**_DECIMALS)) for index in range(count)]}
    # The compiler takes a step of a millionth as "at most six decimals, no exponent".
    return {"type": "number", "minimum": float(low), "maximum": float(high), "multipleOf": 10**-_DECIMALS}


def _value(number: Fraction) -> float:
    """As JSON has it. A whole one without a point: the compiler panics over a range of the one number -75 or -75.0."""
    return int(number) if number.denominator == 1 else float(number)


def _cut_bounds(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """The numbers that a bound's own digits begin with: up to 0.125 the compiler takes 0.11 and 0.121, but not 0.12."""
    if "multipleOf" in schema:
        return None
    low, high = _bounds(schema, Fraction(1, 10**_DECIMALS), _MAX_DECIMAL)
    cuts = {
        Fraction(math.trunc(bound * 10**places), 10**places) for bound in (low, high) for places in range(1, _DECIMALS)
    }
    found = sorted(cut for cut in cuts if low <= cut <= high and cut.denominator > 1)
    return {"enum": [float(cut) for cut in found]} if found else None


def _bounds(schema: Mapping[str, Any], step: Fraction, limit: int) -> tuple[Fraction, Fraction]:
    """The least and greatest multiple of the step that are allowed; the least is larger when none is."""
    low, high = math.ceil(-limit / step), math.floor(limit / step)
    for keyword in ("minimum", "exclusiveMinimum"):
        if keyword in schema:
            bound = _number(schema, keyword) / step
            low = max(low, math.floor(bound) + 1 if keyword == "exclusiveMinimum" else math.ceil(bound))
    for keyword in ("maximum", "exclusiveMaximum"):
        if keyword in schema:
            bound = _number(schema, keyword) / step
            high = min(high, math.ceil(bound) - 1 if keyword == "exclusiveMaximum" else math.floor(bound))
    return low * step, high * step


def _number(schema: Mapping[str, Any], keyword: str) -> Fraction:
    value = schema[keyword]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("is no number", keyword)
    # By its digits, not by the double's exact value: 0.1 means a tenth.
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def _step(schema: Mapping[str, Any]) -> int:
    if "multipleOf" not in schema:
        return 1
    step = _number(schema, "multipleOf")
    if step.denominator != 1:
        raise ValueError("has a fraction, about whose multiples checkers disagree", "multipleOf")
    if not 0 < step <= _MAX_STEP:
        raise ValueError(f"is not from 1 to {_MAX_STEP}", "multipleOf")
    return int(step)


def _nothing(schema: Mapping[str, Any], kind: str) -> ValueError:
    keyword = next((name for name in schema if name.lower().endswith("imum")), "multipleOf")
    return ValueError(f"leaves no {kind} to write", keyword)
