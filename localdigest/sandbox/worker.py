"""A jailed child that is always there: warm, replaced when it dies, asked by any thread."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from localdigest.errors import LocalDigestError
from localdigest.sandbox.limits import Limits
from localdigest.sandbox.process import CrashedError, JailedProcess, MemoryLimitError, RaisedError, WorkerError

if TYPE_CHECKING:
    from localdigest.sandbox.enforced import Enforced

__all__ = ["Worker"]


class Worker:
    """Answers one question at a time."""

    def __init__(self, service: str, *, limits: Limits | None = None, warming: dict[str, Any] | None = None) -> None:
        """Nothing starts yet.

        Args:
            service: the module that answers, by name: only the child imports it.
            limits: of each question.
            warming: the question that brings in all that any other needs.
        """
        self._service = service
        self._limits = limits or Limits()
        self._warming = warming
        self._is_warm = False
        self._lock = threading.RLock()
        self._process: JailedProcess | None = None
        self._enforced: Enforced | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        with self._lock:
            return self._running().pid

    def start(self) -> None:
        """Let a child come up meanwhile; returns at once."""
        with self._lock:
            self._running()

    def warm(self) -> None:
        """The same, and let it load all that it may need."""
        with self._lock:
            if not self._is_warm and self._warming is not None:
                self._running()
                self._is_warm = True  # from now on a new child is told by itself
                self._tell_to_warm()

    def enforced(self) -> Enforced:
        """What was found to hold the child.

        Raises:
            LocalDigestError: no child can be started.
        """
        with self._lock:
            if self._enforced is None:
                try:
                    self._enforced = self._running().enforced()
                except WorkerError as error:
                    self._drop()
                    raise _not_started(str(error)) from error
            return self._enforced

    def ask(self, head: dict[str, Any], body: bytes = b"") -> Any:
        """The service's answer, JSON as it came: whoever asks looks whether it is one.

        Raises:
            WorkerError: there is none; the next question finds another child.
            LocalDigestError: no child can be started.
        """
        with self._lock:
            self.enforced()
            is_fresh = self._running().num_asked == 0
            try:
                return self._asked(head, body)
            except (CrashedError, MemoryLimitError):
                # What earlier questions left behind is nothing that this one is to blame for.
                if is_fresh:
                    raise
            return self._asked(head, body)

    def close(self) -> None:
        with self._lock:
            if self._process is not None:
                self._process.close()
                self._process = None

    # ── inside ───────────────────────────────────────────────────────────────

    def _asked(self, head: dict[str, Any], body: bytes) -> Any:
        process = self._running()
        try:
            return process.ask(head, body)
        except RaisedError:
            raise  # the child itself is well
        except BaseException:  # Ctrl-C too: an answer that is still to come must not be taken for the next one's
            self._drop()
            raise

    def _running(self) -> JailedProcess:
        if self._process is not None and not self._process.is_alive:
            self._drop()
        if self._process is None:
            try:
                self._process = JailedProcess(self._service, self._limits)
            except OSError as error:
                raise _not_started(str(error)) from error
            if self._is_warm:
                self._tell_to_warm()
        return self._process

    def _tell_to_warm(self) -> None:
        assert self._process is not None
        assert self._warming is not None
        with suppress(OSError):  # it died: seen with the next question
            self._process.tell(self._warming)

    def _drop(self) -> None:
        """Another one comes up at once, if there is more to come."""
        if self._process is not None:
            self._process.kill()
            self._process = None
        if self._is_warm:
            self._running()


def _not_started(why: str) -> LocalDigestError:
    return LocalDigestError(
        f"The process that reads pages cannot be started: {why}.",
        hint="`localdigest doctor` looks at this machine; limits on processes and memory are the usual reason.",
    )
