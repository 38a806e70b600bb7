"""Discovery from the command line: services and pages answer under their real addresses, from a server of our own."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import discovery_answers as answers
import pytest
from conftest import IN_TESTS, Command, Ran
from internet import Internet, Route, internet
from servers import Answers, serve

from localdigest.net.guard import Guard

HN, ARXIV, HF = "hn.algolia.com", "export.arxiv.org", "huggingface.co"
DEV, REDDIT, GDELT, GOOGLE = "dev.to", "www.reddit.com", "api.gdeltproject.org", "news.google.com"
WEEK = ("--date", "2025-12-29", "--since", "2025-12-22", "--lang", "en")
PAPER = ("2512.01234", "Small models at home, with Mistral", "We run Mistral 7B on a laptop of 2016 and measure it.")


def article(name: str) -> Route:
    """A page of news that can be read."""
    return Route(
        f"""<!doctype html><html lang="en"><head><title>Mistral and the harbour of {name}</title>
<meta name="date" content="2025-12-28"></head><body><article><h1>Mistral and the harbour of {name}</h1>
<p>The harbour of {name} plans its berths with a model by Mistral since Monday, after four years of work on it.</p>
<p>The model of {name} says for each ship of up to 340 metres where it should lie, and how long it will stay.</p>
<p>In {name} the port authority expects 120 more calls a year, and says that two cranes will follow in autumn.</p>
<p>Work on it cost {name} some 410 million kronor, a third more than planned, which county and state will pay.</p>
</article></body></html>"""
    )


class Web(Internet):
    """Answers by host and path, whatever the parameters are: other tests look at those."""

    def name_of(self, request: Any) -> str:
        return super().name_of(request).partition("?")[0]


ALL: Mapping[str, Answers] = {
    f"{HN}/api/v1/search_by_date": answers.hacker_news(
        answers.story("Mistral plans a harbour", "https://one.example/a"),
        answers.story("Mistral at sea", "https://two.example/b", points=3),
        answers.story("A quay opens", "https://three.example/c"),
    ),
    f"{ARXIV}/api/query": answers.arxiv(PAPER),
    f"{HF}/api/daily_papers": answers.hugging_face(PAPER, ("2512.09999", "Boats", "Nothing of it.")),
    f"{DEV}/api/articles": answers.dev(("mistral-1", "Mistral on an old laptop")),
    f"{REDDIT}/search.rss": answers.reddit(("1abc", "Mistral & me", "It answers in nine seconds.")),
    f"{GDELT}/api/v2/doc/doc": answers.gdelt(("https://four.example/d", "Mistral opens an office")),
    f"{GOOGLE}/rss/search": answers.google_news(("Mistral plans a harbour", "Port Post", "https://port.example")),
    "one.example/a": article("Onehaven"),
    "two.example/b": article("Twohaven"),
    "four.example/d": article("Fourhaven"),
}
Online = Callable[..., Ran]


@pytest.fixture(autouse=True)
def without_pauses(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for those that a site's own rules ask for."""
    assert home.is_dir()
    monkeypatch.setenv("LOCALDIGEST_INTERVAL", "0")


@contextmanager
def online(command: Command, routes: Mapping[str, Answers]) -> Iterator[tuple[Online, Web]]:
    """`localdigest` on a machine for which these routes are the web."""
    with serve(routes, kind=Web) as web:
        assert isinstance(web, Web)

        def guard(_: object) -> Guard:
            return web.guard()

        program = replace(IN_TESTS, new_guard=guard)
        yield lambda *arguments: command(*arguments, *WEEK, program=program), web


def manifest(home: Path) -> Any:
    return json.loads((home / "output" / "2025-12-29-mistral.json").read_text(encoding="utf-8"))


def hosts(web: Web) -> set[str]:
    return {name.partition("/")[0] for name in web.asked_addresses()}


# ── a digest of what was found ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_a_topic_is_enough_for_a_digest(command: Command, home: Path) -> None:
    """What is taken, from whom, what was asked of whom: all of it stands in the manifest, the post and the page."""
    with online(command, ALL) as (run, web):
        ran = run("run", "--topic", "Mistral", "--discover", "all")

    made = manifest(home)
    assert ran.code in (0, 3), ran.err
    assert "Discovery: asking Hacker News, arXiv, Hugging Face, DEV, Reddit for 'Mistral'" in ran.err
    read = {source["locator"]: source["via"] for source in made["sources"] if source["fate"] in ("cited", "read")}
    assert read["https://one.example/a"] == "discovery hacker-news"
    assert read["https://arxiv.org/abs/2512.01234"] == "discovery arxiv, hugging-face"
    left_out = {source["title"]: source["reason"] for source in made["sources"] if source["fate"] == "left-out"}
    assert left_out == {"A quay opens": "off-topic", "Boats": "off-topic"}
    asked = {each["service"]: (each["words"], each["found"], each["taken"]) for each in made["discovery"]}
    assert asked == {
        "hacker-news": ("Mistral", 3, 2),
        "arxiv": ("Mistral", 1, 1),
        "hugging-face": ("", 2, 1),
        "dev": ("mistral", 1, 1),
        "reddit": ("Mistral", 1, 1),
    }
    assert not {GDELT, GOOGLE} & hosts(web)
    page = (home / "output" / "2025-12-29-mistral.html").read_text(encoding="utf-8")
    post = (home / "output" / "2025-12-29-mistral.md").read_text(encoding="utf-8")
    assert "found by Hacker News" in page
    assert "found by arXiv, Hugging Face" in page
    assert "asked for “Mistral”" in page
    assert "was sent nothing of the topic" in page
    assert "Found by discovery and not taken: 2." in post
    assert "2 found by discovery and not taken" in ran.err


def test_nobody_is_asked_unless_the_user_says_so(command: Command, home: Path) -> None:
    with online(command, ALL) as (run, web):
        run("run", "https://one.example/a", "--topic", "Mistral")

    assert hosts(web) == {"one.example"}
    assert manifest(home)["discovery"] == []


def test_what_the_user_named_comes_first_and_discovery_fills_up(command: Command, home: Path) -> None:
    """Up to the limit of all, and nobody is asked where there is no room."""
    with online(command, ALL) as (run, web):
        run("run", "https://one.example/a", "--topic", "Mistral", "--discover", "hacker-news", "--limit", "2")
        made = manifest(home)
        asked_before = len(web.log)
        run("run", "https://one.example/a", "--topic", "Mistral", "--discover", "hacker-news", "--limit", "1")

    ways = {source["locator"]: source["via"] for source in made["sources"] if source["fate"] in ("cited", "read")}
    assert ways == {"https://one.example/a": "command line", "https://two.example/b": "discovery hacker-news"}
    assert not any(HN in web.name_of(request) for request in web.log[asked_before:])
    (note,) = manifest(home)["warnings"]
    assert "nobody was asked, since the sources that were named reach the limit" in note


def test_the_limit_of_discovery_holds_and_is_told(command: Command, home: Path) -> None:
    with online(command, ALL) as (run, _):
        run("run", "--topic", "Mistral", "--discover", "hacker-news,gdelt", "--discover-limit", "1")

    over = [source for source in manifest(home)["sources"] if source["reason"] == "over-limit"]
    assert len(over) == 2
    assert all("beyond 1 found by discovery" in source["detail"] for source in over)


def test_a_topic_file_switches_services(command: Command, home: Path) -> None:
    (home / "topic.toml").write_text('topic = "Mistral"\ndiscover = ["gdelt"]\nsources = []\n')
    with online(command, ALL) as (run, web):
        run("run", "topic.toml")
        by_file = hosts(web)
        web.log.clear()
        run("run", "topic.toml", "https://one.example/a", "--discover", "none")

    assert by_file == {GDELT, "four.example"}
    assert hosts(web) == {"one.example"}


# ── services that fail ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Route("slow down", status=429), "rate-limited"),
        (Route("slow down", status=429, headers={"Retry-After": "3600"}), "rate-limited"),
        (Route("down", status=503), "server-error"),
        (Route("<!doctype html><html><body><h1>Sign in</h1></body></html>"), "unreadable"),
        (Route("", content_type="application/json"), "empty"),
        (Route(status=302, headers={"Location": "https://hn.algolia.com/api/v1/search_by_date"}), "redirects"),
    ],
)
def test_a_service_that_fails_is_told_and_stops_nobody(
    command: Command, home: Path, answer: Route, reason: str
) -> None:
    routes = {**ALL, f"{HN}/api/v1/search_by_date": answer}
    with online(command, routes) as (run, _):
        ran = run("run", "--topic", "Mistral", "--discover", "hacker-news,gdelt")

    made = manifest(home)
    (failed,) = [source for source in made["sources"] if source["fate"] == "not-read"]
    assert (failed["via"], failed["reason"], failed["title"]) == ("discovery hacker-news", reason, "Hacker News")
    assert any(f"Hacker News gave nothing: {reason}" in warning for warning in made["warnings"])
    assert re.search(rf"Not read: https://hn\.algolia\.com/\S+: {reason}", ran.err)
    assert {each["service"]: each["reason"] for each in made["discovery"]} == {"hacker-news": reason, "gdelt": ""}
    assert made["counts"]["read"] == 1


def test_all_services_fail(command: Command, home: Path) -> None:
    with online(command, {}) as (run, _):
        ran = run("run", "--topic", "Mistral", "--discover", "all")

    assert ran.code == 4
    assert "No source gave any text" in ran.err
    assert not list(home.glob("output/*"))


def test_headlines_alone_make_no_digest(command: Command) -> None:
    """A title is too little to cite. Where it stands Google does not tell, and its site's front page does no more."""
    with online(command, {**ALL, "port.example/": article("Porthaven")}) as (run, web):
        ran = run("run", "--topic", "Mistral", "--discover", "google-news")

    assert ran.code == 4
    assert "the service keeps the article's address; the headline is one of https://port.example" in ran.err
    assert "name the page or its site's feed as a source" in ran.err
    assert hosts(web) == {GOOGLE, "port.example"}


def test_a_headline_is_read_where_its_own_site_says_that_it_stands(command: Command, home: Path) -> None:
    front = """<html><head><title>Port Post</title><link rel="alternate" type="application/rss+xml" href="/feed"></head>
<body><main><h1>Port Post</h1><ul><li><a href="/a">News</a></li></ul></main></body></html>"""
    items = "".join(
        f"<item><title>{title}</title><link>https://port.example{path}</link></item>"
        for title, path in (("Mistral plans a harbour", "/planned"), ("Tides", "/tides"))
    )
    routes = {
        **ALL,
        "port.example/": Route(front),
        "port.example/feed": Route(f"<rss version='2.0'><channel>{items}</channel></rss>", content_type="text/xml"),
        "port.example/planned": article("Porthaven"),
    }
    with online(command, routes) as (run, web):
        ran = run("run", "--topic", "Mistral", "--discover", "google-news")

    made = manifest(home)
    assert ran.code == 0, ran.err
    assert [(source["locator"], source["via"]) for source in made["sources"]] == [
        ("https://port.example/planned", "discovery google-news")
    ]
    assert "1 of 1 headlines without an address stand on the front pages" in " ".join(made["warnings"])
    assert "port.example/tides" not in web.asked_addresses()


def test_a_topic_without_words_for_a_service(command: Command, home: Path) -> None:
    """It is not asked, and the manifest says so."""
    with online(command, {**ALL, f"{GDELT}/api/v2/doc/doc": answers.gdelt(("https://four.example/d", "量子電腦"))}) as (
        run,
        web,
    ):
        run("run", "--topic", "量子電腦", "--slug", "mistral", "--discover", "hacker-news,arxiv,dev,gdelt")

    made = manifest(home)
    assert hosts(web) == {GDELT, "four.example"}
    assert [each["address"] == "" for each in made["discovery"]] == [True, True, True, False]
    assert any("DEV was not asked: it takes a tag in Latin letters" in warning for warning in made["warnings"])


def test_discovery_without_a_topic_is_refused(command: Command) -> None:
    ran = command("run", "--discover", "all")

    assert ran.code == 2
    assert "There is no topic to find pages on" in ran.err
    assert "--topic" in ran.err


def test_a_setting_without_a_topic_is_left_out_where_sources_are_named(
    command: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCALDIGEST_DISCOVER", "all")
    with online(command, ALL) as (run, web):
        ran = run("run", "https://one.example/a", "--slug", "mistral")

    assert (ran.code, hosts(web)) == (0, {"one.example"})
    assert "discovery: nobody was asked, since there is no topic" in manifest(home)["warnings"]


def test_the_hint_names_discovery_where_no_source_is_named(command: Command) -> None:
    assert "--topic mistral --discover all" in command("run").err


# ── offline ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_offline_the_answers_of_the_last_time_are_taken(command: Command, home: Path) -> None:
    with online(command, ALL) as (run, web):
        fetched = run("fetch", "--topic", "Mistral", "--discover", "hacker-news,google-news")
        asked = len(web.log)
        summarized = run("summarize", "--topic", "Mistral", "--discover", "hacker-news,google-news")

        assert (fetched.code, summarized.code) == (0, 0), fetched.err + summarized.err
        assert len(web.log) == asked
    made = manifest(home)
    assert {each["service"]: each["found"] for each in made["discovery"]} == {"hacker-news": 3, "google-news": 1}
    assert made["run"]["hosts"] == []


def test_offline_without_a_stored_answer_says_what_to_do(command: Command) -> None:
    ran = command("run", "--topic", "Mistral", "--discover", "all", "--offline")

    assert ran.code == 4
    assert "offline" in ran.err
    assert "localdigest fetch" in ran.err


def test_the_same_answers_make_the_same_manifest(command: Command, home: Path) -> None:
    with online(command, ALL) as (run, _):
        run("run", "--topic", "Mistral", "--discover", "hacker-news,dev,gdelt", "--no-history")
        first = manifest(home)
        run("run", "--topic", "Mistral", "--discover", "hacker-news,dev,gdelt", "--no-history")

    assert {**manifest(home), "run": None} == {**first, "run": None}


def test_a_dry_run_asks_nobody(command: Command, home: Path) -> None:
    with online(command, ALL) as (run, web):
        ran = run("run", "--topic", "Mistral", "--discover", "hacker-news", "--dry-run")

    assert web.log == []
    assert ran.out.startswith("network\thttps://hn.algolia.com/")
    assert list(home.rglob("*.sqlite3")) == []


# ── `sources discover` ───────────────────────────────────────────────────────────────────────────────────────────────


def test_what_would_be_taken_is_listed_with_its_reasons(command: Command, home: Path) -> None:
    """The pages themselves are not asked."""
    with online(command, ALL) as (run, web):
        ran = run("sources", "discover", "--topic", "Mistral")

    rows = [line.split("\t") for line in ran.out.splitlines()]
    assert ran.code == 0
    assert {row[3] for row in rows} == {
        "https://one.example/a",
        "https://two.example/b",
        "https://arxiv.org/abs/2512.01234",
        "https://dev.to/ada/mistral-1",
        "https://www.reddit.com/r/LocalModels/comments/1abc/x/",
    }
    first = rows[0]
    assert (float(first[0]) > 1, first[1], first[2], first[3]) == (
        True,
        "2025-12-28",
        "hacker-news",
        "https://one.example/a",
    )
    assert "topic 1.00" in first[5]
    assert "which runs the search ('Mistral'); 3 found, 2 taken" in ran.err
    assert "Hugging Face: sent nothing of the topic: " in ran.err
    assert "Not taken: 2 off-topic" in ran.err
    assert hosts(web) == {HN, ARXIV, HF, DEV, REDDIT}
    assert not list(home.glob("output/*"))


def test_headlines_are_listed_with_their_sites(command: Command) -> None:
    with online(command, ALL) as (run, _):
        ran = run("sources", "discover", "--topic", "Mistral", "--discover", "google-news")

    assert ran.code == 4
    assert "Headline: Mistral plans a harbour: " in ran.err
    assert "https://port.example" in ran.err


def test_discovery_as_json_is_documented(command: Command) -> None:
    with online(command, ALL) as (run, _):
        rows = run("sources", "discover", "--topic", "Mistral", "--json").rows

    text = (Path(__file__).parent.parent / "docs" / "json.md").read_text(encoding="utf-8")
    section = text.partition("## `sources discover`")[2].partition("\n## ")[0]
    documented = set(re.findall(r"`([a-z_]+)`", section))
    assert set(rows[0]) | set(rows[0]["why"]) <= documented
    assert rows[0]["services"] == ["hacker-news"]


def test_what_was_found_can_be_kept_as_an_outline(command: Command, home: Path) -> None:
    (home / "localdigest.toml").write_text('topic = "Mistral"\nsources = []\n')
    with online(command, ALL) as (run, _):
        outline = run("sources", "discover", "--discover", "hacker-news", "--opml").out
    (home / "found.opml").write_text(outline)
    imported = command("sources", "import", "found.opml")

    addresses = [element.get("xmlUrl") for element in ET.fromstring(outline).iter("outline")]
    assert sorted(filter(None, addresses)) == ["https://one.example/a", "https://two.example/b"]
    assert "2 sources added" in imported.err


# ── `sources import --check` ─────────────────────────────────────────────────────────────────────────────────────────


def outline_of(*addresses: str) -> str:
    outlines = "".join(f'<outline text="T" xmlUrl="{address}"/>' for address in addresses)
    return f"<opml version='2.0'><body>{outlines}</body></opml>"


def feed(*links: str) -> Route:
    items = "".join(f"<item><title>T</title><link>{link}</link></item>" for link in links)
    return Route(f"<rss version='2.0'><channel>{items}</channel></rss>", content_type="application/rss+xml")


def test_feeds_that_do_not_answer_are_told_and_left_out(command: Command, home: Path) -> None:
    """The topic file's own window and limits have no say in it."""
    (home / "localdigest.toml").write_text('topic = "x"\nlimit = 1\nsince = "1d"\nsources = []\n')
    routes = {
        "good.example/feed": feed("https://good.example/1"),
        "page.example/": article("Pagehaven"),
        "empty.example/feed": feed(),
        "down.example/feed": Route("down", status=503),
        "broken.example/feed": Route('{"version": "https://jsonfeed.org/version/1", "items": 1}'),
    }
    names = (*routes, "gone.example/feed")
    (home / "feeds.opml").write_text(outline_of(*(f"https://{name}" for name in names)))
    with serve(routes, kind=Web) as web:
        assert isinstance(web, Web)
        program = replace(IN_TESTS, new_guard=lambda _: web.guard())
        ran = command("sources", "import", "feeds.opml", "--check", program=program)

    written = (home / "localdigest.toml").read_text()
    told = dict(re.findall(r"Not imported: https://(\S+): (\S+)", ran.err))
    assert ran.code == 3
    assert told == {
        "empty.example/feed": "empty",
        "down.example/feed": "server-error",
        "broken.example/feed": "unreadable",
        "gone.example/feed": "not-found",
    }
    assert "2 sources added to localdigest.toml, 0 were there already, 4 left out" in ran.err
    assert [name for name in names if name in written] == ["good.example/feed", "page.example/"]


def test_without_check_nobody_is_asked(command: Command, home: Path) -> None:
    (home / "localdigest.toml").write_text('topic = "x"\nsources = []\n')
    (home / "feeds.opml").write_text(outline_of("https://gone.example/feed"))
    with internet({}) as web:
        program = replace(IN_TESTS, new_guard=lambda _: web.guard())
        ran = command("sources", "import", "feeds.opml", program=program)

    assert (ran.code, web.log) == (0, [])
    assert "1 sources added" in ran.err
