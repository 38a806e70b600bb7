"""Loads a model in a process of its own and says, as JSON, what llama.cpp allocated. Run by tests; see `measure`.

With `no_alloc` nothing is read or allocated: a header and a file of the right length, which may be a hole, will do.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from localdigest.engine.rehearsal import buffers_of, memories_of


def measure(path: Path, variants: list[dict[str, Any]]) -> list[dict[str, dict[str, float]]]:
    """What contexts of these settings would take of a header's model, measured by llama.cpp itself."""
    asked = json.dumps({"path": str(path), "variants": variants})
    command = [sys.executable, __file__]
    ran = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    answer: list[dict[str, dict[str, float]]] = json.loads(ran.stdout.splitlines()[-1])
    return answer


def main() -> None:
    import llama_cpp.llama_cpp as llama  # noqa: PLC0415 - the parent only imports `measure`

    asked = json.load(sys.stdin)
    lines: list[str] = []

    @llama.llama_log_callback
    def take(_level: int, text: bytes, _data: object) -> None:
        lines.append(text.decode("utf-8", "replace"))

    llama.llama_log_set(take, ctypes.c_void_p(0))
    llama.llama_backend_init()
    params = llama.llama_model_default_params()
    params.no_alloc, params.load_mode, params.n_gpu_layers = True, 0, 0
    model = llama.llama_model_load_from_file(os.fsencode(asked["path"]), params)
    if not model:
        sys.exit("".join(lines[-20:]))
    answer = []
    for variant in asked["variants"]:
        lines.clear()
        context_params = llama.llama_context_default_params()
        for name, value in {"swa_full": True, "no_perf": True, **variant}.items():
            setattr(context_params, name, value)
        context = llama.llama_init_from_model(model, context_params)
        if not context:
            sys.exit("".join(lines[-20:]))
        sizes = buffers_of(lines)
        sizes["total"] = memories_of(lines)
        answer.append(sizes)
        llama.llama_free(context)
    print(json.dumps(answer))  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
