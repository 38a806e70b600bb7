"""What a model is made of, read off its header: the bytes of each layer, of each token of context, of each step.

    header ─▶ tensors by layer ─▶ dense · shared experts · experts ─▶ ModelLayout

Sizes come from the shapes of the tensors wherever they can, and only else from the metadata: shapes cannot be wrong in
a file that loads. What it does not do: decide where anything goes, or know how much memory there is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.engine.errors import ModelFileError
from localdigest.engine.tensor_types import TENSOR_TYPES, Cpu, repacks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from localdigest.engine.gguf import Header, Tensor, Value

__all__ = ["KV_TYPES", "NOTHING", "Layer", "ModelLayout", "Part", "read_layout"]

MAX_LAYERS = 4096
_OF_LAYER = re.compile(r"blk\.(\d+)\.(.+)")
#: llama.cpp's own pattern for what `cpu_expert_layers` keeps in RAM; biases and scales of experts are caught as well.
_EXPERTS = re.compile(r"ffn_(up|down|gate|gate_up)_(ch|)exps")
_SHARED_EXPERTS = re.compile(r"ffn_(up|down|gate|gate_inp)_shexp")
_RECURRENT = ("ssm_", "time_mix_", "shortconv.")
_RECURRENT_BYTES = 4  # states are kept as F32
#: What a cache can be kept in.
KV_TYPES = ("f32", "f16", "bf16", "q8_0", "q4_0", "q4_1", "iq4_nl", "q5_0", "q5_1")
_TYPES_BY_NAME = {kind.name.lower(): kind for kind in TENSOR_TYPES.values()}


@dataclass(frozen=True, slots=True)
class Part:
    """Some tensors that go to one place together."""

    num_bytes: int = 0
    repacked_bytes: int = 0  #: of these, what a CPU keeps rearranged
    largest_bytes: int = 0  #: of the largest tensor
    largest_repacked_bytes: int = 0

    def __add__(self, other: Part) -> Part:
        return Part(
            self.num_bytes + other.num_bytes,
            self.repacked_bytes + other.repacked_bytes,
            max(self.largest_bytes, other.largest_bytes),
            max(self.largest_repacked_bytes, other.largest_repacked_bytes),
        )


NOTHING = Part()


@dataclass(frozen=True, slots=True)
class Layer:
    dense: Part  #: attention, norms, router, and the feed-forward part of a dense layer
    shared: Part  #: experts that every token goes through
    experts: Part
    key_values: int  #: numbers that a token leaves in the cache
    value_values: int
    state_values: int  #: numbers that a sequence carries along, of a recurrent layer

    @property
    def always(self) -> Part:
        """What every token reads."""
        return self.dense + self.shared


@dataclass(frozen=True, slots=True)
class ModelLayout:
    architecture: str
    num_layers: int
    num_blocks: int  #: with layers at the end that are not loaded, but that llama.cpp counts among those of a GPU
    width: int  #: of the embedding
    num_heads: int  #: the most of any layer
    num_kv_heads: tuple[int, ...]  #: of each layer; 0 where it does not attend
    key_length: int  #: of one head
    value_length: int
    num_vocab: int
    context_length: int  #: that it was trained for
    sliding_window: int  #: 0: none
    num_experts: int
    num_experts_used: int
    layers: tuple[Layer, ...]
    embedding: Part
    output: Part  #: with the last norm; where the file has none it is a second copy of the embedding
    ties_embedding: bool  #: the output is the embedding: a copy that is kept in the same place costs nothing
    other: Part  #: what belongs to no layer; counted with the first ones
    query_values: int  #: numbers of one token's queries, in the widest layer
    inner_values: int  #: numbers of one token inside the feed-forward part, over the experts used
    recurrent_values: int  #: numbers of one token inside a recurrent layer

    @property
    def is_recurrent(self) -> bool:
        """Whether any layer carries a state, so that a sequence cannot be cut back."""
        return any(layer.state_values for layer in self.layers)

    @property
    def has_experts(self) -> bool:
        return any(layer.experts.num_bytes for layer in self.layers)

    def kv_bytes_per_token(self, kv_type: str = "f16") -> int:
        return sum(layer_kv_bytes(layer, kv_type) for layer in self.layers)

    @property
    def state_bytes_per_sequence(self) -> int:
        return sum(layer.state_values for layer in self.layers) * _RECURRENT_BYTES

    @property
    def expert_share(self) -> float:
        """The part of the experts that one token reads."""
        return self.num_experts_used / self.num_experts if self.num_experts else 0.0

    @property
    def active_bytes_per_token(self) -> int:
        """What decoding one token of one sequence reads, its context aside."""
        always = self.output.num_bytes + sum(layer.always.num_bytes for layer in self.layers)
        return always + round(self.expert_share * sum(layer.experts.num_bytes for layer in self.layers))

    @property
    def weight_bytes(self) -> int:
        """All tensors of the file that are loaded, each once."""
        parts = (part for layer in self.layers for part in (layer.dense, layer.shared, layer.experts))
        total = sum(part.num_bytes for part in parts) + self.embedding.num_bytes + self.other.num_bytes
        return total + (self.output.num_bytes - (self.embedding.num_bytes if self.ties_embedding else 0))


def kv_values_bytes(num_values: int, kv_type: str) -> int:
    kind = _TYPES_BY_NAME[kv_type]
    return -(-num_values // kind.block_values) * kind.block_bytes


def layer_kv_bytes(layer: Layer, kv_type: str) -> int:
    """What one token leaves in the cache of a layer."""
    return kv_values_bytes(layer.key_values, kv_type) + kv_values_bytes(layer.value_values, kv_type)


def read_layout(header: Header, *, cpu: Cpu = Cpu.PLAIN) -> ModelLayout:
    """Read what a model is made of.

    Args:
        header: Of its file.
        cpu: Of the machine that will run it; decides which weights are rearranged.

    Raises:
        ModelFileError: The metadata lack what every model has.
    """
    return _Reading(header, cpu).layout()


class _Reading:
    """One header being read."""

    def __init__(self, header: Header, cpu: Cpu) -> None:
        self.metadata: Mapping[str, Value] = header.metadata
        self.cpu = cpu
        architecture = self.metadata.get("general.architecture")
        if not isinstance(architecture, str):
            raise ModelFileError("The file does not say what kind of model it is.")
        self.architecture = architecture
        self.width = self.need("embedding_length")
        # Layers at the end that only guess ahead are not loaded.
        self.num_layers = self.need("block_count") - self.number("nextn_predict_layers", 0)
        if not 0 < self.num_layers <= MAX_LAYERS:
            raise ModelFileError(f"The model cannot have {self.num_layers} layers.")
        self.in_layers: list[dict[str, Tensor]] = [{} for _ in range(self.num_layers)]
        self.outside: dict[str, Tensor] = {}
        for tensor in header.tensors:
            self.sort_in(tensor)

    def sort_in(self, tensor: Tensor) -> None:
        match = _OF_LAYER.fullmatch(tensor.name)
        if match is None:
            self.outside[tensor.name] = tensor
        elif (layer := int(match[1])) < self.num_layers:
            self.in_layers[layer][match[2]] = tensor

    # ── metadata ─────────────────────────────────────────────────────────────

    def number(self, name: str, default: int, *, layer: int = 0) -> int:
        """A whole number, of a layer where it is given for each."""
        value = self.metadata.get(f"{self.architecture}.{name}", default)
        if isinstance(value, tuple):
            value = value[layer] if layer < len(value) else default
        if not isinstance(value, int | float) or not 0 <= value < 1 << 40:
            raise ModelFileError(f"The model file is damaged: its {name} is {value!r}.")
        return int(value)

    def most(self, name: str, default: int) -> int:
        return max(self.number(name, default, layer=layer) for layer in range(self.num_layers))

    def need(self, name: str) -> int:
        found = self.number(name, 0)
        if not found:
            raise ModelFileError(f"The file does not give the model's {name}: it is no language model, or damaged.")
        return found

    # ── the whole ────────────────────────────────────────────────────────────

    def layout(self) -> ModelLayout:
        embedding = self.outside.pop("token_embd.weight", None)
        if embedding is None:
            raise ModelFileError("The file has no token embedding: it is no language model, or only a part of one.")
        output = self.outside.pop("output.weight", None)
        norms = [self.outside.pop(name) for name in list(self.outside) if name.startswith("output")]
        layers = tuple(self.layer(number) for number in range(self.num_layers))
        return ModelLayout(
            architecture=self.architecture,
            num_layers=self.num_layers,
            num_blocks=self.need("block_count"),
            width=self.width,
            num_heads=self.most("attention.head_count", 0),
            num_kv_heads=tuple(self.kv_heads(number, layer) for number, layer in enumerate(layers)),
            key_length=self.head_length("key", 0),
            value_length=self.head_length("value", 0),
            num_vocab=_rows(embedding),
            context_length=self.number("context_length", 0),
            sliding_window=self.number("attention.sliding_window", 0),
            num_experts=self.number("expert_count", 0),
            num_experts_used=self.most("expert_used_count", 0),
            layers=layers,
            embedding=self.part([embedding], multiplied=False),
            output=self.part([output or embedding, *norms]),
            ties_embedding=output is None,
            other=self.part(self.outside.values(), multiplied=False),
            query_values=max(self.query_values(number) for number in range(self.num_layers)),
            inner_values=max(self.inner_values(number) for number in range(self.num_layers)),
            recurrent_values=self.recurrent_values(),
        )

    def part(self, tensors: Iterable[Tensor], *, multiplied: bool = True) -> Part:
        """`multiplied`: they are matrices that vectors are multiplied with, not rows that are looked up."""
        found = NOTHING
        for tensor in tensors:
            is_repacked = multiplied and repacks(tensor.kind, tensor.shape, self.cpu)
            repacked = tensor.num_bytes if is_repacked else 0
            found += Part(tensor.num_bytes, repacked, tensor.num_bytes, repacked)
        return found

    # ── one layer ────────────────────────────────────────────────────────────

    def layer(self, number: int) -> Layer:
        tensors = self.in_layers[number]
        experts = {name for name in tensors if _EXPERTS.match(name)}
        shared = {name for name in tensors if _SHARED_EXPERTS.match(name)}
        keys, values = self.cached(number)
        return Layer(
            dense=self.part(tensor for name, tensor in tensors.items() if name not in experts | shared),
            shared=self.part(tensors[name] for name in sorted(shared)),
            experts=self.part(tensors[name] for name in sorted(experts)),
            key_values=keys,
            value_values=values,
            state_values=self.state(number),
        )

    def head_length(self, kind: str, layer: int) -> int:
        heads = self.number("attention.head_count", 0, layer=layer)
        return self.number(f"attention.{kind}_length", self.width // heads if heads else 0, layer=layer)

    def kv_heads(self, number: int, layer: Layer) -> int:
        if not layer.key_values:
            return 0
        heads = self.number("attention.head_count", 0, layer=number)
        return self.number("attention.head_count_kv", heads, layer=number)

    def is_recurrent(self, number: int) -> bool:
        return any(name.startswith(_RECURRENT) for name in self.in_layers[number])

    def cached(self, number: int) -> tuple[int, int]:
        """Numbers of the keys and the values that one token leaves in the cache."""
        tensors = self.in_layers[number]
        if number >= self.num_layers - self.number("attention.shared_kv_layers", 0):
            return 0, 0
        indexer = self.number("attention.indexer.key_length", 0) if "indexer.attn_k.weight" in tensors else 0
        if "attn_k.weight" in tensors:
            keys = _rows(tensors["attn_k.weight"])
            return keys + indexer, _rows(tensors.get("attn_v.weight", tensors["attn_k.weight"]))
        if "attn_kv_a_mqa.weight" in tensors:
            return self.latent(number, indexer)
        if "attn_qkv.weight" in tensors and not self.is_recurrent(number):
            heads = self.number("attention.head_count", 0, layer=number)
            heads = self.number("attention.head_count_kv", heads, layer=number)
            return heads * self.head_length("key", number), heads * self.head_length("value", number)
        return 0, 0

    def latent(self, number: int, indexer: int) -> tuple[int, int]:
        """Latent attention keeps one compressed row; files of before it was built in keep every head's."""
        if "attn_k_b.weight" in self.in_layers[number]:
            return _rows(self.in_layers[number]["attn_kv_a_mqa.weight"]) + indexer, 0
        heads = self.number("attention.head_count", 0, layer=number)
        return heads * self.head_length("key", number), heads * self.head_length("value", number)

    def state(self, number: int) -> int:
        """Numbers of one sequence's state: `n_embd_r` and `n_embd_s` of llama.cpp."""
        if not self.is_recurrent(number):
            return 0
        if wkv := self.number("wkv.head_size", 0):
            return self.width * (self.number("token_shift_count", 2) + wkv)
        if kept := self.number("shortconv.l_cache", 0):
            return self.width * (kept - 1)
        kernel = max(self.number("ssm.conv_kernel", 0) - 1, 0)
        if head := self.number("kda.head_dim", 0):
            heads = self.most("attention.head_count", 0)
            return heads * head * (3 * (kernel or 3) + head)
        inner, size = self.number("ssm.inner_size", 0), self.number("ssm.state_size", 0)
        return kernel * (inner + 2 * self.number("ssm.group_count", 0) * size) + size * inner

    # ── what passes through one layer for each token ─────────────────────────

    def query_values(self, number: int) -> int:
        query = self.in_layers[number].get("attn_q.weight")
        heads = self.number("attention.head_count", 0, layer=number)
        return max(_rows(query) if query else 0, heads * self.head_length("key", number))

    def inner_values(self, number: int) -> int:
        tensors = self.in_layers[number]
        names = [name for name in tensors if re.fullmatch(r"ffn_(up|gate|gate_up)(|_exps|_shexp)\.weight", name)]
        used = self.number("expert_used_count", 0, layer=number)
        dense = max((_rows(tensors[name]) for name in names if not name.endswith("exps.weight")), default=0)
        experts = max((_rows(tensors[name]) for name in names if name.endswith("exps.weight")), default=0)
        return max(dense, experts * used)

    def recurrent_values(self) -> int:
        recurrent = [self.in_layers[number] for number in range(self.num_layers) if self.is_recurrent(number)]
        matrices = [tensor for tensors in recurrent for name, tensor in tensors.items() if not name.startswith("ffn")]
        return max(map(_rows, matrices), default=0)


def _rows(tensor: Tensor) -> int:
    return tensor.shape[1] if len(tensor.shape) > 1 else 1
