"""Every bad input ends in one message, a hint and the right exit code, and loses nothing."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import HEEDING_PYTHON, REPOSITORY, Command, Ran
from servers import Route, serve

from localdigest.hints import hint_for
from localdigest.records import Failure, Reason, Source
from localdigest.store import Store

EXAMPLE = REPOSITORY / "examples" / "mistral-week.toml"
ARTICLE = """<title>A quay for Lindholm</title><article><h1>A quay for Lindholm</h1>
<p>The harbour of Lindholm opened its second quay on Monday after four years of work and two of delay.</p>
<p>The new quay takes ships of up to 340 metres, which until now had to unload in the next county.</p>
<p>The port authority expects 120 more calls a year and says that two cranes will follow in the autumn.</p>
<p>The work cost 410 million kronor, a third more than planned, and was paid by the county and the state.</p>
</article>"""


def assert_one_error(ran: Ran, code: int, *says: str) -> None:
    lines = [line for line in ran.err.splitlines() if line.startswith(("Error:", "Hint:"))]

    assert code == ran.code, ran.err
    assert [line.split(":")[0] for line in lines] == ["Error", "Hint"]
    assert len(lines[1]) > len("Hint: ")
    assert "Traceback" not in ran.err
    for word in says:
        assert word in ran.err


def test_no_source_at_all(command: Command) -> None:
    assert_one_error(command("run"), 2, "No sources were named", "localdigest init")


def test_a_missing_file(command: Command) -> None:
    assert_one_error(command("run", "nowhere.html"), 4, "nowhere.html", "Check the address or the path")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.html", b"", "empty.html"),
        ("blank.html", b"<html><head></head><body>  </body></html>", "blank.html"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "HTML, PDF, Markdown"),
        ("picture.html", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "picture.html"),
        ("program.bin", b"\x7fELF\x02\x01\x01" + bytes(4000), "HTML, PDF, Markdown"),
        ("broken.pdf", b"%PDF-1.7\n" + b"garbage " * 100, "whole"),
        ("feed.xml", b"<rss version='2.0'><channel><item><title>Never clo", "feed.xml"),
        ("lists.opml", b"<opml version='2.0'><body><outline text='a'", "lists.opml"),
    ],
)
def test_a_file_that_holds_no_text(command: Command, home: Path, name: str, content: bytes, says: str) -> None:
    (home / name).write_bytes(content)

    assert_one_error(command("run", name), 4, name, says)


def test_one_bad_source_among_good_ones_stops_nothing_and_is_told(command: Command, home: Path) -> None:
    (home / "good.html").write_text(ARTICLE)
    (home / "bad.html").write_bytes(b"")

    ran = command("run", "good.html", "bad.html", "nowhere.html", "--date", "2025-12-30", "--min-coverage", "0.3")

    assert ran.code == 0
    assert "Not read: bad.html: empty" in ran.err
    assert "Not read: nowhere.html: not-found" in ran.err


def test_too_few_sources_read_is_exit_code_3_with_the_files_written(command: Command, home: Path) -> None:
    (home / "good.html").write_text(ARTICLE)

    ran = command("run", "good.html", "nowhere.html", "elsewhere.html", "--date", "2025-12-30")

    assert ran.code == 3
    assert (home / "output" / "2025-12-30-digest.md").is_file()
    assert command("run", "good.html", "nowhere.html", "--strict").code == 3


def test_text_in_a_wrong_encoding_is_read_all_the_same(command: Command, home: Path) -> None:
    text = "半導體設備商艾司摩爾領投了這一輪募資。金額達十七億歐元，是今年最大的一筆。" * 5
    (home / "big5.txt").write_bytes(text.encode("big5"))

    rows = command("extract", "big5.txt", "--json").rows

    assert rows[0]["text"].startswith("半導體設備商艾司摩爾")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("topic = 'a'\nsources = [\n'b'\n", "t.toml, line 3"),
        ("topc = 'a'\n", "t.toml, line 1"),
        ("limit = -1\n", "t.toml, line 1"),
    ],
)
def test_a_malformed_topic_file_is_told_by_its_line(command: Command, home: Path, text: str, says: str) -> None:
    (home / "t.toml").write_text(text)

    assert_one_error(command("run", "t.toml"), 2, says)


@pytest.mark.parametrize(
    "flags",
    [("--since", "yesterday"), ("--limit", "-3"), ("--lang", "fr"), ("--date", "30.12."), ("--interval", "x")],
)
def test_a_wrong_value_of_a_flag(command: Command, flags: tuple[str, str]) -> None:
    assert_one_error(command("run", "a.html", *flags), 2, flags[0], "expected")


def test_an_unknown_flag_is_a_usage_error(command: Command) -> None:
    ran = command("run", "--no-such-flag")

    assert ran.code == 2
    assert "No such option" in ran.err


def test_an_output_folder_that_cannot_be_made_is_told_before_any_work(command: Command, home: Path) -> None:
    (home / "good.html").write_text(ARTICLE)
    (home / "file").write_text("in the way")

    ran = command("run", "good.html", "--out", "file/out")

    assert_one_error(ran, 1, "cannot be written", "--out DIR")
    assert "Reading" not in ran.err


def test_an_output_folder_that_the_system_refuses(command: Command, home: Path) -> None:
    """The process file system takes no folder from anybody, root included."""
    (home / "good.html").write_text(ARTICLE)

    assert_one_error(
        command("run", "good.html", "--out", "/proc/localdigest"), 1, "/proc/localdigest cannot be written"
    )


def test_a_store_that_is_no_database(command: Command, home: Path) -> None:
    (home / "good.html").write_text(ARTICLE)
    (home / "store").write_text("dear diary, " * 200)

    assert_one_error(command("run", "good.html", "--store", "store"), 1, "store", "Move it away")


def test_a_manifest_that_is_none(command: Command, home: Path) -> None:
    (home / "a.json").write_text('{"schema": "something/else"}')
    (home / "b.json").write_text("{")
    (home / "deep.json").write_text("[" * 200_000)
    (home / "half.json").write_text('{"schema": "localdigest/manifest/1", "topic": "\\ud83d"}')

    assert_one_error(command("render", "a.json"), 2, "no manifest that this version knows")
    assert_one_error(command("render", "b.json"), 2, "is not JSON")
    assert_one_error(command("render", "deep.json"), 2, "is not JSON")
    assert_one_error(command("render", "half.json"), 2, "is not JSON")
    assert_one_error(command("render", "nowhere.json"), 2, "There is no file nowhere.json")


def test_an_argument_that_is_no_utf_8(command: Command, home: Path) -> None:
    (home / "good.html").write_text(ARTICLE)

    assert_one_error(command("run", "good.html", "--topic", "caf\udce9"), 2, "expected UTF-8")
    assert_one_error(command("run", "caf\udce9.html"), 4, "no such file")


def test_an_error_with_json_is_json_on_stdout(command: Command) -> None:
    ran = command("run", "nowhere.html", "--json")

    assert ran.json["ok"] is False
    assert ran.json["exit_code"] == ran.code == 4
    assert set(ran.json["error"]) == {"type", "message", "hint"}


def test_a_full_disk_ends_in_an_error_and_loses_nothing_stored(home: Path) -> None:
    """A limit on the size of files stands in for the disk: writes fail as on a full one."""
    (home / "good.html").write_text(ARTICLE)
    arguments = ["run", "good.html", "--out", "out", "--store", "store.sqlite3", "--date", "2025-12-30"]
    first = localdigest(*arguments)
    before = (home / "out" / "2025-12-30-digest.md").read_bytes()
    (home / "good.html").write_text(ARTICLE.replace("Monday", "Tuesday"))

    ran = localdigest(*arguments, limit_bytes=1_000)

    assert first.code == 0
    assert_one_error(ran, 1, "cannot be")
    assert before == (home / "out" / "2025-12-30-digest.md").read_bytes()
    assert not list((home / "out").glob(".localdigest-*"))
    with Store(home / "store.sqlite3") as store:
        assert store.stats().digests == 1


def test_an_interrupted_run_says_so_and_keeps_what_it_has(home: Path) -> None:
    page = ARTICLE.encode()
    with serve({"/quick": Route(page, etag='"1"'), "/slow": Route(page, delay_s=30)}) as site:
        flags = ["--allow-host", site.host, "--interval", "0", "--store", "store.sqlite3"]
        process = subprocess.Popen(
            [*HEEDING_PYTHON, "-m", "localdigest", "run", site.url("/quick"), site.url("/slow"), *flags],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        wait_until(lambda: bool(site.asked("/slow")))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
        with Store(home / "store.sqlite3") as store:
            kept = store.page(site.url("/quick"))

    assert_one_error(Ran(process.returncode, out, err), 130, "Interrupted", "goes on from there")
    assert kept is not None


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def localdigest(*arguments: str, limit_bytes: int = 0) -> Ran:
    """The real process, perhaps unable to write files larger than a limit."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    done = subprocess.run(
        [sys.executable, "-m", "localdigest", *arguments],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit if limit_bytes else None,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_hint(reason: Reason) -> None:
    hint = hint_for([Failure(Source("a"), reason)])

    assert hint.endswith(".")
