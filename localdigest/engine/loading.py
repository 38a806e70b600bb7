"""How a model is to be loaded: frozen values, decided by the planner or by hand, carried out by the backend."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["PLAIN_CACHES", "FlashAttention", "KVLayout", "LoadMode", "LoadOptions", "Placement", "Threads"]


#: Types of KV caches that are not quantised.
PLAIN_CACHES = ("f32", "f16", "bf16")


class KVLayout(StrEnum):
    """How the KV cache is divided."""

    UNIFIED = (
        "unified"  #: one pool of cells; a copy of a sequence shares its cells; every token attends over the whole pool
    )
    STREAMS = "streams"  #: one equal part per sequence; a copy moves bytes; a token attends over its own part only


class LoadMode(StrEnum):
    """How the file comes into memory. `none` reads it; `mmap` maps it, which keeps repacked tensors twice."""

    AUTO = "auto"
    NONE = "none"
    MMAP = "mmap"
    MLOCK = "mlock"
    DIRECT_IO = "direct-io"


class FlashAttention(StrEnum):
    """Scores and values in one pass, and no matrix of scores is kept. `auto`: see `Placement.uses_flash_attention`."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Placement:
    """What goes where."""

    gpu_layers: int = 0  #: the last so many layers on the GPU, the output counting as one; -1: all
    cpu_expert_layers: int = 0  #: the first so many layers' experts stay in RAM, whatever `gpu_layers` says
    kv_type: str = "f16"  #: f32 f16 bf16 q8_0 q4_0 q4_1 iq4_nl q5_0 q5_1
    flash_attention: FlashAttention = FlashAttention.AUTO
    batch_tokens: int = 2048  #: the most tokens of one step
    micro_batch_tokens: int = 512  #: computed at a time; sets the size of the compute buffer
    load_mode: LoadMode = LoadMode.NONE
    repack: bool | None = None  #: rearrange weights for the CPU's vector units; None: unless the model has experts

    @property
    def uses_flash_attention(self) -> bool:
        """Left to us: where a GPU computes, and for a quantised cache, which llama.cpp cannot use without.

        On a CPU llama.cpp goes through the cells one by one in it; as a product of matrices the scores of seven
        sequences over 4,000 tokens come in two thirds of the time, for a few hundred MiB (docs/performance.md).
        """
        if self.flash_attention is not FlashAttention.AUTO:
            return self.flash_attention is FlashAttention.ON
        return bool(self.gpu_layers) or self.kv_type not in PLAIN_CACHES


@dataclass(frozen=True, slots=True)
class Threads:
    """ggml's workers, for steps of few tokens and of many."""

    decode: int
    prefill: int


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """One loaded model with its context."""

    path: str
    num_slots: int = 8  #: sequences that can be held at once
    slot_tokens: int = 4096  #: the longest that one sequence may be
    total_tokens: int = 0  #: KV cells of the unified layout; 0: `num_slots * slot_tokens`
    layout: KVLayout = KVLayout.STREAMS
    placement: Placement = field(default_factory=Placement)
    threads: Threads | None = None  #: None: every core that this process may use
    devices: tuple[str, ...] = ()  #: names of ggml devices to use; empty: all that there are
    dry: bool = False  #: allocate nothing and read no weights: llama.cpp only says what it would take
