"""Headers made from a shape, against the sizes of the files and against llama.cpp's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from localdigest.engine.gguf import Header
from localdigest.engine.layout import read_layout
from localdigest.engine.offload import Machine, Request, plan
from localdigest.hub.catalog import Entry, load_catalog
from localdigest.hub.check import check_header
from localdigest.hub.needs import needs_of
from localdigest.hub.quantisation import MIXES
from localdigest.hub.shapes import Shape, make_header, shape_header
from models import tiny_mistral, tiny_mixtral

GIB = 1 << 30
SHAPED = [entry for entry in load_catalog().entries if entry.shape]
MIXTRAL_HEADER_BYTES = 740_992  #: of both files of its publisher


def header_of(entry: Entry) -> Header:
    header = shape_header(entry)
    assert header is not None
    return header


def tensor_bytes(header: Header) -> int:
    return sum(tensor.num_bytes for tensor in header.tensors)


@pytest.mark.parametrize("entry", SHAPED, ids=lambda entry: entry.name)
def test_the_tensors_of_a_shape_are_as_large_as_the_file(entry: Entry) -> None:
    """What the file has more is its header: a vocabulary, at most 15 MB, and 1 % where it is not a toy."""
    more = entry.num_bytes - tensor_bytes(header_of(entry))

    assert abs(more) < 0.01 * entry.num_bytes or entry.toy
    assert -3_000_000 < more < 15_000_000


@pytest.mark.parametrize(
    ("name", "num_bytes"),
    [
        ("mixtral-8x7b-q4", 28_447_727_616),
        ("mixtral-8x7b-iq2", 12_556_357_248 - MIXTRAL_HEADER_BYTES),
    ],
)
def test_mixtral_is_right_to_the_byte(name: str, num_bytes: int) -> None:
    entry = load_catalog().get(name)

    assert tensor_bytes(header_of(entry)) == num_bytes
    assert entry.num_bytes - num_bytes == MIXTRAL_HEADER_BYTES


def test_mixtral_in_another_mix_is_right_to_the_byte() -> None:
    """Another file of the same publisher, which the table does not hold."""
    shape = load_catalog().get("mixtral-8x7b-q4").shape
    assert shape is not None

    header = make_header(shape, quantisation="IQ1_M", context_tokens=32768)

    assert tensor_bytes(header) == 10_847_178_368 - MIXTRAL_HEADER_BYTES


def test_mixtral_layout_is_what_it_is_known_to_be() -> None:
    layout = read_layout(header_of(load_catalog().get("mixtral-8x7b-q4")))

    assert layout.weight_bytes == 28_447_727_616
    assert layout.kv_bytes_per_token("f16") == 131_072
    assert (layout.num_experts, layout.num_experts_used, layout.has_experts) == (8, 2, True)
    assert (layout.num_layers, layout.num_vocab, layout.context_length) == (32, 32000, 32768)


@pytest.mark.parametrize(
    ("name", "f16"),
    [
        ("mistral-7b-q4", 131_072),
        ("mistral-nemo-12b-q4", 163_840),
        ("mistral-small-24b-q4", 163_840),
        ("qwen3-30b-a3b-q4", 98_304),
        ("gpt-oss-20b", 49_152),
    ],
)
def test_a_token_takes_the_known_room_in_the_cache(name: str, f16: int) -> None:
    layout = read_layout(header_of(load_catalog().get(name)))

    assert layout.kv_bytes_per_token("f16") == f16


def test_a_hybrid_model_attends_in_four_layers() -> None:
    layout = read_layout(header_of(load_catalog().get("granite-4-h-tiny-q4")))

    assert sum(1 for heads in layout.num_kv_heads if heads) == 4
    assert layout.is_recurrent


@pytest.mark.parametrize("maker", [tiny_mixtral, tiny_mistral])
@pytest.mark.parametrize("quantisation", ["F32", "Q8_0", "Q4_K_M"])
def test_types_are_those_that_llama_cpp_chose(maker: Callable[..., Path], quantisation: str) -> None:
    """Files that llama.cpp itself quantised: every tensor by name, shape and type. The dense one's rows are too short
    for Q4_K."""
    data = maker(quant=quantisation).read_bytes()
    real = check_header(lambda start, length: data[start : start + length], file_size=len(data)).header
    assert real is not None
    metadata = {key.removeprefix("llama."): value for key, value in real.metadata.items()}
    numbers = {key: value for key, value in metadata.items() if isinstance(value, int)}
    shape = Shape(
        architecture="llama",
        layers=numbers["block_count"],
        width=numbers["embedding_length"],
        heads=numbers["attention.head_count"],
        kv_heads=numbers["attention.head_count_kv"],
        head_length=numbers["embedding_length"] // numbers["attention.head_count"],
        feed_forward=numbers["feed_forward_length"],
        vocabulary=numbers["vocab_size"],
        experts=numbers.get("expert_count", 0),
        experts_used=numbers.get("expert_used_count", 0),
    )

    made = make_header(shape, quantisation=quantisation, context_tokens=numbers["context_length"])

    assert {tensor.name: (tensor.shape, tensor.kind.name) for tensor in made.tensors} == {
        tensor.name: (tensor.shape, tensor.kind.name) for tensor in real.tensors
    }
    assert read_layout(made) == read_layout(real)


@pytest.mark.parametrize("entry", SHAPED, ids=lambda entry: entry.name)
def test_every_shape_can_be_planned(entry: Entry) -> None:
    layout = read_layout(header_of(entry))

    needs = needs_of(layout)
    context = min(4096, layout.context_length or 4096)
    found = plan(layout, Machine(ram_bytes=64 * GIB, gpu_bytes=8 * GIB), Request(num_slots=1, slot_tokens=context))

    assert found.fits
    assert entry.num_bytes < needs.ram_bytes < 1.3 * entry.num_bytes + GIB
    assert needs.gpu_bytes < needs.ram_bytes + GIB
    assert needs.ram_beside_gpu_bytes < needs.ram_bytes or entry.toy


@pytest.mark.parametrize("quantisation", MIXES)
def test_odd_rows_get_a_type_that_fits_them(quantisation: str) -> None:
    """288 is no multiple of 256, and 40 none of 32."""
    shape = Shape("llama", 2, 288, 6, 6, 48, 40, 1000)

    header = make_header(shape, quantisation=quantisation, context_tokens=128)

    for tensor in header.tensors:
        assert tensor.shape[0] % tensor.kind.block_values == 0, tensor
    assert read_layout(header).num_layers == 2


def test_without_a_shape_there_is_no_header() -> None:
    assert shape_header(load_catalog().get("qwen3.6-35b-a3b-q4")) is None
