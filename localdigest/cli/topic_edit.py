"""Adds sources to a topic file and leaves everything else in it as its owner wrote it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import tomlkit
from tomlkit.items import Array

from localdigest.errors import ConfigError
from localdigest.files import write_atomically
from localdigest.topicfile import read_layer
from localdigest.values import is_url

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localdigest.values import SourceEntry

__all__ = ["add_sources"]


def add_sources(path: Path, entries: Iterable[SourceEntry]) -> tuple[str, ...]:
    """Appends what the file does not name yet; gives the locators that were added.

    Raises:
        ConfigError: the file is not there, or is no topic file.
        OutputError: it cannot be written; it is as it was.
    """
    present = {entry.locator for entry in read_layer(path, name="topic file").values.get("sources", ())}
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    sources = document.setdefault("sources", tomlkit.array().multiline(multiline=True))
    if not isinstance(sources, Array):
        raise ConfigError("`sources` is no list", path=str(path))
    added: list[str] = []
    for entry in entries:
        if entry.locator not in present:
            present.add(entry.locator)
            sources.append(_item(entry, path.parent))
            added.append(entry.locator)
    if added:
        sources.multiline(multiline=True)
        write_atomically(path, tomlkit.dumps(document).encode())
    return tuple(added)


def _item(entry: SourceEntry, folder: Path) -> object:
    locator = entry.locator if is_url(entry.locator) else Path(os.path.relpath(entry.locator, folder)).as_posix()
    if not entry.title:
        return locator
    table = tomlkit.inline_table()
    table.append("url" if is_url(locator) else "path", locator)
    table.append("title", entry.title)
    return table
