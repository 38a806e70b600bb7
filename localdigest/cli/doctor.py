"""`localdigest doctor`: what is right here, what is missing, and what to do about it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from localdigest.cli.layers import models_folder, settle_common, store_path
from localdigest.cli.options import Json, settings_flags
from localdigest.cli.screen import raw
from localdigest.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localdigest.doctor import Check
    from localdigest.net.guard import Guard
    from localdigest.settings import Settings

__all__ = ["doctor"]

_MARKS = {"ok": "✓", "note": "·", "warning": "!", "failed": "✗"}
_PLAIN_MARKS = {"ok": "ok", "note": "note", "warning": "warn", "failed": "FAIL"}
_COLOURS = {"ok": "green", "note": "cyan", "warning": "yellow", "failed": "red"}


@settings_flags(
    "out", "store", "models", "offline", "allow_hosts", "model", "endpoints", "api_key_env", "allow_public_endpoint"
)
def doctor(
    *,
    verify: Annotated[bool, typer.Option("--verify", help="Read all models through and compare checksums.")] = False,
    network: Annotated[bool, typer.Option("--network", help="Ask the models' hub whether it answers.")] = False,
    json: Json = False,
    flags: dict[str, Any],
) -> None:
    """Look at this machine and this installation: what works, what does not, and what to do about it.

    Nothing is changed, and nobody is asked without --network or --endpoint. Exit code 1 when something failed;
    warnings do not fail.
    """
    from localdigest.cli.report import print_json
    from localdigest.doctor import Options, Places, examine, is_healthy

    settings = settle_common(flags=flags).settings
    # Before anything else: offline, this process gives its own network up.
    servers = _endpoints(settings) if network or flags.get("endpoints") else ()

    def guard() -> Guard:
        from localdigest.cli.network import guard_of

        return guard_of(settings)

    checks = examine(
        Places(Path(settings.out), store_path(settings), models_folder(settings)),
        Options(guard if network else None, verify=verify, offline=settings.offline),
    )
    checks = (*checks, *servers)
    healthy = is_healthy(checks)
    if json:
        rows = [{"name": each.name, "status": each.status, "found": each.found, "hint": each.hint} for each in checks]
        print_json({"schema": "localdigest/doctor/1", "ok": healthy, "checks": rows})
    else:
        _print(checks)
    raise typer.Exit(ExitCode.OK if healthy else ExitCode.FAILED)


def _endpoints(settings: Settings) -> tuple[Check, ...]:
    """A word with each model server, by a messenger of its own."""
    from localdigest.cli.server_writer import key_of
    from localdigest.doctor.endpoint_checks import check_endpoint, check_lost_endpoint
    from localdigest.engine.errors import EngineError
    from localdigest.remote.factory import Errand
    from localdigest.remote.process import Messenger

    key, checks = key_of(settings), []
    for url in settings.endpoints:
        errand = Errand((url,), model=settings.model, allow_public=settings.allow_public_endpoint)
        try:
            with Messenger(errand, key=key) as messenger:
                checks.append(check_endpoint(messenger.served))
        except EngineError as error:
            checks.append(check_lost_endpoint(url, error.message, error.hint))
    return tuple(checks)


def _print(checks: Sequence[Check]) -> None:
    from localdigest.doctor import by_urgency

    width = max(len(check.name) for check in checks)
    out = raw(sys.stdout)  # the signs are coloured
    for check in checks:
        typer.echo(f"{_mark(check)} {check.name.ljust(width)}  {_printable(check.found)}", file=out)
    for check in by_urgency(checks):
        first, *more = check.hint.splitlines()
        typer.echo(f"\n{_mark(check)} {check.name}: {_printable(first)}", file=out)
        for line in more:
            typer.echo(f"    {_printable(line)}", file=out)


def _mark(check: Check) -> str:
    """A coloured sign on a terminal, a word elsewhere."""
    if not _is_terminal():
        return _PLAIN_MARKS[check.status].ljust(4)
    sign = _MARKS[check.status]
    return sign if os.environ.get("NO_COLOR") else typer.style(sign, fg=_COLOURS[check.status])


def _is_terminal() -> bool:
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and encoding == "utf8"


def _printable(text: str) -> str:
    """File names and answers of servers may hold what moves a terminal's cursor."""
    return "".join(character if character.isprintable() else "�" for character in text)
