"""Whatever a model's file holds, reading its header ends in a value or a clear error, in little memory."""

from __future__ import annotations

import random
import struct
import tracemalloc
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from headers import text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import models
from localdigest.engine.errors import ModelFileError
from localdigest.engine.gguf import (
    ARRAY,
    MAX_KEPT_ENTRIES,
    MAX_KEPT_IN_ALL,
    UINT8,
    Header,
    LongArray,
    NeedMoreBytes,
    read_header,
)
from localdigest.engine.layout import read_layout
from localdigest.engine.model_file import read_file_header

#: What a byte of a header may cost while it is read: a letter is a text of its own, a number an object.
BYTES_A_BYTE = 120
AT_LEAST = 1 << 20


@cache
def real() -> bytes:
    """The header of a model that llama.cpp loads."""
    data = models.tiny_mixtral().read_bytes()
    return data[: read_header(data).data_offset]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real header with some places overwritten, doubled, moved or removed."""
    data = bytearray(real())
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data) - 1))
        length = draw(st.integers(1, 64))
        match draw(st.sampled_from(["overwrite", "insert", "remove", "double", "number"])):
            case "overwrite":
                data[at : at + length] = draw(st.binary(min_size=1, max_size=length))
            case "insert":
                data[at:at] = draw(st.binary(min_size=1, max_size=length))
            case "remove":
                del data[at : at + length]
            case "double":
                data[at:at] = data[at : at + length]
            case _:
                data[at : at + 8] = draw(st.integers(0, 2**64 - 1)).to_bytes(8, "little")
        if not data:
            break
    return bytes(data)


def read_whatever(data: bytes, file_size: int | None) -> None:
    """Header and layout; raises what must not be."""
    tracemalloc.start()
    try:
        with suppress(NeedMoreBytes, ModelFileError):
            header = read_header(data, file_size=file_size, any_layout=True, part=True)
            assert isinstance(header, Header)
            read_layout(header)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < AT_LEAST + BYTES_A_BYTE * len(data)


SIZES = st.none() | st.integers(0, 2**63)


@settings(deadline=None, max_examples=150)
@given(data=mutated(), file_size=SIZES)
def test_a_mutated_header_is_read_or_refused_in_little_memory(data: bytes, file_size: int | None) -> None:
    read_whatever(data, file_size)


@settings(deadline=None, max_examples=150)
@given(data=st.binary(max_size=300).map(lambda tail: b"GGUF\x03\0\0\0" + tail) | st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_little_memory(data: bytes) -> None:
    read_whatever(data, None)


@pytest.mark.torture
def test_many_mutated_headers_are_read_or_refused() -> None:
    """Without hypothesis, which remembers: so that there are many."""
    seed = random.randrange(2**32)
    draw = random.Random(seed)
    header = real()
    for number in range(20_000):
        data = bytearray(header)
        for _ in range(draw.randint(1, 8)):
            at = draw.randrange(len(data))
            length = draw.choice((1, 1, 4, 8, 64))
            if draw.random() < 0.7:
                data[at : at + length] = draw.randbytes(length)
            else:
                data[at : at + length] = draw.choice((0, 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1)).to_bytes(8, "little")
        try:
            with suppress(NeedMoreBytes, ModelFileError):
                read_layout(read_header(bytes(data), any_layout=True, part=True))
        except Exception as error:
            raise AssertionError(f"seed {seed}, header {number}") from error


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=mutated() | st.binary(max_size=300), zeros=st.integers(0, 100_000))
def test_any_file_is_read_or_refused(tmp_path: Path, data: bytes, zeros: int) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(data + bytes(zeros))

    with suppress(ModelFileError):
        read_layout(read_file_header(path))


def test_arrays_that_are_short_each_and_many_together_are_not_all_kept() -> None:
    """An entry takes eight times the memory that it takes in the file."""
    count = 2 * MAX_KEPT_IN_ALL // MAX_KEPT_ENTRIES
    array = struct.pack("<IIQ", ARRAY, UINT8, MAX_KEPT_ENTRIES) + bytes(MAX_KEPT_ENTRIES)
    entries = b"".join(text(f"key {number}") + array for number in range(count))

    header = read_header(b"GGUF" + struct.pack("<IQQ", 3, 0, count) + entries)

    kinds = [type(value) for value in header.metadata.values()]
    assert kinds.count(tuple) == kinds.count(LongArray) == count // 2
