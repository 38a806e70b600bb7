"""Finds the settings that a command works with: flags, environment, topic file, user file."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from localdigest.errors import UsageError
from localdigest.settings import ENVIRONMENT_PREFIX, Layer, Resolved, Settings, resolve
from localdigest.sourcing.paths import INBOX_MARK
from localdigest.topicfile import read_layer
from localdigest.values import SourceEntry, locators

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["PROJECT_FILE", "models_folder", "settle", "store_path", "topic_file", "user_file"]

_MODELS = Path("models")  # of the working folder
_INBOX = "inbox"
PROJECT_FILE = "localdigest.toml"  # taken from the working folder when no topic file is named
_OTHER_VARIABLES = ("CONFIG", "DEBUG")  # LOCALDIGEST_…, and no settings
_STDIN = "-"


@dataclass(frozen=True, slots=True)
class _Named:
    """What stands on the command line as SOURCE…"""

    topic_file: Path | None
    entries: tuple[SourceEntry, ...]


def settle(
    named: Sequence[str], *, flags: Mapping[str, Any], config: Path | None = None, stdin_lines: Iterable[str] = ()
) -> Resolved:
    """The settings of one call.

    Args:
        named: the arguments: locators, `-` for a list of locators on stdin, and at most one topic file (`*.toml`).
        flags: the settings given as flags.
        config: the topic file, where `--config` names it.
        stdin_lines: read only when `named` holds `-`.

    Raises:
        UsageError, ConfigError: two topic files; a file or a value that cannot be used.
    """
    split = _split(named, stdin_lines)
    layers = [Layer("flag", flags), Layer("environment", _environment(os.environ))]
    path = topic_file(config, split.topic_file)
    if path is not None:
        layers.append(_with_sources(read_layer(path, name="topic file"), split.entries))
    elif split.entries:
        layers.append(Layer("command line", {"sources": split.entries}))
    if user_file().is_file():
        layers.append(read_layer(user_file(), name="user file"))
    return _with_inbox(resolve(layers), path)


def user_file() -> Path:
    return platformdirs.user_config_path("localdigest") / "config.toml"


def store_path(settings: Settings) -> Path:
    return Path(settings.store) if settings.store else platformdirs.user_data_path("localdigest") / "store.sqlite3"


def models_folder(settings: Settings) -> Path:
    """Where model files lie; made by whoever writes the first one."""
    if settings.models:
        return Path(settings.models)
    return _MODELS if _MODELS.is_dir() else platformdirs.user_data_path("localdigest") / "models"


def _split(named: Sequence[str], stdin_lines: Iterable[str]) -> _Named:
    topic_files = [Path(locator) for locator in named if locator.lower().endswith(".toml")]
    if len(topic_files) > 1:
        raise UsageError(
            f"two topic files were named: {topic_files[0]} and {topic_files[1]}",
            hint="Make a digest of each by itself.",
        )
    entries: list[SourceEntry] = []
    for locator in named:
        if locator == _STDIN:
            entries += [SourceEntry(line, via="stdin") for line in locators(stdin_lines)]
        elif not locator.lower().endswith(".toml"):
            entries.append(SourceEntry(locator, via="command line"))
    return _Named(topic_files[0] if topic_files else None, tuple(entries))


def topic_file(config: Path | None, named: Path | None) -> Path | None:
    """The topic file of a call: named by flag, argument or environment, or lying in the working folder."""
    if config and named:
        raise UsageError(f"two topic files were named: {config} and {named}", hint="Drop one of them.")
    variable = os.environ.get(ENVIRONMENT_PREFIX + "CONFIG")
    for candidate in (config, named, Path(variable) if variable else None):
        if candidate is not None:
            return candidate
    return Path(PROJECT_FILE) if Path(PROJECT_FILE).is_file() else None


def _with_inbox(resolved: Resolved, path: Path | None) -> Resolved:
    """Where the inbox is when nobody says: beside the topic file, or a folder that `add` has made in this one.

    Without a topic file another folder of that name may be there, with letters in it.
    """
    if resolved.settings.inbox:
        return resolved
    folder = (path.parent if path else Path()) / _INBOX
    is_meant = path is not None or (folder / INBOX_MARK).exists()
    return replace(resolved, settings=replace(resolved.settings, inbox=str(folder) if is_meant else ""))


def _with_sources(layer: Layer, more: tuple[SourceEntry, ...]) -> Layer:
    if not more:
        return layer
    own = layer.values.get("sources", ())
    return Layer(layer.name, {**layer.values, "sources": (*own, *more)}, layer.path, layer.lines)


def _environment(environment: Mapping[str, str]) -> dict[str, str]:
    known = {option.name for option in fields(Settings)}
    found: dict[str, str] = {}
    for variable, value in environment.items():
        if variable.startswith(ENVIRONMENT_PREFIX):
            name = variable.removeprefix(ENVIRONMENT_PREFIX)
            if name.lower() in known:
                found[name.lower()] = value
            elif name not in _OTHER_VARIABLES:
                # Not refused: a newer or an older localdigest may know it.
                print(f"Note: the environment variable {variable} is no setting and is not used.", file=sys.stderr)
    return found
