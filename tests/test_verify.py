"""Whether statements stand in what they cite."""

from __future__ import annotations

from dataclasses import replace

import pytest
from documents import HARBOUR, a_document
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.records import Digest, Part, PartKey, Section, SectionKey, Statement, Verdict
from localdigest.stages.verify import Evidence, TextsById, verify, verify_statement

DOCUMENT = a_document(HARBOUR, title="Port Ellis buys electric ferries", number=3)
TEXTS = TextsById([DOCUMENT])
FIRST = DOCUMENT.sentences[0].text


def test_every_sentence_and_title_can_be_cited() -> None:
    assert TEXTS["D3.T"] == "Port Ellis buys electric ferries"
    assert TEXTS["D3.S1"] == FIRST
    assert len(TEXTS) == 1 + len(DOCUMENT.sentences)
    assert dict(TEXTS) == {
        "D3.T": DOCUMENT.title,
        **{DOCUMENT.id_of(n): s.text for n, s in enumerate(DOCUMENT.sentences)},
    }


@pytest.mark.parametrize(
    "id_",
    [
        *("", "D3", "D3.", "D3.S", "D3.S0", "D3.S01", "D3.S-1", "D3.S１", "D3.S999", "D3.TT", "D3.X1", "D3.S1.S1"),
        *("D4.S1", "D03.T", "D3.S" + "9" * 5000),
    ],
)
def test_nothing_else_can_be(id_: str) -> None:
    assert id_ not in TEXTS


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


@pytest.mark.parametrize(
    ("text", "evidence", "expected"),
    [
        (FIRST, ("D3.S1",), Verdict.SUPPORTED),
        (FIRST, ("D3.S1", "D3.S2"), Verdict.SUPPORTED),
        ("Port Ellis replaces its 3 diesel ferries with electric ones.", ("D3.S1",), Verdict.SUPPORTED),
        ("Port Ellis will pay €41m for electric ferries.", ("D3.T", "D3.S3"), Verdict.SUPPORTED),
        ("港務會在 1 月 5 日表決汰換 Port Ellis 的三艘柴油渡輪。", ("D3.S1",), Verdict.SUPPORTED),
        ("港務會於週一表決。", ("D3.S1",), Verdict.UNDECIDED),
        ("港務會於週四表決。", ("D3.S1",), Verdict.UNSUPPORTED),
        (FIRST.replace("three", "four"), ("D3.S1",), Verdict.UNSUPPORTED),
        (FIRST.replace("Ellis", "Almond"), ("D3.S1",), Verdict.UNSUPPORTED),
        ("Port Ellis will pay $41m.", ("D3.S3",), Verdict.UNSUPPORTED),
        ("This is good news for the coast.", ("D3.S1",), Verdict.UNDECIDED),
        (FIRST, ("D9.S1",), Verdict.UNSUPPORTED),
        (FIRST, (), Verdict.UNSUPPORTED),
        ("", ("D3.S1",), Verdict.UNSUPPORTED),
    ],
)
def test_what_a_model_wrote_is_judged_by_its_facts(text: str, evidence: tuple[str, ...], expected: Verdict) -> None:
    statement = Statement(text, evidence)
    digest = Digest((), summary=(statement,), tags=(), writer="some-model", uses_model=True)

    (checked,) = verify(digest, [DOCUMENT]).statements

    assert checked == replace(statement, verdict=expected)


def test_a_writer_that_only_chooses_must_have_changed_nothing() -> None:
    reworded = Statement("Port Ellis replaces its three diesel ferries with electric ones.", ("D3.S1",))
    digest = Digest((), summary=(reworded,), tags=(), writer="extractive", uses_model=False)

    (checked,) = verify(digest, [DOCUMENT]).statements

    assert checked.verdict is Verdict.UNSUPPORTED


def test_what_is_wrong_can_be_asked_for() -> None:
    judgement = Evidence([DOCUMENT]).judge("Port Ellis will pay 14 million euros.", ["D3.S3"])

    assert [token.text for token in judgement.tokens] == ["14 million euros"]


def test_a_document_without_a_date_can_be_cited() -> None:
    document = a_document("The vote took place yesterday.", published="", number=1)

    assert Evidence([document]).judge("昨天投票。", ["D1.S1"]).tokens == ()


@given(st.integers(0, len(DOCUMENT.sentences) - 1), st.data())
@settings(deadline=None, max_examples=50)
def test_any_change_of_one_letter_is_noticed(index: int, data: st.DataObject) -> None:
    text = DOCUMENT.sentences[index].text
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + ("x" if text[at] != "x" else "y") + text[at + 1 :]

    assert verify_statement(Statement(changed, (DOCUMENT.id_of(index),)), TEXTS).verdict is Verdict.UNSUPPORTED
