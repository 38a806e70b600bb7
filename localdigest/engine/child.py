"""One child process that talks in frames: starting, sending, receiving, and ending it. Knows nothing of jobs.

    send() ─▶ outbox ─writer thread─▶ stdin │ child │ stdout ─reader thread─▶ inbox ─▶ receive()
                                            │       │ stderr ─log thread─▶ the last lines

The threads keep frames whole when Ctrl-C interrupts the caller, and keep every pipe flowing.
"""

from __future__ import annotations

import contextlib
import queue
import subprocess
import threading
from collections import deque
from typing import TYPE_CHECKING

from localdigest.engine import postmortem
from localdigest.engine.ctrl_c import deaf_to_ctrl_c
from localdigest.engine.errors import BackendError, WorkerDiedError
from localdigest.engine.wire import CutFrameError, Failed, FrameError, read_frame, to_frame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import IO

    from localdigest.engine.errors import EngineError
    from localdigest.engine.wire import Message

__all__ = ["Child"]

LOG_LINES = 400
LOG_LINE_BYTES = 4096
#: Windows cannot interrupt a thread that waits without end.
WAIT_SECONDS = 0.5
#: A child that has closed its output is over; it gets so long to be gone.
END_SECONDS = 5.0


class Child:
    """A running child process. `send` may be called from any thread, the rest from one."""

    def __init__(self, command: Sequence[str], *, environment: Mapping[str, str]) -> None:
        self._memory = postmortem.look()
        # In our own process group: Ctrl-Z stops it too.
        with deaf_to_ctrl_c():
            self._process = subprocess.Popen(  # noqa: S603 - the caller's command, no shell
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(environment),
            )
        self._inbox: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self._garbled = ""
        self._closing = False
        self._end: EngineError | None = None
        jobs = (self._read, self._write, self._listen)
        self._threads = [threading.Thread(target=job, daemon=True) for job in jobs]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines that it wrote to its standard error."""
        return tuple(self._log)

    def send(self, message: Message) -> None:
        """Have the message written; returns at once. Raises FrameError when it is too long."""
        self._outbox.put(to_frame(message))

    def receive(self, *, wait: bool = True) -> Message | None:
        """The next message; None when none is there and `wait` is false. Raises the reason when there will be none."""
        while self._end is None:
            try:
                message = self._inbox.get(timeout=WAIT_SECONDS) if wait else self._inbox.get_nowait()
            except queue.Empty:
                if wait:
                    continue
                return None
            if isinstance(message, Failed):
                self._end = message.error
            elif message is None:
                self._end = self._autopsy()
            else:
                return message
        raise self._end

    def close(self, *, grace_seconds: float) -> None:
        """End it: by closing its input, then by asking, then by force. Interrupted, by force at once."""
        self._closing = True
        self._outbox.put(None)
        try:
            self._wait(grace_seconds)
            if self._process.poll() is None:
                self._process.terminate()
                self._wait(grace_seconds)
        finally:
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()
        for thread in self._threads:
            thread.join(timeout=END_SECONDS)
        self._end = self._end or WorkerDiedError("The model's process is closed.", hint="Start another one.")

    def _wait(self, seconds: float) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def _autopsy(self) -> EngineError:
        self._wait(END_SECONDS)
        if self._process.poll() is None or self._garbled:
            self._process.kill()
            self._process.wait()
        if self._garbled:
            return BackendError(f"The model's process sent {self._garbled}.")
        # Its last words may still be on their way; one that it left behind may keep the pipe open.
        self._threads[-1].join(timeout=END_SECONDS)
        return postmortem.explain(
            postmortem.Death(self._process.returncode, self.log, before=self._memory, after=postmortem.look())
        )

    # ── the threads ──────────────────────────────────────────────────────────

    def _read(self) -> None:
        with _pipe(self._process.stdout) as stream:
            try:
                while (message := read_frame(stream)) is not None:
                    self._inbox.put(message)
            except CutFrameError:
                pass  # it died while writing: its status tells more
            except FrameError as error:
                self._garbled = str(error)  # what comes after cannot be understood either
            finally:
                self._inbox.put(None)

    def _write(self) -> None:
        # A child that has ended is told of by the reader.
        with contextlib.suppress(OSError), _pipe(self._process.stdin) as stream:
            while (data := self._outbox.get()) is not None and not self._closing:
                stream.write(data)
                stream.flush()

    def _listen(self) -> None:
        with _pipe(self._process.stderr) as stream:
            while line := stream.readline(LOG_LINE_BYTES):
                text = line.decode("utf-8", "replace").rstrip()
                # A model file's own words are in there: nothing that a terminal would obey.
                self._log.append("".join(letter if letter.isprintable() else " " for letter in text))


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None, "every stream is a pipe"
    return stream
