"""Whole GGUF files, byte by byte: a model's file taken apart, and put together in the layout of 2023."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path

import gguf
from headers import TYPES, text

MERGED = re.compile(r"blk\.(\d+)\.ffn_(gate|up|down)_exps\.weight")


@dataclass(frozen=True)
class RawTensor:
    name: str
    shape: tuple[int, ...]  #: innermost first
    kind: str
    data: bytes

    @property
    def layer(self) -> str:
        return self.name.rpartition(".ffn_")[0]


@dataclass(frozen=True)
class RawFile:
    """Keys and tensors as bytes."""

    keys: tuple[bytes, ...]
    tensors: tuple[RawTensor, ...]
    alignment: int = 32
    version: int = 3

    def write(self, path: Path, *, gap: int = 0) -> Path:
        """With `gap` steps of the alignment left empty between tensors, as the format allows."""
        about, data, offset = [], [], 0
        for tensor in self.tensors:
            shape = struct.pack(f"<I{len(tensor.shape)}Q", len(tensor.shape), *tensor.shape)
            about.append(text(tensor.name) + shape + struct.pack("<IQ", TYPES[tensor.kind].number, offset))
            size = -(-len(tensor.data) // self.alignment) * self.alignment + gap * self.alignment
            data.append(tensor.data.ljust(size, b"\0"))
            offset += size
        head = b"GGUF" + struct.pack("<IQQ", self.version, len(self.tensors), len(self.keys))
        head += b"".join(self.keys) + b"".join(about)
        path.write_bytes(head.ljust(-(-len(head) // self.alignment) * self.alignment, b"\0") + b"".join(data))
        return path


def read_raw(path: Path) -> RawFile:
    """By the gguf library, which knows nothing of ours."""
    reader = gguf.GGUFReader(path)
    content = path.read_bytes()
    fields = [field for name, field in reader.fields.items() if not name.startswith("GGUF.")]
    begins = [field.offset for field in fields]
    end = min(tensor.field.offset for tensor in reader.tensors)
    keys = tuple(content[begin:until] for begin, until in zip(begins, [*begins[1:], end], strict=True))
    tensors = tuple(
        RawTensor(
            tensor.name,
            tuple(tensor.shape.tolist()),
            tensor.tensor_type.name,
            content[tensor.data_offset : tensor.data_offset + tensor.n_bytes],
        )
        for tensor in reader.tensors
    )
    return RawFile(keys, tensors, reader.alignment, int(reader.fields["GGUF.version"].parts[0][0]))


def without(file: RawFile, key: str) -> RawFile:
    return replace(file, keys=tuple(each for each in file.keys if not each.startswith(text(key))))


def split(file: RawFile) -> RawFile:
    """A tensor for each expert, in the order that converters of 2023 wrote: expert by expert."""
    return replace(file, tensors=tuple(_split(file.tensors)))


def _split(tensors: Iterable[RawTensor]) -> Iterator[RawTensor]:
    stacks: dict[str, list[RawTensor]] = {}
    for tensor in tensors:
        if MERGED.fullmatch(tensor.name):
            stacks.setdefault(tensor.layer, []).append(tensor)
        else:
            yield tensor
    for matrices in stacks.values():
        for expert in range(matrices[0].shape[2]):
            for matrix in matrices:
                yield one_expert(matrix, expert)


def one_expert(matrix: RawTensor, expert: int) -> RawTensor:
    size = len(matrix.data) // matrix.shape[2]
    name = matrix.name.replace("_exps", f".{expert}")
    return RawTensor(name, matrix.shape[:2], matrix.kind, matrix.data[expert * size : (expert + 1) * size])


def num_bytes(kind: str, shape: tuple[int, ...]) -> int:
    return TYPES[kind].bytes_of(prod(shape))
