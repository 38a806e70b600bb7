"""Why did the worker process end? The likely cause, from its status, its last words and the system's memory counters.

look() before and after ─▶ Death ─explain()─▶ WorkerDiedError
"""

from __future__ import annotations

import contextlib
import signal
from dataclasses import dataclass
from pathlib import Path

from localdigest.engine.errors import WorkerDiedError

__all__ = ["Death", "Memory", "explain", "look"]

#: Windows has no signals: the statuses that stand for them.
WINDOWS_STATUSES = {
    0xC0000005: "SIGSEGV",  # access violation
    0xC000001D: "SIGILL",  # illegal instruction
    0xC0000409: "SIGABRT",  # fail fast
    0xC0000017: "SIGKILL",  # no memory
}
#: A line of the log with one of these tells more than those after it, strongest first.
TELLING = (("ggml_assert",), ("error", "failed", "what():", "fatal", "unable", "cannot"))
OUT_OF_MEMORY = ("bad_alloc", "out of memory", "cannot allocate memory", "failed to allocate", "memoryerror")
SCARCE_BYTES = 512 * 2**20  #: with less than this left just after the end, memory is the likely cause
LAST_LINES = 20  #: where words of memory tell of the end, not of the beginning
MAX_QUOTE = 300

FREE_MEMORY = "Free memory, or choose a smaller model, context or width, and run again: finished work is kept."
CHECK_FILE = (
    "Check the model file by its checksum, or download it again, and let nothing write to it while it is in use."
)
REBUILD = "Build llama.cpp on this machine: pip install --force-reinstall --no-binary llama-cpp-python llama-cpp-python"
RUN_AGAIN = "Run again: finished work is kept."
REPORT = "Run again: finished work is kept. If it ends again, report it with the model's name and the quoted line."


@dataclass(frozen=True, slots=True)
class Memory:
    """The system's view; None where it cannot be read."""

    oom_kills: int | None = None  #: processes ended for lack of memory so far, in this process's control group
    available_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Death:
    """What is known once the process has ended."""

    status: int  #: as `subprocess` gives it: negative for signals
    log: tuple[str, ...] = ()
    before: Memory = Memory()
    after: Memory = Memory()

    @property
    def signal(self) -> str:
        """The signal's name; empty when it ended by itself."""
        if self.status >= 0:
            return WINDOWS_STATUSES.get(self.status, "")
        with contextlib.suppress(ValueError):
            return signal.Signals(-self.status).name
        return f"signal {-self.status}"


def explain(death: Death) -> WorkerDiedError:
    """The error that names the likely cause, and what to do."""
    name, said = death.signal, last_words(death.log)
    if _counted_oom(death):
        what, hint = f"was ended by the system because memory ran out ({name}).", FREE_MEMORY
    elif _says_out_of_memory(death.log):
        what, hint = f"ran out of memory{f' ({name})' if name else ''}{said}", FREE_MEMORY
    elif name == "SIGABRT":
        what, hint = f"gave up on an error of its own (SIGABRT){said}", REPORT
    elif name == "SIGKILL":
        likely = "because memory ran out" if _is_scarce(death.after) else "most likely because memory ran out"
        what, hint = f"was killed (SIGKILL), {likely}.", FREE_MEMORY
    elif name in ("SIGSEGV", "SIGBUS"):
        cause = "the model file may be damaged, or was cut short while in use"
        what, hint = f"read memory that is not there ({name}): {cause}.", CHECK_FILE
    elif name == "SIGILL":
        what, hint = "met an instruction unknown here (SIGILL): llama.cpp was built for another CPU.", REBUILD
    elif name:
        what, hint = f"was ended from outside ({name}).", RUN_AGAIN
    else:
        what, hint = f"ended with status {death.status}{said}", REPORT
    return WorkerDiedError(f"The model's process {what}", hint=hint)


def last_words(log: tuple[str, ...]) -> str:
    """The line that most likely says why, quoted; empty when there is none."""
    lines = [line.strip() for line in log if line.strip()]
    for words in TELLING:
        for line in reversed(lines):
            if any(word in line.lower() for word in words):
                return f": {line[:MAX_QUOTE]}"
    return f": {lines[-1][:MAX_QUOTE]}" if lines else ""


def _says_out_of_memory(log: tuple[str, ...]) -> bool:
    return any(word in line.lower() for line in log[-LAST_LINES:] for word in OUT_OF_MEMORY)


def _counted_oom(death: Death) -> bool:
    before, after = death.before.oom_kills, death.after.oom_kills
    return death.signal == "SIGKILL" and before is not None and after is not None and after > before


def _is_scarce(memory: Memory) -> bool:
    return memory.available_bytes is not None and memory.available_bytes < SCARCE_BYTES


# ── reading the counters ─────────────────────────────────────────────────────


def look(root: Path = Path("/")) -> Memory:
    """Read the counters. `root` is where the system's files begin."""
    return Memory(oom_kills=_oom_kills(root), available_bytes=_available_bytes(root))


def _oom_kills(root: Path) -> int | None:
    groups = root / "sys/fs/cgroup"
    for line in _lines(root / "proc/self/cgroup"):
        _, controllers, path = line.split(":", 2)
        inner = path.lstrip("/")
        if not controllers:
            files = [groups / inner / "memory.events", groups / "memory.events"]
        elif "memory" in controllers.split(","):
            files = [groups / "memory" / inner / "memory.oom_control", groups / "memory" / "memory.oom_control"]
        else:
            continue
        for file in files:
            if (kills := _field(file, "oom_kill")) is not None:
                return kills
    return None


def _available_bytes(root: Path) -> int | None:
    kibibytes = _field(root / "proc/meminfo", "MemAvailable:")
    return None if kibibytes is None else kibibytes * 1024


def _field(path: Path, name: str) -> int | None:
    for line in _lines(path):
        words = line.split()
        if len(words) > 1 and words[0] == name and words[1].isdigit():
            return int(words[1])
    return None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
