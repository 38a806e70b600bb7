"""`localdigest plan`: whether a model fits a machine, what goes where, and how fast it will be, before any download."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from localdigest.cli.options import Json, settings_flags

if TYPE_CHECKING:
    from localdigest.engine.rehearsal import Rehearsal
    from localdigest.hub.catalog import Catalog, Entry
    from localdigest.planning.here import Here
    from localdigest.planning.subject import Subject
    from localdigest.settings import Settings

__all__ = ["plan"]

_SIZE_HELP = "as 8GiB or 8G"


@settings_flags("models", "offline", "allow_hosts")
def plan(
    model: Annotated[
        str, typer.Option("--model", metavar="MODEL", help="A name, hf:owner/repo/file.gguf, an address, a path.")
    ],
    *,
    vram: Annotated[
        str | None, typer.Option("--vram", metavar="SIZE", help=f"Memory of the GPU, {_SIZE_HELP}; 0 for none.")
    ] = None,
    ram: Annotated[
        str | None, typer.Option("--ram", metavar="SIZE", help=f"RAM that may be used, {_SIZE_HELP}.")
    ] = None,
    ctx: Annotated[
        int | None, typer.Option("--ctx", metavar="TOKENS", min=256, help="How long one text with its answer may be.")
    ] = None,
    pages: Annotated[int, typer.Option("--pages", min=1, help="Pages of the digest whose time is reckoned.")] = 10,
    exact: Annotated[
        bool,
        typer.Option("--exact", help="Read the header from the network where the file is not here, and ask llama.cpp."),
    ] = False,
    json: Json = False,
    flags: dict[str, Any],
) -> None:
    """Say whether a model fits, what goes where, and how fast it will be. Nothing is downloaded.

    Of a model with a name the catalogue is enough: no file, no network, no GPU. What is not told by --ram and --vram is
    measured on this machine, which takes a few seconds.

    Example: localdigest plan --model mixtral-8x7b-q4 --vram 8GiB --ram 32GiB
    """
    from localdigest.cli import plan_report
    from localdigest.cli.engine import engine_errors
    from localdigest.cli.layers import models_folder, settle_common
    from localdigest.hub.catalog import load_catalog
    from localdigest.planning.fitting import nearest_that_fit
    from localdigest.planning.here import look_here
    from localdigest.planning.recommend import recommend

    settings = settle_common(flags=flags).settings
    ram_bytes, vram_bytes = _size("--ram", ram), _size("--vram", vram)
    catalog = load_catalog(models_folder(settings))
    with engine_errors():
        subject, entry = _subject(model, settings, catalog, exact=exact)
        here = look_here(ram_bytes=ram_bytes, vram_bytes=vram_bytes)
        found = recommend(subject.layout, here.machine, context_tokens=ctx)
        rehearsal = _rehearse(subject, found, here) if exact or subject.path else None
        others = () if found.fits else nearest_that_fit(catalog, here.machine, wanted=entry, pages=pages)
    report = plan_report.Report(subject, here, found, others, rehearsal, pages)
    plan_report.printed(report, as_json=json)


def _size(flag: str, text: str | None) -> int | None:
    from localdigest.errors import UsageError
    from localdigest.planning.sizes import parse_size

    if text is None:
        return None
    try:
        return parse_size(text)
    except ValueError as error:
        raise UsageError(f"{flag}: {error}", hint="As in `--ram 32GiB --vram 8GiB`.") from error


def _subject(model: str, settings: Settings, catalog: Catalog, *, exact: bool) -> tuple[Subject, Entry | None]:
    """What there is to plan with: the file if it is here, else the catalogue's line, else the header."""
    from localdigest.cli.layers import models_folder
    from localdigest.cli.network import guard_of
    from localdigest.engine.machine import cpu_features
    from localdigest.hub.library import find_local
    from localdigest.hub.obtain import look
    from localdigest.hub.reference import HubFiles, parse_reference
    from localdigest.planning.subject import of_entry, of_file, of_verdict

    reference = parse_reference(model, catalog=catalog)
    entry = reference.entry if isinstance(reference, HubFiles) else None
    name = entry.name if entry else reference.text
    folder = models_folder(settings)
    if paths := find_local(reference, folder=folder):
        return of_file(paths[0], name=name), entry
    if entry and not exact and (subject := of_entry(entry)):
        return subject, entry
    verdict = look(
        reference,
        folder=folder,
        catalog=catalog,
        guard=guard_of(settings),
        offline=settings.offline,
        cpu=cpu_features(),
    )
    return of_verdict(name, verdict), entry


def _rehearse(subject: Subject, found: Any, here: Here) -> Rehearsal | None:
    """What llama.cpp itself says, where it can be asked: its buffers need the devices that are planned for."""
    from importlib.util import find_spec

    from localdigest.engine.rehearsal import rehearse

    is_known = subject.path or subject.header  # of a model in parts that is not here there is no one header
    if not (is_known and found.fits) or find_spec("llama_cpp") is None:
        return None
    if found.placement.gpu_layers and not here.gpu_name:
        return None
    options = found.options(str(subject.path or ""))
    return rehearse(options, header=subject.header, file_bytes=subject.file_bytes)
