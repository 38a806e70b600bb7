"""Flags made from the table of settings, so that a flag and its setting cannot disagree."""

from __future__ import annotations

import functools
import inspect
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from localdigest.settings import Settings, option_help

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ConfigFile", "Json", "Sources", "all_flags", "flag_of", "flagged", "settings_flags"]

Sources = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SOURCE",
        help="URLs, files, folders, feeds, OPML files, one topic file (*.toml), or - for a list on stdin.",
        show_default=False,
    ),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="The topic file; ./localdigest.toml when it is there."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]

_SPELLING = {"allow_hosts": "--allow-host", "endpoints": "--endpoint"}  # one a flag
_METAVARS = {
    "min_coverage": "SHARE",
    "since": "SPAN|DATE",
    "date": "DATE",
    "out": "DIR",
    "store": "FILE",
    "models": "DIR",
    "lang": "zh-TW|en",
    "writer": "auto|extractive|generative",
    "model": "MODEL",
    "endpoints": "URL",
    "api_key_env": "NAME",
    "style": "abstract|quotes",
    "budget": "TIME",
    "prompts": "DIR",
    "cite": "address|copy",
    "flavour": "auto|jekyll|hugo|eleventy|obsidian|plain",
    "site": "DIR",
    "allow_hosts": "HOST|NETWORK",
    "discover": "SERVICE",
    "inbox": "DIR",
    "interval": "SECONDS",
    "deadline": "SECONDS",
}
_NO_FLAG = ("sources", "headings", "after")  # arguments; only in a file


def settings_flags(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Gives a command a flag for each of these settings; it receives those that were given as `flags`."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        hints = get_type_hints(command, include_extras=True)
        own = [
            parameter.replace(annotation=hints[parameter.name])
            for parameter in inspect.signature(command).parameters.values()
            if parameter.name != "flags"
        ]
        made = [_parameter(name) for name in names]

        @functools.wraps(command)
        def with_flags(**arguments: Any) -> Any:
            given = {name: arguments.pop(name) for name in names}
            flags = {name: value for name, value in given.items() if value not in (None, [])}
            return command(flags=flags, **arguments)

        parameters = [*own, *made]
        with_flags.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it
        with_flags.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        del with_flags.__wrapped__  # else its own hints would be read instead
        return with_flags

    return decorate


def all_flags() -> tuple[str, ...]:
    return tuple(option.name for option in fields(Settings) if flagged(option.name))


def flagged(name: str) -> bool:
    """Whether the setting has a flag; the others stand in files only."""
    return name not in _NO_FLAG


def flag_of(name: str) -> str:
    return _SPELLING.get(name, "--" + name.replace("_", "-"))


def _parameter(name: str) -> inspect.Parameter:
    flag = flag_of(name)
    option = next(option for option in fields(Settings) if option.name == name)
    kind: Any
    if isinstance(option.default, bool):
        kind = Annotated[bool | None, typer.Option(f"{flag}/--no-{flag[2:]}", help=option_help(name))]
    elif isinstance(option.default, tuple):
        kind = Annotated[list[str] | None, typer.Option(flag, metavar=_METAVARS[name], help=option_help(name))]
    else:
        metavar = _METAVARS.get(name, "NUMBER" if isinstance(option.default, int | float) else "TEXT")
        kind = Annotated[str | None, typer.Option(flag, metavar=metavar, help=option_help(name))]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
