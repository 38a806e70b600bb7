"""Writes a GGUF of a real model's shape and quantisation, filled with random weights: as large, as slow, and as dumb.

usage: shape_model.py FILE [NAME]        NAME: mixtral (28 GB, the default) or mistral (4 GB)

Speed and memory do not depend on what the weights are, as long as the experts are used evenly, which random ones are.
Blocks are drawn once for each type and then repeated from random places, so that a disk's speed is the limit.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import gguf
import headers
import model_vocabulary
import numpy as np

import models

if TYPE_CHECKING:
    from localdigest.engine.gguf import Tensor

#: Where a block of each type keeps its scales, as numbers of half precision, and what to write there for weights that
#: spread by 1: `((offset, factor), …)`. All other bytes are random.
SCALES = {
    "Q4_K": ((0, 1 / 150), (2, 7.5 / 150)),
    "Q5_K": ((0, 1 / 300), (2, 15 / 300)),
    "Q6_K": ((208, 1 / 1400),),
    "Q8_0": ((0, 1 / 74),),
}
SHAPES = {
    "mixtral": models.Shape(32, 4096, 32, 8, 14_336, 8, 2, 32_768),
    "mistral": models.Shape(32, 4096, 32, 8, 14_336, 0, 0, 32_768),
}
DRAWN_BLOCKS = 1 << 18


def write(path: Path, name: str) -> None:
    vocabulary = model_vocabulary.wide()
    header = getattr(headers, name)(vocab=len(vocabulary)).header()
    writer = gguf.GGUFWriter(path, "llama")
    models._add_metadata(writer, SHAPES[name], vocabulary, "F32")  # noqa: SLF001 - the makers of tests share one writer
    for tensor in header.tensors:
        kind = gguf.GGMLQuantizationType(tensor.kind.number)
        shape = tuple(reversed(tensor.shape))
        writer.add_tensor_info(tensor.name, shape, np.dtype(np.float16), tensor.num_bytes, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    generator = np.random.Generator(np.random.PCG64(7))
    drawn: dict[tuple[str, float], Any] = {}
    for tensor in header.tensors:
        writer.write_tensor_data(data_of(tensor, generator, drawn))
    writer.close()


def data_of(tensor: Tensor, generator: np.random.Generator, drawn: dict[tuple[str, float], Any]) -> Any:
    rows = tensor.shape[0]
    if tensor.kind.name == "F32":
        if len(tensor.shape) == 1:
            return np.ones(rows, np.float32)
        return generator.standard_normal(tensor.num_bytes // 4, np.float32) * np.float32(3 * rows**-0.5)
    spread = 1.0 if tensor.name == "token_embd.weight" else rows**-0.5
    key = (tensor.kind.name, spread)
    if key not in drawn:
        drawn[key] = blocks(tensor, spread, generator)
    source = drawn[key]
    size = tensor.kind.block_bytes
    start = int(generator.integers(len(source) // size // 2)) * size
    piece = source[start:]
    filled = np.empty(tensor.num_bytes, np.uint8)
    for offset in range(0, tensor.num_bytes, len(piece)):
        filled[offset : offset + len(piece)] = piece[: tensor.num_bytes - offset]
    return filled


def blocks(tensor: Tensor, spread: float, generator: np.random.Generator) -> Any:
    size = tensor.kind.block_bytes
    drawn = generator.integers(0, 256, (DRAWN_BLOCKS, size), np.uint8)
    for offset, factor in SCALES[tensor.kind.name]:
        drawn[:, offset : offset + 2] = np.array([factor * spread], np.float16).view(np.uint8)
    return drawn.reshape(-1)


if __name__ == "__main__":
    write(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "mixtral")
