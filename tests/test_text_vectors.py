"""Weights, likeness, centrality and selection."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.text import Selector, Taste, Weights, centrality, cosine, neighbours, overlap

texts = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=8), max_size=12)


def test_rare_terms_weigh_more() -> None:
    weights = Weights.of([["a", "b"], ["a", "c"], ["a", "d"]])

    assert weights.idf("b") > weights.idf("a") > 0
    assert weights.idf("unseen") >= weights.idf("b")


def test_a_vector_has_length_one_or_is_empty() -> None:
    weights = Weights.of([["a", "b"], ["a"]])

    assert math.isclose(sum(value * value for value in weights.vector(["a", "b", "b"]).values()), 1.0)
    assert weights.vector([]) == {}


def test_cosine_and_overlap_of_known_texts() -> None:
    """The same words are alike, others are not; overlap counts words whatever they weigh."""
    weights = Weights.of([["a", "b"], ["c", "d"], ["a", "e", "f"]])
    one, same, other = weights.vector(["a", "b"]), weights.vector(["b", "a"]), weights.vector(["c", "d"])

    assert cosine(one, same) == pytest.approx(1.0)
    assert cosine(one, other) == 0.0
    assert overlap(one, weights.vector(["a", "e", "f"])) == 0.5
    assert overlap(one, {}) == 0.0


@given(texts)
@settings(deadline=None, max_examples=60)
def test_neighbours_are_exactly_the_like_pairs(collection: list[list[str]]) -> None:
    """Proposing by shared terms finds every pair above the limit, in both directions, while no term is too common."""
    weights = Weights.of(collection)
    vectors = [weights.vector(terms) for terms in collection]
    found = neighbours(vectors, least=0.3, common=len(collection))

    for one, row in enumerate(found):
        likely = {at for at in range(len(vectors)) if at != one and cosine(vectors[one], vectors[at]) >= 0.3}
        assert set(row) == likely
        assert all(found[other][one] == similarity for other, similarity in row.items())


def test_a_common_term_proposes_nobody() -> None:
    weights = Weights.of([["a"], ["a"], ["a"]])

    assert neighbours([weights.vector(["a"])] * 3, least=0.1, common=2) == [{}, {}, {}]


def test_the_middle_of_a_star_is_central() -> None:
    star = [{1: 0.5, 2: 0.5, 3: 0.5}, {0: 0.5}, {0: 0.5}, {0: 0.5}]
    rank = centrality(star)

    assert rank[0] > rank[1]
    assert rank[1] == pytest.approx(rank[3])


@pytest.mark.parametrize("graph", [[], [{}], [{}, {}], [{1: 0.2}, {0: 0.2}, {}]])
def test_centrality_is_a_distribution(graph: list[dict[int, float]]) -> None:
    assert sum(centrality(graph)) == pytest.approx(1.0 if graph else 0.0, abs=1e-4)


def a_selector(items: list[str], *, crowding: float = 0.0) -> Selector[str]:
    """Words of which earlier letters are better, alike by their first letter, grouped by their last."""
    return Selector(
        items,
        value=lambda item: -float(ord(item[1])),
        likeness=lambda one, other: 1.0 if one[0] == other[0] else 0.0,
        group=lambda item: item[-1],
        taste=Taste(novelty=0.0, repeat=0.5, crowding=crowding),
    )


def test_a_repeat_is_never_taken() -> None:
    selector = a_selector(["xa1", "xb2", "yc3"])

    assert selector.take(3) == ["xa1", "yc3"]
    assert selector.taken == ["xa1", "yc3"]
    assert selector.left == ["xb2"]


def test_what_was_taken_before_counts() -> None:
    """Each call goes on from the ones before; `fits` and `bonus` hold for one call."""
    selector = a_selector(["aa1", "bb1", "cc1"])

    assert selector.take(1, fits=lambda item: item != "aa1") == ["bb1"]
    assert selector.take(1, bonus=lambda item: 100.0 if item == "cc1" else 0.0) == ["cc1"]
    assert selector.take(5) == ["aa1"]


def test_a_crowded_group_waits() -> None:
    assert a_selector(["aa1", "bb1", "cc2"], crowding=10.0).take(3) == ["aa1", "cc2", "bb1"]


@given(st.lists(st.text("abcd", min_size=3, max_size=3), max_size=10), st.integers(0, 12))
@settings(deadline=None, max_examples=60)
def test_taking_never_exceeds_the_count_nor_repeats(items: list[str], count: int) -> None:
    taken = a_selector(items).take(count)

    assert len(taken) <= count
    assert len({item[0] for item in taken}) == len(taken)
