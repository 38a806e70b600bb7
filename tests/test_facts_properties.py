"""What holds for any sentence."""

from __future__ import annotations

import datetime as dt
import re

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from localdigest.facts import judge, read
from localdigest.records import Verdict

DAY = dt.date(2025, 12, 30)
SENTENCES = st.sampled_from(
    [
        "Solvane raised $1.2 billion on Tuesday in a round led by Haverkamp.",
        "The boats will cost 41 million euros, and the first is due in March 2027.",
        "vLLM 0.12 served Mixtral 8x7B at 2,150 tokens per second on one H100.",
        "By 14:30 on 3 May 2025 some 62 percent of 1,284,500 voters had come.",
        "雲川半導體今年投入 52 億元擴建新竹廠房，並招募 600 名工程師。",
        "Mistral Large 3 總參數 675B，12 月 2 日以 Apache 2.0 授權釋出。",
        "歐洲央行維持利率在 2.25%，2026 年通膨預估 1.9%。",
        "館長說：「學生要的不只是書，還有一張桌子。」借閱量達 215 萬冊。",
    ]
)
FREE = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))
    | st.sampled_from('0123456789.,%年月日億萬成約不「」“”"-–/ $€'),
    max_size=120,
)
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}


@given(FREE)
@settings(deadline=None, max_examples=400)
def test_anything_can_be_read_and_its_facts_lie_in_it(text: str) -> None:
    reading = read(text, published=DAY)

    for fact in reading.facts:
        assert 0 <= fact.start < fact.end <= len(reading.text)
        assert fact.readings
    assert [f.start for f in reading.facts] == sorted(f.start for f in reading.facts)


@given(FREE)
@settings(deadline=None, max_examples=400)
def test_a_copy_of_its_evidence_is_supported(text: str) -> None:
    assume(any(character.isalnum() for character in text))
    assume(re.search(r"[^\W_]", re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹]", "", text)))  # a footnote's mark alone says nothing

    assert judge(text, [text]).verdict is not Verdict.UNSUPPORTED
    assert judge(text, ["Something else.", text], published=DAY).verdict is not Verdict.UNSUPPORTED


@given(SENTENCES)
@settings(deadline=None)
def test_a_copied_sentence_is_supported(sentence: str) -> None:
    assert judge(sentence, [sentence], published=DAY).verdict is Verdict.SUPPORTED


@given(SENTENCES, st.data())
@settings(deadline=None, max_examples=300)
def test_one_changed_digit_is_noticed(sentence: str, data: st.DataObject) -> None:
    digit = data.draw(st.sampled_from(list(re.finditer(r"\d", sentence))))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != digit[0]]))
    changed = sentence[: digit.start()] + other + sentence[digit.end() :]

    assert judge(changed, [sentence], published=DAY).verdict is Verdict.UNSUPPORTED


def _han(number: int) -> str:
    """The number in Chinese numerals, from 1 to 9999."""
    text = ""
    for scale, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, scale)
        if digit:
            text += "零一二三四五六七八九"[digit] + name
        elif text and number and not text.endswith("零"):
            text += "零"
    return text


FORMS = (
    lambda n: f"{n:,} 人",
    lambda n: f"{n}人",
    lambda n: f"{n:,} people",
    lambda n: "".join(chr(ord(d) + 0xFEE0) for d in str(n)) + " 人",
    lambda n: f"{_han(n)}人",
    lambda n: f"{n / 10_000:.4f}".rstrip("0") + " 萬人",
    lambda n: f"{n / 1000:.3f}".rstrip("0").rstrip(".") + " thousand people",
)


@given(st.integers(6, 9998), st.sampled_from(FORMS), st.sampled_from(FORMS))
@settings(deadline=None, max_examples=300)
def test_forms_of_one_number_are_equal(number: int, one: object, other: object) -> None:
    assert callable(one)
    assert callable(other)
    claim, evidence = one(number), other(number)

    assert judge(claim, [evidence]).tokens == (), (claim, evidence)
    assert judge(one(number + 1), [evidence]).verdict is Verdict.UNSUPPORTED


@given(st.dates(dt.date(2001, 1, 1), dt.date(2099, 12, 31)), st.integers(0, 6), st.integers(0, 6))
@settings(deadline=None, max_examples=300)
def test_forms_of_one_date_are_equal(day: dt.date, one: int, other: int) -> None:
    def form(day: dt.date, which: int) -> str:
        return (
            day.isoformat(),
            f"{day:%B} {day.day}, {day.year}",
            f"{day.day} {day:%b} {day.year}",
            f"{day.year} 年 {day.month} 月 {day.day} 日",
            f"{day.year}年{day.month}月{day.day}日",
            f"民國 {day.year - 1911} 年 {day.month} 月 {day.day} 日",
            f"{day.year}/{day.month}/{day.day}",
        )[which]

    assert judge(form(day, one), [form(day, other)]).tokens == ()
    assert judge(form(day + dt.timedelta(days=1), one), [form(day, other)]).verdict is Verdict.UNSUPPORTED


@given(SENTENCES, SENTENCES, st.sampled_from(["wide", "marks", "spaces", "dashes"]))
@settings(deadline=None, max_examples=300)
def test_how_characters_are_written_changes_no_verdict(claim: str, evidence: str, how: str) -> None:
    written = {
        "wide": lambda text: text.translate(FULL_WIDTH),
        "marks": lambda text: text.replace("「", "『").replace("」", "』"),
        "spaces": lambda text: text.replace(" ", "\u00a0"),
        "dashes": lambda text: text.replace("-", "–"),
    }[how]

    assert judge(written(claim), [evidence], published=DAY).verdict is judge(claim, [evidence], published=DAY).verdict
    assert judge(claim, [written(evidence)], published=DAY).verdict is judge(claim, [evidence], published=DAY).verdict
