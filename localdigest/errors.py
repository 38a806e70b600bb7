"""What can end a run, each with its exit code and a hint.

    LocalDigestError          1  failed
    ├── UsageError            2  a flag, argument or path that cannot be right
    │   └── ConfigError       2  a topic or settings file: names the file, and the line where known
    ├── StoreError            1  the database cannot be opened, is newer, or is damaged
    ├── OutputError           1  a file could not be written: folder not writable, disk full
    ├── NothingToSummarizeError    4  no source gave any text, or nothing in it is new
    └── InterruptedRunError   130  Ctrl-C
        └── TerminatedRunError     143  SIGTERM

The failure of one source is no error: it is a `records.Failure`, and the run goes on.
"""

from __future__ import annotations

from typing import ClassVar

from localdigest.redact import redacted

__all__ = [
    "ConfigError",
    "ExitCode",
    "InterruptedRunError",
    "LocalDigestError",
    "NothingNewError",
    "NothingToSummarizeError",
    "OutputError",
    "StoreError",
    "TerminatedRunError",
    "UsageError",
]


class ExitCode:
    """What the shell sees."""

    OK = 0
    FAILED = 1
    USAGE = 2
    BELOW_THRESHOLD = 3  #: written, but below the verification or coverage threshold
    NOTHING = 4
    INTERRUPTED = 130
    TERMINATED = 143


class LocalDigestError(Exception):
    """Base of all. `message` says what is wrong in one sentence, `hint` what to do about it; passwords are masked."""

    exit_code: ClassVar[int] = ExitCode.FAILED
    default_hint: ClassVar[str] = "Run again with LOCALDIGEST_DEBUG=1 to see where it happened."

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(redacted(message))
        self.message = redacted(message)
        self.hint = redacted(hint) or self.default_hint


class UsageError(LocalDigestError):
    exit_code = ExitCode.USAGE
    default_hint = "`localdigest COMMAND --help` lists what the command takes."


class ConfigError(UsageError):
    """A topic or settings file that cannot be used."""

    default_hint = "`localdigest init` writes a commented topic file to compare with."

    def __init__(self, message: str, *, path: str = "", line: int = 0, hint: str = "") -> None:
        where = f"{path}, line {line}: " if path and line else f"{path}: " if path else ""
        super().__init__(where + message, hint=hint)
        self.path = path
        self.line = line  #: from 1; 0 when unknown


class StoreError(LocalDigestError):
    default_hint = "`localdigest cache stats` tells where the store is; `--store PATH` uses another one."


class OutputError(LocalDigestError):
    default_hint = "Name another folder with `--out DIR`. What was read is kept: the next run goes on from there."


class NothingToSummarizeError(LocalDigestError):
    exit_code = ExitCode.NOTHING
    default_hint = "Name sources that hold text, or widen `--since` and `--limit`."


class NothingNewError(NothingToSummarizeError):
    """What was read was told before: no fault of anybody."""


class InterruptedRunError(LocalDigestError):
    exit_code = ExitCode.INTERRUPTED
    verb: ClassVar[str] = "Interrupted"
    default_hint = "Everything that was fetched, read and answered so far is kept: the same command goes on from there."


class TerminatedRunError(InterruptedRunError):
    exit_code = ExitCode.TERMINATED
    verb = "Terminated"
