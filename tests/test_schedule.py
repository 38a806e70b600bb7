"""What is printed for each scheduler is read back by its own reader, and says what was meant."""

from __future__ import annotations

import plistlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import Command
from hypothesis import given
from hypothesis import strategies as st

from localdigest.schedules.spelling import cron_word, github_text, systemd_argument, systemd_text, xml_text
from localdigest.schedules.texts import KINDS, Daily, draw

#: A folder whose name means something to every one of them.
ODD = """50% of $HOME "quoted" & <b>it's</b> #1 @NAME@ 文摘; `x`"""
PATHS = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters="\\") | st.just(" "), min_size=1).map(
    lambda text: f"/{text}/x"
)


def a_daily(folder: Path, odd: str = ODD) -> Daily:
    """Runs a program of our own in an odd place, which prints its arguments and where it is."""
    program = folder / odd / "localdigest"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f"#!{sys.executable}\nimport os, sys\nprint(sys.argv, os.getcwd(), file=sys.stderr)\n")
    program.chmod(0o755)
    command = (str(program), "run", "--config", str(folder / odd / "topic.toml"), "--quiet")
    return Daily("localdigest-x", odd, command, str(program.parent), f"{odd}/topic.toml", hour=7, minute=5)


def said(daily: Daily) -> str:
    return f"{list(daily.command)} {daily.folder}\n"


def units(text: str) -> dict[str, str]:
    """The unit files by their names."""
    parts = re.split(r"^# ~/\.config/systemd/user/(\S+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def unquoted(word: str) -> str:
    """By systemd.service(5): C escapes in quotes, `%%` and `$$` for one."""
    assert (word[0], word[-1]) == ('"', '"')
    return re.sub(r'\\(["\\])|%(%)|\$(\$)', lambda found: found[1] or found[2] or found[3], word[1:-1])


def test_units_say_what_was_meant(tmp_path: Path) -> None:
    daily = a_daily(tmp_path)
    made = units(draw("systemd", daily))
    service, timer = made["localdigest-x.service"], made["localdigest-x.timer"]
    started = re.search(r"^ExecStart=(.*)$", service, re.MULTILINE)
    folder = re.search(r"^WorkingDirectory=(.*)$", service, re.MULTILINE)

    assert started
    assert started[1].startswith("/usr/bin/env ")
    assert [unquoted(word) for word in re.findall(r'"(?:[^"\\]|\\.)*"', started[1])] == list(daily.command)
    assert folder
    assert folder[1].replace("%%", "%") == daily.folder
    assert "OnCalendar=*-*-* 07:05:00\n" in timer


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
@pytest.mark.parametrize("odd", [ODD, "50% of $HOME & #1 文摘; `x`"])
def test_systemd_takes_the_units(tmp_path: Path, odd: str) -> None:
    """It looks for a program whose name it can hold, so an odd path is read as it was meant."""
    for name, text in units(draw("systemd", a_daily(tmp_path, odd))).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *sorted(str(path) for path in tmp_path.glob("localdigest-x.*"))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    ours = [line for line in checked.stderr.splitlines() if "localdigest" in line]
    assert (checked.returncode, ours) == (0, []), checked.stderr


def crons_shell_line(text: str) -> str:
    """By crontab(5): five fields, then the rest of the line up to a `%` that no backslash precedes."""
    (line,) = (line for line in text.splitlines() if not line.startswith("#"))
    fields = line.split(" ", maxsplit=5)
    assert fields[:5] == ["5", "7", "*", "*", "*"]
    assert not re.search(r"(?<!\\)%", fields[5])
    return fields[5].replace("\\%", "%")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no cron")
def test_a_shell_runs_crons_line_as_it_was_meant(tmp_path: Path) -> None:
    daily = a_daily(tmp_path)
    ran = subprocess.run(
        ["/bin/sh", "-c", crons_shell_line(draw("cron", daily))],
        env={"HOME": "/nowhere"}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", said(daily))


def test_launchds_list_says_what_was_meant(tmp_path: Path) -> None:
    daily = a_daily(tmp_path)
    read = plistlib.loads(draw("launchd", daily).encode())

    assert read == {
        "Label": "localdigest-x",
        "ProgramArguments": list(daily.command),
        "WorkingDirectory": daily.folder,
        "StartCalendarInterval": {"Hour": 7, "Minute": 5},
        "ProcessType": "Background",
    }


def test_githubs_workflow_says_what_was_meant(tmp_path: Path) -> None:
    daily = a_daily(tmp_path)
    read = yaml.safe_load(draw("github", daily))

    assert read[True]["schedule"] == [{"cron": "5 7 * * *"}]  # YAML 1.1 reads `on` as true; GitHub does not
    assert read["permissions"] == {"contents": "read"}
    job = read["jobs"]["digest"]
    assert job["env"]["TOPIC_FILE"] == daily.topic_file
    assert [step["run"] for step in job["steps"] if "run" in step] == [
        "python -m pip install localdigest",
        'localdigest run --config "$TOPIC_FILE" --quiet',
    ]


@given(PATHS)
def test_any_path_is_read_back_as_it_is(path: str) -> None:
    assert unquoted(systemd_argument(path)) == path
    assert systemd_text(path).replace("%%", "%") == path
    assert re.sub(r"%%", "", systemd_text(path)).count("%") == 0
    assert plistlib.loads(f"<plist><string>{xml_text(path)}</string></plist>".encode()) == path
    if "${{" not in path:
        assert yaml.safe_load(github_text(path)) == path


@pytest.mark.parametrize(
    ("kind", "path"),
    [(kind, path) for kind in KINDS for path in ("/a\nb", "/a\x1bb", "/a\udc80b")]
    + [("systemd", "/a\\"), ("systemd", "/a "), ("cron", "/a\\b"), ("github", "${{ secrets.X }}")],
)
def test_what_has_no_certain_spelling_is_refused(kind: str, path: str) -> None:
    daily = Daily("localdigest-x", "x", ("/bin/localdigest",), path, path, 7, 5)

    with pytest.raises(ValueError, match=r"cannot|certain|fill in"):
        draw(kind, daily)


def test_a_word_for_cron_has_no_bare_percent_sign() -> None:
    assert cron_word("100%") == "100\\%"


def test_the_command_prints_all_and_writes_nothing(command: Command, home: Path) -> None:
    topics = home / "my topics"
    topics.mkdir()
    (topics / "week 50%.toml").write_text('sources = ["x.html"]\nslug = "week"\n', encoding="utf-8")
    before = sorted(home.rglob("*"))
    ran = command("schedule", "--config", "my topics/week 50%.toml", "--at", "6:45")
    one = command("schedule", "--config", "my topics/week 50%.toml", "--at", "6:45", "--show", "launchd")

    assert (ran.code, ran.err) == (0, "")
    assert all(f"localdigest-week{end}" in ran.out for end in (".service", ".timer", ".plist", ".yml"))
    assert one.out in ran.out
    read = plistlib.loads(one.out.encode())
    assert read["ProgramArguments"][-4:] == ["run", "--config", str(topics / "week 50%.toml"), "--quiet"]
    assert Path(read["ProgramArguments"][0]).is_absolute()
    assert read["WorkingDirectory"] == str(home)
    assert read["StartCalendarInterval"] == {"Hour": 6, "Minute": 45}
    assert sorted(home.rglob("*")) == before


def test_the_printed_command_makes_a_digest(home: Path) -> None:
    """Printed by a process as a user starts it, and run as cron would."""
    (home / "a page.md").write_text(
        "# Title\n\nMixtral has 8 experts and 47 billion parameters.\n" * 9, encoding="utf-8"
    )
    (home / "to pic.toml").write_text('sources = ["a page.md"]\nslug = "x"\npictures = false\n', encoding="utf-8")
    shown = subprocess.run(
        [sys.executable, "-m", "localdigest", "schedule", "--show", "cron", "--at", "7:05", "--config", "to pic.toml"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    ran = subprocess.run(["/bin/sh", "-c", crons_shell_line(shown.stdout)], cwd="/", check=False)

    assert ran.returncode == 0
    assert list((home / "output").glob("*-x.md"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--show", "at"), "there is no scheduler at"),
        (("--at", "25:00"), "25:00 is no time"),
        (("--at", "7:5"), "7:5 is no time"),
        (("--config", "nowhere.toml"), "There is no file nowhere.toml"),
        ((), "No topic file was named"),
    ],
)
def test_what_cannot_be_right_is_said(command: Command, arguments: tuple[str, ...], says: str) -> None:
    ran = command("schedule", *arguments)

    assert ran.code == 2
    assert says in ran.err
