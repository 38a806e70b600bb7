"""The exact commands that install llama.cpp on a machine, the best first. Pure: facts in, commands out.

    Host ─▶ backends worth having ─▶ for each: a wheel where there is one, a source build ─▶ Commands

What it does not do: run them, or ask the index what it holds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from localdigest.doctor.wheels import BINDINGS, CPU_FEATURES, INDEX, LIBRARIES, wheels_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from localdigest.doctor.host import Host
    from localdigest.doctor.wheels import Wheel

__all__ = ["Command", "engine_commands", "install_commands", "missing_features"]

_PACKAGE = "llama-cpp-python"
_OPTIONS = {
    # `native`: code for the card that is here, and none for the dozen others.
    "cuda": "-DGGML_CUDA=on -DCMAKE_CUDA_ARCHITECTURES=native",
    "metal": "-DGGML_METAL=on",
    "vulkan": "-DGGML_VULKAN=on",
    "rocm": "-DGGML_HIP=on",
    "cpu": "",
}
_ROCM_COMPILER = 'HIPCXX="$(hipconfig -l)/clang" HIP_PATH="$(hipconfig -R)" '
_MINUTES = "Compiling takes 10 to 25 minutes on two cores, less on more; it says nothing meanwhile."
_MINUTES_GPU = "Compiling for a GPU takes longer, up to an hour on few cores; it says nothing meanwhile."

#: Package manager → how it installs a compiler for C++.
_COMPILERS = {
    "apt": "sudo apt install build-essential",
    "dnf": "sudo dnf install gcc-c++ make",
    "apk": "sudo apk add build-base linux-headers",
    "pacman": "sudo pacman -S base-devel",
    "zypper": "sudo zypper install gcc-c++ make",
}
_COMPILER_MAC = "xcode-select --install"
_COMPILER_WINDOWS = (
    "winget install Microsoft.VisualStudio.2022.BuildTools --override "
    '"--wait --passive --add Microsoft.VisualStudio.Workload.VCTools --includeRecommended"'
)


@dataclass(frozen=True, slots=True)
class Command:
    """One line for a shell: sh, or PowerShell on Windows."""

    backend: str  #: cpu, cuda, metal, vulkan, rocm; "": of the libraries beside llama.cpp
    origin: str  #: wheel, source
    text: str
    needs: tuple[str, ...] = ()  #: what is missing here, and how to get it
    note: str = ""


def install_commands(host: Host) -> tuple[Command, ...]:
    """Every way that makes sense on the machine: that of its GPU first, that of the CPU last.

    Of two ways to one backend the wheel comes first, but for CUDA where all that a build needs is there: its wheels
    leave the CPU's vector units unused, and experts in RAM are computed on the CPU.
    """
    wheels = wheels_for(host)
    found: list[Command] = []
    for backend in _backends(host):
        ready = [_from_wheel(wheel, host) for wheel in wheels if wheel.backend == backend and _runs(wheel, host)]
        build = _from_source(backend, host)
        pair = [*ready, *([build] if build else [])]
        if backend == "cuda" and build and not build.needs:
            pair.reverse()
        found += pair
    if host.bindings:
        # Its version may be the same and its backend another: pip would take it for installed.
        removed = f"the build that is here has to go: `{_pip(host, 'uninstall')}`"
        found = [replace(command, needs=(removed, *command.needs)) for command in found]
    return tuple(found)


def engine_commands(host: Host, missing: Collection[str]) -> tuple[Command, ...]:
    """What installs those of the engine's libraries that are missing, by the names that Python imports."""
    if "llama_cpp" in missing:
        return install_commands(host)
    libraries = [library for library in LIBRARIES if library.partition(">")[0] in missing]
    return (Command("", "wheel", f"{_pip(host, 'install')} {_quoted(libraries)}"),)


def missing_features(host: Host) -> tuple[str, ...]:
    """Of what the wheels for the CPU use, what this one lacks."""
    if host.arch != "x86_64" or host.cpu_flags is None:
        return ()
    return tuple(name for name in CPU_FEATURES if name not in host.cpu_flags)


def _compiler(host: Host) -> str:
    if host.system == "Darwin":
        return f"a C++ compiler: `{_COMPILER_MAC}`"
    if host.system == "Windows":
        return f"a C++ compiler: `{_COMPILER_WINDOWS}`"
    known = next((command for manager, command in _COMPILERS.items() if manager in host.tools), "")
    return f"a C++ compiler: `{known}`" if known else "a C++ compiler: gcc or clang"


def _pip(host: Host, action: str) -> str:
    """How packages are put into this Python, or taken out of it; one that uv made has no pip."""
    python = f'"{host.python}"' if " " in host.python else host.python
    what = f" {_PACKAGE}" if action == "uninstall" else ""
    if "pip" not in host.tools and "uv" in host.tools:
        return f"uv pip {action} --python {python}{what}"
    call = "& " if host.system == "Windows" and python.startswith('"') else ""
    return f"{call}{python} -m pip {action}{' --yes' if what else ''}{what}"


def _backends(host: Host) -> tuple[str, ...]:
    if host.is_apple:
        return ("metal",)  # the same build computes on the CPU too
    graphics = []
    if host.nvidia is not None:
        graphics.append("cuda")
    if "kfd" in host.nodes or "hipcc" in host.tools:
        graphics.append("rocm")
    if graphics or "dri" in host.nodes or "vulkaninfo" in host.tools:
        graphics.append("vulkan")
    return (*graphics, "cpu")


def _runs(wheel: Wheel, host: Host) -> bool:
    """CUDA's and ROCm's are built without the newer features, the others with them."""
    return wheel.backend in ("cuda", "rocm") or not missing_features(host)


def _from_wheel(wheel: Wheel, host: Host) -> Command:
    text = f"{_install(host)} --only-binary {_PACKAGE} --extra-index-url {INDEX}/{wheel.tag}"
    needs: tuple[str, ...] = ()
    if wheel.backend == "cuda" and (major := int(wheel.tag[2:4])) not in host.cuda_runtimes:
        needs = (f"the libraries of CUDA {major} (of NVIDIA's toolkit), which the wheel does not bring",)
    return Command(wheel.backend, "wheel", text, needs, wheel.note)


def _from_source(backend: str, host: Host) -> Command | None:
    if backend == "rocm" and host.system != "Linux":
        return None
    needs = [] if host.has_compiler else [_compiler(host)]
    needs += _toolkit(backend, host)
    options = _OPTIONS[backend]
    install = f"{_install(host)} --no-cache-dir --no-binary {_PACKAGE}"
    if not options:
        text = install
    elif host.system == "Windows":
        text = f'$env:CMAKE_ARGS = "{options}"; {install}'
    else:
        text = f'{_ROCM_COMPILER if backend == "rocm" else ""}CMAKE_ARGS="{options}" {install}'
    note = _MINUTES if backend in ("cpu", "metal") else _MINUTES_GPU
    return Command(backend, "source", text, tuple(needs), note)


def _toolkit(backend: str, host: Host) -> list[str]:
    if backend == "cuda" and "nvcc" not in host.tools:
        return ["NVIDIA's CUDA toolkit with nvcc on the PATH, no newer than the driver" + _driver(host)]
    if backend == "vulkan" and "glslc" not in host.tools:
        return ["the Vulkan SDK: its headers, and glslc on the PATH"]
    if backend == "rocm" and "hipcc" not in host.tools:
        return ["AMD's ROCm with hipcc and hipconfig on the PATH"]
    return []


def _driver(host: Host) -> str:
    cuda = host.nvidia.cuda if host.nvidia else (0, 0)
    return f" ({cuda[0]}.{cuda[1]})" if cuda > (0, 0) else ""


def _install(host: Host) -> str:
    return f"{_pip(host, 'install')} {_quoted((f'{_PACKAGE}=={BINDINGS}', *LIBRARIES))}"


def _quoted(requirements: Iterable[str]) -> str:
    """`<` and `>` mean something to every shell."""
    return " ".join(f'"{requirement}"' for requirement in requirements)
