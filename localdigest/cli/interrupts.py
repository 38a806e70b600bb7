"""Ctrl-C and SIGTERM: the first lets the step that is under way end and be stored, the second stops at once.

    signal ─▶ waiting for others (network, download, loading)? ─yes─▶ KeyboardInterrupt
                   └─no: a page is read, a model answers─▶ the next event of the run ─▶ KeyboardInterrupt

SIGHUP keeps its meaning: the program ends at once, and its children with it, since their pipes end.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from localdigest.errors import InterruptedRunError, TerminatedRunError
from localdigest.interruption import wants_to_interrupt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from localdigest.job import Event

__all__ = ["DOINGS", "Interrupts", "finishing", "heeding_signals", "interruptible"]

#: What is lost by stopping in the middle of them is not worth the wait.
_WAITING = frozenset(
    {"connect", "collect", "discover", "fetch", "plan", "check", "download", "verify", "convert", "load"}
)
#: After their last event comes a step that is worth it.
_LAST_WAITS = frozenset({"fetch", "load"})
#: Every stage that events are told of, by what the run is doing then.
DOINGS = {
    "part": "beginning",
    "connect": "connecting",
    "collect": "collecting",
    "discover": "asking",
    "fetch": "fetching",
    "extract": "reading",
    "write": "writing",
    "plan": "planning",
    "check": "checking",
    "download": "downloading",
    "verify": "verifying",
    "convert": "converting",
    "load": "loading",
    "map": "mapping",
    "repair": "repairing",
    "grade": "grading",
    "judge": "judging",
    "reduce": "composing",
}
_COUNTED = frozenset({"fetch", "extract", "map", "judge", "repair", "grade", "reduce"})
_SHOW_CURSOR = b"\x1b[?25h"


@dataclass(slots=True)
class Interrupts:
    """What was asked of this process, and how far it is."""

    asked: int = 0  #: the first signal; 0: none
    stage: str = ""
    done: int = 0
    total: int = 0
    finish: Callable[[], None] | None = None  #: lets what is under way come to its end, which ends the run

    @property
    def error(self) -> InterruptedRunError:
        """How the run ends."""
        kind = TerminatedRunError if self.asked == signal.SIGTERM else InterruptedRunError
        return kind(f"{kind.verb}{self._where()}")

    def tell(self, event: Event) -> None:
        """How far the run is. Raises KeyboardInterrupt when it was asked to stop: what was done so far is stored."""
        if event.total:
            self.stage, self.done, self.total = event.stage, event.done, event.total
        if self.finish is None:
            self.stop_if_asked()

    def stop_if_asked(self) -> None:
        if self.asked:
            raise KeyboardInterrupt

    def on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self.asked:
            self._stop_now()
        self.asked = number
        if self.finish is not None:
            self.finish()
        elif self.is_waiting:
            if wants_to_interrupt():
                raise KeyboardInterrupt
            return
        _say(f"Stopping{self._where()}: what is under way is finished and stored. Ctrl-C again stops at once.")

    @property
    def is_waiting(self) -> bool:
        """Whether nothing that is under way is worth finishing."""
        if not self.stage:
            return True
        return self.stage in _WAITING and not (self.stage in _LAST_WAITS and self.done >= self.total)

    def _where(self) -> str:
        if self.stage not in DOINGS:
            return ""
        count = f", {self.done} of {self.total} done" if self.stage in _COUNTED else ""
        return f" while {DOINGS[self.stage]}{count}"

    def _stop_now(self) -> NoReturn:
        """Children end with their pipes; the store and the files are whole at any moment."""
        with suppress(OSError):
            if os.isatty(sys.__stderr__.fileno() if sys.__stderr__ else 2):
                os.write(2, _SHOW_CURSOR)
        _say("Stopped at once. What was stored before is kept: the same command goes on from there.")
        os._exit(self.error.exit_code)


_current: Interrupts | None = None


@contextmanager
def heeding_signals() -> Iterator[Interrupts]:
    """Handles the signals of the process while the block runs. What is ignored (`nohup`, a background job) stays so."""
    global _current  # noqa: PLW0603 - signals are the process's, and so is this
    interrupts, before = Interrupts(), _current
    handlers = {
        number: signal.signal(number, interrupts.on_signal)
        for number in (signal.SIGINT, signal.SIGTERM)
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    _current = interrupts
    try:
        yield interrupts
    finally:
        _current = before
        for number, handler in handlers.items():
            signal.signal(number, handler)


@contextmanager
def interruptible(on_event: Callable[[Event], None]) -> Iterator[Callable[[Event], None]]:
    """The function that a run tells its events to; it stops the run between two steps."""
    interrupts = _current
    if interrupts is None:
        yield on_event
        return

    def tell(event: Event) -> None:
        on_event(event)
        interrupts.tell(event)

    yield tell
    interrupts.stop_if_asked()


@contextmanager
def finishing(finish: Callable[[], None]) -> Iterator[None]:
    """While the block runs the first signal calls `finish`, and the end of the block ends the run."""
    interrupts = _current
    if interrupts is None:
        yield
        return
    interrupts.finish = finish
    try:
        yield
    finally:
        interrupts.finish = None
    interrupts.stop_if_asked()


def _say(line: str) -> None:
    # Not `print`: it may be in the middle of writing when the signal comes.
    with suppress(OSError):
        os.write(2, f"\n{line}\n".encode())
