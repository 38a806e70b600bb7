"""Values to JSON and back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdigest.codec import canonical_json, decode, encode
from localdigest.records import (
    Digest,
    Document,
    Failure,
    Part,
    PartKey,
    Reason,
    Section,
    SectionKey,
    Source,
    Statement,
    Verdict,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
statements = st.builds(Statement, texts, st.lists(texts, max_size=3).map(tuple), st.sampled_from(list(Verdict)))
parts = st.builds(
    Part,
    st.lists(statements, max_size=2).map(tuple),
    st.sampled_from(list(PartKey)),
    st.none() | statements,
    st.integers(0, 9),
)
sections = st.builds(Section, st.sampled_from(list(SectionKey)), st.lists(parts, max_size=2).map(tuple))
digests = st.builds(
    Digest,
    st.lists(sections, max_size=2).map(tuple),
    st.lists(statements, max_size=2).map(tuple),
    st.lists(texts, max_size=2).map(tuple),
    texts,
    st.booleans(),
)


@given(digests)
def test_a_digest_comes_back_from_json_as_it_was(digest: Digest) -> None:
    assert digest == decode(Digest, json.loads(json.dumps(encode(digest))))


def test_a_field_left_out_takes_its_default() -> None:
    assert Failure(Source("a"), Reason.EMPTY) == decode(Failure, {"source": {"locator": "a"}, "reason": "empty"})


@pytest.mark.parametrize(
    "data",
    [
        {"source": {"locator": "a"}, "reason": "no such reason"},
        {"source": {"locator": "a"}, "reason": "empty", "more": 1},
        {"source": {"locator": 3}, "reason": "empty"},
        {"reason": "empty"},
    ],
)
def test_what_encode_did_not_make_is_refused(data: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError)):
        decode(Failure, data)


@pytest.mark.parametrize("data", [[], "text", 7, None])
def test_what_has_no_fields_is_refused(data: object) -> None:
    """A damaged row may hold anything that is JSON."""
    with pytest.raises((ValueError, TypeError)):
        decode(Failure, data)


def test_a_document_is_no_digest() -> None:
    with pytest.raises((ValueError, TypeError)):
        decode(Document, {"sections": []})


def test_canonical_json_is_one_text_for_equal_values() -> None:
    assert canonical_json({"b": (1, 2), "a": "é"}) == canonical_json({"a": "é", "b": [1, 2]}) == '{"a":"é","b":[1,2]}'
