"""Chooses how a model is loaded: how long a sequence may be, how many at once, which cache. Pure.

layout + machine ─▶ requests that a digest can work with ─▶ those that fit ─▶ the one whose digest is done first

Which is done first is reckoned with the speeds of a usual machine, not with those measured here: they are never twice
the same, and two runs must load a model alike, since its answers can depend on how many are computed at once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from localdigest.engine.estimate import assumed_cpu, assumed_gpu
from localdigest.engine.loading import KVLayout
from localdigest.engine.offload import Plan, Request, plan
from localdigest.hub.needs import LEAST_TOKENS, least_plan
from localdigest.planning.digest import digest_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localdigest.engine.layout import ModelLayout
    from localdigest.engine.offload import Machine

__all__ = ["recommend"]

#: The reduce wants its stories, instruction and output in one sequence; with less it takes more levels.
CONTEXTS = (8_192, 4_096, LEAST_TOKENS)
WIDTHS = (16, 8, 4, 2, 1)
#: A quantised cache halves the speed of prompts on a CPU: it is for what would not fit otherwise.
KV_TYPES = ("f16", "q8_0")
#: A longer context is worth this much more time: one level of the reduce less.
CONTEXT_WORTH = 1.1
#: A usual machine: eight cores and two channels of memory, and a card if there is one.
USUAL_CPU, USUAL_GPU = assumed_cpu(50e9, num_cores=8), assumed_gpu()


def recommend(model: ModelLayout, machine: Machine, *, context_tokens: int | None = None) -> Plan:
    """The best plan that fits, else the smallest one, which says by how much it does not.

    Raises:
        PlacementError: the context asked for is longer than the model can have.
    """
    usual = replace(machine, cpu=USUAL_CPU, gpu=USUAL_GPU if machine.gpu_bytes else None)
    for kv_type in KV_TYPES:
        if found := _best(model, usual, kv_type, _contexts(model, context_tokens)):
            return plan(model, machine, found.request)
    return least_plan(model, machine, context_tokens=context_tokens)


def _contexts(model: ModelLayout, asked: int | None) -> tuple[int, ...]:
    if asked is not None:
        return (asked,)
    longest = model.context_length or CONTEXTS[0]
    return tuple(tokens for tokens in CONTEXTS if tokens <= longest) or (longest,)


def _best(model: ModelLayout, machine: Machine, kv_type: str, contexts: tuple[int, ...]) -> Plan | None:
    fitting = list(_fitting(model, machine, kv_type, contexts))
    return min(fitting, key=_cost, default=None)


def _fitting(model: ModelLayout, machine: Machine, kv_type: str, contexts: tuple[int, ...]) -> Iterator[Plan]:
    for tokens in contexts:
        for width in WIDTHS:
            found = plan(model, machine, _request(width, tokens, kv_type))
            if found.fits:
                yield found


def _cost(found: Plan) -> tuple[float, int]:
    """Seconds of a digest, a longer context counting for something; of equals what takes less memory."""
    request = found.request
    assert found.speed is not None, "the usual machine's speeds are known"
    seconds = digest_seconds(found.speed, width=request.num_slots)
    levels = CONTEXTS.index(request.slot_tokens) if request.slot_tokens in CONTEXTS else 0
    return seconds * CONTEXT_WORTH**levels, request.num_slots * request.slot_tokens


def _request(width: int, tokens: int, kv_type: str) -> Request:
    return Request(num_slots=width, slot_tokens=tokens, kv_type=kv_type, layout=KVLayout.STREAMS)
