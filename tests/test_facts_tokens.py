"""What is equal to what: figures, dates, names, quotations, in two languages."""

from __future__ import annotations

import datetime as dt
import time

import pytest

from localdigest.facts import Kind, Search, judge, read, weigh
from localdigest.records import Language, Verdict

DAY = dt.date(2025, 12, 30)  # a Tuesday


def wrong(claim: str, *evidence: str, published: dt.date | None = DAY) -> list[str]:
    """The tokens of the claim that the evidence does not bear out."""
    return [token.text for token in judge(claim, evidence, published=published).tokens]


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        # magnitudes
        ("12 億", "1.2bn"),
        ("十二億", "1,200 million"),
        ("12億", "1.2 billion"),
        ("1.2萬", "12,000"),
        ("三千五百萬元", "3,500 萬元"),
        ("1 兆 2,000 億元", "1.2 兆元"),
        ("1 萬 8,300 輛", "18,300 cars"),
        ("兩百五十名", "250 people"),
        ("３２", "32"),
        ("廿四小時", "24 hours"),
        ("675B", "6,750 億"),
        ("128K", "128,000"),
        # percentages and shares
        ("15%", "15 percent"),
        ("百分之十五", "15％"),
        ("一成五", "15 %"),
        ("三成", "30 per cent"),
        ("一半", "50%"),
        ("三分之二", "two-thirds"),
        ("a quarter", "25%"),
        ("1/3", "a third"),
        ("50 個基點", "half a percentage point"),
        # multiples
        ("兩倍", "doubled"),
        ("三倍", "tripled"),
        ("10x", "ten times"),
        ("tenfold", "10 倍"),
        # money
        ("US$5 million", "500 萬美元"),
        ("NT$300", "新台幣 300 元"),
        ("€3.5m", "350 萬歐元"),
        ("1,000 人民幣", "RMB 1,000"),
        ("$5", "NT$5"),
        # ranges
        ("3–5 天", "3 to 5 days"),
        ("10 to 15 percent", "10%–15%"),
        # ordinals and versions
        ("No. 3", "第 3"),
        ("3rd", "third"),
        ("v0.3", "version 0.3"),
        ("8x7B", "8×7B"),
        # measures
        ("90 minutes", "1.5 hours"),
        ("一個半小時", "90 分鐘"),
        ("四個半小時", "four and a half hours"),
        ("半年", "six months"),
        ("14 天", "two weeks"),
        ("1.5 噸", "1,500 kg"),
        ("十年", "a decade"),
        ("3 nm", "3 奈米"),
        ("下午兩點半", "2:30 p.m."),
        # rounding that is said
        ("約 1.2 億", "123,456,789"),
        ("nearly 50%", "49.2%"),
        ("超過 300 萬", "3.1 million"),
        ("近三成", "29%"),
        ("about a third", "34%"),
        # dates
        ("2025-12-02", "December 2, 2025"),
        ("2 Dec 2025", "2025 年 12 月 2 日"),
        ("12/2", "12 月 2 日"),
        ("民國 114 年 12 月 2 日", "2025/12/02"),
        ("昨天", "on Monday"),
        ("去年 12 月", "December 2024"),
        ("Q3 2025", "第三季"),
        ("2025 年上半年", "the first half of 2025"),
        ("last week", "12 月 24 日"),
        ("三年前", "in 2022"),
        ("90 年代", "the 1990s"),
        ("December 2025", "2 December 2025"),
        # names
        ("GPT 4o", "GPT-4o"),
        ("LeChat", "Le Chat"),
        ("EU", "European Union"),
        ("Nvidia's", "輝達"),
    ],
)
def test_equal_forms_are_found(claim: str, evidence: str) -> None:
    assert wrong(claim, evidence) == []


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("16%", "15 percent"),
        ("一成六", "15%"),
        ("12 億", "1.2 million"),
        ("$5", "€5"),
        ("5 歐元", "5 美元"),
        ("5 元", "$5"),
        ("3 天", "3 weeks"),
        ("三倍", "doubled"),
        ("3 個百分點", "3%"),
        ("第四名", "third"),
        ("1.2bn", "1.18bn"),
        ("約 1.2 億", "1.4 億"),
        ("14B", "8B"),
        ("3.1", "3.2"),
        ("v0.4", "v0.3"),
        ("2:30 pm", "2:30 am"),
        ("2025-12-03", "December 2, 2025"),
        ("昨天", "on Friday"),
        ("去年", "in 2025"),
        ("Q2", "第三季"),
        ("下半年", "the first half"),
        ("December 2, 2025", "in December 2025"),
        ("H100", "H200"),
        ("GPT-4", "GPT-4o"),
        ("8x22B", "8x7B"),
        ("Llama 3.2 has 15 layers", "Llama 3.1 has 15 layers, 3.2 % more"),
        ("a deal with Anthropic", "a deal with Mistral"),
        ("公司說 Anthropic 會來", "the company said that Mistral would come"),
    ],
)
def test_unequal_ones_are_not(claim: str, evidence: str) -> None:
    assert wrong(claim, evidence) != []


@pytest.mark.parametrize(
    "word",
    [
        "一些人",
        "進一步",
        "統一",
        "三星",
        "四川",
        "十足",
        "千萬別這樣",
        "第三方",
        "成功",
        "百分百",
        "一方面",
        "萬一",
        "數百人",
    ],
)
def test_numerals_in_words_are_no_figures(word: str) -> None:
    assert wrong(f"他們{word}表示歡迎", "他們表示歡迎") == []


@pytest.mark.parametrize(
    "claim",
    ["Developers praised it.", "Meanwhile the Council agreed.", "Borrowing keeps growing.", "AI and the CEO matter."],
)
def test_ordinary_words_with_a_capital_are_no_names(claim: str) -> None:
    assert wrong(claim, "They were glad about what was decided.") == []


def test_a_relative_date_needs_the_day_of_the_text() -> None:
    evidence = "The vote took place on December 29, 2025."

    assert wrong("昨天投票。", evidence) == []
    assert judge("昨天投票。", [evidence], published=dt.date(2025, 12, 24)).verdict is Verdict.UNSUPPORTED


def test_the_day_of_the_text_is_no_proof_but_no_offence_either() -> None:
    judgement = judge("On December 30, 2025 the council met.", ["The council met."], published=DAY)

    assert judgement.verdict is Verdict.UNDECIDED


@pytest.mark.parametrize(
    ("claim", "evidence", "kind"),
    [
        ("他說：「我們不會離開這座城市。」", "他說：「我們會離開這座城市。」", Kind.QUOTATION),
        ("“We are leaving the city,” he said.", "He said that they were staying in the city.", Kind.QUOTATION),
        ("The firm did not acquire the yard.", "The firm acquired the yard.", Kind.NEGATION),
        ("The firm acquired the yard.", "The firm did not acquire the yard.", Kind.NEGATION),
        ("公司出售股份。", "公司沒有出售股份。", Kind.NEGATION),
        ("營收下降 15%。", "Revenue rose 15 percent.", Kind.DIRECTION),
        ("Fewer than 500 people came.", "More than 500 people came.", Kind.DIRECTION),
        ("The court rejected the plan.", "The court approved the plan.", Kind.DIRECTION),
    ],
)
def test_what_is_wrong_is_said(claim: str, evidence: str, kind: Kind) -> None:
    tokens = judge(claim, [evidence]).tokens

    assert kind in {token.kind for token in tokens}


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("SAP bought Pleias.", "Pleias was sold to SAP."),
        ("他說：「今天出生的孩子看不到它。」", "“Children born today will not see it,” he said."),
        ("The growth slowed to 3%.", "成長 3%。"),
        ("三家公司加入：Apple、Google 與 Meta。", "Apple, Google and Meta joined."),
        ("不只營收成長，獲利也成長。", "營收成長，獲利也成長。"),
    ],
)
def test_what_nobody_can_tell_is_not_called_wrong(claim: str, evidence: str) -> None:
    assert wrong(claim, evidence) == []


@pytest.mark.parametrize("claim", ["", " ", "——", "。"])
def test_an_empty_claim_is_unsupported(claim: str) -> None:
    assert judge(claim, ["Something."]).verdict is Verdict.UNSUPPORTED


@pytest.mark.parametrize("evidence", [[], [""], ["——"]])
def test_a_claim_without_evidence_is_unsupported(evidence: list[str]) -> None:
    assert judge("Mistral raised €1.7bn.", evidence).verdict is Verdict.UNSUPPORTED


def test_a_sentence_for_which_a_search_found_nothing_is_undecided_unless_it_holds_tokens() -> None:
    search = Search(keys=frozenset())

    assert weigh(read("This deserves attention."), [], search=search).verdict is Verdict.UNDECIDED
    assert weigh(read("Mistral raised €1.7bn."), [], search=search).verdict is Verdict.UNSUPPORTED


def test_several_sentences_bear_a_claim_out_together() -> None:
    evidence = ["Unrelated words stand here.", "Solvane raised $1.2bn.", "Haverkamp led the round of Solvane."]

    judgement = judge("Solvane raised $1.2bn in a round led by Haverkamp.", evidence)

    assert judgement.verdict is Verdict.SUPPORTED
    assert set(judgement.evidence) >= {1, 2}


def test_another_language_is_never_called_wrong_for_its_names() -> None:
    german = "Der Vorstand der Hafengesellschaft beschloss am Montag den Kauf von drei Fähren für 41 Millionen Euro."

    assert wrong("The Harbour Company Ellis buys three ferries.", german) == []
    assert judge(german, ["Hafen kauft Schiffe."], claim_language=Language.OTHER).verdict is not Verdict.SUPPORTED


def test_an_english_frame_around_a_chinese_quotation_holds_no_names() -> None:
    source = "雲川半導體週二宣布，新一代推論晶片「凌波」將於明年三月在新竹量產，首批供貨給三家資料中心業者。"

    assert wrong(f"The source says: “{source}”", source) == []
    assert wrong(f"Zephyr says: “{source}”", source) != []


@pytest.mark.parametrize(
    "unit",
    [
        "1 ",
        "12 億 ",
        "一",
        "二十",
        "不",
        "「",
        '"a b c d" ',
        "A-1-",
        "1-1-",
        "1,",
        "a.b.",
        "Name ",
        "May 5 ",
        "約",
        " ",
    ],
)
def test_a_sentence_of_100_kb_takes_no_minutes(unit: str) -> None:
    text = (unit * 100_000)[:100_000]
    started = time.process_time()

    judge(text + "7", [text[:50_000] + "8"], published=DAY)

    assert time.process_time() - started < 10
