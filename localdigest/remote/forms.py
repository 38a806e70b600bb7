"""The forms in which servers take a schema, and the order in which they are tried. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from localdigest.remote.grammar import gbnf
from localdigest.remote.served import Form, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["forms_for", "schema_fields"]

#: What each is known for comes first, so that a usual server is asked once or twice; then all the others.
_FIRST = {
    Kind.LLAMA: (Form.GRAMMAR, Form.SCHEMA, Form.OBJECT),
    Kind.VLLM: (Form.STRUCTURED, Form.SCHEMA, Form.GUIDED),
    Kind.OLLAMA: (Form.OLLAMA, Form.SCHEMA),
    Kind.LM_STUDIO: (Form.SCHEMA,),
    Kind.OTHER: (Form.SCHEMA, Form.OBJECT, Form.STRUCTURED),
}


def forms_for(kind: Kind) -> tuple[Form, ...]:
    """All forms, the likeliest first. Ollama's own interface is offered to nobody else: it has other addresses."""
    others = tuple(form for form in Form if form is not Form.OLLAMA)
    return tuple(dict.fromkeys((*_FIRST[kind], *others)))


def schema_fields(form: Form, text: str, honoured: Mapping[str, Any]) -> dict[str, Any]:
    """What a request holds so that the answer keeps a schema.

    Args:
        form: of the server.
        text: the job's schema.
        honoured: the same, as `honoured_schema` gives it.
    """
    schema = json.loads(text)
    match form:
        case Form.GRAMMAR:
            grammar = gbnf(honoured)
            return schema_fields(Form.SCHEMA, text, honoured) if grammar is None else {"grammar": grammar}
        case Form.STRUCTURED:
            # White space between things costs tokens, and some models write it for ever.
            return {"structured_outputs": {"json": schema, "disable_any_whitespace": True}}
        case Form.SCHEMA:
            named = {"name": "answer", "strict": True, "schema": schema}
            return {"response_format": {"type": "json_schema", "json_schema": named}}
        case Form.OBJECT:
            return {"response_format": {"type": "json_object", "schema": schema}}
        case Form.GUIDED:
            return {"guided_json": schema}
        case Form.OLLAMA:
            return {"format": schema}
