"""Whether two sentences give two figures for one fact: labelled pairs, and what holds for any."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace

import eval_contradictions
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.facts import read
from localdigest.facts.contradict import clashes
from localdigest.facts.figures import Stated

PAIRS = list(eval_contradictions.pairs())
DAY = dt.date(2026, 1, 5)
ONE = "Orvane agreed to buy the chip designer Lumetra for $3.2 billion in cash."
OTHER = "Orvane will acquire Lumetra, a chip designer, in a cash deal worth $2.8 billion."


def found(one: str, other: str, *, days: tuple[dt.date | None, dt.date | None] = (DAY, DAY)) -> list[tuple[str, str]]:
    first, second = read(one, published=days[0]), read(other, published=days[1])
    return [
        (first.folded.written(*clash.one), second.folded.written(*clash.other))
        for clash in clashes(Stated(first), Stated(second))
    ]


def test_the_set_is_large_and_nearly_half_of_it_contradictions() -> None:
    sets = Counter(pair.set for pair in PAIRS)
    labels = {pair.label for pair in PAIRS if not pair.contradicts}

    assert len(PAIRS) >= 400
    assert 0.4 <= sum(pair.contradicts for pair in PAIRS) / len(PAIRS) <= 0.6
    assert set(sets) == {"chinese", "cross", "english", "later"}
    assert min(sets.values()) >= 35
    assert {"rounding", "bound", "currency", "period", "version", "place", "subject", "state", "part"} <= labels
    assert 0.25 <= sum(pair.held_out for pair in PAIRS) / len(PAIRS) <= 0.42
    assert len({(pair.one, pair.other) for pair in PAIRS}) == len(PAIRS)


@pytest.mark.parametrize("held_out", [False, True])
def test_a_false_alarm_is_rarer_than_a_miss(held_out: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    figures = eval_contradictions.measure([pair for pair in PAIRS if pair.held_out is held_out])

    assert figures.precision >= 0.97
    assert figures.recall >= 0.9


@pytest.mark.parametrize("name", ["chinese", "cross", "english", "later"])
def test_each_set_is_read(name: str) -> None:
    figures = eval_contradictions.measure([pair for pair in PAIRS if pair.set == name])

    assert figures.precision >= 0.97
    assert figures.recall >= 0.8


def test_it_names_the_figures_as_they_are_written() -> None:
    assert found(ONE, OTHER) == [("$3.2 billion", "$2.8 billion")]
    assert found("歐凡以３２億美元收購魯美特，交易將完成。", "歐凡將以 28 億美元收購魯美特，交易將完成。") == [
        ("３２億美元", "28 億美元")
    ]


def test_whichever_comes_first_the_same_figures_clash() -> None:
    for pair in PAIRS:
        turned = replace(pair, one=pair.other, other=pair.one, days=pair.days[::-1])

        assert sorted((one, other) for other, one in turned.found()) == sorted(pair.found()), pair


def test_no_sentence_contradicts_itself_or_its_copy() -> None:
    for text in {text for pair in PAIRS for text in (pair.one, pair.other)}:
        assert found(text, text) == []
        assert found(text, f"  {text.replace(' ', '  ')} ") == []
        assert found(text, text.upper()) == []


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ((DAY, DAY), True),
        ((DAY, DAY - dt.timedelta(days=3)), True),
        ((DAY, DAY - dt.timedelta(days=4)), False),
        ((DAY - dt.timedelta(days=40), DAY), False),
        ((DAY, None), False),
        ((None, None), False),
    ],
)
def test_what_is_written_later_may_be_newer(days: tuple[dt.date | None, dt.date | None], expected: bool) -> None:  # noqa: FBT001 - a column of the table
    assert bool(found(ONE, OTHER, days=days)) is expected


def test_texts_without_a_day_must_speak_of_the_same_one() -> None:
    one = "On 3 January 2026 Orvane agreed to buy the chip designer Lumetra for $3.2 billion."
    other = "Orvane agreed on 3 January 2026 to buy Lumetra, a chip designer, for $2.8 billion."

    assert found(one, other, days=(None, None)) == [("$3.2 billion", "$2.8 billion")]
    assert found(one, other.replace("3 January", "9 January"), days=(None, None)) == []


def _words(*more: str) -> st.SearchStrategy[list[str]]:
    words = ("Orvane", "Lumetra", "for", "billion", "percent", "3", "月", "日", "version", ",", "。", *more)
    return st.lists(st.sampled_from(words), max_size=14)


@settings(max_examples=100, deadline=None)
@given(
    _words("buys", "$3", "2.8", "12", "死亡", "三人", "5", "2.4.1", "not"),
    _words("sold", "$4", "2.1", "40", "受傷", "九人", "9", "2.5.0", "未"),
)
def test_any_two_texts_can_be_compared_either_way(one: list[str], other: list[str]) -> None:
    first, second = " ".join(one), " ".join(other)

    assert sorted(found(first, second)) == sorted((b, a) for a, b in found(second, first))
    assert found(first, first) == []
