"""`localdigest models`: which models there are, which are here, and bringing, checking and removing them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path  # noqa: TC003 - typer reads the annotations when the command is made
from typing import TYPE_CHECKING, Annotated, Any

import typer

from localdigest.cli.layers import models_folder, settle_common
from localdigest.cli.options import Json, settings_flags
from localdigest.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from localdigest.engine.layout import ModelLayout
    from localdigest.hub.catalog import Catalog
    from localdigest.settings import Settings

app = typer.Typer(help="List, fetch, check and remove models.", rich_markup_mode=None, no_args_is_help=True)

__all__ = ["app"]

_NETWORK = ("offline", "allow_hosts")
_MB = 1_000_000

Names = Annotated[
    list[str],
    typer.Argument(metavar="MODEL", help="Names of the catalogue, hf:owner/repo/file.gguf, https addresses."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@app.callback()
def _group() -> None:
    """List, fetch, check and remove models."""


@app.command("list")
@settings_flags("models")
def list_(
    *,
    installed: Annotated[bool, typer.Option("--installed", help="Only what is on this disk.")] = False,
    json: Json = False,
    flags: dict[str, Any],
) -> None:
    """List the models that have a name: size, memory, licence, languages, and whether they are here.

    RAM is for one text of 4,096 tokens at a time without a GPU; `localdigest plan` reckons anything else.
    """
    from localdigest.cli import models_report
    from localdigest.engine.machine import cpu_features
    from localdigest.hub.inventory import inventory, unnamed

    here = _here(flags)
    rows = inventory(here.catalog, here.folder, cpu=cpu_features())
    others = unnamed(rows, here.folder)
    if installed:
        rows = tuple(row for row in rows if row.paths)
    models_report.listed(rows, others, here.folder, as_json=json)


@app.command("show")
@settings_flags("models", *_NETWORK)
def show(
    name: Annotated[str, typer.Argument(metavar="MODEL", help="As for `pull`, or a path.", show_default=False)],
    *,
    json: Json = False,
    flags: dict[str, Any],
) -> None:
    """Say all that is known of a model. Of a file without a name the header is read, from the network if it must be."""
    from localdigest.cli import models_report
    from localdigest.cli.network import guard_of
    from localdigest.engine.machine import cpu_features
    from localdigest.hub.inventory import held
    from localdigest.hub.obtain import look
    from localdigest.hub.reference import parse_reference

    here = _here(flags)
    if entry := here.catalog.find(name):
        models_report.shown(held(entry, here.folder, cpu=cpu_features()), as_json=json)
        return
    verdict = look(
        parse_reference(name, catalog=here.catalog),
        folder=here.folder,
        catalog=here.catalog,
        guard=guard_of(here.settings),
        offline=here.settings.offline,
    )
    models_report.judged(name, verdict, as_json=json)
    raise typer.Exit(ExitCode.OK if verdict.is_usable else ExitCode.USAGE)


@app.command("pull")
@settings_flags("models", *_NETWORK)
def pull(
    names: Names,
    *,
    force: Annotated[bool, typer.Option("--force", help="Fetch it even if it does not fit into memory here.")] = False,
    json: Json = False,
    flags: dict[str, Any],
) -> None:
    """Fetch models into the models folder. An interrupted download goes on where it was.

    The header is read first: what llama.cpp cannot load, or this machine cannot hold, is not fetched.
    """
    from localdigest.cli import models_report
    from localdigest.cli.network import guard_of
    from localdigest.engine.machine import cpu_features
    from localdigest.hub.obtain import obtain
    from localdigest.hub.reference import parse_reference

    here = _here(flags)
    # All are understood before the first is fetched: it may take an hour.
    references = [parse_reference(name, catalog=here.catalog) for name in names]
    guard = guard_of(here.settings)
    with _progress(quiet=json) as tell:
        found = [
            obtain(
                reference,
                folder=here.folder,
                catalog=here.catalog,
                guard=guard,
                offline=here.settings.offline,
                on_event=tell,
                approve=partial(_agree, reference.text, force=force),
                cpu=cpu_features(),
            )
            for reference in references
        ]
    models_report.pulled(found, as_json=json)


@app.command("verify")
@settings_flags("models")
def verify(
    names: Annotated[list[str] | None, typer.Argument(metavar="MODEL", show_default=False)] = None,
    *,
    json: Json = False,
    flags: dict[str, Any],
) -> None:
    """Read models through and compare checksums: those named, or all that are here. Exit code 1 if one differs."""
    from localdigest.cli import models_report
    from localdigest.hub.inventory import check_again, files_to_verify

    here = _here(flags)
    pairs = files_to_verify(names or (), here.catalog, here.folder)
    with _progress(quiet=json) as tell:
        checked = [
            check_again(path, expected, folder=here.folder, on_progress=_in_megabytes(tell, "verify", path.name))
            for path, expected in pairs
        ]
    models_report.verified(checked, as_json=json)
    raise typer.Exit(ExitCode.OK if all(each.is_right for each in checked) else ExitCode.FAILED)


@app.command("import")
@settings_flags("models")
def import_(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="GGUF files of this disk.", show_default=False)],
    *,
    copy: Annotated[bool, typer.Option("--copy", help="Copy the files instead of linking to them.")] = False,
    json: Json = False,
    flags: dict[str, Any],
) -> None:
    """Make files that are here already known, so that they are not fetched again. They stay where they are."""
    from localdigest.cli import models_report
    from localdigest.hub.inventory import import_named

    here = _here(flags)
    with _progress(quiet=json) as tell:
        imported = [
            import_named(
                path,
                catalog=here.catalog,
                folder=here.folder,
                link=not copy,
                on_progress=_in_megabytes(tell, "verify", path.name),
            )
            for path in paths
        ]
    models_report.imported(imported, as_json=json)


@app.command("rm")
@settings_flags("models")
def rm(names: Names, *, yes: Yes = False, flags: dict[str, Any]) -> None:
    """Remove models from the models folder. Files elsewhere are never touched."""
    from localdigest.hub.inventory import files_to_remove, remove

    here = _here(flags)
    paths = files_to_remove(names, here.catalog, here.folder)
    if not yes:
        typer.confirm(f"Remove {', '.join(map(str, paths))}?", abort=True, err=True)
    for path in paths:
        remove(path, folder=here.folder)
        typer.echo(f"{path} is removed", err=True)


@app.command("convert")
def convert(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="A Mixtral file of 2023.", show_default=False)],
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="The file to write.", show_default=False)],
    *,
    json: Json = False,
) -> None:
    """Rewrite an old Mixtral file, with a tensor for each expert, so that llama.cpp loads it. The old one stays.

    Interrupted, it goes on where it was.
    """
    from localdigest.cli.report import print_json
    from localdigest.hub.convert import convert as convert_file

    with _progress(quiet=json) as tell:
        written = convert_file(source, target, on_progress=_in_megabytes(tell, "convert", source.name))
    if json:
        print_json({"schema": "localdigest/models-convert/1", "path": str(written), "bytes": written.stat().st_size})
        return
    typer.echo(written)


@dataclass(frozen=True, slots=True)
class _Here:
    """What every command needs to know."""

    settings: Settings
    folder: Path
    catalog: Catalog


def _here(flags: Mapping[str, Any]) -> _Here:
    from localdigest.hub.catalog import load_catalog

    settings = settle_common(flags=flags).settings
    folder = models_folder(settings)
    return _Here(settings, folder, load_catalog(folder))


def _agree(name: str, layout: ModelLayout, *, force: bool) -> None:
    """Raises UsageError where the model does not fit, unless the user insists."""
    from localdigest.cli.engine import engine_errors
    from localdigest.engine.machine import available_ram
    from localdigest.engine.offload import Machine
    from localdigest.errors import UsageError
    from localdigest.hub.needs import least_plan

    ram_bytes = available_ram()
    with engine_errors():
        found = least_plan(layout, Machine(ram_bytes=ram_bytes))
    if found.fits or not ram_bytes:  # 0: the system does not say
        return
    if force:
        typer.echo(f"Note: {name} does not fit into this machine's memory. {found.reason}", err=True)
        return
    raise UsageError(
        f"{name} does not fit into this machine's memory as it is now, even with a short context. {found.reason}",
        hint=f"`localdigest plan --model {name}` shows what would; --force fetches it all the same.",
    )


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[str, int, int, str], None]]:
    from localdigest.cli.progress import progress
    from localdigest.job import Event

    with progress(quiet=quiet) as on_event:
        yield lambda stage, done, total, note: on_event(Event(stage, done, total, note))


def _in_megabytes(tell: Callable[[str, int, int, str], None], stage: str, note: str) -> Callable[[int, int], None]:
    return lambda done, total: tell(stage, done // _MB, total // _MB, note)
