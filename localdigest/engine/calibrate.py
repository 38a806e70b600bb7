"""What the worker process starts with: its environment, and how many threads while others use the machine too.

environment of the parent ─worker_environment()─▶ environment of the child
readings of the CPU counters ─busy_cores()─▶ start_threads() ─▶ Threads, which the governor then adapts
"""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from localdigest.engine.loading import Threads

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["CpuTimes", "busy_cores", "measure_busy_cores", "read_times", "start_threads", "worker_environment"]

#: How often libgomp's workers look whether a barrier opened before they sleep. Tokens/s of two threads on two cores,
#: bench model, decode at width 1, at width 8 and prefill. One thread: 125, 129 and 610, alone or not.
#:
#:             alone              beside a process that wants a core
#:   300,000   146  177  1,106    <1     5  150–237  libgomp's own choice
#:    10,000   142  191  1,189    10     50    495
#:     2,000   133  191  1,158    37     94    567
#:     1,000   133  186  1,141    55    108    587
#:   passive    72  162  1,132   105    121    579
#:
#: So a short spin costs little alone, and beside others little is lost until the governor takes a thread away.
SPIN_COUNT = "2000"
#: Of a user who has set one of these we change none of them.
WAIT_VARIABLES = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")
SAMPLE_SECONDS = 0.1
#: A core of which so much is used is left to whoever uses it.
BUSY_SHARE = 0.4


def worker_environment(base: Mapping[str, str]) -> dict[str, str]:
    """The environment for a worker: what libraries read while they load, and never again."""
    environment = dict(base)
    if not any(variable in base for variable in WAIT_VARIABLES):
        environment["GOMP_SPINCOUNT"] = SPIN_COUNT
    # An assertion that fails would else look for a debugger, and wait for it.
    environment.setdefault("GGML_NO_BACKTRACE", "1")
    return environment


# ── threads ────────────────────────────────────────────────────────────────────


def start_threads(cores: int, *, busy: float | None) -> Threads:
    """A thread for each free core. Not knowing is taken for an idle machine."""
    threads = max(1, cores - math.floor((busy or 0.0) + 1 - BUSY_SHARE))
    return Threads(decode=threads, prefill=threads)


# ── who else is there ────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """Ticks of some cores since the system's start."""

    idle: int
    total: int


def measure_busy_cores(root: Path = Path("/"), *, seconds: float = SAMPLE_SECONDS) -> float | None:
    """How many of our cores others used while we slept; None where the system does not say."""
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ()
    before = read_times(root, cores)
    time.sleep(seconds)
    after = read_times(root, cores)
    if before is None or after is None:
        return None
    return busy_cores(before, after, cores=len(cores))


def busy_cores(before: CpuTimes, after: CpuTimes, *, cores: int) -> float | None:
    """The share of the time between two readings that was not idle, in cores."""
    total = after.total - before.total
    # Counters of idle time have been seen to go back a little.
    return cores * min(1.0, max(0.0, 1 - (after.idle - before.idle) / total)) if total > 0 else None


def read_times(root: Path, cores: Collection[int]) -> CpuTimes | None:
    """Sum the counters of these cores."""
    try:
        lines = (root / "proc/stat").read_text(encoding="ascii").splitlines()
        wanted = {f"cpu{core}" for core in cores}
        rows = [[int(ticks) for ticks in line.split()[1:9]] for line in lines if line.split(" ", 1)[0] in wanted]
        # user nice system idle iowait irq softirq steal: a core that waits for the disk is free too.
        return CpuTimes(idle=sum(row[3] + row[4] for row in rows), total=sum(map(sum, rows))) if rows else None
    except (OSError, ValueError, IndexError):
        return None
