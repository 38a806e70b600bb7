"""`localdigest sources`: the sources of a topic file; OPML in and out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from localdigest.cli.options import ConfigFile, Json, Sources, settings_flags
from localdigest.errors import ExitCode

app = typer.Typer(
    help="List, test, import and export the sources of a topic.", rich_markup_mode=None, no_args_is_help=True
)

__all__ = ["app"]


@app.callback()
def _group() -> None:
    """List, test, import and export the sources of a topic."""


@app.command("list")
def list_(sources: Sources = None, config: ConfigFile = None, *, json: Json = False) -> None:
    """List the sources as they are named, feeds and folders not opened."""
    from localdigest.cli import report
    from localdigest.cli.session import planned

    for entry in planned(sources, {}, config).settings.sources:
        if json:
            report.print_json({"source": entry.locator, "title": entry.title, "url": entry.url})
        else:
            typer.echo("\t".join(filter(None, (entry.locator, entry.title))))


@app.command("test")
@settings_flags("since", "limit", "per_source", "date", "offline", "robots", "allow_hosts", "deadline", "store")
def probe(sources: Sources = None, config: ConfigFile = None, *, json: Json = False, flags: dict[str, Any]) -> None:
    """Fetch and read every source, and say what each gives. Exit code 3 when one gives nothing."""
    from localdigest.cli import report
    from localdigest.cli.progress import progress
    from localdigest.cli.session import open_session, planned
    from localdigest.pipeline import gather, read_documents

    job = planned(sources, flags, config, with_inbox=False)
    with progress(quiet=json) as on_event, open_session(job, on_event) as session:
        reading = read_documents(gather(session.job, session.tools).results, session.job, session.tools)
    for result in reading.results:
        report.tested(result, as_json=json)
    if not json:
        typer.echo(f"{len(reading.documents)} of {len(reading.results)} can be read", err=True)
    raise typer.Exit(ExitCode.BELOW_THRESHOLD if reading.failures else ExitCode.OK)


@app.command("export")
def export(sources: Sources = None, config: ConfigFile = None) -> None:
    """Print the sources as OPML, for a feed reader or another topic file."""
    from localdigest.cli.session import planned
    from localdigest.render.opml import draw_outline

    job = planned(sources, {}, config)
    typer.echo(draw_outline(job.settings.sources, title=job.topic or "localdigest"), nl=False)


@app.command("import")
def import_(
    outline: Annotated[Path, typer.Argument(metavar="OPML", help="The file that a feed reader exported.")],
    config: Annotated[Path, typer.Option("--config", metavar="FILE", help="The topic file to add to.")] = Path(
        "localdigest.toml"
    ),
) -> None:
    """Add the feeds of an OPML file to a topic file; comments and order in it are kept."""
    from localdigest.cli.program import PROGRAM
    from localdigest.cli.topic_edit import add_sources
    from localdigest.errors import UsageError
    from localdigest.files import read_bytes
    from localdigest.parsing.results import OutlineError
    from localdigest.values import SourceEntry

    try:
        with PROGRAM.get().open_reader() as reader:
            found = reader.outline(read_bytes(outline))
    except OutlineError as error:
        raise UsageError(f"{outline} is no OPML: {error}", hint="Feed readers export it under that name.") from error
    entries = [SourceEntry(entry.address, title=entry.title) for entry in found.outlines]
    added = add_sources(config, entries)
    for title in found.without_address:
        typer.echo(f"Not imported: {title!r} holds no address", err=True)
    typer.echo(f"{len(added)} sources added to {config}, {len(entries) - len(added)} were there already", err=True)
