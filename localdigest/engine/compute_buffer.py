"""How large llama.cpp makes its compute buffer: what the widest point of the graph holds at once.

The terms were read off the graph and checked against llama.cpp itself (`no_alloc`: it says what it would allocate) over
1,620 random shapes: dense and with experts, both KV layouts, flash attention on and off, plain and quantised cache. The
estimate was never more than 10 % under, and once in a hundred more than 3.5 % under: `COMPUTE_MARGIN` is kept free on
top. It was up to twice too large for shapes that no model has. Retune when llama.cpp's graphs change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.engine.loading import PLAIN_CACHES, KVLayout

if TYPE_CHECKING:
    from localdigest.engine.layout import ModelLayout
    from localdigest.engine.loading import Placement

__all__ = ["COMPUTE_MARGIN", "Context", "compute_bytes", "input_bytes"]

COMPUTE_MARGIN = 0.125
CELL_PADDING = 256  #: llama.cpp rounds contexts up to this
MIN_OUTPUTS = 64  #: rows of logits that the backend keeps room for, at least
ROTATION_BYTES = 1 << 20  #: matrices that turn what goes into a quantised cache
F32_BYTES = 4
F16_BYTES = 2


@dataclass(frozen=True, slots=True)
class Context:
    """How many sequences of which length are held at once; as in `LoadOptions`."""

    num_slots: int = 8
    slot_tokens: int = 4096
    total_tokens: int = 0  #: cells of the unified layout; 0: `num_slots * slot_tokens`
    layout: KVLayout = KVLayout.STREAMS

    @property
    def num_cells(self) -> int:
        if self.layout is KVLayout.STREAMS:
            return self.num_slots * _pad(self.slot_tokens)
        return _pad(self.total_tokens or self.num_slots * _pad(self.slot_tokens))

    @property
    def attended_cells(self) -> int:
        """The cells that each token attends over: of its own stream, or of all."""
        return _pad(self.slot_tokens) if self.layout is KVLayout.STREAMS else self.num_cells

    def num_outputs(self, placement: Placement) -> int:
        """Rows of logits in one step, at most."""
        return min(max(self.num_slots, MIN_OUTPUTS), placement.batch_tokens, self.num_cells)

    def computed_tokens(self, placement: Placement) -> int:
        """Tokens computed at a time, at most: in equal parts for the sequences."""
        tokens = min(placement.micro_batch_tokens, placement.batch_tokens, self.num_cells)
        return -(-tokens // self.num_slots) * self.num_slots


def _pad(tokens: int) -> int:
    return -(-tokens // CELL_PADDING) * CELL_PADDING


def compute_bytes(model: ModelLayout, context: Context, placement: Placement) -> int:
    """The compute buffer of a device that holds every kind of layer."""
    tokens = context.computed_tokens(placement)
    widest = max(
        _feed_forward(model, tokens),
        _experts_joined(model, tokens),
        _attention(model, context, placement, tokens),
        _recurrence(model, context, tokens),
        _logits(model, tokens, min(tokens, context.num_outputs(placement))),
    )
    rotation = 0 if placement.kv_type in PLAIN_CACHES else ROTATION_BYTES
    return widest * F32_BYTES + _mask_bytes(model, context, placement, tokens) + rotation


def input_bytes(model: ModelLayout, context: Context, placement: Placement) -> int:
    """The compute buffer of the CPU where all layers are on a GPU: embeddings looked up, and masks."""
    tokens = context.computed_tokens(placement)
    return 2 * tokens * model.width * F32_BYTES + _mask_bytes(model, context, placement, tokens)


def _feed_forward(model: ModelLayout, tokens: int) -> int:
    """Gate, up and their product, beside the residual, its sum and the norm; attention's output lingers."""
    lingering = max(0, model.query_values - model.width)
    return tokens * (3 * model.inner_values + 4 * model.width + lingering)


def _experts_joined(model: ModelLayout, tokens: int) -> int:
    """Every used expert's output, before and after its weight."""
    if not model.has_experts:
        return 0
    return tokens * (model.inner_values + (2 * model.num_experts_used + 3) * model.width)


def _attention(model: ModelLayout, context: Context, placement: Placement, tokens: int) -> int:
    keys = max(layer.key_values for layer in model.layers)
    if placement.uses_flash_attention:
        return tokens * (3 * model.width + 2 * model.query_values + keys)
    scores = context.attended_cells * model.num_heads
    return tokens * (scores + 3 * model.width + 2 * model.query_values + 2 * keys)


def _recurrence(model: ModelLayout, context: Context, tokens: int) -> int:
    """Each sequence's state, before and after, and what is projected for it."""
    state = max(layer.state_values for layer in model.layers)
    if not state:
        return 0
    return tokens * (3 * model.recurrent_values + 2 * model.width) + 2 * context.num_slots * state


def _logits(model: ModelLayout, tokens: int, outputs: int) -> int:
    return outputs * (model.num_vocab + 2 * model.width) + 3 * tokens * model.width


def _mask_bytes(model: ModelLayout, context: Context, placement: Placement, tokens: int) -> int:
    """Which cells each token may see: once more, and in full precision, for models with windows."""
    cells = tokens * context.attended_cells
    if model.sliding_window:
        return 2 * cells * F32_BYTES
    return cells * (F16_BYTES if placement.uses_flash_attention else F32_BYTES)
