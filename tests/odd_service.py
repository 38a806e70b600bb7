"""A service for the jailed worker that does what it is told, good and bad; run by tests only."""

from __future__ import annotations

import ctypes
import mmap
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

_ASKED: list[str] = []
_KEPT: list[bytearray] = []


def prepare() -> None:
    """Nothing: it is small."""


def answer(head: dict[str, Any], body: bytes) -> Any:
    what = head["do"]
    _ASKED.append(what)
    return _DOES[what](head, body)


def _loop(_: dict[str, Any], __: bytes) -> None:
    while True:
        pass


def _eat(_: dict[str, Any], __: bytes) -> None:
    while True:
        _KEPT.append(bytearray(2**24))


def _hoard(head: dict[str, Any], _: bytes) -> int:
    """Keep memory from one question to the next, as a fragmented heap does."""
    _KEPT.append(bytearray(head["bytes"]))
    return len(_KEPT)


def _eat_in_c(_: dict[str, Any], __: bytes) -> None:
    """As a C library that does not look at what malloc gave."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    libc.malloc.argtypes = (ctypes.c_size_t,)
    while True:
        ctypes.memset(libc.malloc(2**26), 1, 2**26)


def _raise(head: dict[str, Any], _: bytes) -> None:
    raise ValueError(head["text"])


def _crash(head: dict[str, Any], _: bytes) -> None:
    os.kill(os.getpid(), head["signal"])


def _long(head: dict[str, Any], _: bytes) -> str:
    return "x" * head["length"]


def _garble(head: dict[str, Any], _: bytes) -> None:
    """What a process that was taken over may send: bytes of its own in place of an answer."""
    os.write(_PIPES[1], bytes.fromhex(head["hex"]))
    time.sleep(60)


def _find_pipes() -> list[int]:
    """The descriptors that are pipes, from the parent and to it; looked for before the jail shuts this folder too."""
    if sys.platform != "linux":
        return []
    return [
        number
        for number in range(3, 64)
        if os.path.lexists(f"/proc/self/fd/{number}")
        and str(Path(f"/proc/self/fd/{number}").readlink()).startswith("pipe:")
    ]


def _try(act: Any) -> str:
    """What comes of an attempt: the name of the error, or "done"."""
    try:
        act()
    except OSError as error:
        return type(error).__name__
    return "done"


def _attempts(head: dict[str, Any], _: bytes) -> dict[str, str]:
    """What a reader that was taken over would try."""
    outside = Path(head["folder"])
    return {
        "inet": _try(lambda: socket.socket(socket.AF_INET).close()),
        "inet6": _try(lambda: socket.socket(socket.AF_INET6).close()),
        "unix": _try(lambda: socket.socket(socket.AF_UNIX).close()),
        "pair": _try(lambda: [each.close() for each in socket.socketpair()]),
        "netlink": _try(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()),
        "name": _try(lambda: socket.getaddrinfo("localhost", 80)),
        "program": _try(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True)),
        "fork": _try(os.fork),
        "thread": _try(_run_thread),
        "exec": _try(lambda: os.execv("/bin/true", ["true"])),
        "read": _try((outside / "secret").read_text),
        "list": _try(lambda: list(outside.iterdir())),
        "write": _try(lambda: (outside / "new").write_text("x")),
        "empty": _try((outside / "new").touch),
        "change": _try(lambda: (outside / "secret").chmod(0o777)),
        "remove": _try((outside / "secret").unlink),
        "memory of its parent": _try(lambda: Path(f"/proc/{os.getppid()}/mem").open("rb").close()),
        "signal to its parent": _try(lambda: os.kill(os.getppid(), 0)),
        "more memory": _try(lambda: mmap.mmap(-1, 2**34).close()),
        "core": str(resource.getrlimit(resource.RLIMIT_CORE)[0]),
    }


def _run_thread() -> None:
    try:
        threading.Thread(target=lambda: None).start()
    except RuntimeError as error:
        raise PermissionError from error


def _facts(_: dict[str, Any], __: bytes) -> dict[str, Any]:
    return {
        "environment": sorted(os.environ),
        "path": sys.path,
        "asked": list(_ASKED),
        "pid": os.getpid(),
        "open": [name for name in map(os.readlink, _links()) if "socket" in name],
        "ignores interrupts": signal.getsignal(signal.SIGINT) is signal.SIG_IGN,
    }


def _links() -> list[str]:
    return [f"/proc/self/fd/{number}" for number in range(64) if os.path.lexists(f"/proc/self/fd/{number}")]


_PIPES = _find_pipes()
_DOES = {
    "echo": lambda head, body: [head["text"], len(body)],
    "sleep": lambda head, _: time.sleep(head["seconds"]),
    "loop": _loop,
    "eat": _eat,
    "eat in c": _eat_in_c,
    "hoard": _hoard,
    "raise": _raise,
    "crash": _crash,
    "long": _long,
    "garble": _garble,
    "attempts": _attempts,
    "facts": _facts,
}
