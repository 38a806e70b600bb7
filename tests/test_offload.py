from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from headers import MAKERS
from hypothesis import given, settings
from hypothesis import strategies as st
from measure_child import measure

from localdigest.engine import compute_buffer, llamacpp
from localdigest.engine.compute_buffer import COMPUTE_MARGIN, Context, compute_bytes
from localdigest.engine.errors import PlacementError
from localdigest.engine.estimate import assumed_cpu, assumed_gpu
from localdigest.engine.footprint import Sizes
from localdigest.engine.layout import KV_TYPES, Layer, ModelLayout, Part, read_layout
from localdigest.engine.loading import FlashAttention, KVLayout, LoadMode, Placement
from localdigest.engine.offload import Machine, Plan, Request, plan
from localdigest.engine.tensor_types import Cpu

MIB, GIB = 1 << 20, 1 << 30
LAYOUTS = {name: read_layout(make().header(), cpu=Cpu.AVX2) for name, make in MAKERS.items()}
MACHINE = Machine(64 * GIB, assumed_cpu(40e9), gpu_bytes=16 * GIB, gpu=assumed_gpu(500e9))


def layouts() -> st.SearchStrategy[ModelLayout]:
    """Models of any shape, sensible or not."""
    parts = st.integers(0, 1 << 12) | st.integers(0, 1 << 30)
    layers = st.tuples(parts, parts, parts, st.sampled_from([0, 512, 4096]), st.sampled_from([0, 0, 1 << 20]))
    shapes = st.tuples(st.lists(layers, min_size=1, max_size=8), st.integers(0, 1), parts, st.sampled_from([64, 4096]))
    return st.builds(any_model, shapes, experts=st.booleans(), ties=st.booleans())


def half_repacked(size: int) -> Part:
    return Part(size, size // 2, size // 3, size // 4)


def any_model(
    shape: tuple[list[tuple[int, int, int, int, int]], int, int, int], *, experts: bool, ties: bool
) -> ModelLayout:
    sizes, ahead, embedding, width = shape
    layers = [
        Layer(
            dense=half_repacked(dense),
            shared=half_repacked(shared),
            experts=half_repacked(routed if experts else 0),
            key_values=cached,
            value_values=cached,
            state_values=state,
        )
        for dense, shared, routed, cached, state in sizes
    ]
    return ModelLayout(
        architecture="any",
        num_layers=len(layers),
        num_blocks=len(layers) + ahead,
        width=width,
        num_heads=8,
        num_kv_heads=(8,) * len(layers),
        key_length=64,
        value_length=64,
        num_vocab=1000,
        context_length=0,
        sliding_window=0,
        num_experts=8 if experts else 0,
        num_experts_used=2 if experts else 0,
        layers=tuple(layers),
        embedding=half_repacked(embedding),
        output=half_repacked(embedding),
        ties_embedding=ties,
        other=Part(),
        query_values=width,
        inner_values=3 * width,
        recurrent_values=width,
    )


def machines() -> st.SearchStrategy[Machine]:
    sizes = st.integers(0, 1 << 34) | st.integers(0, 64).map(lambda count: count * GIB)
    return st.builds(Machine, ram_bytes=sizes, gpu_bytes=st.just(0) | sizes, gpu_host_memory=st.booleans())


def requests() -> st.SearchStrategy[Request]:
    return st.builds(
        Request,
        num_slots=st.integers(1, 24),
        slot_tokens=st.sampled_from([100, 1024, 8192]),
        layout=st.sampled_from(KVLayout),
        kv_type=st.sampled_from(KV_TYPES),
        gpu_layers=st.none() | st.integers(-1, 14),
        cpu_expert_layers=st.none() | st.integers(0, 14),
        load_mode=st.sampled_from([LoadMode.NONE, LoadMode.MMAP]),
        repack=st.sampled_from([None, True, False]),
    )


# ── what any plan keeps to ───────────────────────────────────────────────────


@given(layouts(), machines(), requests())
@settings(deadline=None, max_examples=300)
def test_a_plan_that_fits_is_never_over_budget(model: ModelLayout, machine: Machine, request: Request) -> None:
    found = plan(model, machine, request)

    if found.fits:
        assert found.footprint.ram + found.footprint.margin.ram <= machine.ram_bytes
        assert found.footprint.gpu + found.footprint.margin.gpu <= machine.gpu_bytes
        assert found.reason.startswith("It fits")
    else:
        assert found.reason.startswith("It does not fit: ")
        with pytest.raises(PlacementError):
            found.options("model.gguf")
    for alternative in found.alternatives:
        assert plan(model, machine, alternative.request).fits


@given(layouts(), machines(), requests(), st.integers(0, 1 << 34), st.integers(0, 1 << 34))
@settings(deadline=None, max_examples=300)
def test_more_memory_never_places_less(
    model: ModelLayout, machine: Machine, request: Request, more_ram: int, more_gpu: int
) -> None:
    """Not fewer bytes on the GPU, and nothing that fitted stops fitting."""
    larger = replace(machine, ram_bytes=machine.ram_bytes + more_ram, gpu_bytes=machine.gpu_bytes + more_gpu)
    before, after = plan(model, machine, request), plan(model, larger, request)

    if before.fits:
        assert after.fits
        assert after.footprint.gpu_weights >= before.footprint.gpu_weights


@given(layouts(), machines(), requests())
@settings(deadline=None, max_examples=200)
def test_every_weight_is_in_one_place(model: ModelLayout, machine: Machine, request: Request) -> None:
    """The table's weights are the file's, but for a tied output that lies apart from its embedding."""
    found = plan(model, machine, request)
    placed = sum(row.gpu + row.ram for row in found.footprint.rows if row.name == "weights")

    assert placed - model.weight_bytes in ({0, model.embedding.num_bytes} if model.ties_embedding else {0})
    assert found.footprint.gpu_weights == sum(row.gpu for row in found.footprint.rows if row.name == "weights")


@given(layouts(), machines())
@settings(deadline=None, max_examples=100)
def test_what_the_user_fixed_is_kept(model: ModelLayout, machine: Machine) -> None:
    request = Request(
        gpu_layers=1, cpu_expert_layers=1, micro_batch_tokens=64, load_mode=LoadMode.MMAP, repack=False, num_slots=3
    )

    found = plan(model, machine, request)

    assert (found.placement.gpu_layers, found.placement.cpu_expert_layers) == (1, 1)
    assert found.placement.micro_batch_tokens == 64
    assert found.placement.load_mode is LoadMode.MMAP
    assert found.placement.repack is False
    assert found.request == request


# ── real models ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", MAKERS)
def test_the_compute_buffer_is_close_to_what_llama_cpp_allocates(name: str, tmp_path: Path) -> None:
    """Never more under than the margin, and never twice as much where it weighs."""
    maker = MAKERS[name]()
    path = tmp_path / "header.gguf"
    path.write_bytes(maker.bytes())
    os.truncate(path, len(maker.bytes()) + maker.data_bytes)
    # States are really allocated, even where nothing else is: hundreds of megabytes each time.
    recurrent = LAYOUTS[name].is_recurrent
    cases = [
        (Context(slots, tokens, 0, layout), Placement(micro_batch_tokens=size, flash_attention=attention))
        for slots, tokens in (((1, 8192), (4, 2048)) if recurrent else ((1, 8192), (8, 2048), (24, 1024)))
        for size in ((128, 1024) if recurrent else (128, 512, 2048))
        for layout in ((KVLayout.STREAMS,) if recurrent else KVLayout)
        for attention in (FlashAttention.AUTO, FlashAttention.OFF)
    ]
    variants = [
        {
            "n_ctx": context.num_cells,
            "n_seq_max": context.num_slots,
            "n_batch": 2048,
            "n_ubatch": placement.micro_batch_tokens,
            "n_outputs_max": context.num_outputs(placement),
            "kv_unified": context.layout is KVLayout.UNIFIED,
            "flash_attn_type": llamacpp.flash_attention_type(placement),
        }
        for context, placement in cases
    ]

    allocated = [sizes["compute"]["CPU"] * MIB for sizes in measure(path, variants)]

    estimated = [compute_bytes(LAYOUTS[name], context, placement) for context, placement in cases]
    assert all(e * (1 + COMPUTE_MARGIN) >= a for e, a in zip(estimated, allocated, strict=True))
    assert all(e <= 2 * a + 64 * MIB for e, a in zip(estimated, allocated, strict=True))


def test_constants_are_those_of_the_backend() -> None:
    assert compute_buffer.CELL_PADDING == llamacpp.CELL_PADDING
    assert compute_buffer.MIN_OUTPUTS == llamacpp.MIN_OUTPUTS
    assert set(KV_TYPES) == set(llamacpp.KV_TYPES)


def row(found: Plan, name: str) -> tuple[float, float]:
    """GiB on the GPU and in RAM."""
    rows = [(row.gpu / GIB, row.ram / GIB) for row in found.footprint.rows if row.name == name]
    return rows[0] if rows else (0.0, 0.0)


@pytest.mark.parametrize(
    ("kept", "gpu", "ram"),
    [(32, 1.00, 25.50), (28, 4.40, 22.09), (24, 7.58, 18.92), (20, 10.64, 15.85), (8, 19.96, 6.54), (0, 26.43, 0.07)],
)
def test_mixtral_is_split_as_is_known(kept: int, gpu: float, ram: float) -> None:
    """The bytes that llama.cpp puts on each side, for so many layers' experts in RAM."""
    request = Request(gpu_layers=-1, cpu_expert_layers=kept)

    assert row(plan(LAYOUTS["mixtral"], MACHINE, request), "weights") == pytest.approx((gpu, ram), abs=0.01)


def test_dense_parts_come_before_experts() -> None:
    """On a GPU of 8 GB: all that every token reads, then whole layers' experts, from the last."""
    found = plan(LAYOUTS["mixtral"], Machine(32 * GIB, gpu_bytes=8 * GIB), Request(num_slots=1))

    assert found.fits
    assert found.placement.gpu_layers == 33
    assert 24 <= found.placement.cpu_expert_layers <= 28
    assert found.placement.micro_batch_tokens == 2048


def test_a_small_gpu_takes_a_few_layers_without_their_experts() -> None:
    found = plan(LAYOUTS["mixtral"], Machine(32 * GIB, gpu_bytes=GIB * 5 // 2), Request(num_slots=1))

    assert found.fits
    assert 0 < found.placement.gpu_layers < 33
    assert found.placement.cpu_expert_layers == 32
    assert "without their experts on the GPU" in found.reason


def test_a_dense_model_takes_as_many_last_layers_as_fit() -> None:
    found = plan(LAYOUTS["mistral"], Machine(16 * GIB, gpu_bytes=4 * GIB), Request(num_slots=1))

    assert found.fits
    assert 10 < found.placement.gpu_layers < 33
    assert found.placement.cpu_expert_layers == 0


def test_states_and_caches_go_with_their_layers() -> None:
    """Attention is in 4 of 40 layers, a state in the other 36."""
    found = plan(LAYOUTS["granite_hybrid"], Machine(16 * GIB, gpu_bytes=16 * GIB), Request(gpu_layers=11))

    assert row(found, "cache") == pytest.approx((64 / 1024, 192 / 1024))  # layer 35; 5, 15 and 25
    assert row(found, "states")[0] == pytest.approx(9 / 36 * sum(row(found, "states")))


def test_mapping_keeps_rearranged_weights_twice() -> None:
    model = LAYOUTS["mistral"]
    read = plan(model, MACHINE, Request(gpu_layers=0, load_mode=LoadMode.NONE))
    mapped = plan(model, MACHINE, Request(gpu_layers=0, load_mode=LoadMode.MMAP))

    assert row(read, "rearranged copies") == (0, 0)
    assert row(mapped, "rearranged copies")[1] * GIB == sum(
        layer.dense.repacked_bytes for layer in model.layers
    )  # its output is Q6_K
    assert row(
        plan(LAYOUTS["mixtral"], MACHINE, Request(gpu_layers=0, load_mode=LoadMode.MMAP)), "rearranged copies"
    ) == (0, 0)


def test_it_says_what_is_missing_and_what_would_fit() -> None:
    found = plan(LAYOUTS["mistral"], Machine(8 * GIB))

    assert not found.fits
    assert found.reason == "It does not fit: 8.3 GiB of RAM are needed and 7.6 GiB of 8.0 GiB may be used."
    assert "A q8_0 cache" in [alternative.change for alternative in found.alternatives]
    with pytest.raises(PlacementError, match="does not fit") as refused:
        found.options("model.gguf")
    assert "A q8_0 cache would fit." in refused.value.hint


def test_the_speed_is_what_reading_allows() -> None:
    """Mixtral reads 7.9 GB a token: five a second at 40 GB/s, in RAM alone."""
    model = LAYOUTS["mixtral"]
    in_ram = plan(model, replace(MACHINE, gpu_bytes=0), Request(num_slots=1))
    speeds = [plan(model, replace(MACHINE, gpu_bytes=size * GIB)).decode_tokens_per_second for size in (0, 8, 16, 48)]

    assert in_ram.decode_tokens_per_second == pytest.approx(5.0, abs=0.2)
    assert speeds == sorted(speeds)
    assert plan(model, Machine(64 * GIB)).decode_tokens_per_second == 0


def test_few_cores_are_slower_than_memory() -> None:
    two = plan(LAYOUTS["mixtral"], Machine(64 * GIB, assumed_cpu(100e9, num_cores=2)), Request(num_slots=1))
    sixteen = plan(LAYOUTS["mixtral"], Machine(64 * GIB, assumed_cpu(100e9, num_cores=16)), Request(num_slots=1))

    assert two.decode_tokens_per_second / sixteen.decode_tokens_per_second == pytest.approx(0.26)


def test_a_plan_becomes_options() -> None:
    found = plan(LAYOUTS["mistral"], Machine(32 * GIB), Request(num_slots=4, slot_tokens=2048, kv_type="q8_0"))

    options = found.options("model.gguf")

    assert (options.path, options.num_slots, options.slot_tokens) == ("model.gguf", 4, 2048)
    assert options.placement == found.placement
    assert options.placement.kv_type == "q8_0"


@pytest.mark.parametrize(
    "request_",
    [
        Request(num_slots=0),
        Request(slot_tokens=0),
        Request(kv_type="q3_k"),
        Request(kv_type="q8_0", flash_attention=FlashAttention.OFF),
        Request(slot_tokens=40_000),
    ],
)
def test_what_no_machine_could_do_is_refused(request_: Request) -> None:
    with pytest.raises(PlacementError) as refused:
        plan(LAYOUTS["mixtral"], MACHINE, request_)
    assert refused.value.hint


def test_sums_are_made_once() -> None:
    """A footprint looks at no layer again."""
    sizes = Sizes(LAYOUTS["mixtral"], Context())

    assert sizes.footprint(Placement(gpu_layers=33, cpu_expert_layers=3)) == sizes.footprint(
        Placement(gpu_layers=33, cpu_expert_layers=3)
    )
