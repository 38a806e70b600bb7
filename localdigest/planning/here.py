"""The machine that a plan is for: this one, as measured, or another one, as told.

--ram, --vram ─┐
this machine  ─┴─▶ Here(Machine of the planner, what is known of it and how)
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from localdigest.engine.errors import BackendError
from localdigest.engine.estimate import assumed_cpu, assumed_gpu
from localdigest.engine.machine import available_ram, measure_bandwidth, usable_cores
from localdigest.engine.offload import Machine
from localdigest.engine.probe import probe

if TYPE_CHECKING:
    from localdigest.engine.devices import Probe, Speed

__all__ = ["Here", "look_here"]

#: Of a copy's bytes a decoding core reaches so much: it only reads, and works on what it reads.
READ_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Here:
    """A machine, and how well it is known."""

    machine: Machine
    gpu_name: str = ""  #: "": there is none, or it is only told of
    cpu_measured: bool = False  #: by multiplying weights, as llama.cpp does
    gpu_measured: bool = False
    notes: tuple[str, ...] = ()

    @property
    def speeds(self) -> str:
        """How the speeds are known."""
        measured = self.cpu_measured and (self.gpu_measured or not self.machine.gpu_bytes)
        return "measured" if measured else "assumed"


def look_here(*, ram_bytes: int | None = None, vram_bytes: int | None = None, measure: bool = True) -> Here:
    """This machine, but for what is told.

    Args:
        ram_bytes: RAM that may be used; None: what is available here.
        vram_bytes: memory of a GPU; 0: none is to be used; None: what is free here.
        measure: take two seconds to measure how fast it is; else speeds are assumed.
    """
    found, notes = _probed(speed=measure)
    gpu = found.gpus[0] if found and found.gpus else None
    speed = found.speed_of("CPU") if found else None
    cpu = speed or _assumed_cpu(measure=measure)
    gpu_bytes = vram_bytes if vram_bytes is not None else (gpu.free_bytes if gpu else 0)
    card = found.speed_of(gpu.name) if found and gpu and gpu_bytes else None
    return Here(
        machine=Machine(
            ram_bytes=ram_bytes if ram_bytes is not None else available_ram(),
            cpu=cpu,
            gpu_bytes=gpu_bytes,
            gpu=(card or assumed_gpu()) if gpu_bytes else None,
            gpu_host_memory=gpu.fetches_from_ram if gpu else True,
        ),
        gpu_name=gpu.name if gpu and gpu_bytes else "",
        cpu_measured=speed is not None,
        gpu_measured=card is not None,
        notes=notes,
    )


def _probed(*, speed: bool) -> tuple[Probe | None, tuple[str, ...]]:
    if find_spec("llama_cpp") is None:
        return None, ("llama.cpp is not installed: GPUs were not looked for, and speeds are assumed.",)
    try:
        found = probe(speed=speed)
    except BackendError as error:
        return None, (f"{error.message} GPUs were not looked for, and speeds are assumed.",)
    return found, found.problems


def _assumed_cpu(*, measure: bool) -> Speed | None:
    """From how fast memory can be copied; None where that was not to be measured."""
    if not measure:
        return None
    cores = usable_cores()
    return assumed_cpu(READ_SHARE * measure_bandwidth(cores), num_cores=cores)
