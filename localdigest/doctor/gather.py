"""Asks the system what it is and has: the rim of the doctor. What it does not do: judge."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from localdigest.doctor.host import Host, Nvidia, parse_nvidia
from localdigest.doctor.machine_checks import FONT_FILES, Cores, Fonts, Memory, Sandbox
from localdigest.engine.machine import available_ram, usable_cores

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localdigest.doctor.system import System

__all__ = [
    "look_at_cores",
    "look_at_fonts",
    "look_at_host",
    "look_at_memory",
    "look_at_sandbox",
    "proxies",
    "version_of",
]

_TOOLS = ("nvcc", "hipcc", "glslc", "vulkaninfo", "uv", "apt", "dnf", "apk", "pacman", "zypper")
_COMPILERS = ("c++", "g++", "clang++", "cl")
_MAC_COMPILERS = ("Library/Developer/CommandLineTools", "Applications/Xcode.app")
_ARCHES = {"amd64": "x86_64", "x64": "x86_64", "aarch64": "arm64"}
_RUNTIME_PLACES = (
    "usr/local/cuda*/lib64", "usr/local/cuda*/targets/*/lib", "usr/lib64", "usr/lib/*-linux-gnu", "opt/cuda/lib64",
)  # fmt: skip
_FONT_PLACES = (
    "usr/share/fonts", "usr/local/share/fonts", "System/Library/Fonts", "Library/Fonts", "Windows/Fonts",
)  # fmt: skip
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_SHOWN = 3
_NOWHERE = Path("/nonexistent")


# ── what is installed ────────────────────────────────────────────────────────


def look_at_host(system: System, *, bindings: str) -> Host:
    """The machine and the Python that runs this; `bindings` is the version of llama-cpp-python, "" for none."""
    libc, libc_version = _libc(system)
    tools = {tool for tool in _TOOLS if system.which(tool)} | ({"pip"} if find_spec("pip") else set())
    if (system.root / "opt/rocm/bin/hipcc").exists():
        tools.add("hipcc")
    return Host(
        system=system.name,
        arch=_ARCHES.get(system.arch.lower(), system.arch.lower()),
        bits=64 if sys.maxsize > 1 << 32 else 32,
        python=sys.executable or "python",
        python_version=platform.python_version(),
        libc=libc,
        libc_version=libc_version,
        cpu_flags=_cpu_flags(system),
        tools=frozenset(tools),
        has_compiler=_has_compiler(system),
        nvidia=_nvidia(system),
        nodes=frozenset(node for node in ("dri", "kfd") if (system.root / "dev" / node).exists()),
        cuda_runtimes=_cuda_runtimes(system),
        bindings=bindings,
    )


def version_of(distribution: str) -> str:
    """Of an installed package; "": it is not."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def _libc(system: System) -> tuple[str, tuple[int, ...]]:
    if system.name != "Linux":
        return "", ()
    if system.files(("lib", "usr/lib"), "ld-musl-*"):
        return "musl", ()
    name, _, version = system.libc().partition(" ")
    return name or "glibc", tuple(int(part) for part in version.split(".") if part.isdigit())


def _cpu_flags(system: System) -> frozenset[str] | None:
    words: set[str] = set()
    for line in system.read("proc/cpuinfo").splitlines():
        key, _, value = line.partition(":")
        if key.strip().lower() in ("flags", "features"):
            words |= set(value.split())
    return frozenset(words) or None


def _has_compiler(system: System) -> bool:
    if system.name == "Darwin":  # /usr/bin/c++ is there even without a compiler: it offers to install one
        return any((system.root / place).exists() for place in _MAC_COMPILERS)
    if system.name == "Windows":  # the compiler is on no PATH but its own shell's
        programs = system.environment.get("ProgramFiles(x86)", "")
        if programs and (Path(programs) / "Microsoft Visual Studio" / "Installer" / "vswhere.exe").exists():
            return True
    return any(system.which(compiler) for compiler in _COMPILERS)


def _nvidia(system: System) -> Nvidia | None:
    if smi := system.which("nvidia-smi"):
        rows = system.run((smi, "--query-gpu=name,driver_version,compute_cap", "--format=csv,noheader"))
        if rows:
            return parse_nvidia(system.run((smi,)), rows)
    return Nvidia() if (system.root / "dev/nvidia0").exists() else None


def _cuda_runtimes(system: System) -> tuple[int, ...]:
    if system.name == "Windows":
        folders = [Path(folder) for folder in system.environment.get("PATH", "").split(";") if folder]
        names = [path.name for folder in folders for path in folder.glob("cudart64_*.dll")]
        majors = {name.removeprefix("cudart64_").removesuffix(".dll")[:2] for name in names}
    else:
        own = [Path(folder) for folder in system.environment.get("LD_LIBRARY_PATH", "").split(":") if folder]
        paths = system.files(_RUNTIME_PLACES, "libcudart.so.*")
        paths += [path for folder in own for path in folder.glob("libcudart.so.*")]
        majors = {path.name.removeprefix("libcudart.so.").split(".")[0] for path in paths}
    return tuple(sorted(int(major) for major in majors if major.isdigit()))


# ── what the machine gives ───────────────────────────────────────────────────


def look_at_cores(system: System) -> Cores:
    groups = system.root / "sys/fs/cgroup"
    return Cores(
        logical=os.cpu_count() or 1,
        physical=usable_cores(proc=system.proc, cgroups=_NOWHERE),
        usable=usable_cores(proc=system.proc, cgroups=groups),
    )


def look_at_memory(system: System, *, least_need: int = 0, least_name: str = "") -> Memory:
    lines = (line.replace(":", "").split() for line in system.read("proc/meminfo").splitlines())
    kilobytes = {words[0]: int(words[1]) for words in lines if words[1:] and words[1].isdigit()}
    return Memory(
        total=1024 * kilobytes.get("MemTotal", 0),
        available=available_ram(proc=system.proc, cgroups=_NOWHERE),
        within_group=available_ram(proc=system.proc, cgroups=system.root / "sys/fs/cgroup"),
        swap=1024 * kilobytes.get("SwapTotal", 0),
        least_need=least_need,
        least_name=least_name,
    )


def look_at_sandbox(system: System) -> Sandbox:
    parser, model = system.parser_jail(), system.model_jail()
    if system.name != "Linux":
        return Sandbox(system.name, parser, model)
    most = system.read("proc/sys/user/max_user_namespaces").strip()
    # Debian and Ubuntu have switches of their own that take them from unprivileged users.
    closed = (
        system.read("proc/sys/kernel/unprivileged_userns_clone").strip() == "0"
        or system.read("proc/sys/kernel/apparmor_restrict_unprivileged_userns").strip() == "1"
    )
    return Sandbox(
        "Linux",
        parser,
        model,
        seccomp="errno" in system.read("proc/sys/kernel/seccomp/actions_avail").split(),
        namespaces=most.isdigit() and int(most) > 0 and not closed,
        landlock=system.landlock(),
    )


def look_at_fonts(system: System) -> Fonts:
    if asked := system.which("fc-list"):
        listed = system.run((asked, ":lang=zh-tw", "family"))
        families = sorted({line.split(",")[0].strip() for line in listed.splitlines() if line.strip()})
        return Fonts(tuple(families[:_SHOWN]), "asked fc-list")
    home = Path(system.environment.get("HOME", "") or "/nonexistent")
    own = (home / ".fonts", home / ".local/share/fonts", home / "Library/Fonts")
    folders = [*(system.root / place for place in _FONT_PLACES), *own]
    if windows := system.environment.get("SystemRoot"):
        folders.append(Path(windows) / "Fonts")
    names = sorted({path.stem for folder in folders for path in folder.rglob("*") if _is_chinese(path.name)})
    return Fonts(tuple(names[:_SHOWN]), "looked into the usual folders")


def _is_chinese(name: str) -> bool:
    plain = name.lower()
    return plain.endswith((".ttf", ".ttc", ".otf", ".otc")) and plain.replace(" ", "").startswith(
        tuple(start.replace(" ", "") for start in FONT_FILES)
    )


def proxies(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the variables that are set, as they are spelled there."""
    return tuple(sorted(name for name, value in environment.items() if name.upper() in _PROXIES and value))
