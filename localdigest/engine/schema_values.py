"""The constants of a schema: whether they are of their type, and can be written exactly as they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from localdigest.engine.schema_numbers import is_exact

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
    """The values of an `enum`, as the compiler can be given them. Raises ValueError with what is wrong with them."""
    if not isinstance(values, list) or not values:
        raise ValueError("is not a list of values, or an empty one: nothing would be valid")
    for value in values:
        if not any(kind in types for kind in _types_of(value)):
            raise ValueError(f"holds {json.dumps(value)[:40]}, which is not of type {'/'.join(types)}")
    return [_exact(value) for value in values]


def has_half_surrogate(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def _types_of(value: object) -> tuple[str, ...]:
    whole = isinstance(value, float) and value.is_integer()
    return ("integer", "number") if whole else _TYPES[type(value)]


def _exact(value: object) -> object:
    """The same value; refused if the compiler would change it: it reads numbers as doubles, long ones not exactly."""
    match value:
        case str() if has_half_surrogate(value):
            raise ValueError(f"holds {ascii(value)[:40]}, half a surrogate pair, which no text can hold")
        case list():
            return [_exact(item) for item in value]
        case dict():
            return {name: _exact(item) for name, item in value.items()}
        case bool():
            return value
        case int() | float() if not is_exact(value):
            raise ValueError(f"holds {str(value)[:40]}, which has too many digits to be written exactly")
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
