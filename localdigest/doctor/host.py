"""What a machine is, as far as installing and running llama.cpp goes: values, found by `gather.py`."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Host", "Nvidia", "parse_nvidia"]

#: Older drivers write `CUDA Version`, newer ones `CUDA UMD Version`.
_CUDA = re.compile(r"CUDA (?:UMD )?Version\s*:\s*(\d+)\.(\d+)")
_CAPABILITY = re.compile(r"(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Nvidia:
    """What `nvidia-smi` says. Empty where it does not say."""

    names: tuple[str, ...] = ()
    driver: str = ""
    cuda: tuple[int, int] = (0, 0)  #: the newest that the driver runs
    capability: tuple[int, int] = (0, 0)  #: of the oldest of the cards


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    system: str  #: Linux, Darwin, Windows
    arch: str  #: x86_64, arm64, or as Python has it
    bits: int = 64  #: of the Python that runs this
    python: str = "python"  #: the interpreter that is to get the libraries, as a shell calls it
    python_version: str = ""
    libc: str = ""  #: glibc, musl; "": not Linux
    libc_version: tuple[int, ...] = ()
    cpu_flags: frozenset[str] | None = None  #: as Linux spells them; None: the system does not say
    tools: frozenset[str] = frozenset()  #: programs and modules that are there, of those that matter
    has_compiler: bool = False  #: for C++
    nvidia: Nvidia | None = None  #: a card is there, or its driver is
    nodes: frozenset[str] = frozenset()  #: device files of graphics: dri, kfd
    cuda_runtimes: tuple[int, ...] = ()  #: major versions of CUDA whose libraries are installed
    bindings: str = ""  #: version of llama-cpp-python that is installed; "": none

    @property
    def is_apple(self) -> bool:
        return self.system == "Darwin" and self.arch == "arm64"

    @property
    def title(self) -> str:
        libc = ".".join(map(str, self.libc_version))
        return " ".join(filter(None, (self.system, self.arch, self.libc, libc)))


def parse_nvidia(screen: str, rows: str) -> Nvidia:
    """What `nvidia-smi` prints by itself, and for `--query-gpu=name,driver_version,compute_cap`."""
    cards = [[cell.strip() for cell in line.split(",")] for line in rows.splitlines() if line.count(",") >= 2]  # noqa: PLR2004 - three columns
    cuda = _CUDA.search(screen)
    found = (_CAPABILITY.fullmatch(card[-1]) for card in cards)
    capabilities = [(int(match[1]), int(match[2])) for match in found if match]
    return Nvidia(
        names=tuple(", ".join(card[:-2]) for card in cards),
        driver=cards[0][-2] if cards else "",
        cuda=(int(cuda[1]), int(cuda[2])) if cuda else (0, 0),
        capability=min(capabilities, default=(0, 0)),
    )
