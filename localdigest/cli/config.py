"""`localdigest config`: the settings that hold, and where each comes from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import typer

from localdigest.cli.layers import settle, store_path, user_file
from localdigest.cli.options import ConfigFile, Json, all_flags, settings_flags

app = typer.Typer(help="Show the settings and where each comes from.", rich_markup_mode=None, no_args_is_help=True)

__all__ = ["app"]


@app.callback()
def _group() -> None:
    """Show the settings and where each comes from."""


@app.command("show")
@settings_flags(*all_flags())
def show(config: ConfigFile = None, *, json: Json = False, flags: dict[str, Any]) -> None:
    """Print every setting with its value and its origin: flag, environment, topic file, user file or default."""
    from localdigest.cli.report import print_json

    resolved = settle((), flags=flags, config=config)
    rows = asdict(resolved.settings)
    rows["store"] = str(store_path(resolved.settings))
    if json:
        settings = {name: {"value": value, "origin": resolved.origins[name]} for name, value in rows.items()}
        print_json({"schema": "localdigest/config/1", "settings": settings, "user_file": str(user_file())})
        return
    width = max(map(len, rows))
    for name, value in rows.items():
        typer.echo(f"{name:<{width}} = {_shown(value)}  # {resolved.origins[name]}")
    typer.echo(f"# user file: {user_file()}{'' if user_file().is_file() else ' (not there)'}")


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_shown, value)) + "]"
    if isinstance(value, dict) and value.keys() & {"locator", "arguments"}:
        return _shown(value.get("locator") or value["arguments"])
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
