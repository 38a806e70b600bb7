"""`collect`, `fetch`, `summarize`, `render`: the parts of `run`, each at its own time and place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from localdigest.cli.options import ConfigFile, Json, Sources, settings_flags
from localdigest.errors import ExitCode

__all__ = ["collect", "fetch", "render", "summarize"]

_SELECT = ("inbox", "since", "limit", "per_source", "discover", "discover_limit", "date")
_TOPIC = ("topic", "lang")  #: what discovery asks for
_NETWORK = ("offline", "robots", "allow_hosts", "concurrency", "interval", "deadline", "max_bytes", "store")
_WRITER = (
    *("writer", "model", "endpoints", "api_key_env", "style", "seed", "budget", "second_judge", "prompts", "models"),
)
_DIGEST = (
    *("topic", "slug", "lang", *_WRITER, "cite", "pictures", "assets", "flavour", "out"),
    *("history", "strict", "min_coverage"),
)

ManifestFile = Annotated[
    Path, typer.Argument(metavar="MANIFEST", help="The .json file of a digest.", show_default=False)
]


@settings_flags(*_TOPIC, *_SELECT, *_NETWORK)
def collect(sources: Sources = None, config: ConfigFile = None, *, json: Json = False, flags: dict[str, Any]) -> None:
    """List the pages that the sources name. Feeds are asked, pages are not.

    Example: localdigest collect feed.xml | localdigest fetch -
    """
    from localdigest.cli import report
    from localdigest.cli.progress import progress
    from localdigest.cli.session import open_session, planned
    from localdigest.gathering import collect_sources

    job = planned(sources, flags, config)
    with progress(quiet=True) as on_event, open_session(job, on_event) as session:
        collected = collect_sources(session.job, session.tools)
    report.collected(collected, as_json=json)
    raise typer.Exit(ExitCode.OK if collected.sources or collected.pages else ExitCode.NOTHING)


@settings_flags(*_TOPIC, *_SELECT, *_NETWORK)
def fetch(sources: Sources = None, config: ConfigFile = None, *, json: Json = False, flags: dict[str, Any]) -> None:
    """Fetch the pages into the store. `summarize`, or `run --offline`, reads them later."""
    from localdigest.cli import report
    from localdigest.cli.progress import progress
    from localdigest.cli.session import open_session, planned
    from localdigest.gathering import gather, observe_sources
    from localdigest.records import Page

    job = planned(sources, flags, config)
    with progress(quiet=json) as on_event, open_session(job, on_event) as session:
        gathered = gather(session.job, session.tools)
        results = gathered.results
        observe_sources(gathered, results, session.tools)
    report.fetched(results, as_json=json)
    raise typer.Exit(ExitCode.OK if any(isinstance(result, Page) for result in results) else ExitCode.NOTHING)


@settings_flags(*_DIGEST, *_SELECT, "store")
def summarize(sources: Sources = None, config: ConfigFile = None, *, json: Json = False, flags: dict[str, Any]) -> None:
    """Summarise what was fetched before, offline. Writes the manifest only: `render` draws it."""
    from localdigest.cli import report
    from localdigest.cli.model_writer import choose_writer
    from localdigest.cli.outcome import exit_code
    from localdigest.cli.progress import progress
    from localdigest.cli.session import open_session, planned
    from localdigest.cli.turn import turn
    from localdigest.files import prepare_folder
    from localdigest.pipeline import make_digest, remember_digest
    from localdigest.stages.render import write_manifest

    job = planned(sources, {**flags, "offline": True}, config)
    chosen = choose_writer(job.settings)
    prepare_folder(job.folder)
    report.told_writer(chosen.name, chosen.why, quiet=json)
    with turn(job), progress(quiet=json) as on_event, open_session(job, on_event, chosen=chosen) as session:
        made = make_digest(session.job, session.tools)
        manifest = made.manifest
        path = write_manifest(manifest, job.folder)
        remember_digest(made, session.tools)
    code = exit_code(manifest)
    report.summarized(manifest, path, code=code, as_json=json)
    raise typer.Exit(code)


@settings_flags("flavour", "site", "out")
def render(manifest: ManifestFile, *, json: Json = False, flags: dict[str, Any]) -> None:
    """Draw a digest from its manifest. The files go beside it unless `--out` names another folder."""
    from localdigest import manifest as manifests
    from localdigest.cli import report
    from localdigest.files import read_text
    from localdigest.render.sites import places
    from localdigest.settings import Layer, resolve
    from localdigest.stages.render import prepare
    from localdigest.stages.render import render as draw

    loaded = manifests.loads(read_text(manifest), path=str(manifest))
    recorded = {"flavour": str(loaded.settings.get("flavour", "auto")), "out": str(manifest.parent)}
    settings = resolve([Layer("flag", flags), Layer("manifest", recorded)]).settings
    where = places(Path(settings.out), flavour=settings.flavour, site=settings.site)
    prepare(where, pictures=bool(loaded.settings.get("pictures", True)))
    written = draw(loaded, where)
    report.finished(loaded, written, code=ExitCode.OK, as_json=json, quiet=True)
