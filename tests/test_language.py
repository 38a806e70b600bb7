"""Which language a text is in, Traditional and Simplified Chinese told apart."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.parsing.language import detect_language
from localdigest.records import Language

ENGLISH = "The company has raised money from investors, and it plans to hire people for its office in Paris."


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ENGLISH, Language.ENGLISH),
        ("Apple releases iPhone", Language.ENGLISH),
        ("臺灣的軟體業者今天發布新產品，並說明價格。", Language.TRADITIONAL_CHINESE),
        ("香港政府今日公布新措施，市民可於網上申請。", Language.TRADITIONAL_CHINESE),
        ("软件业者今天发布新产品，并说明价格。", Language.SIMPLIFIED_CHINESE),
        ("今日は良い天気です。新しい製品を発表しました。", Language.JAPANESE),
        ("오늘 새로운 제품을 발표했습니다.", Language.KOREAN),
        (
            "La société a levé des fonds auprès de ses investisseurs et elle prévoit d'embaucher à Paris.",
            Language.OTHER,
        ),
        ("Das Unternehmen hat Geld von Investoren erhalten und will in Berlin neue Leute einstellen.", Language.OTHER),
        ("La empresa ha recaudado dinero de sus inversores y planea contratar personal en Madrid.", Language.OTHER),
        (
            "Perusahaan itu telah mengumpulkan dana dari para investor dan akan merekrut orang di Jakarta.",
            Language.OTHER,
        ),
        ("Компания привлекла деньги инвесторов и планирует нанять людей.", Language.OTHER),
        ("", Language.OTHER),
        ("12 345 !?", Language.OTHER),
    ],
)
def test_a_text_is_named_by_its_language(text: str, language: Language) -> None:
    """The five that the program tells apart, and the rest as other."""
    assert detect_language(text) is language


def test_chinese_full_of_english_names_is_chinese() -> None:
    """Product names in Latin letters are a part of Chinese prose."""
    text = "Meta 的 Llama 3 與 Mistral AI 的 Mixtral 8x7B 現在都支援 vLLM、Ollama 和 llama.cpp 等推論框架。"

    assert detect_language(text) is Language.TRADITIONAL_CHINESE


def test_english_that_quotes_chinese_is_english() -> None:
    """A Chinese name or title in an English article changes nothing."""
    assert detect_language(ENGLISH * 3 + " Its Chinese name is 月之暗面科技有限公司.") is Language.ENGLISH


def test_the_larger_part_of_a_bilingual_text_decides() -> None:
    """One Chinese paragraph under many English ones is an English page, and the other way round."""
    chinese = "這家公司今天發布了新的模型，並且公開了權重。"

    assert detect_language(ENGLISH * 10 + chinese) is Language.ENGLISH
    assert detect_language(ENGLISH + chinese * 20) is Language.TRADITIONAL_CHINESE


def test_traditional_text_that_quotes_simplified_stays_traditional() -> None:
    """The majority of the distinguishing characters decides."""
    text = "這篇報導引述對岸媒體的說法：「发布会」將於下週舉行，臺灣廠商也會參與這場盛會。"

    assert detect_language(text) is Language.TRADITIONAL_CHINESE


@pytest.mark.parametrize(
    ("hint", "language"),
    [
        ("zh-TW", Language.TRADITIONAL_CHINESE),
        ("zh_HK", Language.TRADITIONAL_CHINESE),
        ("zh-Hans", Language.SIMPLIFIED_CHINESE),
        ("zh-CN", Language.SIMPLIFIED_CHINESE),
    ],
)
def test_the_hint_decides_what_the_characters_leave_open(hint: str, language: Language) -> None:
    """`他在山上` is written alike in both scripts."""
    assert detect_language("他在山上", hint=hint) is language


def test_a_wrong_hint_does_not_win_over_the_text() -> None:
    """Templates carry `lang` attributes that nobody checks."""
    assert detect_language("软件业者今天发布新产品", hint="zh-TW") is Language.SIMPLIFIED_CHINESE
    assert detect_language(ENGLISH, hint="de") is Language.ENGLISH


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=200), st.text(max_size=8))
def test_any_text_has_a_language(text: str, hint: str) -> None:
    """Nothing that a page can hold makes it fail."""
    assert detect_language(text, hint=hint) in Language
