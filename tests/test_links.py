"""Where citations lead."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from localdigest.manifest import DocumentEntry
from localdigest.render.links import document_link, local_link, sentence_link

WEB = DocumentEntry(
    id="D1", number=1, title="T", url="https://example.com/a", path="", site="example.com", byline="", published="",
    published_by="", language="en", kind="news", sentences=3, cited_sentences=1,
)  # fmt: skip
LOCAL = replace(WEB, url="", path="pages/a page.html")
FOLDER = Path("output")


def test_a_page_is_linked_by_its_address() -> None:
    assert document_link(WEB, folder=FOLDER) == "https://example.com/a"


def test_a_local_file_is_linked_relative_to_the_post() -> None:
    assert document_link(LOCAL, folder=FOLDER) == "../pages/a%20page.html"


def test_a_saved_page_is_linked_by_the_address_that_it_was_saved_from_unless_the_copy_is_preferred() -> None:
    saved = replace(WEB, path="pages/a.html")

    assert document_link(saved, folder=FOLDER) == "https://example.com/a"
    assert document_link(saved, folder=FOLDER, prefer_copy=True) == "../pages/a.html"
    assert local_link(saved, folder=FOLDER) == "../pages/a.html"


@pytest.mark.parametrize(
    ("sentence", "fragment"),
    [
        ("Short one.", "Short%20one."),
        ("A 4-bit file, at last.", "A%204%2Dbit%20file%2C%20at%20last."),
        (
            "The round of 1.7 billion euros was led by ASML, which now holds about eleven percent of the company.",
            "The%20round%20of%201.7%20billion,eleven%20percent%20of%20the%20company.",
        ),
    ],
)
def test_a_sentence_is_named_in_the_fragment_by_its_whole_or_by_its_ends(sentence: str, fragment: str) -> None:
    assert sentence_link(WEB, sentence, folder=FOLDER) == f"https://example.com/a#:~:text={fragment}"


def test_a_long_chinese_sentence_is_named_by_its_first_and_last_clause() -> None:
    first, last = "半導體設備商艾司摩爾領投了這一輪募資", "成為歐洲最有價值的人工智慧公司。"
    sentence = f"{first}，金額達十七億歐元，讓這家法國新創的估值來到一百一十七億歐元，比前一年高出將近一倍，{last}"

    link = sentence_link(WEB, sentence, folder=FOLDER)

    start, _, end = link.partition("#:~:text=")[2].partition(",")
    assert (first, last) == (start, end)


def test_a_fragment_of_the_address_is_kept() -> None:
    anchored = replace(WEB, url="https://example.com/a#part")

    assert sentence_link(anchored, "Short.", folder=FOLDER) == "https://example.com/a#part:~:text=Short."


def test_a_pdf_has_no_text_fragments() -> None:
    paper = replace(WEB, url="https://example.com/paper.pdf")

    assert sentence_link(paper, "Short.", folder=FOLDER) == "https://example.com/paper.pdf"
