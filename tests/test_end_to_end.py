"""From sources to the files of a digest, through every real part."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import REPOSITORY, Command
from markdown_it import MarkdownIt
from servers import Route, Site, redirect, serve

EXAMPLE = REPOSITORY / "examples" / "mistral-week.toml"

#: What surrounds the articles of the examples, and is in no digest.
SURROUNDINGS = (
    "Solitaire Garden", "Fanless Fridays", "Rent eight big cards", "Billwise", "Learn prompt writing", "214 partners",
    "雙人早餐", "工坊徵才", "雲倉主機", "偵測到廣告阻擋", "over 18", "Congratulations", "限時優惠", "發票中獎號碼",
    "cookie", "Cookie", "Continue reading", "Sponsored", "newsletter", "訂閱電子報",
)  # fmt: skip


def statements_of(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    digest = manifest["digest"]
    found = list(digest["summary"])
    for section in digest["sections"]:
        for part in section["parts"]:
            found += [part["headline"]] if part["headline"] else []
            found += part["statements"]
    return found


def without_run(path: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    del manifest["run"]
    return manifest


# ── the examples ──


@pytest.fixture
def example(command: Command, home: Path) -> Path:
    """The folder that `localdigest run examples/mistral-week.toml` wrote."""
    ran = command("run", EXAMPLE, "--out", home / "out")
    assert ran.code == 0, ran.err
    return home / "out"


def test_the_examples_make_a_digest_with_every_section(example: Path) -> None:
    manifest = without_run(example / "2025-12-30-mistral.json")
    filled = {section["key"]: len(section["parts"]) for section in manifest["digest"]["sections"]}
    counts = manifest["counts"]

    assert list(filled) == ["trend", "news", "analysis", "key_points", "implications"]
    assert all(filled.values())
    assert filled["news"] == 5
    assert len(manifest["digest"]["summary"]) == 3
    assert (counts["sources"], counts["not_read"], counts["documents"]) == (12, 0, 11)
    assert counts["cited_documents"] >= 9


def test_every_statement_of_the_examples_stands_verbatim_in_its_source(example: Path) -> None:
    manifest = without_run(example / "2025-12-30-mistral.json")
    evidence = {entry["id"]: entry["text"] for entry in manifest["evidence"]}

    for statement in statements_of(manifest):
        assert statement["verdict"] == "supported"
        assert statement["evidence"]
        assert all(statement["text"] in evidence[id_] for id_ in statement["evidence"])


def test_nothing_that_surrounds_the_articles_is_in_the_digest(example: Path) -> None:
    post = (example / "2025-12-30-mistral.md").read_text(encoding="utf-8")

    assert [word for word in SURROUNDINGS if word in post] == []


def test_the_post_has_the_front_matter_of_the_form_and_says_that_no_model_wrote_it(example: Path) -> None:
    post = (example / "2025-12-30-mistral.md").read_text(encoding="utf-8")
    front = yaml.safe_load(post.split("---\n")[1])

    keys = ["layout", "title", "tagline", "date", "model", "categories", "tags", "image", "ai_summary"]
    assert keys == list(front)[: len(keys)]
    assert front["title"] == "MISTRAL 每日動態 - 2025-12-30"
    assert front["tagline"] == "彙整 12 則 MISTRAL 相關來源"
    assert front["categories"] == ["mistral", "daily"]
    assert front["tags"][0] == "MISTRAL"
    assert (front["model"], front["ai_generated"]) == ("none", False)
    assert "未使用任何語言模型" in post


def test_the_headings_of_the_post_follow_each_other_as_in_the_form(example: Path) -> None:
    post = (example / "2025-12-30-mistral.md").read_text(encoding="utf-8")

    assert re.findall(r"^## (.*)$", post, re.MULTILINE) == [
        "本週模型趨勢", "📰 本週新聞焦點", "🔍 深度分析", "📌 重點摘要", "💡 延伸思考", "🔗 資料來源",
    ]  # fmt: skip


def test_every_citation_of_the_post_leads_to_a_file_that_is_there(example: Path) -> None:
    post = (example / "2025-12-30-mistral.md").read_text(encoding="utf-8")
    rendered = MarkdownIt("commonmark").render(post.split("---\n", 2)[2])
    links = re.findall(r'<a href="([^"]*)"', rendered)

    assert "][D" not in rendered, "a citation whose definition is missing"
    assert len(links) > 40
    missing = {link for link in links if not (example / link.partition("#")[0].replace("%20", " ")).resolve().is_file()}
    assert missing == set()


def test_a_second_run_parses_nothing_and_writes_the_same_bytes(example: Path, command: Command, home: Path) -> None:
    ran = command("run", EXAMPLE, "--out", home / "again", "--json")

    manifest = json.loads((home / "again" / "2025-12-30-mistral.json").read_text(encoding="utf-8"))
    assert ran.code == 0
    assert manifest["run"]["parsed"] == 0
    first, second = (folder / "2025-12-30-mistral.md" for folder in (example, home / "again"))
    assert first.read_bytes() == second.read_bytes()
    assert without_run(first.with_suffix(".json")) == without_run(second.with_suffix(".json"))


def test_the_digest_in_english_has_english_headings(command: Command, home: Path) -> None:
    ran = command("run", EXAMPLE, "--lang", "en", "--out", home / "out")
    post = (home / "out" / "2025-12-30-mistral.md").read_text(encoding="utf-8")

    assert ran.code == 0
    assert "## 📰 News of the week" in post
    assert "without any language model" in post


# ── over HTTP ──


def article(title: str, sentences: str, *, extra: str = "") -> str:
    paragraphs = "".join(f"<p>{part}</p>" for part in sentences.strip().split("\n\n"))
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title>"
        f'<meta property="article:published_time" content="2025-12-29T08:00:00Z"></head>'
        f"<body><nav><a href=/>Home</a> <a href=/about>About</a></nav><article><h1>{title}</h1>{extra}{paragraphs}"
        f"</article><footer>All rights reserved.</footer></body></html>"
    )


HARBOUR = """
The harbour of Lindholm opened its second quay on Monday after four years of work and two of delay.

The new quay takes ships of up to 340 metres, which until now had to unload in the next county.
The port authority expects 120 more calls a year and says that two cranes will follow in the autumn.

Mayor Anna Berg called the opening the most important day for the town since the railway came in 1871.
Fishermen had protested against the dredging, which moved 2.4 million cubic metres of mud to the outer bank.

The work cost 410 million kronor, a third more than planned, and was paid by the county and the state in equal parts.
"""
BAKERY = """
A bakery in Kirkenes has kept one sourdough alive since 1923, and this week a laboratory found out why it lasts.

Researchers took samples from the crock every hour for nine days and counted eleven kinds of yeast in them.
Two of these yeasts had not been described before, and one of them stops the mould that spoils other doughs.

The owner, Marit Solberg, feeds the dough with rye at five in the morning as her grandmother did.
She will not sell the culture, but the university may keep a frozen sample as long as nobody bakes with it.
"""
RAIL = """
Night trains between Prague and Copenhagen will run again from April, the two railways announced on Tuesday.

The line was given up in 2014, when cheap flights had taken most of its passengers within three years.
Twelve sleeping cars have been rebuilt in Ostrava, each with ten compartments and a shower.

A bed will cost from 59 euros, and the journey takes eleven hours with stops in Dresden and Berlin.
The railways count on 140,000 passengers in the first year, which would fill four beds of five.
"""


@pytest.fixture
def site() -> Any:
    feed_items = "".join(
        f"<item><title>{title}</title><link>{link}</link><pubDate>Mon, 29 Dec 2025 08:00:00 GMT</pubDate>"
        f"<description><![CDATA[{text}]]></description></item>"
        for title, link, text in (
            ("Harbour", "/harbour?utm_source=feed", ""),
            ("Sourdough", "/bakery", ""),
            ("Gone", "/gone", "".join(f"<p>{line}</p>" for line in RAIL.strip().split("\n\n"))),
            ("Circle", "/circle", ""),
            ("Members", "/members", ""),
            ("Old charset", "/latin", ""),
            ("Copy", "/copy", ""),
        )
    )
    routes = {
        "/robots.txt": Route("User-agent: *\nDisallow: /private/\n", content_type="text/plain"),
        "/feed.xml": Route(
            f"<rss version='2.0'><channel><title>News</title>{feed_items}</channel></rss>",
            content_type="application/rss+xml",
            etag='"feed"',
        ),
        "/harbour?utm_source=feed": Route(article("A quay for Lindholm", HARBOUR), gzip=True, etag='"harbour"'),
        "/bakery": Route(article("A dough of 1923", BAKERY), delay_s=0.3, last_modified=1_767_000_000.0),
        "/circle": redirect("/circle2"),
        "/circle2": redirect("/circle"),
        "/members": Route(
            "<html><head><title>Log in</title></head><body><h1>Log in</h1><p>Please log in to continue reading.</p>"
            "<form action=/login><input name=user><input type=password name=password></form></body></html>"
        ),
        "/latin": Route(
            article("Café très sérieux", RAIL.replace("Ostrava", "Café Moreau")).encode("latin-1"),
            content_type="text/html; charset=utf-8",
            etag='"latin"',
        ),
        "/copy": Route(
            article(
                "Lindholm's new quay",
                HARBOUR.replace("two of delay", "two years of delay"),
                extra="<p>By our agency</p>",
            ),
            etag='"copy"',
        ),
        "/private/page": Route(article("Private", BAKERY)),
    }
    with serve(routes) as running:
        yield running


def run_site(command: Command, site: Site, home: Path, *more: str) -> Any:
    return command(
        "run", site.url("/feed.xml"), site.url("/private/page"), "--allow-host", site.host, "--interval", "0",
        "--date", "2025-12-30", "--topic", "News", "--lang", "en", "--out", home / "out", "--json", *more,
    )  # fmt: skip


def test_a_feed_becomes_a_digest_and_every_source_has_its_fate(command: Command, site: Site, home: Path) -> None:
    ran = run_site(command, site, home)
    manifest = without_run(home / "out" / "2025-12-30-news.json")
    fates = {source["locator"].removeprefix(site.url("")): source for source in manifest["sources"]}

    assert ran.code == 0, ran.err
    assert fates["/circle"]["reason"] == "redirects"
    assert fates["/members"]["reason"] == "login-wall"
    assert fates["/private/page"]["reason"] == "robots"
    assert fates["/harbour?utm_source=feed"]["document"] == fates["/copy"]["document"]
    assert fates["/gone"]["fate"] in ("cited", "read")
    assert fates["/latin"]["fate"] in ("cited", "read")
    titles = {document["title"] for document in manifest["documents"]}
    assert "Café très sérieux" in titles
    assert [document["from_feed"] for document in manifest["documents"] if document["url"].endswith("/gone")] in (
        [True],
        [],
    )
    assert ran.json["counts"]["unsupported"] == 0


def test_the_next_run_is_answered_with_304_and_gives_the_same_bytes(command: Command, site: Site, home: Path) -> None:
    run_site(command, site, home)
    post = (home / "out" / "2025-12-30-news.md").read_bytes()
    first = without_run(home / "out" / "2025-12-30-news.json")
    site.log.clear()

    run_site(command, site, home)
    second = json.loads((home / "out" / "2025-12-30-news.json").read_text(encoding="utf-8"))

    conditional = [asked.path for asked in site.log if {"if-none-match", "if-modified-since"} & set(asked.headers)]
    assert {"/feed.xml", "/harbour?utm_source=feed", "/bakery", "/latin", "/copy"} <= set(conditional)
    assert second.pop("run")["parsed"] == 0
    assert first == second
    assert post == (home / "out" / "2025-12-30-news.md").read_bytes()


def test_what_was_fetched_can_be_summarised_with_the_server_gone(command: Command, site: Site, home: Path) -> None:
    fetched = command(
        "fetch", site.url("/feed.xml"), "--allow-host", site.host, "--interval", "0", "--date", "2025-12-30"
    )
    site.log.clear()

    ran = run_site(command, site, home, "--offline")

    assert fetched.code == 0
    assert ran.code in (0, 3)
    assert site.log == []
    manifest = json.loads((home / "out" / "2025-12-30-news.json").read_text(encoding="utf-8"))
    assert manifest["run"]["hosts"] == []
    assert manifest["counts"]["documents"] >= 3
