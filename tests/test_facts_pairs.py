"""How well wrong claims are told from right ones, on labelled pairs."""

from __future__ import annotations

import eval_facts
import pytest

from localdigest.records import Verdict

PAIRS = list(eval_facts.pairs())
FIGURES = eval_facts.measure(PAIRS)
GOOD = ("supported", "paraphrase")


def test_the_set_is_large_varied_and_half_of_it_wrong() -> None:
    wrong = sum(pair.is_wrong for pair in PAIRS)

    assert len(PAIRS) >= 320
    assert 0.4 <= wrong / len(PAIRS) <= 0.6
    assert len({(pair.claim, pair.evidence) for pair in PAIRS}) == len(PAIRS)
    assert {pair.set for pair in PAIRS} == {"chinese", "cross", "english", "hard"}
    assert 0.25 <= sum(pair.held_out for pair in PAIRS) / len(PAIRS) <= 0.42


def test_wrong_numbers_dates_names_and_quotations_are_caught() -> None:
    labels = ("wrong-number", "wrong-date", "wrong-name", "wrong-quotation")
    caught = sum(FIGURES.caught[label] for label in labels)

    assert caught / sum(FIGURES.total[label] for label in labels) >= 0.97


@pytest.mark.parametrize(
    ("label", "least"),
    [
        ("wrong-number", 0.97),
        ("wrong-quotation", 0.97),
        ("wrong-name", 0.95),
        ("wrong-date", 0.93),
        ("wrong-direction", 0.9),
        ("wrong-negation", 0.9),
    ],
)
def test_each_kind_of_mistake_is_caught(label: str, least: float) -> None:
    assert FIGURES.share(label) >= least


def test_right_claims_are_not_called_unsupported() -> None:
    assert FIGURES.spared("supported") >= 0.97


def test_paraphrases_without_tokens_are_never_called_unsupported() -> None:
    assert FIGURES.spared("paraphrase") == 1.0


def test_what_is_called_supported_is_right() -> None:
    trusted = sum(count for (_, verdict), count in FIGURES.verdicts.items() if verdict is Verdict.SUPPORTED)
    right = sum(FIGURES.verdicts[label, Verdict.SUPPORTED] for label in GOOD)

    assert right / trusted >= 0.98
    assert right >= 0.8 * FIGURES.total["supported"]


def test_an_offence_names_a_part_of_the_claim_and_a_reason() -> None:
    for pair in PAIRS:
        for token in pair.judged().tokens:
            assert token.text in pair.claim
            assert token.why
