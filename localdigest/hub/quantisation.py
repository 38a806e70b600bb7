"""Which type a quantised file gives to each of its tensors: llama.cpp's own rules, as far as the catalogue needs them.

A file is named after a mix (`Q4_K_M`), and a mix gives most tensors its base type and some a better one. The rules are
those of `llama_tensor_get_type` in llama.cpp's llama-quant.cpp; with them a model's size follows from its shape alone.
Files of publishers with rules of their own ("UD", "XL") cannot be told this way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.engine.tensor_types import TENSOR_TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localdigest.engine.tensor_types import TensorType

__all__ = ["MIXES", "Mix"]

_TYPES = {kind.name: kind for kind in TENSOR_TYPES.values()}
#: Mix → the type that its tensors have unless a rule says otherwise.
MIXES = {
    "F32": "F32",
    "F16": "F16",
    "Q8_0": "Q8_0",
    "Q4_K_M": "Q4_K",
    "Q3_K_M": "Q3_K",
    "Q2_K": "Q2_K",
    "IQ2_XXS": "IQ2_XXS",
    "IQ1_M": "IQ1_M",
    "MXFP4": "MXFP4",
}
_TINY_MIXES = ("IQ2_XXS", "IQ1_M")  # below 2.5 bits a weight: what matters most is kept far better than the rest
#: Left as they are: too small to be worth it, or too telling.
_NEVER = ("_norm.weight", "ffn_gate_inp.weight", "ssm_conv1d")
_LAYER = re.compile(r"blk\.(\d+)\.")
#: What a row that is no whole number of blocks gets instead.
_FALLBACK = {"Q4_K": "Q5_0", "Q5_K": "Q5_1", "Q6_K": "Q8_0", "Q3_K": "Q4_0", "Q2_K": "Q4_0"}
_OTHER_FALLBACK = "IQ4_NL"
_MANY_QUERIES = 4  #: heads that share a KV head, from which on its values are worth more bits
_MIXTRAL_EXPERTS = 8  #: models with so many experts have rules of their own


@dataclass(frozen=True, slots=True)
class Mix:
    """One file's mix, and what of its model the rules look at."""

    name: str  #: one of MIXES
    num_layers: int
    attending: tuple[int, ...]  #: numbers of the layers that have an `attn_v`
    num_experts: int
    queries_per_kv: int
    ties_embedding: bool

    def type_of(self, name: str, shape: Sequence[int]) -> TensorType:
        """The type of the tensor `name`, whose shape is given innermost first."""
        num_dimensions = sum(1 for size in shape if size > 1)
        if num_dimensions < 2 or not name.endswith("weight") or any(part in name for part in _NEVER):  # noqa: PLR2004 - a matrix
            return _TYPES["F32"]
        base = MIXES[self.name]
        chosen = self._chosen(name, base, num_dimensions) if base not in ("F32", "F16") else base
        if shape[0] % _TYPES[chosen].block_values:
            chosen = _FALLBACK.get(chosen, _OTHER_FALLBACK)
        if shape[0] % _TYPES[chosen].block_values:
            chosen = "F16"
        return _TYPES[chosen]

    def _chosen(self, name: str, base: str, num_dimensions: int) -> str:
        if base == "MXFP4":
            return "MXFP4" if num_dimensions == 3 else "Q8_0"  # noqa: PLR2004 - only experts are stacked
        if name == "output.weight" or (self.ties_embedding and name == "token_embd.weight"):
            return self._of_output(base)
        if name == "token_embd.weight":
            return "Q2_K" if self.name in _TINY_MIXES else base
        match = _LAYER.match(name)
        assert match is not None, "what is no output and no embedding belongs to a layer"
        return self._of_layer(name, int(match[1]), base)

    def _of_output(self, base: str) -> str:
        if self.name in _TINY_MIXES:
            return "Q5_K"
        return base if base == "Q8_0" else "Q6_K"

    def _of_layer(self, name: str, layer: int, base: str) -> str:
        part = next((part for part in ("attn_v.", "attn_k.", "attn_output.", "ffn_down") if part in name), "")
        like_mixtral = self.num_experts == _MIXTRAL_EXPERTS
        match part:
            case "attn_v.":
                return self._of_values(layer, base)
            case "attn_k." if like_mixtral:
                return "Q4_K" if self.name in _TINY_MIXES else "Q8_0"
            case "attn_output.":
                return self._of_attention_output(base, like_mixtral=like_mixtral)
            case "ffn_down":
                return self._of_down(layer, base)
        return base

    def _of_values(self, layer: int, base: str) -> str:
        many = self.queries_per_kv >= _MANY_QUERIES
        if self.name in _TINY_MIXES:
            return "Q4_K" if many or self.num_experts >= _MANY_QUERIES else "Q2_K"
        if self.num_experts == _MIXTRAL_EXPERTS:
            return "Q8_0"
        place = self.attending.index(layer)
        match self.name:
            case "Q2_K":
                return "Q4_K" if many else "Q3_K"
            case "Q3_K_M":
                return "Q5_K" if place < 2 else "Q4_K"  # noqa: PLR2004 - the first two
            case "Q4_K_M" if _gets_more_bits(place, len(self.attending)):
                return "Q6_K"
        return base

    def _of_attention_output(self, base: str, *, like_mixtral: bool) -> str:
        if like_mixtral:
            return base if base == "Q8_0" else "Q5_K"
        return {"Q2_K": "Q3_K", "Q3_K_M": "Q4_K", "IQ1_M": "IQ2_XXS"}.get(self.name, base)

    def _of_down(self, layer: int, base: str) -> str:
        match self.name:
            case "Q2_K":
                return "Q3_K"
            case "Q3_K_M":
                return "Q5_K" if layer < self.num_layers // 16 else "Q4_K"
            case "Q4_K_M" if _gets_more_bits(layer, self.num_layers):
                return "Q6_K"
            case "IQ2_XXS" | "IQ1_M" if layer < self.num_layers // 8:
                return "Q2_K"
        return base


def _gets_more_bits(layer: int, num_layers: int) -> bool:
    """The first and the last eighth, and every third layer between them."""
    eighth = num_layers // 8
    return layer < eighth or layer >= 7 * num_layers // 8 or (layer - eighth) % 3 == 2  # noqa: PLR2004
