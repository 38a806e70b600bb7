"""Reads a topic file or the user's file: TOML in, a layer of settings out."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localdigest import values
from localdigest.after import after_commands
from localdigest.errors import ConfigError
from localdigest.settings import Layer
from localdigest.values import is_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["read_layer"]

_SIZE_LIMIT = 2**20  # a larger one is some other file
_LINE_IN_MESSAGE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")
_KEY = re.compile(r"\s*(?:\[+\s*)?[\"']?([A-Za-z0-9_-]+)")


def read_layer(path: Path, *, name: str) -> Layer:
    """The settings of one file; paths in it are taken relative to its folder.

    Args:
        path: the TOML file.
        name: what `config show` calls it.

    Raises:
        ConfigError: no such file, not readable, not UTF-8, or not TOML; with the line where there is one.
    """
    text = _read(path)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            _LINE_IN_MESSAGE.sub("", str(error)).strip(), path=str(path), line=_line_of(str(error), text)
        ) from error
    lines = _lines_of_keys(text)
    return Layer(name=name, values=_relative_to(path.parent, raw, str(path), lines), path=str(path), lines=lines)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > _SIZE_LIMIT:
            raise ConfigError(f"{path} is too large for a topic file ({path.stat().st_size} bytes)")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(f"There is no file {path}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(
            "not UTF-8 text", path=str(path), line=line, hint="Save the file as UTF-8: TOML knows no other encoding."
        ) from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error


def _line_of(message: str, text: str) -> int:
    found = _LINE_IN_MESSAGE.search(message)
    if found is None:
        return 0
    return int(found[1]) if found[1] else len(text.rstrip("\n").split("\n"))


def _lines_of_keys(text: str) -> Mapping[str, int]:
    lines: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        found = _KEY.match(line)
        if found:
            lines.setdefault(found[1], number)
    return lines


def _relative_to(folder: Path, raw: dict[str, Any], path: str, lines: Mapping[str, int]) -> dict[str, Any]:
    """The raw values, with the paths among them joined to the file's folder."""
    joined = dict(raw)
    readers: dict[str, Callable[[Any], Any]] = {
        "sources": lambda value: tuple(_located(folder, entry) for entry in values.sources(value)),
        "out": lambda value: str(folder / values.path(value)),
        "inbox": lambda value: str(folder / values.path(value)),
        "site": lambda value: str(folder / values.path(value)),
        "after": lambda value: tuple(
            replace(command, folder=str(folder.resolve())) for command in after_commands(value)
        ),
        "store": lambda value: str(folder / values.path(value)),
    }
    for key, reader in readers.items():
        if key in raw:
            try:
                joined[key] = reader(raw[key])
            except ValueError as error:
                raise ConfigError(f"`{key}`: {error}", path=path, line=lines.get(key, 0)) from error
    return joined


def _located(folder: Path, entry: values.SourceEntry) -> values.SourceEntry:
    if is_url(entry.locator) or entry.locator == "-":
        return entry
    return replace(entry, locator=str(folder / Path(entry.locator).expanduser()))
