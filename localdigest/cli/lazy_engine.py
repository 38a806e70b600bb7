"""An engine that is loaded when it is first used: a digest that is known already costs no loading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from localdigest.cli.interrupts import finishing
from localdigest.engine.process import EngineProcess
from localdigest.sandbox.jail import probe_model_jail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from localdigest.engine.jobs import Completion, Job
    from localdigest.engine.loading import LoadOptions

__all__ = ["LazyEngine"]


class LazyEngine:
    """The engine's two methods; the process behind them starts with the first call."""

    def __init__(self, options: LoadOptions, *, on_loading: Callable[[float], None]) -> None:
        self._process = EngineProcess(options, on_loading=on_loading)
        self._on_loading = on_loading
        self._is_started = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.close()

    def held(self) -> dict[str, str | int]:
        """What was found to hold its process; where it was not needed, what would have held it."""
        return self._process.held if self._is_started else probe_model_jail()

    def count_all(self, texts: Sequence[str]) -> list[int]:
        return self._running().count_all(texts)

    def generate(self, jobs: Iterable[Job]) -> Iterator[Completion]:
        """Ctrl-C lets the jobs that are under way come to their ends, and starts none of the others."""
        process = self._running()
        with finishing(process.finish_begun):
            yield from process.generate(jobs)

    def _running(self) -> EngineProcess:
        if not self._is_started:
            self._on_loading(0.0)
            self._process.start()
            self._is_started = True
        return self._process
