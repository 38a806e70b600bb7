"""A model without a model: its logits are a hash of the tokens that a slot really holds.

A token that is missing, doubled or borrowed from the wrong sequence changes everything that is written after it, so two
runs that agree prove that each sequence saw its own tokens and no others. Cells are counted as llama.cpp counts them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from localdigest.engine.backend import VocabToken
from localdigest.engine.errors import BackendError
from localdigest.engine.loading import KVLayout, Threads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localdigest.engine.backend import Logits, Run

BOS, EOS, INST, END_INST, FIRST_BYTE = 0, 1, 2, 3, 4
NUM_VOCAB = FIRST_BYTE + 256


@dataclass
class FakeBackend:
    """Every byte is a token."""

    num_slots: int = 4
    num_cells: int = 1024
    slot_cells: int = 256
    batch_tokens: int = 64
    max_outputs: int = 64
    layout: KVLayout = KVLayout.STREAMS
    can_cut: bool = True
    bos: int | None = BOS
    eos: int = EOS
    end_after: int = 0  #: the end token is likeliest once a slot holds so many tokens; 0: never
    decode_seconds: float = 0.0
    num_decoded: int = 0
    steps: list[tuple[Run, ...]] = field(default_factory=list)
    threads: list[Threads] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.held: list[list[tuple[int, int]]] = [[] for _ in range(self.num_slots)]
        self._cell = count()

    @property
    def used_cells(self) -> int:
        if self.layout is KVLayout.STREAMS:
            return sum(map(len, self.held))
        return len({cell for slot in self.held for cell, _ in slot})

    def tokenize(self, text: str, *, lead: bool = True) -> list[int]:  # noqa: ARG002 - no leading spaces here
        return [FIRST_BYTE + byte for byte in text.encode("utf-8", "replace")]

    def vocabulary(self) -> list[VocabToken]:
        names = (b"<s>", b"</s>", b"[INST]", b"[/INST]")
        special = [VocabToken(name, special=True, user_defined=False, ends=name == b"</s>") for name in names]
        plain = [VocabToken(bytes([byte]), special=False, user_defined=False, ends=False) for byte in range(256)]
        return special + plain

    def chat_template(self) -> str | None:
        return None

    def decode(self, runs: Sequence[Run]) -> list[Logits]:
        assert runs, "a step computes something"
        assert sum(len(run.tokens) for run in runs) <= self.batch_tokens
        assert sum(run.num_outputs for run in runs) <= self.max_outputs
        assert len({run.slot for run in runs}) == len(runs)
        self.steps.append(tuple(runs))
        rows = []
        for run in runs:
            slot = self.held[run.slot]
            assert run.start == len(slot), "positions follow one another"
            for index, token in enumerate(run.tokens):
                slot.append((next(self._cell), token))
                if index >= len(run.tokens) - run.num_outputs:
                    rows.append(self._logits([token for _, token in slot]))
            assert len(slot) <= self.slot_cells
            self.num_decoded += len(run.tokens)
        if self.used_cells > self.num_cells:
            raise BackendError("no KV cells are left")
        return rows

    def _logits(self, tokens: list[int]) -> Logits:
        seed = hashlib.sha256(np.array(tokens, np.int32).tobytes()).digest()[:8]
        row = np.random.default_rng(int.from_bytes(seed, "little")).standard_normal(NUM_VOCAB).astype(np.float32)
        row[:FIRST_BYTE] = -20.0
        if self.end_after and len(tokens) >= self.end_after:
            row[EOS] = 20.0
        return row

    def copy(self, source: int, target: int, length: int) -> None:
        assert not self.held[target], "the target is empty"
        if not self.can_cut:
            assert length == len(self.held[source])
        shared = self.held[source][:length]
        streams = self.layout is KVLayout.STREAMS
        self.held[target] = [(next(self._cell), token) for _, token in shared] if streams else shared[:]

    def cut(self, slot: int, length: int) -> None:
        assert self.can_cut or length in (0, len(self.held[slot]))
        del self.held[slot][length:]

    def set_threads(self, threads: Threads) -> None:
        self.threads.append(threads)
