"""llama.cpp behind the backend's seam. With `ggml.py` the only importer of llama_cpp, of its low-level functions only.

    load the file ─▶ make the context ─▶ decode runs · copy and cut sequences · tokenize

Traps of the C side, each met while building:

- Copies between streams must take the whole sequence, else the process aborts; the tail is cut afterwards.
- A batch over streams is computed together only where the sequence ids follow one another without a gap.
- A vocabulary piece is asked for as bytes: one character may be spread over several tokens.
"""

from __future__ import annotations

import ctypes
import os
from collections import deque
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Self

import llama_cpp.llama_cpp as llama
import numpy as np

from localdigest.engine.backend import VocabToken
from localdigest.engine.errors import BackendError, ModelFileError, PlacementError
from localdigest.engine.ggml import function
from localdigest.engine.loading import FlashAttention, KVLayout, LoadMode, LoadOptions, Threads
from localdigest.engine.machine import usable_cores
from localdigest.engine.model_file import has_experts, read_file_header

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from localdigest.engine.backend import Logits, Run
    from localdigest.engine.loading import Placement

__all__ = ["LlamaBackend", "flash_attention_type"]

LOAD_MODES = {LoadMode.AUTO: -1, LoadMode.NONE: 0, LoadMode.MMAP: 1, LoadMode.MLOCK: 2, LoadMode.DIRECT_IO: 4}
ASK_THE_DEVICE, WITHOUT, WITH = -1, 0, 1  #: flash attention, as llama.cpp numbers it
KV_TYPES = {
    "f32": llama.GGML_TYPE_F32,
    "f16": llama.GGML_TYPE_F16,
    "bf16": 30,  # GGML_TYPE_BF16, which the bindings leave out
    "q8_0": llama.GGML_TYPE_Q8_0,
    "q4_0": llama.GGML_TYPE_Q4_0,
    "q4_1": llama.GGML_TYPE_Q4_1,
    "iq4_nl": llama.GGML_TYPE_IQ4_NL,
    "q5_0": llama.GGML_TYPE_Q5_0,
    "q5_1": llama.GGML_TYPE_Q5_1,
}
#: The experts' matrices of one layer, as llama.cpp names them; shared experts stay with the dense part.
EXPERTS_OF_LAYER = r"blk\.{layer}\.ffn_(up|down|gate|gate_up)_(ch|)exps"
CELL_PADDING = 256  #: llama.cpp rounds a context up to a multiple of this
MIN_OUTPUTS = 64  #: rows of logits in one step, at least: room for scoring and for speculation
LOG_LINES = 400
MAX_PIECE_BYTES = 512


class _Override(ctypes.Structure):
    """`llama_model_tensor_buft_override`, which the bindings leave out."""

    _fields_ = (("pattern", ctypes.c_char_p), ("buffer_type", ctypes.c_void_p))


class _Log:
    """llama.cpp's log: kept for error messages, passed on to whoever listens."""

    def __init__(self) -> None:
        self.lines: deque[str] = deque(maxlen=LOG_LINES)
        self.listener: Callable[[str], None] | None = None
        self.callback = llama.llama_log_callback(self._take)
        llama.llama_log_set(self.callback, ctypes.c_void_p(0))

    def _take(self, _level: int, text: bytes, _data: object) -> None:
        line = text.decode("utf-8", "replace").rstrip()
        self.lines.append(line)
        if self.listener is not None:
            self.listener(line)

    def first_error(self) -> str:
        """The line that most likely says why: what fails first makes the others fail."""
        for line in self.lines:
            if any(word in line for word in ("error", "failed", "unable", "not found", "unknown", "invalid")):
                return line
        return self.lines[-1] if self.lines else "llama.cpp gave no reason"


_LOG = _Log()


def pad_cells(tokens: int) -> int:
    return -(-tokens // CELL_PADDING) * CELL_PADDING


class LlamaBackend:
    """One model and one context. Frees both on `close`; not safe for threads."""

    def __init__(
        self,
        options: LoadOptions,
        *,
        on_log: Callable[[str], None] | None = None,
        on_progress: Callable[[float], None] | None = None,
    ) -> None:
        """Load the model and make its context.

        Args:
            options: What to load, and how.
            on_log: Is told llama.cpp's log, line by line.
            on_progress: Is told the fraction that is loaded.
        """
        _LOG.listener = on_log
        self._on_progress = on_progress
        placement = options.placement
        self.layout = options.layout
        self.num_slots = options.num_slots
        self.slot_cells = pad_cells(options.slot_tokens)
        self.num_cells = pad_cells(options.total_tokens or options.num_slots * self.slot_cells)
        if self.layout is KVLayout.UNIFIED:
            self.slot_cells = min(self.slot_cells, self.num_cells)
        self.batch_tokens = min(placement.batch_tokens, self.num_cells)
        self.max_outputs = max(self.num_slots, MIN_OUTPUTS)
        self.decode_seconds = 0.0  #: time inside llama_decode
        self._keep: list[object] = []  # what the C side only points at
        self._model = self._load(options)
        self._context = self._make_context(options)
        self._memory = llama.llama_get_memory(self._context)
        self._vocab = llama.llama_model_get_vocab(self._model)
        self.num_vocab = llama.llama_vocab_n_tokens(self._vocab)
        self.eos = llama.llama_vocab_eos(self._vocab)
        self.bos = llama.llama_vocab_bos(self._vocab) if llama.llama_vocab_get_add_bos(self._vocab) else None
        self.can_cut = not (llama.llama_model_is_recurrent(self._model) or llama.llama_model_is_hybrid(self._model))
        self._batch = _Batch(self.batch_tokens)
        # A header that is rehearsed may come without a tokenizer.
        self._leads = not options.dry and self._piece(self._tokenize("a")[0])[:1] == b" "

    def close(self) -> None:
        if self._context:
            llama.llama_free(self._context)
            llama.llama_model_free(self._model)
            self._context = self._model = None
            _LOG.listener = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ── loading ──────────────────────────────────────────────────────────────

    def _load(self, options: LoadOptions) -> Any:
        path = Path(options.path)
        header = read_file_header(path)  # says why, where llama.cpp would only fail
        placement = options.placement
        params = llama.llama_model_default_params()
        params.n_gpu_layers = placement.gpu_layers
        params.no_alloc = options.dry
        # A mapped file without allocation aborts the process.
        params.load_mode = LOAD_MODES[LoadMode.NONE if options.dry else placement.load_mode]
        params.use_extra_bufts = not has_experts(header) if placement.repack is None else placement.repack
        self._override_experts(params, placement.cpu_expert_layers if placement.gpu_layers else 0)
        if options.devices:
            self._choose_devices(params, options.devices)
        if self._on_progress is not None:
            params.progress_callback = self._progress_callback(self._on_progress)
        llama.llama_backend_init()
        _LOG.lines.clear()
        model = llama.llama_model_load_from_file(os.fsencode(path), params)
        if not model:
            raise ModelFileError(f"llama.cpp cannot load {path.name}: {_LOG.first_error()}")
        return model

    def _progress_callback(self, on_progress: Callable[[float], None]) -> Any:
        def tell(fraction: float, _data: object) -> bool:
            on_progress(fraction)
            return True  # go on

        callback = llama.llama_progress_callback(tell)
        self._keep.append(callback)
        return callback

    def _override_experts(self, params: Any, num_layers: int) -> None:
        if not num_layers:
            return
        cpu = function("ggml_backend_cpu_buffer_type", ctypes.c_void_p)()
        patterns = [EXPERTS_OF_LAYER.format(layer=layer).encode() for layer in range(num_layers)]
        overrides = (_Override * (num_layers + 1))(*[_Override(pattern, cpu) for pattern in patterns], _Override())
        self._keep.append(overrides)
        params.tensor_buft_overrides = ctypes.cast(overrides, ctypes.c_void_p)

    def _choose_devices(self, params: Any, names: tuple[str, ...]) -> None:
        by_name = function("ggml_backend_dev_by_name", ctypes.c_void_p, ctypes.c_char_p)
        found = {name: by_name(name.encode()) for name in names}
        if missing := [name for name, device in found.items() if not device]:
            raise PlacementError(
                f"There is no device named {missing[0]}.", hint="`localdigest doctor` lists what can be used."
            )
        devices = (ctypes.c_void_p * (len(names) + 1))(*found.values(), None)
        self._keep.append(devices)
        params.devices = ctypes.cast(devices, ctypes.c_void_p)

    def _make_context(self, options: LoadOptions) -> Any:
        placement = options.placement
        params = llama.llama_context_default_params()
        unified = self.layout is KVLayout.UNIFIED
        params.n_ctx = self.num_cells if unified else self.num_slots * self.slot_cells
        params.n_seq_max = self.num_slots
        params.n_batch = self.batch_tokens
        params.n_ubatch = min(placement.micro_batch_tokens, self.batch_tokens)
        params.n_outputs_max = min(self.max_outputs, self.batch_tokens)
        params.kv_unified = unified
        params.flash_attn_type = flash_attention_type(placement)
        params.type_k = params.type_v = _kv_type(placement.kv_type)
        # A sliding window would drop the cells that a shared prefix is copied from.
        params.swa_full = True
        params.no_perf = True
        threads = options.threads or Threads(decode=usable_cores(), prefill=usable_cores())
        params.n_threads, params.n_threads_batch = threads.decode, threads.prefill
        _LOG.lines.clear()
        context = llama.llama_init_from_model(self._model, params)
        if not context:
            llama.llama_model_free(self._model)
            raise PlacementError(f"The model's context cannot be made: {_LOG.first_error()}")
        return context

    # ── computing ────────────────────────────────────────────────────────────

    def decode(self, runs: Sequence[Run]) -> list[Logits]:
        num_outputs = self._batch.fill(runs)
        started = perf_counter()
        code = llama.llama_decode(self._context, self._batch.struct)
        if code == 0 and num_outputs:
            llama.llama_synchronize(self._context)
        self.decode_seconds += perf_counter() - started
        if code != 0:
            reason = "no KV cells are left" if code == 1 else _LOG.first_error()
            raise BackendError(f"llama.cpp could not compute a step (code {code}): {reason}")
        if not num_outputs:
            return []
        address = ctypes.cast(llama.llama_get_logits(self._context), ctypes.POINTER(ctypes.c_float))
        return list(np.ctypeslib.as_array(address, shape=(num_outputs, self.num_vocab)))

    def copy(self, source: int, target: int, length: int) -> None:
        if self.layout is KVLayout.UNIFIED:
            llama.llama_memory_seq_cp(self._memory, source, target, 0, length)
        else:
            llama.llama_memory_seq_cp(self._memory, source, target, -1, -1)
            self.cut(target, length)

    def cut(self, slot: int, length: int) -> None:
        if not llama.llama_memory_seq_rm(self._memory, slot, length or -1, -1):
            raise BackendError(f"The memory of this model cannot be cut back to {length} tokens.")

    def set_threads(self, threads: Threads) -> None:
        llama.llama_set_n_threads(self._context, threads.decode, threads.prefill)

    # ── text ─────────────────────────────────────────────────────────────────

    def tokenize(self, text: str, *, lead: bool = True) -> list[int]:
        if lead or not self._leads:
            return self._tokenize(text)
        # A newline is a token of its own there, so nothing merges with it, and it takes the leading space.
        opening = self._tokenize("\n")
        return self._tokenize("\n" + text)[len(opening) :]

    def _tokenize(self, text: str) -> list[int]:
        data = text.encode("utf-8", "replace")
        # A byte is a token at most, but for the sign of a space, which has three and may be no token of its own.
        for room in (len(data) + 8, 3 * len(data) + 8):
            tokens = (llama.llama_token * room)()
            count = llama.llama_tokenize(self._vocab, data, len(data), tokens, room, False, False)  # noqa: FBT003 - C call
            if count >= 0:
                return tokens[:count]
        raise BackendError(f"The tokenizer needs {-count} tokens for {len(data)} bytes.")

    def _piece(self, token: int) -> bytes:
        room = MAX_PIECE_BYTES
        buffer = ctypes.create_string_buffer(room)
        count = llama.llama_token_to_piece(self._vocab, token, buffer, room, 0, False)  # noqa: FBT003 - C call
        return buffer.raw[: max(count, 0)]

    def vocabulary(self) -> list[VocabToken]:
        return [self._vocab_token(token) for token in range(self.num_vocab)]

    def _vocab_token(self, token: int) -> VocabToken:
        control = llama.LLAMA_TOKEN_ATTR_CONTROL | llama.LLAMA_TOKEN_ATTR_UNKNOWN | llama.LLAMA_TOKEN_ATTR_UNUSED
        attributes = llama.llama_vocab_get_attr(self._vocab, token)
        special = bool(attributes & control)
        return VocabToken(
            text=(llama.llama_vocab_get_text(self._vocab, token) or b"") if special else self._piece(token),
            special=special,
            user_defined=bool(attributes & llama.LLAMA_TOKEN_ATTR_USER_DEFINED),
            ends=llama.llama_vocab_is_eog(self._vocab, token),
        )

    def chat_template(self) -> str | None:
        template = llama.llama_model_chat_template(self._model, None)
        return template.decode("utf-8", "replace") if template else None


class _Batch:
    """The arrays of a `llama_batch`, filled by numpy: setting them one by one from Python costs milliseconds."""

    def __init__(self, room: int) -> None:
        self.tokens = np.zeros(room, np.int32)
        self.positions = np.zeros(room, np.int32)
        self.counts = np.ones(room, np.int32)
        self.slots = np.zeros(room, np.int32)
        self.wanted = np.zeros(room, np.int8)
        # Every token points at its own entry of `slots`.
        self.pointers = self.slots.ctypes.data + np.arange(room, dtype=np.uint64) * self.slots.itemsize
        self.struct = llama.llama_batch(
            n_tokens=0,
            token=_pointer(self.tokens, llama.llama_token),
            embd=None,
            pos=_pointer(self.positions, llama.llama_pos),
            n_seq_id=_pointer(self.counts, ctypes.c_int32),
            seq_id=ctypes.cast(self.pointers.ctypes.data, ctypes.POINTER(ctypes.POINTER(llama.llama_seq_id))),
            logits=_pointer(self.wanted, ctypes.c_int8),
        )

    def fill(self, runs: Sequence[Run]) -> int:
        """Write the runs; returns the number of rows of logits to come."""
        end = 0
        for run in runs:
            start, end = end, end + len(run.tokens)
            self.tokens[start:end] = run.tokens
            self.positions[start:end] = np.arange(run.start, run.start + len(run.tokens))
            self.slots[start:end] = run.slot
            self.wanted[start:end] = 0
            self.wanted[end - run.num_outputs : end] = 1
        self.struct.n_tokens = end
        return sum(run.num_outputs for run in runs)


def _pointer(array: np.ndarray[Any, Any], kind: type[Any]) -> Any:
    return array.ctypes.data_as(ctypes.POINTER(kind))


def flash_attention_type(placement: Placement) -> int:
    """`llama_flash_attn_type` of a placement."""
    if placement.flash_attention is FlashAttention.AUTO and placement.uses_flash_attention:
        return ASK_THE_DEVICE  # not every GPU has it
    return WITH if placement.uses_flash_attention else WITHOUT


def _kv_type(name: str) -> int:
    try:
        return int(KV_TYPES[name])
    except KeyError:
        raise PlacementError(f"{name} is no type of KV cache.", hint=f"One of: {', '.join(KV_TYPES)}.") from None
