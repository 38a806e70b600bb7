"""Which JSON Schemas can be honoured to the letter, and these in the form that the grammar compiler takes.

What is generated is always valid; what cannot be kept is refused before the job starts, naming keyword and place.
The compiler ignores, or reads in its own way, more than it says, so nothing reaches it that is not listed here:

    type        object array string integer number boolean null, or a list of these
    object      properties (needed), required, additionalProperties: false
    array       items (needed), minItems, maxItems, uniqueItems: false
    string      minLength, maxLength (characters), pattern (whole-string ones, see schema_pattern.py)
    number      minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf (see schema_numbers.py)
    any type    enum, const, anyOf, oneOf (options that exclude each other), $ref to #/$defs or #/definitions

Each subschema has exactly one of type, enum, const, anyOf, oneOf and $ref; enum and const may have a type beside them.
Narrower than the schema, never wider:
- objects are closed. Without `additionalProperties` JSON Schema allows any others; none are written. Inside `oneOf`
  it must say false, for there a property more can make a second option match.
- properties come in the order of the schema, text is compact: models can write spaces for ever.
- numbers have an end, see schema_numbers.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from localdigest.engine.errors import ConstraintError
from localdigest.engine.schema_numbers import integer_schema, number_schema
from localdigest.engine.schema_pattern import whole_pattern
from localdigest.engine.schema_values import checked_values, has_half_surrogate

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["honoured_schema"]

_MAX_DEPTH = 40  #: the compiler's JSON reader stops at 128 levels, and a subschema takes up to three
_MAX_COUNT = 1_000_000  #: of items or characters; the compiler's own counters are 32 bits wide
_MAX_NODES = 20_000

_FORMS = ("$ref", "anyOf", "oneOf", "enum", "const", "type")
_NOTES = frozenset(
    ("$comment", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly")
)  # say nothing about what is valid
_ROOT_NOTES = frozenset(("$schema", "$id", "$defs", "definitions"))
_REF_ROOTS = ("$defs", "definitions")
_KEYWORDS: dict[str, frozenset[str]] = {
    "object": frozenset(("properties", "required", "additionalProperties")),
    "array": frozenset(("items", "minItems", "maxItems", "uniqueItems")),
    "string": frozenset(("minLength", "maxLength", "pattern")),
    "integer": frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")),
    "number": frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")),
    "boolean": frozenset(),
    "null": frozenset(),
}
_HINTS = {
    "allOf": "Write the conditions into one schema.",
    "not": "Say what is allowed, with enum or anyOf.",
    "format": "Use pattern.",
    "prefixItems": "Use an object with named properties.",
    "patternProperties": "Use an array of objects with a name and a value.",
    "propertyNames": "Use an array of objects with a name and a value.",
}

_Schema = dict[str, Any]


def honoured_schema(text: str) -> _Schema:
    """The schema as the compiler takes it. Raises ConstraintError where it cannot be kept to the letter."""
    root = _parse(text)
    if not isinstance(root, dict):
        raise ConstraintError("The schema is not an object.", hint="Give a type, for example.")
    checker = _Checker(root)
    schema = checker.node(root, _Place())
    return {**schema, "$defs": checker.defs} if checker.defs else schema


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the schema, for messages and for what the place forbids."""

    path: str = ""
    depth: int = 0
    sealed: bool = False  #: inside oneOf

    def at(self, *steps: str | int) -> _Place:
        return _Place(self.path + "".join(f"/{step}" for step in steps), self.depth + 1, self.sealed)

    def seal(self) -> _Place:
        return _Place(self.path, self.depth, sealed=True)

    def refuse(self, keyword: str, why: str, *, hint: str = "") -> ConstraintError:
        return ConstraintError(f"The schema's {keyword!r} at {self.path or '/'} {why}.", hint=hint)


@dataclass(slots=True)
class _Checker:
    root: _Schema
    defs: dict[str, _Schema] = field(default_factory=dict)  #: ready ones, by their new names
    names: dict[tuple[str, bool], str | None] = field(default_factory=dict)  #: None: being read
    num_nodes: int = 0

    def node(self, schema: object, place: _Place) -> _Schema:
        if not isinstance(schema, dict):
            raise place.refuse(json.dumps(schema)[:40], "is no schema that limits what is written")
        self.num_nodes += 1
        if place.depth > _MAX_DEPTH or self.num_nodes > _MAX_NODES:
            raise ConstraintError(f"The schema is too large or too deeply nested at {place.path}.")
        form = _form(schema, place)
        read: dict[str, Callable[[_Schema, _Place], _Schema]] = {
            "$ref": self.reference,
            "anyOf": self.any_of,
            "oneOf": self.one_of,
            "enum": _values,
            "const": _values,
            "type": self.typed,
        }
        return read[form](schema, place)

    def reference(self, schema: _Schema, place: _Place) -> _Schema:
        target = schema["$ref"]
        found = self.find(target, place)
        key = (str(target), place.sealed)
        if key not in self.names:
            self.names[key] = None
            # The depth goes on counting: what refers deeply nests deeply.
            read = self.node(found, _Place(str(target).removeprefix("#"), place.depth + 1, place.sealed))
            self.names[key] = f"d{len(self.defs)}"
            self.defs[f"d{len(self.defs)}"] = read
        name = self.names[key]
        if name is None:
            raise place.refuse("$ref", "leads back to itself", hint="Nest as deep as is needed, with named levels.")
        return {"$ref": f"#/$defs/{name}"}

    def find(self, target: object, place: _Place) -> object:
        steps = target.split("/") if isinstance(target, str) else []
        if len(steps) != 3 or steps[0] != "#" or steps[1] not in _REF_ROOTS:  # noqa: PLR2004 - #, $defs, name
            raise place.refuse("$ref", "points elsewhere than to #/$defs/… or #/definitions/…")
        group = self.root.get(steps[1])
        name = steps[2].replace("~1", "/").replace("~0", "~")
        if not isinstance(group, dict) or name not in group:
            raise place.refuse("$ref", f"points to {target!r}, which is not there")
        return group[name]

    def any_of(self, schema: _Schema, place: _Place) -> _Schema:
        return {"anyOf": self.options("anyOf", schema, place)}

    def one_of(self, schema: _Schema, place: _Place) -> _Schema:
        # The compiler takes it only where it can prove that no two options match the same value.
        return {"oneOf": self.options("oneOf", schema, place.seal())}

    def options(self, keyword: str, schema: _Schema, place: _Place) -> list[_Schema]:
        options = schema[keyword]
        if not isinstance(options, list) or not options:
            raise place.refuse(keyword, "is not a list of schemas, or an empty one")
        return [self.node(option, place.at(keyword, index)) for index, option in enumerate(options)]

    def typed(self, schema: _Schema, place: _Place) -> _Schema:
        types = _types(schema, place)
        for keyword in schema.keys() - _notes(place) - {"type"}:
            if not any(keyword in _KEYWORDS[kind] for kind in types):
                raise place.refuse(keyword, f"says nothing about a value of type {'/'.join(types)}")
        read: dict[str, Callable[[_Schema, _Place], _Schema]] = {
            "object": self.object,
            "array": self.array,
            "string": _string,
            "integer": _integer,
            "number": _number,
        }
        options = [read[kind](schema, place) if kind in read else {"type": kind} for kind in types]
        return options[0] if len(options) == 1 else {"anyOf": options}

    def object(self, schema: _Schema, place: _Place) -> _Schema:
        properties, required = schema.get("properties"), schema.get("required", [])
        if not isinstance(properties, dict):
            raise place.refuse("properties", "is missing: an object's properties must be named")
        closed = schema.get("additionalProperties", None if place.sealed else False)
        if closed is not False:
            why = "must be false inside oneOf" if closed is None else "is not false: only named properties are written"
            raise place.refuse("additionalProperties", why, hint="For a map, use an array of names and values.")
        if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
            raise place.refuse("required", "is not a list of names")
        for name in required:
            if name not in properties:
                raise place.refuse("required", f"names {name!r}, which is not among the properties")
        read = {name: self.node(value, place.at("properties", name)) for name, value in properties.items()}
        return {"type": "object", "properties": read, "required": required, "additionalProperties": False}

    def array(self, schema: _Schema, place: _Place) -> _Schema:
        if "items" not in schema:
            raise place.refuse("items", "is missing: an array's items must be described")
        if schema.get("uniqueItems", False) is not False:
            raise place.refuse("uniqueItems", "cannot be kept", hint="Drop repeated items afterwards.")
        read = {"type": "array", "items": self.node(schema["items"], place.at("items"))}
        return read | _counts(schema, place, "minItems", "maxItems")


def _parse(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except ConstraintError:
        raise
    except (ValueError, RecursionError) as error:
        raise ConstraintError(f"The schema is not JSON: {error}.") from error


def _object(pairs: list[tuple[str, Any]]) -> _Schema:
    read = dict(pairs)
    if len(read) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ConstraintError(f"The schema has {twice!r} twice in one object.")
    if any(map(has_half_surrogate, read)):
        raise ConstraintError("The schema has a name with half a surrogate pair, which no text can hold.")
    return read


def _constant(name: str) -> object:
    raise ConstraintError(f"The schema holds {name}, which is no JSON.")


def _notes(place: _Place) -> frozenset[str]:
    return _NOTES | _ROOT_NOTES if not place.path else _NOTES


def _form(schema: _Schema, place: _Place) -> str:
    """Which of the forms the subschema has; the first of `_FORMS` decides, others beside it are refused."""
    form = next((form for form in _FORMS if form in schema), None)
    known = _notes(place) | {form, "type"} if form in ("enum", "const") else _notes(place) | {form}
    unknown = [keyword for keyword in schema if keyword not in known]
    if form == "type":
        every = frozenset[str]().union(*_KEYWORDS.values())
        unknown = [keyword for keyword in unknown if keyword not in every]
    if unknown:
        beside = "" if form in (None, "type") else f" beside {form!r}"
        raise place.refuse(unknown[0], f"cannot be kept{beside}", hint=_HINTS.get(unknown[0], ""))
    if form is None:
        raise place.refuse("type", "is missing: a subschema that allows anything cannot be kept")
    return form


def _types(schema: _Schema, place: _Place) -> list[str]:
    given = schema["type"]
    types = given if isinstance(given, list) else [given]
    for kind in types:
        if not isinstance(kind, str) or kind not in _KEYWORDS:
            raise place.refuse("type", f"names {kind!r}, which is no type")
    if not types:
        raise place.refuse("type", "is empty: nothing would be valid")
    return list(dict.fromkeys(types))


def _values(schema: _Schema, place: _Place) -> _Schema:
    keyword = "const" if "const" in schema else "enum"
    types = _types(schema, place) if "type" in schema else list(_KEYWORDS)
    values = [schema["const"]] if keyword == "const" else schema["enum"]
    try:
        return {"enum": checked_values(values, types)}
    except ValueError as error:
        raise place.refuse(keyword, str(error)) from error


def _string(schema: _Schema, place: _Place) -> _Schema:
    read: _Schema = {"type": "string"} | _counts(schema, place, "minLength", "maxLength")
    if "pattern" in schema:
        try:
            read["pattern"] = whole_pattern(schema["pattern"])
        except ValueError as error:
            raise place.refuse("pattern", str(error)) from error
    return read


def _integer(schema: _Schema, place: _Place) -> _Schema:
    try:
        return integer_schema(schema)
    except ValueError as error:
        raise place.refuse(error.args[1], error.args[0]) from error


def _number(schema: _Schema, place: _Place) -> _Schema:
    try:
        return number_schema(schema)
    except ValueError as error:
        raise place.refuse(error.args[1], error.args[0]) from error


def _counts(schema: _Schema, place: _Place, low: str, high: str) -> _Schema:
    read: _Schema = {}
    for keyword in (low, high):
        count = schema.get(keyword)
        if count is None and keyword not in schema:
            continue
        if isinstance(count, float) and count.is_integer():
            count = int(count)
        if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= _MAX_COUNT:
            raise place.refuse(keyword, f"is no whole number from 0 to {_MAX_COUNT}")
        read[keyword] = count
    if read.get(low, 0) > read.get(high, _MAX_COUNT):
        raise place.refuse(low, f"is larger than {high}: nothing would be valid")
    return read
