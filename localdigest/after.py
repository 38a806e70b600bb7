"""The commands that a topic file names to be run after a digest, and what is filled into them. Pure."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FILES", "AfterCommand", "after_commands", "filled", "named_in"]

FILES = ("post", "page", "manifest", "infographic", "card")  #: their names in `--json`
_PLACEHOLDERS = (*FILES, "date", "slug")
_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")  # other braces are the command's own: `stash@{0}`, JSON
_EXPECTED = 'expected a list of commands, each a list of texts such as ["git", "add", "{post}"]'


@dataclass(frozen=True, slots=True)
class AfterCommand:
    """One command as it was written."""

    arguments: tuple[str, ...]  #: the program first; placeholders are not filled in
    folder: str = ""  #: that it runs in: the topic file's


def after_commands(raw: Any) -> tuple[AfterCommand, ...]:
    """The value of the setting `after`. Raises ValueError with what would be right."""
    if not isinstance(raw, list | tuple):
        raise ValueError(_EXPECTED)  # noqa: TRY004 - as all values of settings
    return tuple(item if isinstance(item, AfterCommand) else AfterCommand(_arguments(item)) for item in raw)


def named_in(command: AfterCommand) -> frozenset[str]:
    """The placeholders of a command."""
    return frozenset(name for argument in command.arguments for name in _PLACEHOLDER.findall(argument))


def filled(command: AfterCommand, values: Mapping[str, str]) -> tuple[str, ...]:
    """The arguments with their placeholders filled in, once: what a value holds is never looked at again."""
    return tuple(_PLACEHOLDER.sub(lambda found: values[found[1]], argument) for argument in command.arguments)


def _arguments(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list | tuple) or not raw or not all(isinstance(argument, str) for argument in raw):
        raise ValueError(_EXPECTED)
    if not raw[0] or any("\0" in argument for argument in raw):
        raise ValueError("a command begins with the name of a program")
    if _PLACEHOLDER.search(raw[0]):
        raise ValueError(f"the program of a command is fixed, got {raw[0]}")
    for argument in raw:
        for name in _PLACEHOLDER.findall(argument):
            if name not in _PLACEHOLDERS:
                nearest = difflib.get_close_matches(name, _PLACEHOLDERS, n=1) or _PLACEHOLDERS
                raise ValueError(f"there is no placeholder {{{name}}}; there is {{{'}, {'.join(nearest)}}}")
    return tuple(raw)
