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


def dense_ffn(maker: HeaderMaker, layer: int, *, width: int, inner: int, down: str = "Q6_K") -> None:
    name = f"blk.{layer}."
    maker.tensor(name + "ffn_gate.weight", (width, inner), "Q4_K")
    maker.tensor(name + "ffn_up.weight", (width, inner), "Q4_K")
    maker.tensor(name + "ffn_down.weight", (inner, width), down)


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


def more_bits(layer: int, layers: int) -> bool:
    """Which layers Q4_K_M gives a Q6_K `ffn_down`."""
    eighth = layers // 8
    return layer < eighth or layer >= 7 * eighth or (layer - eighth) % 3 == 2


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
    maker = start(
        "llama", layers=layers, width=width, vocab=vocab, context=context, feed_forward_length=inner,
        expert_count=experts, expert_used_count=used, attention__head_count=heads, attention__head_count_kv=kv_heads,
        rope__dimension_count=head, attention__key_length=head, attention__value_length=head,
    )  # fmt: skip
    ends(maker, width=width, vocab=vocab)
    for layer in range(layers):
        kinds = {"q": "Q4_K", "k": "Q8_0", "v": "Q8_0", "o": "Q5_K"}
        attention(maker, layer, width=width, heads=heads, kv_heads=kv_heads, head=head, **kinds)
        down = "Q6_K" if more_bits(layer, layers) else "Q4_K"
        experts_ffn(maker, layer, width=width, inner=inner, experts=experts, down=down)
    return maker


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
    maker = start(
        "llama", layers=layers, width=width, vocab=vocab, context=context, feed_forward_length=inner,
        attention__head_count=heads, attention__head_count_kv=kv_heads, rope__dimension_count=head,
        attention__key_length=head, attention__value_length=head,
    )  # fmt: skip
    ends(maker, width=width, vocab=vocab, tied=tied)
    for layer in range(layers):
        down = "Q6_K" if more_bits(layer, layers) else "Q4_K"
        kinds = {"v": "Q6_K" if more_bits(layer, layers) else "Q4_K"}
        attention(maker, layer, width=width, heads=heads, kv_heads=kv_heads, head=head, **kinds)
        dense_ffn(maker, layer, width=width, inner=inner, down=down)
    return maker


def qwen3_moe() -> HeaderMaker:
    """Qwen3 30B A3B: many small experts, a large vocabulary."""
    width, layers, vocab = 2048, 48, 151936
    maker = start(
        "qwen3moe", layers=layers, width=width, vocab=vocab, context=262144, feed_forward_length=6144, expert_count=128,
        expert_used_count=8, expert_feed_forward_length=768, attention__head_count=32, attention__head_count_kv=4,
        attention__key_length=128, attention__value_length=128,
    )  # fmt: skip
    ends(maker, width=width, vocab=vocab)
    for layer in range(layers):
        attention(maker, layer, width=width, heads=32, kv_heads=4, head=128)
        maker.tensor(f"blk.{layer}.attn_q_norm.weight", (128,))
        maker.tensor(f"blk.{layer}.attn_k_norm.weight", (128,))
        down = "Q6_K" if more_bits(layer, layers) else "Q4_K"
        experts_ffn(maker, layer, width=width, inner=768, experts=128, down=down)
    return maker


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
    width, layers, vocab, experts = 1536, 40, 100352, 64
    attends = (5, 15, 25, 35)
    maker = start(
        "granitehybrid", layers=layers, width=width, vocab=vocab, context=131072, feed_forward_length=512,
        expert_count=experts, expert_used_count=6, expert_shared_feed_forward_length=1024, attention__head_count=12,
        attention__head_count_kv=[4 if layer in attends else 0 for layer in range(layers)], ssm__conv_kernel=4,
        ssm__state_size=128, ssm__group_count=1, ssm__inner_size=3072, ssm__time_step_rank=48, embedding_scale=12.0,
        residual_scale=0.22, logit_scale=6.0, attention__scale=0.0078125, rope__dimension_count=128,
    )  # fmt: skip
    ends(maker, width=width, vocab=vocab, tied=True)
    for layer in range(layers):
        name = f"blk.{layer}."
        if layer in attends:
            attention(maker, layer, width=width, heads=12, kv_heads=4, head=128)
        else:
            maker.tensor(name + "attn_norm.weight", (width,))
            maker.tensor(name + "ffn_norm.weight", (width,))
            maker.tensor(name + "ssm_in.weight", (width, 2 * 3072 + 2 * 128 + 48), "Q4_K")
            maker.tensor(name + "ssm_conv1d.weight", (4, 3072 + 2 * 128))
            maker.tensor(name + "ssm_conv1d.bias", (3072 + 2 * 128,))
            maker.tensor(name + "ssm_dt.bias", (48,))
            maker.tensor(name + "ssm_a", (1, 48))
            maker.tensor(name + "ssm_d", (1, 48))
            maker.tensor(name + "ssm_norm.weight", (3072, 1))
            maker.tensor(name + "ssm_out.weight", (3072, width), "Q4_K")
        experts_ffn(maker, layer, width=width, inner=512, experts=experts)
        maker.tensor(name + "ffn_gate_shexp.weight", (width, 1024), "Q4_K")
        maker.tensor(name + "ffn_up_shexp.weight", (width, 1024), "Q4_K")
        maker.tensor(name + "ffn_down_shexp.weight", (1024, width), "Q6_K")
    return maker


def gpt_oss() -> HeaderMaker:
    """gpt-oss 20B: MXFP4 experts with biases, a sliding window in every other layer."""
    width, layers, vocab, experts = 2880, 24, 201088, 32
    maker = start(
        "gpt-oss", layers=layers, width=width, vocab=vocab, context=131072, feed_forward_length=2880,
        expert_count=experts, expert_used_count=4, expert_feed_forward_length=2880, attention__head_count=64,
        attention__head_count_kv=8, attention__key_length=64, attention__value_length=64,
        attention__sliding_window=128, rope__dimension_count=64,
    )  # fmt: skip
    ends(maker, width=width, vocab=vocab, kind="Q8_0")
    for layer in range(layers):
        name = f"blk.{layer}."
        kinds = {**dict.fromkeys("qkvo", "Q8_0"), "norm": "after"}
        attention(maker, layer, width=width, heads=64, kv_heads=8, head=64, **kinds)
        for part, size in (("q", 4096), ("k", 512), ("v", 512), ("output", width)):
            maker.tensor(f"{name}attn_{part}.bias", (size,))
        maker.tensor(name + "attn_sinks.weight", (64,))
        maker.tensor(name + "post_attention_norm.weight", (width,))
        experts_ffn(maker, layer, width=width, inner=2880, experts=experts, kind="MXFP4", down="MXFP4")
        maker.tensor(name + "ffn_gate_inp.bias", (experts,))
        for part in ("gate", "up", "down"):
            maker.tensor(f"{name}ffn_{part}_exps.bias", (2880, experts))
    return maker


#: One maker for each kind of model that is told apart.
MAKERS = {
    "mixtral": mixtral,
    "mistral": mistral,
    "qwen3_moe": qwen3_moe,
    "qwen35_moe": qwen35_moe,
    "granite_hybrid": granite_hybrid,
    "gpt_oss": gpt_oss,
}
