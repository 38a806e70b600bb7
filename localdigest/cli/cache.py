"""`localdigest cache`: what is stored, and forgetting it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from localdigest.cli.layers import settle_common, store_path
from localdigest.cli.options import Json, settings_flags

app = typer.Typer(help="Show or clear what was fetched and read.", rich_markup_mode=None, no_args_is_help=True)

__all__ = ["app"]


@app.callback()
def _group() -> None:
    """Show or clear what was fetched and read."""


@app.command("stats")
@settings_flags("store")
def stats(*, json: Json = False, flags: dict[str, Any]) -> None:
    """Say where the store is and what it holds."""
    from localdigest.cli.report import print_json
    from localdigest.cli.session import open_store

    with open_store(store_path(settle_common(flags=flags).settings)) as store:
        found = store.stats()
    if json:
        print_json({"schema": "localdigest/cache/1", **asdict(found)})
        return
    typer.echo(found.path)
    held = f"{found.pages} pages, {found.documents} readings, {found.digests} digests, {found.completions} answers"
    typer.echo(f"{held}, {found.size_bytes} bytes")
    typer.echo(f"What {found.past_digests} digests told; how {found.sources} sources do")
    if found.copies:
        names = ", ".join(Path(copy).name for copy in found.copies)
        typer.echo(f"Copies of damaged and older stores, {found.copies_bytes} bytes: {names}")


@app.command("clear")
@settings_flags("store")
def clear(
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    flags: dict[str, Any],
) -> None:
    """Forget every page, reading, digest and answer in the store, what digests told, and its copies.

    Files that were written stay. `localdigest history forget` forgets only what digests told.
    """
    from localdigest.cli.session import open_store

    path = store_path(settle_common(flags=flags).settings)
    if not yes:
        typer.confirm(f"Forget everything in {path}?", abort=True, err=True)
    with open_store(path) as store:
        store.clear()
    typer.echo(f"{path} is empty", err=True)
