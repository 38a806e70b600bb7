"""Draws the texts from their templates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from localdigest.schedules.spelling import (
    cron_word,
    github_text,
    systemd_argument,
    systemd_program,
    systemd_text,
    xml_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["KINDS", "Daily", "draw"]

_PLACEHOLDER = re.compile(r"@([A-Z_]+)@")
_ITEM = "        "


@dataclass(frozen=True, slots=True)
class Daily:
    """One command, every day at one time."""

    name: str  #: of files and units: ASCII letters, digits, hyphens
    topic: str  #: for people
    command: tuple[str, ...]  #: absolute, but in a repository
    folder: str  #: that it runs in
    topic_file: str  #: in the repository
    hour: int
    minute: int


def _systemd(daily: Daily) -> Mapping[str, str]:
    program, *arguments = daily.command
    words = (systemd_program(program), *map(systemd_argument, arguments))
    return {
        "TOPIC": systemd_text(daily.topic),
        "FOLDER": systemd_text(daily.folder),
        "COMMAND": " ".join(words),
        "HOUR": f"{daily.hour:02}",
        "MINUTE": f"{daily.minute:02}",
    }


def _cron(daily: Daily) -> Mapping[str, str]:
    return {
        "FOLDER": cron_word(daily.folder),
        "COMMAND": " ".join(map(cron_word, daily.command)),
        **_time(daily),
    }


def _launchd(daily: Daily) -> Mapping[str, str]:
    items = (f"{_ITEM}<string>{xml_text(word)}</string>" for word in daily.command)
    return {"FOLDER": xml_text(daily.folder), "COMMAND": "\n".join(items), **_time(daily)}


def _github(daily: Daily) -> Mapping[str, str]:
    return {"TOPIC_FILE": github_text(daily.topic_file), **_time(daily)}


def _time(daily: Daily) -> dict[str, str]:
    return {"HOUR": str(daily.hour), "MINUTE": str(daily.minute)}


#: By the name of the scheduler.
KINDS: Mapping[str, Callable[[Daily], Mapping[str, str]]] = {
    "systemd": _systemd,
    "cron": _cron,
    "launchd": _launchd,
    "github": _github,
}


def draw(kind: str, daily: Daily) -> str:
    """The text for one scheduler.

    Raises:
        ValueError: a path cannot be written in its spelling; says which.
    """
    values = {"NAME": daily.name, **KINDS[kind](daily)}
    template = (resources.files("localdigest.schedules") / "templates" / f"{kind}.txt").read_text(encoding="utf-8")
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)
