"""The commands that a topic file names to be run after a digest: whether they are, when, and what is said of them."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

from localdigest.after import FILES, filled, named_in
from localdigest.cli.interrupts import finishing
from localdigest.errors import ExitCode, UsageError
from localdigest.render.sites import places
from localdigest.settings import ENVIRONMENT_PREFIX
from localdigest.stages.render import file_paths

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from localdigest.hooks.process import Hook, HookRun, Hooks
    from localdigest.job import Job

__all__ = ["is_named", "open_hooks", "run_hooks", "tell_hooks"]


def is_named(sources: Sequence[str] | None, config: Path | None) -> bool:
    """Whether the user named the topic file. One that only lies in the working folder may be anybody's."""
    return (
        config is not None
        or any(source.lower().endswith(".toml") for source in sources or ())
        or bool(os.environ.get(ENVIRONMENT_PREFIX + "CONFIG"))
    )


def open_hooks(job: Job, *, wanted: bool, named: bool) -> AbstractContextManager[Hooks | None]:
    """The process that will run them; None where there is nothing to run.

    Raises:
        UsageError: a command names a file that will not be written.
    """
    if not job.settings.after or not wanted:
        return nullcontext()
    if not named:
        print(
            "Note: the commands of `after` are left out: name the topic file with --config to have them run.",
            file=sys.stderr,
        )
        return nullcontext()
    from localdigest.hooks.process import Hooks

    return Hooks(_hooks(job), offline=job.settings.offline)


def run_hooks(hooks: Hooks | None, *, code: int) -> tuple[HookRun, ...]:
    """Runs them, unless the digest is not as it should be. The first Ctrl-C ends the one that is under way."""
    if hooks is None:
        return ()
    if code != ExitCode.OK:
        print("The commands of `after` were left out: the digest is below its threshold.", file=sys.stderr)
        return ()
    with finishing(hooks.stop):
        return hooks.run()


def tell_hooks(done: Sequence[HookRun], *, quiet: bool) -> None:
    """What ran, and which one failed."""
    for each in done:
        if each.error:
            told = shlex.join(each.command) or "the commands of `after`"
            print(f"Error: {told}: {each.error}", file=sys.stderr)
            print("Hint: The digest is written and stays; what should have come after is left out.", file=sys.stderr)
        elif not quiet:
            print(f"Ran: {shlex.join(each.command)} ({each.seconds:.1f} s)", file=sys.stderr)


def _hooks(job: Job) -> list[Hook]:
    """Everything is filled in before anything is read: date, slug and folder are the user's."""
    from localdigest.hooks.process import Hook

    where = places(job.folder, flavour=job.settings.flavour, site=job.settings.site)
    paths = file_paths(job.date, job.slug, where, pictures=job.settings.pictures)
    values = {name: str(path.absolute()) for name, path in paths.items()} | {"date": job.date, "slug": job.slug}
    made: list[Hook] = []
    for command in job.settings.after:
        names = named_in(command)
        if missing := sorted(names - values.keys()):
            raise UsageError(
                f"`after` names {{{missing[0]}}}, which this run does not write", hint="Leave out --no-pictures."
            )
        needs = tuple(values[name] for name in FILES if name in names)
        made.append(Hook(filled(command, values), command.folder, needs))
    return made
