"""What a model wrote: JSON that may break off, and sentences that may hold what nobody should see."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdigest.text.partial_json import read_json
from localdigest.text.written import cleaned

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_a_whole_text_is_its_value(value: Any) -> None:
    assert read_json(json.dumps(value)) == (value, True)


@given(st.lists(st.fixed_dictionaries({"claim": st.text(), "ids": st.lists(st.text())}), max_size=5), st.data())
def test_of_a_text_that_breaks_off_every_complete_item_is_there(items: list[Any], data: st.DataObject) -> None:
    text = json.dumps({"claims": items}, ensure_ascii=data.draw(st.booleans()))
    cut = text[: data.draw(st.integers(0, len(text) - 1))]

    value, is_whole = read_json(cut)
    found = value["claims"] if value else []
    whole = sum(
        len(json.dumps({"claims": items[:n]}, ensure_ascii=False)) - 2 <= len(cut) for n in range(1, len(items) + 1)
    )

    assert not is_whole
    assert [item for item in found if item in items][: len(found) - 1] == items[: max(len(found) - 1, 0)]
    if cut.isascii() and "\\" not in cut:
        assert found[:whole] == items[:whole]


@given(st.text())
def test_any_text_at_all_can_be_read(text: str) -> None:
    read_json(text)


def test_a_text_nested_without_end_is_no_value() -> None:
    assert read_json("[" * 100_000) == (None, False)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Port Ellis buys ferries [D3.S17].", "Port Ellis buys ferries."),
        ("Port Ellis buys ferries (D3.S17, D4.T).", "Port Ellis buys ferries."),
        ("埃利斯港採購渡輪［1］（D3.S17）。", "埃利斯港採購渡輪［1］。"),
        ("It costs 41 million [S4], the council says.", "It costs 41 million, the council says."),
        ("  two\u202fspaces\n\u00a0and \u200bothers\ufeff\x07 ", "two spaces and others"),
        ("half a pair \ud83d here", "half a pair here"),
        ("e\u0301", "\u00e9"),
        ("The S17 bus and the D3 road stay.", "The S17 bus and the D3 road stay."),
        ("[D1.S1]", ""),
    ],
)
def test_a_sentence_is_shown_without_what_is_no_part_of_it(text: str, shown: str) -> None:
    assert cleaned(text) == shown


@given(st.text())
def test_what_was_cleaned_is_clean(text: str) -> None:
    once = cleaned(text)

    assert cleaned(once) == once
    assert once.isprintable() or any(letter in once for letter in "\u2028\u2029")
    once.encode()
