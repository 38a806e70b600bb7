"""Finds the settings that a command works with: flags, environment, topic file, user file."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from localdigest.errors import ConfigError, UsageError
from localdigest.settings import ENVIRONMENT_PREFIX, Layer, Resolved, Settings, resolve
from localdigest.sourcing.paths import INBOX_MARK
from localdigest.topicfile import TopicFile, read_layer, read_topic_file
from localdigest.values import SourceEntry, locators, slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "PROJECT_FILE",
    "models_folder",
    "settle",
    "settle_all_sources",
    "settle_common",
    "settle_every",
    "store_path",
    "topic_file",
    "user_file",
]

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
    """The settings of one call, for one digest.

    Args:
        named: the arguments: locators, `-` for a list of locators on stdin, and at most one topic file (`*.toml`).
        flags: the settings given as flags. Of a file with many topics `topic` chooses one.
        config: the topic file, where `--config` names it.
        stdin_lines: read only when `named` holds `-`.

    Raises:
        UsageError, ConfigError: two topic files; a file or a value that cannot be used; a file with many topics of
            which none is chosen.
    """
    every = settle_every(named, flags=flags, config=config, stdin_lines=stdin_lines)
    if len(every) > 1:
        names = ", ".join(_name_of(resolved.settings) for resolved in every)
        raise UsageError(
            f"The topic file holds {len(every)} topics: {names}",
            hint="Choose one with `--topic NAME` where the command has it; `localdigest run` makes the digests of all.",
        )
    return every[0]


def settle_every(
    named: Sequence[str], *, flags: Mapping[str, Any], config: Path | None = None, stdin_lines: Iterable[str] = ()
) -> tuple[Resolved, ...]:
    """The same, for each topic of the file in its order; one where the file is of one topic, or where one is chosen.

    Raises:
        UsageError, ConfigError: as `settle`; topics without a name, or with the name of another; no topic that is so
            called.
    """
    split = _split(named, stdin_lines)
    path = topic_file(config, split.topic_file)
    file = None if path is None else read_topic_file(path)
    if file is None or not file.topics:
        return (_settled(flags, _environment(os.environ), file.common if file else None, split.entries, path),)
    environment = _environment(os.environ)
    wanted = flags.get("topic") or environment.get("topic", "")
    flags = {name: value for name, value in flags.items() if name != "topic"}
    environment = {name: value for name, value in environment.items() if name != "topic"}
    every = [_settled(flags, environment, topic, split.entries, path) for topic in file.topics]
    _require_names(every, file)
    return _chosen(every, str(wanted), path) if wanted else tuple(every)


def settle_all_sources(
    named: Sequence[str], *, flags: Mapping[str, Any], config: Path | None = None, stdin_lines: Iterable[str] = ()
) -> Resolved:
    """The same for commands that make no digest: of many topics what they have in common, and the sources of all."""
    every = settle_every(named, flags=flags, config=config, stdin_lines=stdin_lines)
    if len(every) == 1:
        return every[0]
    common = settle_common(flags=flags, config=topic_file(config, _split(named, ()).topic_file))
    sources = tuple(dict.fromkeys(entry for resolved in every for entry in resolved.settings.sources))
    return replace(common, settings=replace(common.settings, sources=sources))


def settle_common(*, flags: Mapping[str, Any], config: Path | None = None) -> Resolved:
    """What holds for all topics of a file, or for the one that it is of."""
    path = topic_file(config, None)
    common = None if path is None else read_topic_file(path).common
    return _settled(flags, _environment(os.environ), common, (), path)


def _settled(
    flags: Mapping[str, Any],
    environment: Mapping[str, str],
    topic: Layer | None,
    entries: tuple[SourceEntry, ...],
    path: Path | None,
) -> Resolved:
    layers = [Layer("flag", flags), Layer("environment", environment)]
    if topic is not None:
        layers.append(_with_sources(topic, entries))
    elif entries:
        layers.append(Layer("command line", {"sources": entries}))
    if user_file().is_file():
        layers.append(read_layer(user_file(), name="user file"))
    return _with_inbox(resolve(layers), path)


def _name_of(settings: Settings) -> str:
    return settings.topic or settings.slug


def _require_names(every: Sequence[Resolved], file: TopicFile) -> None:
    """Each topic has one, and files of its own."""
    taken: dict[tuple[str, str], str] = {}
    for number, (resolved, layer) in enumerate(zip(every, file.topics, strict=True), start=1):
        settings = resolved.settings
        name = _name_of(settings)
        if not name:
            raise ConfigError(f"topic {number} has no `topic`", path=layer.path, hint="Give each a name of its own.")
        files = (settings.slug or slug(settings.topic), str(Path(settings.out).absolute()))
        if files in taken:
            line = layer.lines.get("topic", layer.lines.get("slug", 0))
            message = f"`{name}` would write the same files as `{taken[files]}`"
            raise ConfigError(message, path=layer.path, line=line, hint="Give one of them a `slug`, or another `out`.")
        taken[files] = name


def _chosen(every: Sequence[Resolved], wanted: str, path: Path | None) -> tuple[Resolved, ...]:
    names = {_name_of(resolved.settings): resolved for resolved in every}
    for name, resolved in names.items():
        if wanted.casefold() in (name.casefold(), resolved.settings.slug.casefold()):
            return (resolved,)
    raise UsageError(f"{path} holds no topic `{wanted}`", hint=f"It holds {', '.join(names)}.")


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
