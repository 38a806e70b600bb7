"""Reads a topic file or the user's file: TOML in, layers of settings out.

settings of all topics          a layer
[[topics]]  settings of one     a layer each, laid over the first
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localdigest import values
from localdigest.after import after_commands
from localdigest.errors import ConfigError
from localdigest.settings import OF_THE_RUN, Layer
from localdigest.values import is_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["TopicFile", "read_layer", "read_topic_file"]

_TOPICS = "topics"

_SIZE_LIMIT = 2**20  # a larger one is some other file
_LINE_IN_MESSAGE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")
_KEY = re.compile(r"\s*[\"']?([A-Za-z0-9_-]+)")
_TABLE = re.compile(r"\s*\[+\s*([A-Za-z0-9_-]+)\s*(?:\.\s*([A-Za-z0-9_-]+)\s*)?\]")


@dataclass(frozen=True, slots=True)
class TopicFile:
    """What a topic file says: of all its topics, and of each."""

    common: Layer  #: what stands above the topics, or all there is
    topics: tuple[Layer, ...] = ()  #: each with what is common laid under; empty: the file is of one topic


def read_layer(path: Path, *, name: str) -> Layer:
    """The settings of one file; paths in it are taken relative to its folder.

    Args:
        path: the TOML file.
        name: what `config show` calls it.

    Raises:
        ConfigError: no such file, not readable, not UTF-8, or not TOML; with the line where there is one.
    """
    raw, lines = _parsed(path)
    return _layer(path, name, raw, lines[0])


def read_topic_file(path: Path) -> TopicFile:
    """The settings of all topics of one file; paths in it are taken relative to its folder.

    Raises:
        ConfigError: as `read_layer`; no table where one is due; a topic that sets what belongs to the whole run.
    """
    raw, lines = _parsed(path)
    tables = raw.pop(_TOPICS, [])
    common = _layer(path, "topic file", raw, lines[0])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigError(
            f"`{_TOPICS}` is no list of tables",
            path=str(path),
            line=lines[0].get(_TOPICS, 0),
            hint="Begin each topic with a line [[topics]].",
        )
    topics = [_layer(path, "topic file", table, lines[place]) for place, table in enumerate(tables, start=1)]
    for own in topics:
        if misplaced := next((key for key in own.values if key in OF_THE_RUN), None):
            raise ConfigError(
                f"`{misplaced}` is of the whole run, and not of one topic",
                path=str(path),
                line=own.lines.get(misplaced, 0),
                hint="Write it above the first [[topics]].",
            )
    return TopicFile(common, tuple(_laid_over(common, own) for own in topics))


def _laid_over(common: Layer, own: Layer) -> Layer:
    """A topic reads the sources of all topics, and its own."""
    sources = (*common.values.get("sources", ()), *own.values.get("sources", ()))
    values = {**common.values, **own.values, **({"sources": sources} if sources else {})}
    return replace(own, values=values, lines={**common.lines, **own.lines})


def _parsed(path: Path) -> tuple[dict[str, Any], Mapping[int, Mapping[str, int]]]:
    """What the file holds, and where its keys stand: those of all topics by 0, those of each by its number."""
    text = _read(path)
    try:
        return tomllib.loads(text), _lines_of_keys(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            _LINE_IN_MESSAGE.sub("", str(error)).strip(), path=str(path), line=_line_of(str(error), text)
        ) from error


def _layer(path: Path, name: str, raw: dict[str, Any], lines: Mapping[str, int]) -> Layer:
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


def _lines_of_keys(text: str) -> Mapping[int, Mapping[str, int]]:
    lines: defaultdict[int, dict[str, int]] = defaultdict(dict)
    topic = last = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if table := _TABLE.match(line):
            name, part = table[1], table[2]
            if name == _TOPICS and not part:
                last += 1
            topic = last if name == _TOPICS else 0
            lines[topic].setdefault(part or name, number)
        elif found := _KEY.match(line):
            lines[topic].setdefault(found[1], number)
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
