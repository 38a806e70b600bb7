"""Files that a process, and all that it starts, can never open again: Linux's Landlock, without a library.

For a parser: what may be read is named; nothing may be written, made, removed or run. TCP, other processes' abstract
sockets and signals to them are barred too, where the kernel is new enough to know how. For whoever talks to model
servers: nothing may be written, and TCP reaches the ports that are named.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["known_version", "own_files", "restrict_files", "restrict_to_ports"]

# From linux/landlock.h; the numbers of the calls are the same on every architecture.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION, PATH_BENEATH, NET_PORT = 1, 1, 2
EXECUTE, READ_FILE, READ_DIR = 1 << 0, 1 << 2, 1 << 3
CONNECT_TCP = 1 << 1
#: All that version N knows of files: 13 kinds at first, then links across folders, truncation, and control of devices.
FILE_RIGHTS = (0, 13, 14, 15, 15, 16)
TCP_RIGHTS, TCP_SINCE = 0b11, 4
SCOPES, SCOPES_SINCE = 0b11, 6
NO_NEW_PRIVS = 38

#: What C's library and Python's open of the system, besides libraries.
_SYSTEM = (
    "/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/dev/null", "/dev/urandom",
    "/opt/homebrew",
)  # fmt: skip


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("tcp", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


class _Port(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("port", ctypes.c_uint64))


def own_files() -> list[Path]:
    """What the program itself is made of: Python, its libraries, this package. No folder of the user's as a whole."""
    package = Path(__file__).parent.parent
    # A checkout lies in a folder of work: of that, this package alone.
    path = [Path(entry) for entry in sys.path if entry and Path(entry) != package.parent]
    libraries = [package.parent] if package.parent.name in ("site-packages", "dist-packages") else [package]
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    return [*map(Path, sorted(prefixes)), *path, *libraries, *map(Path, _SYSTEM)]


def known_version() -> int:
    """The version of Landlock that the kernel knows; 0: none."""
    if sys.platform != "linux":
        return 0
    found = ctypes.CDLL(None, use_errno=True).syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ASK_VERSION)
    return max(0, int(found))


def restrict_files(readable: Iterable[Path]) -> bool:
    """Let this thread, and those that it starts, read these and what is below them, and nothing else. False: it cannot.

    Raises nothing: a path that is not there is left out.
    """
    version = known_version()
    ruleset = _ruleset_of(version)

    def allow(libc: ctypes.CDLL, handle: int) -> None:
        for path in readable:
            _allow(libc, handle, path)

    return _restrict(ruleset, version, allow)


def restrict_to_ports(ports: Iterable[int]) -> bool:
    """Let this thread, and those that it starts, write no file and connect by TCP to these ports alone. False: it
    cannot; before version 4 the ports are not held, which whoever claims it has to try.
    """
    version = known_version()
    full = _ruleset_of(version)
    reading = EXECUTE | READ_FILE | READ_DIR
    ruleset = _Ruleset(files=full.files & ~reading, tcp=full.tcp, scopes=full.scopes)

    def allow(libc: ctypes.CDLL, handle: int) -> None:
        for port in ports if full.tcp else ():
            rule = _Port(CONNECT_TCP, port)
            libc.syscall(ADD_RULE, handle, NET_PORT, ctypes.byref(rule), 0)

    return _restrict(ruleset, version, allow)


def _restrict(ruleset: _Ruleset, version: int, allow: Callable[[ctypes.CDLL, int], None]) -> bool:
    """Put the rules over this thread, for good. `allow` adds to a set of rules, given its handle."""
    if sys.platform != "linux" or not version:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    size = 8 * (1 + (version >= TCP_SINCE) + (version >= SCOPES_SINCE))
    handle = libc.syscall(CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(size), 0)
    if handle < 0:
        return False
    try:
        allow(libc, handle)
        libc.prctl(NO_NEW_PRIVS, *map(ctypes.c_ulong, (1, 0, 0, 0)))
        return not libc.syscall(RESTRICT_SELF, handle, 0)
    finally:
        os.close(handle)


def _ruleset_of(version: int) -> _Ruleset:
    known = FILE_RIGHTS[min(version, len(FILE_RIGHTS) - 1)]
    return _Ruleset(
        files=(1 << known) - 1,
        tcp=TCP_RIGHTS if version >= TCP_SINCE else 0,
        scopes=SCOPES if version >= SCOPES_SINCE else 0,
    )


def _allow(libc: ctypes.CDLL, handle: int, path: Path) -> None:
    with suppress(OSError):
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            is_folder = stat.S_ISDIR(os.fstat(opened).st_mode)
            rule = _Beneath(READ_FILE | (READ_DIR if is_folder else 0), opened)
            libc.syscall(ADD_RULE, handle, PATH_BENEATH, ctypes.byref(rule), 0)
        finally:
            os.close(opened)
