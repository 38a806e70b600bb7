"""Turns the frozen values of the package into JSON-ready data and back, by their type hints."""

from __future__ import annotations

import json
import types
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["canonical_json", "decode", "encode"]

T = TypeVar("T")


def encode(value: Any) -> Any:
    """A dataclass as a dict in field order, a tuple as a list, an enum as its value; the rest as it is."""
    kind: Any = type(value)
    return _encoder(kind)(value)


@cache
def _encoder(kind: type) -> Callable[[Any], Any]:
    """How values of a type are encoded, worked out once for each: there are a hundred values to a sentence."""
    if is_dataclass(kind):
        names = tuple(field.name for field in fields(kind))
        return lambda value: {name: encode(getattr(value, name)) for name in names}
    if issubclass(kind, StrEnum):
        return lambda value: value.value
    if issubclass(kind, tuple | list):
        return lambda value: [encode(item) for item in value]
    if issubclass(kind, dict):
        return lambda value: {str(key): encode(item) for key, item in value.items()}
    return lambda value: value


def decode(kind: type[T], data: Any) -> T:
    """The inverse of `encode`.

    Raises:
        ValueError, TypeError: data that `encode` did not make of a `kind`. A field left out takes its default.
    """
    wanted: Any = kind
    return cast("T", _decoder(wanted)(data))


@cache
def _decoder(kind: Any) -> Callable[[Any], Any]:
    """How data becomes a value of a kind, worked out once for each."""
    if is_dataclass(kind) and isinstance(kind, type):
        return partial(_of_fields, kind)
    origin = get_origin(kind)
    if origin is tuple:
        item = get_args(kind)[0]
        return lambda data: tuple(map(_decoder(item), data))
    if origin in (Union, types.UnionType):
        member = _only_member(kind)
        return lambda data: None if data is None else _decoder(member)(data)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind
    return partial(_checked, kind)


def _of_fields(kind: type, data: Any) -> Any:
    if not isinstance(data, dict):
        raise TypeError(f"expected the fields of {kind.__name__}, got {type(data).__name__}")
    decoders = _decoders(kind)
    if unknown := data.keys() - decoders.keys():
        raise ValueError(f"{kind.__name__} has no field {min(unknown)!r}")
    return kind(**{name: decoders[name](item) for name, item in data.items()})


@cache
def _decoders(kind: type) -> dict[str, Callable[[Any], Any]]:
    return {name: _decoder(hint) for name, hint in get_type_hints(kind).items()}


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


def canonical_json(value: Any) -> str:
    """One text for equal values: the form that keys are hashed from."""
    return json.dumps(encode(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
