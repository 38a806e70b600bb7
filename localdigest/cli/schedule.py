"""`localdigest schedule`: what to give the system's scheduler, so that a digest is made every day."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from localdigest.cli.options import ConfigFile  # noqa: TC001 - typer reads it

if TYPE_CHECKING:
    from pathlib import Path

    from localdigest.schedules.texts import Daily

__all__ = ["schedule"]

Show = Annotated[
    str,
    typer.Option(metavar="KIND", help="systemd, cron, launchd or github; all of them when not given."),
]
At = Annotated[str, typer.Option(metavar="HH:MM", help="The time of the day; for github it is UTC.")]
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


def schedule(config: ConfigFile = None, *, show: Show = "", at: At = "07:30") -> None:
    """Print what makes a digest every day: a systemd timer, a line for cron, a launchd agent, a GitHub workflow.

    Nothing is written or installed. Runs that overlap are no harm: those for the same files take turns.

    Example: localdigest schedule --show cron --at 06:45 --config topic.toml
    """
    from localdigest.errors import UsageError
    from localdigest.schedules.texts import KINDS, draw

    if show and show not in KINDS:
        raise UsageError(f"--show: there is no scheduler {show}", hint=f"There is {', '.join(KINDS)}.")
    time = _TIME.fullmatch(at)
    if time is None:
        raise UsageError(f"--at: {at} is no time", hint="It is written as in 07:30.")
    daily = _daily(config, hour=int(time[1]), minute=int(time[2]))
    texts: list[str] = []
    for kind in (show,) if show else KINDS:
        try:
            texts.append(draw(kind, daily))
        except ValueError as error:
            if show:
                raise UsageError(f"--show {kind}: {error}", hint="Rename it, or name it by another path.") from error
            print(f"Left out: {kind}: {error}", file=sys.stderr)
    print("\n".join(texts), end="")


def _daily(config: Path | None, *, hour: int, minute: int) -> Daily:
    from pathlib import Path

    from localdigest.cli.layers import settle_common, topic_file
    from localdigest.errors import UsageError
    from localdigest.schedules.texts import Daily

    path = topic_file(config, None)
    if path is None:
        raise UsageError("No topic file was named", hint="Name it with --config; `localdigest init` writes one.")
    settings = settle_common(flags={}, config=path).settings
    path = path.absolute()
    return Daily(
        name=_unit_name(settings.slug, path),
        topic=settings.topic or path.stem,
        command=(*_program(), "run", "--config", str(path), "--quiet"),
        folder=str(Path.cwd()),
        topic_file=_in_repository(path),
        hour=hour,
        minute=minute,
    )


def _program() -> tuple[str, ...]:
    """How this program is started by its absolute path. Links stay: that of a tool's environment is its door."""
    import os
    from pathlib import Path

    started = Path(sys.argv[0]).absolute()
    if started.stem == "localdigest" and os.access(started, os.X_OK) and started.is_file():
        return (str(started),)
    return (sys.executable, "-m", "localdigest")


def _unit_name(slug: str, path: Path) -> str:
    """In ASCII: units and labels take nothing else."""
    import hashlib

    wanted = slug or re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")
    if not re.fullmatch(r"[a-z0-9-]+", wanted):
        wanted = hashlib.sha256(str(path).encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return "localdigest" if wanted == "localdigest" else f"localdigest-{wanted}"


def _in_repository(path: Path) -> str:
    """The path from the root of the repository, which is where a workflow starts."""
    root = next((folder for folder in path.parents if (folder / ".git").exists()), path.parent)
    return path.relative_to(root).as_posix()
