"""Tokens of mixed text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.text.stopwords import load_function_words, load_stopwords
from localdigest.text.tokens import content_tokens, han_share, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mixtral 8x7B costs $1,200.50", ["mixtral", "8x7b", "costs", "1200.50"]),
        ("GPT-4 isn’t R&D", ["gpt-4", "isn't", "r&d"]),
        ("台積電在2026年", ["台積", "積電", "電在", "2026", "年"]),
        ("用vLLM部署", ["用", "vllm", "部署"]),
        ("ＡＩ　１２％", ["ai", "12%"]),
        ("テスト", ["テス", "スト"]),
        ("Привет, мир", ["привет", "мир"]),
        ("", []),
        ("—…!？", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    """Words where spaces part them, pairs of characters where they do not; width, case and thousands are folded."""
    assert tokens(text) == expected


def test_content_tokens_carry_meaning() -> None:
    """Stop words of both languages go, plurals and possessives fold."""
    assert content_tokens("The companies and the company's ferries") == ["company", "company", "ferry"]
    assert content_tokens("我們的電池") == ["電池"]


def test_words_that_only_look_like_plurals_stay() -> None:
    assert content_tokens("Paris virus glass gas") == ["paris", "virus", "glass", "gas"]


@pytest.mark.parametrize(("text", "expected"), [("abc", 0.0), ("中文", 1.0), ("中文ab", 0.5), ("123 。", 0.0)])
def test_han_share_counts_letters_only(text: str, expected: float) -> None:
    assert han_share(text) == expected


def test_stop_words_hold_no_english_content_word() -> None:
    """Words of other languages that mean something in English stay out of the lists."""
    assert load_stopwords() & {"war", "die", "son", "art", "main", "car", "pour", "china", "market"} == set()
    assert {"the", "of"} <= load_function_words("en")
    assert "的" in load_function_words("zh")


@given(st.text())
@settings(deadline=None, max_examples=200)
def test_tokens_never_fail_and_hold_no_white_space(text: str) -> None:
    assert all(token and not any(letter.isspace() for letter in token) for token in tokens(text))


@given(st.text(alphabet="中文字電腦 abcXYZ12,.", max_size=40), st.text(alphabet="中文字電腦 abcXYZ12,.", max_size=40))
@settings(deadline=None, max_examples=100)
def test_parts_apart_by_a_stop_are_tokenised_apart(one: str, other: str) -> None:
    assert tokens(f"{one}。{other}") == tokens(one) + tokens(other)
