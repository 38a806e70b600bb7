"""The prompts: files that are checked before anything is asked with them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdigest.errors import ConfigError
from localdigest.prompts import LANGUAGES, fenced, load_prompts
from localdigest.stages.reduce import ANSWERS


def test_every_prompt_is_there_in_every_language() -> None:
    texts = load_prompts().texts

    for language in LANGUAGES:
        assert f"map.abstract.{language}" in texts
        assert {f"reduce.{kind}.{language}" for kind in ANSWERS} <= set(texts)
    assert {name.rpartition(".")[0] for name in texts if name.endswith(".en")} == {
        name.rpartition(".")[0] for name in texts if name.endswith(".zh-TW")
    }


def test_every_file_of_the_folder_is_used() -> None:
    folder = Path(__file__).parent.parent / "prompts"

    assert {path.name for path in folder.glob("*.md")} - {"README.md"} == {
        f"{name}.md" for name in load_prompts().texts
    }


def test_every_section_names_its_lists() -> None:
    """The schema is not shown to the model: a list that it is not told of is filled with anything."""
    texts = load_prompts().texts
    for language in LANGUAGES:
        for kind, lists in ANSWERS.items():
            for name in set(lists) - {"sentences"}:
                assert name in texts[f"reduce.{kind}.{language}"]


def test_prompts_in_chinese_are_in_the_words_of_taiwan() -> None:
    for name, text in load_prompts().texts.items():
        if name.endswith("zh-TW"):
            assert not re.search("数|据|们|这|来源于|質量|信息|視頻|軟件|網絡", text), name


def test_a_placeholder_in_a_value_stays_as_it_is() -> None:
    prompt = load_prompts().fill("map.quotes", "en", topic="a {source} b", source="page with {topic} and {unknown}")

    assert "about: a {source} b" in prompt
    assert "page with {topic} and {unknown}" in prompt


def test_a_digest_without_a_topic_is_about_the_news() -> None:
    prompts = load_prompts()

    assert prompts.topic(" ferries ", "en") == "ferries"
    assert "新聞" in prompts.topic("", "zh-TW")


def test_a_file_of_ones_own_replaces_one_and_changes_the_hash(tmp_path: Path) -> None:
    (tmp_path / "repair.en.md").write_text("Mend this: {case}\n", encoding="utf-8")
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")

    own, mine = load_prompts(), load_prompts(tmp_path)

    assert mine.fill("repair", "en", case="x") == "Mend this: x"
    assert own.texts["repair.zh-TW"] == mine.texts["repair.zh-TW"]
    assert own.hash != mine.hash
    assert own == load_prompts()


@pytest.mark.parametrize(
    ("name", "text", "message", "hint"),
    [
        ("repair.en.md", "Mend {case} and {whatever}", "{whatever} is unknown", "{case}"),
        ("map.quotes.en.md", "About {topic}", "{source} is missing", ""),
        ("no_topic.en.md", " \n", "empty", ""),
        ("repair.eng.md", "{case}", "no prompt of this name", "repair.en.md"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_name(
    tmp_path: Path, name: str, text: str, message: str, hint: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError) as refused:
        load_prompts(tmp_path)

    assert message in refused.value.message
    assert str(tmp_path / name) in refused.value.message
    assert hint in refused.value.hint


def test_a_folder_that_is_not_there_and_a_file_that_is_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_prompts(tmp_path / "missing")
    (tmp_path / "repair.en.md").write_bytes(b"\xff\xfe{case}")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_prompts(tmp_path)


@given(st.text("~ab\n"))
def test_nothing_ends_a_fence_but_its_end(text: str) -> None:
    first, *inside, last = fenced(text).split("\n")

    assert first == last == "~" * len(first)
    assert not any(first in line for line in inside)
    assert text.rstrip() == "\n".join(inside)
