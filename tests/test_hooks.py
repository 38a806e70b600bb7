"""Commands that run after a digest: without a shell, in order, with the network of the user, and never a stranger's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest
from conftest import HEEDING_PYTHON, REPOSITORY, Command
from hypothesis import given
from hypothesis import strategies as st
from servers import Route, serve

from localdigest.after import AfterCommand, after_commands, filled
from localdigest.hooks.process import Hook, Hooks

PAGE = str(REPOSITORY / "examples" / "pages" / "company.html")
#: Writes its arguments down.
NOTE = "import json, sys; open('noted.jsonl', 'a').write(json.dumps(sys.argv[1:]) + '\\n')"
DIAL = "import sys, urllib.request as u; open('dialled', 'wb').write(u.urlopen(sys.argv[1], timeout=9).read())"


def topic_file(path: Path, after: object, **more: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    keys = {
        "sources": [PAGE],
        "slug": "x",
        "date": "2025-12-30",
        "out": "output",
        "pictures": False,
        "after": after,
    } | more
    path.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items()), encoding="utf-8")
    return path


def note(*arguments: str) -> list[str]:
    return [sys.executable, "-c", NOTE, *arguments]


def noted(folder: Path) -> list[list[str]]:
    path = folder / "noted.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def run_alone(*arguments: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, which gives up its network as it does for a user."""
    return subprocess.run(
        [sys.executable, "-m", "localdigest", "run", *arguments], capture_output=True, text=True, check=False
    )


def test_commands_run_in_order_in_the_topic_files_folder_with_the_files_that_were_written(
    command: Command, home: Path
) -> None:
    folder = home / "my topic"
    after = [note("1", "{post}", "{page}"), note("2", "--file={manifest}", "{date}_{slug}", "a; $(b) `c` {0}")]
    topic_file(folder / "t.toml", after)
    ran = command("run", "my topic/t.toml", "--json")

    out = folder / "output" / "2025-12-30-x"
    assert noted(folder) == [
        ["1", f"{out}.md", f"{out}.html"],
        ["2", f"--file={out}.json", "2025-12-30_x", "a; $(b) `c` {0}"],
    ]
    assert (ran.code, ran.json["ok"]) == (0, True)
    assert [(hook["command"][3], hook["error"]) for hook in ran.json["hooks"]] == [("1", ""), ("2", "")]


def test_the_first_that_fails_ends_them_and_the_files_stay(command: Command, home: Path) -> None:
    topic_file(home / "t.toml", [note("1"), [sys.executable, "-c", "raise SystemExit(7)"], note("never")])
    ran = command("run", "t.toml")
    as_json = command("run", "t.toml", "--json")

    assert (ran.code, as_json.code) == (1, 1)
    assert ran.err.splitlines()[-2].endswith("exit code 7")
    assert ran.err.splitlines()[-2].startswith("Error: ")
    assert (as_json.json["ok"], as_json.json["exit_code"]) == (False, 1)
    assert as_json.json["hooks"][-1]["error"] == "exit code 7"
    assert noted(home) == [["1"], ["1"]]
    assert (home / "output" / "2025-12-30-x.md").is_file()


def test_what_a_command_prints_is_no_result_of_ours(home: Path) -> None:
    topic_file(home / "t.toml", [[sys.executable, "-c", "print('said by a hook')"]])
    ran = run_alone("t.toml", "--json")

    assert json.loads(ran.stdout)["ok"]
    assert "said by a hook" in ran.stderr


def test_a_command_has_the_network_that_the_run_gave_up(home: Path) -> None:
    with serve({"/": Route("hello")}) as site:
        topic_file(home / "t.toml", [[sys.executable, "-c", DIAL, site.url("/")]])
        ran = run_alone("t.toml")

    assert ran.returncode == 0, ran.stderr
    assert (home / "dialled").read_bytes() == b"hello"
    manifest = json.loads((home / "output" / "2025-12-30-x.json").read_text(encoding="utf-8"))
    assert manifest["sandbox"]["main"]["network"] != "none"
    assert "after" not in manifest["settings"]


def test_offline_a_command_has_no_network(home: Path) -> None:
    with serve({"/": Route("hello")}) as site:
        topic_file(home / "t.toml", [note("1"), [sys.executable, "-c", DIAL, site.url("/")]])
        ran = run_alone("t.toml", "--offline")

        assert not site.log
    assert ran.returncode == 1
    if sys.platform == "linux":
        assert noted(home) == [["1"]]
        assert "Permission denied" in ran.stderr


def test_none_runs_in_a_dry_run_nor_with_no_hooks(command: Command, home: Path) -> None:
    topic_file(home / "t.toml", [note("1")])

    assert command("run", "t.toml", "--dry-run").code == 0
    assert command("run", "t.toml", "--no-hooks").code == 0
    assert noted(home) == []


def test_none_runs_from_a_topic_file_that_nobody_named(command: Command, home: Path) -> None:
    """Whoever makes a digest in a folder that came from elsewhere does not run what lies there."""
    topic_file(home / "localdigest.toml", [note("1")])
    found = command("run")
    assert found.code == 0
    assert "left out: name the topic file with --config" in found.err
    assert noted(home) == []

    assert command("run", "--config", "localdigest.toml").code == 0
    assert noted(home) == [["1"]]


def test_none_runs_for_a_digest_below_its_threshold(command: Command, home: Path) -> None:
    topic_file(home / "t.toml", [note("1")], sources=[PAGE, "nowhere.html", "nowhere-else.html"], strict=True)
    ran = command("run", "t.toml")

    assert ran.code == 3
    assert "left out: the digest is below its threshold" in ran.err
    assert noted(home) == []


def test_none_runs_where_nothing_was_written(command: Command, home: Path) -> None:
    topic_file(home / "t.toml", [note("1")], sources=["nowhere.html"])

    assert command("run", "t.toml").code == 4
    assert noted(home) == []


def test_only_a_topic_file_may_name_them(command: Command, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALDIGEST_AFTER", '[["true"]]')
    by_environment = command("run", PAGE)
    monkeypatch.delenv("LOCALDIGEST_AFTER")
    by_flag = command("run", PAGE, "--after", "true")
    user_file = Path(os.environ["XDG_CONFIG_HOME"]) / "localdigest" / "config.toml"
    user_file.parent.mkdir(parents=True)
    user_file.write_text('after = [["true"]]\n', encoding="utf-8")
    by_user_file = command("run", PAGE)

    assert [by_environment.code, by_flag.code, by_user_file.code] == [2, 2, 2]
    assert "LOCALDIGEST_AFTER stands in a topic file only" in by_environment.err
    assert "`after` stands in a topic file only" in by_user_file.err
    assert not (home / "output").exists()


@pytest.mark.parametrize(
    ("after", "says"),
    [
        ("git push", "expected a list of commands"),
        (["git", "push"], "expected a list of commands"),
        ([["git", 1]], "expected a list of commands"),
        ([[]], "expected a list of commands"),
        ([[""]], "begins with the name of a program"),
        ([["{post}"]], "the program of a command is fixed"),
        ([["git", "{posts}"]], "there is no placeholder {posts}; there is {post}"),
        ([["git", "add", "{card}"]], "names {card}, which this run does not write"),
    ],
)
def test_what_cannot_be_right_is_said_before_anything_is_read(
    command: Command, home: Path, after: object, says: str
) -> None:
    topic_file(home / "t.toml", after)
    ran = command("run", "t.toml")

    assert ran.code == 2
    assert says in ran.err
    assert not list(home.glob("output/*"))


@given(st.lists(st.text(alphabet="{}post a\"'$;\n", max_size=12), max_size=4), st.text(max_size=12))
def test_what_is_filled_in_is_one_argument_and_never_looked_at_again(arguments: list[str], value: str) -> None:
    command = AfterCommand(("git", *arguments))
    made = filled(command, defaultdict(str, post=value + "{slug}", slug="never"))

    assert len(made) == len(command.arguments)
    assert [one for one in arguments if "{" not in one] == [
        new for new, one in zip(made[1:], arguments, strict=True) if "{" not in one
    ]
    for one, new in zip(arguments, made[1:], strict=True):
        if one == "{post}":
            assert new == value + "{slug}"


def test_a_value_of_the_setting_reads_as_itself() -> None:
    read = after_commands([["git", "push"], ["ls", "{post}"]])

    assert after_commands(read) == read


def test_a_command_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    sleeper = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEP!r}])"
    with Hooks([Hook((sys.executable, "-c", sleeper), str(tmp_path))], offline=False, limit_s=1.5) as hooks:
        done = hooks.run()

    assert [each.error for each in done] == ["took longer than 1.5 s"]
    assert is_gone(int((tmp_path / "pid").read_text()))


def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    with Hooks([Hook(("no-such-program",), str(tmp_path))], offline=False) as hooks:
        done = hooks.run()

    assert [each.error for each in done] == ["could not be started: No such file or directory"]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with Hooks([Hook(("true",), str(tmp_path), (str(tmp_path / "card.png"),))], offline=False) as hooks:
        done = hooks.run()

    assert [each.error for each in done] == [f"there is no file {tmp_path / 'card.png'}"]


def test_nothing_runs_without_the_word(tmp_path: Path) -> None:
    with Hooks([Hook(tuple(note("1")), str(tmp_path))], offline=False):
        pass

    assert noted(tmp_path) == []


SLEEP = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(600)"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_a_command_ends_with_the_run(home: Path, number: int, code: int) -> None:
    topic_file(home / "t.toml", [[sys.executable, "-c", SLEEP], note("never")])
    with subprocess.Popen([*HEEDING_PYTHON, "-m", "localdigest", "run", "t.toml", "--quiet"]) as run:
        pid = int(waited_for(home / "pid"))
        run.send_signal(number)
        assert run.wait(30) == code

    assert is_gone(pid)
    assert noted(home) == []
    assert (home / "output" / "2025-12-30-x.md").is_file()


def waited_for(path: Path) -> str:
    for _ in range(600):
        if path.exists() and (text := path.read_text()):
            return text
        time.sleep(0.05)
    raise AssertionError(f"{path} did not come")


def is_gone(pid: int) -> bool:
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False
