"""One frozen `Settings`, resolved once: flags > environment > topic file > user file > defaults.

Every setting is one line of the `Settings` class: its name is its key in TOML, its flag (`--per-source`) and its
environment variable (`LOCALDIGEST_PER_SOURCE`).
"""

from __future__ import annotations

import difflib
from dataclasses import MISSING, dataclass, field, fields
from typing import TYPE_CHECKING, Any, cast

from localdigest import access, services, values
from localdigest.after import AfterCommand, after_commands
from localdigest.endpoints import endpoints as server_addresses
from localdigest.endpoints import variable
from localdigest.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["ENVIRONMENT_PREFIX", "OF_THE_RUN", "Layer", "Resolved", "Settings", "option_help", "resolve"]

ENVIRONMENT_PREFIX = "LOCALDIGEST_"
#: What the topics of one file have in common: one writer with one model, one store, one door to the network.
OF_THE_RUN = frozenset(
    {
        *("writer", "model", "endpoints", "api_key_env", "allow_public_endpoint", "models"),
        *("style", "seed", "prompts", "second_judge"),
        *("offline", "robots", "allow_hosts", "concurrency", "interval", "deadline", "max_bytes", "store"),
    }
)


def _option(default: Any, parse: Callable[[Any], Any], text: str) -> Any:
    """A setting: its default, how a raw value of TOML, flag or environment becomes its value, and its help."""
    metadata = {"parse": parse, "help": text}
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is asked to do."""

    topic: str = _option(
        "",
        values.text,
        "Subject of the digest; stands in its title and ranks its sentences. Of a file of many topics: which one.",
    )
    slug: str = _option("", values.slug, "Name of the files: `<date>-<slug>.md`. Made from the topic when not given.")
    lang: str = _option("zh-TW", values.choice(*values.LANGUAGES), "Language of the headings and notes: zh-TW or en.")
    date: str = _option("", values.date, "Date of the digest, YYYY-MM-DD. Today when not given.")
    sources: tuple[values.SourceEntry, ...] = _option((), values.sources, "URLs, files, folders, feeds, OPML files.")

    inbox: str = _option(
        "",
        values.path,
        "Folder of pages saved by hand: `inbox` beside the topic file, or in this folder, if not given.",
    )
    since: str = _option("", values.window, "Leave out what is older: 36h, 7d, 2w, or a date YYYY-MM-DD.")
    limit: int = _option(0, values.count, "At most so many pages in all; 0 is no limit.")
    per_source: int = _option(0, values.count, "At most so many pages of one feed or folder; 0 is no limit.")
    discover: tuple[str, ...] = _option(
        (),
        services.services,
        "Services to ask for pages on the topic, whose words are sent to them: all, none, or names.",
    )
    discover_limit: int = _option(20, values.count, "At most so many pages found that way; 0 is no limit.")

    writer: str = _option(
        "auto",
        values.choice("auto", "extractive", "generative"),
        "Who writes: extractive chooses sentences and needs no model, generative uses one, auto takes what is here.",
    )
    model: str = _option("", values.text, "Model that writes: a name, hf:owner/repo/file.gguf, an address, a path.")
    endpoints: tuple[str, ...] = _option(
        (),
        server_addresses,
        "Model servers that write in place of a model here, such as http://gpu-box:8000/v1; several share the work.",
    )
    api_key_env: str = _option("", variable, "Environment variable that holds the key of the model servers.")
    allow_public_endpoint: bool = _option(
        False, values.boolean, "Let a model server be beyond your own network: what is read is sent there, by https."
    )
    style: str = _option(
        "abstract",
        values.choice("abstract", "quotes"),
        "With a model: abstract writes and checks, quotes lets it choose whole sentences only.",
    )
    seed: int = _option(0, values.count, "Seed of the model's choices.")
    budget: str = _option(
        "", values.budget, "With a model: time for its work (90s, 45m, 2h). What matters least is left out, and told."
    )
    second_judge: bool = _option(
        False, values.boolean, "With a model: ask it once more about each sentence; drop those that it doubts."
    )
    prompts: str = _option("", values.path, "Folder of prompts that stand in for the built-in ones of the same name.")
    out: str = _option("output", values.path, "Folder that the files go to.")
    cite: str = _option(
        "address", values.choice("address", "copy"), "A page saved by hand is cited by address or copy."
    )
    pictures: bool = _option(True, values.boolean, "Draw the digest as a picture, and as a card for links to it.")
    assets: str = _option(
        "", values.text, "Where the site serves the pictures from: `/assets/img/posts`. Beside the post when not given."
    )
    flavour: str = _option(
        "auto",
        values.choice("auto", "jekyll", "hugo", "eleventy", "obsidian", "plain"),
        "Who publishes the post: jekyll, hugo, eleventy, obsidian, or plain Markdown; auto is the site's, else jekyll.",
    )
    site: str = _option(
        "",
        values.path,
        "Folder of a site (Jekyll, Hugo, Eleventy, Obsidian): post and pictures go to their places in it.",
    )
    headings: Mapping[str, str] = _option({}, values.headings, "Other words for headings of the digest, by key.")
    after: tuple[AfterCommand, ...] = _option(
        (), after_commands, "Commands that are run once a digest was written, each a list of arguments."
    )
    history: bool = _option(
        True, values.boolean, "Leave out what earlier digests of the topic told, and remember what this one tells."
    )
    strict: bool = _option(False, values.boolean, "Exit with 3 unless every source was read.")
    min_coverage: float = _option(0.5, values.share, "Exit with 3 when a smaller share of the sources was read.")

    offline: bool = _option(False, values.boolean, "Use no network: files, and pages fetched before.")
    robots: bool = _option(True, values.boolean, "Obey robots.txt.")
    allow_hosts: tuple[str, ...] = _option(
        (),
        access.hosts,
        "Who may be private or loopback: a host on any port, host:port, or a network such as 192.168.1.0/24.",
    )
    concurrency: int = _option(8, values.positive, "Pages fetched at once, over all hosts.")
    interval: float = _option(1.0, values.seconds, "Seconds between two requests to one host.")
    deadline: float = _option(30.0, values.seconds, "Seconds that one page may take in all.")
    max_bytes: int = _option(
        10 * 2**20, values.positive, "Bytes of one page after decompression; a PDF may have 2.5 times as many."
    )

    store: str = _option("", values.path, "File of the store. In the user's data folder when not given.")
    models: str = _option(
        "", values.path, "Folder of the models: ./models where there is one, else in the user's data folder."
    )


@dataclass(frozen=True, slots=True)
class Layer:
    """Raw values from one place, keyed by setting."""

    name: str  #: `flag`, `environment`, `topic file`, `user file`
    values: Mapping[str, Any]
    path: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)  #: where a key stands in the file, from 1


@dataclass(frozen=True, slots=True)
class Resolved:
    settings: Settings
    origins: Mapping[str, str]  #: setting → the layer that decided it, with its file


def resolve(layers: Sequence[Layer]) -> Resolved:
    """The settings that hold, from layers in falling order of precedence.

    Raises:
        UsageError, ConfigError: a key that is none, with the nearest one; a value that cannot be right.
    """
    for layer in layers:
        _refuse_unknown(layer)
        _refuse_commands(layer)
        _refuse_powers(layer)
    chosen: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for option in fields(Settings):
        origins[option.name] = "default"
        for layer in layers:
            if option.name in layer.values:
                chosen[option.name] = _parsed(option.name, option.metadata["parse"], layer)
                origins[option.name] = f"{layer.name} {layer.path}".strip()
                break
    return Resolved(Settings(**chosen), origins)


def option_help(name: str) -> str:
    """What a setting is for, with its default: the help of its flag and its line in the documentation."""
    option = next(option for option in fields(Settings) if option.name == name)
    default = option.default if option.default is not MISSING else None
    shown = "" if default in ("", (), None, False, 0) else f" [default: {default if default is not True else 'on'}]"
    return cast("str", option.metadata["help"]) + shown


def _parsed(name: str, parse: Callable[[Any], Any], layer: Layer) -> Any:
    try:
        return parse(layer.values[name])
    except ValueError as error:
        raise _error(f"{_spelled(name, layer)}: {error}", layer, name) from error


def _refuse_unknown(layer: Layer) -> None:
    known = [option.name for option in fields(Settings)]
    for key in layer.values:
        if key not in known:
            nearest = difflib.get_close_matches(key, known, n=1)
            hint = f"Did you mean `{nearest[0]}`?" if nearest else "`localdigest config show` lists all settings."
            raise _error(f"there is no setting `{key}`", layer, key, hint=hint)


def _refuse_commands(layer: Layer) -> None:
    """What runs programs stands in the file that the user names, never in what a process or a page may set."""
    if "after" in layer.values and layer.name != "topic file":
        raise _error(f"{_spelled('after', layer)} stands in a topic file only", layer, "after")


def _refuse_powers(layer: Layer) -> None:
    """A topic file may come from anybody: it shall not send a variable of the environment, or what is read, away."""
    for key in ("api_key_env", "allow_public_endpoint"):
        if key in layer.values and layer.name == "topic file":
            where = "give it on the command line, in the environment or in your own settings file"
            raise _error(f"`{key}` stands in no topic file: {where}", layer, key)


def _error(message: str, layer: Layer, key: str, *, hint: str = "") -> UsageError:
    if layer.path:
        return ConfigError(message, path=layer.path, line=layer.lines.get(key, 0), hint=hint)
    return UsageError(message[:1].upper() + message[1:], hint=hint)


def _spelled(name: str, layer: Layer) -> str:
    if layer.name == "flag":
        return "--" + name.replace("_", "-")
    return ENVIRONMENT_PREFIX + name.upper() if layer.name == "environment" else f"`{name}`"
