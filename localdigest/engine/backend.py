"""The seam below the scheduler: what a model runtime must be able to do, in tokens and sequences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from localdigest.engine.loading import KVLayout, Threads

    #: One row of logits: float32, one per token of the vocabulary. Valid until the next `decode`.
    Logits = npt.NDArray[np.float32]

__all__ = ["Backend", "Run", "VocabToken"]


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive tokens of one sequence, to be computed in one step."""

    slot: int  #: llama.cpp's sequence id
    start: int  #: position of the first token
    tokens: tuple[int, ...]
    num_outputs: int  #: logits are wanted after each of the last so many tokens (0: none)


@dataclass(frozen=True, slots=True)
class VocabToken:
    """One entry of the vocabulary."""

    text: bytes  #: what it writes; for special tokens their name
    special: bool  #: control, unknown or unused: never comes from plain text
    user_defined: bool  #: matched as a whole wherever its text stands, in plain text too
    ends: bool  #: end of generation


class Backend(Protocol):
    """A loaded model with its KV cache. Not safe for threads."""

    layout: KVLayout
    num_slots: int  #: sequences that can be held at once
    num_cells: int  #: KV cells in all
    slot_cells: int  #: the longest that one sequence may be
    batch_tokens: int  #: the most tokens of one `decode`
    max_outputs: int  #: the most rows of logits of one `decode`
    can_cut: bool  #: whether a sequence's tail can be removed (not so for recurrent and hybrid memory)
    bos: int | None  #: None: this model's texts begin without one
    eos: int
    decode_seconds: float  #: time spent inside `decode` so far

    def tokenize(self, text: str, *, lead: bool = True) -> list[int]:
        """Plain text to tokens, never control tokens. `lead`: the text opens a fragment, which some lead by a space."""

    def vocabulary(self) -> Sequence[VocabToken]: ...

    def chat_template(self) -> str | None:
        """The Jinja source that came with the model, if one did."""

    def decode(self, runs: Sequence[Run]) -> list[Logits]:
        """Compute the runs; rows come in the order of the runs and, within one, of its outputs. Raises BackendError."""

    def copy(self, source: int, target: int, length: int) -> None:
        """Make the empty slot `target` hold the first `length` tokens of `source`."""

    def cut(self, slot: int, length: int) -> None:
        """Keep the first `length` tokens of the slot; 0 empties it."""

    def set_threads(self, threads: Threads) -> None: ...
