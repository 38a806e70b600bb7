"""GGUF headers without data: the header of a model is all that planning needs, and is small where the model is not."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from localdigest.engine.gguf import (
    ARRAY,
    BOOL,
    DEFAULT_ALIGNMENT,
    FLOAT32,
    INT32,
    STRING,
    UINT32,
    Header,
    read_header,
)
from localdigest.engine.tensor_types import TENSOR_TYPES

TYPES = {kind.name: kind for kind in TENSOR_TYPES.values()}


@dataclass
class HeaderMaker:
    """Collects keys and tensors, and writes them as GGUF version 3."""

    keys: list[bytes] = field(default_factory=list)
    tensors: list[bytes] = field(default_factory=list)
    data_bytes: int = 0

    def add(self, key: str, value: object) -> None:
        self.keys.append(text(key) + encode(value))

    def tensor(self, name: str, shape: tuple[int, ...], kind: str = "F32") -> None:
        self.data_bytes = -(-self.data_bytes // DEFAULT_ALIGNMENT) * DEFAULT_ALIGNMENT
        about = struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, TYPES[kind].number, self.data_bytes)
        self.tensors.append(text(name) + about)
        size = 1
        for dimension in shape:
            size *= dimension
        self.data_bytes += TYPES[kind].bytes_of(size)

    def bytes(self) -> bytes:
        head = b"GGUF" + struct.pack("<IQQ", 3, len(self.tensors), len(self.keys))
        body = head + b"".join(self.keys) + b"".join(self.tensors)
        return body + bytes(-len(body) % DEFAULT_ALIGNMENT)

    def header(self) -> Header:
        return read_header(self.bytes())


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def encode(value: object) -> bytes:
    match value:
        case bool():
            return struct.pack("<I?", BOOL, value)
        case int():
            return struct.pack("<II" if value >= 0 else "<Ii", UINT32 if value >= 0 else INT32, value)
        case float():
            return struct.pack("<If", FLOAT32, value)
        case str():
            return struct.pack("<I", STRING) + text(value)
        case [*entries]:
            parts = [encode(entry) for entry in entries]
            (kind,) = struct.unpack("<I", parts[0][:4])
            return struct.pack("<IIQ", ARRAY, kind, len(parts)) + b"".join(part[4:] for part in parts)
        case _:
            raise TypeError(value)
