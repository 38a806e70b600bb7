"""The jail of the process that talks to model servers: the one process with a network while texts of pages are handled.

It starts no program and writes no file, and TCP reaches the servers' ports alone. Which hosts it dials is for its guard
(`localdigest.net.guard`) to hold: the kernel knows ports, no names.
"""

from __future__ import annotations

import errno
import os
import socket
from typing import TYPE_CHECKING

from localdigest.sandbox.environment import secrets_in
from localdigest.sandbox.landlock import restrict_to_ports
from localdigest.sandbox.network import close_sockets
from localdigest.sandbox.seccomp import AF_UNIX, DETOURS, Rules, install

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["JAIL", "KEY_VARIABLE", "PORTS_VARIABLE", "hold_messenger"]

JAIL = f"{__name__}:hold_messenger"
#: The child is told in its environment, since it enters its jail before it reads anything.
PORTS_VARIABLE = "LOCALDIGEST_MESSENGER_PORTS"
#: The servers' key under a name of ours, since theirs may be any.
KEY_VARIABLE = "LOCALDIGEST_MESSENGER_KEY"

_AF_INET, _AF_INET6 = 2, 10  #: as Linux numbers them, where alone there are such rules
_RULES = Rules(families=(AF_UNIX, _AF_INET, _AF_INET6), denied=(*DETOURS, "execve", "execveat"))
_UNUSED_PORTS = (1, 2, 3, 4, 5, 6, 7)
_TEMPORARY = (os.environ.get("TMPDIR"), "/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - nothing is kept there


def hold_messenger() -> dict[str, str | int]:
    """Enter it, for good; what was found to hold, by name."""
    close_sockets()
    ports = {int(port) for port in os.environ.pop(PORTS_VARIABLE, "").split(",") if port}
    for name in secrets_in(os.environ):
        if name != KEY_VARIABLE:
            del os.environ[name]
    writable = next((folder for folder in _TEMPORARY if folder and os.access(folder, os.W_OK)), "")
    restrict_to_ports(ports)
    install(_RULES)
    return {
        "network": "guard",
        "ports": "landlock" if _refuses_other_ports(ports) else "none",
        "files": "no-writing" if writable and _refuses_to_write(writable) else "none",
        "programs": "seccomp" if _refuses_programs() else "none",
    }


def _refuses_other_ports(ports: Collection[int]) -> bool:
    other = next(port for port in _UNUSED_PORTS if port not in ports)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        tried.settimeout(0.0)
        # Refused by whoever listens, or nobody, unless the kernel refuses it first.
        return tried.connect_ex(("127.0.0.1", other)) == errno.EACCES


def _refuses_to_write(folder: str) -> bool:
    try:
        os.close(os.open(folder, os.O_WRONLY | getattr(os, "O_TMPFILE", 0)))
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def _refuses_programs() -> bool:
    try:
        os.execv("/nonexistent/localdigest", ["localdigest"])  # noqa: S606 - there is no such file
    except PermissionError:
        return True
    except OSError:
        return False
