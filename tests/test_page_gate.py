"""Walls, stubs, shells and error pages are recognised; articles that speak of them are not."""

from __future__ import annotations

import gzip
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from localdigest.parsing.html import read_html
from localdigest.parsing.page_gate import size_of
from localdigest.parsing.parsed import Parsed, Unusable
from localdigest.records import Reason

DATA = Path(__file__).parent / "data" / "parsing"
CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
WALLS = tomllib.loads((DATA / "walls.toml").read_text("utf-8"))["page"]
ARTICLES = tomllib.loads((DATA / "articles.toml").read_text("utf-8"))["page"]
LONG = 150  #: words of gold text from which a page is an article beyond doubt

MENU = "<nav><a href=/>Home</a> <a href=/news>News</a> <a href=/about>About us</a></nav>"


def page(item: dict[str, str]) -> str:
    body = (MENU if item["title"] else "") + item["body"]
    return f"<!doctype html><html><head><title>{item['title']}</title></head><body>{body}</body></html>"


@pytest.mark.parametrize("wall", WALLS, ids=lambda wall: f"{wall['reason']}: {wall['title']}")
def test_a_page_that_is_no_article_is_named_for_what_it_is(wall: dict[str, str]) -> None:
    """Each kind in several languages, with the phrase that gave it away."""
    found = read_html(page(wall), url="https://news.example/2025/12/30/story")

    assert isinstance(found, Unusable)
    assert found.reason == Reason(wall["reason"])
    assert found.detail


def test_there_are_enough_walls_to_mean_something() -> None:
    """At least forty pages, and every reason that a page can have."""
    assert len(WALLS) >= 40
    assert {wall["reason"] for wall in WALLS} >= {
        "login-wall", "consent-wall", "paywall", "needs-javascript", "error-page", "too-short", "empty",
    }  # fmt: skip


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article["title"])
def test_an_article_about_walls_is_an_article(article: dict[str, str]) -> None:
    """The words of a wall in a text that reports on them, or in a banner beside it, are no wall."""
    assert isinstance(read_html(page(article)), Parsed)


def test_a_long_article_with_a_wall_around_it_is_an_article() -> None:
    """A cookie banner, a login form and a call to subscribe stand on most pages of the press."""
    story = "".join(article["body"].replace("article>", "section>") for article in ARTICLES[:4])
    html = f"<title>Story</title><main>{story}</main><p>Subscribe to continue reading.</p>"

    assert isinstance(read_html(html), Parsed)


def corpus_pages() -> list[Any]:
    if not CORPUS.is_dir():
        return [pytest.param("", {}, marks=pytest.mark.skip(reason=f"there is no corpus at {CORPUS}"))]
    return [
        pytest.param(name, item, id=f"{name}/{item['id'][:8]}")
        for name in ("articles-en", "articles-zh", "mixed")
        for item in json.loads((CORPUS / name / "manifest.json").read_text("utf-8"))[::6]
        if size_of(item["gold"]) > LONG
    ]


@pytest.mark.parametrize(("name", "item"), corpus_pages())
def test_no_real_article_is_taken_for_a_wall(name: str, item: dict[str, str]) -> None:
    """Real pages with a long text, most of them with banners, forms and offers around it."""
    html = gzip.decompress((CORPUS / name / "html" / f"{item['id']}.html.gz").read_bytes()).decode("utf-8", "replace")

    is_shell = item["id"] == "4838"  # its text was left out when the page was saved: refusing it is right
    assert isinstance(read_html(html, guess_date=False), Unusable if is_shell else Parsed)
