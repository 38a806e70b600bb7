"""How the sources do that somebody named: in the store, on the command line, in the exit code."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from email.utils import format_datetime
from pathlib import Path

import pytest
from conftest import Command
from documents import HARBOUR, ORCHARD, RIVALS, a_document, a_page
from servers import Route, Site, serve

from localdigest.health import FeedRead, Observation, SourceHealth, named_source, observed, silence_of, updated
from localdigest.records import Document, Failure, PageOrigin, Reason, Source

NOW = dt.datetime(2026, 1, 10, 12, tzinfo=dt.UTC)
STAMP = "2026-01-10T12:00:00+00:00"
FEED = Source("https://one.example/feed", via="topic file")
GONE = Failure(Source("https://gone.example/", via="topic file"), Reason.NOT_FOUND, "404", status=404)


def entry(name: str, of: str = FEED.locator) -> Source:
    return Source(f"https://one.example/{name}", via=f"feed {of}")


def read_of(source: Source) -> Document:
    return replace(a_document(HARBOUR, url=source.locator), sources=(source,))


# ── what a run finds out ──


@pytest.mark.parametrize(
    ("locator", "via", "name"),
    [
        ("https://one.example/a", "feed https://one.example/feed", "https://one.example/feed"),
        ("pages/a.html", "folder pages", "pages"),
        ("https://one.example/a", "topic file", "https://one.example/a"),
        ("https://one.example/feed", "outline feeds.opml", "https://one.example/feed"),
        ("https://one.example/a", "discovery dev, reddit", "discovery dev"),
    ],
)
def test_an_entry_stands_for_what_somebody_named(locator: str, via: str, name: str) -> None:
    assert named_source(locator, via) == name


def test_a_feed_that_was_read_did_well_whatever_became_of_its_entries() -> None:
    feed = FeedRead(a_page("", FEED), ("2026-01-08T09:00:00+00:00", "2026-01-09"))
    results = [replace(GONE, source=entry("a")), Failure(entry("b"), Reason.OVER_LIMIT)]

    assert observed(results, (), [feed], now=NOW) == (
        Observation(FEED.locator, "topic file", STAMP, newest_entry="2026-01-09"),
    )


def test_a_page_that_gave_text_did_well_and_one_that_did_not_failed() -> None:
    page = Source("https://two.example/a", via="topic file")

    assert observed([read_of(page), GONE], [a_page("", page)], (), now=NOW) == (
        Observation(page.locator, "topic file", STAMP),
        Observation(GONE.source.locator, "topic file", failure=GONE),
    )


def test_what_is_left_out_on_purpose_has_not_failed() -> None:
    old = Failure(Source("https://two.example/a", via="topic file"), Reason.OUT_OF_WINDOW)

    assert observed([old], (), (), now=NOW) == (Observation(old.source.locator, "topic file", STAMP),)


def test_a_folder_fails_only_as_a_whole() -> None:
    inside = [Source(f"pages/{name}", via="folder pages") for name in "ab"]
    damaged = [Failure(source, Reason.UNREADABLE, "damaged") for source in inside]

    assert observed([damaged[0], read_of(inside[1])], (), (), now=NOW)[0].failure is None
    assert observed(damaged, (), (), now=NOW) == (Observation("pages", "", failure=damaged[0]),)


def test_offline_a_copy_tells_of_the_day_it_came_and_a_missing_one_of_nothing() -> None:
    page = Source("https://two.example/a", via="topic file")
    stored = replace(a_page("", page, origin=PageOrigin.STORE), fetched_at="2026-01-05T09:00:00+01:00")
    missing = Failure(Source("https://three.example/", via="topic file"), Reason.OFFLINE)

    assert observed([read_of(page), missing], [stored], (), now=NOW) == (
        Observation(page.locator, "topic file", "2026-01-05T08:00:00+00:00"),
    )


def test_failures_in_a_row_end_with_a_success_that_is_newer() -> None:
    failing = Observation(GONE.source.locator, "topic file", failure=GONE)
    health = SourceHealth(GONE.source.locator)
    for hours in range(3):
        health = updated(health, failing, now=NOW + dt.timedelta(hours=hours))

    later = NOW + dt.timedelta(hours=20)
    old = updated(health, Observation(health.locator, "topic file", "2026-01-05T08:00:00+00:00"), now=later)
    new = updated(health, Observation(health.locator, "topic file", "2026-01-11T08:00:00+00:00"), now=later)

    assert (health.failures_in_a_row, health.last_failure) == (3, "2026-01-10T14:00:00+00:00")
    assert (old.failures_in_a_row, old.last_success) == (3, "2026-01-05T08:00:00+00:00")
    assert (new.failures_in_a_row, new.last_success) == (0, "2026-01-11T08:00:00+00:00")
    assert (new.reason, new.detail) == ("not-found", "404"), "what the last one was"


def test_what_a_wrong_clock_noted_does_not_stand_for_years() -> None:
    """A run whose clock was ahead fails and succeeds in a time to come; with the right clock both are over."""
    ahead = dt.datetime(2040, 1, 1, tzinfo=dt.UTC)
    failing = Observation(GONE.source.locator, "topic file", failure=GONE)
    good = Observation(failing.locator, "topic file", "2040-01-01T00:00:00+00:00", newest_entry="2040-01-01")
    failed = updated(SourceHealth(failing.locator), failing, now=ahead)
    wrong = updated(updated(failed, good, now=ahead), failing, now=ahead)

    right = updated(wrong, Observation(failing.locator, "topic file", STAMP, newest_entry="2026-01-09"), now=NOW)
    copy = updated(wrong, replace(good, newest_entry=""), now=NOW)

    assert (right.failures_in_a_row, right.last_success, right.newest_entry) == (0, STAMP, "2026-01-09")
    assert (copy.failures_in_a_row, copy.last_success) == (1, ""), "a copy that says to be of 2040 says nothing"


# ── silence ──


def silence(*dates: str, day: str, origin: PageOrigin = PageOrigin.NETWORK, fetched_at: str = STAMP) -> str:
    page = replace(a_page("", FEED, origin=origin), fetched_at=fetched_at)
    return silence_of(FeedRead(page, dates), day=dt.date.fromisoformat(day))


DAILY = tuple(f"2026-01-{day:02}T06:00:00+00:00" for day in range(1, 11))
MONTHLY = ("2025-10-01", "2025-11-01", "2025-12-01")


@pytest.mark.parametrize(
    ("dates", "day", "is_silent"),
    [
        (DAILY, "2026-01-24", False),
        (DAILY, "2026-01-25", True),
        (MONTHLY, "2026-03-30", False),
        (MONTHLY, "2026-04-10", True),
        (DAILY, "2025-12-01", False),
        (("2020-01-01",), "2026-01-25", False),
        (("2020-01-01", "2020-01-01T08:00:00+00:00"), "2026-01-25", False),
        ((), "2026-01-25", False),
    ],
)
def test_a_feed_is_silent_by_its_own_rhythm(dates: tuple[str, ...], day: str, is_silent: bool) -> None:  # noqa: FBT001 - of the table
    assert bool(silence(*dates, day=day)) is is_silent


def test_silence_is_told_with_the_day_and_the_rhythm() -> None:
    assert silence(*MONTHLY, day="2026-06-01") == (
        "https://one.example/feed: the feed has no new entry since 2025-12-01; before, about one came every 30 days"
    )


def test_a_stored_copy_cannot_be_silent_for_days_after_it_came() -> None:
    assert silence(*DAILY, day="2026-06-01", origin=PageOrigin.STORE) == ""
    assert silence(*DAILY, day="2026-06-01", origin=PageOrigin.STORE, fetched_at="2026-05-01T00:00:00+00:00")


# ── on the command line ──

ARTICLES = {"/harbour": HARBOUR, "/orchard": ORCHARD, "/rivals": RIVALS}
DAY = "2026-01-10"


def html(text: str) -> str:
    title = text.split(".", maxsplit=1)[0][:60]
    paragraphs = "".join(f"<p>{line}</p>" for line in text.splitlines())
    return f"<html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>{paragraphs}</article>"


def rss(*entries: tuple[str, str]) -> Route:
    items = "".join(
        f"<item><title>{path}</title><link>{path}</link>"
        f"<pubDate>{format_datetime(dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC))}</pubDate></item>"
        for path, day in entries
    )
    return Route(f"<rss version='2.0'><channel>{items}</channel></rss>", content_type="application/rss+xml")


@pytest.fixture
def site() -> Iterator[Site]:
    routes = {path: Route(html(text)) for path, text in ARTICLES.items()}
    routes |= {
        "/feed": rss(("/harbour", "2026-01-09"), ("/orchard", "2026-01-08"), ("/rivals", "2025-01-01")),
        "/quiet": rss(("/rivals", "2025-06-03"), ("/orchard", "2025-06-02"), ("/harbour", "2025-06-01")),
        "/robots.txt": Route("", content_type="text/plain"),
    }
    with serve(routes) as site:
        yield site


def flags(site: Site) -> tuple[str, ...]:
    return ("--allow-host", site.host, "--interval", "0", "--date", DAY)


def test_the_health_of_sources_is_listed_without_a_network(command: Command, site: Site) -> None:
    feed, gone, never = site.url("/feed"), site.url("/gone"), site.url("/never")
    for _ in range(2):
        assert command("run", feed, gone, *flags(site), "--since", "30d", "--topic", "t").code == 0
    asked = len(site.log)

    rows = command("sources", "list", feed, gone, never, "--health", "--json").rows
    lines = command("sources", "list", feed, gone, never, "--health").out.splitlines()

    assert len(site.log) == asked
    assert [row["source"] for row in rows] == [feed, gone, never]
    well, failing, unknown = (row["health"] for row in rows)
    assert (well["failures_in_a_row"], well["newest_entry"]) == (0, "2026-01-09")
    assert well["last_success"]
    (given,) = well["yields"]
    assert (given["slug"], given["date"], given["documents"]) == ("t", DAY, 2)
    assert given["cited"] > 0
    assert (failing["failures_in_a_row"], failing["reason"], failing["last_success"]) == (2, "not-found", "")
    assert unknown is None
    assert lines[0].split("\t")[1] == "well"
    assert "newest entry 2026-01-09" in lines[0]
    assert f"gave {DAY}: 2 texts" in lines[0]
    assert "failed 2 times in a row\tlast success never" in lines[1]
    assert "not-found" in lines[1]
    assert lines[2].endswith("no run has looked at it")


def test_sources_test_probes_all_and_shows_how_each_did(
    command: Command, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCALDIGEST_INTERVAL", "0")
    feed, gone = site.url("/feed"), site.url("/gone")
    probed = ("sources", "test", feed, gone, "--allow-host", site.host)

    ran = command(*probed)
    rows = command(*probed, "--json").rows

    assert ran.code == 3
    assert f"source\t{feed}\twell" in ran.out
    assert f"source\t{gone}\tfailed 1 time in a row" in ran.out
    found = {row["source"]: row["health"] for row in rows if "health" in row}
    assert found[gone]["failures_in_a_row"] == 2
    assert set(found) == {feed, gone}


def test_the_feeds_of_an_outline_are_listed_after_it(command: Command, home: Path, site: Site) -> None:
    feed = site.url("/feed")
    (home / "feeds.opml").write_text(
        f'<opml version="2.0"><body><outline text="One" type="rss" xmlUrl="{feed}"/></body></opml>'
    )
    assert command("run", "feeds.opml", *flags(site)).code == 0

    lines = command("sources", "list", "feeds.opml", "--health").out.splitlines()

    assert [line.split("\t")[:2] for line in lines] == [["feeds.opml", "names 1 source"], [feed, "well"]]


def test_a_run_that_gives_no_digest_is_remembered_as_well(command: Command, site: Site) -> None:
    gone = site.url("/gone")

    assert command("run", gone, *flags(site)).code == 4
    assert command("fetch", gone, *flags(site)).code == 4

    (row,) = command("sources", "list", gone, "--health", "--json").rows
    assert row["health"]["failures_in_a_row"] == 2


def test_a_silent_feed_is_named_in_the_manifest_and_at_the_end_of_the_run(
    command: Command, home: Path, site: Site
) -> None:
    ran = command("run", site.url("/quiet"), *flags(site))
    (warning,) = json.loads((home / "output" / f"{DAY}-digest.json").read_text())["warnings"]
    page = (home / "output" / f"{DAY}-digest.html").read_text()

    assert warning.startswith(f"{site.url('/quiet')}: the feed has no new entry since 2025-06-03;")
    assert f"Note: {warning}" in ran.err
    assert "no new entry since 2025-06-03" in page


def test_what_was_not_read_is_named_with_its_reason_in_post_and_page(command: Command, home: Path, site: Site) -> None:
    command("run", site.url("/feed"), site.url("/gone"), *flags(site), "--lang", "en")

    post, page = ((home / "output" / f"{DAY}-digest{ending}").read_text() for ending in (".md", ".html"))
    assert "**Sources that could not be read**" in post
    assert "/gone: page not found (404)" in post
    assert "page not found (404)" in page


def test_one_rich_feed_does_not_make_up_for_many_sources_that_fail(command: Command, site: Site) -> None:
    """Of the pages most were read, of the sources that were named most were not."""
    gone = [site.url(f"/gone{number}") for number in range(2)]

    most = command("run", site.url("/feed"), *gone, *flags(site), "--json")
    half = command("run", site.url("/feed"), gone[0], *flags(site), "--json")
    allowed = command("run", site.url("/feed"), *gone, *flags(site), "--min-coverage", "0.3", "--json")

    assert most.json["counts"]["coverage"] == 0.6
    assert (most.code, half.code, allowed.code) == (3, 0, 0)


def test_most_pages_that_fail_are_told_by_the_exit_code(command: Command, site: Site) -> None:
    gone = [site.url(f"/gone{number}") for number in range(3)]

    assert command("run", site.url("/harbour"), site.url("/orchard"), *gone, *flags(site)).code == 3
    assert command("run", *gone, *flags(site)).code == 4
