"""ggml as llama.cpp has it open: its functions by name, and the devices that it can compute on.

    function("ggml_backend_dev_count", c_size_t)() ─▶ devices() ─▶ Device(name, kind, free and total bytes, …)

Symbols come from the library that llama_cpp itself has open. Opening libggml by its path maps a second copy, whose
buffer types are other pointers, and overrides silently lose the repacked weights.
"""

from __future__ import annotations

import ctypes
from typing import Any

import llama_cpp
import llama_cpp.llama_cpp as llama

from localdigest.engine.devices import Build, Device, DeviceKind
from localdigest.engine.tiles import refuse_tiles

refuse_tiles()

__all__ = ["POINTER", "build", "devices", "function"]

POINTER = ctypes.c_void_p


class _Capabilities(ctypes.Structure):
    """`ggml_backend_dev_caps`."""

    _fields_ = tuple(
        (name, ctypes.c_bool) for name in ("asynchronous", "host_buffer", "from_host_pointer", "events", "mmap")
    )


class _Properties(ctypes.Structure):
    """`ggml_backend_dev_props`."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("description", ctypes.c_char_p),
        ("free_bytes", ctypes.c_size_t),
        ("total_bytes", ctypes.c_size_t),
        ("kind", ctypes.c_int),
        ("identity", ctypes.c_char_p),
        ("capabilities", _Capabilities),
    )


def function(name: str, result: Any, *arguments: Any) -> Any:
    """A function of ggml, with its types."""
    found = llama._lib[name]  # noqa: SLF001 - the one copy of ggml that llama.cpp itself uses
    found.restype, found.argtypes = result, arguments
    return found


def devices() -> tuple[Device, ...]:
    """All that there are, in ggml's order."""
    llama.llama_backend_init()
    get = function("ggml_backend_dev_get", POINTER, ctypes.c_size_t)
    return tuple(_device(get(number)) for number in range(function("ggml_backend_dev_count", ctypes.c_size_t)()))


def build() -> Build:
    return Build(
        bindings=llama_cpp.__version__,
        features=llama.llama_print_system_info().decode("utf-8", "replace").strip(),
        offloads=bool(llama.llama_supports_gpu_offload()),
    )


def _device(handle: int) -> Device:
    found = _Properties()
    function("ggml_backend_dev_get_props", None, POINTER, ctypes.POINTER(_Properties))(handle, ctypes.byref(found))
    kind = DeviceKind(found.kind)
    return Device(
        name=_text(found.name),
        description=_text(found.description),
        kind=kind,
        free_bytes=found.free_bytes,
        total_bytes=found.total_bytes,
        fetches_from_ram=kind in (DeviceKind.GPU, DeviceKind.IGPU) and found.capabilities.host_buffer,
    )


def _text(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "replace")
