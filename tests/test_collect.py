from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from readers import READER
from servers import Route, redirect, serve

from localdigest.net.client import open_client
from localdigest.records import Failure, Page, PageOrigin, Reason, Source
from localdigest.sourcing.selection import select
from localdigest.stages.collect import Collected, collect
from localdigest.stages.fetch import FetchPolicy, fetch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

POLICY = FetchPolicy(
    allow_hosts=frozenset({"127.0.0.1"}), per_host_interval_s=0.0, retries=0, respect_robots=False, max_bytes=100_000
)
EXAMPLES = Path(__file__).parent.parent / "examples"


@dataclass
class Fetching:
    """The real fetch stage over a cache of its own; remembers what it was asked for."""

    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def page(self, locator: str) -> Page | None:
        return self.pages.get(locator)

    def put_page(self, page: Page) -> None:
        self.pages[page.source.locator] = page

    def __call__(self, sources: Iterable[Source]) -> Iterator[Page | Failure]:
        sources = list(sources)
        self.asked += [source.locator for source in sources]
        with open_client(POLICY) as client:
            yield from fetch(sources, client=client, cache=self, policy=POLICY, robots=READER.robots)


def collected(
    *locators: str | Path,
    since: datetime | None = None,
    limit: int | None = None,
    per_source: int | None = None,
) -> Collected:
    requests = [Source(str(locator)) for locator in locators]
    return collect(
        requests, fetch=Fetching(), read_list=READER.listing, since=since, limit=limit, per_source=per_source
    )


def rss(*entries: tuple[str, str], home: str = "") -> str:
    """A feed of (link, date) pairs."""
    items = "".join(
        f"<item><title>T {link}</title><link>{link}</link>{f'<pubDate>{when}</pubDate>' if when else ''}"
        f"<description>about {link}</description></item>"
        for link, when in entries
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title><link>{home}</link>{items}</channel></rss>'
    )


def opml(*outlines: str) -> str:
    return f"<opml version='2.0'><body>{''.join(outlines)}</body></opml>"


def feed_route(*entries: tuple[str, str]) -> Route:
    return Route(rss(*entries), content_type="application/rss+xml")


def locators(sources: Iterable[Source]) -> list[str]:
    return [source.locator for source in sources]


def reasons(failures: Iterable[Failure]) -> dict[str, Reason]:
    return {failure.source.locator: failure.reason for failure in failures}


# ── pages and feeds on the network ───────────────────────────────────────────────────────────────────────────────────


def test_an_address_that_is_a_page_is_not_fetched_twice() -> None:
    """Only asking tells a page from a feed: the page that came is handed on."""
    with serve({"/a": Route("<p>page")}) as site:
        result = collected(site.url("/a"))

    assert (result.sources, result.failures) == ((), ())
    assert [(page.url, page.body) for page in result.pages] == [(site.url("/a"), b"<p>page")]


def test_the_entries_of_a_feed_become_sources() -> None:
    """With what the feed says of them; relative links are relative to where the feed really is."""
    with serve(
        {"/feed": redirect("/blog/feed"), "/blog/feed": feed_route(("one", "Wed, 24 Dec 2025 08:00:00 +0800"))}
    ) as site:
        feed = site.url("/feed")
        (source,) = collected(feed).sources

    assert source == Source(
        locator=site.url("/blog/one"),
        via=f"feed {feed}",
        title="T one",
        published="2025-12-24T08:00:00+08:00",
        feed_html="about one",
    )


def test_a_feed_that_cannot_be_read() -> None:
    """A dead, a broken and an empty feed are failures with their reasons; the rest goes on."""
    routes = {
        "/broken": Route(
            '{"version": "https://jsonfeed.org/version/1.1", "items": 1}', content_type="application/json"
        ),
        "/empty": feed_route(),
        "/good": feed_route(("https://e.example/1", "")),
    }
    with serve(routes) as site:
        result = collected(*map(site.url, ["/dead", *routes]))

    assert locators(result.sources) == ["https://e.example/1"]
    assert reasons(result.failures) == {
        site.url("/dead"): Reason.NOT_FOUND,
        site.url("/broken"): Reason.UNREADABLE,
        site.url("/empty"): Reason.EMPTY,
    }


def test_a_feed_that_breaks_off_is_read_and_told_of() -> None:
    text = rss(("https://e.example/1", ""), ("https://e.example/2", ""))
    with serve({"/feed": Route(text[:-60], content_type="text/xml")}) as site:
        result = collected(site.url("/feed"))

    assert "https://e.example/1" in locators(result.sources)
    assert "breaks off" in result.warnings[0]


@pytest.mark.parametrize(
    "link", ["file:///etc/passwd", "C:\\secret.txt", "data:text/html,x", "javascript:x", "mailto:a@b"]
)
def test_a_feed_from_the_network_names_no_file(link: str) -> None:
    """Whatever the spelling, it is refused before anything could read it."""
    with serve({"/feed": feed_route((link, ""))}) as site:
        result = collected(site.url("/feed"))

    assert result.sources == ()
    assert [failure.reason for failure in result.failures] == [Reason.BAD_URL]


def test_an_entry_without_address_is_told_of() -> None:
    with serve({"/feed": feed_route(("", ""))}) as site:
        (failure,) = collected(site.url("/feed")).failures

    assert (failure.reason, failure.source.title) == (Reason.BAD_URL, "T")


# ── the same page twice ──────────────────────────────────────────────────────────────────────────────────────────────


def test_one_page_under_several_names_is_one_source() -> None:
    """Where it was first named, with the hints of all."""
    entries = feed_route(
        ("https://www.e.example/story?utm_source=feed", "Wed, 24 Dec 2025 08:00:00 GMT"),
        ("https://e.example/story/", ""),
    )
    with serve({"/a": entries, "/b": feed_route(("http://e.example/story#top", ""))}) as site:
        result = collected(site.url("/a"), site.url("/b"), site.url("/a"))

    (source,) = result.sources
    assert source.locator == "https://www.e.example/story?utm_source=feed"
    assert result.failures == ()


def test_hints_of_a_feed_reach_a_page_that_was_named_by_itself() -> None:
    with serve({"/a": Route("<p>page")}) as site:
        site.routes["/feed"] = feed_route((site.url("/a"), "Wed, 24 Dec 2025 08:00:00 GMT"))
        (page,) = collected(site.url("/a"), site.url("/feed")).pages

    assert (page.source.via, page.source.title) == ("command line", f"T {site.url('/a')}")
    assert page.source.published == "2025-12-24T08:00:00+00:00"


# ── window, limit, caps ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_window() -> None:
    """Older entries are failures, undated ones are kept."""
    entries = (("https://e.example/old", "Mon, 01 Dec 2025 08:00:00 GMT"), ("https://e.example/undated", ""))
    new = ("https://e.example/new", "Wed, 24 Dec 2025 08:00:00 GMT")
    with serve({"/feed": feed_route(*entries, new)}) as site:
        result = collected(site.url("/feed"), since=datetime(2025, 12, 20, tzinfo=UTC))

    assert locators(result.sources) == ["https://e.example/new", "https://e.example/undated"]
    assert reasons(result.failures) == {"https://e.example/old": Reason.OUT_OF_WINDOW}


def test_an_entry_that_is_dated_ahead_is_not_the_newest_for_ever(tmp_path: Path) -> None:
    """The clock of its site is wrong, or it wants to stand first; the date does not count, and that is told."""
    feed = tmp_path / "feed.xml"
    ahead, today = "Fri, 01 Jan 2038 00:00:00 GMT", "Wed, 31 Dec 2025 23:30:00 -1200"
    feed.write_text(rss(("https://a.example/ahead", ahead), ("https://a.example/now", today)), encoding="utf-8")
    os.utime(feed, (datetime(2025, 12, 31, tzinfo=UTC).timestamp(),) * 2)

    found = collected(feed, limit=1)

    assert [(source.locator, source.published[:10]) for source in found.sources] == [
        ("https://a.example/now", "2025-12-31")
    ]
    assert found.warnings == (f"{feed}: dates to come do not count; 1 of its entries have one",)


def test_the_limit_is_shared_out() -> None:
    """A busy feed gives no more than its turn, the newest first, and what is left out is told."""
    busy = [(f"https://busy.example/{day}", f"{day} Dec 2025 08:00:00 GMT") for day in range(10, 20)]
    calm = [("https://calm.example/1", "01 Dec 2025 08:00:00 GMT")]
    with serve({"/busy": feed_route(*busy), "/calm": feed_route(*calm)}) as site:
        result = collected(site.url("/busy"), site.url("/calm"), limit=4)

    assert locators(result.sources) == [
        *(f"https://busy.example/{day}" for day in (19, 18, 17)),
        "https://calm.example/1",
    ]
    assert [failure.reason for failure in result.failures] == [Reason.OVER_LIMIT] * 7


def test_the_cap_of_each_source() -> None:
    with serve({"/a": feed_route(*((f"https://a.example/{n}", "") for n in range(5)))}) as site:
        result = collected(site.url("/a"), per_source=2)

    assert locators(result.sources) == ["https://a.example/0", "https://a.example/1"]
    assert {failure.reason for failure in result.failures} == {Reason.OVER_LIMIT}


_DATES = st.sampled_from(["", "2025-12-01", "2025-12-24T08:00:00+08:00", "2025-12-24", "soon", "2025-12-30T00:00:00"])
_SOURCES = st.builds(
    Source,
    st.integers(0, 12).map(lambda n: f"https://e{n % 3}.example/{n}"),
    published=_DATES,
    title=st.text(max_size=2),
)


@given(
    st.lists(st.lists(_SOURCES, max_size=5).map(tuple), max_size=5),
    st.none() | st.just(datetime(2025, 12, 24, tzinfo=UTC)),
    st.none() | st.integers(0, 6),
    st.none() | st.integers(1, 3),
)
@settings(deadline=None, max_examples=200)
def test_selection_loses_nothing(
    groups: list[tuple[Source, ...]], since: datetime | None, limit: int | None, per_source: int | None
) -> None:
    """Every page named is taken or told of, once; the limit is kept, and used up where there is enough."""
    chosen = select(groups, since=since, limit=limit, per_source=per_source)
    named = {source.locator for group in groups for source in group}
    left_out = [failure for failure in chosen.failures if "in all" in failure.detail]

    assert sorted(locators(chosen.sources) + locators(failure.source for failure in chosen.failures)) == sorted(named)
    assert limit is None or len(chosen.sources) <= limit
    assert not left_out or len(chosen.sources) == limit


# ── local lists ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_local_feed_names_files_beside_it(tmp_path: Path) -> None:
    """Relative paths, with percent signs and queries as in an address; a missing one is still a source."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "my page.html").write_text("<p>x")
    feed = tmp_path / "feed.xml"
    feed.write_text(
        rss(("pages/my%20page.html?utm_source=feed#top", ""), ("pages/gone.html", ""), ("https://e.example/1", ""))
    )
    result = collected(feed)

    assert locators(result.sources) == [
        str(tmp_path / "pages" / "my page.html"),
        str(tmp_path / "pages" / "gone.html"),
        "https://e.example/1",
    ]
    assert {source.via for source in result.sources} == {f"feed {feed}"}


@pytest.mark.parametrize(
    "link", ["../secret.txt", "/etc/passwd", "pages/../../secret.txt", "link/secret.txt", "file:///etc/passwd"]
)
def test_a_local_list_reaches_no_further_than_its_folder(link: str, tmp_path: Path) -> None:
    """It may have come from anybody, and what it names would be published."""
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path)
    (folder / "feed.xml").write_text(rss((link, "")))
    (folder / "list.opml").write_text(opml(f"<outline xmlUrl='{link}'/>"))
    result = collected(folder / "feed.xml", folder / "list.opml")

    assert result.sources == ()
    assert [failure.reason for failure in result.failures] == [Reason.BAD_URL] * 2


def test_a_saved_feed_names_pages_of_its_site(tmp_path: Path) -> None:
    """Links that are no files beside it are relative to the site that it names."""
    feed = tmp_path / "saved.rss"
    feed.write_text(rss(("/posts/1", ""), home="https://e.example/blog/"))

    assert locators(collected(feed).sources) == ["https://e.example/posts/1"]


def test_an_outline_names_feeds_pages_and_outlines(tmp_path: Path) -> None:
    """Nested, local and remote, in its order; one that names itself ends; outlines without address are told of."""
    (tmp_path / "page.html").write_text("<p>x")
    (tmp_path / "inner.opml").write_text(opml("<outline xmlUrl='outer.opml'/><outline url='page.html' text='P'/>"))
    with serve({"/feed": feed_route(("https://e.example/1", "")), "/page": Route("<p>page")}) as site:
        (tmp_path / "outer.opml").write_text(
            opml(
                f"<outline text='Folder'><outline xmlUrl='{site.url('/feed')}'/></outline>",
                f"<outline url='{site.url('/page')}' text='Hint'/>",
                "<outline xmlUrl='inner.opml'/><outline text='Nothing'/>",
            )
        )
        result = collected(tmp_path / "outer.opml")

    assert locators(result.sources) == ["https://e.example/1", str(tmp_path / "page.html")]
    assert [(page.url, page.source.title) for page in result.pages] == [(site.url("/page"), "Hint")]
    assert result.sources[1].via == f"outline {tmp_path / 'inner.opml'}"
    assert "'Nothing'" in result.warnings[0]
    assert result.failures == ()


def test_outlines_that_nest_without_end() -> None:
    """An outline that always names another is given up."""
    routes = {f"/{n}": Route(opml(f"<outline xmlUrl='/{n + 1}'/>"), content_type="text/x-opml") for n in range(9)}
    with serve(routes) as site:
        (failure,) = collected(site.url("/0")).failures

    assert failure.reason is Reason.OVER_LIMIT


def test_a_hostile_outline_is_a_failure(tmp_path: Path) -> None:
    bad = tmp_path / "bad.opml"
    bad.write_text("<!DOCTYPE opml [<!ENTITY a 'b'>]><opml><body/></opml>")
    hollow = tmp_path / "hollow.opml"
    hollow.write_text(opml())

    assert reasons(collected(bad, hollow).failures) == {str(bad): Reason.UNREADABLE, str(hollow): Reason.EMPTY}


def test_the_examples_of_the_repository() -> None:
    """The outline and its feed name each page once, with the hints of both."""
    result = collected(EXAMPLES / "sources.opml")
    names = [Path(source.locator).name for source in result.sources]
    shared = next(source for source in result.sources if source.locator.endswith("comparison-zh.html"))

    assert len(names) == len(set(names)) == 12
    assert shared.title
    assert shared.published.startswith("2025-12-27")
    assert (result.pages, result.failures, result.warnings) == ((), (), ())


# ── files and folders ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_folder_gives_its_documents(tmp_path: Path) -> None:
    """Below it too, in the order of the names; every other file is told of."""
    names = [
        "b.html",
        "a.PDF",
        "c/d.md",
        "c/e.txt",
        "f.eml",
        ".hidden.md",
        "g.jpg",
        "h.xml",
        "i",
        ".git/config",
        "b_files/ad.html",
    ]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path)
    result = collected(tmp_path)

    def below(sources: Iterable[Source]) -> list[str]:
        return [str(Path(source.locator).relative_to(tmp_path)) for source in sources]

    assert below(result.sources) == ["a.PDF", "b.html", "c/d.md", "c/e.txt", "f.eml"]
    assert below(failure.source for failure in result.failures) == [
        ".git", ".hidden.md", "b_files", "g.jpg", "h.xml", "i", "loop",
    ]  # fmt: skip
    assert {failure.reason for failure in result.failures} == {Reason.UNSUPPORTED}


def test_a_folder_of_a_stranger_reaches_no_further_than_itself(tmp_path: Path) -> None:
    """Links lead to files of the user, notes may be pipes and devices, names may be no text: all is told."""
    (tmp_path / "secret.md").write_text("secret")
    (tmp_path / "secret.toml").write_text("token = 'secret'")
    folder = tmp_path / "folder"
    (folder / "in").mkdir(parents=True)
    for name in ("a.md", "b.md", "c.md", "d.md"):
        (folder / name).write_text("x")
    os.mkfifo(folder / "b.md.toml")
    (folder / "c.md.toml").symlink_to("/dev/zero")
    (folder / "d.md.toml").symlink_to(tmp_path / "secret.toml")
    os.mkfifo(folder / "pipe.md")
    (folder / "out.md").symlink_to(tmp_path / "secret.md")
    (folder / "zero.md").symlink_to("/dev/zero")
    (folder / "in" / "fine.md").symlink_to(folder / "a.md")
    (folder / "in" / "deep.md").symlink_to("../../secret.md")
    for name in (b"latin\xff.md", b"two\nlines.md", b"red\x1b[31m.md"):
        (folder / os.fsdecode(name)).write_text("x")

    result = collected(folder)

    told = {Path(failure.source.locator).name: failure.detail for failure in result.failures}
    assert {Path(source.locator).name for source in result.sources} == {"a.md", "pipe.md"}  # reading tells of the pipe
    assert set(told) == {
        "b.md", "c.md", "d.md", "out.md", "zero.md", "deep.md",
        "latin\ufffd.md", "two\ufffdlines.md", "red\ufffd[31m.md",
    }  # fmt: skip
    assert "token" not in "".join(told.values())
    assert told["out.md"] == "a link out of the folder; name the file itself to have it read"


@pytest.mark.parametrize("link", ["https://e.example/a\n/etc/passwd", "a\nb.txt", "https://e.example/\u009b31m"])
def test_an_address_in_a_list_is_one_line(link: str, tmp_path: Path) -> None:
    """`collect` prints a name a line, and `fetch -` reads them back."""
    entry = {"url": link, "title": "x"}
    (tmp_path / "a\nb.txt").write_text("x")
    (tmp_path / "feed.json").write_text(
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": [entry]})
    )
    result = collected(tmp_path / "feed.json")

    assert result.sources == ()
    assert [failure.reason for failure in result.failures] == [Reason.BAD_URL]


def test_a_list_leads_to_so_many_pages_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each could cost half a minute. What it leads to by other lists counts, and what else is named loses nothing."""
    monkeypatch.setattr("localdigest.stages.collect.MOST_OF_A_LIST", 20)
    many = [(f"https://e.example/{number}", "") for number in range(15)]
    for name in ("one", "two"):
        (tmp_path / f"{name}.xml").write_text(rss(*((f"{link}/{name}", when) for link, when in many)))
    (tmp_path / "all.opml").write_text(opml("<outline xmlUrl='one.xml'/>", "<outline xmlUrl='two.xml'/>"))
    (tmp_path / "fine.xml").write_text(rss(*many))
    result = collected(tmp_path / "all.opml", tmp_path / "fine.xml")

    assert len(result.sources) == 18 + 15  # the feeds count too
    assert [(Path(each.source.locator).name, each.reason, each.detail) for each in result.failures] == [
        ("two.xml", Reason.OVER_LIMIT, "it leads to 12 more than the 20 that one list may")
    ]


def test_an_empty_folder_is_told_of(tmp_path: Path) -> None:
    assert reasons(collected(tmp_path).failures) == {str(tmp_path): Reason.EMPTY}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)

    assert reasons(collected(tmp_path).failures)[str(closed)] is Reason.FORBIDDEN


def test_a_file_of_unknown_kind_is_looked_into(tmp_path: Path) -> None:
    """A feed by content, else a page that is handed on; a document, even a missing one, is left to be read later."""
    (tmp_path / "feed").write_text(rss(("https://e.example/1", "")))
    (tmp_path / "note").write_text("some text")
    result = collected(tmp_path / "feed", tmp_path / "note", tmp_path / "gone.html", tmp_path / "gone")

    assert locators(result.sources) == ["https://e.example/1", str(tmp_path / "gone.html")]
    assert [(page.body, page.origin) for page in result.pages] == [(b"some text", PageOrigin.FILE)]
    assert reasons(result.failures) == {str(tmp_path / "gone"): Reason.NOT_FOUND}


def test_one_file_under_two_names_is_one_source(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x")
    result = collected(tmp_path / "a.md", tmp_path / "." / "x" / ".." / "a.md", tmp_path)

    assert locators(result.sources) == [str(tmp_path / "a.md")]


def test_documents_are_not_read_while_collecting(tmp_path: Path) -> None:
    """Their names say enough."""
    (tmp_path / "a.html").write_text("x")
    fetching = Fetching()
    collect([Source(str(tmp_path / "a.html")), Source(str(tmp_path))], fetch=fetching, read_list=READER.listing)

    assert fetching.asked == []


@pytest.mark.parametrize("locator", ["nul\0.html", "nul\0", "x" * 5000, "", "ftp://e.example/feed"])
def test_impossible_names_are_failures_or_left_to_fetch(locator: str) -> None:
    """Nothing raises."""
    result = collected(locator)

    assert len(result.sources) + len(result.failures) == 1
