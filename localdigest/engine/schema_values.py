"""The constants of a schema: whether they are of their type, and can be written exactly as they are."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from localdigest.engine.schema_numbers import MAX_WHOLE

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["checked_values", "has_half_surrogate"]

_TYPES: dict[type, tuple[str, ...]] = {
    type(None): ("null",),
    bool: ("boolean",),
    str: ("string",),
    int: ("integer", "number"),
    float: ("number",),
    list: ("array",),
    dict: ("object",),
}


def checked_values(values: object, types: Sequence[str]) -> list[object]:
    """The values of an `enum`. Raises ValueError with what is wrong with them."""
    if not isinstance(values, list) or not values:
        raise ValueError("is not a list of values, or an empty one: nothing would be valid")
    for value in values:
        _check_exact(value)
        if not any(kind in types for kind in _types_of(value)):
            raise ValueError(f"holds {json.dumps(value)[:40]}, which is not of type {'/'.join(types)}")
    return values


def has_half_surrogate(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def _types_of(value: object) -> tuple[str, ...]:
    whole = isinstance(value, float) and value.is_integer()
    return ("integer", "number") if whole else _TYPES[type(value)]


def _check_exact(value: object) -> None:
    """Refuse what the compiler changes: it keeps every number as a double."""
    if isinstance(value, str) and has_half_surrogate(value):
        raise ValueError(f"holds {ascii(value)[:40]}, half a surrogate pair, which no text can hold")
    if isinstance(value, int | float) and not (math.isfinite(value) and abs(value) <= MAX_WHOLE):
        raise ValueError(f"holds {value}, which is too large to be written exactly")
    if isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            _check_exact(item)
