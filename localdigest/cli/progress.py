"""Tells on stderr how far a run is: bars on a terminal, a line a stage elsewhere, nothing when asked to be quiet."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from localdigest.pipeline import Event

__all__ = ["progress"]

_LABELS = {
    "collect": "Collecting",
    "fetch": "Fetching",
    "extract": "Reading",
    "write": "Writing",
    "plan": "Planning",
    "check": "Checking",
    "download": "Downloading",
    "verify": "Verifying",
    "convert": "Converting",
    "load": "Loading",
    "map": "Mapping",
    "repair": "Repairing",
    "keep": "Choosing",
    "reduce": "Composing",
}
#: What is counted, where it is no pages or jobs.
_UNITS = {"download": " MB", "verify": " MB", "convert": " MB", "load": " %"}
_NOTE_WIDTH = 60


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[Event], None]]:
    """Gives the function that a pipeline tells its events to."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        with _bars() as on_event:
            yield on_event
    else:
        lines = _Lines()
        try:
            yield lines.on_event
        finally:
            lines.end_stage()


class _Lines:
    """A line for each stage, when it is over. What comes in several batches counts together."""

    def __init__(self) -> None:
        self._stage = ""
        self._batch = 0  #: of the batch that was told last
        self._done = 0

    def on_event(self, event: Event) -> None:
        if not event.total:
            return
        if event.stage != self._stage:
            self.end_stage()
            self._stage = event.stage
        if event.done == event.total and event.total != self._batch:
            self._done += event.total
        self._batch = event.total if event.done == event.total else 0

    def end_stage(self) -> None:
        if self._done:
            label, unit = _LABELS.get(self._stage, self._stage), _UNITS.get(self._stage, "")
            print(f"{label}: {self._done} of {self._done}{unit}", file=sys.stderr, flush=True)
        self._batch = self._done = 0


@contextmanager
def _bars() -> Iterator[Callable[[Event], None]]:
    # rich takes a third of a second to import: only a run on a terminal pays for it.
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:<10}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[note]}[/dim]"),
    )
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True), transient=False) as bars:

        def on_event(event: Event) -> None:
            if not event.total:
                return
            if event.stage not in tasks:
                tasks[event.stage] = bars.add_task(_LABELS.get(event.stage, event.stage), note="")
            note = "" if event.done == event.total else escape(_shortened(event.note))
            bars.update(tasks[event.stage], completed=event.done, total=event.total, note=note)

        yield on_event


def _shortened(text: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in text)
    return printable if len(printable) <= _NOTE_WIDTH else f"…{printable[-_NOTE_WIDTH + 1 :]}"
