"""System calls that a process, and all that it starts, can never make again: a seccomp filter without a library.

Rules ─program()─▶ classic BPF ─install()─▶ the kernel answers EACCES, and libraries fail as for lack of permission
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ARCHES", "DETOURS", "NO_INTERNET", "PARSER", "Arch", "Rules", "install", "program"]

AF_UNIX = 1

# From linux/prctl.h, linux/seccomp.h, linux/filter.h and linux/bpf_common.h.
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_SET_MODE_FILTER = 1
TSYNC = 1  #: all threads that there are already, OpenMP's too
SPEC_ALLOW = 4  #: before Linux 5.16 a filter would else slow the process, against attacks that are not the matter here
KILL_PROCESS, ERRNO, ALLOW = 0x8000_0000, 0x0005_0000, 0x7FFF_0000
REFUSE = ERRNO | errno.EACCES
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
AT_NUMBER, AT_ARCH, AT_FIRST_ARGUMENT = (
    0,
    4,
    16,
)  #: offsets in `struct seccomp_data`; an argument's low half comes first

_INSTRUCTION = struct.Struct("=HBBI")


@dataclass(frozen=True, slots=True)
class Arch:
    """The kernel's numbers on one architecture."""

    audit: int  #: what a filter is told of who calls
    seccomp: int
    sockets: tuple[int, int]  #: `socket` and `socketpair`
    calls: Mapping[str, int]
    x32: int = 0  #: numbers from here on are x86-64's second set of the same calls; 0: there is none


#: By `platform.machine()`. Both are little-endian.
ARCHES = {
    "x86_64": Arch(
        audit=0xC000_003E, seccomp=317, sockets=(41, 53), x32=0x4000_0000,
        calls={
            "io_uring_setup": 425, "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311,
            "pidfd_getfd": 438, "execve": 59, "execveat": 322, "clone": 56, "clone3": 435, "fork": 57, "vfork": 58,
        },
    ),
    "aarch64": Arch(
        audit=0xC000_00B7, seccomp=277, sockets=(198, 199),
        calls={
            "io_uring_setup": 425, "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271,
            "pidfd_getfd": 438, "execve": 221, "execveat": 281, "clone": 220, "clone3": 435,
        },
    ),
}  # fmt: skip

#: Roads to a socket that are not called `socket`: io_uring makes one by itself, the others go through another process
#: of the same user, whose memory or sockets they take.
DETOURS = ("io_uring_setup", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd")


@dataclass(frozen=True, slots=True)
class Rules:
    families: tuple[int, ...] = ()  #: of sockets that may be made
    denied: tuple[str, ...] = field(default=DETOURS)


#: Sockets of this machine stay: graphics drivers talk to their daemons over them. Netlink, which asks the kernel for
#: devices and interfaces, goes: CUDA was seen to do without.
NO_INTERNET = Rules(families=(AF_UNIX,))
#: A parser needs no socket of any kind, no other program, no other process and no thread.
PARSER = Rules(denied=(*DETOURS, "execve", "execveat", "clone", "clone3", "fork", "vfork"))


def program(arch: Arch, rules: Rules) -> bytes:
    """The filter. Whoever calls in another architecture's way is ended: its numbers mean other calls."""
    steps = [
        (LOAD, 0, 0, AT_ARCH),
        (EQUAL, 1, 0, arch.audit),
        (RETURN, 0, 0, KILL_PROCESS),
        (LOAD, 0, 0, AT_NUMBER),
    ]
    if arch.x32:
        steps += [(AT_LEAST, 0, 1, arch.x32), (RETURN, 0, 0, REFUSE)]
    for name in rules.denied:
        if name in arch.calls:  # newer architectures lack some old calls
            steps += [(EQUAL, 0, 1, arch.calls[name]), (RETURN, 0, 0, REFUSE)]
    families = [step for family in rules.families for step in ((EQUAL, 0, 1, family), (RETURN, 0, 0, ALLOW))]
    socket, socketpair = arch.sockets
    steps += [
        (EQUAL, 1, 0, socket),
        (EQUAL, 0, len(families) + 2, socketpair),
        (LOAD, 0, 0, AT_FIRST_ARGUMENT),
        *families,
        (RETURN, 0, 0, REFUSE),
        (RETURN, 0, 0, ALLOW),
    ]
    return b"".join(_INSTRUCTION.pack(*step) for step in steps)


class _Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def install(rules: Rules) -> bool:
    """Put the filter over every thread of this process, for good. False: this system has none."""
    arch = _arch_here()
    if arch is None:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    # Without it the kernel would let privileged users only set a filter: a set-uid program must not be misled by one.
    if libc.prctl(PR_SET_NO_NEW_PRIVS, *map(ctypes.c_ulong, (1, 0, 0, 0))):
        return False
    steps = program(arch, rules)
    kept = ctypes.create_string_buffer(steps, len(steps))
    wanted = _Program(len(steps) // _INSTRUCTION.size, ctypes.addressof(kept))
    # Any answer but 0 is an error, or the number of a thread that could not follow.
    return any(
        not libc.syscall(
            ctypes.c_long(arch.seccomp), ctypes.c_uint(SECCOMP_SET_MODE_FILTER), ctypes.c_uint(flags),
            ctypes.byref(wanted),
        )
        for flags in (TSYNC | SPEC_ALLOW, TSYNC)
    )  # fmt: skip


def _arch_here() -> Arch | None:
    is_native = sys.maxsize > 1 << 32 and sys.byteorder == "little"
    return ARCHES.get(platform.machine()) if sys.platform == "linux" and is_native else None
