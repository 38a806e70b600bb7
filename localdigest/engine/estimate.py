"""How fast a placement will be: the bytes that each token passes, over how fast devices pass them.

    footprint (bytes by memory and kind) + speeds (bytes a second, measured) ─▶ Estimate

A step of several sequences reads the dense part once, and of the experts ever more; both are in the measured rates for
eight rows and for many. Attention over a long context, sampling and schemas are left out: they take a few percent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.engine.devices import Rates, Speed

if TYPE_CHECKING:
    from localdigest.engine.footprint import Footprint
    from localdigest.engine.loading import Placement

__all__ = ["Estimate", "assumed_cpu", "assumed_gpu", "estimate"]

#: What one core multiplies, however quickly memory delivers: measured with Q4_K weights and AVX-512 on a server's core,
#: 14 with one at work and 12.5 each with two. Older cores reach about half.
CORE_BYTES_PER_SECOND = 13e9
#: In a prompt a core reuses the weights that it has read: measured on the same cores, 5 to 6 times as much as in a
#: token.
CORE_PROMPT_FACTOR = 5.5
#: A graphics card, where none can be measured: a mid-range one of 2023 on PCIe 4, with its prompts at a tenth of what
#: its arithmetic units could do.
CARD_BYTES_PER_SECOND = 300e9
CARD_PROMPT_BYTES_PER_SECOND = 6e12
CARD_FETCH_BYTES_PER_SECOND = 20e9


@dataclass(frozen=True, slots=True)
class Estimate:
    """Tokens a second."""

    prefill: float  #: of prompts of about a thousand tokens, as many at once as a step holds
    _seconds: tuple[tuple[float, float, float, Rates, Rates], ...]

    def decode(self, width: int) -> float:
        """Of so many sequences together."""
        seconds = sum(
            width * (dense / rates.at(width) + experts / mixed.at(width) + context / rates.one)
            for dense, experts, context, rates, mixed in self._seconds
        )
        return width / seconds if seconds else 0.0


def estimate(
    footprint: Footprint, placement: Placement, *, cpu: Speed | None, gpu: Speed | None, fetches: bool, step_tokens: int
) -> Estimate | None:
    """None: a speed that would be needed is not known.

    Args:
        footprint: Of the placement.
        placement: Tells the micro-batch: experts in RAM are fetched once for each.
        cpu: Speeds of the CPU.
        gpu: Speeds of the GPU, where there is one.
        fetches: The GPU computes prompts with weights that lie in RAM.
        step_tokens: The most tokens of one step.
    """
    in_ram, on_gpu = footprint.ram_active, footprint.gpu_active
    pairs = [(active, speed) for active, speed in ((in_ram, cpu), (on_gpu, gpu)) if active.total]
    if any(speed is None for _, speed in pairs):
        return None
    known = [(active, speed) for active, speed in pairs if speed is not None]
    parts = tuple((active.dense, active.experts, active.context, speed.dense, speed.experts) for active, speed in known)
    seconds = 0.0
    for active, speed in known:
        where = gpu if fetches and gpu is not None else speed
        seconds += active.dense / where.dense.many + active.experts / where.experts.many
        if where is not speed and where.fetch_bytes_per_second:
            at_once = max(1, min(placement.micro_batch_tokens, step_tokens))
            seconds += active.stored / where.fetch_bytes_per_second / at_once
    return Estimate(1 / seconds if seconds else 0.0, parts)


def assumed_cpu(bytes_per_second: float, *, num_cores: int = 0) -> Speed:
    """A CPU of which only the memory's speed is known; 0 cores: so many that memory is what limits."""
    cores = num_cores * CORE_BYTES_PER_SECOND
    one = min(bytes_per_second, cores) if cores else bytes_per_second
    eight = max(one, min(cores or 8 * one, 8 * one))
    many = CORE_PROMPT_FACTOR * (cores or 8 * one)
    return Speed("CPU", Rates(one, eight, many), Rates(one, max(one, eight / 2), many), 0.0)


def assumed_gpu(bytes_per_second: float = CARD_BYTES_PER_SECOND) -> Speed:
    many = CARD_PROMPT_BYTES_PER_SECOND * bytes_per_second / CARD_BYTES_PER_SECOND
    rates = Rates(bytes_per_second, 4 * bytes_per_second, many)
    return Speed("GPU", rates, Rates(bytes_per_second, 2 * bytes_per_second, many / 2), CARD_FETCH_BYTES_PER_SECOND)
