"""Typography of Chinese and English text."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from localdigest.text.typography import typeset

CITED = "[\\[3\\]][D3.S17]"

pieces = st.lists(
    st.sampled_from([
        *"中文の，。：；？！（）「」『』“”‘’'\"()[],.;:?!%℃…⋯—─-~ \n\t\u3000\u00a0\u200b1290AbZ+#$`*>\ufdd0\ufdd4",
        "...", "--", "https://a.tw/b,c", "`a, b`", CITED, "3:30", "1,000", "v1.2", "GPT-4", "- ", "1) ", "don’t",
        " (", ") ", "中文", "他說", "50 %", "Inc.", "e.g.", "&amp;", "](x,y)",
    ]),
    max_size=25,
).map("".join)  # fmt: skip


def zh(text: str) -> str:
    return typeset(text, language="zh-TW")


@pytest.mark.parametrize(("written", "expected"), [
    # punctuation
    ("模型很大,但是很快.", "模型很大，但是很快。"),
    ("為什麼?因為快!", "為什麼？因為快！"),
    ("優點:快;省.", "優點：快；省。"),
    ("他問:真的嗎?!", "他問：真的嗎？！"),
    ("中文 , 中文", "中文，中文"),
    ("使用 vLLM, 可以加速", "使用 vLLM，可以加速"),
    ("增加 50%, 達到新高", "增加 50%，達到新高"),
    ("支援 GPT-4, Claude, 與 Gemini", "支援 GPT-4, Claude，與 Gemini"),
    ("結束. 下一句", "結束。下一句"),
    ("總參數量為 46.7B.", "總參數量為 46.7B。"),
    (f"他們改用 vLLM. {CITED}", f"他們改用 vLLM。 {CITED}"),
    (f"他們改用 vLLM. {CITED} [\\[4\\]][D4.T]", f"他們改用 vLLM。 {CITED} [\\[4\\]][D4.T]"),
    ("你用過 vLLM?", "你用過 vLLM？"),
    # … and where it stays
    ("共 1,234.5 元", "共 1,234.5 元"),
    ("下午 3:30 開始，比例 16:9", "下午 3:30 開始，比例 16:9"),
    ("版本 v1.2.3 與 Node.js", "版本 v1.2.3 與 Node.js"),
    ("檔案.txt", "檔案.txt"),
    ("他說：Hello, world. It works.", "他說：Hello, world. It works."),
    ("由 Acme Inc.", "由 Acme Inc."),
    ("在 U.S.", "在 U.S."),
    ("Yahoo! 奇摩", "Yahoo! 奇摩"),
    ("等等 e.g. 這個", "等等 e.g. 這個"),
    ("見https://a.tw/b,c?d=1:2", "見 https://a.tw/b,c?d=1:2"),
    ("網址:https://a.tw", "網址：https://a.tw"),
    ("執行 `a, b. c` 即可.", "執行 `a, b. c` 即可。"),
    ("開心:)", "開心:)"),
    # brackets
    ("專家混合(MoE)模型", "專家混合（MoE）模型"),
    ("Mixtral (8x7B) 等模型", "Mixtral（8x7B）等模型"),
    ("Mixtral (開放權重) is", "Mixtral（開放權重）is"),
    ("呼叫 f(x) 即可", "呼叫 f(x) 即可"),
    ("論文 A (B) C", "論文 A (B) C"),
    ("半形（abc)", "半形（abc）"),
    ("1) 第一項", "1) 第一項"),
    ("見[說明](a(b),c.html)吧", "見[說明](a(b),c.html)吧"),
    # quotation marks
    ("他說“這很好”。", "他說「這很好」。"),
    ('他說"這很好"。', "他說「這很好」。"),
    ("他說“她說‘不’”", "他說「她說『不』」"),
    ("他說“她說「不」”", "他說「她說『不』」"),
    ("他說「她說“不”」", "他說「她說『不』」"),
    ("論文 “Attention Is All You Need” 發表", "論文「Attention Is All You Need」發表"),
    ("the “best” of 中文", "the “best” of 中文"),
    ("don’t 中文 it’s", "don’t 中文 it’s"),
    ('15" 螢幕', '15" 螢幕'),
    ("未完“的", "未完“的"),
    # ellipsis and dash
    ("然後...沒了", "然後……沒了"),
    ("然後…", "然後……"),
    ("然後………… 沒了", "然後……沒了"),
    ("然後⋯⋯沒了。。。", "然後……沒了……"),
    ("中...…", "中……"),
    ("wait... what", "wait... what"),
    ("模型—很大", "模型——很大"),
    ("模型 -- 很大", "模型——很大"),
    ("模型 —— 很大", "模型——很大"),
    ("使用 --flag 選項", "使用 --flag 選項"),
    ("台北–高雄，2019–2025 年", "台北–高雄，2019–2025 年"),
    ("| 中 | 文 |\n|---|---|", "| 中 | 文 |\n|---|---|"),
    # spaces
    ("在2025年發布GPT-4模型", "在 2025 年發布 GPT-4 模型"),
    ("成長11%的股權，達30℃以上", "成長 11% 的股權，達 30℃ 以上"),
    ("成長 11 %，達 30 ℃", "成長 11%，達 30℃"),
    ("用C++寫，C#也可", "用 C++ 寫，C# 也可"),
    ("賺$100，共17億", "賺 $100，共 17 億"),
    ("模型 ， 很大 。", "模型，很大。"),
    ("模型「 A 」很大", "模型「A」很大"),
    ("模型  很大\u3000很快", "模型 很大 很快"),
    ("模型\u00a0A\u2009B\u202fC\u200b中", "模型 A B C 中"),
    ("- 「引言」", "- 「引言」"),
    ("  - 巢狀  \n", "  - 巢狀  \n"),
    ("## 「標題」", "## 「標題」"),
    ("\u3000\u3000段落", "\u3000\u3000段落"),
    (f"中文。 {CITED}", f"中文。 {CITED}"),
    (f"中文。{CITED}，中文", f"中文。{CITED}，中文"),
    ('[D3.S17]: <https://a.tw> "中文, 中文"', '[D3.S17]: <https://a.tw> "中文, 中文"'),
    ('<a title="中,文">中文</a>', '<a title="中,文">中文</a>'),
    ("", ""),
])  # fmt: skip
def test_chinese(written: str, expected: str) -> None:
    assert zh(written) == expected
    assert zh(expected) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Two  spaces,\u00a0one\u2009thin\u202fnarrow", "Two spaces, one thin narrow"),
        ("zero\u200bwidth and soft\u00adhyphen\ufeff", "zerowidth and softhyphen"),
        ("“quotes” (and) -- dashes...", "“quotes” (and) -- dashes..."),
        ("`two  spaces\u00a0`  x", "`two  spaces\u00a0` x"),
        ("- item  \n    code", "- item  \n    code"),
        ("中文,ABC中文", "中文,ABC中文"),
        ("👨‍👩‍👧  a", "👨‍👩‍👧 a"),
    ],
)
def test_english_changes_spaces_only(written: str, expected: str) -> None:
    assert typeset(written, language="en") == expected


@pytest.mark.parametrize(
    ("written", "keep", "expected"),
    [
        ("他說「A,B中文  C」,是嗎", ["「A,B中文  C」"], "他說「A,B中文  C」，是嗎"),
        ("使用7-Eleven很快", ["7-Eleven"], "使用 7-Eleven 很快"),
        ("看台北101大樓", ["台北101"], "看台北101 大樓"),
        ("見“a,中”", ["a,中"], "見「a,中」"),
        ("中\u200b文", ["中\u200b文"], "中\u200b文"),
    ],
)
def test_kept_strings_stay(written: str, keep: list[str], expected: str) -> None:
    assert typeset(written, language="zh-TW", keep=keep) == expected


@given(pieces | st.text(), st.sampled_from(["zh-TW", "en"]))
@settings(max_examples=1500)
@example("\ud800中,", "zh-TW")
@example("中 () ,の", "zh-TW")
@example('"」中(")', "zh-TW")
@example("中…\u3000…", "zh-TW")
@example("A\u200bhttps://a.tw/b,c\u200b", "zh-TW")
def test_twice_is_once(text: str, language: str) -> None:
    once = typeset(text, language=language)

    assert typeset(once, language=language) == once


@given(pieces, st.lists(pieces | st.sampled_from(["中", "A,", "“", "  ", ")"]), max_size=3))
@settings(max_examples=500)
def test_kept_strings_stay_in_any_text(text: str, keep: list[str]) -> None:
    once = typeset(text, language="zh-TW", keep=keep)

    assert all(words in once for words in keep if words and words in text)


@given(st.text(st.characters(max_codepoint=0x2FF, exclude_characters="\u00a0\u00ad")))
def test_latin_text_changes_in_no_language(text: str) -> None:
    text = " ".join(text.split())

    assert typeset(text, language="zh-TW") == text
    assert typeset(text, language="en") == text


@given(pieces)
@settings(max_examples=500)
def test_words_and_figures_stay(text: str) -> None:
    """Only punctuation and spaces change: every letter and digit is there still, in its order."""
    assert letters(zh(text)) == letters(text)


def letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


@pytest.mark.parametrize("unit", [
    "模型(MoE)很大,但是“很快”...達50%,用GPT-4. ", "中", "中A", "(", ")", "“", "”", "‘“「(", '"', '中"', ".", "中.",
    "A. ", "…", "-", "— ", " ", "中 ", "- ", "> ", "`", "``(", "<a ", "](", "](a", "a@", "http://", "[D1.S1]",
    "[D1.S1] ", "中.[D1.S1]", "1) ", "&a", "\u200b",
    "中,", "Ab ", "中（", "(a)", "中(a)",
])  # fmt: skip
def test_a_hundred_kilobytes_of_anything_are_no_trap(unit: str) -> None:
    """What grew with the square of the length would take minutes."""
    assert seconds(unit, 100_000) < 20


def seconds(unit: str, length: int) -> float:
    text = "中" + unit * (length // len(unit))
    started = time.process_time()
    zh(text)
    return time.process_time() - started
