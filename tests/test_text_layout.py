"""Lines of mixed Han and Latin text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdigest.render.picture.text_layout import ELLIPSIS, NO_END, NO_START, shorten, wrap


def width_of(text: str) -> float:
    """A Han character is as wide as two letters."""
    return sum(1.0 if char > "\u2e7f" else 0.5 for char in text)


def lines(text: str, width: float, max_lines: int = 0) -> list[str]:
    return list(wrap(text, width=width, width_of=width_of, max_lines=max_lines).lines)


HAN = "法國人工智慧公司在九月完成募資由荷蘭大廠領投"
single = st.lists(
    st.sampled_from(
        [*HAN, *"，。「」（）、；：？！", *"abcXYZ019", "Mistral", "AI", " ", " ", "https://e.example/a/b?c=d"]
    ),
    max_size=60,
).map(lambda parts: " ".join("".join(parts).split()))


def test_han_breaks_anywhere_and_latin_words_do_not() -> None:
    assert lines("法國人工智慧公司", 4) == ["法國人工", "智慧公司"]
    assert lines("the open models of the week", 7) == ["the open", "models of the", "week"]
    assert lines("用Mistral的模型", 5) == ["用Mistral", "的模型"]


@pytest.mark.parametrize("sign", "，。、；：？！」』）")
def test_no_line_begins_with_a_closing_sign(sign: str) -> None:
    assert lines(f"法國人工{sign}智慧公司", 4) == ["法國人", f"工{sign}智慧", "公司"]


@pytest.mark.parametrize("sign", "「『（")
def test_no_line_ends_with_an_opening_sign(sign: str) -> None:
    assert lines(f"法國人{sign}工智慧", 4) == ["法國人", f"{sign}工智慧"]


def test_a_long_address_is_broken_behind_its_signs() -> None:
    assert lines("https://news.example/2025/12/30/mistral-raises", 12) == [
        "https://news.example/",
        "2025/12/30/mistral-",
        "raises",
    ]


def test_a_word_longer_than_a_line_is_broken_where_it_must() -> None:
    assert lines("a" * 9, 2) == ["aaaa", "aaaa", "a"]


def test_no_word_stands_alone_on_the_last_line_where_the_lines_above_have_some_to_spare() -> None:
    assert lines("法國人工智慧公司完成", 9) == ["法國人工智慧公", "司完成"]


def test_what_has_no_room_ends_in_an_ellipsis_and_says_so() -> None:
    wrapped = wrap(HAN, width=5, width_of=width_of, max_lines=2)

    assert wrapped.lines == ("法國人工智", f"慧公司在{ELLIPSIS}")
    assert wrapped.is_shortened
    assert not wrap(HAN, width=5, width_of=width_of, max_lines=5).is_shortened


def test_an_ellipsis_follows_no_comma_and_no_opening_sign() -> None:
    assert shorten("法國，「人工", width=5, width_of=width_of) == f"法國{ELLIPSIS}"


def test_nothing_is_no_line() -> None:
    assert lines("", 5) == []


@given(single, st.integers(4, 30))
def test_no_line_is_wider_than_there_is_room_and_no_character_is_lost(text: str, width: int) -> None:
    wrapped = lines(text, width)

    assert all(width_of(line) <= width for line in wrapped)
    assert "".join(wrapped).replace(" ", "") == text.replace(" ", "")
    assert all(line == line.strip() and line for line in wrapped)


@given(single, st.integers(8, 30))
def test_signs_stay_with_their_neighbours_wherever_they_fit_on_a_line_together(text: str, width: int) -> None:
    """Signs that follow one another for longer than a line must part somewhere."""
    text = re.sub(r"[，。「」（）、；：？！]{2,}", lambda run: run[0][0], text)
    wrapped = lines(text, width)
    clusters = width_of(max(re.findall(r"\S+", text), key=width_of, default=""))

    assert not any(line[0] in NO_START for line in wrapped[1:])
    assert clusters > width or not any(line[-1] in NO_END for line in wrapped[:-1])


@given(single, st.integers(4, 30), st.integers(1, 4))
def test_there_are_never_more_lines_than_asked_for(text: str, width: int, max_lines: int) -> None:
    wrapped = wrap(text, width=width, width_of=width_of, max_lines=max_lines)

    assert len(wrapped.lines) <= max_lines
    assert all(width_of(line) <= width for line in wrapped.lines)
    assert wrapped.is_shortened == (len(lines(text, width)) > max_lines)
    assert not wrapped.is_shortened or wrapped.lines[-1].endswith(ELLIPSIS)
