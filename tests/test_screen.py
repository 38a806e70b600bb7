"""What strangers wrote reaches a terminal as letters: of pages, feeds, headers, names of files, outlines, manifests."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import cast

import pytest
from conftest import REPOSITORY, Command
from hypothesis import given
from hypothesis import strategies as st
from servers import Route, Site, redirect, serve

from localdigest.cli.screen import SIGN, harmless_streams, json_line, raw, shown

ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
#: Sets the title of the window, clears the screen, turns red by a C1 control, turns the line about, rubs out.
EVIL = "\x1b]0;pwn\x07\x1b[2J\u009b31m\u202e\x7f\x08"
TEXT = f"""<p>The harbour of Lindholm{EVIL} opened its second quay on Monday, after four years of work and of delay.</p>
<p>The new quay takes ships of up to 340 metres, which until now had to unload in the next county.</p>
<p>The port authority expects 120 more calls a year and says that two cranes will follow in the autumn.</p>
<p>The work cost 410 million kronor, a third more than planned, and was paid by the county and the state.</p>"""
PAGE = (
    f"<title>A quay{EVIL} for Lindholm</title><meta name=author content='Ann{EVIL} Lee'>"
    f"<meta property='og:site_name' content='The{EVIL} Gull'>"
    f"<article><h1>A quay{EVIL} for Lindholm</h1>{TEXT}</article>"
)
HEAD = b"HTTP/1.1 %s\r\nContent-Type: %s\r\nLocation: %s\r\nContent-Encoding: %s\r\nContent-Length: 0\r\n\r\n"


def head(status: bytes = b"200 OK", kind: bytes = b"text/html", location: bytes = b"", coding: bytes = b"") -> Route:
    return Route(raw=HEAD % (status, kind, location, coding))


def feed(site: Site) -> Route:
    entries = [
        {"url": site.url("/\u009b31mx"), "title": f"One{EVIL}", "content_html": PAGE},
        {"url": site.url(f"/ok{EVIL}"), "title": f"Two{EVIL}"},
        {"url": site.url("/kind"), "title": f"Three{EVIL}"},
        {"url": site.url("/\u202eabc\u007f"), "title": f"Four{EVIL}"},
        {"url": site.url("/half\ud83d"), "title": "Half\ud83d", "content_html": TEXT},
    ]
    body = {"version": "https://jsonfeed.org/version/1.1", "title": f"Feed{EVIL}", "items": entries}
    return Route(json.dumps(body), content_type="application/feed+json")


@pytest.fixture
def evil() -> Iterator[Site]:
    """A site that says in every place what a terminal acts on."""
    with serve({}) as site:
        site.routes |= {
            "/a": Route(PAGE), "/feed": feed(site),
            "/kind": head(kind=b"application/x\x1b[31m\xc2\x9bq"),
            "/r1": redirect("/\x1b[2Jx"),
            "/r2": head(b"302 F", location=b"http://h\x1b[31m\xc2\x9b.example/"),
            "/r3": head(b"302 F", location=b"/\xc2\x9b31m\xe2\x80\xae"),
            "/r4": head(b"302 F", location=b"x\x1b[31m://foo"),
            "/status": head(b"200 \x1b[31m\xc2\x9bOK\r\nBad \x1b[31m header"),
            "/none": Route(raw=b"\x1b[31mFOO\r\n\r\n"),
            "/coding": head(coding=b"g\x1b[31m"),
            "/charset": Route(PAGE.encode(), content_type="text/html; charset=\x1b[31mx"),
        }  # fmt: skip
        yield site


@pytest.fixture
def sources(evil: Site, home: Path) -> list[str]:
    """Of the site, and a folder with names that only the file system can hold."""
    folder = home / "d"
    folder.mkdir()
    for name in (b"x\x1b[31m\xc2\x9b.txt", b"line\nsecret.txt", b"latin\xff.txt", b"fine.txt", b"secret.txt"):
        (folder / os.fsdecode(name)).write_text(TEXT, encoding="utf-8")
    return [*(evil.url(path) for path in evil.routes if path != "/ok"), str(folder)]


def flags(site: Site) -> tuple[str, ...]:
    return "--allow-host", site.url().removeprefix("http://").rstrip("/"), "--interval", "0", "--deadline", "5"


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("name", ["collect", "fetch", "extract", "sources test", "run --dry-run", "run"])
def test_no_command_prints_what_a_terminal_acts_on(
    name: str, *, as_json: bool, command: Command, evil: Site, sources: list[str]
) -> None:
    words = name.split()
    writer = ("--writer", "extractive", "--topic", "Lindholm") if "run" in words else ()
    network = flags(evil)
    if "test" in words:  # has no --interval
        network = (*network[:2], *network[4:])
        sources = [sources[2], sources[-1]]

    ran = command(*words, *sources, *network, *writer, *(["--json"] if as_json else []))

    assert ran.code in (0, 3), ran.err
    assert not ACTS.search(ran.out + ran.err)
    if as_json:
        assert ran.rows
    elif name == "collect":
        lines = ran.out.splitlines()
        assert str(Path(sources[-1]) / "fine.txt") in lines
        assert "secret.txt" not in lines  # no name makes a line of its own


def test_what_is_remembered_and_drawn_again_does_neither(
    command: Command, home: Path, evil: Site, sources: list[str]
) -> None:
    command("run", *sources, *flags(evil), "--writer", "extractive", "--topic", "Lindholm", "--date", "2026-01-06")
    manifest = home / "output" / "2026-01-06-lindholm.json"
    (home / "evil.json").write_text(manifest.read_text().replace("A quay", "A\\u001b[31m\\u009bquay\u202e"))
    (home / "draft.md").write_text(f"The harbour of Lindholm{EVIL} opened its second quay on Tuesday.")
    (home / "page.html").write_text(PAGE)
    (home / "feeds.opml").write_text(
        '<opml version="2.0"><body><outline text="A\u009b31m" xmlUrl="http://x.example/\u009b31m"/>'
        '<outline text="none\u009b31m\u202e"/></body></opml>'
    )
    (home / "t.toml").write_text("sources = []")

    for arguments in (
        ("history",),
        ("sources", "list", *sources, "--health"),
        ("check", "draft.md", "--against", evil.url("/a"), *flags(evil)[:2]),
        ("add", "page.html", "--url", "https://x.example/a"),
        ("sources", "import", "feeds.opml", "--config", "t.toml"),
        ("render", "evil.json", "--out", "drawn"),
        ("view", "evil.json", "--print"),
        ("view", "--archive", "--print", "--out", "drawn"),
    ):
        ran = command(*arguments)
        assert not ACTS.search(ran.out + ran.err), arguments
        assert ran.out + ran.err


@given(st.text(st.characters(codec=None), max_size=60))
def test_every_text_is_shown_sign_for_sign(text: str) -> None:
    assert not ACTS.search(shown(text))
    assert len(shown(text)) == len(text)
    assert shown(shown(text)) == shown(text)


@given(st.dictionaries(st.text(max_size=10), st.text(max_size=60)))
def test_json_says_the_same(value: dict[str, str]) -> None:
    line = json_line(value)

    assert json.loads(line) == value
    assert not ACTS.search(line)
    assert "\n" not in line


def test_letters_that_a_stream_does_not_know_end_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    behind = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", behind)
    with harmless_streams():
        sys.stdout.write("港口 open\n")
        sys.stdout.write(json_line({"a": "港"}) + "\n")
        assert raw(sys.stdout) is behind
        assert not hasattr(sys.stdout, "buffer")  # a way past it
    behind.flush()

    assert cast("io.BytesIO", behind.buffer).getvalue() == b'?? open\n{"a": "\\u6e2f"}\n'


def test_half_a_pair_in_a_feed_costs_no_run(command: Command, evil: Site) -> None:
    """JSON of the web is full of emoji that were cut in two; no file and no database takes one."""
    ran = command("extract", evil.url("/feed"), *flags(evil), "--json")

    (read,) = [row for row in ran.rows if row.get("title") == f"Half{SIGN}"]
    assert read["url"] == evil.url(f"/half{SIGN}")


def test_doctor_keeps_its_colours_on_a_terminal(home: Path) -> None:
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "localdigest", "doctor"], stdout=child, stderr=child, stdin=child, cwd=home,
        env={**os.environ, "TERM": "xterm", "PYTHONPATH": str(REPOSITORY), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    os.close(child)
    printed = b""
    with suppress(OSError):  # the terminal is gone
        while part := os.read(parent, 65_536):
            printed += part
    process.wait()
    os.close(parent)

    assert b"\x1b[32m" in printed
    assert SIGN.encode() not in printed
