"""How many bytes a placement takes of a GPU's memory and of RAM, and how many each token reads.

    layout + context ─▶ Sizes (sums over layers, made once) ─ placement ─▶ Footprint

What goes where is llama.cpp's rule: the last layers on the GPU, the output first of all; the embedding always in RAM;
the experts of the first layers in RAM where asked; each layer's cache and state beside it. What it does not do: choose.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING

from localdigest.engine.compute_buffer import COMPUTE_MARGIN, compute_bytes, input_bytes
from localdigest.engine.layout import NOTHING, Part, layer_kv_bytes
from localdigest.engine.loading import LoadMode

if TYPE_CHECKING:
    from localdigest.engine.compute_buffer import Context
    from localdigest.engine.layout import ModelLayout
    from localdigest.engine.loading import Placement

__all__ = ["Active", "Footprint", "Row", "Sizes"]

MIB = 1 << 20
#: Python, numpy, llama.cpp, llguidance and the graph: the resident size of a process that holds a model, less every
#: buffer that llama.cpp names and the vocabulary's share.
RUNTIME_BYTES = 52 * MIB
#: For each token of the vocabulary: llama.cpp's own tables 250, the engine's list 110, llguidance's tree 340.
VOCABULARY_BYTES = 700
CELL_BYTES = 64  #: the position and the sequences of one cell
#: What CUDA takes for itself of the GPU and of RAM, as gguf-parser reckons.
GPU_RUNTIME_BYTES = 250 * MIB
GPU_RUNTIME_RAM_BYTES = 150 * MIB
WORK_BYTES = 1.2  #: for each number that is quantised before a product (Q8_K: 292 for 256)
F32_BYTES = 4
MAPPING_MODES = (LoadMode.AUTO, LoadMode.MMAP, LoadMode.MLOCK)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that takes memory, in bytes."""

    name: str
    gpu: int
    ram: int


@dataclass(frozen=True, slots=True)
class Active:
    """Bytes of one memory that one token of one sequence reads."""

    dense: int = 0
    experts: int = 0  #: of those used
    context: int = 0  #: of the cache, half full
    stored: int = 0  #: all weights there, the experts not used too

    @property
    def total(self) -> int:
        return self.dense + self.experts + self.context


@dataclass(frozen=True, slots=True)
class Footprint:
    """What one placement takes."""

    rows: tuple[Row, ...]
    margin: Row  #: kept free on top, for what is only estimated
    gpu_weights: int
    gpu_active: Active
    ram_active: Active

    @property
    def gpu(self) -> int:
        return sum(row.gpu for row in self.rows)

    @property
    def ram(self) -> int:
        """What the process takes: its peak resident size."""
        return sum(row.ram for row in self.rows)


@dataclass(frozen=True, slots=True)
class _Split:
    """A placement in terms of layers."""

    first: int  #: the first layer on the GPU
    experts_from: int  #: the first layer whose experts are on the GPU
    has_gpu: bool  #: the output is there, and perhaps more


class Sizes:
    """One model in one context. Its sums are made once, so that hundreds of placements can be compared."""

    def __init__(self, model: ModelLayout, context: Context, *, gpu_host_memory: bool = True) -> None:
        """`gpu_host_memory`: weights left in RAM lie where the GPU can fetch them, and are not rearranged."""
        self.model = model
        self.context = context
        self._gpu_host_memory = gpu_host_memory
        # Entry n is of the first n layers.
        self._always = list(accumulate((layer.always for layer in model.layers), initial=NOTHING))
        self._experts = list(accumulate((layer.experts for layer in model.layers), initial=NOTHING))
        states = (layer.state_values * F32_BYTES * context.num_slots for layer in model.layers)
        self._states = list(accumulate(states, initial=0))
        self._caches: dict[str, list[int]] = {}
        self._computes: dict[Placement, tuple[int, int]] = {}

    def footprint(self, placement: Placement) -> Footprint:
        model, split = self.model, self._split(placement)
        in_ram = self._always[split.first] + self._experts[split.experts_from]
        if not split.has_gpu:
            in_ram += model.output
        repack = self.repacks(placement) and not (split.has_gpu and self._gpu_host_memory)
        whole = self._always[-1].num_bytes + self._experts[-1].num_bytes + model.output.num_bytes
        gpu_weights = whole - in_ram.num_bytes if split.has_gpu else 0
        compute, inputs = self._compute(placement)
        ram_compute = inputs if split.has_gpu and not in_ram.num_bytes else compute
        # A prompt's products with weights in RAM are computed on the GPU: it fetches one matrix at a time.
        gpu_compute = compute + in_ram.largest_bytes if split.has_gpu else 0
        cache, first = self._cache(placement.kv_type), split.first
        rows = [
            Row("weights", gpu_weights, self._weights_in_ram(placement, in_ram, split, repack=repack)),
            Row("rearranged copies", 0, in_ram.repacked_bytes if repack and _maps(placement) else 0),
            Row("cache", cache[-1] - cache[first], cache[first]),
            Row("states", self._states[-1] - self._states[first], self._states[first]),
            Row("compute buffer", gpu_compute, ram_compute),
            Row("outputs", 0, self.context.num_outputs(placement) * model.num_vocab * F32_BYTES),
            Row("runtime", GPU_RUNTIME_BYTES if split.has_gpu else 0, self._runtime(placement, split)),
        ]
        rows.append(Row("loading", 0, self._loading(placement, rows) if split.has_gpu else 0))
        return Footprint(
            rows=tuple(row for row in rows if row.gpu or row.ram),
            margin=Row("margin", round(gpu_compute * COMPUTE_MARGIN), round(ram_compute * COMPUTE_MARGIN)),
            gpu_weights=gpu_weights,
            gpu_active=self._on_gpu(split, cache) if split.has_gpu else Active(),
            ram_active=self._in_ram(split, cache),
        )

    def repacks(self, placement: Placement) -> bool:
        """As the backend decides: experts are quicker as they are."""
        return not self.model.has_experts if placement.repack is None else placement.repack

    def _split(self, placement: Placement) -> _Split:
        layers, count = self.model.num_layers, placement.gpu_layers
        if not count:
            return _Split(layers, layers, has_gpu=False)
        first = 0 if count < 0 else min(max(self.model.num_blocks + 1 - count, 0), layers)
        return _Split(first, max(first, min(placement.cpu_expert_layers, layers)), has_gpu=True)

    def _weights_in_ram(self, placement: Placement, in_ram: Part, split: _Split, *, repack: bool) -> int:
        model = self.model
        total = in_ram.num_bytes + model.embedding.num_bytes + model.other.num_bytes
        shares = model.ties_embedding and not split.has_gpu
        # The output shares the embedding's bytes, unless it is rearranged while the embedding stays as it was; where
        # the file is mapped that copy is counted with the copies.
        if shares and (_maps(placement) or not (repack and model.output.repacked_bytes)):
            total -= model.embedding.num_bytes
        return total

    def _cache(self, kv_type: str) -> list[int]:
        if kv_type not in self._caches:
            cells = self.context.num_cells
            each = (layer_kv_bytes(layer, kv_type) * cells for layer in self.model.layers)
            self._caches[kv_type] = list(accumulate(each, initial=0))
        return self._caches[kv_type]

    def _compute(self, placement: Placement) -> tuple[int, int]:
        """Of a device with layers, and of a CPU without."""
        key = _without_place(placement)
        if key not in self._computes:
            self._computes[key] = (
                compute_bytes(self.model, self.context, placement),
                input_bytes(self.model, self.context, placement),
            )
        return self._computes[key]

    def _runtime(self, placement: Placement, split: _Split) -> int:
        model = self.model
        widest = max(model.inner_values, model.width, model.query_values)
        work = round(self.context.computed_tokens(placement) * widest * WORK_BYTES)
        cells = self.context.num_cells * CELL_BYTES
        gpu = GPU_RUNTIME_RAM_BYTES if split.has_gpu else 0
        return RUNTIME_BYTES + model.num_vocab * VOCABULARY_BYTES + work + cells + gpu

    def _loading(self, placement: Placement, rows: list[Row]) -> int:
        """A tensor on its way to the GPU is read into RAM first; what is made after loading takes the same room."""
        if _maps(placement):
            return 0
        largest = max(self._always[-1].largest_bytes, self._experts[-1].largest_bytes, self.model.output.largest_bytes)
        later = sum(row.ram for row in rows if row.name in ("cache", "states", "compute buffer", "outputs"))
        return max(0, largest - later)

    def _on_gpu(self, split: _Split, cache: list[int]) -> Active:
        dense = self.model.output.num_bytes + self._always[-1].num_bytes - self._always[split.first].num_bytes
        experts = self._experts[-1].num_bytes - self._experts[split.experts_from].num_bytes
        return self._active(dense, experts, cache[-1] - cache[split.first])

    def _in_ram(self, split: _Split, cache: list[int]) -> Active:
        dense = self._always[split.first].num_bytes + (0 if split.has_gpu else self.model.output.num_bytes)
        return self._active(dense, self._experts[split.experts_from].num_bytes, cache[split.first])

    def _active(self, dense: int, experts: int, cache: int) -> Active:
        return Active(
            dense=dense,
            experts=round(experts * self.model.expert_share),
            context=cache * self.context.slot_tokens // (2 * self.context.num_cells),
            stored=dense + experts,
        )


def _maps(placement: Placement) -> bool:
    return placement.load_mode in MAPPING_MODES


def _without_place(placement: Placement) -> Placement:
    """Placements that compute alike: the same but for where things are."""
    return replace(placement, gpu_layers=0, cpu_expert_layers=0)
