"""Plain text and Markdown become blocks without their marks, and lose no words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.parsing.parsed import Parsed, Unusable
from localdigest.parsing.plain import read_markdown, read_plain
from localdigest.records import DateEvidence, Role

POST = """---
title: "Mixtral: a guide"
author: Ann Lee
date: 2025-12-30
tags: [a, b]
---

# Mixtral

An *important* paragraph with a [link](https://a.example/b_(c)) and `code`,
wrapped over **two** lines.

Underlined
----------

- first item
- second item
  goes on

1. numbered

> A quotation
> of two lines.

```python
x = 1  # not a heading
```

| model | size |
|-------|-----:|
| small | 7B   |

![a picture](a.png)

[ref]: https://a.example
***
The end.<br> An \\*escaped\\* mark.
"""


def blocks(text: str) -> list[tuple[Role, str]]:
    found = read_markdown(text)
    assert isinstance(found, Parsed), found
    return [(block.role, block.text) for block in found.blocks]


def test_markdown_becomes_blocks() -> None:
    """Each construct by its role, the marks taken off."""
    assert blocks(POST) == [
        (Role.HEADING, "Mixtral"),
        (Role.TEXT, "An important paragraph with a link and code,\nwrapped over two lines."),
        (Role.HEADING, "Underlined"),
        (Role.ITEM, "first item"),
        (Role.ITEM, "second item\ngoes on"),
        (Role.ITEM, "numbered"),
        (Role.QUOTE, "A quotation\nof two lines."),
        (Role.CODE, "x = 1  # not a heading"),
        (Role.TABLE, "model | size\nsmall | 7B"),
        (Role.TEXT, "The end. An *escaped* mark."),
    ]


def test_front_matter_names_title_author_and_date() -> None:
    """As static site generators write it."""
    found = read_markdown(POST)

    assert isinstance(found, Parsed)
    assert (found.title, found.byline) == ("Mixtral: a guide", "Ann Lee")
    assert (found.published, found.published_by) == ("2025-12-30", DateEvidence.DOCUMENT)


def test_toml_front_matter_counts_too() -> None:
    """Hugo's."""
    found = read_markdown('+++\ntitle = "A post"\ndate = 2025-12-30T08:00:00Z\n+++\nText.')

    assert isinstance(found, Parsed)
    assert (found.title, found.published) == ("A post", "2025-12-30T08:00:00+00:00")


def test_the_first_heading_is_the_title_without_front_matter() -> None:
    """A README names itself so."""
    found = read_markdown("# The project\n\nIt does things.")

    assert isinstance(found, Parsed)
    assert found.title == "The project"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("snake_case_name and a*b*c", "snake_case_name and a*b*c"),
        ("**粗體**字和*斜體*", "粗體字和*斜體*"),
        ("2 * 3 * 4 = 24", "2 * 3 * 4 = 24"),
        ("***both***", "both"),
        ("see <https://a.example/b>", "see https://a.example/b"),
        ("[a][ref] b", "a b"),
        ("x < y and y > z", "x < y and y > z"),
        ("price is $5 [sic]", "price is $5 [sic]"),
        ("Tom &amp; Ada&nbsp;&mdash; \\&lt; &lt;", "Tom & Ada\xa0— \\< <"),
        ("[![CI](a.svg)](b) [ ![x][y] ![z](w.svg) ][v] It runs.", "It runs."),
        ("![a picture][pic] and text", "and text"),
    ],
)
def test_inline_marks_go_and_words_stay(text: str, plain: str) -> None:
    """Only what is a mark beyond doubt is taken off."""
    assert blocks(text) == [(Role.TEXT, plain)]


def test_a_readme_as_github_shows_it() -> None:
    """Centred headings are headings, badges nothing, and notes keep their words."""
    text = """<p align="center"><img src="logo.png" alt="Logo"></p>
<h1 align="center">A small <b>engine</b></h1>

[![CI](https://a.example/ci.svg)](https://a.example/ci)

> [!WARNING]
> It is young.
"""

    assert blocks(text) == [(Role.HEADING, "A small engine"), (Role.QUOTE, "It is young.")]


def test_a_fence_left_open_keeps_its_code() -> None:
    """To the end of the text, as readers do."""
    assert blocks("```\nx = 1\n# y") == [(Role.CODE, "x = 1\n# y")]


def test_plain_text_has_paragraphs_and_a_title() -> None:
    """A short first line on its own is the title."""
    found = read_plain("The report\n\nFirst paragraph,\nwrapped.\n\n\nSecond.")

    assert isinstance(found, Parsed)
    assert found.title == "The report"
    assert [block.text for block in found.blocks] == ["The report", "First paragraph,\nwrapped.", "Second."]


def test_plain_text_that_begins_with_a_sentence_has_no_title() -> None:
    """Better none than a wrong one."""
    found = read_plain("It was a dark night.\n\nThe rain fell.")

    assert isinstance(found, Parsed)
    assert found.title == ""


@pytest.mark.parametrize("text", ["", " \n\n ", "---\ntitle: x\n---\n", "***\n\n---", "```\n```"])
def test_text_without_words_is_empty(text: str) -> None:
    """Marks alone say nothing."""
    assert isinstance(read_markdown(text), Unusable)


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="ab1 *_`#>-|[]()<>!\\~\n:=+.", max_size=120))
def test_markdown_never_raises_and_invents_nothing(text: str) -> None:
    """Every letter of a block stands in the text, in the same order."""
    found = read_markdown(text)

    if isinstance(found, Parsed):
        letters = "".join(re.findall(r"\w", "".join(block.text for block in found.blocks)))
        rest = iter(re.findall(r"\w", text))
        assert all(letter in rest for letter in letters)
