"""`localdigest init`: a topic file to start from."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["init"]


def init(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The topic file to write.")] = Path("localdigest.toml"),
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace the file when it is there.")] = False,
) -> None:
    """Write a commented topic file."""
    from localdigest.errors import UsageError
    from localdigest.files import write_atomically

    if path.exists() and not force:
        raise UsageError(f"{path} is there already", hint="Name another file, or replace it with `--force`.")
    template = resources.files("localdigest.cli") / "templates" / "topic.toml"
    text = template.read_text(encoding="utf-8").replace("THIS-FILE", str(path))
    write_atomically(path, text.encode())
    typer.echo(path)
    typer.echo("Name your sources in it, then:  localdigest run " + str(path), err=True)
