"""Chinese as Taiwan writes it: what changes, what must not, and what is told of the rest."""

from __future__ import annotations

import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from localdigest.text.hant import has_simplified, to_taiwan
from localdigest.text.hant_tables import glyphs, word_tables
from localdigest.text.hant_written import written_for_taiwan

ROOT = Path(__file__).parent.parent
CASES = tomllib.loads((ROOT / "tests" / "data" / "hant" / "cases.toml").read_text("utf-8"))
CHANGING = [tuple(case) for case in CASES["simplified"] + CASES["mixed"]]
RIGHT = [right for _, right in CHANGING] + CASES["traditional"]

_TABLE_WORDS = sorted({word for table in word_tables() for pair in table.translations.items() for word in pair})
#: Text of the pieces that the rules are made of, in any order.
chinese = st.lists(
    st.sampled_from(
        [
            *_TABLE_WORDS,
            *(char for case, _ in CHANGING for char in case),
            *"「」“”，。 \n`AI2の図",
            "https://a.tw/软件",
            "`内存`",
            "[\\[3\\]][D3.S17]",
        ]
    ),
    max_size=30,
).map("".join)


@pytest.mark.parametrize(("written", "expected"), CHANGING)
def test_what_taiwan_writes(written: str, expected: str) -> None:
    assert to_taiwan(written) == expected


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_right_stays(text: str) -> None:
    assert to_taiwan(text) == text


@pytest.mark.parametrize("page", sorted((ROOT / "examples" / "pages").glob("*-zh.html")), ids=lambda page: page.name)
def test_the_pages_of_taiwan_stay(page: Path) -> None:
    """Text by Taiwan's writers is the hardest test: not one of its characters may change."""
    text = page.read_text("cp950" if page.name == "funding-copy-zh.html" else "utf-8")

    assert to_taiwan(text) == text
    assert has_simplified(text) == ()


def test_there_are_cases_enough() -> None:
    assert len(CASES["simplified"]) > 80
    assert len(CASES["mixed"]) >= 25
    assert len(CASES["traditional"]) > 70


@pytest.mark.parametrize(
    "fixed",
    [
        "https://zh.wikipedia.org/wiki/软件_(计算机)?标题=内存#数据",
        "www.example.com/软件",
        "`软件 = 内存`",
        "``a ` 软件``",
        "```\n软件\n```",
        "[\\[3\\]][D3.S17]",
        "](./软件.html)",
        '<a title="软件">',
        "&amp;",
    ],
)
def test_addresses_code_and_markup_stay(fixed: str) -> None:
    assert to_taiwan(f"软件 {fixed} 软件") == f"軟體 {fixed} 軟體"


def test_an_address_ends_before_chinese_punctuation() -> None:
    assert to_taiwan("见 https://a.tw/b，软件") == "見 https://a.tw/b，軟體"


def test_comparisons_are_no_tags() -> None:
    assert to_taiwan("若 x<y，则 z>w 软件") == "若 x<y，則 z>w 軟體"


@pytest.mark.parametrize(
    ("written", "keep", "expected"),
    [
        ("他说：「软件是未来。」软件", ["「软件是未来。」"], "他說：「软件是未来。」軟體"),
        ("华为发布软件", ["华为"], "华为發布軟體"),
        ("国内存在", ["国"], "国內存在"),
        ("软件软件", ["件软"], "軟件软件"),
        ("软件", ["", "软件"], "软件"),
        ("abc", ["b"], "abc"),
    ],
)
def test_kept_strings_stay(written: str, keep: list[str], expected: str) -> None:
    assert to_taiwan(written, keep=keep) == expected


def test_a_kept_name_does_not_tell_the_script_of_its_sentence() -> None:
    """Simplified names in a Traditional sentence do not make 里 of 里長 a Simplified character."""
    name = "国际关系学院东亚发展研究"

    assert to_taiwan(f"里長與皇后拜訪{name}", keep=[name]) == f"里長與皇后拜訪{name}"


def test_a_clause_without_a_sign_follows_the_rest_of_the_text() -> None:
    assert to_taiwan("干部开会，里面很干") == "幹部開會，裡面很乾"
    assert to_taiwan("里面很干") == "里面很干"


@pytest.mark.parametrize("right", RIGHT)
def test_nothing_simplified_is_left(right: str) -> None:
    assert has_simplified(right) == ()


@pytest.mark.parametrize("written", [written for written, right in CASES["simplified"] if len(written) > 10])
def test_simplified_is_found(written: str) -> None:
    assert has_simplified(written)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("这个发展，发展这个", ("这", "个", "发")),
        ("皇后里台干面系制只表余谷几丑斗松后", ()),
        ("天満の会、国立国会図書館、学生の声", ()),
        ("国会", ("国", "会")),
        ("発表と发表", ("发",)),
        ("`软件` https://a.tw/软件 軟體", ()),
        ("恒生指數、林志峯、客庄、峰會", ()),
        ("A\ud800\x00", ()),
        ("", ()),
    ],
)
def test_characters_that_are_simplified_only(text: str, expected: tuple[str, ...]) -> None:
    assert has_simplified(text) == expected


def test_what_is_kept_is_no_finding() -> None:
    assert has_simplified("他說：「软件」的發展", keep=["「软件」"]) == ()


@given(chinese | st.text())
@settings(max_examples=400)
@example("文檔夾")
@example("\ud800软\x00件")
def test_twice_is_once(text: str) -> None:
    once = to_taiwan(text)

    assert to_taiwan(once) == once


@given(chinese, st.lists(st.sampled_from(["软件", "国", "「", "内存", "信息", "A", "後"]) | chinese, max_size=4))
@settings(max_examples=400)
def test_kept_strings_stay_in_any_text(text: str, keep: list[str]) -> None:
    once = to_taiwan(text, keep=keep)

    assert all(once.count(words) >= text.count(words) for words in keep if words)
    assert to_taiwan(once, keep=keep) == once


@given(chinese)
@settings(max_examples=300)
def test_no_simplified_character_survives(text: str) -> None:
    """But for Japanese, and for names that OpenCC knows (万俟)."""
    assert set(has_simplified(to_taiwan(text))) <= {"万"}


@given(st.text(st.characters(max_codepoint=0x2E7F)))
def test_text_without_chinese_stays(text: str) -> None:
    assert to_taiwan(text) == text
    assert has_simplified(text) == ()


@pytest.mark.parametrize(
    "unit",
    [
        "人工智能公司周三发布了新的开源模型，推理速度提升了两倍。",
        "这",
        "後",
        "`",
        "``(",
        "<a ",
        "](",
        "a@",
        "http://",
        "文檔夾",
        "“",
        "[D1.S1]",
        "&a",
    ],
)
def test_a_hundred_kilobytes_take_twice_the_time_of_fifty(unit: str) -> None:
    """Linear in the text, whatever it is made of: no more than thrice the time for twice the length."""
    to_taiwan(unit * 10)
    small, large = (seconds(unit * (length // len(unit))) for length in (50_000, 100_000))

    assert large < max(3 * small, 0.2)
    assert large < 5


def seconds(text: str) -> float:
    started = time.process_time()
    to_taiwan(text)
    has_simplified(text)
    return time.process_time() - started


def test_words_lead_somewhere() -> None:
    """What a word is changed to is no word that changes again."""
    traditional, every = word_tables()
    moving = {word for word, said in traditional.translations.items() if word != said}

    assert {said for said in every.translations.values() if said in moving} == set()
    assert {char for char in map(chr, glyphs().forms) if char in glyphs().forms.values()} == set()


def test_traditional_text_needs_no_opencc() -> None:
    """Its tables are large: what is Traditional already is let through without them."""
    script = (
        "import sys\nfrom localdigest.text.hant import to_taiwan\n"
        "to_taiwan('皇后與軟件')\nassert 'opencc' not in sys.modules\n"
        "to_taiwan('软件')\nassert 'opencc' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)


def test_the_table_is_what_the_script_makes() -> None:
    script = ROOT / "scripts" / "make_hant_tables.py"

    assert subprocess.run([sys.executable, script, "--check"], check=False, cwd=ROOT).returncode == 0


def test_what_a_model_wrote_is_converted_and_set_but_for_what_it_quotes() -> None:
    evidence = ["他说：“软件会吃掉世界。”"]

    assert written_for_taiwan("该公司的软件采用GPU", ()) == "該公司的軟體採用 GPU"
    written = written_for_taiwan("他指出“软件会吃掉世界。”，并发布了新软件", evidence)
    assert "软件会吃掉世界。" in written
    assert written.endswith("新軟體")
    assert "软件会吃掉世界" not in written_for_taiwan("他指出“软件会吃掉世界。”", ["別的句子"])
