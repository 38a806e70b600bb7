"""`localdigest`, as a user starts it, with a scripted model behind the writer: for tests of how runs end.

    python scripted_run.py ENGINE ARGUMENTS…

ENGINE is `slow:SECONDS` (each answer takes so long), `silent:N` (N answers at once, then none for a minute),
`gated:FILE` (two answers at once, the others when the file is there), or `loading` (a model whose loading takes a
minute, in a process of its own).
"""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from generative import a_writer
from scripted_engine import ScriptedEngine, honest

from localdigest.cli import lazy_engine, session
from localdigest.cli.chosen import Opened
from localdigest.cli.main import main
from localdigest.engine.jobs import Completion, Job
from localdigest.engine.loading import LoadOptions
from localdigest.engine.process import EngineProcess
from localdigest.job import Event
from localdigest.manifest import ModelRecord

__all__ = ["SlowEngine", "write_with"]


class SlowEngine(ScriptedEngine):
    """Each answer takes a while; after `answers` of them, for ever, or until the gate is there."""

    def __init__(self, seconds: float, *, answers: int = 1_000_000, gate: Path | None = None) -> None:
        super().__init__(honest)
        self._gate = gate
        self._seconds = seconds
        self._left = answers

    def generate(self, jobs: Iterable[Job]) -> Iterator[Completion]:
        for completion in super().generate(jobs):
            self._wait()
            self._left -= 1
            yield completion

    def _wait(self) -> None:
        if self._left > 0:
            time.sleep(self._seconds)
            return
        ends = time.monotonic() + 60
        while time.monotonic() < ends and not (self._gate and self._gate.exists()):
            time.sleep(0.02)


def write_with(open_engine: Callable[[Callable[[float], None]], AbstractContextManager[Any]]) -> None:
    """Let every run of this process write with this engine. It is given what is told how much is loaded."""

    @contextmanager
    def opened(_chosen: object, settings: Any, store: Any, on_event: Callable[[Event], None], **_: object) -> Any:
        def loading(fraction: float) -> None:
            on_event(Event("load", round(100 * fraction), 100))

        with open_engine(loading) as engine:
            writer = a_writer(
                engine,
                store,
                style=settings.style,
                on_event=lambda progress: on_event(Event(progress.stage, progress.done, progress.total)),
            )
            yield Opened(lambda _: writer, ModelRecord("scripted", "scripted.gguf", ("0" * 64,)))

    session.opened_writer = opened


def _engine(name: str) -> Callable[[Callable[[float], None]], AbstractContextManager[Any]]:
    kind, _, number = name.partition(":")
    match kind:
        case "slow":
            return lambda _: nullcontext(SlowEngine(float(number)))
        case "silent":
            return lambda _: nullcontext(SlowEngine(0.0, answers=int(number)))
        case "gated":
            return lambda _: nullcontext(SlowEngine(0.0, answers=2, gate=Path(number)))
        case "loading":
            lazy_engine.EngineProcess = functools.partial(EngineProcess, factory="engine_stub:make_engine")  # type: ignore[assignment,misc]
            return lambda loading: lazy_engine.LazyEngine(LoadOptions("slow"), on_loading=loading)
    raise ValueError(name)


if __name__ == "__main__":
    write_with(_engine(sys.argv[1]))
    sys.argv = ["localdigest", *sys.argv[2:]]
    main()
