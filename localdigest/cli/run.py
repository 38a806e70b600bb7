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
    """Collect, fetch, read and summarise the sources; write the digest's files.

    Example: localdigest run https://example.com/feed.xml paper.pdf --topic Mistral --since 7d

    Example: localdigest run --topic Mistral --discover all --since 7d
    """
    from localdigest.cli import report
    from localdigest.cli.discover_report import told_services
    from localdigest.cli.hooks import is_named, open_hooks, run_hooks, tell_hooks
    from localdigest.cli.model_writer import choose_writer
    from localdigest.cli.progress import progress
    from localdigest.cli.session import open_session, plan_reading, planned
    from localdigest.cli.turn import turn
    from localdigest.pipeline import make_digest, remember_digest
    from localdigest.render.sites import places
    from localdigest.stages.render import prepare, render

    job = planned(sources, flags, config)
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
            manifest = made.manifest
            written = render(manifest, where)
            remember_digest(made, session.tools)
        code = exit_code(manifest)
        done = run_hooks(hooks, code=code)
    code = ExitCode.FAILED if any(each.error for each in done) else code
    report.finished(manifest, written, code=code, as_json=json, quiet=quiet, timed=True, hooks=done)
    tell_hooks(done, quiet=quiet or json)
    raise typer.Exit(code)


def exit_code(manifest: Manifest) -> int:
    """3 when a sentence is not supported, too small a share of the sources was read, or a model said hardly anything
    that stands in them.

    One feed that gives many pages does not make up for others that give nothing.
    """
    from localdigest.health import share_read

    counts = manifest.counts
    wanted = 1.0 if manifest.settings["strict"] else manifest.settings["min_coverage"]
    share = min(counts.coverage, share_read(manifest))
    below = counts.unsupported > 0 or share < wanted or _mostly_dropped(manifest)
    return ExitCode.BELOW_THRESHOLD if below else ExitCode.OK


def _mostly_dropped(manifest: Manifest) -> bool:
    if manifest.model is None:
        return False
    account = manifest.model.account
    unsupported = [
        each
        for key in ("claims_dropped", "statements_dropped")
        for each in account.get(key, ())
        if each["reason"] in ("unsupported", "malformed")
    ]
    stand = account.get("claims", 0) + account.get("statements", 0)
    return not manifest.counts.statements or len(unsupported) > stand
