"""`view`: it opens the page of a digest, and lists all."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import REPOSITORY, Command
from selectolax.lexbor import LexborHTMLParser
from test_post import FIRST, HOSTILE, SAVED, a_manifest

from localdigest.manifest import Manifest, RunRecord, dumps
from localdigest.render.archive import draw_archive, entry_of

PAGE = REPOSITORY / "examples" / "pages" / "company.html"
ATOM = "{http://www.w3.org/2005/Atom}"


def opened(home: Path, *arguments: str, browser: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the command in a process of its own: which browsers there are is found out once in a process.

    Unless one is named, the browser is a program that writes down what it was asked to open.
    """
    script = home / ".browser.sh"
    script.write_text(f'#!/bin/sh\necho "$1" >> {home}/.opened\n')
    script.chmod(0o755)
    environment = {key: value for key, value in os.environ.items() if "DISPLAY" not in key}
    return subprocess.run(
        [sys.executable, "-m", "localdigest", "view", *arguments], cwd=home, capture_output=True, text=True, check=True,
        env={**environment, "BROWSER": browser or str(script), "PATH": "/nowhere"},
    )  # fmt: skip


def hrefs(index: LexborHTMLParser, selector: str) -> list[str]:
    return [link.attributes["href"] or "" for link in index.css(selector)]


def put(folder: Path, manifest: Manifest, *, age_s: float = 0.0) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{manifest.date}-{manifest.slug}.json"
    path.write_text(dumps(manifest), encoding="utf-8")
    written = path.stat().st_mtime - age_s
    os.utime(path, (written, written))
    return path


def dated(date: str, slug: str = "mistral", **more: object) -> Manifest:
    return replace(a_manifest((FIRST, SAVED)), date=date, slug=slug, **more)  # type: ignore[arg-type]  # fields by name


def test_run_and_render_write_the_page_and_say_so(command: Command, home: Path) -> None:
    ran = command("run", PAGE, "--date", "2025-12-30", "--slug", "x")
    page = home / "output" / "2025-12-30-x.html"
    whole = page.read_bytes()
    page.unlink()
    rendered = command("render", "output/2025-12-30-x.json", "--json")

    assert "localdigest view output/2025-12-30-x.html" in ran.err
    assert rendered.json["files"]["page"] == "output/2025-12-30-x.html"
    assert page.read_bytes() == whole


def test_the_digest_that_was_written_last_is_opened(home: Path) -> None:
    put(home / "output", dated("2025-12-31"), age_s=60)
    put(home / "output", dated("2025-12-30"))
    ran = opened(home)
    page = home / "output" / "2025-12-30-mistral.html"

    assert ran.stdout == "output/2025-12-30-mistral.html\n"
    assert (home / ".opened").read_text() == f"{page.as_uri()}\n"
    assert "Mixtral has 8 experts." in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("ending", [".json", ".md", ".html", ""])
def test_a_digest_is_named_by_any_of_its_files(command: Command, home: Path, ending: str) -> None:
    put(home / "far", dated("2025-12-30"))
    ran = command("view", f"far/2025-12-30-mistral{ending}", "--print")

    assert (ran.code, ran.out) == (0, "far/2025-12-30-mistral.html\n")


def test_a_page_is_drawn_anew_only_where_the_manifest_says_something_else(command: Command, home: Path) -> None:
    put(home / "output", dated("2025-12-30"))
    page = home / "output" / "2025-12-30-mistral.html"
    command("view", "--print")
    marked = page.read_text(encoding="utf-8") + "<!-- kept -->"
    page.write_text(marked, encoding="utf-8")

    put(home / "output", dated("2025-12-30", run=RunRecord("2030-01-01T00:00:00+00:00")))
    command("view", "--print")
    assert page.read_text(encoding="utf-8") == marked

    put(home / "output", dated("2025-12-30", topic="Something else"))
    command("view", "--print")
    assert "Something else" in page.read_text(encoding="utf-8")


def test_a_page_without_its_manifest_is_opened_as_it_is(command: Command, home: Path) -> None:
    (home / "sent.html").write_text("<p>x", encoding="utf-8")

    assert command("view", "sent.html", "--print").out == "sent.html\n"
    assert (home / "sent.html").read_text() == "<p>x"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("view",), "There is no digest in output"),
        (("view", "nowhere.md"), "There is no file nowhere.json"),
        (("view", "--archive"), "There is no digest in output"),
        (("view", "a.html", "--archive"), "--archive lists a whole folder"),
        (("view", "--site", "https://a.example"), "--site is for the feeds"),
        (("view", "--archive", "--site", "a.example"), "is no address of a site"),
    ],
)
def test_what_cannot_be_shown_is_said(command: Command, arguments: tuple[str, ...], says: str) -> None:
    ran = command(*arguments)

    assert ran.code == 2
    assert says in ran.err


def test_where_no_browser_starts_the_path_is_printed(home: Path) -> None:
    put(home / "output", dated("2025-12-30"))
    ran = opened(home, browser="/nowhere/browser")

    assert ran.stdout == "output/2025-12-30-mistral.html\n"
    assert "No browser could be started here: open output/2025-12-30-mistral.html in one." in ran.stderr


def test_the_archive_lists_all_digests_newest_first(home: Path) -> None:
    for date in ("2025-11-30", "2025-12-01", "2025-12-30"):
        put(home / "output", dated(date))
    (home / "output" / "other.json").write_text("{}")
    ran = opened(home, "--archive", "--lang", "en", "--site", "https://news.example/daily")
    index = LexborHTMLParser((home / "output" / "index.html").read_text(encoding="utf-8"))
    atom = ET.parse(home / "output" / "feed.xml").getroot()
    feed = json.loads((home / "output" / "feed.json").read_text(encoding="utf-8"))

    assert ran.stdout == "output/index.html\n"
    assert (home / ".opened").read_text().endswith("/output/index.html\n")
    pages = hrefs(index, "h3 a")
    assert pages == [f"{date}-mistral.html" for date in ("2025-12-30", "2025-12-01", "2025-11-30")]
    assert all((home / "output" / page).is_file() for page in pages), "a link that leads nowhere"
    assert [node.text() for node in index.css("h2")] == ["2025-12", "2025-11"]
    assert "3 sources, 7 sentences" in index.text()
    assert [link.attrib["href"] for link in atom.findall(f"{ATOM}entry/{ATOM}link")] == [
        f"https://news.example/daily/{page}" for page in pages
    ]
    assert len({entry.findtext(f"{ATOM}id") for entry in atom.findall(f"{ATOM}entry")}) == 3
    assert [item["url"] for item in feed["items"]] == [f"https://news.example/daily/{page}" for page in pages]
    assert feed["items"][0]["content_text"] == "Mixtral has 8 experts."


def test_the_archive_is_read_by_our_own_reader_of_feeds(command: Command, home: Path) -> None:
    put(home / "output", dated("2025-12-30"))
    command("view", "--archive", "--print", "--site", "https://news.example")

    for name in ("feed.xml", "feed.json"):
        listed = command("collect", home / "output" / name, "--json").rows
        assert [(row["url"] or row["source"], row["title"]) for row in listed] == [
            ("https://news.example/2025-12-30-mistral.html", "Mistral daily digest - 2025-12-30")
        ]


def test_one_damaged_manifest_does_not_hide_the_others(command: Command, home: Path) -> None:
    put(home / "output", dated("2025-12-30"))
    (home / "output" / "2025-12-29-bad.json").write_text("{")
    os.mkfifo(home / "output" / "2025-12-28-pipe.json")
    (home / "output" / "2025-12-27-zero.json").symlink_to("/dev/zero")
    (home / "output" / "2025-12-26-deep.json").write_text("[" * 200_000)
    ran = command("view", "--archive", "--print")

    assert ran.code == 0
    assert "Left out: output/2025-12-29-bad.json is not JSON" in ran.err
    assert "2025-12-30-mistral.html" in (home / "output" / "index.html").read_text(encoding="utf-8")


def test_somebody_else_s_index_stays(command: Command, home: Path) -> None:
    put(home / "output", dated("2025-12-30"))
    (home / "output" / "index.html").write_text("<h1>My site</h1>")
    ran = command("view", "--archive", "--print")

    assert ran.code == 2
    assert "output/index.html is somebody else's" in ran.err
    assert not (home / "output" / "feed.xml").exists()
    assert (home / "output" / "index.html").read_text() == "<h1>My site</h1>"


def test_whatever_a_digest_holds_the_archive_is_sound() -> None:
    hostile = f"{HOSTILE}\x00\u202e]]>"
    manifest = replace(a_manifest((FIRST, SAVED), tags=(hostile,), topic=hostile), date='"><script>')
    files = draw_archive([entry_of(manifest, page='a"b c.html')], language="en")
    index = LexborHTMLParser(files["index.html"])

    assert len(index.css("script")) == 1
    assert hrefs(index, "h3 a") == ["a%22b%20c.html"]
    assert ET.fromstring(files["feed.xml"].encode()).findtext(f"{ATOM}entry/{ATOM}title")
    assert json.loads(files["feed.json"])["items"][0]["tags"]


def test_a_feed_stays_the_same_feed_while_digests_come() -> None:
    """However many there are: readers take a feed with another id for another feed."""
    days = [f"2025-{month:02}-{day:02}" for month in (1, 2, 3) for day in range(1, 29)]
    entries = [entry_of(dated(day), page=f"{day}.html") for day in days]

    early, late = (
        ET.fromstring(draw_archive(entries[:count], language="en")["feed.xml"].encode()) for count in (40, len(entries))
    )
    assert early.findtext(f"{ATOM}id") == late.findtext(f"{ATOM}id")
    assert len(late.findall(f"{ATOM}entry")) == 50


def test_a_page_moves_with_its_folder(command: Command, home: Path) -> None:
    """Links between the files of a digest are relative."""
    put(home / "output", dated("2025-12-30"))
    command("view", "--archive", "--print")
    shutil.move(home / "output", home / "moved")
    index = LexborHTMLParser((home / "moved" / "index.html").read_text(encoding="utf-8"))

    links = [href for href in hrefs(index, "a") if not href.startswith("#")]
    assert links
    assert all((home / "moved" / link).is_file() for link in links)
