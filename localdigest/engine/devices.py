"""What llama.cpp can compute on, and how fast: values, found by `probe.py`, read by planners and people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from math import log

__all__ = ["BATCHES", "Build", "Device", "DeviceKind", "Probe", "Rates", "Speed"]

#: Numbers of rows that `speed.py` measures: one sequence, eight, a prompt.
BATCHES = (1, 8, 512)


class DeviceKind(IntEnum):
    """`ggml_backend_dev_type`."""

    CPU = 0
    GPU = 1  #: memory of its own
    IGPU = 2  #: a graphics unit that uses the machine's memory
    ACCEL = 3  #: helps the CPU: BLAS, AMX
    META = 4


@dataclass(frozen=True, slots=True)
class Device:
    """Something that ggml computes on. Bytes are 0 where the device does not say."""

    name: str  #: as `LoadOptions.devices` takes it: CUDA0, Vulkan0, Metal, CPU
    description: str
    kind: DeviceKind
    free_bytes: int
    total_bytes: int
    fetches_from_ram: bool  #: weights left in RAM lie where it can read them, and a prompt's products are made there


@dataclass(frozen=True, slots=True)
class Build:
    """What was compiled into llama.cpp."""

    bindings: str  #: version of llama-cpp-python
    features: str  #: llama.cpp's own line: the CPU features that it uses, and its backends
    offloads: bool  #: can use a GPU at all


@dataclass(frozen=True, slots=True)
class Rates:
    """Bytes of weights times rows a second, for each of `BATCHES`."""

    one: float
    eight: float
    many: float

    def at(self, rows: int) -> float:
        """Between the measured numbers of rows each doubling is worth the same factor."""
        first, last = BATCHES[:2] if rows <= BATCHES[1] else BATCHES[1:]
        low, high = (self.one, self.eight) if rows <= BATCHES[1] else (self.eight, self.many)
        share = log(min(max(rows, first), last) / first) / log(last / first)
        return float(low * (high / low) ** share)


@dataclass(frozen=True, slots=True)
class Speed:
    """What one device does."""

    device: str
    dense: Rates
    experts: Rates  #: of the experts used: two of eight
    fetch_bytes_per_second: float  #: from RAM into its own memory; 0: it computes in RAM


@dataclass(frozen=True, slots=True)
class Probe:
    """What there is."""

    build: Build
    devices: tuple[Device, ...]
    speeds: tuple[Speed, ...] = ()  #: of the CPU and of each GPU; empty where they were not asked for
    problems: tuple[str, ...] = ()  #: devices that could not be measured, and why

    @property
    def gpus(self) -> tuple[Device, ...]:
        return tuple(device for device in self.devices if device.kind in (DeviceKind.GPU, DeviceKind.IGPU))

    def speed_of(self, name: str) -> Speed | None:
        return next((speed for speed in self.speeds if speed.device == name), None)
