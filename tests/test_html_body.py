"""What the main-text extraction keeps of pages of several kinds, and what it leaves out."""

from __future__ import annotations

import html_body_pages as pages
import pytest

from localdigest.parsing.body_candidates import candidates_of
from localdigest.parsing.body_wide import wide_blocks
from localdigest.parsing.html_body import extract_blocks
from localdigest.parsing.html_tree import content_of, parse_html
from localdigest.records import Block, Role

SENTENCE = "The council agreed on Tuesday to publish the report, which names twelve cities and three rivers. "


def starts(html: str) -> list[tuple[Role, str]]:
    """The role and the first words of each block."""
    return [(block.role, " ".join(block.text.split()[:4])) for block in extract_blocks(html)]


def text_of(html: str) -> str:
    return "\n\n".join(block.text for block in extract_blocks(html))


def test_news_page_keeps_its_structure_and_nothing_else() -> None:
    """No cookie banner, menu, sharing links, related pages, newsletter or footer."""
    assert starts(pages.NEWS) == [
        (Role.HEADING, "Harbour bridge reopens after"),
        (Role.TEXT, "The harbour bridge reopened"),
        (Role.TEXT, "The city spent 3.2"),
        (Role.HEADING, "What comes next"),
        (Role.TEXT, "Lorries above twelve tonnes"),
        (Role.ITEM, "Buses return to the"),
        (Role.ITEM, "The ferry keeps running"),
        (Role.QUOTE, "“We would rather be"),
    ]


def test_documentation_keeps_listings_and_tables() -> None:
    """A listing keeps its lines, a table has a line for each row."""
    blocks = extract_blocks(pages.DOCUMENTATION)

    assert Block('queue = Queue("mail")\nqueue.put(job)', Role.CODE) in blocks
    assert Block("Option | Default\nlimit | 100\nretry | 3", Role.TABLE) in blocks
    assert [block.text for block in blocks if block.role is Role.HEADING] == ["Queues", "Options", "Errors"]
    assert any("put raises QueueFull after" in block.text for block in blocks)
    assert "Installation" not in text_of(pages.DOCUMENTATION)


def test_forum_thread_keeps_every_post() -> None:
    assert [words for _, words in starts(pages.FORUM) if len(words.split()) > 1] == [
        "My starter is nine",
        "No, it is only",
        "Twice a day did",
    ]


def test_product_page_keeps_closed_tabs_and_leaves_reviews_out() -> None:
    assert starts(pages.PRODUCT) == [
        (Role.HEADING, "Kestrel 30 backpack"),
        (Role.TEXT, "€ 129.00"),
        (Role.TEXT, "A thirty-litre pack for"),
        (Role.ITEM, "Weight: 980 g"),
        (Role.ITEM, "Volume: 30 l"),
        (Role.ITEM, "Fits laptops up to"),
        (Role.TEXT, "Wash it by hand"),
    ]


def test_app_page_parts_paragraphs_at_empty_lines() -> None:
    """Shops write descriptions as one element with line breaks."""
    assert starts(pages.APP)[2:] == [
        (Role.TEXT, "Tidewatch shows high and"),
        (Role.TEXT, "New in this version:"),
        (Role.TEXT, "There are no advertisements"),
        (Role.HEADING, "Data safety"),
        (Role.TEXT, "The developer says that"),
    ]


def test_old_chinese_page_of_layout_tables() -> None:
    """Tables that lay out the page are no tables of values, and `<br><br>` parts paragraphs."""
    blocks = extract_blocks(pages.CHINESE)

    assert {block.role for block in blocks} == {Role.TEXT}
    assert [block.text[:4] for block in blocks[-3:]] == ["港口大桥", "市政府表", "重型货车"]
    assert not any(word in text_of(pages.CHINESE) for word in ("首页", "渡轮公司", "版权所有"))


def shop_page(furniture: str) -> str:
    """A page that is no article, with a piece of furniture before its offers."""
    offers = "".join(f"<section><h2>Offer {n}</h2><p>{SENTENCE} Number {n}.</p></section>" for n in range(6))
    return f"<html><body>{furniture}<div>{offers}</div></body></html>"


MARKER = "This sentence is not part of the text of the page, however much it may look like it."


@pytest.mark.parametrize(
    "unseen",
    [
        f"<div hidden><p>{MARKER}</p></div>",
        f"<div style='DISPLAY : NONE'><p>{MARKER}</p></div>",
        f"<p><span style='visibility:hidden'>{MARKER}</span></p>",
        f"<script>{MARKER}</script>",
        f"<style>{MARKER}</style>",
        f"<template><p>{MARKER}</p></template>",
        f"<!-- {MARKER} -->",
    ],
)
def test_what_a_reader_does_not_see_is_left_out(unseen: str) -> None:
    text = text_of(shop_page(unseen))

    assert MARKER not in text
    assert text.count("The council agreed") == 6


@pytest.mark.parametrize(
    "furniture",
    [
        "<nav><p>{}</p></nav>",
        "<footer><p>{}</p></footer>",
        "<div role='contentinfo'><p>{}</p></div>",
        "<div role='dialog'><p>{}</p></div>",
        "<div class='cookieBanner'><p>{}</p></div>",
        "<div id='related-posts'><p>{}</p></div>",
        "<section class='customer-reviews reviews'><p>{}</p></section>",
    ],
)
def test_wide_reading_leaves_furniture_out(furniture: str) -> None:
    tree = parse_html(shop_page(furniture.format(MARKER)))
    assert tree is not None

    text = "\n".join(block.text for block in wide_blocks(candidates_of(content_of(tree))))

    assert MARKER not in text
    assert text.count("The council agreed") == 6


@pytest.mark.parametrize("name", ["overflow-hidden", "hidden md:block", "content-nav-section", "tab-content"])
def test_class_names_do_not_hide_the_text_itself(name: str) -> None:
    """Frameworks write such words on what is the page's whole content."""
    paragraphs = "".join(f"<p>{SENTENCE} Number {n}.</p>" for n in range(6))

    text = text_of(f"<html><body>{pages.MENU}<div class='{name}'>{paragraphs}</div>{pages.FOOTER}</body></html>")

    assert text.count("The council agreed") == 6


def test_comments_below_a_long_text_are_left_out() -> None:
    story = "".join(f"<p>{SENTENCE * 3} Number {n}.</p>" for n in range(10))
    comments = "".join(f"<div class='comment'><p>I do not agree with number {n} at all.</p></div>" for n in range(9))

    text = text_of(f"<html><body><div>{story}</div><div id='comments'>{comments}</div></body></html>")

    assert "Number 9" in text
    assert "I do not agree" not in text


def test_an_index_keeps_its_links() -> None:
    """Where nearly all of a page is links, they are what it says."""
    links = "".join(f"<li><a href='/{n}'>Part {n}</a></li>" for n in range(40))

    assert len(extract_blocks(f"<html><body><main><h1>Parts</h1><ul>{links}</ul></main></body></html>")) >= 40


def test_text_that_a_phone_layout_repeats_is_kept_once() -> None:
    twice = f"<div class='desktop'><p>{SENTENCE}</p></div><div class='phone'><p>{SENTENCE}</p></div>"

    assert text_of(f"<html><body><h1>Report</h1>{twice}</body></html>").count("The council agreed") == 1


def test_late_parts_that_react_streams_are_read() -> None:
    page = "<html><body><h1>Report</h1><div hidden id='S:1'><p>{}</p></div></body></html>"

    assert "The council agreed" in text_of(page.format(SENTENCE))


@pytest.mark.parametrize(
    "html",
    [
        "",
        " \n\t ",
        "<",
        "<html></html>",
        "<!-- only a comment",
        "<script>var a = 1",
        "<frameset><frame src=a>",
        "\0" * 9,
    ],
)
def test_pages_without_text_give_nothing(html: str) -> None:
    assert [block for block in extract_blocks(html) if block.text != "<"] == []


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 20_000 + f"<p>{SENTENCE}</p>",
        "<b>" * 5_000 + SENTENCE,
        "<table><tr><td>" * 2_000 + SENTENCE,
        "<ul><li>" * 3_000 + SENTENCE,
    ],
    ids=["divisions", "bold", "tables", "lists"],
)
def test_text_below_thousands_of_levels_is_found(html: str) -> None:
    """The parser drops all below its limit, so the levels are taken away first."""
    assert "The council agreed" in text_of(html)


def test_huge_tags_and_pages_are_read_in_bounded_time() -> None:
    """Each of these takes an unguarded parser or extractor many seconds."""
    attributes = " ".join(f"a{n}=1" for n in range(100_000))

    assert "The council agreed" in text_of(f"<p {attributes}>{SENTENCE}</p>")
    assert len(text_of("<table>" + ("<tr>" + "<td>x</td>" * 50 + "</tr>") * 1000 + "</table>")) > 100_000
    assert len(text_of("<p>" + "word " * 200_000)) > 900_000


@pytest.mark.parametrize(
    "start", ["<title>A quay</title>", "<head><title>A quay</title>", "<meta charset=utf-8><title>A quay</title>"]
)
def test_an_article_behind_an_unclosed_head_keeps_its_roles(start: str) -> None:
    """HTML lets a page leave out `</head>` and `<body>`."""
    text = "The harbour opened its second quay on Monday after four years of work."

    blocks = extract_blocks(f"{start}<article><h1>A quay</h1><p>{text}</p><p>{text[::-1]}</p></article>")

    assert [(block.role, block.text) for block in blocks] == [
        (Role.HEADING, "A quay"),
        (Role.TEXT, text),
        (Role.TEXT, text[::-1]),
    ]


def test_the_one_article_that_holds_most_of_a_page_is_its_main_part() -> None:
    """A post of a network stands beside a card about its group, with nothing but the role to tell them apart."""
    post = "".join(f"<p>{text}</p>" for text in ("The quay was opened on Monday. " * 6, "It cost 410 million. " * 6))
    page = f"<div><b>Harbour friends</b><p>People who like to watch ships.</p></div><div role=article>{post}</div>"

    texts = [block.text for block in extract_blocks(f"<html><body>{page}</body></html>")]

    assert texts == [("The quay was opened on Monday. " * 6).strip(), ("It cost 410 million. " * 6).strip()]
