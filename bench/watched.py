"""Runs a command and asks the system what it and all that it starts take."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Taken", "family", "measured"]

_POLL_S = 0.05
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Taken:
    """What one run took."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_mb: dict[int, float] = field(default_factory=dict)  #: by process
    cpu_of: dict[int, float] = field(default_factory=dict)  #: likewise
    command_of: dict[int, str] = field(default_factory=dict)  #: likewise

    @property
    def memory_mb(self) -> float:
        return sum(self.peak_mb.values())


def measured(
    command: list[str],
    environment: dict[str, str],
    *,
    stdin: str = "",
    on_look: Callable[[subprocess.Popen[bytes]], None] = lambda _: None,
    may_end: tuple[int, ...] = (0, 3),
) -> Taken:
    """Runs a command and watches it and its children.

    Args:
        command: to run.
        environment: of it.
        stdin: what it is given to read.
        on_look: called with the process at every look, so that it may be ended.
        may_end: exit statuses that are no reason to stop here.
    """
    before = os.times()
    taken = Taken()
    started = time.perf_counter()
    with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as given:
        given.write(stdin.encode())
        given.seek(0)
        process = subprocess.Popen(command, env=environment, stdin=given, stdout=subprocess.DEVNULL, stderr=told)
        while process.poll() is None:
            for pid in family(process.pid):
                look_at(pid, taken)
            on_look(process)
            time.sleep(_POLL_S)
        told.seek(0)
        complaint = told.read().decode()
    taken.wall_s = time.perf_counter() - started
    after = os.times()
    taken.cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    if process.returncode not in may_end:
        sys.exit(complaint)
    return taken


def family(pid: int) -> list[int]:
    """A process and all that it started."""
    found = [pid]
    for one in found:
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def look_at(pid: int, taken: Taken) -> None:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return
    if "VmHWM" in status:
        taken.command_of[pid] = command
        taken.peak_mb[pid] = int(status.partition("VmHWM:")[2].split()[0]) / 1024
        taken.cpu_of[pid] = (int(fields[11]) + int(fields[12])) / _TICKS
