"""A schema as llama.cpp's grammar (GBNF), narrower than its own translation: compact text in the order of the schema.

llama-server translates schemas too. It lets a model write white space between all things, skips keywords that it does
not know without a word, and takes a limit above 2,000 for none. Here what cannot be said is not said: `gbnf` gives None
for it, and the server's own translation is asked for instead.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["gbnf"]

_Schema: TypeAlias = "Mapping[str, Any]"
_MOST_REPEATED = 2000  #: llama.cpp's own limit
_CHARACTER = r'character ::= [^"\\\x00-\x1F\x7F] | "\\" ["\\/bfnrt]'


class _UnsaidError(Exception):
    """The schema asks for what is not translated here."""


def gbnf(schema: _Schema) -> str | None:
    """The grammar of a schema in the form of `honoured_schema`; None: some of it is not translated."""
    rules = _Rules()
    try:
        root = rules.body(schema)
    except _UnsaidError:
        return None
    named = "".join(f"{name} ::= {body}\n" for body, name in rules.names.items())
    return f"root ::= {root}\n{named}{_CHARACTER}\n"


class _Rules:
    """What is repeated stands in a rule of its own: llama.cpp copies what a repetition holds, and is slow with much."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}  #: by their bodies: equal ones are one

    def body(self, schema: _Schema) -> str:
        if "enum" in schema:
            return " | ".join(_literal(_json(value)) for value in schema["enum"])
        match schema.get("type"):
            case "object":
                return self._object(schema)
            case "array":
                return self._array(schema)
            case "string" if "pattern" not in schema:
                return f'"\\"" character{_times(schema.get("minLength", 0), schema.get("maxLength"))} "\\""'
            case "boolean":
                return '"true" | "false"'
            case "null":
                return '"null"'
        raise _UnsaidError

    def _named(self, schema: _Schema) -> str:
        return self.names.setdefault(self.body(schema), f"rule-{len(self.names)}")

    def _object(self, schema: _Schema) -> str:
        properties: Mapping[str, _Schema] = schema["properties"]
        if set(schema["required"]) != set(properties) or not properties:
            raise _UnsaidError
        parts: list[str] = []
        for index, (name, value) in enumerate(properties.items()):
            parts += [_literal(f"{',' if index else '{'}{_json(name)}:"), self._named(value)]
        return " ".join([*parts, '"}"'])

    def _array(self, schema: _Schema) -> str:
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        if most == 0:
            return '"[]"'
        item = self._named(schema["items"])
        rest = f'("," {item}){_times(max(least, 1) - 1, None if most is None else most - 1)}'
        items = f"{item} {rest}" if most != 1 else item
        return f'"[" {items} "]"' if least else f'"[" ({items})? "]"'


def _times(least: int, most: int | None) -> str:
    if least > _MOST_REPEATED or (most or 0) > _MOST_REPEATED:
        raise _UnsaidError
    return f"{{{least},{'' if most is None else most}}}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _literal(text: str) -> str:
    """JSON text, so without control characters."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
