"""What a model needs at the least, reckoned by the planner from its layout: a column of a table, and a last word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.engine.offload import Machine, Request, plan

if TYPE_CHECKING:
    from localdigest.engine.layout import ModelLayout
    from localdigest.engine.offload import Plan

__all__ = ["LEAST_TOKENS", "Needs", "least_plan", "needs_of"]

#: More than any machine has: what is asked is what a model takes, not whether it fits.
_PLENTY = 1 << 50
#: One text at a time, long enough for an article and its summary.
_USUAL_TOKENS = 4096
#: The smallest that is of use: a page with its instruction, and half as much room in the cache.
LEAST_TOKENS = 2048


@dataclass(frozen=True, slots=True)
class Needs:
    """For one text of 4,096 tokens at a time, margins included."""

    ram_bytes: int  #: without a GPU
    gpu_bytes: int  #: with all of it there
    ram_beside_gpu_bytes: int


def needs_of(layout: ModelLayout) -> Needs:
    request = Request(num_slots=1, slot_tokens=_within(layout, _USUAL_TOKENS))
    alone = plan(layout, Machine(ram_bytes=_PLENTY), request).footprint
    beside = plan(layout, Machine(ram_bytes=_PLENTY, gpu_bytes=_PLENTY), request).footprint
    return Needs(
        ram_bytes=alone.ram + alone.margin.ram,
        gpu_bytes=beside.gpu + beside.margin.gpu,
        ram_beside_gpu_bytes=beside.ram + beside.margin.ram,
    )


def least_plan(layout: ModelLayout, machine: Machine, *, context_tokens: int | None = None) -> Plan:
    """Whether it fits at all: at the smallest context that is of use. Where this does not fit, nothing does."""
    tokens = context_tokens or _within(layout, LEAST_TOKENS)
    request = Request(num_slots=1, slot_tokens=tokens, kv_type="q8_0", micro_batch_tokens=128)
    return plan(layout, machine, request)


def _within(layout: ModelLayout, tokens: int) -> int:
    return min(tokens, layout.context_length or tokens)
