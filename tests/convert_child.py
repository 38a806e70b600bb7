"""Converts files in processes that end in ways that a test's own process cannot. Run by tests; see `Converter`.

Reads an order a line from stdin, as JSON, forks for each, and answers with a line.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

REPOSITORY = Path(__file__).parent.parent
sys.path.insert(0, str(REPOSITORY))


class Converter:
    """The process that forks, seen from the test."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(
            [*command, sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.communicate(timeout=60)

    def __call__(self, source: Path, target: Path, **order: Any) -> dict[str, Any]:
        """How the conversion went.

        Args:
            source: Converted …
            target: … to this.
            order: `kill_at_bytes`, `kill_at_event`: end by SIGKILL there. `file_limit`: bytes that a file may have.
                `filler`: [path, bytes, at_bytes], a file that is made meanwhile. `unlink`: a file that is removed
                before. `convert`: keywords of `convert`.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"source": str(source), "target": str(target), **order}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


def main() -> None:
    from localdigest.hub import convert  # noqa: F401, PLC0415 - once, for all that are forked

    for line in sys.stdin:
        read, write = os.pipe()
        if not (child := os.fork()):
            os.close(read)
            try:
                answer = run(json.loads(line))
            except BaseException as error:  # noqa: BLE001 - whatever it is, the test wants to see it
                answer = {"error": repr(error), "kind": type(error).__name__, "hint": getattr(error, "hint", "")}
            os.write(write, json.dumps(answer).encode())
            os._exit(0)
        os.close(write)
        with open(read, "rb") as pipe:  # noqa: PTH123 - a descriptor
            answer = json.loads(pipe.read() or b"{}")
        _, status = os.waitpid(child, 0)
        answer["killed"] = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print(json.dumps(answer), flush=True)  # noqa: T201 - the answer


def run(order: dict[str, Any]) -> dict[str, Any]:
    from localdigest.hub.convert import convert  # noqa: PLC0415 - loaded before the fork

    if "unlink" in order:
        Path(order["unlink"]).unlink()
    if "file_limit" in order:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["file_limit"], resource.RLIM_INFINITY))
    seen: list[int] = []

    def on_progress(num_bytes: int, total: int) -> None:
        assert num_bytes <= total
        seen.append(num_bytes)
        if num_bytes >= order.get("kill_at_bytes", total + 1):
            os.kill(os.getpid(), signal.SIGKILL)
        if (filler := order.get("filler")) and num_bytes >= filler[2]:
            with suppress(OSError), Path(filler[0]).open("ab", buffering=0) as file:
                while file.tell() < filler[1]:
                    file.write(bytes(1 << 16))

    if "kill_at_event" in order:
        kill_at_event(order["kill_at_event"])
    convert(Path(order["source"]), Path(order["target"]), on_progress=on_progress, **order.get("convert", {}))
    return {"kept": seen[0], "calls": len(seen), "peak_bytes": peak_bytes()}


def kill_at_event(number: int) -> None:
    """Before the so-manyeth opening, renaming, cutting or removing of a file."""
    left = number

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if event in ("open", "os.rename", "os.truncate", "os.remove", "tempfile.mkstemp") and arguments:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def peak_bytes() -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main()
