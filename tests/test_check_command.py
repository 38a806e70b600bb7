"""`localdigest check`: what it prints and answers."""

from __future__ import annotations

import io
import json
import sys
import time
from pathlib import Path

import pytest
from conftest import REPOSITORY, Command
from servers import Route, serve

PAGES = REPOSITORY / "examples" / "pages"
FUNDING = PAGES / "funding-zh.html"

STORY = """\
# Solvane raises a round

The chipmaker Solvane raised $1.2 billion on Tuesday in a round led by the pension fund Haverkamp.
It will open a plant with 600 employees in Tainan in March 2026.
“We build for the next decade,” said its founder, Ana Reyes.
"""


@pytest.fixture
def story(home: Path) -> Path:
    path = home / "story.md"
    path.write_text("---\ndate: 2025-12-03\n---\n" + STORY, encoding="utf-8")
    return path


def draft_of(home: Path, *lines: str) -> Path:
    path = home / "draft.md"
    path.write_text("\n\n".join(lines), encoding="utf-8")
    return path


def test_each_sentence_gets_an_object_a_line(command: Command, home: Path, story: Path) -> None:
    draft = draft_of(
        home,
        "Solvane raised [$1.2bn](https://x.example) in a round led by Haverkamp. It will employ 900 people.",
        "Solvane 將於明年三月在台南開設 600 人的工廠。",
        "這對產業的意義深遠。",
        "“We build for the next quarter,” said Ana Reyes.",
    )

    ran = command("check", draft, "--against", story, "--json")

    assert ran.code == 3
    assert [list(row) for row in ran.rows] == [["sentence", "verdict", "tokens", "problems", "evidence"]] * 5
    assert [row["verdict"] for row in ran.rows] == [
        "supported",
        "unsupported",
        "supported",
        "undecided",
        "unsupported",
    ]
    assert ran.rows[0]["sentence"] == ("Solvane raised [$1.2bn](https://x.example) in a round led by Haverkamp.")
    assert ran.rows[1]["tokens"] == ["900"]
    assert "We build for the next quarter," in ran.rows[4]["tokens"]
    first = ran.rows[0]["evidence"][0]
    assert (set(first), first["id"]) == ({"id", "text", "url"}, "D1.S2")
    assert first["url"].startswith("file:")


def test_a_true_draft_exits_with_0(command: Command, home: Path, story: Path) -> None:
    draft = draft_of(home, "Haverkamp led the $1,200 million round of the chipmaker Solvane on 2 December 2025.")

    ran = command("check", draft, "--against", story)

    assert ran.code == 0
    assert ran.out.startswith("✓ Haverkamp led")
    assert "1 sentences against 1 source: 1 supported, 0 unsupported, 0 undecided" in ran.err


def test_the_text_output_names_what_is_wrong(command: Command, home: Path, story: Path) -> None:
    ran = command("check", draft_of(home, "Solvane raised $2.1 billion on Tuesday."), "--against", story)

    assert ran.code == 3
    assert ran.out.splitlines()[0] == "✗ Solvane raised $2.1 billion on Tuesday."
    assert "$2.1 billion: number: the evidence has" in ran.out
    assert "D1.S2: The chipmaker Solvane raised" in ran.out


def test_several_sources_may_follow_the_first(command: Command, home: Path, story: Path) -> None:
    draft = draft_of(home, "Helsing 在 6 月募得 6 億歐元。", "Solvane raised $1.2bn.")

    rows = command("check", draft, "--against", story, FUNDING, "--json").rows
    again = command("check", draft, "--against", story, "--against", FUNDING, "--json").rows

    assert [row["verdict"] for row in rows] == ["supported", "supported"]
    assert rows[0]["evidence"][0]["id"].startswith("D2.")
    assert rows == again


def test_the_draft_may_come_on_stdin(command: Command, story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("Solvane raised $1.2bn in a round led by Haverkamp."))

    ran = command("check", "-", "--against", story, "--json")

    assert [row["verdict"] for row in ran.rows] == ["supported"]


def test_a_source_can_be_an_address(command: Command, home: Path) -> None:
    paragraphs = "".join(f"<p>{line}</p>" for line in STORY.splitlines()[2:])
    page = (
        f"<html><head><title>Solvane</title></head><body><article><h1>Solvane</h1>{paragraphs}</article></body></html>"
    )
    draft = draft_of(home, "Solvane will open a plant in Tainan with 600 employees.")
    with serve({"/story": Route(page)}) as site:
        ran = command(
            "check", draft, "--against", site.url("/story"), "--json", "--allow-host", site.host, "--interval", "0"
        )

        assert ran.rows[0]["verdict"] == "supported"
        assert ran.rows[0]["evidence"][0]["url"] == site.url("/story")


def test_a_post_of_our_own_passes(command: Command, home: Path) -> None:
    topic = REPOSITORY / "examples" / "mistral-week.toml"
    command("run", topic, "--out", home / "out")

    ran = command("check", home / "out" / "2025-12-30-mistral.md", "--against", topic, "--json")

    verdicts = [row["verdict"] for row in ran.rows]
    assert ran.code == 0
    assert verdicts.count("supported") > 40
    assert "unsupported" not in verdicts


def test_a_falsified_post_does_not(command: Command, home: Path) -> None:
    topic = REPOSITORY / "examples" / "mistral-week.toml"
    command("run", topic, "--out", home / "out")
    post = home / "out" / "2025-12-30-mistral.md"
    text = post.read_text(encoding="utf-8")
    assert "17 億歐元" in text
    post.write_text(text.replace("17 億歐元的 C 輪", "71 億歐元的 C 輪"), encoding="utf-8")

    ran = command("check", post, "--against", topic, "--json")

    assert ran.code == 3
    assert {token for row in ran.rows for token in row["tokens"]} >= {"71 億歐元"}


@pytest.mark.parametrize("form", ["missing", "folder", "binary", "latin", "empty", "front matter only"])
def test_a_draft_that_cannot_be_one_exits_with_2(command: Command, home: Path, story: Path, form: str) -> None:
    path = home / "bad"
    if form == "folder":
        path.mkdir()
    elif form != "missing":
        bodies = {
            "binary": b"\x00\x01\x02 a",
            "latin": b"caf\xe9",
            "empty": b" \n",
            "front matter only": b"---\ntitle: x\n---\n",
        }
        path.write_bytes(bodies[form])

    ran = command("check", path, "--against", story)

    assert ran.code == 2
    assert "Error: " in ran.err
    assert "Hint: " in ran.err


def test_sources_that_hold_nothing_exit_with_4(command: Command, home: Path) -> None:
    (home / "empty.html").write_bytes(b"")

    ran = command("check", draft_of(home, "A sentence."), "--against", "empty.html", "--json")

    assert ran.code == 4
    assert json.loads(ran.out)["error"]["type"] == "NothingToSummarizeError"


def test_without_sources_it_says_so(command: Command, home: Path) -> None:
    ran = command("check", draft_of(home, "A sentence."))

    assert ran.code == 2
    assert "No sources" in ran.err


def test_stdin_cannot_be_both(command: Command) -> None:
    assert command("check", "-", "--against", "-").code == 2


def test_a_thousand_sentences_against_fifty_documents_take_seconds(command: Command, home: Path) -> None:
    folder = home / "sources"
    folder.mkdir()
    for number in range(50):
        lines = [
            f"Station {number}-{line} in district {line % 7} measured {number * 100 + line} litres of rain and "
            f"{line % 40}.{number % 10} degrees on {line % 28 + 1} March 2026, said Officer Nr{number}x{line}."
            for line in range(60)
        ]
        (folder / f"s{number}.md").write_text("# Report\n\n" + "\n\n".join(lines), encoding="utf-8")
    draft = draft_of(
        home,
        *(
            f"Station {number}-{line} measured {number * 100 + line} litres of rain, said Officer Nr{number}x{line}."
            for number in range(50)
            for line in range(20)
        ),
    )
    started = time.process_time()

    ran = command("check", draft, "--against", folder, "--json")

    assert len(ran.rows) == 1000
    assert {row["verdict"] for row in ran.rows} == {"supported"}
    assert time.process_time() - started < 60
