from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest
from headers import (
    MAKERS,
    HeaderMaker,
    attention,
    ends,
    granite_hybrid,
    mistral,
    mixtral,
    qwen35_moe,
    start,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from measure_child import measure

from localdigest.engine.errors import ModelFileError, PlacementError
from localdigest.engine.layout import read_layout
from localdigest.engine.offload import Machine, plan
from localdigest.engine.tensor_types import Cpu

MIB = 1 << 20


def test_mixtral_is_what_it_is_known_to_be() -> None:
    """The figures of its public Q4_K_M file."""
    layout = read_layout(mixtral().header(), cpu=Cpu.AVX2)

    assert layout.weight_bytes == 28_447_727_616
    assert layout.kv_bytes_per_token("f16") == 131_072
    assert layout.kv_bytes_per_token("q8_0") == 69_632
    assert {layer.experts.num_bytes / MIB for layer in layout.layers} == {756.0, 871.5}
    assert [round(layer.always.num_bytes / MIB, 2) for layer in layout.layers] == [28.66] * 32
    assert round(layout.output.num_bytes / MIB, 1) == 102.6
    assert round(layout.embedding.num_bytes / MIB, 1) == 70.3
    assert round(layout.active_bytes_per_token / 1e9, 1) == 7.9
    assert round(sum(layer.experts.repacked_bytes for layer in layout.layers) / (1 << 30), 1) == 19.7
    assert (layout.num_experts, layout.num_experts_used, layout.has_experts) == (8, 2, True)
    assert (layout.num_vocab, layout.context_length, layout.is_recurrent) == (32000, 32768, False)


@pytest.mark.parametrize(
    ("name", "f16", "q8_0"),
    [("mistral", 131_072, 69_632), ("qwen3_moe", 98_304, 52_224), ("gpt_oss", 49_152, 26_112)],
)
def test_a_token_takes_the_known_room_in_the_cache(name: str, f16: int, q8_0: int) -> None:
    layout = read_layout(MAKERS[name]().header())

    assert (layout.kv_bytes_per_token("f16"), layout.kv_bytes_per_token("q8_0")) == (f16, q8_0)


@pytest.mark.parametrize("name", MAKERS)
def test_cache_and_states_are_as_llama_cpp_makes_them(name: str, tmp_path: Path) -> None:
    """Attention in some layers only, recurrent states, sliding windows kept whole."""
    maker = MAKERS[name]()
    path = tmp_path / "header.gguf"
    path.write_bytes(maker.bytes())
    os.truncate(path, len(maker.bytes()) + maker.data_bytes)
    variants = [
        {"n_ctx": 4096, "n_seq_max": 1},
        {"n_ctx": 8192, "n_seq_max": 8, "type_k": 8, "type_v": 8, "flash_attn_type": 1},
    ]

    one, eight = measure(path, variants)

    layout = read_layout(maker.header())
    for sizes, kv_type, sequences, cells in ((one, "f16", 1, 4096), (eight, "q8_0", 8, 8192)):
        assert sizes["total"].pop("llama_memory_recurrent", 0.0) == pytest.approx(
            layout.state_bytes_per_sequence * sequences / MIB, abs=0.01
        )
        assert sum(sizes["total"].values()) == pytest.approx(layout.kv_bytes_per_token(kv_type) * cells / MIB, abs=0.02)


def test_a_hybrid_model_attends_in_some_layers_only() -> None:
    layout = read_layout(granite_hybrid().header())

    assert [number for number, heads in enumerate(layout.num_kv_heads) if heads] == [5, 15, 25, 35]
    assert layout.is_recurrent
    assert layout.ties_embedding
    assert all(layer.shared.num_bytes for layer in layout.layers)


def test_experts_and_shared_experts_are_told_apart() -> None:
    layer = read_layout(qwen35_moe().header()).layers[0]

    assert layer.experts.num_bytes == 3 * 256 * 2048 * 512 * 144 // 256
    assert layer.shared.num_bytes == 3 * 2048 * 512 * 34 // 32 + 2048 * 4


def test_an_output_that_the_file_lacks_is_a_copy_of_the_embedding() -> None:
    tied = read_layout(mistral(tied=True).header())
    apart = read_layout(mistral().header())

    assert tied.ties_embedding
    assert not apart.ties_embedding
    assert tied.output.num_bytes - tied.embedding.num_bytes == 4096 * 4  # the last norm
    assert tied.weight_bytes == mistral(tied=True).data_bytes


@given(st.integers(1, 6), st.sampled_from([256, 512, 1024]), st.integers(2, 16), st.booleans())
@settings(deadline=None, max_examples=50)
def test_no_byte_is_lost_or_counted_twice(layers: int, width: int, experts: int, moe: bool) -> None:  # noqa: FBT001 - drawn by name
    shape = {"layers": layers, "width": width, "inner": 512, "heads": 4, "kv_heads": 2, "head": width // 4}
    maker = mixtral(**shape, experts=experts) if moe else mistral(**shape)  # type: ignore[arg-type] # all are numbers
    header = maker.header()

    layout = read_layout(header)

    assert layout.weight_bytes == sum(tensor.num_bytes for tensor in header.tensors)
    assert layout.has_experts is moe


def test_latent_attention_keeps_one_row() -> None:
    maker = start("deepseek2", layers=1, width=512, vocab=1000, attention__head_count=8, attention__head_count_kv=1)
    ends(maker, width=512, vocab=1000)
    maker.tensor("blk.0.attn_kv_a_mqa.weight", (512, 576), "Q8_0")
    maker.tensor("blk.0.attn_k_b.weight", (128, 512, 8), "Q8_0")

    assert read_layout(maker.header()).kv_bytes_per_token("f16") == 576 * 2


def test_layers_that_guess_ahead_are_not_loaded() -> None:
    maker = start(
        "glm4moe",
        layers=2,
        width=256,
        vocab=1000,
        attention__head_count=4,
        attention__head_count_kv=2,
        nextn_predict_layers=1,
    )  # fmt: skip - one line of its shape
    ends(maker, width=256, vocab=1000)
    for layer in range(2):
        attention(maker, layer, width=256, heads=4, kv_heads=2, head=64)

    layout = read_layout(maker.header())

    assert layout.num_layers == 1
    assert layout.kv_bytes_per_token("f16") == 2 * 128 * 2


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_nonsense_in_a_header_is_an_error_of_the_file(draws: st.DataObject) -> None:
    """It comes from whoever made the file: any number, any shape, any name."""
    numbers = st.integers(-5, 300) | st.integers(-(2**31), 2**32 - 1) | st.floats(width=32) | st.just("text")
    maker = HeaderMaker()
    maker.add("general.architecture", "any")
    names = ("block_count", "embedding_length", "attention.head_count", "attention.head_count_kv", "context_length")
    for name in (*names, "expert_count", "expert_used_count", "ssm.inner_size", "attention.key_length"):
        maker.add(f"any.{name}", draws.draw(st.sampled_from([1, 2, 64]) | numbers | st.lists(st.just(3), min_size=1)))
    shapes = st.lists(st.integers(0, 300), max_size=4).map(tuple)
    for name in ("token_embd", "output", "blk.0.attn_k", "blk.1.ssm_in", "blk.0.ffn_up_exps", "blk.9.attn_qkv"):
        maker.tensor(f"{name}.weight", draws.draw(shapes))

    with suppress(ModelFileError, PlacementError):
        plan(read_layout(maker.header()), Machine(ram_bytes=1 << 34, gpu_bytes=1 << 30))


@pytest.mark.parametrize("missing", ["general.architecture", "llama.block_count", "llama.embedding_length"])
def test_metadata_that_every_model_has_are_asked_for(missing: str) -> None:
    maker = HeaderMaker()
    for key, value in (("general.architecture", "llama"), ("llama.block_count", 1), ("llama.embedding_length", 64)):
        if key != missing:
            maker.add(key, value)
    maker.tensor("token_embd.weight", (64, 100))

    with pytest.raises(ModelFileError):
        read_layout(maker.header())


def test_a_file_without_a_vocabulary_is_refused() -> None:
    """An adapter or a vision tower, say."""
    maker = start("llama", layers=1, width=64, vocab=10)

    with pytest.raises(ModelFileError, match="no token embedding"):
        read_layout(maker.header())
