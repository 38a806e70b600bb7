"""`localdigest run`: from sources to the files of a digest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from localdigest.cli.options import ConfigFile, Json, Sources, settings_flags
from localdigest.errors import ExitCode

if TYPE_CHECKING:
    from localdigest.manifest import Manifest

__all__ = ["exit_code", "run"]

DryRun = Annotated[
    bool,
    typer.Option("--dry-run", "-n", help="Say what would be read and written, without the network; write nothing."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, and no word on success.")]


@settings_flags(
    "topic", "slug", "lang", "date", "since", "limit", "per_source", "writer", "cite", "out", "strict", "min_coverage",
    "offline", "robots", "allow_hosts", "concurrency", "interval", "deadline", "max_bytes", "store",
)  # fmt: skip
def run(
    sources: Sources = None,
    config: ConfigFile = None,
    *,
    dry_run: DryRun = False,
    json: Json = False,
    quiet: Quiet = False,
    flags: dict[str, Any],
) -> None:
    """Collect, fetch, read and summarise the sources; write the digest's files.

    Example: localdigest run https://example.com/feed.xml paper.pdf --topic Mistral --since 7d
    """
    from localdigest.cli import report
    from localdigest.cli.progress import progress
    from localdigest.cli.session import open_session, plan_reading, planned
    from localdigest.files import prepare_folder
    from localdigest.pipeline import make_digest
    from localdigest.stages.render import render

    job = planned(sources, flags, config)
    if dry_run:
        report.dry_run(job, plan_reading(job), as_json=json)
        return
    prepare_folder(job.folder)
    with progress(quiet=quiet or json) as on_event, open_session(job, on_event) as session:
        manifest = make_digest(session.job, session.tools)
        written = render(manifest, job.folder)
    code = exit_code(manifest)
    report.finished(manifest, written, code=code, as_json=json, quiet=quiet)
    raise typer.Exit(code)


def exit_code(manifest: Manifest) -> int:
    """3 when a sentence is not supported, or too small a share of the sources was read."""
    counts = manifest.counts
    wanted = 1.0 if manifest.settings["strict"] else manifest.settings["min_coverage"]
    below = counts.unsupported > 0 or counts.coverage < wanted
    return ExitCode.BELOW_THRESHOLD if below else ExitCode.OK
