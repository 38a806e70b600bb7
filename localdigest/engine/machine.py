"""What this machine gives: memory, cores, features, bandwidth. The rim of the planner: everything here asks the system.

Where the system does not say (outside Linux), the answers are cautious and never an error.
"""

from __future__ import annotations

import ctypes
import os
import platform
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from localdigest.engine.tensor_types import Cpu

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["available_ram", "cpu_features", "measure_bandwidth", "usable_cores"]

MIB = 1 << 20
PROC = Path("/proc")
CGROUPS = Path("/sys/fs/cgroup")
#: Larger than any cache that a core has to itself, and small enough to be there on any machine.
COPIED_BYTES = 64 * MIB
MEASURED_SECONDS = 0.25
_UNLIMITED = 1 << 60  # cgroup v1 writes a number of pages near 2^63 for "no limit"


# ── memory ───────────────────────────────────────────────────────────────────


def available_ram(*, proc: Path = PROC, cgroups: Path = CGROUPS) -> int:
    """Bytes that can be taken without swapping: what the kernel reckons, or less where a control group has a limit.

    Pages of files count as available: the kernel drops them when room is needed. 0: the system does not say.
    """
    rooms = [*_system_memory(proc), *(_room(folder) for folder in _own_groups(proc, cgroups, "memory"))]
    return max(0, min((room for room in rooms if room is not None), default=0))


def _system_memory(proc: Path) -> list[int]:
    for line in _read(proc / "meminfo").splitlines():
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            return [int(value.split()[0]) * 1024]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names and proc == PROC:
        # macOS does not say what is free; half of all is a cautious guess.
        return [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2]
    return []


def _room(folder: Path) -> int | None:
    """Bytes that a group may still take; None: it has no limit."""
    limits = [_number(folder / name) for name in ("memory.max", "memory.high", "memory.limit_in_bytes")]
    known = [limit for limit in limits if limit is not None and limit < _UNLIMITED]
    used = _number(folder / "memory.current") or _number(folder / "memory.usage_in_bytes") or 0
    return min(known) - max(0, used - _dropped_first(folder)) if known else None


def _dropped_first(folder: Path) -> int:
    """Bytes of files that the group holds but gives up when it needs room."""
    fields = dict(line.split()[:2] for line in _read(folder / "memory.stat").splitlines() if len(line.split()) > 1)
    return sum(int(fields[name]) for name in ("inactive_file", "active_file") if fields.get(name, "").isdigit())


# ── cores ────────────────────────────────────────────────────────────────────


def usable_cores(*, proc: Path = PROC, cgroups: Path = CGROUPS) -> int:
    """Cores worth a thread each: those this process may run on, one per physical core, within the group's quota."""
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))
    quotas = [quota for folder in _own_groups(proc, cgroups, "cpu") if (quota := _quota(folder)) is not None]
    cores = _physical(allowed, _read(proc / "cpuinfo"))
    # A thread that is cut off in the middle of a step holds up all others: part of a core is not worth a thread.
    return max(1, min([cores, *(int(quota) for quota in quotas)]))


def _quota(folder: Path) -> float | None:
    """Cores' worth of time that a group gets; None: all."""
    limit, _, period = _read(folder / "cpu.max").partition(" ")
    if limit.isdigit() and period.strip().isdigit():
        return int(limit) / int(period)
    old_limit, old_period = _number(folder / "cpu.cfs_quota_us"), _number(folder / "cpu.cfs_period_us")
    return old_limit / old_period if old_limit and old_period and old_limit > 0 else None


def _physical(allowed: Iterable[int], cpuinfo: str) -> int:
    """Of the logical processors allowed, those with a core of their own."""
    cores: dict[int, object] = {number: number for number in allowed}
    for block in cpuinfo.split("\n\n"):
        lines = (line.partition(":") for line in block.splitlines())
        fields = {name.strip(): value.strip() for name, _, value in lines}
        number = fields.get("processor", "")
        if number.isdigit() and int(number) in cores and "core id" in fields:
            cores[int(number)] = (fields.get("physical id"), fields["core id"])
    return len(set(cores.values()))


# ── features ─────────────────────────────────────────────────────────────────


def cpu_features(*, proc: Path = PROC, machine: str = "") -> Cpu:
    """What decides which weights are rearranged. Unknown systems are taken for plain ones."""
    words = set()
    for line in _read(proc / "cpuinfo").splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() in ("flags", "features"):
            words |= set(value.split())
    found = Cpu.PLAIN
    for word, feature in (("avx2", Cpu.AVX2), ("avx512f", Cpu.AVX512), ("asimddp", Cpu.NEON_DOTPROD)):
        found |= feature if word in words else Cpu.PLAIN
    if "asimddp" in words and "i8mm" in words:
        found |= Cpu.NEON_I8MM
    if platform.system() == "Darwin" and (machine or platform.machine()) == "arm64":
        found |= Cpu.NEON_DOTPROD  # every Apple chip has it
    return found


# ── bandwidth ────────────────────────────────────────────────────────────────


def measure_bandwidth(num_threads: int, *, seconds: float = MEASURED_SECONDS) -> float:
    """Bytes a second that memory gives to so many cores: large copies, the bytes read and the bytes written counted.

    `ctypes` releases Python's lock meanwhile, so the threads really run side by side. Decoding only reads, and works on
    what it reads: it reaches this figure at best. Takes `seconds`, and `num_threads` times 128 MiB.
    """
    with ThreadPoolExecutor(num_threads) as pool:
        copied = list(pool.map(_copy_for, [seconds] * num_threads))
    return 2 * sum(copied)


def _copy_for(seconds: float) -> float:
    """Bytes copied a second."""
    source, target = ctypes.create_string_buffer(COPIED_BYTES), ctypes.create_string_buffer(COPIED_BYTES)
    # Until they are written to, all pages of a new buffer are one and the same.
    ctypes.memset(source, 1, COPIED_BYTES)
    ctypes.memset(target, 1, COPIED_BYTES)
    started = perf_counter()
    rounds = 0
    while (passed := perf_counter() - started) < seconds or not rounds:
        ctypes.memmove(target, source, COPIED_BYTES)
        rounds += 1
    return rounds * COPIED_BYTES / passed


# ── the system's files ───────────────────────────────────────────────────────


def _own_groups(proc: Path, cgroups: Path, controller: str) -> list[Path]:
    """Folders of the control groups that this process is in, inner and outer: each may have a limit of its own."""
    folders = []
    for line in _read(proc / "self" / "cgroup").splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers and controller not in controllers.split(","):
            continue
        root = cgroups / controller if controllers else cgroups
        inner = root / path.lstrip("/")
        folders += [folder for folder in (inner, *inner.parents) if folder.is_relative_to(root)]
    # Inside a container the path often is the host's: the group's own files then lie at the root.
    return folders or [cgroups, cgroups / controller]


def _number(path: Path) -> int | None:
    text = _read(path).strip()
    return int(text) if text.lstrip("-").isdigit() else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
