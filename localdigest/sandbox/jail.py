"""The two jails, entered by a child before it loads anything else: of whoever reads pages, and of whoever runs a model.

Each returns what was found to hold.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys

from localdigest.codec import encode
from localdigest.sandbox.enforced import Enforced, Files
from localdigest.sandbox.environment import secrets_in
from localdigest.sandbox.landlock import own_files, restrict_files
from localdigest.sandbox.limits import Limits, limit_process, limited_memory, writes_nothing
from localdigest.sandbox.network import close_sockets, deny_internet
from localdigest.sandbox.seccomp import PARSER

__all__ = ["die_with", "enter_for_parsing", "hold_model", "probe_model_jail"]

_SET_PARENT_DEATH_SIGNAL = 1
_PROBE_SECONDS = 30.0
_TEMPORARY = (os.environ.get("TMPDIR"), "/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - nothing is kept there


def enter_for_parsing(limits: Limits) -> Enforced:
    """No socket of any kind, no other program, no file but the program's own, little memory."""
    close_sockets()
    writable = next((folder for folder in _TEMPORARY if folder and os.access(folder, os.W_OK)), "")
    restrict_files(own_files())
    limit_process(limits)
    network = deny_internet(PARSER)
    can_end = sys.platform != "win32"
    return Enforced(
        network,
        files=_files_held(writable),
        memory_bytes=limited_memory(),
        cpu_seconds=limits.cpu_seconds if can_end else 0,
        wall_seconds=limits.wall_seconds,
    )


def hold_model() -> dict[str, str | int]:
    """No internet, and no secret of the environment, for whoever loads a model; what was found to hold, by name.

    Memory, files and devices are the user's: a model takes most of the first, and a graphics driver needs the others.
    """
    close_sockets()
    for name in secrets_in(os.environ):
        del os.environ[name]
    held: dict[str, str | int] = encode(Enforced(deny_internet()))
    return held


def probe_model_jail() -> dict[str, str | int]:
    """What would hold a model's process here, found out in a child. Empty: no child could be started."""
    code = f"import json; from {__name__} import hold_model; print(json.dumps(hold_model()))"
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-P", "-c", code], capture_output=True, timeout=_PROBE_SECONDS, check=True
        )
        held: dict[str, str | int] = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return {}
    return held


def die_with(parent: int) -> None:
    """Let the kernel end this process when the thread that started it is gone; it may be gone already."""
    if sys.platform == "win32":
        return  # in a virtual environment another process stands between the two
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, *map(ctypes.c_ulong, (signal.SIGKILL, 0, 0, 0)))
    if os.getppid() != parent:
        os._exit(1)


def _files_held(writable: str) -> Files:
    """What refuses the root's list, and a file in a folder that could be written to before."""
    if _is_refused("/", os.O_RDONLY) and writable and _is_refused(writable, _UNNAMED):
        return Files.LANDLOCK
    return Files.RLIMIT if writes_nothing() else Files.NONE


#: Makes a file without a name, which is gone when it is closed.
_UNNAMED = os.O_WRONLY | getattr(os, "O_TMPFILE", 0)


def _is_refused(path: str, flags: int) -> bool:
    try:
        os.close(os.open(path, flags))
    except PermissionError:
        return True
    except OSError:
        return False
    return False
