"""The digest of a topic from the ten kinds of source that people name for one, as their sites answer programs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import internet
import pytest
import ten_sources
from conftest import IN_TESTS, Command
from ten_sources import APP, BLOG, BLOG_POSTS, COMPARISON, DOCUMENTATION, FACEBOOK, FUNDING, PAPER, POST, SUBREDDIT, TEN

RUN = ("--topic", "mistral", "--lang", "en", "--date", "2025-12-30", "--interval", "0", "--no-pictures", "--json")


def manifest_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "2025-12-30-mistral.json").read_text(encoding="utf-8"))
    return found


def told_by(manifest: dict[str, Any]) -> dict[str, Any]:
    """What does not depend on when and how it was run."""
    return {key: value for key, value in manifest.items() if key not in ("run", "history", "settings")}


@pytest.mark.slow  # arXiv's three seconds between two requests are kept
def test_each_of_the_ten_is_cited_or_not_read_for_its_true_reason(command: Command, home: Path) -> None:
    """And once they are fetched, the same digest comes without a network."""
    with internet.internet(ten_sources.routes()) as web:
        program = replace(IN_TESTS, new_guard=lambda _: web.guard())
        online = command("run", *TEN, *RUN, "--out", home / "online", program=program)
        asked = web.asked_addresses()
        offline = command("run", *TEN, *RUN, "--offline", "--out", home / "offline", program=program)
        asked_offline = web.asked_addresses()[len(asked) :]
    manifest = manifest_of(home / "online")
    sources = {source["locator"]: source for source in manifest["sources"]}
    documents = {document["id"]: document for document in manifest["documents"]}

    # every source that was named is accounted for, the index of the blog by its posts
    assert online.code == 0, online.err
    assert set(sources) == {*TEN, *BLOG_POSTS} - {BLOG}
    assert {locator: source["fate"] for locator, source in sources.items()} == {
        locator: "not-read" if locator == FACEBOOK else "cited" for locator in sources
    }
    assert {sources[post]["via"] for post in BLOG_POSTS} == {f"feed {BLOG}"}

    # the one that shows programs nothing says so, with what helps
    blocked = sources[FACEBOOK]
    assert (blocked["reason"], blocked["status"]) == ("http-error", 400)
    assert "save the page in a browser" in blocked["detail"]
    assert online.json["not_read"] == [{"source": FACEBOOK, "reason": "http-error", "detail": blocked["detail"]}]

    # which interface answered, and what kind of page it is
    assert {locator: source["asked"] for locator, source in sources.items() if source["asked"]} == {
        APP: "google_play/page",
        SUBREDDIT: "reddit/list",
        POST: "x/oembed",
        DOCUMENTATION: "gitbook/markdown",
        COMPARISON: "forem/api",
        PAPER: "arxiv/api + arxiv/html",
    }
    read = {locator: documents[source["document"]] for locator, source in sources.items() if source["document"]}
    kinds = {APP: "app", SUBREDDIT: "forum", POST: "social", FUNDING: "news", DOCUMENTATION: "docs", PAPER: "paper"}
    assert {locator: read[locator]["kind"] for locator in kinds} == kinds
    assert (read[PAPER]["byline"], read[PAPER]["published"][:10]) == ("Ada Example, Bo Sample", "2025-12-18")

    # neither what surrounds the texts nor what speaks to machines is in it
    post = (home / "online" / "2025-12-30-mistral.md").read_text(encoding="utf-8")
    assert [word for word in ("privacy", "Most read", "GET request", "C. Cited", "submitted by") if word in post] == []
    assert not any("instructions-to-ai" in warning for document in read.values() for warning in document["warnings"])

    # no page was asked for twice, and none in more ways than were needed
    assert len(asked) == len(set(asked)) == len(sources) + 3, "and the blog's index, its feed, arXiv's interface"

    assert offline.code == 0, offline.err
    assert asked_offline == []
    assert told_by(manifest_of(home / "offline"))["digest"] == manifest["digest"]


def test_the_reading_page_says_which_interface_was_read(command: Command, home: Path) -> None:
    with internet.internet(ten_sources.routes()) as web:
        program = replace(IN_TESTS, new_guard=lambda _: web.guard())
        ran = command("run", COMPARISON, FUNDING, *RUN, program=program)
        tested = command("sources", "test", COMPARISON, FUNDING, program=program)
        rows = command("sources", "test", COMPARISON, FUNDING, "--json", program=program).rows
    page = (home / "output" / "2025-12-30-mistral.html").read_text(encoding="utf-8")

    assert ran.code == 0, ran.err
    assert page.count("read by way of forem/api") == 1
    assert page.count("read by way of") == 1
    lines = {line.split("\t")[1]: line for line in tested.out.splitlines() if line.startswith("ok\t")}
    assert lines[COMPARISON].endswith("\tasked forem/api")
    assert "asked" not in lines[FUNDING]
    assert {row["source"]: row["asked"] for row in rows if "asked" in row} == {COMPARISON: "forem/api", FUNDING: ""}
