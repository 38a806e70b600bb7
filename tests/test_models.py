"""The models that other tests run on are what they say they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from localdigest.engine.backend import Run
from localdigest.engine.errors import ModelFileError
from localdigest.engine.llamacpp import LlamaBackend
from localdigest.engine.loading import FlashAttention, LoadOptions, Placement, Threads
from models import bad_header, split_experts, tiny_mistral, tiny_mixtral, truncated

MODELS = [
    pytest.param(tiny_mixtral, id="mixtral"),
    pytest.param(lambda: tiny_mixtral(quant="Q8_0"), id="mixtral-q8_0"),
    pytest.param(lambda: tiny_mixtral(quant="Q4_K_M"), id="mixtral-q4_k_m"),
    pytest.param(tiny_mistral, id="mistral"),
]


def load(path: Path) -> LlamaBackend:
    placement = Placement(kv_type="f32", flash_attention=FlashAttention.OFF)
    options = LoadOptions(
        str(path), num_slots=2, slot_tokens=512, placement=placement, threads=Threads(decode=1, prefill=1)
    )
    return LlamaBackend(options)


def greedy(backend: LlamaBackend, prompt: str, *, num_tokens: int) -> list[int]:
    assert backend.bos is not None
    tokens = [backend.bos, *backend.tokenize(prompt)]
    rows = backend.decode([Run(0, 0, tuple(tokens), 1)])
    made: list[int] = []
    while len(made) < num_tokens:
        made.append(int(rows[0].argmax()))
        rows = backend.decode([Run(0, len(tokens) + len(made) - 1, (made[-1],), 1)])
    backend.cut(0, 0)
    return made


@pytest.mark.parametrize("model", MODELS)
def test_output_is_varied_text(model: Callable[[], Path]) -> None:
    """Not one token again and again, and all of it can be read."""
    with load(model()) as backend:
        made = greedy(backend, "The council wants a new bridge.", num_tokens=100)
        vocabulary = backend.vocabulary()
    text = b"".join(vocabulary[token].text for token in made).decode()

    assert len(set(made)) > 40
    assert len(text) > 200
    assert not any(vocabulary[token].special for token in made if not vocabulary[token].ends)


def test_what_was_said_first_turns_what_is_said_last() -> None:
    """A wrong cache does not go unseen."""
    with load(tiny_mixtral()) as backend:
        assert backend.bos is not None
        tail = backend.tokenize(" the price of energy for a million people in the last year" * 4)
        last = []
        for opening in ("The minister said no.", "Trains from the river to the museum"):
            tokens = (backend.bos, *backend.tokenize(opening), *tail)
            rows = backend.decode([Run(0, 0, tokens, 40)])
            last.append([int(row.argmax()) for row in rows])
            backend.cut(0, 0)

    assert sum(one != other for one, other in zip(*last, strict=True)) > 30


@pytest.mark.parametrize("make", [tiny_mixtral, tiny_mistral, split_experts, truncated, bad_header])
def test_a_model_is_the_same_bytes_each_time(make: Callable[[Path], Path], tmp_path: Path) -> None:
    one, other = make(tmp_path / "one"), make(tmp_path / "other")

    assert one.name == other.name
    assert one.read_bytes() == other.read_bytes()
    assert one.stat().st_size < 10_000_000


def test_a_model_is_made_once(tmp_path: Path) -> None:
    path = tiny_mistral(tmp_path)
    path.write_bytes(b"left alone")

    assert tiny_mistral(tmp_path).read_bytes() == b"left alone"
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(
    ("make", "reason"),
    [(split_experts, "tensor of its own"), (truncated, "cut short"), (bad_header, "tensors")],
)
def test_bad_files_fail_as_meant(make: Callable[[], Path], reason: str) -> None:
    with pytest.raises(ModelFileError, match=reason):
        load(make())


TEXT = "The council said that the price of energy is 20 percent more than last year and that people want a change."


def test_text_comes_back_from_its_tokens() -> None:
    with load(tiny_mixtral()) as backend:
        vocabulary = backend.vocabulary()
        for text in (TEXT, "價格：二十億元，比去年多", "naïve 🙂 \t\n x", '{"claim": "a", "quotes": [1, 2]}'):
            tokens = backend.tokenize(text)
            assert b"".join(vocabulary[token].text for token in tokens).decode().removeprefix(" ") == text


def test_common_words_are_one_token() -> None:
    with load(tiny_mixtral()) as backend:
        words = [word for word in TEXT.rstrip(".").split() if word.isalpha()]

        assert [word for word in words if len(backend.tokenize(word)) > 1] == []


def test_names_of_controls_stay_text() -> None:
    with load(tiny_mixtral()) as backend:
        vocabulary = backend.vocabulary()
        controls = {token.text.decode() for token in vocabulary if token.special}
        tokens = backend.tokenize("".join(sorted(controls)))

    assert controls == {"<unk>", "<s>", "</s>", "[INST]", "[/INST]"}
    assert not any(vocabulary[token].special for token in tokens)
