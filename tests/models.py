"""GGUF files with random weights, made when first asked for: real architecture, real tokenizer metadata, no training.

    shape + seed ─numpy─▶ tensors ─gguf─▶ F32 file ─llama.cpp─▶ quantised file (where asked for) ─rename─▶ cache

Every function returns the path of a finished file. The cache is the folder given, or $LOCALDIGEST_TEST_MODELS, or
`.cache/test-models` of the repository; a file's name holds a hash of this source and of its parameters. The tiny ones
take a second at most; `bench_model` takes a minute or two, once. By hand: `python tests/models.py`.

The weights are scaled so that the output looks alive: logits spread by about 4, attention sharp enough that what was
said long ago still turns the next token, and tokens that are no text (controls, bytes) hardly ever on top.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import gguf
import model_vocabulary
import numpy as np
from gguf import GGUFWriter, TokenType
from model_vocabulary import CHAT_TEMPLATE, EOS, Entry

__all__ = [
    "bad_header",
    "bench_model",
    "byte_mixtral",
    "in_parts",
    "split_experts",
    "tiny_mistral",
    "tiny_mixtral",
    "truncated",
]

#: Names as llama.cpp has them for `llama_model_quantize`, with their numbers.
QUANTISATIONS = {"F16": 1, "Q4_0": 2, "Q8_0": 7, "Q4_K_S": 14, "Q4_K_M": 15, "Q5_K_M": 17, "Q6_K": 18}
LOGIT_SPREAD = 4.0
# Found by trying: narrower queries average all away and greedy output soon goes in circles, wider ones are chaotic.
# With these, 97 of 100 tokens change when what stands before them does, and sums in another order move a logit by 2e-5
# (F32, F32 cache, no flash attention) where the best two are 1.1 apart on average, and 0.01 apart in one case of 100.
QUERY_KEY_SPREAD = 1.6  #: attention scores spread by its square
VALUE_SPREAD = 1.5
ROPE_BASE = 10_000.0
ROUTER_SPREAD = 3.0  #: wide: near ties between experts are rare
TEXTLESS_SHARE = 0.2  #: of the logits' spread, for tokens that are no text

USER_DEFINED = "<note>"  #: of `tiny_mistral`: matched wherever it stands


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of a model in llama.cpp's `llama` architecture, which Mistral and Mixtral share."""

    layers: int = 4
    width: int = 128
    heads: int = 4
    kv_heads: int = 2
    feed_forward: int = 128
    experts: int = 0  #: 0: dense
    experts_used: int = 0
    context: int = 4096
    seed: int = 1

    @property
    def kv_width(self) -> int:
        return self.width // self.heads * self.kv_heads


MIXTRAL = Shape(experts=8, experts_used=2)
#: Blocks of 256 weights need rows of as many.
MIXTRAL_BLOCKS = Shape(layers=2, width=256, heads=4, kv_heads=2, feed_forward=256, experts=8, experts_used=2)
#: Texts are three to four times as long in bytes.
MIXTRAL_BYTES = replace(MIXTRAL, context=16_384, seed=4)
MISTRAL = Shape(seed=2)
#: Mixtral 8x7B's proportions: heads of 128, four to a KV head, feed-forward 3.5 times the width.
BENCH = Shape(
    layers=10, width=1024, heads=8, kv_heads=2, feed_forward=3584, experts=8, experts_used=2, context=32_768, seed=3
)


def tiny_mixtral(folder: Path | None = None, *, quant: str = "F32") -> Path:
    """Eight experts of which two are used. F32 unless told: sums then differ least between batch widths."""
    shape = MIXTRAL_BLOCKS if "K" in quant else MIXTRAL
    name = f"tiny-mixtral-{quant.lower()}"
    return _cached(name, shape, folder, lambda path: _write(path, shape, model_vocabulary.small(), quant=quant))


def byte_mixtral(folder: Path | None = None) -> Path:
    """`tiny_mixtral` with a token for each byte and none for more."""
    vocabulary = model_vocabulary.only_bytes()
    return _cached(
        "byte-mixtral", MIXTRAL_BYTES, folder, lambda path: _write(path, MIXTRAL_BYTES, vocabulary, quant="F32")
    )


def tiny_mistral(folder: Path | None = None, *, quant: str = "F32") -> Path:
    """Dense, and with a user-defined token."""
    vocabulary = model_vocabulary.small(user_defined=(USER_DEFINED,))
    name = f"tiny-mistral-{quant.lower()}"
    return _cached(name, MISTRAL, folder, lambda path: _write(path, MISTRAL, vocabulary, quant=quant))


def split_experts(folder: Path | None = None) -> Path:
    """`tiny_mixtral` in the layout of 2023, a tensor for each expert: llama.cpp loads it no longer."""
    vocabulary = model_vocabulary.small()
    return _cached("split-experts", MIXTRAL, folder, lambda path: _write_tensors(path, MIXTRAL, vocabulary, split=True))


def in_parts(folder: Path) -> tuple[Path, ...]:
    """`tiny_mixtral` in several files in this folder, as large models are published; first part first."""
    path = folder / "parts.gguf"
    _write_tensors(path, MIXTRAL, model_vocabulary.small(), tensors_of_a_part=16)
    return tuple(sorted(folder.glob("parts-*-of-*.gguf")))


def truncated(folder: Path | None = None) -> Path:
    """`tiny_mixtral` without its second half: the header is whole."""
    return _cached("truncated", MIXTRAL, folder, lambda path: path.write_bytes(_part(tiny_mixtral(folder))))


def bad_header(folder: Path | None = None) -> Path:
    """`tiny_mixtral` with a count of tensors that no file could hold."""
    return _cached("bad-header", MIXTRAL, folder, lambda path: path.write_bytes(_miscounted(tiny_mixtral(folder))))


def bench_model(folder: Path | None = None) -> Path:
    """A thousand million parameters in Mixtral's proportions, Q4_K_M: for measurements, not for tests' answers."""
    return _cached(
        "bench", BENCH, folder, lambda path: _write(path, BENCH, model_vocabulary.wide(), quant="Q4_K_M", stored="F16")
    )


def _part(path: Path) -> bytes:
    data = path.read_bytes()
    return data[: len(data) // 2]


def _miscounted(path: Path) -> bytes:
    data = bytearray(path.read_bytes())
    data[8:16] = (2**60).to_bytes(8, "little")
    return bytes(data)


# ── the cache ────────────────────────────────────────────────────────────────


def _cached(name: str, shape: Shape, folder: Path | None, make: Callable[[Path], object]) -> Path:
    folder = folder or _default_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{_fingerprint(shape)}.gguf"
    if path.exists():
        return path
    with _locked(folder / f"{name}.lock"):
        if not path.exists():
            for old in folder.glob(f"{name}-{'?' * 12}.gguf"):
                old.unlink()
            partial = path.with_suffix(".part")
            try:
                make(partial)
                partial.replace(path)
            finally:
                partial.unlink(missing_ok=True)
    return path


def _default_folder() -> Path:
    named = os.environ.get("LOCALDIGEST_TEST_MODELS")
    return Path(named) if named else Path(__file__).parent.parent / ".cache" / "test-models"


def _fingerprint(shape: Shape) -> str:
    digest = hashlib.sha256(json.dumps(asdict(shape)).encode())
    for source in (__file__, model_vocabulary.__file__):
        digest.update(Path(source).read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Two processes do not make one file at a time."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# ── the files ────────────────────────────────────────────────────────────────


def _write(path: Path, shape: Shape, vocabulary: list[Entry], *, quant: str, stored: str = "F32") -> None:
    if quant == stored:
        _write_tensors(path, shape, vocabulary, stored=stored)
        return
    whole = path.with_suffix(".whole")
    try:
        _write_tensors(whole, shape, vocabulary, stored=stored)
        # In a process of its own: llama.cpp's log and its threads stay out of the caller's.
        command = [sys.executable, __file__, "quantise", str(whole), str(path), quant]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        if done.returncode:
            raise RuntimeError(f"{path.name} could not be quantised: {done.stderr[-2000:]}")
    finally:
        whole.unlink(missing_ok=True)


def _write_tensors(
    path: Path,
    shape: Shape,
    vocabulary: list[Entry],
    *,
    stored: str = "F32",
    split: bool = False,
    tensors_of_a_part: int = 0,
) -> None:
    """Tensor by tensor: the file may be larger than one likes to hold."""
    writer = GGUFWriter(path, "llama", split_max_tensors=tensors_of_a_part)
    _add_metadata(writer, shape, vocabulary, stored)
    plans = list(_plans(shape, vocabulary, split=split))
    for plan in plans:
        kind = np.dtype(np.float16 if stored == "F16" and len(plan.dims) > 1 else np.float32)
        writer.add_tensor_info(plan.name, plan.dims, kind, int(np.prod(plan.dims)) * kind.itemsize)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    generator = np.random.Generator(np.random.PCG64(shape.seed))
    for plan in plans:
        values = plan.values(generator)
        writer.write_tensor_data(values.astype(np.float16) if stored == "F16" and len(plan.dims) > 1 else values)
    writer.close()


def _add_metadata(writer: GGUFWriter, shape: Shape, vocabulary: list[Entry], stored: str) -> None:
    writer.add_name("random weights for tests")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16 if stored == "F16" else gguf.LlamaFileType.ALL_F32)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_rope_freq_base(ROPE_BASE)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(vocabulary))
    if shape.experts:
        writer.add_expert_count(shape.experts)
        writer.add_expert_used_count(shape.experts_used)
    writer.add_tokenizer_model("llama")
    writer.add_token_list([entry.text for entry in vocabulary])
    writer.add_token_scores([entry.score for entry in vocabulary])
    writer.add_token_types([entry.kind for entry in vocabulary])
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(value=True)
    writer.add_add_eos_token(value=False)
    writer.add_chat_template(CHAT_TEMPLATE)


@dataclass(frozen=True, slots=True)
class _Plan:
    """One tensor: random with this spread, row by row where it is an array; 0: all ones."""

    name: str
    dims: tuple[int, ...]
    spread: float
    rows: tuple[float, ...] = ()

    def values(self, generator: np.random.Generator) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        if not self.spread:
            return np.ones(self.dims, np.float32)
        values = generator.standard_normal(self.dims, np.float32)
        values *= np.float32(self.spread)
        if self.rows:
            values *= np.array(self.rows, np.float32)[:, None]
        return values


def _plans(shape: Shape, vocabulary: list[Entry], *, split: bool) -> Iterator[_Plan]:
    width, hidden = shape.width, shape.feed_forward
    even, tokens = width**-0.5, len(vocabulary)
    shares = tuple(1.0 if _is_text(entry) else TEXTLESS_SHARE for entry in vocabulary)
    yield _Plan("token_embd.weight", (tokens, width), 1.0)
    yield _Plan("output_norm.weight", (width,), 0.0)
    yield _Plan("output.weight", (tokens, width), LOGIT_SPREAD * even, shares)
    for layer in range(shape.layers):
        block = f"blk.{layer}."
        yield _Plan(block + "attn_norm.weight", (width,), 0.0)
        yield _Plan(block + "attn_q.weight", (width, width), QUERY_KEY_SPREAD * even)
        yield _Plan(block + "attn_k.weight", (shape.kv_width, width), QUERY_KEY_SPREAD * even)
        yield _Plan(block + "attn_v.weight", (shape.kv_width, width), VALUE_SPREAD * even)
        yield _Plan(block + "attn_output.weight", (width, width), even)
        yield _Plan(block + "ffn_norm.weight", (width,), 0.0)
        if shape.experts:
            yield _Plan(block + "ffn_gate_inp.weight", (shape.experts, width), ROUTER_SPREAD * even)
        for part, rows, columns in (("gate", hidden, width), ("up", hidden, width), ("down", width, hidden)):
            spread = columns**-0.5
            if not shape.experts:
                yield _Plan(f"{block}ffn_{part}.weight", (rows, columns), spread)
            elif split:
                for expert in range(shape.experts):
                    yield _Plan(f"{block}ffn_{part}.{expert}.weight", (rows, columns), spread)
            else:
                yield _Plan(f"{block}ffn_{part}_exps.weight", (shape.experts, rows, columns), spread)


def _is_text(entry: Entry) -> bool:
    return entry.kind in (TokenType.NORMAL, TokenType.USER_DEFINED) or entry.text == EOS


def _quantise(source: str, target: str, quant: str) -> int:
    import llama_cpp.llama_cpp as llama  # noqa: PLC0415 - only where it is needed: it takes a moment to load

    params = llama.llama_model_quantize_default_params()
    params.ftype = QUANTISATIONS[quant]
    return int(llama.llama_model_quantize(os.fsencode(source), os.fsencode(target), params))


if __name__ == "__main__":
    if sys.argv[1:2] == ["quantise"]:
        sys.exit(_quantise(*sys.argv[2:5]))
    for maker in (tiny_mixtral, tiny_mistral, split_experts, truncated, bad_header, bench_model):
        print(maker())  # noqa: T201 - a script
