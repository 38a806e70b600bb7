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
from localdigest.hub.catalog import load_catalog
from localdigest.hub.shapes import Shape, make_header

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
            return struct.pack("<II", UINT32, value) if value >= 0 else struct.pack("<Ii", INT32, value)
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


def start(arch: str, *, layers: int, width: int, vocab: int, context: int = 32768, **numbers: object) -> HeaderMaker:
    """Keys that every model has, its embedding, and `numbers` under the architecture's name."""
    maker = HeaderMaker()
    maker.add("general.architecture", arch)
    maker.add("tokenizer.ggml.model", "none")
    maker.add(f"{arch}.vocab_size", vocab)
    maker.add(f"{arch}.context_length", context)
    maker.add(f"{arch}.embedding_length", width)
    maker.add(f"{arch}.block_count", layers)
    maker.add(f"{arch}.attention.layer_norm_rms_epsilon", 1e-5)
    for name, value in numbers.items():
        maker.add(f"{arch}." + name.replace("__", "."), value)
    return maker


def attention(
    maker: HeaderMaker, layer: int, *, width: int, heads: int, kv_heads: int, head: int, **kinds: str
) -> None:
    name = f"blk.{layer}."
    maker.tensor(name + "attn_norm.weight", (width,))
    maker.tensor(name + "attn_q.weight", (width, heads * head), kinds.get("q", "Q4_K"))
    maker.tensor(name + "attn_k.weight", (width, kv_heads * head), kinds.get("k", "Q4_K"))
    maker.tensor(name + "attn_v.weight", (width, kv_heads * head), kinds.get("v", "Q6_K"))
    maker.tensor(name + "attn_output.weight", (heads * head, width), kinds.get("o", "Q4_K"))
    if "norm" not in kinds:
        maker.tensor(name + "ffn_norm.weight", (width,))


def experts_ffn(
    maker: HeaderMaker, layer: int, *, width: int, inner: int, experts: int, kind: str = "Q4_K", down: str = "Q4_K"
) -> None:
    name = f"blk.{layer}."
    maker.tensor(name + "ffn_gate_inp.weight", (width, experts))
    maker.tensor(name + "ffn_gate_exps.weight", (width, inner, experts), kind)
    maker.tensor(name + "ffn_up_exps.weight", (width, inner, experts), kind)
    maker.tensor(name + "ffn_down_exps.weight", (inner, width, experts), down)


def ends(maker: HeaderMaker, *, width: int, vocab: int, kind: str = "Q4_K", tied: bool = False) -> None:
    maker.tensor("token_embd.weight", (width, vocab), "Q6_K" if tied else kind)
    maker.tensor("output_norm.weight", (width,))
    if not tied:
        maker.tensor("output.weight", (width, vocab), "Q8_0" if kind == "Q8_0" else "Q6_K")


def maker_of(shape: Shape, *, quantisation: str = "Q4_K_M", context: int = 32768) -> HeaderMaker:
    """The header that the product makes of a shape, as a file that llama.cpp reads."""
    header = make_header(shape, quantisation=quantisation, context_tokens=context)
    maker = HeaderMaker()
    maker.add("tokenizer.ggml.model", "none")
    for key, value in header.metadata.items():
        maker.add(key, list(value) if isinstance(value, tuple) else value)
    for tensor in header.tensors:
        maker.tensor(tensor.name, tensor.shape, tensor.kind.name)
    return maker


def of_catalogue(name: str) -> HeaderMaker:
    entry = load_catalog().get(name)
    assert entry.shape is not None
    return maker_of(entry.shape, quantisation=entry.quantisation, context=entry.context_tokens)


def mixtral(
    *,
    layers: int = 32,
    width: int = 4096,
    inner: int = 14336,
    heads: int = 32,
    kv_heads: int = 8,
    head: int = 128,
    vocab: int = 32000,
    experts: int = 8,
    used: int = 2,
    context: int = 32768,
) -> HeaderMaker:  # fmt: skip - one line of its shape
    """Mixtral 8x7B as Q4_K_M, to the byte; or another of its shape."""
    shape = Shape("llama", layers, width, heads, kv_heads, head, inner, vocab, experts, used)
    return maker_of(shape, context=context)


def mistral(
    *,
    layers: int = 32,
    width: int = 4096,
    inner: int = 14336,
    heads: int = 32,
    kv_heads: int = 8,
    head: int = 128,
    vocab: int = 32768,
    context: int = 32768,
    tied: bool = False,
) -> HeaderMaker:  # fmt: skip - one line of its shape
    """Mistral 7B v0.3 as Q4_K_M; or another dense one."""
    shape = Shape("llama", layers, width, heads, kv_heads, head, inner, vocab, ties_embedding=tied)
    return maker_of(shape, context=context)


def qwen3_moe() -> HeaderMaker:
    """Qwen3 30B A3B: many small experts, a large vocabulary."""
    return of_catalogue("qwen3-30b-a3b-q4")


def qwen35_moe() -> HeaderMaker:
    """Qwen3.5 35B A3B: three layers of four are recurrent, and each has a shared expert."""
    width, layers, vocab, experts = 2048, 40, 248320, 256
    maker = start(
        "qwen35moe", layers=layers, width=width, vocab=vocab, context=262144, expert_count=experts, expert_used_count=8,
        expert_feed_forward_length=512, expert_shared_feed_forward_length=512, attention__head_count=16,
        attention__head_count_kv=2, attention__key_length=256, attention__value_length=256, rope__dimension_count=64,
        rope__dimension_sections=[11, 11, 10, 0], ssm__conv_kernel=4, ssm__state_size=128, ssm__group_count=16,
        ssm__time_step_rank=32, ssm__inner_size=4096, full_attention_interval=4, rope__freq_base=1e7,
    )  # fmt: skip
    ends(maker, width=width, vocab=vocab)
    for layer in range(layers):
        name = f"blk.{layer}."
        maker.tensor(name + "attn_norm.weight", (width,))
        maker.tensor(name + "post_attention_norm.weight", (width,))
        if layer % 4 == 3:
            maker.tensor(name + "attn_q.weight", (width, 2 * 16 * 256), "Q4_K")
            maker.tensor(name + "attn_k.weight", (width, 512), "Q4_K")
            maker.tensor(name + "attn_v.weight", (width, 512), "Q6_K")
            maker.tensor(name + "attn_output.weight", (4096, width), "Q4_K")
            maker.tensor(name + "attn_q_norm.weight", (256,))
            maker.tensor(name + "attn_k_norm.weight", (256,))
        else:
            maker.tensor(name + "attn_qkv.weight", (width, 8192), "Q4_K")
            maker.tensor(name + "attn_gate.weight", (width, 4096), "Q4_K")
            maker.tensor(name + "ssm_conv1d.weight", (4, 8192))
            maker.tensor(name + "ssm_dt.bias", (32,))
            maker.tensor(name + "ssm_a", (32,))
            maker.tensor(name + "ssm_beta.weight", (width, 32), "Q8_0")
            maker.tensor(name + "ssm_alpha.weight", (width, 32), "Q8_0")
            maker.tensor(name + "ssm_norm.weight", (128,))
            maker.tensor(name + "ssm_out.weight", (4096, width), "Q4_K")
        experts_ffn(maker, layer, width=width, inner=512, experts=experts)
        maker.tensor(name + "ffn_gate_inp_shexp.weight", (width,))
        maker.tensor(name + "ffn_gate_shexp.weight", (width, 512), "Q8_0")
        maker.tensor(name + "ffn_up_shexp.weight", (width, 512), "Q8_0")
        maker.tensor(name + "ffn_down_shexp.weight", (512, width), "Q8_0")
    return maker


def granite_hybrid() -> HeaderMaker:
    """Granite 4 H Tiny: Mamba 2 in all layers but four, experts with a shared one in each."""
    return of_catalogue("granite-4-h-tiny-q4")


def gpt_oss() -> HeaderMaker:
    """gpt-oss 20B: MXFP4 experts with biases, a sliding window in every other layer."""
    return of_catalogue("gpt-oss-20b")


#: One maker for each kind of model that is told apart.
MAKERS = {
    "mixtral": mixtral,
    "mistral": mistral,
    "qwen3_moe": qwen3_moe,
    "qwen35_moe": qwen35_moe,
    "granite_hybrid": granite_hybrid,
    "gpt_oss": gpt_oss,
}
