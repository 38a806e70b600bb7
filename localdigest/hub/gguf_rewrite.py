"""Decides how a Mixtral file of 2023 is laid out anew: its header in, the pieces of the new file out. No file in it.

    blk.0.ffn_up.0.weight [columns, rows] … blk.0.ffn_up.7.weight  ─▶  blk.0.ffn_up_exps.weight [columns, rows, 8]

The metadata and all other tensors are taken over as they are, and so is every expert: no number is quantised again.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from reprlib import repr as brief
from typing import TYPE_CHECKING

from localdigest.engine.gguf import MAGIC, OLD_EXPERT
from localdigest.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from localdigest.engine.gguf import Header, Tensor
    from localdigest.engine.tensor_types import TensorType

__all__ = ["Piece", "Rewrite", "Span", "Zeros", "plan_rewrite"]

PARTS = ("gate", "down", "up")
ARCHITECTURE = "llama"  #: which Mixtral shares with Mistral
_MERGED = "blk.{layer}.ffn_{part}_exps.weight"
_NEWER_FILE = "Take a file of the same model made after April 2024."

#: (layer, part) → expert → its tensor.
Experts = dict[tuple[int, str], dict[int, "Tensor"]]


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of the old file."""

    offset: int
    num_bytes: int


@dataclass(frozen=True, slots=True)
class Zeros:
    """Room up to where the next tensor may begin."""

    num_bytes: int


Piece = bytes | Span | Zeros


@dataclass(frozen=True, slots=True)
class Rewrite:
    """The new file from its beginning to its end."""

    pieces: tuple[Piece, ...]
    num_bytes: int


@dataclass(frozen=True, slots=True)
class _Target:
    """A tensor of the new file: the bytes of one old tensor, or of all experts one after the other."""

    name: str
    shape: tuple[int, ...]
    kind: TensorType
    sources: tuple[Tensor, ...]

    @property
    def num_bytes(self) -> int:
        return sum(tensor.num_bytes for tensor in self.sources)


def plan_rewrite(header: Header, *, name: str) -> Rewrite:
    """What the new file consists of.

    Args:
        header: Of the old file, read with `any_layout`.
        name: Of the old file, for what is said about it.

    Raises:
        UsageError: There is nothing to merge, or it cannot be merged as it is.
    """
    experts = _experts_of(header)
    if not experts:
        raise _nothing_to_merge(header, name)
    _refuse_other_models(header, name)
    count = _expert_count(header, name)
    _refuse_gaps(experts, num_layers=_number(header, "block_count", name), num_experts=count, name=name)
    _refuse_differences(experts, name)
    targets = tuple(_targets(header, experts))
    names = [target.name for target in targets]
    if len(set(names)) < len(names):
        raise _damaged(name, "it has the same experts in both layouts")
    pieces = tuple(_pieces(header, targets))
    return Rewrite(pieces, sum(len(piece) if isinstance(piece, bytes) else piece.num_bytes for piece in pieces))


def _experts_of(header: Header) -> Experts:
    experts: Experts = {}
    for tensor in header.tensors:
        if found := OLD_EXPERT.fullmatch(tensor.name):
            layer, part, expert = found.groups()
            experts.setdefault((int(layer), part), {})[int(expert)] = tensor
    return experts


# ── what cannot be merged ────────────────────────────────────────────────────


def _nothing_to_merge(header: Header, name: str) -> UsageError:
    if any(tensor.name.endswith("_exps.weight") for tensor in header.tensors):
        return UsageError(
            f"{name} has the experts of each layer in one tensor already.",
            hint="llama.cpp loads that layout: give the file to `--model` as it is.",
        )
    return UsageError(
        f"{name} is no mixture of experts: there is nothing to convert.",
        hint="Only Mixtral files made before April 2024 need it; give this one to `--model` as it is.",
    )


def _refuse_other_models(header: Header, name: str) -> None:
    architecture = header.metadata.get("general.architecture")
    if architecture != ARCHITECTURE:
        raise UsageError(
            f"{name} is of the architecture {brief(architecture)}; only Mixtral's, called 'llama', can be converted.",
            hint=_NEWER_FILE,
        )
    # A name that was no UTF-8 could not be written as it was; no tensor that llama.cpp knows has one.
    if any("\N{REPLACEMENT CHARACTER}" in tensor.name for tensor in header.tensors):
        raise _damaged(name, "a tensor's name is no text")


def _expert_count(header: Header, name: str) -> int:
    count, used = _number(header, "expert_count", name), _number(header, "expert_used_count", name)
    if used > count:
        raise _damaged(name, f"it uses {used} of {count} experts")
    return count


def _number(header: Header, key: str, name: str) -> int:
    value = header.metadata.get(f"{ARCHITECTURE}.{key}")
    if type(value) is not int or value < 1:
        raise _damaged(name, f"its {ARCHITECTURE}.{key} is {'missing' if value is None else brief(value)}")
    return value


def _refuse_gaps(experts: Experts, *, num_layers: int, num_experts: int, name: str) -> None:
    # Whatever the counts claim, this ends at the first that is not there.
    for layer in range(num_layers):
        for part in PARTS:
            matrices = experts.get((layer, part), {})
            for expert in range(num_experts):
                if expert not in matrices:
                    raise _damaged(name, f"blk.{layer}.ffn_{part}.{expert}.weight is missing")
    if sum(map(len, experts.values())) > num_layers * len(PARTS) * num_experts:
        raise _damaged(name, f"it has more experts than {num_experts} in each of {num_layers} layers")


def _refuse_differences(experts: Experts, name: str) -> None:
    mixed = []
    for (layer, part), matrices in experts.items():
        if len({matrix.shape for matrix in matrices.values()}) > 1 or len(matrices[0].shape) != 2:  # noqa: PLR2004 - a matrix
            raise _damaged(name, f"the experts of blk.{layer}.ffn_{part} are not matrices of one shape")
        if len({matrix.kind for matrix in matrices.values()}) > 1:
            mixed.append(f"blk.{layer}.ffn_{part} ({_kinds(matrices)})")
    if mixed:
        more = f" and {len(mixed) - 1} more" if len(mixed) > 1 else ""
        raise UsageError(
            f"{name} has experts of different types in one layer, which today's layout cannot hold: {mixed[0]}{more}.",
            hint=f"They would have to be quantised again, and lose by it. {_NEWER_FILE}",
        )


def _kinds(matrices: Mapping[int, Tensor]) -> str:
    by_kind: dict[str, list[str]] = {}
    for expert, matrix in sorted(matrices.items()):
        by_kind.setdefault(matrix.kind.name, []).append(str(expert))
    return "; ".join(f"{kind}: {', '.join(numbers)}" for kind, numbers in by_kind.items())


def _damaged(name: str, what: str) -> UsageError:
    return UsageError(f"{name} cannot be converted: {what}.", hint=f"The file may be damaged. {_NEWER_FILE}")


# ── the new file ─────────────────────────────────────────────────────────────


def _targets(header: Header, experts: Experts) -> Iterator[_Target]:
    """The old order, in which the first expert stands for all."""
    left = dict(experts)
    for tensor in header.tensors:
        found = OLD_EXPERT.fullmatch(tensor.name)
        if found is None:
            yield _Target(tensor.name, tensor.shape, tensor.kind, (tensor,))
            continue
        layer, part, _ = found.groups()
        if matrices := left.pop((int(layer), part), None):
            stacked = tuple(matrices[expert] for expert in range(len(matrices)))
            shape = (*tensor.shape, len(stacked))
            yield _Target(_MERGED.format(layer=layer, part=part), shape, tensor.kind, stacked)


def _pieces(header: Header, targets: Iterable[_Target]) -> Iterator[Piece]:
    about: list[bytes] = []
    data: list[Piece] = []
    end = 0
    for target in targets:
        about.append(_about(target, end))
        data += [Span(header.data_offset + source.offset, source.num_bytes) for source in target.sources]
        padding = -target.num_bytes % header.alignment
        data.append(Zeros(padding))
        end += target.num_bytes + padding
    counts = struct.pack("<IQQ", header.version, len(about), len(header.metadata))
    num_key_bytes = header.tensors_offset - header.keys_offset
    listed = b"".join(about)
    yield MAGIC + counts
    yield Span(header.keys_offset, num_key_bytes)
    yield listed
    yield Zeros(-(len(MAGIC) + len(counts) + num_key_bytes + len(listed)) % header.alignment)
    yield from data


def _about(target: _Target, offset: int) -> bytes:
    name = target.name.encode()
    shape = struct.pack(f"<I{len(target.shape)}Q", len(target.shape), *target.shape)
    return struct.pack("<Q", len(name)) + name + shape + struct.pack("<IQ", target.kind.number, offset)
