"""Guessing ahead from what was said before, and knowing when it pays."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from localdigest.engine.speculation import MAX_DRAFT_TOKENS, TRIAL_STEPS, PromptLookup, Speculator


def test_what_followed_the_last_time_is_proposed() -> None:
    assert PromptLookup().propose([1, 2, 3, 4, 5, 6, 9, 1, 2, 3], 3) == [4, 5, 6]


def test_the_latest_place_counts() -> None:
    assert PromptLookup().propose([1, 2, 3, 7, 1, 2, 3, 8, 1, 2, 3], 1) == [8]


def test_what_is_new_is_not_guessed() -> None:
    assert PromptLookup().propose([1, 2, 3, 4], 5) == []
    assert PromptLookup().propose([1], 5) == []


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(1, 8))
def test_a_proposal_is_a_piece_of_the_text_after_its_last_tokens(tokens: list[int], limit: int) -> None:
    lookup = PromptLookup()
    for end in range(len(tokens) + 1):
        draft = lookup.propose(tokens[:end], limit)

        assert len(draft) <= limit
        if draft:
            piece = tokens[end - 3 : end] + draft
            assert any(tokens[at : at + len(piece)] == piece for at in range(end - len(piece) + 1))


def drafted(speculator: Speculator, *, seconds: float, emitted: int, steps: int) -> None:
    for _ in range(steps):
        speculator.observe(num_drafted=MAX_DRAFT_TOKENS, num_emitted=emitted, seconds=seconds)


def test_nothing_is_guessed_before_a_plain_step_was_seen() -> None:
    speculator = Speculator()
    assert speculator.num_draft() == 0

    speculator.observe(num_drafted=0, num_emitted=1, seconds=0.1)
    assert speculator.num_draft() == MAX_DRAFT_TOKENS


def test_guesses_that_come_true_go_on() -> None:
    speculator = Speculator()
    speculator.observe(num_drafted=0, num_emitted=1, seconds=0.1)
    drafted(speculator, seconds=0.2, emitted=6, steps=50)

    assert speculator.num_draft() == MAX_DRAFT_TOKENS


def test_guesses_that_do_not_pay_rest_for_longer_each_time() -> None:
    speculator = Speculator()
    rests = []
    speculator.observe(num_drafted=0, num_emitted=1, seconds=0.1)
    for _ in range(4):
        drafted(speculator, seconds=0.2, emitted=1, steps=TRIAL_STEPS)
        rest = 0
        while not speculator.num_draft():
            speculator.observe(num_drafted=0, num_emitted=1, seconds=0.1)
            rest += 1
        rests.append(rest)

    assert rests == [64, 128, 256, 512]
