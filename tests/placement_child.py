"""Loads a model through the engine's own backend and says, as JSON, what was allocated and computed. Run by tests.

A device on the loopback is made known to llama.cpp first, where one is named: that is test code, not the engine's.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parent.parent
sys.path.insert(0, str(REPOSITORY))


def add_device(endpoint: str) -> list[str]:
    """Register the RPC server's device; returns the names of all devices."""
    import llama_cpp.llama_cpp as llama  # noqa: PLC0415 - the parent only imports names

    library = llama._lib

    def function(name: str, result: Any, *arguments: Any) -> Any:
        found = library[name]
        found.restype, found.argtypes = result, arguments
        return found

    pointer = ctypes.c_void_p
    registry = function("ggml_backend_reg_by_name", pointer, ctypes.c_char_p)(b"RPC")
    address = function("ggml_backend_reg_get_proc_address", pointer, pointer, ctypes.c_char_p)(
        registry, b"ggml_backend_rpc_add_server"
    )
    server = ctypes.CFUNCTYPE(pointer, ctypes.c_char_p)(address)(endpoint.encode())
    function("ggml_backend_register", None, pointer)(server)
    get = function("ggml_backend_dev_get", pointer, ctypes.c_size_t)
    name = function("ggml_backend_dev_name", ctypes.c_char_p, pointer)
    return [name(get(number)).decode() for number in range(function("ggml_backend_dev_count", ctypes.c_size_t)())]


def resident(field: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def main() -> None:
    asked = json.load(sys.stdin)
    devices = add_device(asked["endpoint"]) if asked.get("endpoint") else []

    from measure_child import buffers_of, memories_of  # noqa: PLC0415 - after the device

    from localdigest.engine.backend import Run  # noqa: PLC0415 - after the device
    from localdigest.engine.core import BatchEngine  # noqa: PLC0415 - after the device
    from localdigest.engine.jobs import Job, JsonSchema  # noqa: PLC0415 - after the device
    from localdigest.engine.llamacpp import LlamaBackend  # noqa: PLC0415 - after the device
    from localdigest.engine.loading import (  # noqa: PLC0415 - after the device
        FlashAttention,
        KVLayout,
        LoadMode,
        LoadOptions,
        Placement,
    )

    placement = dict(asked["placement"])
    placement["flash_attention"] = FlashAttention(placement["flash_attention"])
    placement["load_mode"] = LoadMode(placement["load_mode"])
    options = dict(asked["options"], placement=Placement(**placement), layout=KVLayout(asked["options"]["layout"]))
    if devices:
        options["devices"] = tuple(name for name in devices if name.startswith("RPC"))
    lines: list[str] = []
    backend = LlamaBackend(LoadOptions(path=asked["path"], **options), on_log=lines.append)
    tokens = tuple(2 + number % (backend.num_vocab - 3) for number in range(asked["num_tokens"]))
    best = [int(row.argmax()) for row in backend.decode([Run(0, 0, tokens, min(32, len(tokens)))])]
    backend.cut(0, 0)
    if asked.get("work"):
        # Full steps in every slot, and one job through the whole engine with a schema.
        each = min(backend.slot_cells, backend.batch_tokens // backend.num_slots)
        full = (tokens * (each // len(tokens) + 1))[:each]
        for _ in range(2):
            backend.decode([Run(slot, 0, full, 1) for slot in range(backend.num_slots)])
            for slot in range(backend.num_slots):
                backend.cut(slot, 0)
        outputs = backend.max_outputs
        backend.decode([Run(0, 0, full[:outputs], outputs)])
        backend.cut(0, 0)
        engine = BatchEngine(backend)
        engine.submit(
            Job("one", "Say it.", max_tokens=40, constraint=JsonSchema('{"type": "string", "maxLength": 20}'))
        )
        while engine.num_pending:
            engine.step()
    answer = {
        "devices": devices,
        "best": best,
        "buffers": buffers_of(lines),
        "memories": memories_of(lines),
        "peak_bytes": resident("VmHWM:"),
    }
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    os._exit(0)  # the server may already be going: nothing is left to be done here


if __name__ == "__main__":
    main()
