"""`localdigest sources`: the sources of a topic file; OPML in and out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from localdigest.cli.options import ConfigFile, Json, Sources, settings_flags
from localdigest.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localdigest.records import Failure
    from localdigest.values import SourceEntry

app = typer.Typer(
    help="List, test, import and export the sources of a topic.", rich_markup_mode=None, no_args_is_help=True
)

__all__ = ["app"]


@app.callback()
def _group() -> None:
    """List, test, import and export the sources of a topic."""


@app.command("list")
@settings_flags("store")
def list_(
    sources: Sources = None,
    config: ConfigFile = None,
    *,
    health: Annotated[bool, typer.Option("--health", help="Say how each did in the runs so far.")] = False,
    json: Json = False,
    flags: dict[str, Any],
) -> None:
    """List the sources as they are named, feeds and folders not opened. Nothing is asked of the network."""
    from localdigest.cli import health_report, report
    from localdigest.cli.layers import store_path
    from localdigest.cli.session import open_store, planned

    settings = planned(sources, flags, config, is_digest=False).settings
    if health:
        with open_store(store_path(settings)) as store:
            health_report.listed(settings.sources, store.sources(), as_json=json)
        return
    for entry in settings.sources:
        if json:
            report.print_json({"source": entry.locator, "title": entry.title, "url": entry.url})
        else:
            typer.echo("\t".join(filter(None, (entry.locator, entry.title))))


@app.command("test")
@settings_flags("since", "limit", "per_source", "date", "offline", "robots", "allow_hosts", "deadline", "store")
def probe(sources: Sources = None, config: ConfigFile = None, *, json: Json = False, flags: dict[str, Any]) -> None:
    """Fetch and read every source, say what each gives, and how each did so far. Exit code 3 when one gives nothing."""
    from localdigest.cli import health_report, report
    from localdigest.cli.progress import progress
    from localdigest.cli.session import open_session, planned
    from localdigest.gathering import gather, observe_sources, read_documents

    job = planned(sources, flags, config, with_inbox=False, with_discovery=False, is_digest=False)
    with progress(quiet=json) as on_event, open_session(job, on_event) as session:
        gathered = gather(session.job, session.tools)
        reading = read_documents(gathered.results, session.job, session.tools)
        looked_at = observe_sources(gathered, reading.results, session.tools)
    asked = {page.source.locator: page.asked_in_all for page in gathered.pages}
    for result in reading.results:
        report.tested(result, asked, as_json=json)
    for health in looked_at:
        health_report.tested(health, as_json=json)
    for warning in gathered.warnings:
        typer.echo(f"Note: {warning}", err=True)
    if not json:
        typer.echo(f"{len(reading.documents)} of {len(reading.results)} can be read", err=True)
    failed = any(not failure.is_left_out for failure in reading.failures)
    raise typer.Exit(ExitCode.BELOW_THRESHOLD if failed else ExitCode.OK)


@app.command("discover")
@settings_flags(
    "topic", "discover", "discover_limit", "since", "limit", "per_source", "date", "lang", "offline", "robots",
    "allow_hosts", "interval", "deadline", "store",
)  # fmt: skip
def discover(
    sources: Sources = None,
    config: ConfigFile = None,
    *,
    json: Json = False,
    opml: Annotated[bool, typer.Option("--opml", help="Print what would be taken as OPML.")] = False,
    flags: dict[str, Any],
) -> None:
    """Say which pages discovery would take, and why: score, date, services. The pages are not asked.

    All services are asked, as with `--discover all`, where neither flag nor topic file names some.

    Example: localdigest sources discover --topic Mistral --since 7d
    """
    from localdigest.cli import discover_report
    from localdigest.cli.progress import progress
    from localdigest.cli.session import open_session, planned
    from localdigest.gathering import collect_sources
    from localdigest.render.opml import draw_outline
    from localdigest.services import DEFAULT
    from localdigest.values import SourceEntry

    job = planned(sources, flags, config, discover=DEFAULT)
    discover_report.told_services(job, quiet=json)
    with progress(quiet=True) as on_event, open_session(job, on_event) as session:
        found = collect_sources(session.job, session.tools)
    if opml:
        entries = [SourceEntry(pick.source.locator, title=pick.source.title) for pick in found.picks]
        typer.echo(draw_outline(entries, title=job.topic), nl=False)
    else:
        discover_report.discovered(found, as_json=json)
    raise typer.Exit(ExitCode.OK if found.picks else ExitCode.NOTHING)


@app.command("export")
def export(sources: Sources = None, config: ConfigFile = None) -> None:
    """Print the sources as OPML, for a feed reader or another topic file."""
    from localdigest.cli.session import planned
    from localdigest.render.opml import draw_outline

    job = planned(sources, {}, config, is_digest=False)
    typer.echo(draw_outline(job.settings.sources, title=job.topic or "localdigest"), nl=False)


@app.command("import")
@settings_flags("robots", "allow_hosts", "concurrency", "interval", "deadline", "store")
def import_(
    outline: Annotated[Path, typer.Argument(metavar="OPML", help="The file that a feed reader exported.")],
    config: Annotated[Path, typer.Option("--config", metavar="FILE", help="The topic file to add to.")] = Path(
        "localdigest.toml"
    ),
    *,
    check: Annotated[bool, typer.Option("--check", help="Ask each of them first, and leave out what fails.")] = False,
    flags: dict[str, Any],
) -> None:
    """Add the feeds of an OPML file to a topic file; comments and order in it are kept.

    With --check those that do not answer, or give no entries, are told and left out; exit code 3 where there are any.
    """
    from localdigest.cli import report
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
    named = [SourceEntry(entry.address, title=entry.title) for entry in found.outlines]
    entries = [entry for entry in named if _may_be_named(entry.locator, outline)]
    refused = [entry for entry in named if entry not in entries]
    failures = _failing(entries, flags, config) if check else {}
    kept = [entry for entry in entries if entry.locator not in failures]
    added = add_sources(config, kept)
    for title in found.without_address:
        typer.echo(f"Not imported: {title!r} holds no address", err=True)
    for entry in refused:
        typer.echo(f"Not imported: {entry.locator}: neither a web address nor a file beside {outline}", err=True)
    for failure in failures.values():
        report.told_failure("Not imported", failure)
    left_out = f", {len(failures) + len(refused)} left out" if check or refused else ""
    typer.echo(
        f"{len(added)} sources added to {config}, {len(kept) - len(added)} were there already{left_out}", err=True
    )
    raise typer.Exit(ExitCode.BELOW_THRESHOLD if failures or refused else ExitCode.OK)


def _may_be_named(address: str, outline: Path) -> bool:
    """Whether an outline may name it: it may come from anybody, and the runs to come read and publish what it names."""
    from localdigest.sourcing.paths import flaw_of_name, real_path
    from localdigest.urls import flaw_of_url
    from localdigest.values import is_url

    if is_url(address):
        return not flaw_of_url(address)
    return not flaw_of_name(address) and Path(real_path(address)).is_relative_to(real_path(str(outline.parent)))


def _failing(entries: Sequence[SourceEntry], flags: dict[str, Any], config: Path) -> dict[str, Failure]:
    """By locator those that do not answer, or are feeds without entries."""
    import datetime as dt
    from dataclasses import replace

    from localdigest.cli.layers import settle_common
    from localdigest.cli.progress import progress
    from localdigest.cli.session import open_session
    from localdigest.gathering import collect_sources
    from localdigest.job import plan_job

    settings = replace(
        settle_common(flags=flags, config=config).settings, sources=tuple(entries), discover=(), inbox=""
    )
    job = plan_job(settings, now=dt.datetime.now().astimezone())
    with progress(quiet=True) as on_event, open_session(job, on_event) as session:
        found = collect_sources(session.job, session.tools)
    named = {entry.locator for entry in entries}
    failures = (failure for failure in found.failures if not failure.is_left_out)
    return {failure.source.locator: failure for failure in failures if failure.source.locator in named}
