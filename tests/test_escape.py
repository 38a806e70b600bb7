"""Text from pages means nothing to anything that a post passes through."""

from __future__ import annotations

import html
import re

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from localdigest.render.escape import address, inert, markdown, single_line, yaml_string

HOSTILE = [
    "{{ site.secrets }} {% include x %} {# nunjucks #} {{< shortcode >}} {: .class #id} {::options /}",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "[link](https://evil.example) ![image](https://evil.example/x.png) [[wiki]] [^1]: note",
    "https://evil.example www.evil.example somebody@evil.example",
    "*bold* _italic_ __strong__ `code` ~~gone~~ $$math$$ a|b|c",
    "# heading",
    "1. list",
    "12) list",
    "- item",
    "+ item",
    "> quote",
    "===",
    "---",
    ": definition",
    "| table |",
    "&lt;b&gt; &amp; &#60; AT&T",
    "back\\slash \\* \\",
    "snake_case and _private and __init__",
    "line\nbreak\r\n\r\n    code",
    "zero\u200bwidth \u202eoverride\u202c soft\u00adhyphen \U000e0041tag",
    "nul\x00 bell\x07 escape\x1b[31m c1\x9b",
    "\"quotes\" 'single' “curly”",
    "日本語 中文，「引號」",
    "yes",
    "~",
    "null",
    "12:30:45",
    "2025-12-30",
]

#: CommonMark with what GitHub and kramdown add.
READER = MarkdownIt("commonmark", {"linkify": False}).enable(["table", "strikethrough"])


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("before", ["", "- ", "1) ", "> ", "Text. ", "  - "])
def test_markdown_shows_the_text_and_nothing_else(before: str, text: str) -> None:
    plain = READER.render(before + "x")

    drawn = READER.render(before + markdown(text))

    assert re.sub("x(?=<|\n)", lambda _: html.escape(single_line(text), quote=False), plain, count=1) == drawn.replace(
        "&quot;", '"'
    )


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=300)
def test_any_text_comes_through_a_markdown_reader_as_itself(text: str) -> None:
    tokens = READER.parse("- " + markdown(text))
    inline = [token for token in tokens if token.type == "inline"]
    children = [child for token in inline for child in token.children or []]

    assert {child.type for child in children} <= {"text", "text_special"}
    assert single_line(text) == "".join(child.content for child in children).strip()


@given(st.text(max_size=60))
@settings(deadline=None)
@example("a{{b}}c{%d%}")
@example("{:.x}")
def test_no_template_engine_finds_its_signs(text: str) -> None:
    for safe in (markdown(text), inert(text)):
        assert not re.search(r"\{\{|\{%|\{#|%\}|\}\}|#\}|\{:", safe)


@given(st.text(max_size=60))
@settings(deadline=None)
def test_no_tag_and_no_attribute_begins_in_what_is_inert(text: str) -> None:
    assert not set('<>"\\') & set(inert(text))


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=300)
def test_yaml_reads_the_string_that_was_meant(text: str) -> None:
    read = yaml.safe_load(f"key: {yaml_string(text)}\nnext: 1\n")

    assert {"key": single_line(text), "next": 1} == read


@pytest.mark.parametrize("text", HOSTILE)
def test_yaml_reads_hostile_titles_as_strings(text: str) -> None:
    assert [single_line(text)] == yaml.safe_load(f"[{yaml_string(text)}]")


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.com/a_b(c)?q=1&r=2#x", "https://example.com/a_b(c)?q=1&r=2#x"),
        ("https://example.com/{{x}}", "https://example.com/%7B%7Bx%7D%7D"),
        ('https://example.com/"><script>', "https://example.com/%22%3E%3Cscript%3E"),
        ("https://example.com/新聞？", "https://example.com/新聞？"),
        ("https://example.com/a b\nc", "https://example.com/a%20b%0Ac"),
        ("https://example.com/%7Bx", "https://example.com/%7Bx"),
        ("https://[::1]/", "https://%5B::1%5D/"),
    ],
)
def test_an_address_holds_nothing_that_markdown_or_liquid_reads(url: str, safe: str) -> None:
    assert safe == address(url)


@pytest.mark.parametrize("host", ["evil.com", "a.evil.org", "EVIL.IO", "evil.example.net/x", "evil.co.uk"])
def test_a_bare_host_is_no_link_to_readers_that_make_links_of_hosts(host: str) -> None:
    drawn = markdown(f"See {host} today.")

    assert not re.search(r"(?i)\w\.(?:com|org|io|net|uk)\b", drawn)
    assert READER.renderInline(drawn) == f"See {host} today."


def test_ordinary_text_is_left_as_it_is() -> None:
    text = "Mixtral 8x7B (v0.1) costs $5, runs at 12.9 tokens/s; AT&T's snake_case is fine! 發布 5-10 個模型。"

    assert text == markdown(text)
