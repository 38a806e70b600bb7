"""Python's own doors to the network, shut by an audit hook: all that there is where the system has no filter.

C code does not pass it. Where the system has a filter it is the second lock, and the only one on names: a resolver may
ask a daemon of this machine, which has the network.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["set_tripwire"]

_NAMES = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo")
_ADDRESSED = ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg")
_PROGRAMS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.startfile", "pty.spawn")
_OF_AN_OPEN_FILE = -1  # `socket.socket(fileno=…)` finds out by itself


def set_tripwire(*, families: Collection[int], programs: bool) -> None:
    """Refuse sockets of other families, addresses that are not of this machine, names; and programs if not allowed."""
    refused = {*_NAMES, *(() if programs else _PROGRAMS)}
    made = {*families, _OF_AN_OPEN_FILE}

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event in refused or (event == "socket.__new__" and arguments[1] not in made):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        # A socket that was open before has an address that is a tuple, one of this machine a path.
        if event in _ADDRESSED and isinstance(arguments[1], tuple):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    sys.addaudithook(watch)
