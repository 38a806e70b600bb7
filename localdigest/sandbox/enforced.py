"""What holds a process back, as it was found by trying: never what was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Barrier", "Enforced", "Files"]


class Barrier(StrEnum):
    """What keeps a process from internet sockets."""

    SECCOMP = "seccomp"  #: the kernel, whatever code asks
    AUDIT_HOOK = "audit-hook"  #: Python alone: a tripwire that C code does not touch
    NONE = "none"


class Files(StrEnum):
    """What keeps a process from files."""

    LANDLOCK = "landlock"  #: the kernel: it writes none, and reads the program's own only
    RLIMIT = "rlimit"  #: the kernel: it can put no byte into a file, and reads what its user may
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Enforced:
    """Of one process. A limit of 0 is none."""

    network: Barrier
    files: Files = Files.NONE
    memory_bytes: int = 0  #: of address space
    cpu_seconds: int = 0  #: for one page
    wall_seconds: int = 0  #: for one page; the parent kills it then
