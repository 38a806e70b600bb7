"""Pages given by hand: `localdigest add`, the inbox, and what runs make of it."""

from __future__ import annotations

import io
import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Command, Ran
from servers import Route, Site, serve
from test_pdf import whole_paper

from localdigest.hints import by_hand_command, hint_for
from localdigest.records import Failure, Reason, Source
from localdigest.sourcing.inbox import Inbox, read_inbox

STORY = (
    "The harbour of Lindholm will get a new quay next spring, the council decided on Monday. The quay is 240 metres"
    " long and costs 18 million crowns. Fishermen had asked for it for nine years. Work begins in March, and the first"
    " ships are to moor in October. Two councillors voted against it, since the road to it is not yet paid for."
)
OTHER = (
    "The bakery on Mill Street closes after eighty years. Its owner found nobody who wants to get up at two in the"
    " morning. The last loaves are sold on Saturday at half the price. The building will become a library for children,"
    " with forty seats and a garden that the neighbours have promised to keep."
)


def page_of(title: str, text: str) -> str:
    return f"<!DOCTYPE html><title>{title}</title><article><h1>{title}</h1><p>{text}</p></article>"


@pytest.fixture
def site() -> Iterator[Site]:
    routes = {
        "/story": Route("no", status=403),
        "/open": Route(page_of("A bakery closes", OTHER)),
        "/feed.xml": Route(
            "<rss version='2.0'><channel><title>News</title>"
            "<item><title>Quay</title><link>/story?utm_source=feed</link></item><item><title>Bakery</title><link>/open</link></item></channel></rss>",
            content_type="application/rss+xml",
        ),
    }
    with serve(routes) as running:
        yield running


@pytest.fixture
def saved(home: Path) -> Path:
    """A page as a browser saves it, outside of the inbox."""
    path = home / "page.html"
    path.write_text(page_of("Lindholm gets a new quay", STORY), encoding="utf-8")
    return path


def digest(command: Command, site: Site, home: Path, *more: str) -> tuple[Ran, dict[str, Any]]:
    ran = command(
        *("run", *more, "--allow-host", site.host, "--interval", "0", "--writer", "extractive", "--no-pictures"),
        *("--date", "2025-12-30", "--slug", "news", "--topic", "Lindholm", "--lang", "en", "--out", home / "out"),
    )
    path = home / "out" / "2025-12-30-news.json"
    return ran, json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def paste(monkeypatch: pytest.MonkeyPatch, text: str | bytes) -> None:
    body = text if isinstance(text, bytes) else text.encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(body)))


def test_a_page_that_the_site_refuses_is_read_from_the_inbox(
    command: Command, site: Site, home: Path, saved: Path
) -> None:
    """The first run says how; the second asks the site for nothing, and cites the address all the same."""
    address = site.url("/story")
    before, manifest = digest(command, site, home, address, site.url("/open"))

    assert [each["reason"] for each in manifest["sources"] if each["locator"] == address] == ["forbidden"]
    assert f"localdigest add page.html --url {address}" in before.err
    for name in ("md", "html"):
        assert "localdigest add page.html --url URL" in (home / "out" / f"2025-12-30-news.{name}").read_text("utf-8")

    added = command("add", saved, "--url", address)
    asked = len(site.asked("/story"))
    after, manifest = digest(command, site, home, address, site.url("/open"))

    assert (added.code, after.code) == (0, 0), added.err + after.err
    assert Path(added.out.strip()).read_bytes() == saved.read_bytes()
    assert len(site.asked("/story")) == asked
    (source,) = [each for each in manifest["sources"] if each["via"] == "inbox"]
    assert source["url"] == address
    assert source["fate"] == "cited"
    assert [each["url"] for each in manifest["documents"] if each["id"] == source["document"]] == [address]
    assert "localdigest add" not in (home / "out" / "2025-12-30-news.md").read_text("utf-8")


def test_an_entry_of_a_feed_is_read_from_the_inbox_too(command: Command, site: Site, home: Path, saved: Path) -> None:
    """However its address is spelled; and what nobody saved is fetched."""
    command("add", saved, "--url", site.url("/story/"))

    ran, manifest = digest(command, site, home, site.url("/feed.xml"))

    assert ran.code == 0, ran.err
    assert [entry for entry in site.log if entry.path.startswith("/story")] == []
    assert len(site.asked("/open")) == 1
    assert sorted((each["via"].split()[0], each["fate"]) for each in manifest["sources"]) == [
        ("feed", "cited"),
        ("inbox", "cited"),
    ]


def test_whatever_else_lies_beside_a_topic_file_is_a_source(command: Command, site: Site, home: Path) -> None:
    """Put there by hand, with a note or without; no source need be named besides."""
    (home / "topic.toml").write_text('topic = "Lindholm"\n', encoding="utf-8")
    inbox = home / "inbox"
    inbox.mkdir()
    (inbox / "quay.txt").write_text(STORY, encoding="utf-8")
    (inbox / "quay.txt.toml").write_text('url = "https://news.example/quay"\npublished = 2025-12-29\n', "utf-8")
    (inbox / "bakery.md").write_text(f"# A bakery closes\n\n{OTHER}\n", encoding="utf-8")
    (inbox / "logo.png").write_bytes(b"\x89PNG")

    ran, manifest = digest(command, site, home, str(home / "topic.toml"))

    assert ran.code == 0, ran.err
    assert {each["via"] for each in manifest["sources"]} == {"inbox"}
    documents = {each["url"]: each for each in manifest["documents"]}
    assert documents["https://news.example/quay"]["published"] == "2025-12-29"
    assert documents[""]["title"] == "A bakery closes"
    assert [each["reason"] for each in manifest["sources"] if each["fate"] == "not-read"] == ["unsupported-type"]


def test_pasted_text_is_kept_with_its_first_line_as_title(
    command: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And takes the place of what was kept for the same address before, whatever its form was."""
    paste(monkeypatch, page_of("Old", OTHER))
    first = command("add", "-", "--url", "https://x.com/harbour/status/12?s=20").out.strip()
    paste(monkeypatch, f"A quay for Lindholm\n\n{STORY}")
    second = command("add", "-", "--url", "https://twitter.com/harbour/status/12", "--json").json

    assert (Path(first).suffix, Path(second["path"]).suffix) == (".html", ".txt")
    assert second["title"] == "A quay for Lindholm"
    assert second["replaced"] is True
    kept = sorted(path.name for path in (home / "inbox").iterdir())
    assert kept == [".localdigest-inbox", Path(second["path"]).name, f"{Path(second['path']).name}.toml"]


def test_a_paper_is_kept_as_it_is(command: Command, home: Path) -> None:
    """Byte for byte, with the title that was given."""
    (home / "paper.pdf").write_bytes(whole_paper())

    added = command("add", "paper.pdf", "--url", "https://papers.example/1", "--title", 'Of "experts"', "--json").json
    (source,) = read_inbox("inbox").sources

    assert Path(added["path"]).read_bytes() == whole_paper()
    assert (source.url, source.title) == ("https://papers.example/1", 'Of "experts"')


def test_a_title_from_a_terminal_is_one_line_of_text(command: Command, saved: Path) -> None:
    """Whatever a shell hands over: bytes that are no UTF-8, colours, a rubout, the end of a line."""
    ran = command(
        "add", saved, "--url", "https://news.example/q", "--title", "A\udcff \x1b[1mquay\x7f\u2028 of\n'ours\""
    )
    (source,) = read_inbox("inbox").sources

    assert ran.code == 0, ran.err
    assert source.title == "A [1mquay of 'ours\""
    assert command("add", saved, "--url", "https://news.example/\udcff").code == 2


def test_a_page_that_names_its_address_needs_none(command: Command, home: Path) -> None:
    """Browsers write it into what they save."""
    comment = "<!-- saved from url=(0030)https://news.example/quay/2025 -->"
    (home / "page.html").write_text(comment + page_of("A quay", STORY), encoding="utf-8")

    assert command("add", "page.html", "--json").json["url"] == "https://news.example/quay/2025"


@pytest.mark.parametrize(
    ("body", "name", "told"),
    [
        ("<title>Log in</title><p>Please log in to go on.<form><input type=password></form>", "a.html", "Log in"),
        ("", "a.txt", "empty"),
        ("  \n", "a.txt", "white space"),
        (b"%PDF-1.7 and nothing more", "a.pdf", "damaged"),
        (b"\x89PNG\r\n\x1a\n", "a.png", "no document by its name"),
    ],
)
def test_what_is_no_document_is_refused_and_nothing_is_kept(
    command: Command, home: Path, body: str | bytes, name: str, told: str
) -> None:
    """With the reason, and exit code 2."""
    (home / name).write_bytes(body if isinstance(body, bytes) else body.encode())

    ran = command("add", name, "--url", "https://news.example/a")

    assert ran.code == 2
    assert told in ran.err
    assert "Hint: " in ran.err
    assert not (home / "inbox").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nowhere.html", "--url", "https://news.example/a"), "no such file"),
        (("https://news.example/a",), "A file is kept, not an address"),
        (("saved.html",), "does not name its own address"),
        (("-",), "Text from stdin names no address"),
        (("-", "--url", "news.example/a"), "`--url`"),
        (("-", "--url", "https://me:secret@news.example/a"), "`--url`"),
        (("-", "--url", "https://news.example/a", "--max-bytes", "9"), "more than 9 bytes"),
    ],
)
def test_a_command_that_cannot_be_right_says_why(
    command: Command, home: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], told: str
) -> None:
    (home / "saved.html").write_text(page_of("A quay", STORY), encoding="utf-8")
    paste(monkeypatch, STORY)

    ran = command("add", *arguments)

    assert ran.code == 2
    assert told in ran.err
    assert "secret" not in ran.err


def test_a_folder_of_that_name_that_is_no_inbox_is_neither_filled_nor_read(
    command: Command, site: Site, home: Path, saved: Path
) -> None:
    """Letters may lie there. One that is named is taken."""
    (home / "inbox").mkdir()
    (home / "inbox" / "letter.txt").write_text(OTHER, encoding="utf-8")

    refused = command("add", saved, "--url", "https://news.example/quay")
    taken = command("add", saved, "--url", "https://news.example/quay", "--inbox", "by-hand")
    _, manifest = digest(command, site, home, site.url("/open"))

    assert (refused.code, taken.code) == (2, 0)
    assert "holds something else" in refused.err
    assert [path.name for path in (home / "inbox").iterdir()] == ["letter.txt"]
    assert [each["via"] for each in manifest["sources"]] == ["command line"]


def test_only_digests_are_made_of_the_inbox(command: Command, home: Path, saved: Path) -> None:
    """`extract` reads what it is told to."""
    command("add", saved, "--url", "https://news.example/quay")
    (home / "other.md").write_text(f"# A bakery closes\n\n{OTHER}\n", encoding="utf-8")

    assert [row["title"] for row in command("extract", "other.md", "--json").rows] == ["A bakery closes"]
    assert [row["via"] for row in command("collect", "other.md", "--json").rows] == ["command line", "inbox"]


@pytest.mark.parametrize(
    "note", ["url = 'ftp://a.example'", "link = 'https://a.example'", "url = ", b"\xff", "url = 7"]
)
def test_a_file_with_a_note_that_says_nothing_is_not_read(home: Path, note: str | bytes) -> None:
    """It would be cited by a wrong address, or by none."""
    (home / "a.md").write_text(OTHER, encoding="utf-8")
    (home / "a.md.toml").write_bytes(note if isinstance(note, bytes) else note.encode())

    (failure,) = read_inbox(str(home)).failures

    assert failure.source.locator == str(home / "a.md")
    assert failure.reason is Reason.UNREADABLE
    assert failure.detail.startswith("a.md.toml")


def test_hints_that_a_shell_may_read_quote_what_strangers_wrote() -> None:
    """An entry of a feed can have any address."""
    address = "https://a.example/$(touch${IFS}here)&x='1'"
    hint = hint_for([Failure(Source(address), Reason.FORBIDDEN)])

    assert shlex.split(hint.partition("then: ")[2]) == ["localdigest", "add", "page.html", "--url", address]
    assert by_hand_command() == "localdigest add page.html --url URL"


def test_hints_about_a_saved_page_do_not_ask_to_save_it() -> None:
    """It was saved, and shows a wall."""
    assert "save it again" in hint_for([Failure(Source("wall.html"), Reason.LOGIN_WALL)])


def test_a_saved_page_stands_for_its_address_with_the_hints_of_who_names_it() -> None:
    """What the person wrote comes first."""
    inbox = Inbox((Source("inbox/a.html", via="inbox", url="http://www.news.example/a/"), Source("inbox/b.html")))
    named = Source("https://news.example/a?utm_source=x#top", via="feed F", title="T", published="2025-12-30")

    assert inbox.in_place(named) == Source(
        "inbox/a.html", via="inbox", title="T", published="2025-12-30", url="http://www.news.example/a/"
    )
    assert inbox.in_place(Source("https://news.example/b")) == Source("https://news.example/b")
    assert inbox.in_place(Source("a.html")) == Source("a.html")
    assert len(inbox.all_in_place([named, Source("https://news.example/a")])) == 1
