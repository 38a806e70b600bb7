"""The check of a model's first bytes: what it refuses, how little it reads, and that nothing upsets it."""

from __future__ import annotations

import importlib.util
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from headers import HeaderMaker, mistral, mixtral, start, text
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.errors import UsageError
from localdigest.hub.catalog import load_catalog
from localdigest.hub.check import MOST_BYTES, Finding, Verdict, check_header, known_architectures
from models import bad_header, split_experts, tiny_mistral, tiny_mixtral, truncated

CATALOG = load_catalog()
TINY = tiny_mixtral().read_bytes()


@dataclass
class Source:
    """Bytes that count what is read of them."""

    data: bytes
    size: int = 0  #: of the file that they are the beginning of
    asked: list[tuple[int, int]] = field(default_factory=list)

    def __call__(self, start: int, length: int) -> bytes:
        self.asked.append((start, length))
        return self.data[start : start + length]

    @property
    def furthest(self) -> int:
        return max(start + length for start, length in self.asked)


def check(data: bytes, *, size: int | None = None) -> Verdict:
    return check_header(Source(data), file_size=len(data) if size is None else size, catalog=CATALOG)


def made(architecture: str = "llama", **numbers: object) -> HeaderMaker:
    maker = start(architecture, layers=1, width=32, vocab=64, attention__head_count=1, **numbers)
    maker.tensor("token_embd.weight", (32, 64))
    maker.tensor("blk.0.attn_k.weight", (32, 32))
    return maker


def whole(maker: HeaderMaker) -> bytes:
    return maker.bytes() + bytes(maker.data_bytes)


# ── what can be used ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("maker", [tiny_mixtral, tiny_mistral])
def test_a_model_can_be_used(maker: Callable[[], Path]) -> None:
    verdict = check(maker().read_bytes())

    assert verdict.is_usable
    assert verdict.need("m.gguf").num_layers == 4
    assert verdict.message == ""


def test_a_size_that_is_not_known_is_no_flaw() -> None:
    assert check(TINY, size=0).is_usable


def test_only_the_header_is_read() -> None:
    """A quarter of a megabyte is enough here; no byte is asked for twice."""
    source = Source(TINY)

    verdict = check_header(source, file_size=len(TINY))

    assert source.asked == [(0, 1 << 18)]
    assert verdict.read_bytes == 1 << 18


def test_a_long_header_is_read_in_growing_pieces_that_join() -> None:
    maker = mixtral()
    maker.add("tokenizer.ggml.tokens", ["a token of some length"] * 40_000)
    data = maker.bytes()
    source = Source(data)

    verdict = check_header(source, file_size=len(data) + maker.data_bytes)

    assert verdict.is_usable
    ends = [0, *(start + length for start, length in source.asked)]
    assert [start for start, _ in source.asked] == ends[:-1]
    assert len(source.asked) <= 4
    assert source.furthest < 2 * len(data)


# ── what cannot ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_layout_of_2023_is_told_with_a_file_that_works() -> None:
    """Here with Mixtral's own shape, so that the catalogue has the same model."""
    maker = start(
        "llama", layers=32, width=4096, vocab=32000, expert_count=8, expert_used_count=2, attention__head_count=32
    )
    maker.tensor("token_embd.weight", (4096, 32000), "Q4_K")
    for layer in range(32):
        for expert in range(8):
            maker.tensor(f"blk.{layer}.ffn_gate.{expert}.weight", (4096, 14336), "Q4_K")
            maker.tensor(f"blk.{layer}.ffn_up.{expert}.weight", (4096, 14336), "Q4_K")
            maker.tensor(f"blk.{layer}.ffn_down.{expert}.weight", (14336, 4096), "Q4_K")

    verdict = check(maker.bytes(), size=len(maker.bytes()) + maker.data_bytes)

    assert verdict.finding is Finding.OLD_LAYOUT
    assert "2023" in verdict.message
    assert "`mixtral-8x7b-q4` is the same model" in verdict.hint
    assert "models convert" in verdict.hint


def test_an_old_file_of_an_unknown_model_can_still_be_converted() -> None:
    verdict = check(split_experts().read_bytes())

    assert verdict.finding is Finding.OLD_LAYOUT
    assert "models convert" in verdict.hint


@pytest.mark.parametrize(
    ("data", "finding", "words"),
    [
        (b"<!DOCTYPE html><title>Log in</title>", Finding.NOT_GGUF, "web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", Finding.NOT_GGUF, "Git LFS"),
        (b'{"error": "Access denied"}', Finding.NOT_GGUF, "no GGUF"),
        (b"PK\x03\x04", Finding.NOT_GGUF, "archive"),
        (b"", Finding.DAMAGED, "inside its header"),
        (b"GGU", Finding.DAMAGED, "inside its header"),
        (TINY[:1000], Finding.DAMAGED, "inside its header"),
        (b"GGUF" + struct.pack("<I", 9), Finding.DAMAGED, "version 9"),
        (whole(made("qwen99")), Finding.UNKNOWN_ARCHITECTURE, "'qwen99'"),
        (whole(made("bert")), Finding.NO_WRITER, "do not write text"),
        (whole(made("clip")), Finding.NO_WRITER, "pictures"),
        (whole(made("llama", attention__head_count_kv="two")), Finding.DAMAGED, "head_count_kv"),
    ],
)
def test_what_cannot_be_used_is_told_why(data: bytes, finding: Finding, words: str) -> None:
    verdict = check(data)

    assert verdict.finding is finding
    assert words in f"{verdict.message} {verdict.hint}"
    assert verdict.hint
    assert verdict.layout is None
    with pytest.raises(UsageError, match=r"^m\.gguf cannot be used: "):
        verdict.need("m.gguf")


def test_an_old_file_that_does_not_say_what_it_is_is_told_as_old() -> None:
    maker = HeaderMaker()
    maker.tensor("blk.0.ffn_gate.0.weight", (32, 32))

    assert check(whole(maker)).finding is Finding.OLD_LAYOUT


@pytest.mark.parametrize("maker", [truncated, bad_header])
def test_a_damaged_file_is_told(maker: Callable[[], Path]) -> None:
    assert check(maker().read_bytes()).finding is Finding.DAMAGED


def test_data_beyond_the_end_of_the_file_are_told_before_they_are_fetched() -> None:
    maker = mistral()

    verdict = check(maker.bytes(), size=len(maker.bytes()) + maker.data_bytes - 1)

    assert verdict.finding is Finding.DAMAGED
    assert "cut short" in verdict.message


@pytest.mark.parametrize(("kind", "words"), [("adapter", "LoRA"), ("mmproj", "pictures"), ("imatrix", "importance")])
def test_what_belongs_to_a_model_is_none(kind: str, words: str) -> None:
    maker = made()
    maker.add("general.type", kind)

    verdict = check(whole(maker))

    assert verdict.finding is Finding.NO_WRITER
    assert words in verdict.message


def test_a_vocabulary_alone_is_no_model() -> None:
    maker = HeaderMaker()
    maker.add("general.architecture", "llama")

    verdict = check(maker.bytes())

    assert verdict.finding is Finding.NO_WRITER
    assert "vocabulary" in verdict.message


def test_a_header_without_end_is_given_up() -> None:
    """A billion keys' worth of text is promised; sixteen megabytes are read."""
    body = b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("general.name") + struct.pack("<IQ", 8, 1 << 40)
    source = Source(body + bytes(1 << 25))

    verdict = check_header(source, file_size=1 << 41)

    assert verdict.finding in (Finding.TOO_LONG, Finding.DAMAGED)
    assert source.furthest <= MOST_BYTES


def test_a_header_that_keeps_growing_is_given_up() -> None:
    key = text("k") + struct.pack("<I", 8) + text("v" * 4000)
    body = b"GGUF" + struct.pack("<IQQ", 3, 0, 10_000)
    keys = b"".join(key.replace(b"k", b"%d" % number, 1) for number in range(5000))
    source = Source(body + b"".join(text(f"k{n}") + key[9:] for n in range(5000)) + keys)

    verdict = check_header(source, file_size=1 << 41)

    assert verdict.finding is Finding.TOO_LONG
    assert source.furthest == MOST_BYTES


def test_a_server_that_sends_more_than_was_asked_for_is_not_believed() -> None:
    asked: list[int] = []

    def read(start: int, length: int) -> bytes:
        asked.append(length)
        return TINY[start : start + length] + bytes(1 << 20)

    assert check_header(read, file_size=len(TINY)).is_usable
    assert asked == [1 << 18]


def test_errors_of_the_reader_pass() -> None:
    def read(start: int, length: int) -> bytes:
        raise ConnectionError(start, length)

    with pytest.raises(ConnectionError):
        check_header(read)


# ── hostile input ────────────────────────────────────────────────────────────────────────────────────────────────────

HEADERS = {
    "tiny_mixtral": TINY[: 1 << 18],
    "tiny_mistral": tiny_mistral().read_bytes()[: 1 << 18],
    "split_experts": split_experts().read_bytes()[: 1 << 18],
    "mixtral": mixtral().bytes(),
}


def judge(data: bytes, *, size: int) -> None:
    """A verdict within a second, of at most sixteen megabytes."""
    source = Source(data)
    began = time.perf_counter()

    verdict = check_header(source, file_size=size, catalog=CATALOG)

    assert source.furthest <= MOST_BYTES
    assert time.perf_counter() - began < 5
    assert verdict.is_usable == (verdict.layout is not None) == (verdict.message == "")
    assert verdict.is_usable or verdict.hint


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([b"", b"GGUF\3\0\0\0"]), st.binary(max_size=2000), st.sampled_from([0, 1000, 1 << 40]))
def test_random_bytes_get_a_verdict(head: bytes, data: bytes, size: int) -> None:
    judge(head + data, size=size)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(HEADERS)),
    st.lists(
        st.tuples(
            st.integers(0, 20_000),
            st.sampled_from(
                [b"\0", b"\xff", b"\xff" * 8, b"\x7f" + b"\xff" * 7, struct.pack("<Q", 1 << 62), b"\t\0\0\0", b""]
            ),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([0, 1 << 18, 1 << 40]),
)
def test_changed_headers_get_a_verdict(name: str, changes: list[tuple[int, bytes]], size: int) -> None:
    data = bytearray(HEADERS[name])
    for at, piece in changes:
        place = at % len(data)
        data[place : place + max(len(piece), 1)] = piece
    judge(bytes(data), size=size)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(HEADERS)), st.integers(0, 1 << 18))
def test_cut_headers_get_a_verdict(name: str, length: int) -> None:
    judge(HEADERS[name][:length], size=0)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            [
                *("block_count", "embedding_length", "attention.head_count", "attention.head_count_kv"),
                *("attention.key_length", "expert_count", "expert_used_count", "context_length", "ssm.inner_size"),
                *("nextn_predict_layers", "vocab_size", "attention.shared_kv_layers"),
            ]
        ),
        st.integers(0, (1 << 32) - 1)
        | st.floats(width=32)
        | st.booleans()
        | st.text(max_size=3)
        | st.lists(st.integers(0, 9), min_size=1, max_size=4),
    )
)
def test_wild_numbers_get_a_verdict(numbers: dict[str, object]) -> None:
    maker = HeaderMaker()
    maker.add("general.architecture", "llama")
    for name, value in numbers.items():
        maker.add(f"llama.{name}", value)
    maker.tensor("token_embd.weight", (32, 64))
    maker.tensor("blk.0.attn_k.weight", (32, 32))
    maker.tensor("blk.0.ffn_up_exps.weight", (32, 32, 2))

    judge(whole(maker), size=0)


# ── the table of architectures ───────────────────────────────────────────────────────────────────────────────────────


def test_the_architectures_are_those_of_the_llama_cpp_that_is_installed() -> None:
    """Each name stands in the library, and what the library's own converter knows is in the table."""
    found = importlib.util.find_spec("llama_cpp")
    assert found is not None
    assert found.origin is not None
    folder = Path(found.origin).parent / "lib"
    library = b"".join(path.read_bytes() for path in folder.glob("libllama.*") if path.is_file())

    assert {name for name in known_architectures() if name.encode() + b"\0" not in library} == set()
    assert {"llama", "mistral3", "qwen3moe", "gpt-oss", "granitehybrid", "qwen35moe"} <= known_architectures()
