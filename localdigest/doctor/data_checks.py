"""Folders, store and models: what is kept on the disk. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.doctor.check import Check, Status

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "Folder",
    "FoundModel",
    "Models",
    "StoreState",
    "check_folder",
    "check_models",
    "check_network",
    "check_store",
]

_GB = 1e9
_OLDEST_SQLITE = (3, 37)
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Folder:
    """Where files are to go."""

    use: str  #: output, store, models
    path: Path
    exists: bool
    free_bytes: int  #: 0: the system does not say
    problem: str = ""  #: why no file can be made there; "": one was made, renamed and removed


@dataclass(frozen=True, slots=True)
class StoreState:
    path: Path
    sqlite: tuple[int, ...]
    num_bytes: int = 0  #: 0: there is none yet
    damage: str = ""  #: what SQLite says; "": none was found
    checked: bool = True  #: False: too large to be read through in the time that there is
    problem: str = ""  #: why it cannot be opened
    hint: str = ""


@dataclass(frozen=True, slots=True)
class FoundModel:
    name: str  #: of the catalogue, or the path
    path: Path
    num_bytes: int
    expected_bytes: int = 0  #: 0: not known
    sha256: str = ""  #: as it was last hashed, or is; "": it was not, since it lies there
    expected_sha256: str = ""  #: "": not known
    flaw: str = ""  #: why llama.cpp cannot use it
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Models:
    folder: Path
    models: tuple[FoundModel, ...] = ()
    partial: tuple[str, ...] = ()  #: downloads that were not finished
    verified: bool = False  #: they were hashed just now


def check_folder(folder: Folder, *, least_bytes: int, needed: bool) -> Check:
    """`needed`: no digest without it; models are only for those who use one."""
    name = f"{folder.use} folder"
    where = f"{folder.path}" if folder.exists else f"{folder.path} (made when it is needed)"
    if folder.problem:
        status = Status.FAILED if needed else Status.WARNING
        flag = {"output": "--out DIR", "store": "--store FILE", "models": "--models DIR"}[folder.use]
        hint = f"Give this user write access, or name another place with `{flag}`."
        return Check(name, status, f"{where}: {folder.problem}", hint)
    if not folder.free_bytes:
        return Check(name, Status.OK, f"{where}, can be written")
    found = f"{where}, can be written, {_size(folder.free_bytes)} free"
    if folder.free_bytes < least_bytes:
        status = Status.WARNING if needed else Status.NOTE
        return Check(name, status, found, f"Make room: {_size(least_bytes)} is the least that makes sense there.")
    return Check(name, Status.OK, found)


def check_store(store: StoreState) -> Check:
    version = ".".join(map(str, store.sqlite))
    if store.sqlite < _OLDEST_SQLITE:
        hint = "Use a newer Python: its SQLite comes with it, or from the system."
        return Check("store", Status.FAILED, f"SQLite is {version}; 3.37 is the oldest that will do", hint)
    if store.problem:
        return Check("store", Status.FAILED, store.problem, store.hint)
    if not store.num_bytes:
        return Check("store", Status.OK, f"{store.path} is made by the first run (SQLite {version})")
    if store.damage:
        hint = "The next run sets it aside, saves what can be read of it, and fetches the rest again. Digests stay."
        return Check("store", Status.FAILED, f"{store.path} is damaged: {store.damage}", hint)
    state = "whole" if store.checked else "too large to be read through here; it opens"
    return Check("store", Status.OK, f"{store.path}, {_size(store.num_bytes)}, {state} (SQLite {version})")


def check_models(models: Models) -> tuple[Check, ...]:
    """One line for the folder, and one for each model that something is to be said about."""
    if not models.models:
        found = f"none in {models.folder}; the built-in writer needs none"
        checks = [Check("models", Status.OK, found)]
    else:
        total = sum(model.num_bytes for model in models.models)
        names = [model.name for model in models.models]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        found = f"{len(names)} in {models.folder}, {_size(total)}: {', '.join(names[:_SHOWN])}{more}"
        checks = [Check("models", Status.OK, found)]
    checks += [check for model in models.models if (check := _check_model(model, verified=models.verified))]
    if unknown := [model.name for model in models.models if not model.sha256 and not _is_flawed(model)]:
        found = f"not compared with their checksums since they lie there: {', '.join(unknown[:_SHOWN])}"
        checks.append(Check("checksums", Status.NOTE, found, "`localdigest models verify` reads them through."))
    if models.partial:
        found = f"not finished: {', '.join(models.partial[:_SHOWN])}"
        hint = "`localdigest models pull` goes on where it was; `localdigest models rm` gives the room back."
        checks.append(Check("downloads", Status.NOTE, found, hint))
    return tuple(checks)


def check_network(endpoint: str, *, tried: bool, status: int = 0, problem: str = "") -> Check:
    if not tried:
        return Check("network", Status.OK, problem or "not tried; `--network` asks the models' hub")
    if problem:
        hint = "Check the connection, and HF_ENDPOINT if a mirror is used. Digests of files need no network."
        return Check("network", Status.FAILED, f"{endpoint}: {problem}", hint)
    if status >= 500:  # noqa: PLR2004 - HTTP
        return Check("network", Status.WARNING, f"{endpoint} answers with {status}", "The hub has trouble: try later.")
    return Check("network", Status.OK, f"{endpoint} answers")


def _check_model(model: FoundModel, *, verified: bool) -> Check | None:
    name = f"model {model.name}"
    if model.expected_bytes not in (0, model.num_bytes):
        found = f"{model.path} has {model.num_bytes:,} bytes, not {model.expected_bytes:,}: cut short, or another file"
        return Check(name, Status.FAILED, found, _anew(model))
    if model.sha256 and model.expected_sha256 not in ("", model.sha256):
        found = f"{model.path} is damaged, or another file: its sha256 is {model.sha256[:16]}…"
        return Check(name, Status.FAILED, found, _anew(model))
    if model.flaw:
        return Check(name, Status.WARNING, model.flaw, model.hint)
    if verified:
        outcome = "is right" if model.expected_sha256 else "was taken down; nothing is known to compare it with"
        return Check(name, Status.OK, f"its checksum {outcome}")
    return None


def _is_flawed(model: FoundModel) -> bool:
    return _check_model(model, verified=False) is not None


def _anew(model: FoundModel) -> str:
    return f"`localdigest models rm {model.name}`, then `localdigest models pull {model.name}`."


def _size(num_bytes: int) -> str:
    return f"{num_bytes / _GB:.1f} GB" if num_bytes >= _GB / 10 else f"{num_bytes / 1e6:.1f} MB"
