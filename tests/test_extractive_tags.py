"""Tags and headlines."""

from __future__ import annotations

from dataclasses import replace

import pytest
from documents import CHIP_ZH, HARBOUR, ORCHARD, a_document

from localdigest.records import Document, Language
from localdigest.writers.extractive_headlines import headline
from localdigest.writers.extractive_tags import find_tags


def chip(title: str = "雲川半導體量產推論晶片「凌波」", url: str = "https://zh.example/a") -> Document:
    return a_document(CHIP_ZH, title=title, url=url, language=Language.TRADITIONAL_CHINESE)


def test_the_topic_comes_first_and_no_tag_says_it_again() -> None:
    tags = find_tags([a_document(HARBOUR, title="Port Ellis buys electric ferries")], topic="port ellis")

    assert tags[0] == "port ellis"
    assert "Port Ellis" not in tags
    assert "Fjordverk" in tags


def test_names_shared_by_documents_come_before_names_of_one() -> None:
    again = a_document(HARBOUR.replace("Ana Reyes", "Tom Berg"), url="https://b.example/1")
    tags = find_tags([a_document(HARBOUR), again, a_document(ORCHARD, url="https://c.example/1")], topic="x")

    assert set(tags[1:3]) == {"Port Ellis", "Fjordverk"}
    assert "Peter Hale" not in tags


def test_words_that_only_begin_sentences_are_no_names() -> None:
    tags = find_tags([a_document(HARBOUR), a_document(HARBOUR, url="https://b.example/1")], topic="x")

    assert set(tags) & {"The", "Tickets", "Opponents", "Council", "Monday", "March"} == set()


def test_a_surname_counts_for_the_full_name() -> None:
    """Within a document and across documents, as long as only one person has it; titles are no part of a name."""
    one = a_document("President Ana Reyes spoke.\nThe council heard Reyes twice.\nPeople like Reyes.", title="x")
    other = a_document(
        "The critics of Reyes said no.\nAll wrote to Reyes.", title="Reyes wins", url="https://b.example/1"
    )

    assert find_tags([one, other], topic="vote") == ("vote", "Ana Reyes")


def test_an_ordinary_word_before_a_name_is_no_part_of_it() -> None:
    text = "Take Fjordverk for example.\nPeople take Fjordverk at its word.\nMany envy Fjordverk."

    assert find_tags([a_document(text, title="About Fjordverk")], topic="x") == ("x", "Fjordverk")


def test_chinese_terms_are_found_without_a_dictionary() -> None:
    """Whole terms, no fragments, no everyday words; Latin names in Chinese text too."""
    more = replace(
        chip(url="https://zh2.example/a"),
        text="",
        sentences=tuple(
            replace(sentence, text=sentence.text.replace("今年", "去年") + "vLLM也支援。")
            for sentence in chip().sentences
        ),
    )
    tags = find_tags([chip(), more], topic="晶片")

    assert "雲川半導體" in tags
    assert "資料中心業者" in tags or "資料中心" in tags
    assert "vLLM" in tags
    assert set(tags) & {"雲川", "半導體", "業者", "的推", "明年", "心業", "料中心"} == set()


@pytest.mark.parametrize("topic", ["", "  "])
def test_no_topic_makes_no_empty_tag(topic: str) -> None:
    assert "" not in find_tags([a_document(HARBOUR)], topic=topic)


def test_there_are_eight_tags_at_most_and_none_twice() -> None:
    text = "\n".join(f"The town of {letter}ville and {letter}ville again." for letter in "BCDFGHJKLM")
    tags = find_tags([a_document(text)], topic="towns")

    assert len(tags) == 8
    assert len({tag.casefold() for tag in tags}) == 8


@pytest.mark.parametrize(
    ("title", "site", "expected"),
    [
        ("Port Ellis buys ferries | The Courier", "The Courier", "Port Ellis buys ferries"),
        ("The Courier - Port Ellis buys ferries", "The Courier", "Port Ellis buys ferries"),
        ("Port Ellis buys ferries - courier.example", "courier.example", "Port Ellis buys ferries"),
        ("Ferries: electric - or not", "The Courier", "Ferries: electric - or not"),
        ("Port Ellis buys ferries - Harbour - News - Portal", "x", "Port Ellis buys ferries"),
        ("港務局更換三艘渡輪｜港務通訊", "港務通訊", "港務局更換三艘渡輪"),
        ("港務局更換三艘渡輪_新聞_入口網", "入口網", "港務局更換三艘渡輪"),
        ("Managing ferries at night ¶", "docs", "Managing ferries at night"),
    ],
)
def test_a_headline_is_the_title_without_the_site(title: str, site: str, expected: str) -> None:
    found = headline(a_document("x", title=title, site=site, number=4))

    assert found is not None
    assert (found.text, found.evidence) == (expected, ("D4.T",))
    assert found.text in title


@pytest.mark.parametrize("title", ["", " ", "Home", "The Courier", "首頁"])
def test_a_title_that_says_nothing_is_no_headline(title: str) -> None:
    assert headline(a_document("x", title=title, site="The Courier")) is None
