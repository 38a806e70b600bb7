"""Near-copies of long texts."""

from __future__ import annotations

from documents import CHIP_ZH, HARBOUR, ORCHARD
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.text import CopyFinder, containment, resemblance, shared, shingles, sketch, tokens


def test_a_short_text_is_one_shingle_and_no_text_none() -> None:
    assert len(shingles(["a", "b"])) == 1
    assert shingles([]) == frozenset()
    assert resemblance(frozenset(), frozenset()) == 0.0
    assert containment(frozenset(), frozenset({1})) == 0.0


def test_a_part_is_contained_in_the_whole() -> None:
    whole = shingles(tokens(HARBOUR))
    part = shingles(tokens("\n".join(HARBOUR.splitlines()[2:5])))

    assert containment(part, whole) == 1.0
    assert resemblance(part, whole) < 0.5


def test_different_stories_share_nothing() -> None:
    assert resemblance(shingles(tokens(HARBOUR)), shingles(tokens(ORCHARD))) == 0.0


def test_the_finder_proposes_whole_and_contained_copies_only() -> None:
    """A part is proposed as well as a copy, in both scripts; another story is not."""
    finder = CopyFinder()
    for key, text in enumerate((HARBOUR, ORCHARD, CHIP_ZH)):
        finder.add(key, shingles(tokens(text)))

    assert finder.near(shingles(tokens("\n".join(HARBOUR.splitlines()[:4])))) == [0]
    assert finder.near(shingles(tokens(CHIP_ZH))) == [2]
    assert finder.near(shingles(tokens("An unrelated text about nothing that the index has ever seen."))) == []


def test_what_no_two_texts_share_proposes_nobody_and_need_not_be_kept() -> None:
    texts = [shingles(tokens(text)) for text in (HARBOUR, ORCHARD, CHIP_ZH, "\n".join(HARBOUR.splitlines()[:4]))]
    known = shared(map(sketch, texts))
    finder = CopyFinder(known)
    for key, text in enumerate(texts[:3]):
        finder.add(key, text)

    assert known == texts[0] & texts[3] & set(sketch(texts[0]))
    assert [finder.near(text) for text in texts] == [[0], [], [], [0]]


@given(st.lists(st.sampled_from("abcdef"), max_size=30), st.lists(st.sampled_from("abcdef"), max_size=30))
@settings(deadline=None, max_examples=60)
def test_resemblance_is_symmetric_and_bounded(one: list[str], other: list[str]) -> None:
    here, there = shingles(one), shingles(other)

    assert resemblance(here, there) == resemblance(there, here)
    assert 0.0 <= resemblance(here, there) <= 1.0
    assert resemblance(here, here) == (1.0 if one else 0.0)


def test_furniture_shared_by_many_texts_does_not_slow_the_finder() -> None:
    """A shingle that many texts share proposes nobody."""
    opening = tokens(ORCHARD)
    finder = CopyFinder()
    for key in range(400):
        text = shingles(opening + [f"w{key}x{at}" for at in range(200)])
        finder.near(text)
        finder.add(key, text)

    assert finder.near(shingles(opening)) == []
