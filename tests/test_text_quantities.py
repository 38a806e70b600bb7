"""The figures of a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.text import quantities


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("46.7 billion parameters", {46.7e9}),
        ("總共有 467 億個參數", {46.7e9}),
        ("a 17億歐元 round, €1.7bn", {1.7e9}),
        ("1,200 tokens and 12.5%", {1200.0, 12.5}),
        ("３２ GB of memory", {32.0}),
        ("in 2026, two of 8 experts", set()),
        ("2026 million", {2026e6}),
        ("version 8x7B of GPT-4 1.2.3", set()),
        ("5 million", {5e6}),
        ("no figure", set()),
    ],
)
def test_quantities(text: str, expected: set[float]) -> None:
    """Scales of both scripts are resolved; years, small counts and names with digits are left out."""
    assert quantities(text) == expected


@given(st.integers(10, 1899), st.sampled_from(["{:,}", "{}", "約{}人", "({})"]))
@settings(deadline=None, max_examples=50)
def test_a_number_is_found_however_it_is_written(number: int, form: str) -> None:
    assert quantities(form.format(number)) == {float(number)}
