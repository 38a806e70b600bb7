"""Turns the frozen values of the package into JSON-ready data and back, by their type hints."""

from __future__ import annotations

import json
import types
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

__all__ = ["canonical_json", "decode", "encode"]

T = TypeVar("T")


def encode(value: Any) -> Any:
    """A dataclass as a dict in field order, a tuple as a list, an enum as its value; the rest as it is."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: encode(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {str(key): encode(item) for key, item in value.items()}
    return value


def decode(kind: type[T], data: Any) -> T:
    """The inverse of `encode`.

    Raises:
        ValueError, TypeError: data that `encode` did not make of a `kind`. A field left out takes its default.
    """
    return cast("T", _decode(kind, data))


def _decode(kind: Any, data: Any) -> Any:
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        unknown = set(data) - set(hints)
        if unknown:
            raise ValueError(f"{kind.__name__} has no field {min(unknown)!r}")
        return kind(**{name: _decode(hints[name], item) for name, item in data.items()})
    origin = get_origin(kind)
    if origin is tuple:
        return tuple(_decode(get_args(kind)[0], item) for item in data)
    if origin in (Union, types.UnionType):
        return None if data is None else _decode(_only_member(kind), data)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(data)
    return _checked(kind, data)


def _checked(kind: Any, data: Any) -> Any:
    if kind is float and isinstance(data, int):
        return float(data)
    if not isinstance(data, get_origin(kind) or kind):
        raise TypeError(f"expected {kind}, got {type(data).__name__}")
    return data


def _only_member(kind: Any) -> Any:
    members = [member for member in get_args(kind) if member is not type(None)]
    assert len(members) == 1, f"{kind} cannot be told apart in JSON"
    return members[0]


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def canonical_json(value: Any) -> str:
    """One text for equal values: the form that keys are hashed from."""
    return json.dumps(encode(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
