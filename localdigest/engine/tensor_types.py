"""ggml's types of tensors: how many bytes they take, and which of them a CPU rearranges for its vector units."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["TENSOR_TYPES", "Cpu", "TensorType", "repacks"]


@dataclass(frozen=True, slots=True)
class TensorType:
    """A block of `block_values` numbers takes `block_bytes`."""

    number: int  #: as files name it
    name: str
    block_values: int
    block_bytes: int

    def bytes_of(self, num_values: int) -> int:
        """Bytes of so many numbers, which must fill whole blocks."""
        return num_values // self.block_values * self.block_bytes


#: Number in a file → type. Numbers that are missing were given up.
TENSOR_TYPES = {
    number: TensorType(number, name, block_values, block_bytes)
    for number, name, block_values, block_bytes in (
        (0, "F32", 1, 4),
        (1, "F16", 1, 2),
        (2, "Q4_0", 32, 18),
        (3, "Q4_1", 32, 20),
        (6, "Q5_0", 32, 22),
        (7, "Q5_1", 32, 24),
        (8, "Q8_0", 32, 34),
        (9, "Q8_1", 32, 36),
        (10, "Q2_K", 256, 84),
        (11, "Q3_K", 256, 110),
        (12, "Q4_K", 256, 144),
        (13, "Q5_K", 256, 176),
        (14, "Q6_K", 256, 210),
        (15, "Q8_K", 256, 292),
        (16, "IQ2_XXS", 256, 66),
        (17, "IQ2_XS", 256, 74),
        (18, "IQ3_XXS", 256, 98),
        (19, "IQ1_S", 256, 50),
        (20, "IQ4_NL", 32, 18),
        (21, "IQ3_S", 256, 110),
        (22, "IQ2_S", 256, 82),
        (23, "IQ4_XS", 256, 136),
        (24, "I8", 1, 1),
        (25, "I16", 1, 2),
        (26, "I32", 1, 4),
        (27, "I64", 1, 8),
        (28, "F64", 1, 8),
        (29, "IQ1_M", 256, 56),
        (30, "BF16", 1, 2),
        (34, "TQ1_0", 256, 54),
        (35, "TQ2_0", 256, 66),
        (39, "MXFP4", 32, 17),
        (40, "NVFP4", 64, 36),
        (41, "Q1_0", 128, 18),
        (42, "Q2_0", 64, 18),
    )
}


class Cpu(Flag):
    """What of a CPU decides whether weights are rearranged."""

    PLAIN = 0
    AVX2 = auto()
    AVX512 = auto()
    NEON_DOTPROD = auto()
    NEON_I8MM = auto()  #: comes with NEON_DOTPROD


#: Type → (features, rows): with any of the features, tensors whose rows are a multiple of `rows` are rearranged.
#: From `ggml_repack_get_optimal_repack_type` in ggml-cpu/repack.cpp; SVE, RISC-V and s390x are left out.
_REPACKED: dict[str, tuple[tuple[Cpu, int], ...]] = {
    "Q4_0": ((Cpu.AVX2, 8), (Cpu.NEON_DOTPROD, 4)),
    "Q4_K": ((Cpu.AVX2 | Cpu.NEON_DOTPROD, 8),),
    "Q2_K": ((Cpu.AVX512, 8),),
    "Q5_K": ((Cpu.NEON_DOTPROD, 8),),
    "Q6_K": ((Cpu.NEON_DOTPROD, 8),),
    "IQ4_NL": ((Cpu.AVX2, 8), (Cpu.NEON_DOTPROD, 4)),
    "MXFP4": ((Cpu.AVX2, 8), (Cpu.NEON_DOTPROD, 4)),
    "Q8_0": ((Cpu.NEON_DOTPROD, 4),),
    "Q1_0": ((Cpu.NEON_DOTPROD, 4),),
}


def repacks(kind: TensorType, shape: Sequence[int], cpu: Cpu) -> bool:
    """Whether a matrix (or a stack of them, one per expert) that is multiplied on this CPU is kept rearranged."""
    num_dimensions = max((position for position, size in enumerate(shape, start=1) if size > 1), default=1)
    if num_dimensions not in (2, 3):
        return False
    return any(cpu & features and shape[1] % rows == 0 for features, rows in _REPACKED.get(kind.name, ()))
