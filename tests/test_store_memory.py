"""What digests told, and how sources do, is kept as safely as everything else: none of it can be made again."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from localdigest.health import Observation, SourceHealth, Yield
from localdigest.history import PastDigest, PastDocument, PastStory
from localdigest.records import Failure, Reason, Source
from localdigest.store import Store

NOW = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)


def a_past(date: str, slug: str = "mistral") -> PastDigest:
    return PastDigest(
        slug, slug, slug.upper(), date, (PastStory("A headline", ("It says so.",)),),
        (PastDocument(("https://one.example/a",), "0123456789abcdef fedcba9876543210"),),
        "0123456789abcdef", ("Mistral", "天氣"), 12,
    )  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite3"


def test_digests_come_back_by_topic_and_before_a_date_oldest_first(path: Path) -> None:
    pasts = [a_past("2026-01-05"), a_past("2025-12-30"), a_past("2026-01-01", "chips"), a_past("2026-01-02", "晶片")]
    with Store(path) as store:
        for past in pasts:
            store.remember(past, {})

    with Store(path) as store:
        assert [past.date for past in store.past_digests()] == ["2025-12-30", "2026-01-01", "2026-01-02", "2026-01-05"]
        assert store.past_digests("mistral") == (pasts[1], pasts[0])
        assert store.past_digests("mistral", before="2026-01-05") == (pasts[1],)
        assert store.past_digests("晶片") == (pasts[3],)
        assert store.past_digests("mis") == ()


def test_a_second_digest_of_a_date_takes_the_place_of_the_first(path: Path) -> None:
    with Store(path) as store:
        store.remember(a_past("2026-01-05"), {})
        store.remember(replace(a_past("2026-01-05"), sources=3), {})

        assert [past.sources for past in store.past_digests("mistral")] == [3]


def test_what_is_forgotten_is_gone_and_the_rest_is_not(path: Path) -> None:
    with Store(path) as store:
        for date in ("2026-01-04", "2026-01-05"):
            store.remember(a_past(date), {})
        store.forget([a_past("2026-01-04")])

        assert store.past_digests() == (a_past("2026-01-05"),)


def test_a_damaged_row_is_told_and_left_out(path: Path) -> None:
    with Store(path) as store:
        for date in ("2026-01-04", "2026-01-05"):
            store.remember(a_past(date), {})
        store.observe([Observation("https://one.example/feed", "topic file", "2026-01-05T08:00:00+00:00")], now=NOW)
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE past_digests SET value = replace(value, 'says', 'said') WHERE key LIKE '%-04'")
        db.execute("UPDATE sources SET value = replace(value, '2026', '2027')")
        db.commit()

    told: list[str] = []
    with Store(path, tell=told.append) as store:
        assert store.past_digests("mistral") == (a_past("2026-01-05"),)
        assert store.sources() == ()

    assert told == ["What the digest mistral/2026-01-04 told is damaged and not known any more: it may be told again."]


def test_a_damaged_store_gives_its_memory_to_the_next(path: Path) -> None:
    """The rescue copies every table."""
    health = Observation("https://one.example/feed", "topic file", "2026-01-05T08:00:00+00:00")
    with Store(path) as store:
        for day in range(1, 29):
            store.remember(a_past(f"2026-01-{day:02}"), {})
        store.observe([health], now=NOW)
    with closing(sqlite3.connect(path)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'completions'").fetchone()
    whole = path.read_bytes()
    path.write_bytes(whole[: (root - 1) * 4096] + b"\xaa" * 4096 + whole[root * 4096 :])

    told: list[str] = []
    with Store(path, tell=told.append) as store:
        assert len(store.past_digests("mistral")) == 28
        assert [each.locator for each in store.sources()] == ["https://one.example/feed"]

    assert "what 28 digests told went into a new one" in told[0]


def test_what_a_source_did_is_added_up_over_runs(path: Path) -> None:
    feed, page = "https://one.example/feed", "https://two.example/a"
    gone = Failure(Source(page), Reason.NOT_FOUND, "404", status=404)
    with Store(path) as store:
        store.observe([Observation(feed, "topic file", "2026-01-05T08:00:00+00:00", newest_entry="2026-01-04"),
                       Observation(page, "topic file", failure=gone)], now=NOW)  # fmt: skip
        store.observe([Observation(page, "topic file", failure=gone)], now=NOW + dt.timedelta(days=1))
        store.remember(None, {feed: Yield("mistral", "2026-01-05", 3, 7)})
        store.remember(None, {feed: Yield("mistral", "2026-01-05", 3, 8)})

        assert store.past_digests() == ()
        assert store.sources() == (
            SourceHealth(
                feed, "topic file", last_success="2026-01-05T08:00:00+00:00", newest_entry="2026-01-04",
                yields=(Yield("mistral", "2026-01-05", 3, 8),),
            ),
            SourceHealth(
                page, "topic file", last_failure="2026-01-06T08:00:00+00:00", reason="not-found", detail="404",
                failures_in_a_row=2,
            ),
        )  # fmt: skip


def test_counts_tell_what_is_remembered_and_clear_forgets_it(path: Path) -> None:
    with Store(path) as store:
        store.remember(a_past("2026-01-05"), {"a": Yield("mistral", "2026-01-05", 1, 1)})
        before = store.stats()
        store.clear()
        after = store.stats()

    assert (before.past_digests, before.sources) == (1, 1)
    assert (after.past_digests, after.sources) == (0, 0)
