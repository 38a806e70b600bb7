"""Loads a model through the engine's own backend and says, as JSON, what was allocated and computed. Run by tests.

A device on the loopback is made known to llama.cpp first, where one is named: that is test code, not the engine's.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
sys.path.insert(0, str(REPOSITORY))


def add_device(endpoint: str) -> None:
    """Register the RPC server's device."""
    from localdigest.engine.ggml import POINTER, function  # noqa: PLC0415 - the parent only imports names

    registry = function("ggml_backend_reg_by_name", POINTER, ctypes.c_char_p)(b"RPC")
    address = function("ggml_backend_reg_get_proc_address", POINTER, POINTER, ctypes.c_char_p)(
        registry, b"ggml_backend_rpc_add_server"
    )
    server = ctypes.CFUNCTYPE(POINTER, ctypes.c_char_p)(address)(endpoint.encode())
    function("ggml_backend_register", None, POINTER)(server)


def resident(field: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def main() -> None:
    asked = json.load(sys.stdin)
    if asked.get("endpoint"):
        add_device(asked["endpoint"])

    from localdigest.engine import factory  # noqa: F401, PLC0415 - loads everything in the order of the worker
    from localdigest.engine.backend import Run  # noqa: PLC0415 - after the device
    from localdigest.engine.core import BatchEngine  # noqa: PLC0415 - after the device
    from localdigest.engine.devices import DeviceKind  # noqa: PLC0415 - after the device
    from localdigest.engine.ggml import devices  # noqa: PLC0415 - after the device
    from localdigest.engine.jobs import Job, JsonSchema  # noqa: PLC0415 - after the device
    from localdigest.engine.llamacpp import LlamaBackend  # noqa: PLC0415 - after the device
    from localdigest.engine.loading import (  # noqa: PLC0415 - after the device
        FlashAttention,
        KVLayout,
        LoadMode,
        LoadOptions,
        Placement,
    )
    from localdigest.engine.rehearsal import buffers_of, memories_of  # noqa: PLC0415 - after the device

    placement = dict(asked["placement"])
    placement["flash_attention"] = FlashAttention(placement["flash_attention"])
    placement["load_mode"] = LoadMode(placement["load_mode"])
    options = dict(asked["options"], placement=Placement(**placement), layout=KVLayout(asked["options"]["layout"]))
    gpus = tuple(device.name for device in devices() if device.kind is DeviceKind.GPU)
    options["devices"] = gpus
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
        "gpus": gpus,
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
