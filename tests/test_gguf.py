from __future__ import annotations

import ctypes
import struct
from contextlib import suppress
from pathlib import Path

import gguf
import llama_cpp.llama_cpp as llama
import numpy as np
import pytest
from headers import HeaderMaker, text
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.engine.errors import ModelFileError
from localdigest.engine.gguf import ARRAY, STRING, Header, LongArray, NeedMoreBytes, read_header
from localdigest.engine.tensor_types import TENSOR_TYPES, Cpu, repacks


def small() -> HeaderMaker:
    maker = HeaderMaker()
    maker.add("general.architecture", "llama")
    maker.add("llama.block_count", 1)
    maker.add("llama.rope.freq_base", 10000.0)
    maker.add("tokenizer.ggml.add_bos_token", True)  # noqa: FBT003 - the value itself
    maker.add("llama.attention.head_count_kv", [4, 0, -1])
    maker.add("tokenizer.ggml.tokens", [f"piece {number}" for number in range(5000)])
    maker.tensor("token_embd.weight", (64, 100), "Q8_0")
    maker.tensor("blk.0.ffn_down_exps.weight", (256, 64, 8), "Q4_K")
    maker.tensor("output_norm.weight", (33,))
    maker.tensor("output.weight", (64, 100), "F16")
    return maker


def test_a_header_of_the_gguf_library_is_read(tmp_path: Path) -> None:
    """Keys, shapes, types and offsets are those that the library itself reads."""
    path = tmp_path / "model.gguf"
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_block_count(2)
    writer.add_token_list([f"t{number}" for number in range(5000)])
    writer.add_array("llama.attention.head_count_kv", [8, 0])
    writer.add_string("tokenizer.chat_template", "{{ messages }} 你好")
    writer.add_custom_alignment(64)
    writer.add_tensor("token_embd.weight", np.zeros((10, 64), np.float32))
    writer.add_tensor("blk.0.attn_norm.weight", np.zeros(3, np.float16))
    blocks = np.zeros((10, 68), np.uint8)
    writer.add_tensor("output.weight", blocks, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    expected = gguf.GGUFReader(path)

    header = read_header(path.read_bytes(), file_size=path.stat().st_size)

    assert header.metadata == {
        "general.architecture": "llama",
        "llama.block_count": 2,
        "tokenizer.ggml.tokens": LongArray(5000),
        "llama.attention.head_count_kv": (8, 0),
        "tokenizer.chat_template": "{{ messages }} 你好",
        "general.alignment": 64,
    }
    assert [(tensor.name, tensor.shape, tensor.kind.number, tensor.num_bytes) for tensor in header.tensors] == [
        (tensor.name, tuple(tensor.shape.tolist()), int(tensor.tensor_type), tensor.n_bytes)
        for tensor in expected.tensors
    ]
    assert header.alignment == 64
    assert [header.data_offset + tensor.offset for tensor in header.tensors] == [
        tensor.data_offset for tensor in expected.tensors
    ]


def test_a_reader_that_grows_gets_there() -> None:
    """Each request asks for more than there is, never for more than the file, and few are needed."""
    data = small().bytes()
    requests = [1]
    header = None

    while header is None:
        try:
            header = read_header(data[: requests[-1]], file_size=len(data) + 10**6)
        except NeedMoreBytes as need:
            requests.append(need.at_least)

    assert header == small().header()
    assert requests == sorted(set(requests))
    assert len(requests) < 6
    assert requests[-1] <= len(data) + 10**6


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_a_header_cut_anywhere_asks_for_more(draws: st.DataObject) -> None:
    data = small().bytes()
    end = draws.draw(st.integers(0, len(data.rstrip(b"\0")) - 10))

    with pytest.raises(NeedMoreBytes) as need:
        read_header(data[:end])

    assert need.value.at_least > end


@given(st.data())
@settings(deadline=None, max_examples=400)
def test_damaged_bytes_never_raise_anything_else(draws: st.DataObject) -> None:
    """Whatever a hostile server sends ends in a header, a request, or a clear error."""
    data = bytearray(small().bytes())
    for _ in range(draws.draw(st.integers(1, 4))):
        # The vocabulary fills most of it and hides little: aim before and after it.
        position = draws.draw(st.integers(0, 260) | st.integers(len(data) - 300, len(data) - 9))
        value = draws.draw(st.binary(min_size=1, max_size=8) | st.integers(0, 2**64 - 1).map(lambda n: n.to_bytes(8)))
        data[position : position + len(value)] = value

    try:
        assert isinstance(read_header(bytes(data), file_size=draws.draw(st.none() | st.just(10**6))), Header)
    except NeedMoreBytes as need:
        assert need.at_least > len(data)  # noqa: PT017 - a request is one of the right answers
    except ModelFileError as error:
        assert error.hint  # noqa: PT017 - an error is one of the right answers


@given(st.binary(max_size=200).map(lambda tail: b"GGUF\x03\0\0\0" + tail) | st.binary(max_size=50))
@settings(deadline=None, max_examples=300)
def test_any_bytes_never_raise_anything_else(data: bytes) -> None:
    with suppress(NeedMoreBytes, ModelFileError):
        read_header(data)


def counts(num_tensors: int, num_keys: int) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, num_tensors, num_keys)


def key(kind: int, value: bytes) -> bytes:
    return counts(0, 1) + text("key") + struct.pack("<I", kind) + value


def with_tensor(shape: tuple[int, ...], kind: int = 0, offset: int = 0, *, repeat: int = 1) -> bytes:
    about = struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)
    return counts(repeat, 0) + (text("t") + about) * repeat + bytes(64)


HOSTILE = {
    "many tensors": counts(2**63, 0),
    "many keys": counts(0, 2**40),
    "long name": counts(0, 1) + struct.pack("<Q", 2**62),
    "long text": key(STRING, struct.pack("<Q", 2**62)),
    "long array": key(ARRAY, struct.pack("<IQ", 0, 2**62)),
    "long array of texts": key(ARRAY, struct.pack("<IQ", STRING, 2**50)),
    "array of arrays": key(ARRAY, struct.pack("<IQ", ARRAY, 1)),
    "unknown value": key(99, bytes(8)),
    "unknown entries": key(ARRAY, struct.pack("<IQ", 99, 1)),
    "dimensions": with_tensor((1,) * 5),
    "huge shape": with_tensor((2**40, 2**40)),
    "part of a block": with_tensor((33, 2), 8),
    "off the grid": with_tensor((1,), 0, 3),
    "twice the same": with_tensor((1,), repeat=2),
    "overlap": counts(2, 0)
    + text("a")
    + struct.pack("<IQIQ", 1, 64, 0, 0)
    + text("b")
    + struct.pack("<IQIQ", 1, 64, 0, 32)
    + bytes(64),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_absurd_headers_are_refused_at_once(name: str) -> None:
    """Nothing is allocated for what a header only claims."""
    with pytest.raises(ModelFileError, match="damaged") as refused:
        read_header(HOSTILE[name])

    assert "again" in refused.value.hint


OTHERS = {
    "page": (b"<!DOCTYPE html><title>Sign in</title>", "web page"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
    "old": (b"tjgg\x01\0\0\0", "before GGUF"),
    "archive": (b"PK\x03\x04", "archive"),
    "text": (b"hello", "Check the path"),
    "version 1": (b"GGUF\x01\0\0\0", "newer file"),
    "version 9": (b"GGUF\x09\0\0\0", "newer localdigest"),
    "big-endian": (b"GGUF\0\0\0\x03", "ordinary"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_files_are_told_apart(name: str) -> None:
    data, hint = OTHERS[name]

    with pytest.raises(ModelFileError) as refused:
        read_header(data, file_size=1000)

    assert hint in refused.value.hint


def test_a_file_cut_short_says_how_much_is_missing() -> None:
    maker = small()
    data = maker.bytes()
    whole = len(data) + maker.data_bytes

    assert read_header(data, file_size=whole).data_bytes == maker.data_bytes
    with pytest.raises(ModelFileError, match=f"1,234 of its {whole:,} bytes are missing"):
        read_header(data, file_size=whole - 1234)


def test_a_file_cut_inside_its_header_is_cut_short() -> None:
    data = small().bytes()[:1000]

    with pytest.raises(ModelFileError, match="ends inside its header"):
        read_header(data, file_size=len(data))


def test_parts_of_a_model_are_refused() -> None:
    maker = small()
    maker.add("split.count", 5)

    with pytest.raises(ModelFileError, match="one of 5 parts"):
        maker.header()


def test_the_old_layout_of_experts_is_refused() -> None:
    """llama.cpp only says that a tensor is not found."""
    maker = small()
    maker.tensor("blk.0.ffn_gate.0.weight", (64, 64))

    with pytest.raises(ModelFileError, match="expert in a tensor of its own") as refused:
        maker.header()
    assert "convert" in refused.value.hint


def test_the_old_layout_of_experts_can_be_asked_for() -> None:
    """Who converts it needs its header."""
    maker = small()
    maker.tensor("blk.0.ffn_gate.0.weight", (64, 64))

    header = read_header(maker.bytes(), any_layout=True)

    assert header.tensors[-1].name == "blk.0.ffn_gate.0.weight"


def test_a_header_says_where_its_metadata_lie() -> None:
    maker = small()
    data = maker.bytes()

    header = read_header(data)

    assert data[header.keys_offset : header.tensors_offset] == b"".join(maker.keys)
    assert data[header.tensors_offset :].startswith(b"".join(maker.tensors))


def test_an_unknown_type_of_tensor_is_named() -> None:
    with pytest.raises(ModelFileError, match="type 77"):
        read_header(with_tensor((1,), 77))


# ── types ────────────────────────────────────────────────────────────────────


def test_types_take_the_bytes_that_llama_cpp_gives_them() -> None:
    library = llama._lib
    library.ggml_type_size.restype = ctypes.c_size_t
    library.ggml_blck_size.restype = ctypes.c_int64
    library.ggml_type_name.restype = ctypes.c_char_p
    known = [number for number in range(43) if library.ggml_blck_size(number)]

    found = {
        number: (library.ggml_type_name(number).lower(), library.ggml_blck_size(number), library.ggml_type_size(number))
        for number in known
    }

    assert found == {
        kind.number: (kind.name.lower().encode(), kind.block_values, kind.block_bytes) for kind in TENSOR_TYPES.values()
    }


def test_types_take_the_bytes_that_the_gguf_library_gives_them() -> None:
    # It counts the sum of a Q8_1 block as 32 bits; ggml has had 16 for long, and files never hold that type.
    for number, (block_values, block_bytes) in gguf.GGML_QUANT_SIZES.items():
        if number != gguf.GGMLQuantizationType.Q8_1:
            assert (block_values, block_bytes) == (
                TENSOR_TYPES[number].block_values,
                TENSOR_TYPES[number].block_bytes,
            )


@pytest.mark.parametrize(
    ("name", "shape", "cpu", "expected"),
    [
        ("Q4_K", (4096, 14336, 8), Cpu.AVX2, True),
        ("Q4_K", (4096, 14336), Cpu.AVX2, True),
        ("Q4_K", (4096, 14336), Cpu.PLAIN, False),
        ("Q4_K", (4096, 12), Cpu.AVX2, False),
        ("Q4_0", (4096, 12), Cpu.NEON_DOTPROD, True),
        ("Q6_K", (4096, 4096), Cpu.AVX2 | Cpu.AVX512, False),
        ("Q6_K", (4096, 4096), Cpu.NEON_DOTPROD, True),
        ("Q2_K", (4096, 4096), Cpu.AVX2, False),
        ("Q2_K", (4096, 4096), Cpu.AVX2 | Cpu.AVX512, True),
        ("MXFP4", (2880, 2880, 32), Cpu.AVX2, True),
        ("F16", (4096, 4096), Cpu.AVX2, False),
        ("Q4_0", (4096,), Cpu.AVX2, False),
    ],
)
def test_which_weights_are_rearranged(name: str, shape: tuple[int, ...], cpu: Cpu, *, expected: bool) -> None:
    kind = next(kind for kind in TENSOR_TYPES.values() if kind.name == name)

    assert repacks(kind, shape, cpu) is expected
