"""One jailed child: started, asked, and taken apart when it dies. For one thread at a time."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from localdigest.codec import decode, encode
from localdigest.engine.ctrl_c import deaf_to_ctrl_c
from localdigest.sandbox.enforced import Enforced
from localdigest.sandbox.environment import for_parsing
from localdigest.sandbox.frames import CutFrameError, FrameError, TooLongError, read_frame, to_frame

if TYPE_CHECKING:
    from typing import IO

    from localdigest.sandbox.limits import Limits

__all__ = ["CostlyError", "CrashedError", "JailedProcess", "MemoryLimitError", "RaisedError", "WorkerError"]

START_SECONDS = 60.0  #: a slow disk, a busy machine
END_SECONDS = 2.0
WATCH_SECONDS = 0.2
_TIME_SIGNALS = ("SIGXCPU", "SIGALRM")


class WorkerError(Exception):
    """A question got no answer. The text goes on with "it", which is what was to be read."""


class CostlyError(WorkerError):
    """It takes more time or memory than it may."""


class MemoryLimitError(CostlyError):
    """It takes more memory than there is: perhaps for what was read before it."""


class RaisedError(WorkerError):
    """The code that reads it has a fault: what it raised."""


class CrashedError(WorkerError):
    """The process that read it is gone, and did not say why."""


class JailedProcess:
    """A child that runs `localdigest.sandbox.serve` with one service."""

    def __init__(self, service: str, limits: Limits) -> None:
        """Start it; whether it is up is seen with the first answer.

        Raises:
            OSError: the system starts no process.
        """
        self._limits = limits
        self._deadline = math.inf
        self._expired = False
        self._closed = threading.Event()
        self.num_asked = 0
        self._enforced: Enforced | None = None
        # The kernel's signal comes when the thread that started the child ends, not its process.
        parent = str(os.getpid()) if threading.current_thread() is threading.main_thread() else "-"
        # -P: a file of the user's working folder must not stand in for a module.
        command = [sys.executable, "-P", "-m", "localdigest.sandbox.serve", service, parent, json.dumps(encode(limits))]
        with deaf_to_ctrl_c():
            self._popen = subprocess.Popen(  # noqa: S603 - our own module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # Words of strangers are in what libraries print: nothing of it reaches a terminal.
                stderr=subprocess.DEVNULL,
                env=for_parsing(os.environ),
            )
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def is_alive(self) -> bool:
        return self._popen.poll() is None

    def enforced(self) -> Enforced:
        """What was found to hold it. Waits until it is up.

        Raises:
            WorkerError: it is not, and will not be.
        """
        if self._enforced is None:
            head = self._within(START_SECONDS, self._read)
            if "problem" in head:
                raise self._problem(head)
            try:
                self._enforced = decode(Enforced, head["enforced"])
            except (LookupError, TypeError, ValueError) as error:
                raise CrashedError("it did not begin as it should") from error
        return self._enforced

    def ask(self, head: dict[str, Any], body: bytes) -> Any:
        """What the service answers.

        Raises:
            WorkerError: nothing, for one of the reasons above. The process is then not to be asked again.
        """
        question = self._framed(head, body)
        self.enforced()
        self.num_asked += 1

        def exchange() -> dict[str, Any]:
            self._write(question, body)
            return self._read()

        answer = self._within(self._limits.wall_seconds, exchange)
        if "value" in answer:
            return answer["value"]
        raise self._problem(answer)

    def tell(self, head: dict[str, Any]) -> None:
        """Something that needs no answer."""
        self._write(self._framed({**head, "quiet": True}, b""), b"")

    def kill(self) -> None:
        self._popen.kill()
        self._close()

    def close(self) -> None:
        """End it, gently where that is quick."""
        self._close()

    # ── inside ───────────────────────────────────────────────────────────────

    def _framed(self, head: dict[str, Any], body: bytes) -> bytes:
        try:
            return to_frame(head, num_bytes=len(body), most_bytes=self._limits.message_bytes)
        except TooLongError as error:
            raise CostlyError(f"it is too large for one page: {error}") from error

    def _within(self, seconds: float, act: Any) -> dict[str, Any]:
        """What `act` gives, or the reason why the child gave nothing in time."""
        self._deadline = time.monotonic() + seconds
        try:
            found: dict[str, Any] = act()
        except TooLongError as error:
            raise CostlyError(f"its text is too long for one page: {error}") from error
        except (OSError, CutFrameError) as error:
            raise self._autopsy(seconds) from error
        except FrameError as error:
            raise CrashedError(_NO_ANSWER) from error
        finally:
            self._deadline = math.inf
        return found

    def _watch(self) -> None:
        """Kill the child when the time is over; a thread for each question would cost more than most answers."""
        while not self._closed.wait(WATCH_SECONDS):
            if time.monotonic() > self._deadline:
                self._expired = True
                self._popen.kill()
                return

    def _write(self, question: bytes, body: bytes) -> None:
        stream = _pipe(self._popen.stdin)
        stream.write(question)
        stream.write(body)
        stream.flush()

    def _read(self) -> dict[str, Any]:
        frame = read_frame(_pipe(self._popen.stdout), most_bytes=self._limits.message_bytes)
        if frame is None:
            raise CutFrameError("nothing came")
        return frame[0]

    def _problem(self, answer: dict[str, Any]) -> WorkerError:
        text = answer.get("text")
        match answer.get("problem"):
            case "memory":
                return MemoryLimitError(_over_memory(self._limits))
            case "long":
                return CostlyError(f"its text is longer than {self._limits.message_bytes // 2**20} MiB")
            case "error" if isinstance(text, str):
                return RaisedError("".join(letter if letter.isprintable() else " " for letter in text))
        return CrashedError(_NO_ANSWER)

    def _autopsy(self, seconds: float) -> WorkerError:
        self._end()
        name = _signal_name(self._popen.returncode)
        if self._expired:
            return CostlyError(f"it was not read within {seconds:g} s")
        if name in _TIME_SIGNALS:
            return CostlyError(f"reading it took more than {self._limits.cpu_seconds} s of computing")
        return CrashedError(f"the process that read it ended with {name or f'status {self._popen.returncode}'}")

    def _close(self) -> None:
        self._closed.set()
        stdin = self._popen.stdin
        try:
            if stdin is not None:
                stdin.close()  # the child reads the end, and ends
        except OSError:
            pass
        self._end()
        if self._popen.stdout is not None:
            self._popen.stdout.close()

    def _end(self) -> None:
        try:
            self._popen.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        except BaseException:
            self._popen.kill()
            raise


_NO_ANSWER = "the process that read it answered what is no answer"


def _over_memory(limits: Limits) -> str:
    return f"reading it takes more than {limits.memory_bytes // 2**20} MiB of memory"


def _signal_name(status: int) -> str:
    if status >= 0:
        return ""
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None, "every stream is a pipe"
    return stream
