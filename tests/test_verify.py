"""Whether statements stand in what they cite."""

from __future__ import annotations

from dataclasses import replace

import pytest
from documents import HARBOUR, a_document
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.records import Digest, Part, PartKey, Section, SectionKey, Statement, Verdict
from localdigest.stages.verify import texts_by_id, verify, verify_statement

DOCUMENT = a_document(HARBOUR, title="Port Ellis buys electric ferries", number=3)
TEXTS = texts_by_id([DOCUMENT])
FIRST = DOCUMENT.sentences[0].text


def test_every_sentence_and_title_can_be_cited() -> None:
    assert TEXTS["D3.T"] == "Port Ellis buys electric ferries"
    assert TEXTS["D3.S1"] == FIRST
    assert len(TEXTS) == 1 + len(DOCUMENT.sentences)


@pytest.mark.parametrize(
    ("text", "evidence", "expected"),
    [
        (FIRST, ("D3.S1",), Verdict.SUPPORTED),
        ("Port Ellis buys electric ferries", ("D3.T",), Verdict.SUPPORTED),
        (FIRST.replace("three", "four"), ("D3.S1",), Verdict.UNSUPPORTED),
        (FIRST, ("D3.S2",), Verdict.UNSUPPORTED),
        (FIRST, ("D3.S1", "D3.S2"), Verdict.UNSUPPORTED),
        (FIRST, ("D9.S1",), Verdict.UNSUPPORTED),
        (FIRST, (), Verdict.UNSUPPORTED),
        ("", ("D3.S1",), Verdict.UNSUPPORTED),
        (" ", ("D3.S1",), Verdict.UNSUPPORTED),
    ],
)
def test_a_statement_must_stand_in_everything_it_cites(text: str, evidence: tuple[str, ...], expected: Verdict) -> None:
    assert verify_statement(Statement(text, evidence), TEXTS).verdict is expected


def test_a_digest_gets_a_verdict_on_every_statement() -> None:
    """Headlines, sentences and summary alike; nothing is dropped."""
    good, bad = Statement(FIRST, ("D3.S1",)), Statement("Invented.", ("D3.S1",))
    title = Statement("electric ferries", ("D3.T",))
    sections = (
        Section(SectionKey.TREND, (Part((good,)),)),
        Section(SectionKey.NEWS, (Part((good, bad), headline=title, weight=2),)),
        Section(SectionKey.ANALYSIS, (Part((bad,), PartKey.MARKET),)),
    )
    digest = Digest(sections, summary=(bad,), tags=("x",), writer="extractive", uses_model=False)

    checked = verify(digest, [DOCUMENT])

    S, U = Verdict.SUPPORTED, Verdict.UNSUPPORTED  # noqa: N806 - short in the row below
    assert [statement.verdict for statement in checked.statements] == [U, S, S, S, U, U]
    assert [replace(s, verdict=Verdict.UNDECIDED) for s in checked.statements] == list(digest.statements)


@given(st.integers(0, len(DOCUMENT.sentences) - 1), st.data())
@settings(deadline=None, max_examples=50)
def test_any_change_of_one_letter_is_noticed(index: int, data: st.DataObject) -> None:
    text = DOCUMENT.sentences[index].text
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + ("x" if text[at] != "x" else "y") + text[at + 1 :]

    assert verify_statement(Statement(changed, (DOCUMENT.id_of(index),)), TEXTS).verdict is Verdict.UNSUPPORTED
