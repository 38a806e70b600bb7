from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from localdigest.engine.errors import JobError
from localdigest.engine.jobs import Sampling
from localdigest.engine.sampler import Sampler, check_sampling, log_softmax_at

Row = npt.NDArray[np.float32]

ROWS = arrays.arrays(np.float32, st.integers(1, 40), elements=st.floats(-30, 30, width=32))
SETTINGS = st.builds(
    Sampling,
    temperature=st.sampled_from([0.0, 1e-9, 0.3, 1.0, 2.5]),
    top_k=st.integers(0, 50),
    top_p=st.sampled_from([0.01, 0.5, 0.9, 1.0]),
    min_p=st.sampled_from([0.0, 0.05, 0.5, 1.0]),
    repeat_penalty=st.sampled_from([0.5, 1.0, 1.3]),
    seed=st.integers(0, 2**64 - 1),
)


def row(*values: float) -> Row:
    return np.array(values, np.float32)


def logs(*probabilities: float) -> Row:
    return np.log(np.array(probabilities, np.float64)).astype(np.float32)


def shares(sampling: Sampling, logits: Row, allowed: list[int] | None = None, *, draws: int = 20_000) -> list[float]:
    """How often each token is chosen, as the engine chooses: freely, and again from the allowed ones on a miss."""
    sampler, counted = Sampler(sampling), Counter[int]()
    mask = np.zeros(logits.size, np.bool_)
    mask[allowed if allowed is not None else slice(None)] = True
    for _ in range(draws):
        token = sampler.sample(logits)
        counted[token if mask[token] else sampler.sample_allowed(logits, mask)] += 1
    return [counted[token] / draws for token in range(logits.size)]


# ── temperature 0 ────────────────────────────────────────────────────────────


@given(ROWS)
def test_without_temperature_the_likeliest_is_taken(logits: Row) -> None:
    """Whatever the truncation; of equal ones the first."""
    sampler = Sampler(Sampling(top_k=3, top_p=0.1, min_p=0.9))

    assert sampler.sample(logits) == logits.tolist().index(max(logits.tolist()))


@given(ROWS, st.data())
def test_without_temperature_a_miss_takes_the_likeliest_that_is_allowed(logits: Row, data: st.DataObject) -> None:
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=logits.size, max_size=logits.size).filter(any)))
    token = Sampler(Sampling()).sample_allowed(logits, mask)

    assert mask[token]
    assert logits[token] == logits[mask].max()


def test_seen_tokens_are_penalised_within_the_window() -> None:
    """Positive logits are divided, negative ones multiplied, once however often the token was seen."""
    logits = row(4.0, 3.0, -1.0)

    assert Sampler(Sampling(repeat_penalty=1.5)).sample(logits, [0, 0, 0]) == 1
    assert Sampler(Sampling(repeat_penalty=1.2)).sample(logits, [0, 0, 0]) == 0
    assert Sampler(Sampling(repeat_penalty=1.5, repeat_window_tokens=2)).sample(logits, [0, 2, 2]) == 0
    assert Sampler(Sampling(repeat_penalty=1.5, repeat_window_tokens=0)).sample(logits, [0]) == 0
    assert Sampler(Sampling(repeat_penalty=2.0)).sample(row(-1.0, -1.5), [0]) == 1
    assert Sampler(Sampling(repeat_penalty=1.5)).sample_allowed(logits, np.array([True, True, False]), [0]) == 1


# ── distributions ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("sampling", "expected"),
    [
        (Sampling(temperature=1.0), [0.4, 0.3, 0.2, 0.1]),
        (Sampling(temperature=0.5), [16 / 30, 9 / 30, 4 / 30, 1 / 30]),
        (Sampling(temperature=1.0, top_k=2), [4 / 7, 3 / 7, 0, 0]),
        (Sampling(temperature=1.0, top_p=0.65), [4 / 7, 3 / 7, 0, 0]),
        (Sampling(temperature=1.0, top_p=0.75), [4 / 9, 3 / 9, 2 / 9, 0]),
        (Sampling(temperature=1.0, min_p=0.45), [4 / 9, 3 / 9, 2 / 9, 0]),
        (Sampling(temperature=1.0, top_k=3, top_p=0.7), [4 / 7, 3 / 7, 0, 0]),  # of the three: 0.44, 0.33, 0.22
        (Sampling(temperature=1.0, top_p=0.01), [1, 0, 0, 0]),
        (Sampling(temperature=1e-300), [1, 0, 0, 0]),
    ],
)
def test_tokens_come_as_often_as_they_should(sampling: Sampling, expected: list[float]) -> None:
    assert shares(sampling, logs(0.4, 0.3, 0.2, 0.1)) == pytest.approx(expected, abs=0.015)


@pytest.mark.parametrize(
    ("sampling", "allowed", "expected"),
    [
        (Sampling(temperature=1.0), [1, 3], [0, 3 / 4, 0, 1 / 4]),
        (Sampling(temperature=1.0), [0, 1, 2, 3], [0.4, 0.3, 0.2, 0.1]),
        (Sampling(temperature=1.0), [3], [0, 0, 0, 1]),
        (Sampling(temperature=1.0, top_k=3), [1, 2, 3], [0, 3 / 5, 2 / 5, 0]),  # truncated before masking
        (Sampling(temperature=1.0, top_p=0.75), [2, 3], [0, 0, 1, 0]),
        (Sampling(temperature=1.0, top_k=1), [2, 3], [0, 0, 1, 0]),  # nothing left: masked, then truncated
        (Sampling(temperature=1.0, top_p=0.3), [2, 3], [0, 0, 1, 0]),
        (Sampling(temperature=0.5, min_p=0.9), [1, 2, 3], [0, 1, 0, 0]),
    ],
)
def test_drawing_again_on_a_miss_gives_the_masked_distribution(
    sampling: Sampling, allowed: list[int], expected: list[float]
) -> None:
    """Never a token that is not allowed, and the allowed ones in proportion."""
    assert shares(sampling, logs(0.4, 0.3, 0.2, 0.1), allowed) == pytest.approx(expected, abs=0.015)


def test_a_wide_row_is_drawn_from_in_proportion() -> None:
    """Chi-squared over a masked vocabulary, with a fixed seed."""
    logits = np.random.default_rng(5).normal(0, 1.5, 300).astype(np.float32)
    allowed = list(range(0, 300, 4))
    draws = 20_000
    weights = np.exp(logits[allowed].astype(np.float64))
    expected = weights / weights.sum() * draws
    counted = np.array(shares(Sampling(temperature=1.0, seed=11), logits, allowed, draws=draws))[allowed] * draws
    chi_squared = float((((counted - expected) ** 2) / expected).sum())

    assert chi_squared < 124  # 99.98 % of honest draws, at 74 degrees of freedom


# ── invariants ───────────────────────────────────────────────────────────────


@given(ROWS, SETTINGS, st.data())
@settings(deadline=None)
def test_every_choice_is_one_that_the_settings_leave(logits: Row, sampling: Sampling, data: st.DataObject) -> None:
    """Allowed, not without chance, and the row is as it was."""
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=logits.size, max_size=logits.size).filter(any)))
    recent = data.draw(st.lists(st.integers(0, logits.size - 1), max_size=5))
    before = logits.copy()
    sampler = Sampler(sampling)
    token, again = sampler.sample(logits, recent), sampler.sample_allowed(logits, mask, recent)

    assert 0 <= token < logits.size
    assert mask[again]
    assert np.array_equal(logits, before)
    if sampling.top_k and sampling.repeat_penalty == 1.0:
        assert logits[token] >= np.sort(logits)[max(0, logits.size - sampling.top_k)]


@given(ROWS, SETTINGS)
@settings(deadline=None)
def test_top_p_keeps_the_fewest_that_suffice(logits: Row, sampling: Sampling) -> None:
    """Compared with exact arithmetic over all tokens, sorted."""
    if sampling.temperature < 0.1 or sampling.top_p == 1.0:
        return
    plain = Sampling(temperature=sampling.temperature, top_p=sampling.top_p, seed=sampling.seed)
    values = logits.astype(np.float64)
    weights = [Fraction(weight) for weight in np.exp((values - values.max()) / plain.temperature).tolist()]
    order = sorted(range(len(weights)), key=lambda token: (-weights[token], token))
    wanted = sum(weights) * Fraction(plain.top_p) * Fraction(1 + 1e-12)
    kept, total = set[int](), Fraction()
    for token in order:
        kept.add(token)
        total += weights[token]
        if total >= wanted:
            break
    sampler = Sampler(plain)

    assert {sampler.sample(logits) for _ in range(20)} <= kept


def test_the_same_seed_makes_the_same_choices() -> None:
    """Whether or not a constraint missed in between: the next free draw is the same."""
    rows = np.random.default_rng(1).normal(0, 1, (50, 100)).astype(np.float32)
    mask = np.ones(100, np.bool_)
    sampling = Sampling(temperature=1.0, seed=42)
    one, other, third = Sampler(sampling), Sampler(sampling), Sampler(Sampling(temperature=1.0, seed=43))
    first, second = [], []
    for logits in rows:
        first.append(one.sample(logits))
        second.append(other.sample(logits))
        other.sample_allowed(logits, mask)

    assert first == second
    assert first != [third.sample(logits) for logits in rows]


def test_minus_infinity_is_never_chosen() -> None:
    logits = np.full(50, -np.inf, np.float32)
    logits[[7, 9]] = 0.0

    assert {Sampler(Sampling(temperature=1.0, seed=seed)).sample(logits) for seed in range(50)} == {7, 9}


# ── log-probabilities ────────────────────────────────────────────────────────


@given(ROWS)
def test_log_probabilities_of_all_tokens_add_up_to_one(logits: Row) -> None:
    scores = [log_softmax_at(logits, token) for token in range(logits.size)]

    assert math.fsum(math.exp(score) for score in scores) == pytest.approx(1.0, abs=1e-12)


@given(ROWS, st.sampled_from([-(2.0**40), 2.0**16, 2.0**100]))
def test_log_probabilities_hold_for_huge_logits(logits: Row, shift: float) -> None:
    """No overflow, and no loss where float32 itself has none."""
    moved = logits + np.float32(shift)

    assert all(-1e40 < log_softmax_at(moved, token) <= 0 for token in range(logits.size))


def test_log_probabilities_are_exact() -> None:
    assert log_softmax_at(row(0.0, 0.0, 0.0, 0.0), 2) == pytest.approx(math.log(0.25), abs=1e-15)
    assert log_softmax_at(row(0.0, -60.0), 1) == pytest.approx(-60.0, rel=1e-15)
    assert log_softmax_at(row(0.0, -np.inf), 1) == -math.inf


# ── what is refused ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "setting",
    [
        {"temperature": -0.1},
        {"temperature": math.nan},
        {"temperature": math.inf},
        {"top_k": -1},
        {"top_p": 0.0},
        {"top_p": 1.1},
        {"top_p": math.nan},
        {"min_p": -0.1},
        {"min_p": 1.5},
        {"repeat_penalty": 0.0},
        {"repeat_penalty": math.inf},
        {"repeat_window_tokens": -1},
        {"seed": -1},
    ],
)
def test_settings_out_of_range_are_named(setting: dict[str, Any]) -> None:
    with pytest.raises(JobError, match=next(iter(setting))) as caught:
        check_sampling(Sampling(**setting))

    assert caught.value.hint.startswith("It must be")


@pytest.mark.parametrize("sampling", [Sampling(), Sampling(temperature=1.0), Sampling(temperature=1.0, top_k=1)])
@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_logits_that_are_no_numbers_are_an_error(sampling: Sampling, wrong: float) -> None:
    with pytest.raises(JobError, match="computed"):
        Sampler(sampling).sample(row(1.0, wrong, 2.0))
    with pytest.raises(JobError, match="computed"):
        log_softmax_at(row(1.0, wrong, 2.0), 0)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_rows_without_a_chance_are_an_error(temperature: float) -> None:
    sampler = Sampler(Sampling(temperature=temperature))
    with pytest.raises(JobError, match="computed"):
        sampler.sample(row(-math.inf, -math.inf))
    with pytest.raises(JobError, match="No token"):
        sampler.sample_allowed(row(1.0, 2.0), np.zeros(2, np.bool_))
