"""The child: is told the commands at its start, waits for one word, and runs them without a shell.

Ends with its parent, and ends what it runs first: its pipe is closed then.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localdigest.sandbox import Barrier, deny_internet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import IO

__all__ = ["main"]

_GRACE_SECONDS = 3.0  #: between asking a command to end and ending it
_STDERR = 2
_SIGTERM, _SIGKILL = signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows knows one only


def main(stdin: IO[bytes], stdout: IO[bytes]) -> None:
    start = json.loads(stdin.readline() or b"null")
    if start is None:
        return
    # What Python alone refuses binds no other program.
    holds = not start["offline"] or deny_internet() is Barrier.SECCOMP
    if stdin.readline() != b"run\n":
        return
    runner = _Runner(start["limit_s"])
    threading.Thread(target=runner.stop_at_end_of, args=(stdin,), daemon=True).start()
    for hook in start["hooks"]:
        begun = time.monotonic()
        error = (
            runner.run(hook) if holds else "this system cannot keep the network from a command, and --offline asks it"
        )
        _say(stdout, {"command": hook["arguments"], "seconds": round(time.monotonic() - begun, 3), "error": error})
        if error:
            break
    _say(stdout, None)


class _Runner:
    """One command at a time, which can be ended from another thread."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._lock = threading.Lock()
        self._running: subprocess.Popen[bytes] | None = None
        self._stopped = threading.Event()

    def run(self, hook: Mapping[str, Any]) -> str:
        """Why it failed; `""`: it did not."""
        missing = next((path for path in hook["needs"] if not Path(path).is_file()), "")
        if missing:
            return f"there is no file {missing}"
        try:
            with self._lock:
                if self._stopped.is_set():
                    return "stopped"
                # No terminal: nobody may be there to answer. Results on stdout are the main process's.
                running = self._running = subprocess.Popen(  # noqa: S603 - the user's own commands, without a shell
                    hook["arguments"],
                    cwd=hook["folder"],
                    stdin=subprocess.DEVNULL,
                    stdout=_STDERR,
                    start_new_session=True,
                )
        except (OSError, ValueError) as error:
            return f"could not be started: {getattr(error, 'strerror', None) or error}"
        try:
            code = running.wait(self._limit_s)
        except subprocess.TimeoutExpired:
            _end(running)
            return f"took longer than {self._limit_s:g} s"
        if self._stopped.is_set():
            return "stopped"
        return f"ended by signal {-code}" if code < 0 else f"exit code {code}" if code else ""

    def stop_at_end_of(self, stdin: IO[bytes]) -> None:
        """The parent closed the pipe, or is gone."""
        stdin.read()
        with self._lock:
            self._stopped.set()
        if self._running:
            _end(self._running)


def _end(running: subprocess.Popen[bytes]) -> None:
    """The command and what it started."""
    for number in (_SIGTERM, _SIGKILL):
        if running.poll() is not None:
            return
        with suppress(OSError):
            os.killpg(running.pid, number) if hasattr(os, "killpg") else running.terminate()
        with suppress(subprocess.TimeoutExpired):
            running.wait(_GRACE_SECONDS)


def _say(stdout: IO[bytes], what: object) -> None:
    with suppress(OSError):
        stdout.write(json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    # Unbuffered: at the end of the program a thread may still be waiting for the parent to close the pipe.
    with open(0, "rb", buffering=0, closefd=False) as given, open(1, "wb", buffering=0, closefd=False) as told:
        main(given, told)
