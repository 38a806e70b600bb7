"""What a page says about itself, and how its date was found."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.parsing.byline import clean_byline, written_byline
from localdigest.parsing.dates import iso_date, stamped_date, url_date
from localdigest.parsing.html_head import read_head
from localdigest.parsing.html_metadata import Metadata, guess_published, read_metadata
from localdigest.parsing.page_kind import kind_of_page
from localdigest.records import DateEvidence, DocumentKind

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
NOW = "2026-01-05T08:00:00+00:00"
URL = "https://news.example/2025/12/30/mistral"


def metadata(html: str, url: str = URL) -> Metadata:
    return read_metadata(read_head(html), url=url, not_after=NOW)


# ── dates ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-12-30", "2025-12-30"),
        ("2025-12-30T08:15:00Z", "2025-12-30T08:15:00+00:00"),
        ("2025-12-30T08:15:00.123+0800", "2025-12-30T08:15:00+08:00"),
        ("2025-12-30 08:15:00", "2025-12-30"),
        ("2025-12-30 08:15:00 UTC", "2025-12-30T08:15:00+00:00"),
        ("Tue, 30 Dec 2025 08:15:00 +0100", "2025-12-30T08:15:00+01:00"),
        ("Tue, 30 Dec 2025 08:15:00 GMT", "2025-12-30T08:15:00+00:00"),
        ("December 30, 2025", "2025-12-30"),
        ("Dec. 30, 2025", "2025-12-30"),
        ("30 December 2025", "2025-12-30"),
        ("30. Dezember 2025", "2025-12-30"),
        ("30 de diciembre de 2025", "2025-12-30"),
        ("30 décembre 2025", "2025-12-30"),
        ("2025年12月30日 08:15", "2025-12-30"),
        ("2025/12/30", "2025-12-30"),
        ("2025.12.30", "2025-12-30"),
        ("20251230", "2025-12-30"),
        ("30.12.2025", "2025-12-30"),
        ("30/12/2025", "2025-12-30"),
        ("12/30/2025", "2025-12-30"),
        ("1767082500", "2025-12-30T08:15:00+00:00"),
        ("1767082500000", "2025-12-30T08:15:00+00:00"),
    ],
)
def test_dates_become_iso(text: str, day: str) -> None:
    """A time is kept only with its offset: without one it names no moment."""
    assert iso_date(text) == day


@pytest.mark.parametrize(
    "text", ["", "yesterday", "5/6/2025", "2025", "2025-13-40", "1970-01-01", "0001-01-01", "99999999999", "2027-01-01"]
)
def test_no_date_is_made_up(text: str) -> None:
    """Ambiguous, impossible, template and future dates are none."""
    assert iso_date(text, not_after=NOW) == ""


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://a.example/2025/12/30/story", "2025-12-30"),
        ("https://a.example/2025/12/9/story", "2025-12-09"),
        ("https://a.example/posts/2025-12-30-mistral.html", "2025-12-30"),
        ("https://a.example/news/20251230/c1", "2025-12-30"),
        ("https://a.example/2025/12/story", ""),
        ("https://a.example/item/20251399", ""),
        ("https://a.example/?d=/2025/12/30/", ""),
    ],
)
def test_a_day_in_the_address_is_read(url: str, day: str) -> None:
    """Only a whole one, and only in the path."""
    assert url_date(url, not_after=NOW) == day


def test_a_stamp_over_an_article_is_read() -> None:
    """As Chinese news sites write it, before the text."""
    assert stamped_date("首頁 > 財經 2025年12月30日08:15 來源：某報", not_after=NOW) == "2025-12-30"
    assert stamped_date("Published on December 30, 2025 by Ann", not_after=NOW) == "2025-12-30"
    assert stamped_date("In 2024-01-02 nothing happened.", not_after=NOW) == ""


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="0123456789-/:.TZ+ 年月日JanDec,", max_size=40))
def test_any_text_gives_a_date_or_none(text: str) -> None:
    """What comes out is always a day of the calendar within bounds."""
    found = iso_date(text, not_after=NOW)

    assert found == "" or "1990-01-01" <= found[:10] <= "2026-01-07"


# ── evidence ─────────────────────────────────────────────────────────────────────────────────────────────────────────

JSON_LD = """<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [
  {"@type": "WebSite", "name": "Example"},
  {"@type": "NewsArticle", "headline": "Mistral &amp; friends", "datePublished": "2025-12-29T10:00:00+01:00",
   "author": [{"@type": "Person", "name": "Ann Lee"}, {"@type": "Person", "name": "Bo Wu"}],
   "publisher": {"@type": "Organization", "name": "Example News"}}]}</script>"""
META = '<meta property="article:published_time" content="2025-12-28T09:00:00Z">'
MARKUP = '<article><header><time datetime="2025-12-27">27 Dec</time></header></article>'


@pytest.mark.parametrize(
    ("html", "published", "evidence"),
    [
        (JSON_LD + META + MARKUP, "2025-12-29T10:00:00+01:00", DateEvidence.JSON_LD),
        (META + MARKUP, "2025-12-28T09:00:00+00:00", DateEvidence.META),
        (MARKUP, "2025-12-27", DateEvidence.MARKUP),
        ("<p>No date here.</p>", "", DateEvidence.NONE),
    ],
)
def test_the_date_tells_how_it_was_found(html: str, published: str, evidence: DateEvidence) -> None:
    """JSON-LD goes before meta tags, these before markup."""
    dated = metadata(html).dated

    assert (dated.published, dated.by) == (published, evidence)


def test_a_date_in_the_words_is_marked_as_a_guess() -> None:
    """It may be the date of anything."""
    html = "<html><body><p>Posted on December 20, 2025</p><p>Text.</p></body></html>"

    dated = guess_published(read_head(html), html, not_after=NOW)

    assert (dated.published, dated.by) == ("2025-12-20", DateEvidence.TEXT)


def test_a_date_to_come_is_passed_over_for_the_next() -> None:
    """A wrong clock in one place does not hide the right date in another."""
    html = '<meta name="date" content="2031-01-01"><meta name="pubdate" content="2025-12-24">'

    assert metadata(html).dated.published == "2025-12-24"


# ── title, byline, site, address ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title>The story | Example News</title><h1>Example News</h1><h1>The story</h1>", "The story"),
        (
            "<title>What is Ownership? - The Book</title><h1>The Book</h1><h1>What is Ownership?</h1>",
            "What is Ownership?",
        ),
        ("<title>The story - Example</title>", "The story"),
        ('<title>x</title><meta property="og:title" content="The story – Example">', "The story"),
        ("<title>台積電擴產_某某新聞網</title>", "台積電擴產"),
        ("<title>A guide to C++ - part 2 of the series | Site</title>", "A guide to C++ - part 2 of the series"),
        (JSON_LD, "Mistral & friends"),
        ("<h1>Only a heading</h1>", "Only a heading"),
        ("<p>nothing</p>", ""),
    ],
)
def test_the_title_is_the_heading_that_the_page_title_repeats(html: str, title: str) -> None:
    """Else JSON-LD, a meta tag, the `<title>` without the site's name, a heading."""
    assert metadata(html).title == title


def test_the_site_name_is_cut_from_the_title_where_it_is_known() -> None:
    """On either side of the separator."""
    site = '<meta property="og:site_name" content="Example News of the North">'

    assert metadata(f"<title>Story - Example News of the North</title>{site}").title == "Story"
    assert metadata(f"<title>Example News of the North | Story - part 2</title>{site}").title == "Story - part 2"


@pytest.mark.parametrize(
    ("html", "byline"),
    [
        (JSON_LD, "Ann Lee, Bo Wu"),
        ('<meta name="author" content="By Ann Lee">', "Ann Lee"),
        ('<p class="byline">By Ann Lee | December 30, 2025</p>', "Ann Lee"),
        ('<a rel="author" href="/ann">Ann Lee</a>', "Ann Lee"),
        ("<p>2025年12月30日 作者：王小明 來源：某報</p>", "王小明"),
        ("<p>記者王小明／台北報導</p>", "王小明"),
        ('<meta name="author" content="admin">', ""),
        ('<meta property="article:author" content="https://social.example/ann">', ""),
        ('<meta name="author" content="Example"><meta property="og:site_name" content="Example">', ""),
    ],
)
def test_the_byline_is_a_name_and_nothing_else(html: str, byline: str) -> None:
    """Duties, dates, addresses and the site's own name are no authors."""
    assert metadata(html).byline == byline


def test_bylines_shed_what_stands_around_them() -> None:
    """`Written by`, reading times, empty names."""
    assert clean_byline("Written by Ann Lee • 5 min read") == "Ann Lee"
    assert clean_byline("by") == ""
    assert written_byline("沒有作者的文章") == ""


@pytest.mark.parametrize(
    ("canonical", "url"),
    [
        ("https://www.news.example/story", "https://www.news.example/story"),
        ("/story", "https://news.example/story"),
        ("https://other.example/story", URL),
        ("https://news.example/", URL),
        ("javascript:alert(1)", URL),
        ("http://[", URL),
        ("", URL),
    ],
)
def test_the_canonical_address_counts_on_the_same_site_only(canonical: str, url: str) -> None:
    """A page cannot pass its text off as another site's; a link to the front page is a mistake."""
    assert metadata(f'<link rel="canonical" href="{canonical}">').url == url


def test_a_page_saved_by_hand_is_the_one_that_it_says_it_is() -> None:
    """A file has no site of its own; a link to the front page is a mistake all the same."""
    page = '<link rel="canonical" href="{}"><h1>A story</h1>'

    assert metadata(page.format("https://news.example/story"), "file:///saved.html").url == "https://news.example/story"
    assert metadata(page.format("https://news.example/"), "file:///saved.html").url == "file:///saved.html"
    assert metadata(page.format("/story"), "file:///saved.html").url == "file:///saved.html"


def test_the_headlines_of_a_list_are_no_title_of_the_page() -> None:
    """A blog's front page states the headlines of its posts."""
    posts = ",".join(f'{{"@type": "BlogPosting", "headline": "Post {number}"}}' for number in (1, 2))
    page = f'<title>All posts - Notes</title><script type="application/ld+json">[{posts}]</script><h2>Post 1</h2>'

    assert metadata(page).title == "All posts"


def test_the_site_is_named_by_the_page_or_its_host() -> None:
    """The first piece of a name full of slogans."""
    assert metadata('<meta property="og:site_name" content="Example | News and more">').site == "Example"
    assert metadata(JSON_LD).site == "Example News"
    assert metadata("<p>x</p>", "https://www.news.example/a").site == "news.example"


@pytest.mark.parametrize(
    "script", ["{", '{"@graph": ' * 5_000, "<!-- {} -->", "null", '[[["x"]]]', '{"@type": 5, "author": [null, 1, {}]}']
)
def test_broken_json_ld_is_passed_over(script: str) -> None:
    """Half of it is written by hand."""
    html = f'<script type="application/ld+json">{script}</script><title>The story</title>'

    assert metadata(html).title == "The story"


# ── kind ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("types", "url", "kind"),
    [
        ((), "https://news.example/story", DocumentKind.NEWS),
        (("newsarticle",), "https://news.example/story", DocumentKind.NEWS),
        (("collectionpage", "newsarticle"), "https://news.example/story", DocumentKind.NEWS),
        (("collectionpage",), "https://news.example/section", DocumentKind.INDEX),
        (("mobileapplication",), "https://store.example/x", DocumentKind.APP),
        ((), "https://play.google.com/store/apps/details?id=x", DocumentKind.APP),
        ((), "https://www.reddit.com/r/LocalLLaMA/new/", DocumentKind.FORUM),
        (("discussionforumposting",), "https://a.example/b", DocumentKind.FORUM),
        ((), "https://x.com/a/status/1", DocumentKind.SOCIAL),
        ((), "https://netflix.com/a", DocumentKind.NEWS),
        ((), "https://zh.wikipedia.org/wiki/X", DocumentKind.REFERENCE),
        ((), "https://docs.example/models", DocumentKind.DOCS),
        ((), "https://example.com/docs/models", DocumentKind.DOCS),
        ((), "https://arxiv.org/abs/2401.04088", DocumentKind.PAPER),
        ((), "https://example.com/tags/mistral", DocumentKind.INDEX),
        ((), "https://example.com/blog/", DocumentKind.INDEX),
        ((), "http://[", DocumentKind.NEWS),
    ],
)
def test_the_kind_follows_from_types_and_address(types: tuple[str, ...], url: str, kind: DocumentKind) -> None:
    """The address of a known kind of site goes first, then what the page states, else news."""
    assert kind_of_page(types, url) is kind


# ── real pages ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"there is no corpus at {CORPUS}")
def test_titles_of_real_pages_agree_with_hand_made_answers() -> None:
    """A floor below the measured share (scripts/eval_metadata.py: 0.70 of all kinds, LLM-made answers)."""
    items = json.loads((CORPUS / "mixed" / "manifest.json").read_text("utf-8"))
    right = 0
    for item in items:
        body = gzip.decompress((CORPUS / "mixed" / "html" / f"{item['id']}.html.gz").read_bytes())
        title = read_metadata(read_head(body.decode("utf-8", "replace")), url=item.get("url", "")).title
        right += "".join(filter(str.isalnum, title.lower())) == "".join(filter(str.isalnum, item["title"].lower()))

    assert right / len(items) >= 0.67
