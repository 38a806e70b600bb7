"""The side of the run: starts the child, gives it the word, and hears what came of it."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LIMIT_SECONDS", "Hook", "HookRun", "Hooks"]

LIMIT_SECONDS = 600.0  #: of one command: a push over a slow line, not one that waits for an answer
_CLOSE_SECONDS = 10.0  #: the child ends a command gently before it ends itself


@dataclass(frozen=True, slots=True)
class Hook:
    """One command with everything filled in."""

    arguments: tuple[str, ...]
    folder: str  #: that it runs in
    needs: tuple[str, ...] = ()  #: files that it names


@dataclass(frozen=True, slots=True)
class HookRun:
    """What came of one command."""

    command: tuple[str, ...]
    seconds: float
    error: str = ""  #: why it failed, in a few words; `""`: it did not


class Hooks:
    """A process that waits for the end of the run, and then runs what it was told at its start."""

    def __init__(self, hooks: Sequence[Hook], *, offline: bool, limit_s: float = LIMIT_SECONDS) -> None:
        """Nothing starts before the block.

        Args:
            hooks: in their order.
            offline: the commands have no internet socket either.
            limit_s: seconds that one command may take.
        """
        self._start = {"hooks": [asdict(hook) for hook in hooks], "offline": offline, "limit_s": limit_s}
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        # A session of its own: Ctrl-C is the main process's, which tells it. -P: no file of the working folder stands
        # in for a module.
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", "localdigest.hooks.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        self._send(json.dumps(self._start).encode())
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        child = self._child
        if child is None:
            return
        try:
            child.wait(_CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if child.stdout:
            child.stdout.close()

    def run(self) -> tuple[HookRun, ...]:
        """Run the commands in their order, up to the first that fails."""
        self._send(b"run")
        done: list[HookRun] = []
        while line := self._line():
            said = json.loads(line)
            if said is None:
                return tuple(done)
            done.append(HookRun(tuple(said["command"]), said["seconds"], said["error"]))
        return (*done, HookRun((), 0.0, "the process that runs them ended"))

    def stop(self) -> None:
        """End what is under way; may be called by a handler of a signal while `run` waits."""
        if self._child and self._child.stdin:
            with suppress(OSError):
                self._child.stdin.close()

    def _send(self, line: bytes) -> None:
        if self._child and self._child.stdin:
            with suppress(OSError, ValueError):  # whoever reads next finds that it is gone
                left = memoryview(line + b"\n")
                while left:
                    left = left[self._child.stdin.write(left) :]

    def _line(self) -> bytes:
        return self._child.stdout.readline() if self._child and self._child.stdout else b""
