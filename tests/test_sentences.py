"""Sentences: where they end, and that nothing is lost between them."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.parsing.sentences import join_blocks, split_sentences
from localdigest.records import Block, Role

CASES = tomllib.loads((Path(__file__).parent / "data" / "parsing" / "sentences.toml").read_text("utf-8"))
FLOOR = 0.97  #: of the labelled cases of each kind

ODD = st.text(alphabet="aB1 .!?…。！？；「」『』“”\"'（）()[]《》\n\t\u3000我說的，v-•、\u00a0", max_size=200)


@pytest.mark.parametrize("kind", CASES)
def test_labelled_cases_come_out_right(kind: str) -> None:
    """English, Chinese of both scripts, mixed text, and cases that no rule was made for."""
    wrong = {
        case: got
        for case in CASES[kind]
        if (got := split_sentences(case.replace("¦", ""))) != [part.strip() for part in case.split("¦")]
    }

    assert len(wrong) <= len(CASES[kind]) * (1 - FLOOR), wrong


def test_the_labelled_set_is_large_enough_to_mean_something() -> None:
    """At least 150 cases, and 25 of each kind."""
    sizes = {kind: len(cases) for kind, cases in CASES.items()}

    assert sum(sizes.values()) >= 150
    assert min(sizes.values()) >= 25


@settings(deadline=None, max_examples=300)
@given(st.lists(st.builds(Block, ODD, st.sampled_from(Role)), max_size=6))
def test_sentences_cover_the_text_exactly_once_and_in_order(blocks: list[Block]) -> None:
    """Each sentence is the span that it claims to be; between sentences there is only white space."""
    text, sentences = join_blocks(blocks)

    position = 0
    for sentence in sentences:
        end = sentence.start + len(sentence.text)
        assert sentence.text == text[sentence.start : end]
        assert sentence.text == sentence.text.strip() != ""
        assert text[position : sentence.start].strip() == ""
        position = end
    assert text[position:].strip() == ""


@settings(deadline=None, max_examples=100)
@given(st.lists(st.builds(Block, ODD, st.sampled_from(Role)), max_size=6))
def test_paragraph_is_the_index_of_the_block(blocks: list[Block]) -> None:
    """Sentences of one block share its index and role; blank blocks count for nothing."""
    kept = [block for block in blocks if block.text.strip()]

    text, sentences = join_blocks(blocks)

    assert text == "\n\n".join(block.text.strip() for block in kept)
    assert sorted({sentence.paragraph for sentence in sentences}) == list(range(len(kept)))
    assert all(sentence.role is kept[sentence.paragraph].role for sentence in sentences)


@settings(deadline=None, max_examples=100)
@given(ODD)
def test_splitting_again_changes_nothing_in_plain_runs(text: str) -> None:
    """What is called a sentence holds every letter of the text, in order."""
    joined = "".join("".join(split_sentences(text)).split())

    assert joined == "".join(text.split())


def test_a_heading_is_one_sentence_whatever_stops_it_holds() -> None:
    """Titles ask and answer: `What is MoE? A guide` is one line."""
    _, sentences = join_blocks([Block("What is MoE? A guide", Role.HEADING)])

    assert [sentence.text for sentence in sentences] == ["What is MoE? A guide"]


def test_a_table_gives_a_sentence_a_row_and_a_listing_is_one() -> None:
    """Rows are facts of their own; code has no sentences."""
    _, sentences = join_blocks([Block("a | 1.5\nb | 2. x", Role.TABLE), Block("x = 1.\ny = 2.", Role.CODE)])

    assert [sentence.text for sentence in sentences] == ["a | 1.5", "b | 2. x", "x = 1.\ny = 2."]


def test_a_long_quotation_is_split_inside() -> None:
    """A quotation of half a page is no unit that a reader can check."""
    quotation = "「" + "這是一個很長的句子。" * 30 + "」"

    assert len(split_sentences(quotation)) == 30


def test_text_without_any_stop_is_cut_at_a_softer_mark() -> None:
    """A list of names as long as a book still gives sentences that fit somewhere."""
    sentences = split_sentences("word, " * 5_000)

    assert max(map(len, sentences)) <= 1_600
    assert all(sentence.endswith(",") for sentence in sentences)


def test_an_unclosed_quotation_does_not_swallow_the_rest() -> None:
    """A page that forgets a closing mark still has sentences."""
    assert split_sentences("「他走了。她也走了。") == ["「他走了。", "她也走了。"]


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        " ",
        ".",
        "「",
        "「。」",
        "……",
        "Mr. ",
        "U.S. ",
        '"a. ',
        "a\n",
        ".\n",
        "（？）",
        "[1]",
        "？」他在",
        "(",
        " \n",
    ],
)
def test_time_is_linear_in_the_length(piece: str) -> None:
    """No input makes the splitter slow: 200,000 characters take seconds at most on any machine."""
    text = piece * (200_000 // len(piece))
    started = time.process_time()

    split_sentences(text)

    assert time.process_time() - started < 5
