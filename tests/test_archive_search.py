"""The search in the list of all digests: in a real browser, under the page's own policy."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from selectolax.lexbor import LexborHTMLParser
from test_page import FIRST, SAVED, a_manifest, chromium

from localdigest.render.archive import Entry, draw_archive, entry_of

__all__ = ["chromium"]  # a fixture


def entry(date: str, title: str, **more: object) -> Entry:
    blank = Entry(
        date=date, title=title, summary=(), tags=(), headlines=(), sources=(), read=3, statements=7,
        language="en", href=f"{date}.html", updated=f"{date}T09:00:00Z", id=f"urn:uuid:{date}",
    )  # fmt: skip
    return replace(blank, **more)  # type: ignore[arg-type]


ENTRIES = (
    entry(
        "2025-12-30", "Mistral daily digest", summary=("Mixtral answers twice as fast.",),
        tags=("Mistral", "open model"), headlines=("A licence that nobody reads",),
        sources=("Experts in main memory (papers.example)",),
    ),
    entry(
        "2025-12-29", "Chips 每日動態彙編", language="zh-Hant-TW", tags=("晶片",), headlines=("記憶體漲價",),
        summary=("台北的公司推出新的語言模型，晶片價格下跌 5%。",), sources=("經濟新聞 (news.example)",),
    ),
    entry(
        "2025-11-02", "Harbours daily digest", summary=("A quay of model length was opened.",), headlines=("Open sea",)
    ),
)  # fmt: skip
HOSTILE = (
    "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\u2028{{ 1 }} & \"q'"
)


def looked_at(chromium: list[str], page: Path, fragment: str = "") -> tuple[LexborHTMLParser, str]:
    """The page as it stands in the browser, and what the browser logged."""
    done = subprocess.run(
        [*chromium, "--virtual-time-budget=5000", "--dump-dom", page.as_uri() + fragment],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return LexborHTMLParser(done.stdout), done.stderr


def shown(page: LexborHTMLParser) -> list[str]:
    """Dates of the digests that are not hidden."""
    return [
        article.css_first(".notes time").text()
        for article in page.css("main article")
        if "hidden" not in article.attributes
    ]


def write_index(folder: Path, entries: tuple[Entry, ...] = ENTRIES, *, language: str = "en") -> Path:
    path = folder / "index.html"
    path.write_text(draw_archive(entries, language=language)["index.html"], encoding="utf-8")
    return path


def test_the_page_holds_all_words_and_no_dead_field_without_its_script(tmp_path: Path) -> None:
    """A browser's own search finds them; the field is there only where the script can use it."""
    page = LexborHTMLParser(write_index(tmp_path).read_text("utf-8"))
    words = " ".join(page.text().split())

    for text in (
        "Mixtral answers twice",
        "open model",
        "A licence that nobody reads",
        "Experts in main memory",
        "記憶體漲價",
    ):
        assert text in words
    assert "hidden" in page.css_first("#searching").attributes
    assert not page.css("article[hidden], section[hidden]")


def test_the_policy_allows_this_script_and_no_other(tmp_path: Path) -> None:
    """By its hash; what a digest holds is never part of it."""
    texts = [
        write_index(tmp_path, entries).read_text("utf-8") for entries in (ENTRIES, (entry("2025-01-01", HOSTILE),))
    ]
    scripts = [LexborHTMLParser(text).css("script") for text in texts]
    policy = (
        LexborHTMLParser(texts[1]).css_first("meta[http-equiv=Content-Security-Policy]").attributes["content"] or ""
    )
    (allowed,) = re.findall(r"script-src '([^']+)'", policy)
    digest = hashlib.sha256(scripts[1][0].text().encode()).digest()

    assert [len(found) for found in scripts] == [1, 1]
    assert scripts[0][0].text() == scripts[1][0].text()
    assert allowed == f"sha256-{base64.b64encode(digest).decode()}"
    assert policy.startswith("default-src 'none';")
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]


@pytest.mark.parametrize(
    ("words", "dates"),
    [
        ("mixtral", ["2025-12-30"]),
        ("MIXTRAL  fast", ["2025-12-30"]),
        ("model", ["2025-12-30", "2025-11-02"]),
        ("open model", ["2025-12-30", "2025-11-02"]),
        ('"open model"', ["2025-12-30"]),
        ("licence nobody", ["2025-12-30"]),
        ("papers.example", ["2025-12-30"]),
        ("2025-12", ["2025-12-30", "2025-12-29"]),
        ("語言模型", ["2025-12-29"]),
        ("新的模型", []),
        ("晶片價格", ["2025-12-29"]),
        ("晶片 記憶體", ["2025-12-29"]),
        ("ｍｉｘｔｒａｌ", ["2025-12-30"]),
        ("zebra", []),
        ("  ", ["2025-12-30", "2025-12-29", "2025-11-02"]),
    ],
)
def test_words_in_the_address_choose_the_digests(
    chromium: list[str], tmp_path: Path, words: str, dates: list[str]
) -> None:
    """All of them must occur, anywhere in a digest, in any case and width; months without a digest go, too."""
    page, log = looked_at(chromium, write_index(tmp_path), f"#q={quote(words)}")

    assert shown(page) == dates
    months = [m.css_first("h2").text() for m in page.css("main section") if "hidden" not in m.attributes]
    assert months == list(dict.fromkeys(date[:7] for date in dates))
    told = page.css_first("#found").text()
    assert told == ("" if not words.strip() else f"Digests found: {len(dates)}" if dates else NONE)
    assert "CONSOLE" not in log


NONE = "No digest holds all of these words."


@pytest.mark.parametrize("fragment", ["", "#text", "#q=%", "#q=", "#other"])
def test_other_addresses_show_everything(chromium: list[str], tmp_path: Path, fragment: str) -> None:
    page, log = looked_at(chromium, write_index(tmp_path), fragment)

    assert len(shown(page)) == len(ENTRIES)
    assert "hidden" not in page.css_first("#searching").attributes
    assert "CONSOLE" not in log


def test_what_strangers_wrote_is_text_for_browser_and_script(chromium: list[str], tmp_path: Path) -> None:
    """In each place of a digest; it can be searched for, and tags of it lead where they say."""
    hostile = entry(
        "2025-12-31", HOSTILE, summary=(HOSTILE,), tags=(HOSTILE,), headlines=(HOSTILE,), sources=(HOSTILE,)
    )
    path = write_index(tmp_path, (*ENTRIES, hostile))
    page, log = looked_at(chromium, path, f"#q={quote('</script><script>document.title')}")

    assert shown(page) == ["2025-12-31"]
    assert page.css_first("title").text() == "Digests"
    assert len(page.css("script")) == 1
    assert not page.css("img")
    assert "CONSOLE" not in log
    link = page.css(".tags a")[0]
    assert " ".join(link.text().split()) == " ".join(HOSTILE.split())
    again, _ = looked_at(chromium, path, link.attributes["href"] or "")
    assert shown(again) == ["2025-12-31"]


_STEPS = """
addEventListener("load", async () => {
  const steps = [], settle = () => new Promise((done) => setTimeout(done, 100));
  const field = document.getElementById("search");
  const seen = () => [...document.querySelectorAll("main article")].filter((each) => each.getClientRects().length);
  const told = document.getElementById("found");
  const note = (what) => steps.push([what, seen().length, decodeURIComponent(location.hash), told.textContent]);
  field.focus();
  note("start");
  for (const letter of "mist") { document.execCommand("insertText", false, letter); await settle(); }
  note("typed");
  field.select(); document.execCommand("insertText", false, "papers"); await settle();
  note("in a source");
  steps.push(["opened", document.querySelectorAll("details[open]").length, "", ""]);
  field.dispatchEvent(new KeyboardEvent("keydown", {key: "Escape", bubbles: true})); await settle();
  note("escaped");
  steps.push(["opened", document.querySelectorAll("details[open]").length, field.value, ""]);
  document.querySelectorAll(".tags a")[1].click(); await settle();
  note("tag"); steps.push(["field", 0, field.value, ""]);
  history.back(); await settle();
  document.body.innerHTML = "<pre></pre>"; document.querySelector("pre").textContent = JSON.stringify(steps);
});
"""


def test_typing_filters_at_once_and_escape_shows_all_again(chromium: list[str], tmp_path: Path) -> None:
    """In a copy of the page that may run the steps of this test."""
    path = write_index(tmp_path)
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", path.read_text("utf-8"))
    path.write_text(text.replace("</body>", f"<script>{_STEPS}</script></body>"), encoding="utf-8")
    page, _ = looked_at(chromium, path)

    assert json.loads(html.unescape(page.css_first("pre").text())) == [
        ["start", 3, "", ""],
        ["typed", 1, "#q=mist", "Digests found: 1"],
        ["in a source", 1, "#q=papers", "Digests found: 1"],
        ["opened", 1, "", ""],
        ["escaped", 3, "", ""],
        ["opened", 0, "", ""],
        ["tag", 1, '#q="open model"', "Digests found: 1"],
        ["field", 0, '"open model"', ""],
    ]


def test_the_search_asks_nobody(chromium: list[str], tmp_path: Path) -> None:
    log = tmp_path / "net.json"
    looked_at([*chromium, f"--log-net-log={log}"], write_index(tmp_path), "#q=model")
    asked = set(re.findall(r'"url":"([^"]+)"', log.read_text(encoding="utf-8")))

    assert not [url for url in asked if ".example" in url]


def test_a_digest_brings_its_headlines_tags_and_cited_sources() -> None:
    manifest = a_manifest((FIRST, SAVED), tags=("Mixtral",))
    found = entry_of(manifest, page="a.html")

    headlines = [p.headline.text for s in manifest.digest.sections for p in s.parts if p.headline]
    assert headlines
    assert found.headlines == tuple(headlines)
    assert found.tags == ("Mixtral",)
    cited = [document for document in manifest.documents if document.cited_sentences]
    assert [title.partition(" (")[0] for title in found.sources] == [document.title for document in cited]


def test_a_thousand_digests_are_searched_in_a_moment(chromium: list[str], tmp_path: Path) -> None:
    """Some years of a daily digest."""
    sources = tuple(f"Source number {n} of many that speak of things (site{n}.example)" for n in range(12))
    entries = tuple(
        entry(
            f"{2000 + n // 336}-{n % 336 // 28 + 1:02}-{n % 28 + 1:02}", f"Digest {n}", sources=sources,
            summary=(f"Summary number {n} in a sentence of some length.",) * 3, headlines=(f"Headline {n}",) * 5,
        )
        for n in range(1_000)
    )  # fmt: skip
    path = write_index(tmp_path, entries)
    timed = """<script>addEventListener("load", () => {
      const field = document.getElementById("search"), start = performance.now();
      field.value = "number headline 777"; field.dispatchEvent(new Event("input"));
      document.body.innerHTML = "<pre></pre>"; document.querySelector("pre").textContent = performance.now() - start;
    });</script>"""
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", path.read_text("utf-8"))
    path.write_text(text.replace("</body>", f"{timed}</body>"), encoding="utf-8")
    page, _ = looked_at(chromium, path)

    assert float(page.css_first("pre").text()) < 500
    assert len(text.encode()) < 3_000_000
