"""Whether a text keeps the schema of its job. Pure; it is asked of every answer, whatever a server promises.

Takes the schemas that `localdigest.engine.schema_check` gives: every keyword in them is looked at here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from localdigest.text.partial_json import read_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["flaw_of"]

_Schema: TypeAlias = "Mapping[str, Any]"
_SHOWN = 40  #: characters of what was found


def flaw_of(text: str, schema: _Schema, *, is_cut: bool = False) -> str:
    """What is wrong with an answer, in half a sentence; `""`: nothing.

    Args:
        text: of the answer.
        schema: in the form of `honoured_schema`.
        is_cut: it ended at its limit of tokens: what is complete of it is looked at, and what is missing is no fault.
    """
    value, is_whole = read_json(text)
    if not is_whole and not is_cut:
        return f"it is no JSON: {_shown(text)}"
    if not is_whole and value is None:
        return "" if text.lstrip()[:1] in ("", *_begins(schema)) else f"it is no JSON: {_shown(text)}"
    return _Checker(schema.get("$defs", {}), is_cut=not is_whole).flaw(value, schema, "the answer")


def _begins(schema: _Schema) -> str:
    """Characters that a value of the schema may begin with, as far as its type says so."""
    return {"object": "{", "array": "[", "string": '"'}.get(schema.get("type", ""), '{["-0123456789tfn')


class _Checker:
    def __init__(self, defs: Mapping[str, _Schema], *, is_cut: bool) -> None:
        self._defs = defs
        self._is_cut = is_cut

    def flaw(self, value: object, schema: _Schema, place: str) -> str:
        if "$ref" in schema:
            return self.flaw(value, self._defs[schema["$ref"].rsplit("/", 1)[-1]], place)
        if "enum" in schema:
            return "" if any(_same(value, each) for each in schema["enum"]) else f"{place} may not be {_shown(value)}"
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                options: list[_Schema] = schema[keyword]
                fitting = sum(not self.flaw(value, option, place) for option in options)
                is_right = fitting == 1 or (fitting and keyword == "anyOf")
                return "" if is_right else f"{place} fits {fitting} of {len(options)} forms"
        kind = schema["type"]
        if not _KINDS[kind](value):
            return f"{place} is no {kind}: {_shown(value)}"
        check: dict[str, Callable[[Any, _Schema, str], str]] = {"object": self._object, "array": self._array}
        return check.get(kind, _plain_flaw)(value, schema, place)

    def _object(self, value: dict[str, object], schema: _Schema, place: str) -> str:
        properties: Mapping[str, _Schema] = schema["properties"]
        for name in value:
            if name not in properties:
                return f"{place} has {_shown(name)}, which is not asked for"
        missing = [name for name in schema.get("required", ()) if name not in value]
        if missing and not self._is_cut:
            return f"{place} lacks {_shown(missing[0])}"
        flaws = (self.flaw(item, properties[name], name) for name, item in value.items())
        return next(filter(None, flaws), "")

    def _array(self, value: list[object], schema: _Schema, place: str) -> str:
        if len(value) > schema.get("maxItems", len(value)):
            return f"{place} has {len(value)} items"
        if len(value) < schema.get("minItems", 0) and not self._is_cut:
            return f"{place} has {len(value)} items only"
        # Of an answer that was cut off, the last item may be so too.
        return next(filter(None, (self.flaw(item, schema["items"], f"an item of {place}") for item in value)), "")


def _plain_flaw(value: Any, schema: _Schema, place: str) -> str:
    if isinstance(value, str):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            return f"{place} has {len(value)} characters"
        # Written for the compiler; what it may hold means the same here, but for `\x{…}`.
        if "pattern" in schema and not re.fullmatch(_as_python(schema["pattern"]), value):
            return f"{place} has another form: {_shown(value)}"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        low, high = schema.get("minimum", value), schema.get("maximum", value)
        step = schema.get("multipleOf", 1)
        if not low <= value <= high or (step >= 1 and value % step):
            return f"{place} may not be {_shown(value)}"
    return ""


def _as_python(pattern: str) -> str:
    return re.sub(r"\\x\{([0-9a-f]+)\}", lambda match: f"\\U{int(match[1], 16):08x}", pattern)


def _same(one: object, other: object) -> bool:
    """Equal as JSON has it: true is no 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_KINDS: dict[str, Callable[[object], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: _is_number(value) and float(value).is_integer(),  # type: ignore[arg-type]  # a number by now
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


def _shown(value: object) -> str:
    shown = value if isinstance(value, str) else repr(value)
    plain = "".join(letter if letter.isprintable() else " " for letter in shown)
    return repr(plain if len(plain) <= _SHOWN else plain[:_SHOWN] + "…")
