"""What servers tell of themselves and their models, read from their JSON. Pure: whatever is not there is left out.

/v1/models        all of them: names; llama.cpp and vLLM more
/props            llama.cpp: context of a slot, slots, template, build
/version          vLLM
/api/version      Ollama, with /api/tags (files) and /api/ps (context of what is loaded)
/api/v0/models    LM Studio: context of what is loaded
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from localdigest.remote.served import Kind, short_name

__all__ = ["Told", "kind_of", "names_in", "ollama_context", "own_name", "told_by"]

_FILE_FACTS = ("vocab_type", "n_vocab", "n_ctx_train", "n_embd", "n_params", "size", "ftype")
_OLLAMA_FACTS = ("parameter_size", "quantization_level", "family", "format")
_STUDIO_FACTS = ("publisher", "arch", "quantization", "compatibility_type", "max_context_length")
_HASH_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Told:
    """Of one model. What a server does not tell is 0 or empty."""

    context_tokens: int = 0
    slots: int = 0
    version: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    marks: tuple[str, ...] = ()


def names_in(models: Any) -> tuple[str, ...]:
    """Of `/v1/models`: what is served."""
    return tuple(dict.fromkeys(name for row in _rows(models, "data") if (name := _text(row, "id"))))


def own_name(models: Any, wanted: str) -> str:
    """How the server calls the model that is wanted; `""`: it serves none of that name.

    A file may be named without its folder, a model of Ollama without `:latest`. Without a wish it is the only one.
    """
    if not wanted:
        names = names_in(models)
        return names[0] if len(names) == 1 else ""
    for row in _rows(models, "data"):
        name = _text(row, "id")
        if wanted in (name, short_name(name), name.removesuffix(":latest"), *_list(row.get("aliases"))):
            return name
    return ""


def kind_of(models: Any, *, props: Any, ollama: Any, studio: Any) -> Kind:
    """By what only this kind answers, and then by what it calls itself."""
    owners = {str(row.get("owned_by", "")) for row in _rows(models, "data")}
    if _number(props, "total_slots") or "llamacpp" in owners:
        return Kind.LLAMA
    if "vllm" in owners:
        return Kind.VLLM
    if isinstance(ollama, dict) and isinstance(ollama.get("version"), str):
        return Kind.OLLAMA
    return Kind.LM_STUDIO if any("state" in row for row in _rows(studio, "data")) else Kind.OTHER


def told_by(kind: Kind, name: str, *, models: Any, props: Any, version: Any, tags: Any, studio: Any) -> Told:
    """All that is told of the model `name`, in the answers of the server."""
    match kind:
        case Kind.LLAMA:
            return _llama(_row(models, name), props)
        case Kind.VLLM:
            row = _row(models, name)
            facts = {"root": _without_folder(root)} if isinstance(root := row.get("root"), str) and root else {}
            return Told(_number(row, "max_model_len"), version=_text(version, "version"), facts=facts)
        case Kind.OLLAMA:
            return Told(version=_text(version, "version"), facts=_ollama(tags, name))
        case Kind.LM_STUDIO:
            row = _row(studio, name)
            facts = {key: row[key] for key in _STUDIO_FACTS if key in row}
            return Told(_number(row, "loaded_context_length"), facts=facts)
        case Kind.OTHER:
            row = _row(models, name)
            return Told(_number(row, "max_model_len") or _number(row, "context_length"))


def ollama_context(loaded: Any, name: str) -> int:
    """Of `/api/ps`: the context that a loaded model has. 0: it is not loaded, or too old to tell."""
    for row in _rows(loaded, "models"):
        if name in (row.get("name"), row.get("model"), str(row.get("name")).removesuffix(":latest")):
            return _number(row, "context_length")
    return 0


def _llama(row: dict[str, Any], props: Any) -> Told:
    meta = row.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    facts = {key: meta[key] for key in _FILE_FACTS if key in meta}
    if path := _text(props, "model_path"):
        facts["file"] = _without_folder(path)
    if template := _text(props, "chat_template"):
        facts["template"] = hashlib.sha256(template.encode("utf-8", "replace")).hexdigest()[:_HASH_DIGITS]
    general = props.get("default_generation_settings") if isinstance(props, dict) else None
    return Told(
        _number(general, "n_ctx") or _number(meta, "n_ctx"),
        _number(props, "total_slots"),
        _text(props, "build_info"),
        facts,
        tuple(filter(None, (_text(props, "bos_token"), _text(props, "eos_token")))),
    )


def _ollama(tags: Any, name: str) -> dict[str, Any]:
    for row in _rows(tags, "models"):
        if name in (row.get("name"), row.get("model"), str(row.get("name")).removesuffix(":latest")):
            details = row.get("details")
            details = details if isinstance(details, dict) else {}
            facts = {key: row[key] for key in ("digest", "size") if key in row}
            return facts | {key: details[key] for key in _OLLAMA_FACTS if key in details}
    return {}


def _row(data: Any, name: str) -> dict[str, Any]:
    rows = _rows(data, "data")
    return next((row for row in rows if row.get("id") == name or name in _list(row.get("aliases"))), {})


def _rows(data: Any, key: str) -> list[dict[str, Any]]:
    return [row for row in _list(data.get(key) if isinstance(data, dict) else None) if isinstance(row, dict)]


def _list(data: Any) -> list[Any]:
    return data if isinstance(data, list) else []


def _number(data: Any, key: str) -> int:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _text(data: Any, key: str) -> str:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""


def _without_folder(path: str) -> str:
    """A repository stays as it is; of a path on the server's disk the last part is all that concerns us."""
    plain = path.replace("\\", "/")
    return PurePosixPath(plain).name if plain.startswith(("/", ".", "~")) or plain.endswith(".gguf") else path
