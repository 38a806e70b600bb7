"""`localdigest run`: from sources to the files of a digest."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from localdigest.cli.options import ConfigFile, Json, Sources, settings_flags
from localdigest.errors import ExitCode

__all__ = ["run"]

DryRun = Annotated[
    bool,
    typer.Option("--dry-run", "-n", help="Say what would be read and written, without the network; write nothing."),
]
NoHooks = Annotated[bool, typer.Option("--no-hooks", help="Leave out the commands of `after` in the topic file.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, and no word on success.")]


@settings_flags(
    "topic", "slug", "lang", "date", "inbox", "since", "limit", "per_source", "discover", "discover_limit",
    "writer", "model", "endpoints", "api_key_env", "allow_public_endpoint", "style", "seed", "budget", "second_judge",
    "prompts", "models", "cite", "pictures", "assets", "flavour", "site", "out", "history", "strict", "min_coverage",
    "offline", "robots", "allow_hosts", "concurrency", "interval", "deadline", "max_bytes", "store",
)  # fmt: skip
def run(
    sources: Sources = None,
    config: ConfigFile = None,
    *,
    dry_run: DryRun = False,
    no_hooks: NoHooks = False,
    json: Json = False,
    quiet: Quiet = False,
    flags: dict[str, Any],
) -> None:
    """Collect, fetch, read and summarise the sources; write the digest's files, or those of each topic of a file.

    Example: localdigest run https://example.com/feed.xml paper.pdf --topic Mistral --since 7d

    Example: localdigest run --topic Mistral --discover all --since 7d
    """
    from localdigest.cli import report
    from localdigest.cli.discover_report import told_services
    from localdigest.cli.hooks import is_named, open_hooks, run_hooks, tell_hooks
    from localdigest.cli.model_writer import choose_writer
    from localdigest.cli.newsroom import run_topics
    from localdigest.cli.outcome import exit_code, write_files
    from localdigest.cli.progress import progress
    from localdigest.cli.session import open_session, plan_reading, planned_every
    from localdigest.cli.turn import turn
    from localdigest.pipeline import make_digest
    from localdigest.render.sites import places
    from localdigest.stages.render import prepare

    jobs = planned_every(sources, flags, config)
    if len(jobs) > 1:
        named = is_named(sources, config)
        raise typer.Exit(run_topics(jobs, dry_run=dry_run, hooks=not no_hooks, named=named, as_json=json, quiet=quiet))
    (job,) = jobs
    where = places(job.folder, flavour=job.settings.flavour, site=job.settings.site)
    chosen = choose_writer(job.settings)
    if dry_run:
        report.dry_run(job, where, plan_reading(job), writer=chosen.name, as_json=json)
        return
    prepare(where, pictures=job.settings.pictures)
    report.told_writer(chosen.name, chosen.why, quiet=quiet or json)
    told_services(job, quiet=quiet or json)
    # The process of the hooks is there before anything is read, and keeps the network that this one gives up.
    with open_hooks(job, wanted=not no_hooks, named=is_named(sources, config)) as hooks, turn(job):
        with progress(quiet=quiet or json) as on_event, open_session(job, on_event, chosen=chosen) as session:
            made = make_digest(session.job, session.tools)
            written = write_files(made, where, session.tools)
            manifest = made.manifest
        code = exit_code(manifest)
        done = run_hooks(hooks, code=code)
    code = ExitCode.FAILED if any(each.error for each in done) else code
    report.finished(manifest, written, code=code, as_json=json, quiet=quiet, timed=True, hooks=done)
    tell_hooks(done, quiet=quiet or json)
    raise typer.Exit(code)
