"""The last words of a run: stories, sentences, sources, time, and where to go on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import REPOSITORY, Command
from hypothesis import given
from hypothesis import strategies as st
from test_page import by_model
from test_post import FIRST, SAVED, a_manifest

from localdigest.cli.summary import duration, tell_account, tell_times
from localdigest.manifest import RunRecord


def test_a_run_ends_with_what_it_did_and_what_to_open(command: Command) -> None:
    ran = command(
        "run", str(REPOSITORY / "examples" / "mistral-week.toml"), "nowhere.html", "--slug", "x", "--out", "o"
    )
    said = ran.err.splitlines()

    sources = next(line for line in said if " read" in line and "not read" in line)
    assert "1 not read" in sources
    assert any(line.split(" · ")[0].endswith(" stories") and "checked against their source" in line for line in said)
    assert any(line.startswith("Took ") for line in said)
    assert said[-2].startswith("Read it:  localdigest view o/")


def test_render_tells_no_time_of_another_run(command: Command) -> None:
    page = str(REPOSITORY / "examples" / "pages" / "company.html")
    command("run", page, "--slug", "x", "--date", "2025-12-30")

    assert "Took " not in command("render", "output/2025-12-30-x.json").err


def test_what_a_model_wrote_and_lost_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    manifest = a_manifest((FIRST, SAVED))
    dropped = [{"text": "x", "evidence": ["D1.S1"], "reason": "unsupported", "tokens": []}] * 2
    tell_account(by_model(manifest, statements_dropped=dropped))

    assert "2 dropped" in capsys.readouterr().err


def test_only_stages_that_took_a_second_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    seconds = {"collect": 0.2, "fetch": 31.4, "extract": 9.0, "dedupe": 0.1, "write": 3671.0}
    tell_times(replace(a_manifest((FIRST, SAVED)), run=RunRecord(seconds=seconds)))

    assert capsys.readouterr().err == "Took 1 h 1 min: fetching 31 s, reading 9 s, writing 1 h 1 min\n"


@given(st.floats(0, 86_400))
def test_a_duration_has_at_most_two_parts(seconds: float) -> None:
    told = duration(seconds)

    assert len(told.split()) <= 4
    assert (told == "less than 1 s") == (round(seconds) == 0)
