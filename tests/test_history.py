"""A digest of the next day, through every real part: nothing is repeated, nothing is skipped in silence."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import Command
from test_post import FIRST as FIRST_PAGE
from test_post import SAVED, a_manifest

from localdigest.errors import UsageError
from localdigest.history import History, Week
from localdigest.manifest import Manifest, dumps, loads
from localdigest.render.locale import load_locale
from localdigest.render.page import draw_page
from localdigest.render.picture.content import to_content
from localdigest.render.picture.draw import draw_pictures
from localdigest.render.post import draw_post

FIRST, SECOND, THIRD = "2026-01-05", "2026-01-06", "2026-01-07"

#: Ten stories in four sentences each, of one subject, made for these tests.
STORIES = {
    "ferry": """\
Port Ellis buys electric ferries
The harbour council of Port Ellis voted on Monday to replace its three diesel ferries with electric ones.
The first of the new boats, built by the Norwegian yard Fjordverk, will carry 280 passengers and arrive in March 2027.
Port Ellis will pay 41 million euros for the three ferries, a third of which comes from the national climate fund.
Opponents of the plan said that the winter storms of the last decade had shown how fragile the piers have become.""",
    "funding": """\
Arkon raises 300 million dollars
The laboratory Arkon has raised 300 million dollars for its batteries in a round led by Sequent Capital.
The round values Arkon at 2.4 billion dollars, which is twice as much as a year ago.
Arkon will spend the money on a plant near Lyon and on hiring 120 researchers there.
The founders kept the majority of the votes, according to a person who has seen the contract.""",
    "bus": """\
Lindow replaces its diesel buses
The town of Lindow will replace all of its 600 diesel buses by electric ones before the end of next year.
The town has set aside 38 million euros, of which the state pays four tenths.
The first 120 buses will run in April, said Eve Chandler, who leads the transport office.
A depot with chargers is being built on the ground of the old slaughterhouse.""",
    "rail": """\
Night trains return to Prague
Night trains between Prague and Copenhagen will run again from April, the two railways announced on Tuesday.
The line was given up in 2014, when cheap flights had taken most of its passengers within three years.
Twelve sleeping cars have been rebuilt in Ostrava, each with ten compartments and a shower.
A bed will cost from 59 euros, and the journey takes eleven hours with stops in Dresden and Berlin.""",
    "bridge": """\
Bridge over the Orne closes for repairs
The suspension bridge over the Orne will be closed for seven months from the first of February.
Engineers found cracks in four of the 36 cables when they examined them with ultrasound in autumn.
Lorries have to make a detour of 54 kilometres through the hills while the cables are replaced.
The county expects costs of 17 million euros and will ask the ministry for half of them.""",
    "cars": """\
Sales of electric cars fall in Norland
Sales of electric cars fell by 14 percent in Norland last year after the state had ended its premium.
Dealers sold 91,000 of them, most in the first quarter, when the premium was still paid.
The association of dealers asked the government to lower the tax on charging current.
Used electric cars were sold 22 percent cheaper in December than a year before.""",
    "chip": """\
Halden delays its power chip
The chip maker Halden will ship its power chip Ridge nine months later than it had planned.
Halden blamed a fault in the controller that was found in tests at low temperatures in October.
Analysts expect the delay to cost Halden 200 million dollars in sales next year.
Two makers of inverters said that they had looked for another supplier for their next models.""",
    "tram": """\
Tramway workers in Sorel end their strike
Tramway workers in Sorel ended their strike of nine days after an agreement with the city on Sunday.
Wages rise by six percent in two steps, and night shifts are limited to three a week.
The union had asked for nine percent and for a second conductor on the long lines.
About 70,000 passengers a day had to walk, cycle or share cars while the strike lasted.""",
    "solar": """\
Solar park at Grenmark goes into service
The solar park at Grenmark, the largest in the north, went into service with 410,000 panels on Friday.
It supplies 68,000 households on a clear day, and its batteries keep four hours of its output.
Sheep will graze between the panels, for which a farmer from the village has a contract of ten years.
Neighbours had sued for a wider strip of trees and won 30 metres of it in court.""",
    "dock": """\
Shipyard in Varna builds a floating dock
The shipyard in Varna will build a floating dock for vessels of up to 340 metres by the summer of 2028.
The dock costs 96 million euros and is paid by the port, the yard and a bank for development.
Until now such vessels had to sail to Piraeus when their hulls needed paint or repairs.
The yard wants to hire 250 welders and opens a school for them in September.""",
}
NEWS = {
    "ferry": "Fishermen collected 2,000 signatures against the ferries, since the charging station takes their quay.",
    "chip": "Halden will have the controller made by another supplier, so that Ridge can be shipped in September.",
}


def write(folder: Path, name: str, *more: str) -> None:
    title, *sentences = [*STORIES[name].splitlines(), *more]
    paragraphs = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.html").write_text(
        f"<html lang=en><head><title>{title}</title>"
        f"<meta property='article:published_time' content='2026-01-04T08:00:00Z'></head>"
        f"<body><article><h1>{title}</h1>{paragraphs}</article></body></html>"
    )


@pytest.fixture
def pages(home: Path) -> Path:
    """Ten pages."""
    for name in STORIES:
        write(home / "pages", name)
    return home / "pages"


def run(command: Command, date: str, *more: str, code: int = 0) -> Any:
    ran = command("run", "pages", "--date", date, "--topic", "Transport", "--lang", "en", "--no-pictures", *more)
    assert ran.code == code, ran.err
    return ran


def manifest(home: Path, date: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((home / "output" / f"{date}-transport.json").read_text())
    return found


def told(found: dict[str, Any]) -> list[str]:
    """Every sentence of a digest but the names of its items."""
    digest = found["digest"]
    parts = [part for section in digest["sections"] for part in section["parts"]]
    return [each["text"] for each in (*digest["summary"], *(each for part in parts for each in part["statements"]))]


def items(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [part for each in found["digest"]["sections"] if each["key"] == "news" for part in each["parts"]]


# ── the next day ──


def test_two_pages_of_ten_that_changed_give_what_is_new_in_them_and_nothing_else(
    command: Command, home: Path, pages: Path
) -> None:
    run(command, FIRST)
    for name, sentence in NEWS.items():
        write(pages, name, sentence)

    ran = run(command, SECOND)

    before, after = manifest(home, FIRST), manifest(home, SECOND)
    assert len(told(before)) > 20
    assert set(told(after)) == set(NEWS.values())
    assert not set(told(before)) & set(told(after))
    assert {item["headline"]["text"]: item["seen"] for item in items(after)} == {
        STORIES[name].splitlines()[0]: FIRST for name in NEWS
    }
    counts = after["counts"]
    assert (counts["read"], counts["covered"], counts["left_out"], counts["not_read"]) == (2, 8, 8, 0)
    covered = [source for source in after["sources"] if source["reason"] == "covered"]
    assert {Path(source["locator"]).stem for source in covered} == set(STORIES) - set(NEWS)
    assert {(source["fate"], source["seen"]) for source in covered} == {("left-out", FIRST)}
    assert [(each["told"], each["seen"]) for each in after["documents"]] == [(5, FIRST), (5, FIRST)]
    assert "8 told before, nothing new in them" in ran.err
    assert "2 stories, 2 of them seen before" in ran.err


@pytest.mark.parametrize(
    ("language", "seen", "covered", "partly"),
    [
        ("en", "Seen before, on 2026-01-05; new:", "told on 2026-01-05", "sentences told by 2026-01-05 and left out"),
        ("zh-TW", "2026-01-05 曾報導；新進展：", "已於 2026-01-05 報導", "5 句已於 2026-01-05 或更早報導"),
    ],
)  # fmt: skip
def test_post_and_page_say_what_was_seen_before_and_what_was_left_out(
    command: Command, home: Path, pages: Path, *, language: str, seen: str, covered: str, partly: str
) -> None:
    run(command, FIRST)
    write(pages, "ferry", NEWS["ferry"])
    run(command, SECOND, "--lang", language)

    post, page = ((home / "output" / f"{SECOND}-transport{ending}").read_text() for ending in (".md", ".html"))
    for text in (post, page):
        assert text.count(seen) == 1
        assert text.count(covered) == 9
        assert text.count(partly) == 1
        assert "Solar park at Grenmark goes into service" in text
    assert re.search(rf"{re.escape(seen)}\W* {NEWS['ferry']}", post)
    assert "left out by window or limits" not in post


def test_where_all_is_old_no_file_is_written_and_the_day_is_named(command: Command, home: Path, pages: Path) -> None:
    assert pages.is_dir()
    run(command, FIRST)

    ran = run(command, SECOND, code=4)
    error = json.loads(run(command, SECOND, "--json", code=4).out)["error"]

    assert f"the last of them that of {FIRST}" in ran.err
    assert "`--no-history`" in ran.err
    assert FIRST in error["message"]
    assert "--no-history" in error["hint"]
    assert [path.name for path in (home / "output").glob(f"{SECOND}*")] == []


def test_what_could_not_be_read_is_told_beside_what_is_old(command: Command, home: Path, pages: Path) -> None:
    run(command, FIRST)
    for path in list(pages.iterdir())[:4]:
        path.write_bytes(b"")

    assert f"that of {FIRST}. Not read: 4 empty" in run(command, SECOND, code=4).err
    assert (home / "output").is_dir()


def test_new_words_that_no_digest_can_quote_are_no_digest(command: Command, home: Path, pages: Path) -> None:
    run(command, FIRST)
    write(pages, "ferry", "Share")

    ran = run(command, SECOND, code=4)

    assert f"beyond the digest of {FIRST} is no sentence" in ran.err
    assert "--no-history" in ran.err
    assert home.is_dir()


def test_without_history_all_is_told_again_and_nothing_is_remembered(command: Command, home: Path, pages: Path) -> None:
    run(command, FIRST)
    write(pages, "ferry", NEWS["ferry"])
    run(command, SECOND, "--no-history")
    (home / "topic.toml").write_text('topic = "Transport"\nhistory = false\nsources = ["pages"]\n')
    command("run", "topic.toml", "--date", THIRD, "--no-pictures")

    assert len(told(manifest(home, SECOND))) > 20
    assert len(told(manifest(home, THIRD))) > 20
    assert not any(item["seen"] for item in items(manifest(home, SECOND)))
    assert manifest(home, SECOND)["history"] == {"digests": 0, "last": "", "weeks": []}
    assert [each["date"] for each in command("history", "--json").json["digests"]] == [FIRST]


def test_another_topic_tells_the_same_anew(command: Command, home: Path, pages: Path) -> None:
    assert pages.is_dir()
    run(command, FIRST)
    other = command("run", "pages", "--date", SECOND, "--topic", "Mobility", "--no-pictures")

    assert other.code == 0
    assert (home / "output" / f"{SECOND}-mobility.md").is_file()


def test_without_a_topic_the_same_sources_go_by_each_other(command: Command, home: Path, pages: Path) -> None:
    ferry, rail = (str(pages / f"{name}.html") for name in ("ferry", "rail"))
    for date, sources in ((FIRST, ("pages",)), (FIRST, (ferry, rail)), (SECOND, (ferry,))):
        assert command("run", *sources, "--date", date, "--no-pictures").code == 0

    assert command("run", rail, ferry, "--date", SECOND, "--no-pictures").code == 4
    assert command("run", "pages", "--date", SECOND, "--no-pictures").code == 4
    assert command("run", "pages", "--date", SECOND, "--no-pictures", "--slug", "all").code == 0
    assert {row["slug"] for row in command("history", "--json").json["digests"]} == {"digest", "all"}
    assert home.is_dir()


def test_the_same_day_again_gives_the_same_bytes_and_an_earlier_day_too(
    command: Command, home: Path, pages: Path
) -> None:
    run(command, FIRST)
    first = (home / "output" / f"{FIRST}-transport.md").read_bytes()
    write(pages, "ferry", NEWS["ferry"])
    run(command, SECOND)
    second = (home / "output" / f"{SECOND}-transport.md").read_bytes()

    run(command, SECOND)
    assert (home / "output" / f"{SECOND}-transport.md").read_bytes() == second
    write(pages, "ferry")
    run(command, FIRST)
    assert (home / "output" / f"{FIRST}-transport.md").read_bytes() == first


def test_a_run_that_is_killed_before_it_remembers_is_done_again_to_the_same_bytes(
    command: Command, home: Path, pages: Path
) -> None:
    run(command, FIRST)
    write(pages, "ferry", NEWS["ferry"])
    script = """
import os, signal, sys
from localdigest.store import Store
Store.remember = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from localdigest.cli.main import main
sys.argv = ["localdigest", *sys.argv[1:]]
main()
"""
    arguments = ("run", "pages", "--date", SECOND, "--topic", "Transport", "--lang", "en", "--no-pictures")
    killed = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, check=False)
    post = home / "output" / f"{SECOND}-transport.md"
    written = post.read_bytes()

    assert killed.returncode == -9
    assert [each["date"] for each in command("history", "--json").json["digests"]] == [FIRST]
    run(command, SECOND)
    assert post.read_bytes() == written
    assert [each["date"] for each in command("history", "--json").json["digests"]] == [FIRST, SECOND]
    run(command, THIRD, code=4)


def test_a_digest_in_steps_goes_by_the_same_memory(command: Command, home: Path, pages: Path) -> None:
    run(command, FIRST)
    write(pages, "ferry", NEWS["ferry"])
    ran = command("summarize", "pages", "--date", SECOND, "--topic", "Transport", "--lang", "en")

    assert ran.code == 0
    assert set(told(manifest(home, SECOND))) == {NEWS["ferry"]}
    run(command, THIRD, code=4)


# ── the weeks ──


def test_weeks_are_counted_from_the_second_digest_on(command: Command, home: Path, pages: Path) -> None:
    run(command, "2025-12-15")
    assert manifest(home, "2025-12-15")["history"] == {"digests": 0, "last": "", "weeks": []}
    assert "by week" not in (home / "output" / "2025-12-15-transport.md").read_text()
    for date, name in (("2025-12-16", "ferry"), ("2025-12-22", "chip")):
        write(pages, name, NEWS[name])
        run(command, date)

    history = manifest(home, "2025-12-22")["history"]
    post, page = ((home / "output" / f"2025-12-22-transport{ending}").read_text() for ending in (".md", ".html"))

    assert (history["digests"], history["last"]) == (2, "2025-12-16")
    weeks = [(week["week"], week["digests"], week["stories"], week["sources"]) for week in history["weeks"]]
    assert weeks == [("2025-W51", 2, 5, 10), ("2025-W52", 1, 1, 1)]
    assert "Transport" not in history["weeks"][0]["tags"]
    assert "- 2025-12-15 to 2025-12-21 — stories: 5, sources: 10" in post
    assert "- 2025-12-22 to 2025-12-28 — stories: 1, sources: 1" in post
    assert page.count('<th scope="row">') == 2


def with_weeks(count: int, *, seen: str = "") -> Manifest:
    weeks = tuple(
        Week(f"2025-W{49 + n}", f"2025-12-{1 + 7 * n:02}", f"2025-12-{7 + 7 * n:02}", 5, 4 + n, 10 * n, ("A*b", "<i>"))
        for n in range(count)
    )
    found = replace(a_manifest((FIRST_PAGE, SAVED)), history=History(9, "2025-12-28", weeks))
    sections = tuple(
        replace(section, parts=tuple(replace(part, seen=seen) for part in section.parts))
        for section in found.digest.sections
    )
    return replace(found, digest=replace(found.digest, sections=sections))


def test_from_three_weeks_on_the_picture_shows_them_in_place_of_the_kinds_of_sources() -> None:
    two, three = (to_content(with_weeks(count), load_locale("en"), str) for count in (2, 3))

    assert (two.chart_heading, [bar.name for bar in two.bars]) == ("Kinds of source", ["News"])
    assert three.chart_heading == "Sources by week"
    assert [(bar.name, bar.count) for bar in three.bars] == [
        ("12-01 – 12-07", 0), ("12-08 – 12-14", 10), ("12-15 – 12-21", 20),
    ]  # fmt: skip
    assert draw_pictures(with_weeks(3)).infographic != draw_pictures(with_weeks(2)).infographic


def test_in_the_picture_a_story_that_goes_on_is_told_by_what_is_new() -> None:
    new, old = (to_content(with_weeks(0, seen=seen), load_locale("en"), str).items for seen in ("", FIRST))

    assert [item.text for item in new] == [FIRST_PAGE.title]
    assert [item.text for item in old] == [FIRST_PAGE.sentences[1].text]


def test_tags_of_past_weeks_are_inert() -> None:
    found = with_weeks(2)

    assert "often named: A\\*b, &lt;i>" in draw_post(found, folder=Path())
    assert "<td>A*b, &lt;i&gt;</td>" in draw_page(found, folder=Path())


@pytest.mark.parametrize("date", ["<script>", "2025-13-01", "yesterday"])
def test_a_manifest_with_another_date_than_a_day_is_refused(date: str) -> None:
    with pytest.raises(UsageError, match="damaged manifest"):
        loads(dumps(with_weeks(1, seen=date)), path="m.json")
    assert loads(dumps(with_weeks(1, seen=FIRST)), path="m.json") == with_weeks(1, seen=FIRST)


# ── the command ──


def test_history_lists_and_forgets(command: Command, home: Path, pages: Path) -> None:
    run(command, FIRST)
    write(pages, "ferry", NEWS["ferry"])
    run(command, SECOND)
    command("run", "pages", "--date", SECOND, "--topic", "Mobility", "--no-pictures")
    assert home.is_dir()

    listed = command("history", "--topic", "transport")
    rows = command("history", "--json").json
    ferry = STORIES["ferry"].splitlines()[0]
    assert rows["schema"] == "localdigest/history/1"
    assert [(row["date"], row["slug"]) for row in rows["digests"]] == [
        (FIRST, "transport"), (SECOND, "mobility"), (SECOND, "transport"),
    ]  # fmt: skip
    assert rows["digests"][2]["stories"] == [{"headline": ferry, "seen": FIRST}]
    assert [line.split("\t")[0] for line in listed.out.splitlines() if "\t" in line] == [FIRST, SECOND]
    assert f"  {ferry} (told before, on {FIRST})" in listed.out

    forgotten = command("history", "--topic", "Transport", "forget", SECOND)
    assert forgotten.err == "1 digest forgotten\n"
    assert [row["slug"] for row in command("history", "--json").json["digests"]] == ["transport", "mobility"]
    assert command("history", "forget", "--all").err == "2 digests forgotten\n"
    assert command("history").err == "No digest is remembered\n"
    run(command, SECOND)
    assert len(told(manifest(home, SECOND))) > 20, "nothing is known any more"


@pytest.mark.parametrize("arguments", [(), ("2026-01-05", "--all"), ("yesterday",), ("2020-01-01",)])
def test_forgetting_nothing_in_particular_is_an_error(command: Command, arguments: tuple[str, ...]) -> None:
    ran = command("history", "forget", *arguments)

    assert ran.code == 2
    assert "`localdigest history`" in ran.err
