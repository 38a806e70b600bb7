"""From a model's shape, a dozen numbers, to the header that its file has: planning needs no file and no network.

    Shape + quantisation ─▶ tensors with their types, one after the other ─▶ Header ─engine.layout─▶ ModelLayout

What comes out differs from the file's own header in names, licence and vocabulary only; the tests compare its bytes
with the size of the file. What it does not do: know any model. Those are in catalog.toml.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Protocol

from localdigest.engine.gguf import DEFAULT_ALIGNMENT, Header, Tensor
from localdigest.hub.quantisation import Mix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localdigest.engine.gguf import Value

__all__ = ["ARCHITECTURES", "Recurrence", "Shape", "make_header", "shape_header"]

#: Those whose tensors are known here; some more have the same.
ARCHITECTURES = ("llama", "mistral3", "qwen3moe", "gpt-oss", "granitehybrid")
_GGUF_VERSION = 3
_Dims = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Of a hybrid model: the layers that carry a state (Mamba 2), which are all but a few."""

    attending: tuple[int, ...]  #: the layers that attend instead
    inner: int
    state: int
    groups: int
    heads: int
    kernel: int


@dataclass(frozen=True, slots=True)
class Shape:
    """A model's size, as its publisher's configuration gives it."""

    architecture: str  #: as GGUF has it
    layers: int
    width: int
    heads: int
    kv_heads: int
    head_length: int
    feed_forward: int
    vocabulary: int
    experts: int = 0
    experts_used: int = 0
    expert_feed_forward: int = 0  #: 0: as `feed_forward`
    shared_feed_forward: int = 0  #: of an expert that every token goes through
    ties_embedding: bool = False  #: the output is the embedding
    sliding_window: int = 0
    recurrence: Recurrence | None = None

    @property
    def attending(self) -> tuple[int, ...]:
        return self.recurrence.attending if self.recurrence else tuple(range(self.layers))

    @property
    def expert_width(self) -> int:
        return self.expert_feed_forward or self.feed_forward


class Shaped(Protocol):
    """What has a shape, perhaps: an entry of the catalogue."""

    @property
    def shape(self) -> Shape | None: ...
    @property
    def quantisation(self) -> str: ...
    @property
    def context_tokens(self) -> int: ...


def shape_header(entry: Shaped) -> Header | None:
    """The header that the entry's file has, as far as planning looks at it; None: its shape is not known."""
    if entry.shape is None:
        return None
    return make_header(entry.shape, quantisation=entry.quantisation, context_tokens=entry.context_tokens)


def make_header(shape: Shape, *, quantisation: str, context_tokens: int) -> Header:
    """The header of the shape's file in this quantisation; its data begin at 0."""
    mix = Mix(
        name=quantisation,
        num_layers=shape.layers,
        attending=shape.attending,
        num_experts=shape.experts,
        queries_per_kv=shape.heads // shape.kv_heads,
        ties_embedding=shape.ties_embedding,
    )
    tensors: list[Tensor] = []
    offset = 0
    for name, dims in _tensors(shape):
        kind = mix.type_of(name, dims)
        num_bytes = kind.bytes_of(prod(dims))
        tensors.append(Tensor(name, dims, kind, offset, num_bytes))
        offset += -(-num_bytes // DEFAULT_ALIGNMENT) * DEFAULT_ALIGNMENT
    metadata = {"general.architecture": shape.architecture} | {
        f"{shape.architecture}.{name}": value for name, value in _metadata(shape, context_tokens).items() if value
    }
    return Header(
        version=_GGUF_VERSION,
        metadata=metadata,
        tensors=tuple(tensors),
        keys_offset=0,
        tensors_offset=0,
        data_offset=0,
        alignment=DEFAULT_ALIGNMENT,
    )


def _metadata(shape: Shape, context_tokens: int) -> dict[str, Value]:
    found: dict[str, Value] = {
        "block_count": shape.layers,
        "context_length": context_tokens,
        "embedding_length": shape.width,
        "feed_forward_length": shape.feed_forward,
        "vocab_size": shape.vocabulary,
        "expert_count": shape.experts,
        "expert_used_count": shape.experts_used,
        "expert_feed_forward_length": shape.expert_feed_forward,
        "expert_shared_feed_forward_length": shape.shared_feed_forward,
        "attention.head_count": shape.heads,
        "attention.head_count_kv": shape.kv_heads,
        "attention.key_length": shape.head_length,
        "attention.value_length": shape.head_length,
        "attention.layer_norm_rms_epsilon": 1e-5,
        "attention.sliding_window": shape.sliding_window,
        "rope.dimension_count": shape.head_length,
    }
    if recurrence := shape.recurrence:
        attends = set(recurrence.attending)
        found |= {
            "attention.head_count_kv": tuple(shape.kv_heads * (layer in attends) for layer in range(shape.layers)),
            "ssm.conv_kernel": recurrence.kernel,
            "ssm.state_size": recurrence.state,
            "ssm.group_count": recurrence.groups,
            "ssm.inner_size": recurrence.inner,
            "ssm.time_step_rank": recurrence.heads,
        }
    return found


def _tensors(shape: Shape) -> Iterator[tuple[str, _Dims]]:
    """Names and dimensions, innermost first."""
    yield "token_embd.weight", (shape.width, shape.vocabulary)
    yield "output_norm.weight", (shape.width,)
    if not shape.ties_embedding:
        yield "output.weight", (shape.width, shape.vocabulary)
    for layer in range(shape.layers):
        for name, dims in _of_layer(shape, layer):
            yield f"blk.{layer}.{name}", dims


def _of_layer(shape: Shape, layer: int) -> Iterator[tuple[str, _Dims]]:
    yield "attn_norm.weight", (shape.width,)
    # gpt-oss calls the norm before its feed-forward part after what stands in front of it.
    yield ("post_attention_norm.weight" if shape.architecture == "gpt-oss" else "ffn_norm.weight"), (shape.width,)
    if layer in shape.attending:
        yield from _attention(shape)
    elif shape.recurrence:
        yield from _recurrent(shape.recurrence, shape.width)
    yield from _experts(shape) if shape.experts else _feed_forward(shape.width, shape.feed_forward, "")
    if shape.shared_feed_forward:
        yield from _feed_forward(shape.width, shape.shared_feed_forward, "_shexp")


def _attention(shape: Shape) -> Iterator[tuple[str, _Dims]]:
    queries, keys = shape.heads * shape.head_length, shape.kv_heads * shape.head_length
    yield "attn_q.weight", (shape.width, queries)
    yield "attn_k.weight", (shape.width, keys)
    yield "attn_v.weight", (shape.width, keys)
    yield "attn_output.weight", (queries, shape.width)
    if shape.architecture == "qwen3moe":
        yield "attn_q_norm.weight", (shape.head_length,)
        yield "attn_k_norm.weight", (shape.head_length,)
    if shape.architecture == "gpt-oss":
        yield "attn_q.bias", (queries,)
        yield "attn_k.bias", (keys,)
        yield "attn_v.bias", (keys,)
        yield "attn_output.bias", (shape.width,)
        yield "attn_sinks.weight", (shape.heads,)


def _recurrent(recurrence: Recurrence, width: int) -> Iterator[tuple[str, _Dims]]:
    convolved = recurrence.inner + 2 * recurrence.groups * recurrence.state
    yield "ssm_in.weight", (width, recurrence.inner + convolved + recurrence.heads)
    yield "ssm_conv1d.weight", (recurrence.kernel, convolved)
    yield "ssm_conv1d.bias", (convolved,)
    yield "ssm_dt.bias", (recurrence.heads,)
    yield "ssm_a", (1, recurrence.heads)
    yield "ssm_d", (1, recurrence.heads)
    yield "ssm_norm.weight", (recurrence.inner // recurrence.groups, recurrence.groups)
    yield "ssm_out.weight", (recurrence.inner, width)


def _feed_forward(width: int, inner: int, suffix: str) -> Iterator[tuple[str, _Dims]]:
    yield f"ffn_gate{suffix}.weight", (width, inner)
    yield f"ffn_up{suffix}.weight", (width, inner)
    yield f"ffn_down{suffix}.weight", (inner, width)


def _experts(shape: Shape) -> Iterator[tuple[str, _Dims]]:
    width, inner, experts = shape.width, shape.expert_width, shape.experts
    yield "ffn_gate_inp.weight", (width, experts)
    yield "ffn_gate_exps.weight", (width, inner, experts)
    yield "ffn_up_exps.weight", (width, inner, experts)
    yield "ffn_down_exps.weight", (inner, width, experts)
    if shape.architecture == "gpt-oss":
        yield "ffn_gate_inp.bias", (experts,)
        yield "ffn_gate_exps.bias", (inner, experts)
        yield "ffn_up_exps.bias", (inner, experts)
        yield "ffn_down_exps.bias", (width, experts)
