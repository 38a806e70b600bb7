"""What holds for the extraction of any string whatever."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.parsing.html_body import extract_blocks
from localdigest.parsing.html_tree import parse_html

TAGS = (
    "p",
    "div",
    "table",
    "tr",
    "td",
    "ul",
    "li",
    "pre",
    "code",
    "a",
    "br",
    "h1",
    "article",
    "nav",
    "span",
    "section",
)
pieces = st.one_of(
    st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS]),
    st.sampled_from(
        ["<!--", "-->", "<script>", "&amp;", "&#0;", "<p hidden>", "<a href=", "\0", "\ud800", "　", "&nbsp;"]
    ),
    st.text(max_size=40),
    st.sampled_from(
        ["The council agreed to publish the report in the spring of next year. ", "委员会星期二同意公布报告。"]
    ),
)
markup = st.lists(pieces, max_size=40).map("".join)


@settings(deadline=None, max_examples=80)
@given(st.one_of(st.text(max_size=300), markup))
def test_never_raises_and_gives_no_empty_block(html: str) -> None:
    for block in extract_blocks(html):
        assert block.text.strip()
        assert "\0" not in block.text


@settings(deadline=None, max_examples=40)
@given(markup)
def test_same_input_same_blocks(html: str) -> None:
    assert extract_blocks(html) == extract_blocks(html)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.text(st.characters(categories=["Ll", "Lu"]), min_size=3, max_size=12), min_size=4, max_size=30))
def test_every_word_of_a_plain_page_survives_in_order(words: list[str]) -> None:
    html = f"<html><body><h1>Report</h1><p>{' '.join(words)}</p></body></html>"

    text = "\n".join(block.text for block in extract_blocks(html))

    assert " ".join(words) in text


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=400))
def test_parsing_never_raises(html: str) -> None:
    parse_html(html)
