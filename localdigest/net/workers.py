"""A few threads that do one blocking thing each, for one thread that decides."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Workers"]

Task = TypeVar("Task")
Result = TypeVar("Result")
#: `queue.get` on Windows hears Ctrl-C only when its timeout passes.
_LONGEST_WAIT_S = 0.5


class Workers(Generic[Task, Result]):
    """Runs `work` on tasks, `count` at a time.

    The threads are daemons, unlike those of `concurrent.futures`: after Ctrl-C the program ends at once instead of
    waiting for the slowest server. `work` must not raise: an exception is handed on by `wait`.
    """

    def __init__(self, count: int, work: Callable[[Task], Result]) -> None:
        self._count = count
        self._work = work
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[tuple[Task, Result | Exception]] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self.busy = 0  #: tasks given and not yet returned

    @property
    def is_free(self) -> bool:
        return self.busy < self._count

    def give(self, task: Task) -> None:
        if self.busy == len(self._threads):
            self._threads.append(threading.Thread(target=self._run, daemon=True, name=f"fetch-{self.busy}"))
            self._threads[-1].start()
        self.busy += 1
        self._tasks.put(task)

    def wait(self, timeout_s: float | None) -> tuple[Task, Result] | None:
        """The next finished task, or None when nothing was finished for a while, at most `timeout_s`."""
        try:
            task, result = self._results.get(
                timeout=_LONGEST_WAIT_S if timeout_s is None else min(timeout_s, _LONGEST_WAIT_S)
            )
        except queue.Empty:
            return None
        self.busy -= 1
        if isinstance(result, Exception):
            raise result
        return task, result

    def stop(self) -> None:
        """Let the threads end after what they are doing; does not wait for them."""
        for _ in self._threads:
            self._tasks.put(None)

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                self._results.put((task, self._work(task)))
            except Exception as error:  # noqa: BLE001 - it is raised again in the thread that waits
                self._results.put((task, error))
