"""Tells on stderr how far a run is: bars on a terminal, a line a stage and a line a minute elsewhere, nothing when
asked to be quiet.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from localdigest.cli.eta import Countdown, Pace, told_left
from localdigest.cli.interrupts import DOINGS, interruptible
from localdigest.cli.screen import harmless_streams, raw
from localdigest.job import PART

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from localdigest.job import Event

__all__ = ["progress"]

#: What is counted, where it is no pages or jobs.
_UNITS = {"download": " MB", "verify": " MB", "convert": " MB", "load": " %"}
_NOTE_WIDTH = 60
_SECONDS_A_LINE = 60.0  #: a log is read afterwards: more lines say no more


@contextmanager
def progress(*, quiet: bool, now: Callable[[], float] = time.monotonic) -> Iterator[Callable[[Event], None]]:
    """Gives the function that a pipeline tells its events to; `now` tells seconds that pass. Ctrl-C ends the block
    after an event.
    """
    with _shown(quiet=quiet, now=now) as show, interruptible(show) as on_event:
        yield on_event


@contextmanager
def _shown(*, quiet: bool, now: Callable[[], float]) -> Iterator[Callable[[Event], None]]:
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        with _bars(now) as on_event:
            yield on_event
    else:
        lines = _Lines(now)
        try:
            yield lines.on_event
        finally:
            lines.end_stage()


class _Lines:
    """A line for each stage, when it is over, and at most one a minute before. At its end what came in several batches
    counts together.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._times = _Times(now)
        self._stage = ""
        self._batch = 0  #: of the batch that was told last
        self._done = 0
        self._printed_s = 0.0

    def on_event(self, event: Event) -> None:
        if not event.total:
            return
        if event.stage == PART:
            self.end_stage()
            self._stage = ""
            _print_heading(event)
            return
        if event.stage != self._stage:
            self.end_stage()
            self._stage = event.stage
            self._printed_s = self._now()
        self._times.on_event(event)
        if event.done == event.total and event.total != self._batch:
            self._done += event.total
        self._batch = event.total if event.done == event.total else 0
        if 0 < event.done < event.total and self._now() - self._printed_s >= _SECONDS_A_LINE:
            self._printed_s = self._now()
            left, pace = self._times.left(event.stage), self._times.pace(event.stage)
            self._print(
                f"{event.done} of {event.total}",
                (f", {pace}" if pace else "") + (f", about {left}" if left else ""),
            )

    def end_stage(self) -> None:
        if self._done:
            self._print(f"{self._done} of {self._done}")
        self._batch = self._done = 0

    def _print(self, count: str, left: str = "") -> None:
        label, unit = DOINGS.get(self._stage, self._stage).capitalize(), _UNITS.get(self._stage, "")
        print(f"{label}: {count}{unit}{left}", file=sys.stderr, flush=True)


class _Times:
    """How long each stage still takes, and how fast the model writes in it."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._countdowns: dict[str, Countdown] = {}
        self._paces: dict[str, Pace] = {}

    def on_event(self, event: Event) -> None:
        countdown = self._countdowns.get(event.stage)
        if countdown and countdown.goes_on(event.done, event.total):
            countdown.tell(event.done, self._now())
            self._paces[event.stage].tell(event.tokens, self._now())
        else:
            self._countdowns[event.stage] = Countdown.begin(event.done, event.total, self._now())
            self._paces[event.stage] = Pace(event.tokens, self._now())

    def pace(self, stage: str) -> str:
        """Of the model, in words; `""` where none writes."""
        return self._paces[stage].told

    def left(self, stage: str) -> str:
        """In words; `""`: nobody can tell yet, or it is over."""
        countdown = self._countdowns[stage]
        seconds = countdown.seconds_left(self._now())
        return "" if seconds is None or countdown.done == countdown.total else told_left(seconds)


@contextmanager
def _bars(now: Callable[[], float]) -> Iterator[Callable[[Event], None]]:
    # rich takes a third of a second to import: only a run on a terminal pays for it.
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.text import Text

    class LeftColumn(ProgressColumn):
        def render(self, task: Task) -> Text:
            stage = task.fields["stage"]
            return Text(" · ".join(filter(None, (times.pace(stage), times.left(stage)))))

    times = _Times(now)
    columns = (
        TextColumn("{task.description:<10}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        LeftColumn(),
        TextColumn("[dim]{task.fields[note]}[/dim]"),
    )
    tasks: dict[str, TaskID] = {}
    bars: Progress | None = None
    streams = ExitStack()  #: what is printed meanwhile, which rich puts above the bars

    def on_event(event: Event) -> None:
        nonlocal bars
        if not event.total:
            return
        if event.stage == PART:
            end()
            _print_heading(event)
            return
        times.on_event(event)
        if bars is None:
            # Results go to stdout, which may lead elsewhere than to the terminal.
            console = Console(file=raw(sys.stderr))
            bars = Progress(*columns, console=console, transient=False, redirect_stdout=False)
            bars.start()
            streams.enter_context(harmless_streams())
        if event.stage not in tasks:
            label = DOINGS.get(event.stage, event.stage).capitalize()
            tasks[event.stage] = bars.add_task(label, note="", stage=event.stage)
        note = "" if event.done == event.total else escape(_shortened(event.note))
        bars.update(tasks[event.stage], completed=event.done, total=event.total, note=note)

    def end() -> None:
        """What was drawn stays; what comes next is drawn below it."""
        nonlocal bars
        streams.close()
        if bars is not None:
            bars.stop()
        bars = None
        tasks.clear()

    try:
        yield on_event
    finally:
        end()


def _print_heading(event: Event) -> None:
    """Nothing is drawn meanwhile: whoever sends the event may print, too."""
    if event.note:
        print(_printable(event.note), file=sys.stderr, flush=True)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _shortened(text: str) -> str:
    printable = _printable(text)
    return printable if len(printable) <= _NOTE_WIDTH else f"…{printable[-_NOTE_WIDTH + 1 :]}"
