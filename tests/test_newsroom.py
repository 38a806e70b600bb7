"""Many topics in one run: what they share, and what keeps them apart."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import IN_TESTS, Command
from readers import READER
from servers import Route, Site, serve

from localdigest.cli.program import Program
from localdigest.sandbox.enforced import Barrier
from localdigest.store import Store

DATE = "2026-01-05"
HEAD = """\
lang = "en"
date = "2026-01-05"
out = "out"
store = "store.sqlite3"
pictures = false
interval = 0
allow_hosts = ["127.0.0.1", "127.0.0.2"]
"""
#: The command's parent runs the commands, whose parent is the run.
KILL_RUN = (
    "import os; run = open(f'/proc/{os.getppid()}/stat').read().rpartition(')')[2].split()[1]; os.kill(int(run), 9)"
)
NOTE = "import sys; open('noted', 'a').write(sys.argv[1] + chr(10))"


def page(name: str) -> Route:
    sentences = (
        f"The council of {name} bought {20 + len(name)} buses on Monday, and paid {len(name) * 7} million euros.",
        f"Mayor Ana Ruiz of {name} said that the buses of {name} will run from March 2026 on.",
        f"The old depot of {name} closes in summer, and {len(name) * 11} people move to the new one.",
    )
    return Route(
        f"<html><head><title>{name} buys buses</title></head><body><article><h1>{name} buys buses</h1>"
        + "".join(f"<p>{sentence}</p>" for sentence in sentences)
        + "</article></body></html>",
        etag=f'"{name}"',
    )


def site_of(*names: str) -> dict[str, Any]:
    return {f"/{name.lower()}": page(name) for name in names} | {"/robots.txt": Route(status=404)}


def newsroom(folder: Path, *topics: dict[str, Any], head: str = HEAD) -> Path:
    path = folder / "newsroom.toml"
    tables = (
        "\n[[topics]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in topic.items()) for topic in topics
    )
    path.write_text(head + "".join(tables), encoding="utf-8")
    return path


def a_topic(name: str, site: Site, *paths: str, **more: Any) -> dict[str, Any]:
    return {"topic": name, "sources": [site.url(path) for path in paths], **more}


def manifest(folder: Path, slug: str, *, date: str = DATE) -> Any:
    return json.loads((folder / "out" / f"{date}-{slug}.json").read_text(encoding="utf-8"))


def test_each_topic_has_its_digest_and_pages_are_asked_for_once(command: Command, home: Path) -> None:
    with serve(site_of("Alba", "Brno", "Cadiz")) as site:
        path = newsroom(
            home, a_topic("Northern towns", site, "/alba", "/brno"), a_topic("Southern towns", site, "/brno", "/cadiz")
        )
        ran = command("run", path)
        asked = [request.path for request in site.log]

    assert ran.code == 0
    assert ran.out.splitlines() == [str(home / "out" / f"{DATE}-{slug}.md") for slug in (
        "northern-towns", "southern-towns"
    )]  # fmt: skip
    assert sorted(asked) == ["/alba", "/brno", "/cadiz", "/robots.txt"]
    for slug, names in (("northern-towns", {"alba", "brno"}), ("southern-towns", {"brno", "cadiz"})):
        told = manifest(home, slug)
        assert {source["locator"].rpartition("/")[2] for source in told["sources"]} == names
        assert told["run"]["origins"] == {"network": 2}
    assert "2 of 2 digests written" in ran.err


def test_a_manifest_names_the_hosts_of_its_own_topic(command: Command, home: Path) -> None:
    """A newsroom publishes one digest and keeps the sources of another to itself."""
    with serve(site_of("Alba")) as one, serve(site_of("Brno"), host="127.0.0.2") as two:
        path = newsroom(
            home,
            a_topic("One", one, "/alba"),
            a_topic("Two", two, "/brno"),
            {"topic": "Both", "sources": [one.url("/alba"), two.url("/brno")]},
        )
        ran = command("run", path)

    assert ran.code == 0
    assert manifest(home, "one")["run"]["hosts"] == ["127.0.0.1"]
    assert manifest(home, "two")["run"]["hosts"] == ["127.0.0.2"]
    assert manifest(home, "both")["run"]["hosts"] == ["127.0.0.1", "127.0.0.2"]


def test_the_network_is_given_up_once_after_all_was_fetched_and_before_anything_is_written(
    command: Command, home: Path
) -> None:
    seen: list[tuple[int, int]] = []
    with serve(site_of("Alba", "Brno")) as site:

        def give_up() -> Barrier:
            seen.append((len(site.asked("/alba")) + len(site.asked("/brno")), len(list(home.glob("out/*.md")))))
            return Barrier.SECCOMP

        path = newsroom(home, a_topic("One", site, "/alba"), a_topic("Two", site, "/brno"))
        program = Program(give_up_network=give_up, open_reader=lambda: nullcontext(READER))
        ran = command("run", path, program=program)

    assert ran.code == 0
    assert seen == [(2, 0)]
    assert [manifest(home, slug)["sandbox"]["main"] for slug in ("one", "two")] == [{"network": "seccomp"}] * 2


def test_a_run_of_its_own_gives_the_same_digest(command: Command, home: Path) -> None:
    with serve(site_of("Alba", "Brno", "Cadiz")) as site:
        path = newsroom(home, a_topic("One", site, "/alba", "/brno"), a_topic("Two", site, "/brno", "/cadiz"))
        command("run", path)
        together = {name.name: name.read_text() for name in (home / "out").glob("*.md")}
        for topic in ("One", "two"):
            assert command("run", path, "--topic", topic, "--store", home / f"{topic}.sqlite3").code == 0
        alone = {name.name: name.read_text() for name in (home / "out").glob("*.md")}

    assert sorted(together) == [f"{DATE}-one.md", f"{DATE}-two.md"]
    assert together == alone


def test_one_that_fails_stops_no_other(command: Command, home: Path) -> None:
    with serve(site_of("Alba", "Brno")) as site:
        path = newsroom(
            home,
            a_topic("First", site, "/alba"),
            a_topic("Gone", site, "/nowhere"),
            a_topic("Walled", site, "/brno", out="wall"),
            a_topic("Last", site, "/brno"),
        )
        (home / "wall").mkdir()
        (home / "wall" / f"{DATE}-walled.md").mkdir()
        ran = command("run", path)

    assert ran.code == 1
    assert ran.out.splitlines() == [str(home / "out" / f"{DATE}-{slug}.md") for slug in ("first", "last")]
    assert "Error: Gone: No source gave any text" in ran.err
    assert "Error: Walled: " in ran.err
    assert "2 of 4 digests written, 2 failed" in ran.err


@pytest.mark.parametrize(
    ("paths", "code"),
    [
        (("/alba", "/brno"), 0),
        (("/alba", "/nowhere"), 3),  # no source of one topic could be read
        (("/nowhere", "/nowhere"), 4),
    ],
)
def test_exit_codes(paths: tuple[str, ...], code: int, command: Command, home: Path) -> None:
    with serve(site_of("Alba", "Brno")) as site:
        topics = (a_topic(f"Topic {number}", site, path) for number, path in enumerate(paths))
        assert command("run", newsroom(home, *topics), "--quiet").code == code


def test_a_topic_without_news_is_no_fault(command: Command, home: Path) -> None:
    with serve(site_of("Alba", "Brno")) as site:
        path = newsroom(home, a_topic("One", site, "/alba"), a_topic("Two", site, "/brno"))
        command("run", path)
        site.routes["/brno"] = page("Brunswick")
        second = command("run", path, "--date", "2026-01-06")
        third = command("run", path, "--date", "2026-01-07")

    assert second.code == 0
    assert second.out.splitlines() == [str(home / "out" / "2026-01-06-two.md")]
    assert "No digest: One: There is nothing new" in second.err
    assert "1 of 2 digests written, 1 with nothing new" in second.err
    assert third.code == 4
    assert "0 of 2 digests written, 2 with nothing new" in third.err


def test_json_is_a_line_a_topic(command: Command, home: Path) -> None:
    with serve(site_of("Alba")) as site:
        path = newsroom(home, a_topic("One", site, "/alba"), a_topic("Gone", site, "/nowhere"))
        ran = command("run", path, "--json")

    assert [(row["schema"], row["topic"], row["ok"], row["exit_code"]) for row in ran.rows] == [
        ("localdigest/run/1", "One", True, 0),
        ("localdigest/error/1", "Gone", False, 4),
    ]
    assert ran.code == 3


def test_a_source_that_fails_in_two_topics_has_failed_once(command: Command, home: Path) -> None:
    with serve(site_of("Alba")) as site:
        path = newsroom(home, a_topic("One", site, "/alba", "/nowhere"), a_topic("Two", site, "/alba", "/nowhere"))
        command("run", path)
        asked = [request.path for request in site.log]

    with Store(home / "store.sqlite3") as store:
        health = {each.locator.rpartition("/")[2]: each for each in store.sources()}
    assert health["nowhere"].failures_in_a_row == 1
    assert [each.slug for each in health["alba"].yields] == ["one", "two"]
    assert asked.count("/nowhere") == 1


def test_commands_of_after_are_run_for_each_digest(command: Command, home: Path) -> None:
    after = [[sys.executable, "-c", NOTE, "{slug}"]]
    with serve(site_of("Alba", "Brno")) as site:
        path = newsroom(
            home,
            a_topic("One", site, "/alba"),
            a_topic("Gone", site, "/nowhere"),
            a_topic("Two", site, "/brno"),
            head=HEAD + f"after = {json.dumps(after)}\n",
        )
        ran = command("run", "--config", path)

    assert (home / "noted").read_text().split() == ["one", "two"]
    assert ran.err.count("Ran: ") == 2


def test_a_run_that_is_killed_between_two_topics_goes_on_from_there(command: Command, home: Path) -> None:
    """The command of the first kills the whole run, once that digest is written."""
    after = [[sys.executable, "-c", KILL_RUN]]
    with serve(site_of("Alba", "Brno")) as site:
        path = newsroom(home, a_topic("One", site, "/alba", after=after), a_topic("Two", site, "/brno"))
        killed = subprocess.run(
            [sys.executable, "-m", "localdigest", "run", "--config", path],
            capture_output=True,
            check=False,
            timeout=120,
        )
        written = sorted(file.name for file in (home / "out").glob("*.md"))
        first = (home / "out" / f"{DATE}-one.md").read_bytes()
        again = command("run", "--config", path, "--no-hooks")
        answers = [request.headers.get("if-none-match", "") for request in site.asked("/brno")]

    assert killed.returncode == -signal.SIGKILL
    assert written == [f"{DATE}-one.md"]
    assert again.code == 0
    assert (home / "out" / f"{DATE}-one.md").read_bytes() == first
    assert (home / "out" / f"{DATE}-two.md").exists()
    assert answers == ["", '"Brno"'], "what had been fetched is not sent again"


def test_dry_run_tells_of_each_and_writes_nothing(command: Command, home: Path) -> None:
    (home / "a.txt").write_text("The council of Alba bought 24 buses on Monday. It paid 28 million euros for them.")
    path = newsroom(home, {"topic": "One", "sources": ["a.txt"]}, {"topic": "Two", "sources": ["a.txt"]})
    ran = command("run", path, "--dry-run", "--json")

    assert [[Path(file).name for file in row["files"]] for row in ran.rows] == [
        [f"{DATE}-{slug}.{ending}" for ending in ("md", "html", "json")] for slug in ("one", "two")
    ]
    assert not (home / "out").exists()


@pytest.mark.parametrize("name", ["collect", "fetch", "summarize"])
def test_commands_of_one_digest_say_that_there_are_several(name: str, command: Command, home: Path) -> None:
    path = newsroom(home, {"topic": "One", "sources": ["a.txt"]}, {"topic": "Two", "sources": ["a.txt"]})
    ran = command(name, path)

    assert ran.code == 2
    assert "holds 2 topics: One, Two" in ran.err
    assert "--topic NAME" in ran.err


def test_commands_about_sources_take_those_of_all_topics(command: Command, home: Path) -> None:
    for name in ("Alba", "Brno"):
        (home / f"{name}.html").write_text(str(page(name).body))
    path = newsroom(
        home,
        {"topic": "One", "sources": ["Alba.html"]},
        {"topic": "Two", "sources": ["Brno.html", "Alba.html"]},
    )
    (home / "draft.txt").write_text("Mayor Ana Ruiz of Brno said that the buses of Brno will run from March 2026 on.")

    listed = command("sources", "list", path).out.splitlines()
    tested = command("sources", "test", path, "--json").rows
    exported = command("sources", "export", path).out
    extracted = command("extract", path, "--json").rows
    checked = command("check", home / "draft.txt", "--against", path, "--json").rows

    assert [Path(line).name for line in listed] == ["Alba.html", "Brno.html"]
    assert {Path(row["source"]).name for row in tested} == {"Alba.html", "Brno.html"}
    assert exported.count("<outline") == 2
    assert [row["title"] for row in extracted] == ["Alba buys buses", "Brno buys buses"]
    assert [row["verdict"] for row in checked] == ["supported"]


def test_a_topic_can_be_fetched_today_and_all_be_written_offline(command: Command, home: Path) -> None:
    with serve(site_of("Alba", "Brno")) as site:
        path = newsroom(home, a_topic("One", site, "/alba"), a_topic("Two", site, "/brno"))
        for topic in ("One", "Two"):
            assert command("fetch", path, "--topic", topic).code == 0
    program = replace(IN_TESTS, give_up_network=lambda: Barrier.SECCOMP)
    ran = command("run", path, "--offline", program=program)

    assert ran.code == 0
    assert [manifest(home, slug)["run"]["hosts"] for slug in ("one", "two")] == [[], []]


def test_pages_saved_by_hand_are_for_all_topics(command: Command, home: Path) -> None:
    saved = home / "saved.html"
    saved.write_text(str(page("Alba").body))
    path = newsroom(home, {"topic": "One"}, {"topic": "Two"})

    assert command("add", saved, "--url", "https://alba.example/", "--config", path).code == 0
    assert command("run", path).code == 0
    for slug in ("one", "two"):
        assert [source["url"] for source in manifest(home, slug)["sources"]] == ["https://alba.example/"]


def test_a_schedule_is_for_the_whole_file(command: Command, home: Path) -> None:
    path = newsroom(home, {"topic": "One", "sources": ["a.txt"]}, {"topic": "Two", "sources": ["a.txt"]})
    ran = command("schedule", "--show", "cron", "--config", path)

    assert ran.code == 0
    assert str(path) in ran.out
