"""Reads the header of a GGUF file: bytes in, values out, no file and no network.

    magic version counts │ key value … │ name shape type offset … │ padding │ tensor data …
    └──────────────────────── the header ─────────────────────────┘

A header may come from anywhere, so nothing in it is believed: each count is held against a limit and against the bytes
that are there before anything is made for it. What it does not do: look at tensor data, or say what a model needs.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING

from localdigest.engine.errors import ModelFileError
from localdigest.engine.tensor_types import TENSOR_TYPES, TensorType

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OLD_EXPERT", "Header", "LongArray", "NeedMoreBytes", "Tensor", "Value", "read_header"]

MAGIC = b"GGUF"
VERSIONS = (2, 3)
DEFAULT_ALIGNMENT = 32
MAX_DIMENSIONS = 4
MAX_ALIGNMENT = 1 << 20
#: Far above any model (the old layout with 256 experts in each of 60 layers has 50,000 tensors) and few enough that
#: what is made for each entry stays small.
MAX_TENSORS = 1 << 17
MAX_KEYS = 1 << 14
MAX_NAME_BYTES = 1 << 12
#: Vocabularies of a million tokens with their merges take less.
MAX_HEADER_BYTES = 1 << 28
#: Arrays of more entries, which are vocabularies, are skipped.
MAX_KEPT_ENTRIES = 1 << 12
#: Of all arrays that are kept: an entry is an object of 32 bytes, and a header may have thousands of arrays.
MAX_KEPT_IN_ALL = 1 << 20
#: How much more to ask for at a time, at least.
MORE_BYTES = 1 << 16

UINT8, INT8, UINT16, INT16, UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY, UINT64, INT64, FLOAT64 = range(13)
_NUMBERS = {
    UINT8: "B",
    INT8: "b",
    UINT16: "H",
    INT16: "h",
    UINT32: "I",
    INT32: "i",
    FLOAT32: "f",
    BOOL: "?",
    UINT64: "Q",
    INT64: "q",
    FLOAT64: "d",
}
#: How the layout of 2023 names a matrix: layer, part, expert.
OLD_EXPERT = re.compile(r"blk\.(0|[1-9][0-9]*)\.ffn_(gate|down|up)\.(0|[1-9][0-9]*)\.weight")
_OTHER_FILES = (
    ((b"ggml", b"lmgg", b"tjgg", b"ggjt", b"fmgg", b"algg"), "It is of a format that came before GGUF."),
    ((b"<", b"\n<", b"\r\n<"), "It is a web page: the download did not give the file itself."),
    ((b"version https://git-lfs",), "It only points to a file in Git LFS: run `git lfs pull`."),
    ((b"PK",), "It is an archive; unpack it, or take the model's GGUF file."),
)


class NeedMoreBytes(Exception):  # noqa: N818 - a request to whoever reads, not a fault
    """The header goes on: come again with its first `at_least` bytes (or more)."""

    def __init__(self, at_least: int) -> None:
        super().__init__(f"the header needs its first {at_least} bytes")
        self.at_least = at_least


@dataclass(frozen=True, slots=True)
class LongArray:
    """An array that was skipped, such as the vocabulary."""

    length: int


Scalar = int | float | bool | str
Value = Scalar | tuple[Scalar, ...] | LongArray


@dataclass(frozen=True, slots=True)
class Tensor:
    name: str
    shape: tuple[int, ...]  #: innermost first, as ggml has it: (columns, rows, experts)
    kind: TensorType
    offset: int  #: from the beginning of the data
    num_bytes: int


@dataclass(frozen=True, slots=True)
class Header:
    version: int
    metadata: Mapping[str, Value]
    tensors: tuple[Tensor, ...]
    keys_offset: int  #: where the metadata begin in the file …
    tensors_offset: int  #: … and where they end and the list of tensors begins
    data_offset: int  #: where the tensor data begins in the file
    alignment: int

    @property
    def num_parts(self) -> int:
        """Files that the model lies in."""
        count = self.metadata.get("split.count", 0)
        return count if isinstance(count, int) and count > 1 else 1

    @property
    def part(self) -> int:
        """Which of them this is, from 0."""
        number = self.metadata.get("split.no", 0)
        return number if isinstance(number, int) else 0

    @property
    def data_bytes(self) -> int:
        """From the first tensor to the end of the last."""
        return max((tensor.offset + tensor.num_bytes for tensor in self.tensors), default=0)


class _Reader:
    """Takes one value after the other; whatever lies past the end is asked for."""

    def __init__(self, data: bytes, file_size: int | None) -> None:
        self.data = data
        self.at = 0
        self.file_size = file_size
        self.num_kept = 0

    def need(self, num_bytes: int) -> None:
        """Make sure of so many bytes more."""
        end = self.at + num_bytes
        if end <= len(self.data):
            return
        if self.file_size is not None and end > self.file_size:
            raise ModelFileError(
                f"The model file ends inside its header: {self.file_size:,} bytes, {end:,} or more are needed.",
                hint="The download was cut short, or the file is damaged: download it again.",
            )
        if end > MAX_HEADER_BYTES:
            raise _damaged(f"its header claims more than {MAX_HEADER_BYTES:,} bytes")
        at_least = max(end, len(self.data) + MORE_BYTES)
        raise NeedMoreBytes(at_least if self.file_size is None else min(at_least, self.file_size))

    def number(self, code: str) -> int | float | bool:
        size = struct.calcsize("<" + code)
        self.need(size)
        (value,) = struct.unpack_from("<" + code, self.data, self.at)
        self.at += size
        found: int | float | bool = value
        return found

    def integer(self, code: str = "Q") -> int:
        return int(self.number(code))

    def text(self, limit: int = MAX_HEADER_BYTES) -> str:
        length = self.integer()
        if length > limit:
            raise _damaged(f"it has a name of {length:,} bytes")
        self.need(length)
        self.at += length
        return self.data[self.at - length : self.at].decode("utf-8", "replace")

    def skip_texts(self, count: int) -> None:
        for _ in range(count):
            length = self.integer()
            self.need(length)
            self.at += length


def read_header(data: bytes, *, file_size: int | None = None, any_layout: bool = False, part: bool = False) -> Header:
    """Read the header out of a file's first bytes.

    Args:
        data: The file from its beginning; may end anywhere.
        file_size: Of the whole file, where it is known: lets a file that was cut short be told.
        any_layout: Also take a layout that llama.cpp no longer loads, as whoever converts it must.
        part: Also take one of several files that a model lies in, as whoever joins them must.

    Raises:
        NeedMoreBytes: The bytes end before the header does.
        ModelFileError: It is no GGUF, it is damaged, or its layout cannot be loaded.
    """
    reader = _Reader(data, file_size)
    _check_magic(reader)
    version = _read_version(reader)
    num_tensors, num_keys = reader.integer(), reader.integer()
    if num_tensors > MAX_TENSORS or num_keys > MAX_KEYS:
        raise _damaged(f"its header claims {num_tensors:,} tensors and {num_keys:,} keys")
    keys_offset = reader.at
    metadata = _read_metadata(reader, num_keys)
    tensors_offset = reader.at
    alignment = _alignment_of(metadata)
    tensors = tuple(_read_tensor(reader, alignment) for _ in range(num_tensors))
    data_offset = -(-reader.at // alignment) * alignment
    header = Header(version, metadata, tensors, keys_offset, tensors_offset, data_offset, alignment)
    _refuse_overlaps(tensors)
    if not part:
        _refuse_parts(header)
    if not any_layout:
        _refuse_old_layout(tensors)
    _refuse_cut(header, file_size)
    return header


def _damaged(what: str) -> ModelFileError:
    return ModelFileError(f"The model file is damaged: {what}.", hint="Download it again, and compare its checksum.")


def _check_magic(reader: _Reader) -> None:
    found = reader.data[: len(MAGIC)]
    if found and not MAGIC.startswith(found):
        hints = [hint for beginnings, hint in _OTHER_FILES if reader.data.startswith(beginnings)]
        raise ModelFileError("The file is no GGUF model.", hint=hints[0] if hints else "")
    reader.need(len(MAGIC))
    reader.at = len(MAGIC)


def _read_version(reader: _Reader) -> int:
    version = reader.integer("I")
    if version in VERSIONS:
        return version
    if not version & 0xFFFF:
        raise ModelFileError(
            "The model file was made for big-endian machines.", hint="Take the file for ordinary ones, which most are."
        )
    raise ModelFileError(
        f"The model file is of GGUF version {version}; versions 2 and 3 can be read.",
        hint="Take a newer file." if version < min(VERSIONS) else "A newer localdigest may read it.",
    )


def _read_metadata(reader: _Reader, count: int) -> dict[str, Value]:
    metadata: dict[str, Value] = {}
    for _ in range(count):
        key = reader.text(MAX_NAME_BYTES)
        if key in metadata:
            raise _damaged(f"its header has the key {key!r} twice")
        metadata[key] = _read_value(reader, reader.integer("I"))
    return metadata


def _read_value(reader: _Reader, kind: int) -> Value:
    if kind == ARRAY:
        return _read_array(reader)
    return _read_scalar(reader, kind)


def _read_scalar(reader: _Reader, kind: int) -> Scalar:
    if kind == STRING:
        return reader.text()
    code = _NUMBERS.get(kind)
    if code is None:
        raise _damaged(f"its header has a value of the unknown type {kind}")
    return reader.number(code)


def _read_array(reader: _Reader) -> tuple[Scalar, ...] | LongArray:
    kind, length = reader.integer("I"), reader.integer()
    if kind != STRING and kind not in _NUMBERS:
        raise _damaged(f"its header has an array of the unknown type {kind}")
    size = 8 if kind == STRING else struct.calcsize("<" + _NUMBERS[kind])
    reader.need(length * size)
    if length <= min(MAX_KEPT_ENTRIES, MAX_KEPT_IN_ALL - reader.num_kept):
        reader.num_kept += length
        return tuple(_read_scalar(reader, kind) for _ in range(length))
    if kind == STRING:
        reader.skip_texts(length)
    else:
        reader.at += length * size
    return LongArray(length)


def _alignment_of(metadata: Mapping[str, Value]) -> int:
    alignment = metadata.get("general.alignment", DEFAULT_ALIGNMENT)
    if not isinstance(alignment, int) or not 0 < alignment <= MAX_ALIGNMENT or alignment & (alignment - 1):
        raise _damaged(f"its alignment is {alignment!r}")
    return alignment


def _read_tensor(reader: _Reader, alignment: int) -> Tensor:
    name = reader.text(MAX_NAME_BYTES)
    num_dimensions = reader.integer("I")
    if num_dimensions > MAX_DIMENSIONS:
        raise _damaged(f"the tensor {name!r} has {num_dimensions} dimensions")
    shape = tuple(reader.integer() for _ in range(num_dimensions))
    number, offset = reader.integer("I"), reader.integer()
    kind = TENSOR_TYPES.get(number)
    if kind is None:
        raise ModelFileError(
            f"The tensor {name!r} is of the type {number}, which llama.cpp does not know.",
            hint="Take a file of a common type such as Q4_K_M, or a newer localdigest.",
        )
    num_values = prod(shape)
    if num_values >= 1 << 63 or (shape[0] if shape else 1) % kind.block_values or offset % alignment:
        raise _damaged(f"the tensor {name!r} cannot have the shape {shape}, type {kind.name} and offset {offset}")
    return Tensor(name, shape, kind, offset, kind.bytes_of(num_values))


def _refuse_overlaps(tensors: tuple[Tensor, ...]) -> None:
    if len({tensor.name for tensor in tensors}) < len(tensors):
        raise _damaged("two of its tensors have the same name")
    for before, after in pairwise(sorted(tensors, key=lambda tensor: (tensor.offset, tensor.num_bytes))):
        if before.offset + before.num_bytes > after.offset:
            raise _damaged(f"its tensors {before.name!r} and {after.name!r} overlap")


def _refuse_parts(header: Header) -> None:
    if header.num_parts > 1:
        raise ModelFileError(
            f"The file is one of {header.num_parts} parts of a model.",
            hint="Merge them with `llama-gguf-split --merge FIRST-PART OUTPUT`, or take a model of one file.",
        )


def _refuse_old_layout(tensors: tuple[Tensor, ...]) -> None:
    if any(OLD_EXPERT.fullmatch(tensor.name) for tensor in tensors):
        raise ModelFileError(
            "The model file has each expert in a tensor of its own, a layout of 2023 that llama.cpp no longer loads.",
            hint="Take a file of the same model made after April 2024, or convert this one.",
        )


def _refuse_cut(header: Header, file_size: int | None) -> None:
    end = header.data_offset + header.data_bytes
    if file_size is not None and header.tensors and file_size < end:
        raise ModelFileError(
            f"The model file is cut short: {end - file_size:,} of its {end:,} bytes are missing.",
            hint="Resume the download, or download it again.",
        )
