"""Decides where a model's parts go: header and memory in, placement out. No file, no device, no clock.

    layout + machine + request ─▶ placements from nothing to everything on the GPU ─▶ the last that fits ─▶ Plan

The placements form a chain, each with at least as much on the GPU as the one before:

    all in RAM ─▶ dense parts of the last n layers (experts in RAM) ─▶ all dense parts ─▶ and the last n layers' experts

A dense model's chain is its last n layers. What a placement takes never depends on how much there is, so more memory
can only add placements that fit: it never places less.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from localdigest.engine.compute_buffer import CELL_PADDING, Context
from localdigest.engine.errors import PlacementError
from localdigest.engine.estimate import Estimate, estimate
from localdigest.engine.footprint import Footprint, Sizes
from localdigest.engine.layout import KV_TYPES
from localdigest.engine.loading import PLAIN_CACHES, FlashAttention, KVLayout, LoadMode, LoadOptions, Placement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localdigest.engine.devices import Speed
    from localdigest.engine.layout import ModelLayout

__all__ = ["Alternative", "Machine", "Plan", "Request", "plan"]

GIB = 1 << 30
MIB = 1 << 20
# Kept free for whatever else runs: a part of what there is, within bounds.
RAM_SHARE_FREE, RAM_LEAST_FREE, RAM_MOST_FREE = 0.05, 128 * MIB, GIB
GPU_SHARE_FREE, GPU_LEAST_FREE, GPU_MOST_FREE = 1 / 16, 256 * MIB, GIB
CPU_MICRO_BATCH = 512
#: Experts in RAM are fetched over the bus once for each micro-batch of a prompt: larger ones fetch less often.
FETCHING_MICRO_BATCH = 2048
#: From here on, down to as much as a chunk with its instruction needs.
LEAST_SLOT_TOKENS = 1024


@dataclass(frozen=True, slots=True)
class Machine:
    """What may be used. A speed of None is not known."""

    ram_bytes: int
    cpu: Speed | None = None
    gpu_bytes: int = 0  #: free on one GPU; 0: there is none
    gpu: Speed | None = None
    gpu_host_memory: bool = True  #: the GPU can fetch weights from RAM, as CUDA's can

    @property
    def usable_ram(self) -> int:
        return _usable(self.ram_bytes, RAM_SHARE_FREE, RAM_LEAST_FREE, RAM_MOST_FREE)

    @property
    def usable_gpu(self) -> int:
        return _usable(self.gpu_bytes, GPU_SHARE_FREE, GPU_LEAST_FREE, GPU_MOST_FREE)


def _usable(num_bytes: int, share: float, least: int, most: int) -> int:
    return max(0, num_bytes - min(max(int(num_bytes * share), least), most))


@dataclass(frozen=True, slots=True)
class Request:
    """What the user fixed; None leaves it to the planner."""

    num_slots: int = 8
    slot_tokens: int = 4096
    total_tokens: int = 0
    layout: KVLayout = KVLayout.STREAMS
    kv_type: str = "f16"
    gpu_layers: int | None = None
    cpu_expert_layers: int | None = None
    micro_batch_tokens: int | None = None
    batch_tokens: int = 2048
    flash_attention: FlashAttention = FlashAttention.AUTO
    load_mode: LoadMode = LoadMode.NONE
    repack: bool | None = None

    @property
    def context(self) -> Context:
        return Context(self.num_slots, self.slot_tokens, self.total_tokens, self.layout)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another request that fits, or that puts more on the GPU."""

    change: str  #: what is different, in words
    request: Request
    decode_tokens_per_second: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Where everything goes."""

    request: Request
    placement: Placement
    footprint: Footprint
    fits: bool
    reason: str  #: one sentence
    speed: Estimate | None  #: None: a speed that it rests on is not known
    alternatives: tuple[Alternative, ...]

    @property
    def decode_tokens_per_second(self) -> float:
        """For one sequence in the middle of its context; 0: not known."""
        return self.speed.decode(1) if self.speed else 0.0

    def options(self, path: str) -> LoadOptions:
        """What the backend is to do. Raises PlacementError where the model does not fit."""
        if not self.fits:
            hints = [f"{alternative.change} would fit." for alternative in self.alternatives]
            raise PlacementError(self.reason, hint=" ".join(hints))
        request = self.request
        return LoadOptions(
            path=path,
            num_slots=request.num_slots,
            slot_tokens=request.slot_tokens,
            total_tokens=request.total_tokens,
            layout=request.layout,
            placement=self.placement,
        )


def plan(model: ModelLayout, machine: Machine, request: Request | None = None) -> Plan:
    """Place a model on a machine.

    Raises:
        PlacementError: The request makes no sense for any machine.
    """
    request = request or Request()
    _check(model, request)
    found = _place(model, machine, request)
    alternatives = tuple(_alternatives(model, machine, request, found))
    return replace(found, alternatives=alternatives)


def _check(model: ModelLayout, request: Request) -> None:
    if request.num_slots < 1 or request.slot_tokens < 1 or request.batch_tokens < 1:
        raise PlacementError("A model needs at least one sequence of at least one token.", hint="Give larger numbers.")
    if request.kv_type not in KV_TYPES:
        raise PlacementError(f"{request.kv_type} is no type of KV cache.", hint=f"One of: {', '.join(KV_TYPES)}.")
    if request.kv_type not in PLAIN_CACHES and request.flash_attention is FlashAttention.OFF:
        raise PlacementError("A quantised cache needs flash attention.", hint="Leave it on, or take an f16 cache.")
    if model.context_length and request.slot_tokens > -(-model.context_length // CELL_PADDING) * CELL_PADDING:
        raise PlacementError(
            f"The model was trained for {model.context_length} tokens; {request.slot_tokens} are asked for.",
            hint="Ask for a shorter context.",
        )


def _place(model: ModelLayout, machine: Machine, request: Request) -> Plan:
    """The last placement of the chain that fits, else the one that is least over."""
    sizes = Sizes(model, request.context, gpu_host_memory=machine.gpu_host_memory)
    nearest: tuple[int, Placement, Footprint] | None = None
    for placement in _chain(model, machine, request):
        footprint = sizes.footprint(placement)
        over = _shortfall(footprint, machine)
        if not over:
            return _plan(model, machine, request, placement, footprint)
        if nearest is None or over < nearest[0]:
            nearest = over, placement, footprint
    assert nearest is not None, "a chain has at least one link"
    return _plan(model, machine, request, nearest[1], nearest[2])


def _shortfall(footprint: Footprint, machine: Machine) -> int:
    """Bytes that are missing, over both memories."""
    gpu = footprint.gpu + footprint.margin.gpu - machine.usable_gpu if footprint.gpu else 0
    return max(0, gpu) + max(0, footprint.ram + footprint.margin.ram - machine.usable_ram)


def _chain(model: ModelLayout, machine: Machine, request: Request) -> Iterator[Placement]:
    """From everything on the GPU down to nothing; those that the request allows."""
    layers, wanted, kept = model.num_layers, request.gpu_layers, request.cpu_expert_layers
    everything = model.num_blocks + 1
    if wanted is not None:
        wanted = everything if wanted < 0 else min(wanted, everything)
    if not (machine.gpu_bytes or wanted):
        yield from _in_ram(request)
        return
    steps = [(everything, count) for count in range(layers + 1)] if model.has_experts else [(everything, 0)]
    kept_below = layers if model.has_experts else 0
    steps += [(count, kept_below) for count in range(everything - 1, -1, -1)]
    if kept is not None:
        kept = min(kept, layers)
        steps = [(count, kept) for count in range(everything, -1, -1)]
    if wanted is not None:
        steps = [(wanted, count) for count in ([kept] if kept is not None else range(kept_below + 1))]
    for gpu_layers, cpu_expert_layers in steps:
        if gpu_layers:
            yield _placement(request, gpu_layers, cpu_expert_layers)
        else:
            yield from _in_ram(request)


def _in_ram(request: Request) -> Iterator[Placement]:
    """The quicker attention, then the one that keeps no scores."""
    placement = _placement(request, 0, 0)
    if placement.flash_attention is not FlashAttention.AUTO:
        yield placement
        return
    # In one pool each token has a score for the cells of all: too many to keep.
    if request.layout is KVLayout.STREAMS and not placement.uses_flash_attention:
        yield replace(placement, flash_attention=FlashAttention.OFF)
    yield replace(placement, flash_attention=FlashAttention.ON)


def _placement(request: Request, gpu_layers: int, cpu_expert_layers: int) -> Placement:
    micro_batch = request.micro_batch_tokens
    if micro_batch is None:
        micro_batch = FETCHING_MICRO_BATCH if cpu_expert_layers else CPU_MICRO_BATCH
    return Placement(
        gpu_layers=gpu_layers,
        cpu_expert_layers=cpu_expert_layers,
        kv_type=request.kv_type,
        flash_attention=request.flash_attention,
        batch_tokens=request.batch_tokens,
        micro_batch_tokens=min(micro_batch, request.batch_tokens),
        load_mode=request.load_mode,
        repack=request.repack,
    )


def _plan(model: ModelLayout, machine: Machine, request: Request, placement: Placement, footprint: Footprint) -> Plan:
    return Plan(
        request=request,
        placement=placement,
        footprint=footprint,
        fits=not _shortfall(footprint, machine),
        reason=_reason(model, machine, placement, footprint),
        speed=estimate(
            footprint,
            placement,
            cpu=machine.cpu,
            gpu=machine.gpu,
            fetches=machine.gpu_host_memory and bool(placement.gpu_layers),
            step_tokens=min(placement.batch_tokens, request.context.num_cells),
        ),
        alternatives=(),
    )


def _reason(model: ModelLayout, machine: Machine, placement: Placement, footprint: Footprint) -> str:
    short = [
        f"{_size(need)} of {name} are needed and {_size(usable)} of {_size(given)} may be used"
        for name, need, usable, given in (
            ("GPU memory", footprint.gpu + footprint.margin.gpu, machine.usable_gpu, machine.gpu_bytes),
            ("RAM", footprint.ram + footprint.margin.ram, machine.usable_ram, machine.ram_bytes),
        )
        if need > usable and (name == "RAM" or footprint.gpu)
    ]
    if short:
        return f"It does not fit: {', and '.join(short)}."
    return f"It fits: {_where(model, placement)}, {_size(footprint.ram)} of RAM" + (
        f" and {_size(footprint.gpu)} of GPU memory." if footprint.gpu else "."
    )


def _where(model: ModelLayout, placement: Placement) -> str:
    layers, kept = model.num_layers, placement.cpu_expert_layers
    on_gpu = min(max(layers - max(model.num_blocks + 1 - placement.gpu_layers, 0), 0), layers)
    if not placement.gpu_layers:
        return "all in RAM"
    if on_gpu < layers:
        experts = " without their experts" if kept else ""
        return f"{on_gpu} of {layers} layers{experts} on the GPU"
    return f"all on the GPU but the experts of {kept} of {layers} layers" if kept else "all on the GPU"


def _size(num_bytes: int) -> str:
    return f"{num_bytes / GIB:.1f} GiB" if num_bytes >= GIB else f"{num_bytes / MIB:.0f} MiB"


def _alternatives(model: ModelLayout, machine: Machine, request: Request, found: Plan) -> Iterator[Alternative]:
    """Smaller caches: what would fit, or would put more on the GPU."""
    for change, other in _smaller(request):
        better = _place(model, machine, other)
        if better.fits and (not found.fits or better.footprint.gpu_weights > found.footprint.gpu_weights):
            yield Alternative(change, other, better.decode_tokens_per_second)


def _smaller(request: Request) -> Iterator[tuple[str, Request]]:
    if request.kv_type in PLAIN_CACHES and request.flash_attention is not FlashAttention.OFF:
        yield "A q8_0 cache", replace(request, kv_type="q8_0")
    if request.num_slots > 1:
        fewer = max(1, request.num_slots // 4)
        yield f"Sequences: {fewer} instead of {request.num_slots}", replace(request, num_slots=fewer, total_tokens=0)
    if request.slot_tokens > LEAST_SLOT_TOKENS:
        shorter = max(LEAST_SLOT_TOKENS, request.slot_tokens // 4)
        yield (
            f"A context of {shorter} tokens instead of {request.slot_tokens}",
            replace(request, slot_tokens=shorter, total_tokens=0),
        )
    least = replace(
        request,
        kv_type="q8_0" if request.flash_attention is not FlashAttention.OFF else request.kv_type,
        num_slots=1,
        slot_tokens=min(request.slot_tokens, LEAST_SLOT_TOKENS),
        total_tokens=0,
        micro_batch_tokens=128,
    )
    if least != request:
        yield "All of these, with small steps", least
