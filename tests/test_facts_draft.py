"""How a draft becomes sentences."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.parsing.draft import read_draft

POST = """\
---
layout: post
title: "MISTRAL 每日動態"
date: 2025-12-30
---
> 本文每一句皆逐字摘自來源。

## 📰 本週新聞焦點
1) 歐洲新創募資回顧 [\\[4\\]][D4.T]（3 個獨立來源）
Mistral 完成 **17 億歐元** 募資。 [\\[4\\]][D4.S7] 估值 [117 億](https://a.example/2024?x=1)。[3]
- `vLLM` is *fast*. It needs 38 seconds.[^1]

```sh
rm -rf 12
```

| model | 8B |
|---|---|
| size | 5 GB |

## 🔗 資料來源
1. [Funding 2023](<https://a.example>) · Site · 2025-12-23

---
*本文由 AI 自動生成，彙整自 10 篇新聞來源。*

[D4.S7]: <https://a.example/#:~:text=17> "Title"
"""


def test_a_post_gives_what_it_says_and_nothing_of_its_apparatus() -> None:
    draft = read_draft(POST)

    assert draft.date == "2025-12-30"
    assert [sentence.text for sentence in draft.sentences] == [
        "本文每一句皆逐字摘自來源。",
        "📰 本週新聞焦點",
        "歐洲新創募資回顧",
        "Mistral 完成 17 億歐元 募資。",
        "估值 117 億。",
        "vLLM is fast.",
        "It needs 38 seconds.",
        "model",
        "8B",
        "size",
        "5 GB",
    ]


def test_sentences_are_kept_as_written() -> None:
    written = {sentence.text: sentence.written for sentence in read_draft(POST).sentences}

    assert written["Mistral 完成 17 億歐元 募資。"] == "Mistral 完成 **17 億歐元** 募資。"
    assert written["估值 117 億。"] == "估值 [117 億](https://a.example/2024?x=1)。"
    assert written["vLLM is fast."] == "`vLLM` is *fast*."


def test_a_section_after_the_sources_counts_again() -> None:
    draft = read_draft("## Sources\n- [A 1](u)\n### More\nLeft out too.\n## Notes on method\nThis is said.")

    assert [sentence.text for sentence in draft.sentences] == ["Notes on method", "This is said."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One line\nwrapped here. Two.", ["One line wrapped here.", "Two."]),
        ("First.\r\n\r\nSecond.", ["First.", "Second."]),
        ("\ufeffOne.", ["One."]),
        ("Cost is 5 * 3 and 4 * 2.", ["Cost is 5 * 3 and 4 * 2."]),
        ("It said so [1, 2].", ["It said so."]),
        ("他說（D3.S17）。", ["他說。"]),
        ("snake_case_name stays.", ["snake_case_name stays."]),
        ("<https://a.example/1>\n\nWords.", ["Words."]),
        ("***\n---\n", []),
        ("", []),
    ],
)
def test_forms(text: str, expected: list[str]) -> None:
    assert [sentence.text for sentence in read_draft(text).sentences] == expected


@given(st.text(st.sampled_from("ab12 .。\n*_`[]()#>-|\\<!「」D4S^~"), max_size=200))
@settings(deadline=None, max_examples=300)
def test_any_text_can_be_a_draft_and_loses_no_word_order(text: str) -> None:
    for sentence in read_draft(text).sentences:
        kept = iter(sentence.written)
        assert all(character in kept for character in sentence.text.replace(" ", ""))
