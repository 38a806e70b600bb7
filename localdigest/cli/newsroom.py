"""Many digests in one run: the topics of a file share its pages, what a model said of them, and the model.

    gather each ─▶ the network is given up ─▶ write each: digest, files, memory, commands of `after`

What keeps one topic from its digest keeps no other.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from localdigest.errors import ExitCode, LocalDigestError, NothingNewError, StoreError
from localdigest.job import PART, Event, Readership

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localdigest.cli.session import Session
    from localdigest.gathering import Gathered
    from localdigest.hooks.process import Hooks
    from localdigest.job import Job
    from localdigest.render.sites import Places

__all__ = ["run_topics"]


def run_topics(jobs: Sequence[Job], *, dry_run: bool, hooks: bool, named: bool, as_json: bool, quiet: bool) -> int:
    """Makes the digests of several topics, in their order.

    Args:
        jobs: one for each; what is of the whole run is the same in all.
        dry_run: only say what would be done.
        hooks: whether commands of `after` are wanted.
        named: whether the user named the topic file.
        as_json: an object a topic, on a line.
        quiet: nothing but what was written, and what failed.

    Returns:
        The exit code: of failure before that of a digest below its threshold; `NOTHING` only where there is no digest.
    """
    from localdigest.cli import report
    from localdigest.cli.discover_report import told_services
    from localdigest.cli.hooks import open_hooks
    from localdigest.cli.model_writer import choose_writer
    from localdigest.cli.progress import progress
    from localdigest.cli.session import open_sessions, plan_reading
    from localdigest.cli.turn import turn
    from localdigest.render.sites import places
    from localdigest.stages.render import prepare

    where = [places(job.folder, flavour=job.settings.flavour, site=job.settings.site) for job in jobs]
    chosen = [choose_writer(job.settings) for job in jobs]  # each may ask for what cannot be
    if dry_run:
        for job, place, writer in zip(jobs, where, chosen, strict=True):
            report.dry_run(job, place, plan_reading(job), writer=writer.name, as_json=as_json)
        return ExitCode.OK
    for job, place in zip(jobs, where, strict=True):
        prepare(place, pictures=job.settings.pictures)
    is_silent = quiet or as_json
    report.told_writer(chosen[0].name, chosen[0].why, quiet=is_silent)
    for job in jobs:
        told_services(job, quiet=is_silent)
    with ExitStack() as stack:
        commands: list[Hooks | None] = []
        for job in jobs:
            commands.append(stack.enter_context(open_hooks(job, wanted=hooks, named=named)))
            hooks = hooks and (named or not job.settings.after)  # that they are left out is said once
        # In one order for all runs: two that wait for each other would wait for ever.
        for job in sorted(jobs, key=lambda job: (str(job.folder.resolve()), job.slug)):
            stack.enter_context(turn(job))
        on_event = stack.enter_context(progress(quiet=is_silent))
        sessions = stack.enter_context(open_sessions(jobs, on_event, chosen=chosen[0]))
        room = _Room(sessions, where, commands, as_json=as_json, quiet=quiet)
        return room.run()


class _Room:
    """The sessions of one run, and what is said of them."""

    def __init__(
        self,
        sessions: Sequence[Session],
        where: Sequence[Places],
        hooks: Sequence[Hooks | None],
        *,
        as_json: bool,
        quiet: bool,
    ) -> None:
        self._sessions = sessions
        self._where = where
        self._hooks = hooks
        self._as_json = as_json
        self._quiet = quiet
        self._on_event = sessions[0].tools.on_event
        self._codes: list[int] = []
        self._written = self._nothing_new = 0

    def run(self) -> int:
        gathered = [self._gathered(place) for place in range(len(self._sessions))]
        self._sessions[0].tools.seal()
        readership = _readership(self._sessions, gathered)
        for place, found in enumerate(gathered):
            if found is not None:
                self._write(place, found, readership)
        self._tell_count()
        return self._code()

    def _gathered(self, place: int) -> Gathered | None:
        from localdigest.gathering import gather

        session = self._sessions[place]
        self._begin("Sources of", place)
        try:
            return gather(session.job, session.tools, is_last=False)
        except StoreError:  # without it there is nothing for any topic
            raise
        except LocalDigestError as error:
            self._failed(place, error)
            return None

    def _write(self, place: int, gathered: Gathered, readership: Readership) -> None:
        from localdigest.cli import report
        from localdigest.cli.hooks import run_hooks, tell_hooks
        from localdigest.cli.outcome import exit_code, write_files
        from localdigest.pipeline import digest_of

        session = self._sessions[place]
        self._begin("Digest of", place)
        try:
            made = digest_of(gathered, session.job, session.tools, readership=readership)
            written = write_files(made, self._where[place], session.tools)
        except StoreError:
            raise
        except LocalDigestError as error:
            self._failed(place, error)
            return
        self._end_part()
        self._written += 1
        code = exit_code(made.manifest)
        done = run_hooks(self._hooks[place], code=code)
        code = ExitCode.FAILED if any(each.error for each in done) else code
        report.finished(
            made.manifest, written, code=code, as_json=self._as_json, quiet=self._quiet, timed=True, hooks=done
        )
        tell_hooks(done, quiet=self._quiet or self._as_json)
        self._codes.append(code)

    def _failed(self, place: int, error: LocalDigestError) -> None:
        from localdigest.cli.report import told_error

        self._end_part()
        job = self._sessions[place].job
        if isinstance(error, NothingNewError):
            self._nothing_new += 1
        else:
            self._codes.append(error.exit_code)
        told_error(error, job.topic or job.slug, as_json=self._as_json)

    def _code(self) -> int:
        """A topic without news is no fault; one of which no source could be read leaves the run below its threshold."""
        if not self._codes or all(code == ExitCode.NOTHING for code in self._codes):
            return ExitCode.NOTHING
        codes = [ExitCode.BELOW_THRESHOLD if code == ExitCode.NOTHING else code for code in self._codes]
        order = (ExitCode.FAILED, ExitCode.USAGE, ExitCode.BELOW_THRESHOLD, ExitCode.OK)
        return min(codes, key=order.index)

    def _begin(self, what: str, place: int) -> None:
        job, total = self._sessions[place].job, len(self._sessions)
        heading = f"{what} {job.topic or job.slug} ({place + 1} of {total})"
        self._on_event(Event(PART, place + 1, total, heading))

    def _end_part(self) -> None:
        """Whatever was drawn of it is complete: now a line can be printed."""
        self._on_event(Event(PART, 1, 1))

    def _tell_count(self) -> None:
        if self._quiet or self._as_json:
            return
        failed = len(self._sessions) - self._written - self._nothing_new
        said = [f"{self._written} of {len(self._sessions)} digests written"]
        said += [f"{self._nothing_new} with nothing new"] if self._nothing_new else []
        said += [f"{failed} failed"] if failed else []
        print(", ".join(said), file=sys.stderr)


def _readership(sessions: Sequence[Session], gathered: Sequence[Gathered | None]) -> Readership:
    by_locator: dict[str, frozenset[str]] = {}
    for session, found in zip(sessions, gathered, strict=True):
        if found is not None and session.job.topic:
            for page in found.pages:
                locator = page.source.locator
                by_locator[locator] = by_locator.get(locator, frozenset()) | {session.job.topic}
    return Readership(tuple(dict.fromkeys(session.job.topic for session in sessions)), by_locator)
