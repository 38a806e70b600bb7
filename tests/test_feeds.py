from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.parsing.feeds import Entry, Feed, FeedError, is_feed, parse_feed

DATA = Path(__file__).parent / "data" / "feeds"

RSS = Feed(
    title="Tin Whistle & Co",
    home="https://whistle.example/",
    entries=(
        Entry(
            title="A small model & a big one",
            link="/posts/small?utm_source=rss",
            published="2025-12-25T07:30:00+08:00",
            byline="Ann Lee",
            html="<p>The whole text, much longer than the short one.</p>",
        ),
        Entry("List<String> explained", "https://whistle.example/posts/list", "", "Bo Chen", ""),
        Entry("Yesterday", "https://whistle.example/posts/yesterday", "", "", ""),
        Entry("Impossible day", "https://whistle.example/posts/31", "", "", ""),
        Entry("No page", "", "", "", "It has a text, and no address."),
    ),
)
ATOM = Feed(
    title="蘆葦筆記",
    home="https://reed.example/",
    entries=(
        Entry(
            title="八個專家",
            link="https://reed.example/blog/experts.html",
            published="2025-12-24T06:00:00+08:00",
            byline="周書涵",
            html="<p>每一步只用其中兩個。</p>",
        ),
        Entry("Only an update", "https://reed.example/only", "2025-12-20T10:00:00+00:00", "", "1 < 2"),
    ),
)
RDF = Feed(
    title="Old",
    home="https://old.example/",
    entries=(Entry("First", "https://old.example/1", "2025-12-01T09:00:00+01:00", "", ""),),
)
JSON = Feed(
    title="Heron & Sons",
    home="https://heron.example/",
    entries=(
        Entry("One", "https://heron.example/1", "2025-12-24T08:00:00+08:00", "Ann, Bo", "<p>Text</p>"),
        Entry("", "https://other.example/2", "", "Heron", "<p>a &lt; b</p><p>second</p>"),
        Entry("", "", "2025-12-20T00:00:00+00:00", "Cy", "<p>3</p>"),
    ),
)


@pytest.mark.parametrize(
    ("name", "feed"), [("rss.xml", RSS), ("atom.xml", ATOM), ("rdf.xml", RDF), ("feed.json", JSON)]
)
def test_a_feed_of_each_kind(name: str, feed: Feed) -> None:
    """Titles become text, dates keep their author's offset; a date that is broken or needs today's clock is empty."""
    body = (DATA / name).read_bytes()

    assert is_feed(body)
    assert parse_feed(body) == feed


def rss(items: str = "", *, head: str = '<?xml version="1.0"?>') -> str:
    return f"{head}<rss version='2.0'><channel><title>t</title>{items}</channel></rss>"


def item(title: str, link: str = "https://e.example/1") -> str:
    return f"<item><title>{title}</title><link>{link}</link></item>"


@pytest.mark.parametrize(
    ("encoding", "declared", "charset"),
    [
        ("utf-8", "utf-8", ""),
        ("utf-8", "gb2312", "big5"),  # a wrong declaration; the bytes are UTF-8 beyond doubt
        ("gb18030", "gb2312", ""),
        ("gb18030", "GBK", "utf-8"),
        ("big5", "Big5", ""),
        ("big5", "", "big5"),
        ("utf-16", "utf-16", ""),
        ("utf-8-sig", "utf-8", ""),
    ],
)
def test_the_charset_of_a_feed(encoding: str, declared: str, charset: str) -> None:
    """BOM, valid UTF-8, the declaration and the HTTP header are believed in this order."""
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else '<?xml version="1.0"?>'
    body = rss(item("開源模型"), head=head).encode(encoding)

    assert is_feed(body)
    assert parse_feed(body, charset=charset).entries[0].title == "開源模型"


def test_a_character_beyond_the_declared_set() -> None:
    """Pages that declare gb2312 use gb18030."""
    body = rss(item("镕"), head='<?xml version="1.0" encoding="gb2312"?>').encode("gb18030")

    assert parse_feed(body).entries[0].title == "镕"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<!doctype html><html><body><p>a page</p></body></html>",
        b"<html><body><rss></rss></body></html>",
        b"<?xml version='1.0'?><opml><body/></opml>",
        b"just text",
        b"{",
        b'{"version": "1", "items": []}',
        b"[1, 2]",
        bytes(range(256)),
        b"\x89PNG\r\n\x1a\n",
    ],
)
def test_what_is_no_feed_does_not_call_itself_one(body: bytes) -> None:
    assert not is_feed(body)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html></html>", b"{", b'{"items": 3}', b'{"a": ' * 100_000, b"<rss", b"<rss>" * 3, b"\xff\xfe\x00"],
)
def test_an_unreadable_feed_is_one_clear_error(body: bytes) -> None:
    with pytest.raises(FeedError, match=r"\w+"):
        parse_feed(body)


def test_a_feed_that_breaks_off() -> None:
    """The whole entries before the cut are read, and the cut is told."""
    whole = rss("".join(item(f"n{number}", f"https://e.example/{number}") for number in range(10)))
    feed = parse_feed(whole[: len(whole) * 2 // 3].encode())

    assert feed.is_cut
    assert 4 <= len(feed.entries) <= 8
    assert not parse_feed(whole.encode()).is_cut
    assert not parse_feed((whole + "<!-- cached by somebody, at some time -->").encode()).is_cut


def test_entities_are_not_expanded() -> None:
    """A billion laughs cost nothing, and no local file is read."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}<!ENTITY f SYSTEM "{DATA.as_uri()}/rss.xml">]>'
    )
    feed = parse_feed(rss(item("&l9;&f;"), head=bomb).encode())

    assert len(feed.entries[0].title) < 100
    assert "Whistle" not in feed.entries[0].title


def test_a_feed_of_five_megabytes() -> None:
    """Is read whole."""
    entries = "".join(item(f"n{number}", f"https://e.example/{number}") + "<!-- -->" for number in range(10_000))
    body = rss(entries + f"<item><title>long</title><description>{'word ' * 900_000}</description></item>").encode()
    feed = parse_feed(body)

    assert len(body) > 5_000_000
    assert (len(feed.entries), len(feed.entries[-1].html)) == (10_001, len("word " * 900_000) - 1)


_SEEDS = [path.read_bytes() for path in sorted(DATA.iterdir())]


@given(st.sampled_from(_SEEDS), st.integers(0, 2000), st.integers(0, 30), st.binary(max_size=12))
@settings(deadline=None, max_examples=150)
def test_damage_gives_a_feed_or_the_one_error(body: bytes, at: int, gone: int, put: bytes) -> None:
    """Whatever bytes are lost or added, nothing else comes out."""
    try:
        feed = parse_feed(body[:at] + put + body[at + gone :])
    except FeedError:
        return

    assert all(isinstance(entry, Entry) for entry in feed.entries)


@pytest.mark.parametrize(
    "date", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "Fri, 31 Dec 9999 23:59:59 -1400"]
)
def test_a_date_at_the_end_of_time_costs_no_other(date: str) -> None:
    """It is no date: in another zone it would be in a year that there is not."""
    items = f"<item><title>a</title><pubDate>{date}</pubDate></item>" + item("b", "https://e.example/b")
    feed = parse_feed(rss(items).encode())

    assert [entry.title for entry in feed.entries] == ["a", "b"]
    assert feed.entries[0].published == ""


_KEYS = st.sampled_from(["url", "title", "authors", "name", "date_published", "content_html"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(_JSON)
@settings(deadline=None, max_examples=100)
def test_any_json_item_is_survived(value: object) -> None:
    """Items may hold anything where text is expected."""
    parse_feed(json.dumps({"version": "https://jsonfeed.org/version/1", "items": [value, {"authors": value}]}).encode())
