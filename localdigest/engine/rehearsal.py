"""What llama.cpp itself would allocate for a model, asked without its weights: exact where `footprint.py` reckons.

    header ─▶ a file that is a hole behind it ─▶ python -m localdigest.engine.rehearsal ─ llama.cpp's log ─▶ Rehearsal

In a process of its own: some shapes abort llama.cpp. Takes a tenth of a second and no memory to speak of.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localdigest.engine.ask import ask, last_line
from localdigest.engine.errors import BackendError
from localdigest.engine.loading import FlashAttention, KVLayout, LoadMode, LoadOptions, Placement

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Rehearsal", "buffers_of", "memories_of", "rehearse"]

LIMIT_SECONDS = 60.0
MIB = 1 << 20
#: `prefix:   CPU_REPACK model buffer size =   123.45 MiB` and its like
_BUFFER = re.compile(r"(\S+)\s+(model|KV|RS|compute|output) buffer size =\s*([\d.]+) MiB")
#: `llama_kv_cache: size =  512.00 MiB (  4096 cells, …`; the buffers themselves are empty without allocation
_MEMORY = re.compile(r"(\w+): size =\s*([\d.]+) MiB \(\s*\d+ cells")


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Bytes, by place: CPU, CUDA0, CUDA_Host, …"""

    cache_bytes: int  #: of keys, values and states, wherever they are
    compute_bytes: dict[str, int]
    output_bytes: int


def rehearse(options: LoadOptions, *, header: bytes = b"", file_bytes: int = 0) -> Rehearsal:
    """Ask llama.cpp what these options would take.

    Args:
        options: With the path of the model, unless its header is given.
        header: The first bytes of a file that is not here, at least up to its tensors' data.
        file_bytes: The whole file's size, where a header is given.

    Raises:
        BackendError: llama.cpp cannot load such a model, with its reason.
    """
    if not header:
        return _asked(options, options.path)
    with tempfile.TemporaryDirectory(prefix="localdigest-") as folder:
        path = Path(folder) / "header.gguf"
        with path.open("wb") as file:
            file.write(header)
            # The loader wants every tensor inside the file; a hole takes no room on the disk.
            file.truncate(max(file_bytes, len(header)))
        return _asked(options, str(path))


def buffers_of(lines: Iterable[str]) -> dict[str, dict[str, float]]:
    """Kind of buffer → place → MiB, from llama.cpp's log."""
    found: dict[str, dict[str, float]] = {}
    for line in lines:
        if match := _BUFFER.search(line):
            place, kind, size = match.groups()
            kinds = found.setdefault(kind, {})
            kinds[place] = kinds.get(place, 0.0) + float(size)
    return found


def memories_of(lines: Iterable[str]) -> dict[str, float]:
    """Kind of memory → MiB. Models with windows have two caches of one kind."""
    found: dict[str, float] = {}
    for line in lines:
        if match := _MEMORY.match(line):
            found[match[1]] = found.get(match[1], 0.0) + float(match[2])
    return found


def _asked(options: LoadOptions, path: str) -> Rehearsal:
    asked = json.dumps({**asdict(options), "path": path, "dry": True, "threads": None})
    done = ask("localdigest.engine.rehearsal", text=asked, limit_seconds=LIMIT_SECONDS)
    if done.returncode:
        why = last_line(done.stderr) or "it gave no reason"
        raise BackendError(f"llama.cpp would not load this model: {why}")
    lines = done.stdout.splitlines()
    buffers = buffers_of(lines)
    return Rehearsal(
        cache_bytes=round(sum(memories_of(lines).values()) * MIB),
        compute_bytes={place: round(size * MIB) for place, size in buffers.get("compute", {}).items()},
        output_bytes=round(sum(buffers.get("output", {}).values()) * MIB),
    )


def main() -> None:
    """The child: llama.cpp's log on stdout."""
    from localdigest.engine.errors import EngineError  # noqa: PLC0415 - of the child only
    from localdigest.engine.llamacpp import LlamaBackend  # noqa: PLC0415 - loads llama.cpp

    asked: dict[str, Any] = json.load(sys.stdin)
    placement = asked.pop("placement")
    placement |= {
        "flash_attention": FlashAttention(placement["flash_attention"]),
        "load_mode": LoadMode(placement["load_mode"]),
    }
    asked |= {"layout": KVLayout(asked["layout"]), "devices": tuple(asked["devices"])}
    try:
        with LlamaBackend(LoadOptions(**asked | {"placement": Placement(**placement)}), on_log=print):
            sys.stdout.flush()
            os._exit(0)  # nothing was made that would have to be taken down
    except EngineError as error:
        sys.exit(error.message)


if __name__ == "__main__":
    main()
