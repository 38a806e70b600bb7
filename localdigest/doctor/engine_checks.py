"""llama.cpp on this machine: is it there, does it load, does it use what CPU and GPUs can do. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.doctor.check import Check, Status
from localdigest.doctor.install import engine_commands, install_commands, missing_features
from localdigest.doctor.wheels import BINDINGS

if TYPE_CHECKING:
    from localdigest.doctor.host import Host
    from localdigest.doctor.install import Command
    from localdigest.engine.devices import Device, Probe

__all__ = ["Engine", "check_cpu", "check_engine", "check_gpus", "command_hint", "without_engine"]

#: What llama.cpp calls a feature → what Linux calls it. The first four make a model several times as fast.
_MANY_TIMES = {"AVX2": "avx2", "FMA": "fma", "F16C": "f16c", "DOTPROD": "asimddp"}
_SOMEWHAT = {
    "AVX": "avx",
    "BMI2": "bmi2",
    "AVX_VNNI": "avx_vnni",
    "AVX512": "avx512f",
    "AVX512_VBMI": "avx512vbmi",
    "AVX512_VNNI": "avx512_vnni",
    "AVX512_BF16": "avx512_bf16",
    "AMX_INT8": "amx_int8",
    "MATMUL_INT8": "i8mm",
    "SVE": "sve",
}
_FEATURES = {**_MANY_TIMES, **_SOMEWHAT}
_USED = re.compile(r"\b([A-Z][A-Z0-9_]*) = (\d+)")
_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Engine:
    """What was found of llama.cpp."""

    missing: tuple[str, ...] = ()  #: libraries of the engine that are not installed
    probe: Probe | None = None  #: None: not installed, or it does not load
    error: str = ""  #: why it does not load
    hint: str = ""


def check_engine(engine: Engine, host: Host) -> Check:
    if engine.missing:
        return Check(
            "llama.cpp",
            Status.NOTE,
            f"not installed ({', '.join(engine.missing)}); the built-in writer needs none",
            f"To run models:\n{command_hint(engine_commands(host, engine.missing))}",
        )
    if engine.probe is None:
        builds = [command for command in install_commands(host) if command.origin == "source"]
        hint = f"A build for this machine:\n{command_hint(tuple(builds))}" if builds else engine.hint
        return Check("llama.cpp", Status.FAILED, engine.error, hint)
    build = engine.probe.build
    kind = "uses GPUs" if build.offloads else "for the CPU only"
    found = f"llama-cpp-python {build.bindings}, {kind}"
    if build.bindings != BINDINGS:
        return Check("llama.cpp", Status.NOTE, f"{found}; the engine was tested with {BINDINGS}")
    return Check("llama.cpp", Status.OK, found)


def check_cpu(engine: Engine, host: Host) -> Check:
    """The features of the processor against those that the build uses, or that the ready wheels would."""
    if host.cpu_flags is None:
        return Check("cpu features", Status.OK, "the system does not list them")
    if engine.probe is None:
        return _without_build(host, host.cpu_flags)
    return _with_build(engine.probe.build.features, host, host.cpu_flags)


def check_gpus(engine: Engine, host: Host) -> Check:
    there = _hardware(host)
    if engine.probe is not None and engine.probe.gpus:
        return Check("gpu", Status.OK, "; ".join(_device(gpu) for gpu in engine.probe.gpus))
    if not there:
        return Check("gpu", Status.OK, "none found: models run on the CPU")
    commands = tuple(command for command in install_commands(host) if command.backend != "cpu")
    hint = f"A build that uses it:\n{command_hint(commands)}" if commands else ""
    # A graphics device alone may be a virtual one, or slower than the CPU: an offer, no warning.
    status = Status.WARNING if host.nvidia or "kfd" in host.nodes or host.is_apple else Status.NOTE
    if engine.missing:
        return Check("gpu", Status.NOTE, f"{there}; llama.cpp is not installed")
    if engine.probe is not None and engine.probe.build.offloads:
        why = "Check that its driver is loaded, fits the build, and that this user may open it."
        return Check("gpu", status, f"{there}, but llama.cpp, which can use GPUs, finds none", why)
    if engine.probe is None:
        return Check("gpu", Status.NOTE, f"{there}; llama.cpp does not load")
    return Check("gpu", status, f"{there}, and this build of llama.cpp is for the CPU only", hint)


def command_hint(commands: tuple[Command, ...], *, most: int = 2) -> str:
    """The best commands, each with what it needs first and what is to be known about it."""
    lines = []
    for number, command in enumerate(commands[:most]):
        lead = "" if number == 0 else "or "
        kind = "ready-made" if command.origin == "wheel" else "built here"
        lines.append(f"{lead}{kind}{_NAMES[command.backend]}:")
        lines += [f"  first {need}" for need in command.needs]
        lines.append(f"    {command.text}")
        if command.note:
            lines.append(f"  {command.note}")
    return "\n".join(lines)


def without_engine(missing: tuple[str, ...], host: Host) -> tuple[str, str]:
    """For whoever asks for a model where the engine is not installed: what is wrong, and what to do, in one screen."""
    names = " and ".join(filter(None, (", ".join(missing[:-1]), missing[-1])))
    machine = ", ".join(filter(None, (host.title, _hardware(host))))
    lines = (
        "That is an extra: the built-in writer needs no model, and llama.cpp is built for each kind of machine apart.",
        f"For this one ({machine}):",
        command_hint(engine_commands(host, missing)),
        "`localdigest doctor` looks at everything else. Without `--model` the built-in writer writes the digest.",
    )
    return f"Running a model needs {names}, which this installation came without.", "\n".join(lines)


_NAMES = {
    "": "",
    "cpu": ", for the CPU",
    "cuda": ", for CUDA",
    "metal": ", for Metal",
    "vulkan": ", for Vulkan",
    "rocm": ", for ROCm",
}


def _with_build(features: str, host: Host, flags: frozenset[str]) -> Check:
    used = {name for name, value in _USED.findall(features) if value != "0"}
    if not used:
        return Check("cpu features", Status.OK, "llama.cpp does not say what it uses")
    if lacking := [name for name, flag in _FEATURES.items() if name in used and flag not in flags]:
        found = f"llama.cpp uses {', '.join(lacking)}, which this processor lacks: it will crash"
        return Check("cpu features", Status.FAILED, found, _build_hint(host))
    here = ", ".join(name for name in _FEATURES if name in used) or "none that is known"
    idle = [name for name, flag in _FEATURES.items() if name not in used and flag in flags]
    if slow := [name for name in idle if name in _MANY_TIMES]:
        found = f"llama.cpp uses {here}, and leaves {', '.join(slow)} unused: several times slower on the CPU"
        return Check("cpu features", Status.WARNING, found, _build_hint(host))
    if idle:
        found = f"llama.cpp uses {here}; this processor also has {', '.join(idle)}"
        return Check("cpu features", Status.NOTE, found, _build_hint(host))
    return Check("cpu features", Status.OK, f"llama.cpp uses all that it can: {here}")


def _without_build(host: Host, flags: frozenset[str]) -> Check:
    if lacking := missing_features(host):
        names = ", ".join(name.upper() for name in lacking)
        found = f"this processor lacks {names}, which the ready builds of llama.cpp use"
        return Check("cpu features", Status.NOTE, found, "Build llama.cpp here; it will be slow.")
    here = ", ".join(name for name, flag in _FEATURES.items() if flag in flags)
    return Check("cpu features", Status.OK, here or "none that llama.cpp knows")


def _build_hint(host: Host) -> str:
    """A source build for the backend that is best here: only that one knows the processor."""
    builds = tuple(command for command in install_commands(host) if command.origin == "source")
    return f"A build for this processor:\n{command_hint(builds, most=1)}"


def _hardware(host: Host) -> str:
    if host.nvidia is not None:
        return "NVIDIA " + (", ".join(host.nvidia.names).replace("NVIDIA ", "") or "card")
    if "kfd" in host.nodes:
        return "an AMD card with its compute driver"
    if host.is_apple:
        return "Apple's GPU"
    return "a graphics device (/dev/dri)" if "dri" in host.nodes else ""


def _device(gpu: Device) -> str:
    memory = f", {gpu.free_bytes / _GIB:.1f} of {gpu.total_bytes / _GIB:.1f} GiB free" if gpu.total_bytes else ""
    return f"{gpu.name}: {gpu.description}{memory}"
