"""No internet socket for this process, nor for anything that it starts; and proof of it."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from localdigest.sandbox.enforced import Barrier
from localdigest.sandbox.seccomp import NO_INTERNET, Rules, install
from localdigest.sandbox.tripwire import set_tripwire

__all__ = ["close_sockets", "deny_internet", "measure"]

_MOST_FILES = 1024  #: looked at where the system does not list those that are open
_AF_INET, _SOCK_STREAM = 2, 1  #: the same on every system that has sockets


def deny_internet(rules: Rules = NO_INTERNET) -> Barrier:
    """From now on, for good: the kernel refuses where it can, Python elsewhere. Says what was found to hold.

    Connections that are open stay open: close them before.
    """
    install(rules)
    set_tripwire(families=rules.families, programs="execve" not in rules.denied)
    return measure()


def measure() -> Barrier:
    """What refuses this process an internet socket, found by asking for one: of C's library, and of Python."""
    if _libc_refuses():
        return Barrier.SECCOMP
    return Barrier.AUDIT_HOOK if _python_refuses() else Barrier.NONE


def close_sockets() -> None:
    """Close every socket that the parent left open: a filter bars making one, not using one."""
    for number in _open_files():
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                os.close(number)


def _libc_refuses() -> bool:
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        made = libc.socket(_AF_INET, _SOCK_STREAM, 0)
    except (OSError, TypeError, AttributeError):  # Windows has no library of all that is loaded
        return False
    if made >= 0:
        os.close(made)
    # Another error would say that there is no such network, not that it is refused.
    return made < 0 and ctypes.get_errno() == errno.EACCES


def _python_refuses() -> bool:
    import _socket  # noqa: PLC0415 - half a millisecond, only where the kernel does not refuse

    try:
        _socket.socket(_AF_INET, _SOCK_STREAM).close()
    except PermissionError:
        return True
    return False


def _open_files() -> list[int]:
    for folder in ("/proc/self/fd", "/dev/fd"):
        with suppress(OSError, ValueError):
            return [int(name) for name in os.listdir(folder)]  # noqa: PTH208 - names, not paths
    return list(range(_MOST_FILES)) if Path("/").anchor else []
