"""What each command prints, writes and answers."""

from __future__ import annotations

import io
import json
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from conftest import REPOSITORY, Command
from servers import Route, serve

EXAMPLE = REPOSITORY / "examples" / "mistral-week.toml"


def test_version(command: Command) -> None:
    assert command("--version").out == "localdigest 0.1.0\n"


def test_run_prints_the_post_on_stdout_and_the_account_on_stderr(command: Command, home: Path) -> None:
    ran = command("run", EXAMPLE, "--out", home / "out")

    assert ran.out == f"{home / 'out' / '2025-12-30-mistral.md'}\n"
    assert "12 sources read" in ran.err
    assert "Read it:" in ran.err


def test_run_with_json_prints_one_envelope(command: Command, home: Path) -> None:
    envelope = command("run", EXAMPLE, "--out", home / "out", "--json").json

    assert list(envelope) == ["schema", "topic", "ok", "exit_code", "files", "counts", "not_read"]
    assert (envelope["schema"], envelope["ok"], envelope["exit_code"]) == ("localdigest/run/1", True, 0)
    assert Path(envelope["files"]["manifest"]).is_file()
    assert envelope["counts"]["coverage"] == 1.0


def test_a_quiet_run_prints_the_path_only(command: Command, home: Path) -> None:
    ran = command("run", EXAMPLE, "--out", home / "out", "--quiet")

    assert (ran.out.count("\n"), ran.err) == (1, "")


def test_a_dry_run_writes_nothing_and_names_sources_and_files(command: Command, home: Path) -> None:
    ran = command("run", EXAMPLE, "https://news.example/a", "--dry-run")
    plan = command("run", EXAMPLE, "https://news.example/a", "--dry-run", "--json").json

    assert "file\t" in ran.out
    assert "network\thttps://news.example/a" in ran.out
    assert "2025-12-30-mistral.md" in ran.err
    assert {row["from"] for row in plan["sources"]} == {"file", "network"}
    assert list(home.rglob("*")) == []


def test_steps_make_what_run_makes(command: Command, home: Path) -> None:
    command("run", EXAMPLE, "--out", home / "whole")

    fetched = command("fetch", EXAMPLE)
    summarized = command("summarize", EXAMPLE, "--out", home / "steps")
    rendered = command("render", summarized.out.strip())

    assert (fetched.code, summarized.code, rendered.code) == (0, 0, 0)
    assert rendered.out.strip() == str(home / "steps" / "2025-12-30-mistral.md")
    whole, steps = (home / folder / "2025-12-30-mistral.md" for folder in ("whole", "steps"))
    assert whole.read_bytes() == steps.read_bytes()


def test_render_into_another_folder_keeps_the_links_working(command: Command, home: Path) -> None:
    command("run", EXAMPLE, "--out", home / "out")

    command("render", home / "out" / "2025-12-30-mistral.json", "--out", home / "far" / "away")

    post = (home / "far" / "away" / "2025-12-30-mistral.md").read_text(encoding="utf-8")
    link = post.partition("(<")[2].partition(">)")[0]
    assert (home / "far" / "away" / link).resolve().is_file()


def test_collect_lists_pages_that_fetch_reads_back(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = {f"/{name}": Route(f"<title>{name}</title><p>Text of {name}.") for name in ("a", "b")}
    feed = "".join(f"<item><title>{path}</title><link>{path}</link></item>" for path in pages)
    pages["/feed"] = Route(f"<rss version='2.0'><channel>{feed}</channel></rss>", content_type="application/rss+xml")
    with serve(pages) as site:
        flags = ("--allow-host", site.host, "--interval", "0")
        collected = command("collect", site.url("/feed"), *flags)
        monkeypatch.setattr(sys, "stdin", io.StringIO(collected.out))
        fetched = command("fetch", "-", "--json", *flags)

        assert collected.out.splitlines() == [site.url("/a"), site.url("/b")]
        assert sorted(row["source"] for row in fetched.rows) == [site.url("/a"), site.url("/b")]
        assert {row["from"] for row in fetched.rows} == {"network"}


def test_extract_prints_one_documented_object_a_line(command: Command) -> None:
    rows = command("extract", REPOSITORY / "examples" / "pages" / "funding-zh.html", "--json").rows

    assert len(rows) == 1
    keys = ("source", "url", "title", "byline", "published", "language", "kind", "text", "sentences", "warnings")
    assert set(keys) <= set(rows[0])
    assert rows[0]["language"] == "zh-Hant"
    assert all(sentence["text"] in rows[0]["text"] for sentence in rows[0]["sentences"])


def test_extract_tells_what_could_not_be_read_on_the_line_of_its_source(command: Command, home: Path) -> None:
    (home / "empty.html").write_bytes(b"")
    ran = command("extract", EXAMPLE.parent / "pages" / "docs.html", "empty.html", "--json")

    failures = [row for row in ran.rows if "failure" in row]
    assert ran.code == 0
    assert [(row["source"], row["failure"]["reason"]) for row in failures] == [("empty.html", "empty")]


def test_sources_list_and_test(command: Command, home: Path) -> None:
    (home / "empty.html").write_bytes(b"")

    listed = command("sources", "list", EXAMPLE)
    tested = command("sources", "test", EXAMPLE, "empty.html")

    assert listed.out.splitlines() == [str(EXAMPLE.parent / "sources.opml")]
    assert tested.code == 3
    assert "failed\tempty.html\tempty" in tested.out
    assert tested.out.count("ok\t") >= 11


def test_sources_go_out_as_opml_and_come_in_again(command: Command, home: Path) -> None:
    (home / "from.toml").write_text(
        'sources = [{ url = "https://news.example/feed?a=1&b=2", title = "News & more" }, "pages/a.html"]'
    )
    (home / "localdigest.toml").write_text(
        '# mine\ntopic = "t"  # kept\nsources = [\n    "https://old.example/",  # old\n]\n'
    )

    exported = command("sources", "export", "from.toml")
    (home / "feeds.opml").write_text(exported.out)
    imported = command("sources", "import", "feeds.opml")
    again = command("sources", "import", "feeds.opml")

    assert ET.fromstring(exported.out.encode()).tag == "opml"
    assert "2 sources added" in imported.err
    assert "0 sources added to localdigest.toml, 2 were there already" in again.err
    text = (home / "localdigest.toml").read_text()
    assert "# mine" in text
    assert '"https://old.example/",  # old' in text
    listed = command("sources", "list", "--json").rows
    assert [row["source"] for row in listed] == [
        "https://old.example/", "https://news.example/feed?a=1&b=2", "pages/a.html",
    ]  # fmt: skip
    assert listed[1]["title"] == "News & more"


def test_an_outline_of_a_stranger_names_no_file_of_ours(command: Command, home: Path) -> None:
    """The runs to come would read it and publish it."""
    (home / "secret.txt").write_text("secret")
    (home / "got").mkdir()
    (home / "got" / "beside.html").write_text("x")
    (home / "localdigest.toml").write_text("sources = []\n")
    names = ["https://e.example/feed", "got/beside.html", "secret.txt", "/etc/passwd", "file:///etc/passwd", "~/.netrc"]
    outlines = "".join(f'<outline xmlUrl="{name}"/>' for name in names)
    (home / "got" / "feeds.opml").write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')

    ran = command("sources", "import", "got/feeds.opml")

    assert ran.code == 3
    assert ran.err.count("Not imported: ") == 4
    assert [row["source"] for row in command("sources", "list", "--json").rows] == names[:2]


def test_importing_what_is_no_opml_is_an_error_and_changes_nothing(command: Command, home: Path) -> None:
    (home / "localdigest.toml").write_text("sources = []\n")
    (home / "feeds.opml").write_text("<html>")

    ran = command("sources", "import", "feeds.opml")

    assert ran.code == 2
    assert "no OPML" in ran.err
    assert (home / "localdigest.toml").read_text() == "sources = []\n"


def test_config_show_tells_value_and_origin(command: Command, home: Path) -> None:
    (home / "localdigest.toml").write_text('topic = "t"\n')

    shown = command("config", "show", "--limit", "3")
    settings = command("config", "show", "--limit", "3", "--json").json["settings"]

    assert re.search(r"^limit += 3  # flag$", shown.out, re.MULTILINE)
    assert settings["topic"] == {"value": "t", "origin": "topic file localdigest.toml"}
    assert settings["since"]["origin"] == "default"


def test_cache_counts_and_clears(command: Command, home: Path) -> None:
    assert home.is_dir()
    command("fetch", EXAMPLE)
    command("extract", EXAMPLE)

    before = command("cache", "stats", "--json").json
    cleared = command("cache", "clear", "--yes")
    after = command("cache", "stats", "--json").json

    assert before["documents"] > 0
    assert cleared.code == 0
    assert (after["pages"], after["documents"], after["digests"]) == (0, 0, 0)


def test_init_refuses_to_replace_a_file(command: Command) -> None:
    first = command("init")
    second = command("init")

    assert first.out == "localdigest.toml\n"
    assert second.code == 2
    assert "is there already" in second.err
    assert command("init", "--force").code == 0


def test_other_headings_of_a_topic_file_are_used_and_unknown_ones_refused(command: Command, home: Path) -> None:
    page = EXAMPLE.parent / "pages" / "company.html"
    (home / "t.toml").write_text(
        f'date = 2025-12-30\nlang = "en"\nsources = ["{page}"]\n[headings]\ntrend = "Where it goes"\n'
    )
    (home / "bad.toml").write_text(f'sources = ["{page}"]\n[headings]\ntrends = "x"\n')

    command("run", "t.toml", "--out", "out")
    refused = command("run", "bad.toml", "--out", "out")

    assert "## Where it goes" in (home / "out" / "2025-12-30-digest.md").read_text(encoding="utf-8")
    assert refused.code == 2
    assert "no digest has a heading `trends`" in refused.err


def test_completion_can_be_shown(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")

    assert "_LOCALDIGEST_COMPLETE" in command("--show-completion", "bash").out


def test_the_manifest_keeps_where_things_are_on_this_machine_to_itself(command: Command, home: Path) -> None:
    (home / "page.html").write_bytes((EXAMPLE.parent / "pages" / "company.html").read_bytes())
    command("run", "page.html", "--date", "2025-12-30", "--out", "out")

    manifest = (home / "out" / "2025-12-30-digest.json").read_text(encoding="utf-8")
    assert str(home) not in manifest
    assert json.loads(manifest)["settings"]["lang"] == "zh-TW"
