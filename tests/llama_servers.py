"""llama-server, as `./scripts/make-llama-build.sh server` builds it, on loopback; without it tests are skipped."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

__all__ = [
    "LLAMA_SERVER",
    "NEEDS_LLAMA_SERVER",
    "NEEDS_PYTHON_SERVER",
    "Real",
    "free_port",
    "llama_server",
    "llama_servers",
    "python_server",
]

LLAMA_SERVER = Path(__file__).parent.parent / ".cache" / "llama-server" / "llama-server"
NEEDS_LLAMA_SERVER = pytest.mark.skipif(
    not LLAMA_SERVER.exists(), reason="llama-server is not built: ./scripts/make-llama-build.sh server"
)

#: What llama-cpp-python's own server needs besides, in a folder of its own.
PYTHON_SERVER = LLAMA_SERVER.parent.parent / "python-server"
_NEEDS = "uvicorn fastapi pydantic-settings sse-starlette 'starlette-context<0.4' PyYAML"
NEEDS_PYTHON_SERVER = pytest.mark.skipif(
    not PYTHON_SERVER.exists(), reason=f"not installed: pip install --target .cache/python-server {_NEEDS}"
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Real:
    """A running llama-server."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def llama_server(
    model: Path, *arguments: str, slots: int = 2, context: int = 4096, port: int = 0, exact: bool = False
) -> Iterator[Real]:
    """One llama-server that is ready. `exact`: sums in single precision, which differ least between batch widths."""
    port = port or free_port()
    options = ["-np", slots, "-c", slots * context, "-t", 1, "-tb", 2, "--no-warmup", *arguments]
    options += ["-ctk", "f32", "-ctv", "f32", "-fa", "off"] if exact else []
    command = [LLAMA_SERVER, "-m", model, "--host", "127.0.0.1", "--port", port, *options]
    process = subprocess.Popen([*map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_ready(port, process)
        yield Real(port, process)
    finally:
        process.kill()
        process.wait()


@contextmanager
def llama_servers(count: int, model: Path, *arguments: str, slots: int = 1) -> Iterator[list[Real]]:
    with ExitStack() as stack:
        yield [stack.enter_context(llama_server(model, *arguments, slots=slots)) for _ in range(count)]


def _wait_until_ready(port: int, process: subprocess.Popen[bytes], *, path: str = "/health") -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        assert process.poll() is None, "the server ended"
        if _answers(f"http://127.0.0.1:{port}{path}"):
            return
        time.sleep(0.05)
    raise AssertionError("the server was not ready in time")


def _answers(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(url, timeout=5) as answer:
        return bool(answer.status == 200)
    return False


@contextmanager
def python_server(model: Path, *, context: int = 4096) -> Iterator[Real]:
    """llama-cpp-python's own server."""
    port = free_port()
    command = [sys.executable, "-m", "llama_cpp.server", "--model", model, "--port", port, "--n_ctx", context]
    process = subprocess.Popen(
        [*map(str, command)],
        env={**os.environ, "PYTHONPATH": str(PYTHON_SERVER)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_ready(port, process, path="/v1/models")
        yield Real(port, process)
    finally:
        process.kill()
        process.wait()
