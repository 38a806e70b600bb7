"""Which builds of llama.cpp lie ready on the index of llama-cpp-python, and what each asks of a machine.

A table of facts, taken from the project's release workflows; look at them again when `BINDINGS` changes. The index has
not every version for every backend: the commands name the version, so that one that is missing is an error at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localdigest.doctor.host import Host

__all__ = ["BINDINGS", "CPU_FEATURES", "CUDA_TAGS", "INDEX", "LIBRARIES", "Wheel", "wheels_for"]

INDEX = "https://abetlen.github.io/llama-cpp-python/whl"
#: The version that the engine was tested with. pip takes the highest version of all indexes, and PyPI's has no wheels.
BINDINGS = "0.3.36"
#: What the engine needs besides, as in pyproject.toml.
LIBRARIES = ("llguidance>=1.9,<2", "numpy>=2")

#: What the wheels for the CPU use on x86-64, as Linux spells it.
CPU_FEATURES = ("avx2", "fma", "f16c", "bmi2")

#: Tag → CUDA version, and the systems that it is built for.
CUDA_TAGS = {
    "cu118": ((11, 8), ("Linux", "Windows")),
    "cu121": ((12, 1), ("Linux",)),
    "cu122": ((12, 2), ("Linux",)),
    "cu123": ((12, 3), ("Linux",)),
    "cu124": ((12, 4), ("Linux", "Windows")),
    "cu125": ((12, 5), ("Linux", "Windows")),
    "cu130": ((13, 0), ("Linux", "Windows")),
    "cu132": ((13, 2), ("Linux", "Windows")),
}
_CUDA_GLIBC = (2, 35)
_GLIBC = (2, 17)
#: CUDA 13 no longer compiles for cards before Turing.
_CUDA_13_CAPABILITY = (7, 5)
_CUDA_13 = 13


@dataclass(frozen=True, slots=True)
class Wheel:
    backend: str  #: cpu, cuda, metal, vulkan, rocm
    tag: str  #: the last part of its index's address
    note: str = ""


_SELDOM = "Made now and then only: where this version has none, pip says so, and the source build is left."
_SLOW_EXPERTS = (
    "Its CPU part is built without AVX2 and FMA: slow where experts stay in RAM. Prefer the source build for that."
)


def wheels_for(host: Host) -> tuple[Wheel, ...]:
    """All that can run on the machine, whatever graphics it has; of CUDA the one that fits driver and libraries."""
    linux = host.system == "Linux" and _is_modern(host, _GLIBC)
    x86 = host.arch == "x86_64"
    found = []
    if host.bits != 64:  # noqa: PLR2004 - bits
        return ()
    if host.is_apple:
        found.append(Wheel("metal", "metal"))
    found += _cuda_wheels(host)[:1]
    if linux and x86 and host.libc == "glibc":
        found.append(Wheel("rocm", "rocm72", f"For the Radeon RX 7900 series (gfx1100) with ROCm 7.2. {_SELDOM}"))
    if host.system == "Windows" and x86:
        found.append(Wheel("rocm", "hip-radeon", _SELDOM))
    if x86 and ((linux and host.libc == "glibc") or host.system == "Windows"):
        found.append(Wheel("vulkan", "vulkan", _SELDOM))
    if (linux and (x86 or host.arch == "arm64")) or host.is_apple or (host.system == "Windows" and x86):
        found.append(Wheel("cpu", "cpu"))
    return tuple(found)


def _cuda_wheels(host: Host) -> list[Wheel]:
    """Those that the driver runs, the best first: of a CUDA whose libraries are installed, then the newest."""
    has_place = host.arch == "x86_64" and (
        host.system == "Windows" or (host.libc == "glibc" and _is_modern(host, _CUDA_GLIBC))
    )
    if not has_place or host.nvidia is None:
        return []
    nvidia = host.nvidia
    is_old = (0, 0) < nvidia.capability < _CUDA_13_CAPABILITY
    usable = [
        (version[0] in host.cuda_runtimes, version, tag)
        for tag, (version, systems) in CUDA_TAGS.items()
        if host.system in systems and version <= nvidia.cuda and not (is_old and version[0] >= _CUDA_13)
    ]
    return [Wheel("cuda", tag, _SLOW_EXPERTS) for _, _, tag in sorted(usable, reverse=True)]


def _is_modern(host: Host, glibc: tuple[int, int]) -> bool:
    """Musl has wheels of its own; an unknown version is taken for a new one."""
    return host.libc != "glibc" or not host.libc_version or host.libc_version >= glibc
