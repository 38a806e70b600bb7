"""What llama.cpp was built with and can compute on, asked in a process of its own: loading it can crash, or take a GPU.

    probe(speed=True) ─▶ python -m localdigest.engine.probe --speed ─ JSON ─▶ Probe

A CPU that lacks what the library was built for ends the child with SIGILL: that is an answer too.
"""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import asdict
from typing import Any

from localdigest.engine.ask import ask, last_line
from localdigest.engine.devices import Build, Device, DeviceKind, Probe, Rates, Speed
from localdigest.engine.errors import BackendError
from localdigest.engine.machine import usable_cores

__all__ = ["probe"]

LIMIT_SECONDS = 120.0  #: the first use of a GPU can compile kernels


def probe(*, speed: bool = False, limit_seconds: float = LIMIT_SECONDS) -> Probe:
    """Ask llama.cpp in a child. Without `speed` it takes a fraction of a second.

    Raises:
        BackendError: llama.cpp cannot be loaded here, with the likely cause.
    """
    arguments = ("--speed",) if speed else ()
    done = ask("localdigest.engine.probe", *arguments, limit_seconds=limit_seconds, hint="Is a GPU's driver stuck?")
    if done.returncode:
        raise _why(done.returncode, done.stderr)
    return _decode(done.stdout)


def _why(code: int, log: str) -> BackendError:
    last = last_line(log)
    if code == -signal.SIGILL:
        return BackendError(
            "llama.cpp was built for a CPU with features that this one lacks.",
            hint="`localdigest doctor` gives the command for a build of your own.",
        )
    if code < 0:
        return BackendError(f"llama.cpp ended with signal {-code} as it was loaded: {last}", hint="Install it anew.")
    return BackendError(f"llama.cpp cannot be loaded: {last}", hint="`localdigest doctor` tells how to install it.")


def _decode(text: str) -> Probe:
    answer = json.loads(text)
    return Probe(
        build=Build(**answer["build"]),
        devices=tuple(Device(**{**device, "kind": DeviceKind(device["kind"])}) for device in answer["devices"]),
        speeds=tuple(
            Speed(**{**speed, "dense": Rates(**speed["dense"]), "experts": Rates(**speed["experts"])})
            for speed in answer["speeds"]
        ),
        problems=tuple(answer["problems"]),
    )


def main() -> None:
    """The child: finds out, prints JSON."""
    from localdigest.engine.ggml import build, devices  # noqa: PLC0415 - loads llama.cpp
    from localdigest.engine.speed import measure  # noqa: PLC0415 - loads llama.cpp

    found, speeds, problems = devices(), [], []
    if "--speed" in sys.argv[1:]:
        for device in found:
            if device.kind in (DeviceKind.CPU, DeviceKind.GPU, DeviceKind.IGPU):
                try:
                    speeds.append(measure(device, num_threads=usable_cores()))
                except (OSError, MemoryError) as error:
                    problems.append(f"{device.name}: {error}")
    answer: dict[str, Any] = {
        "build": asdict(build()),
        "devices": [asdict(device) for device in found],
        "speeds": [asdict(speed) for speed in speeds],
        "problems": problems,
    }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
