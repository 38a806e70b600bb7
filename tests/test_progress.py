"""How far a run is and how long it still takes: in a log, and on a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdigest.cli.eta import Countdown, Pace, seconds_left, told_left
from localdigest.cli.progress import progress
from localdigest.job import Event


class Clock:
    """Stands still unless told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize(
    ("begun_at", "done", "total", "elapsed_s", "left"),
    [
        (0, 10, 40, 20.0, 60.0),
        (30, 35, 40, 20.0, 20.0),  # what was known before cost nothing
        (0, 40, 40, 20.0, 0.0),
        (0, 10, 40, 9.9, None),  # too early
        (0, 1, 40, 20.0, None),  # too few
        (0, 2, 40, 20.0, 380.0),
        (5, 5, 40, 20.0, None),
        (40, 40, 40, 20.0, None),
    ],
)
def test_the_time_left_follows_from_the_pace_so_far(
    begun_at: int, done: int, total: int, elapsed_s: float, left: float | None
) -> None:
    assert seconds_left(begun_at=begun_at, done=done, total=total, elapsed_s=elapsed_s) == left


@given(st.integers(1, 10_000), st.floats(0.1, 100))
def test_a_steady_pace_is_foretold_exactly(total: int, each_s: float) -> None:
    clock, countdown = 0.0, Countdown.begin(0, total, 0.0)
    for done in range(1, min(total, 50) + 1):
        clock += each_s
        assert countdown.goes_on(done, total)
        countdown.tell(done, clock)
        left = countdown.seconds_left(clock)
        assert left is None or left == pytest.approx(each_s * (total - done), abs=1e-6)


def test_between_two_words_the_time_runs_down_to_nothing() -> None:
    countdown = Countdown.begin(0, 4, 0.0)
    countdown.tell(1, 20.0)

    assert [countdown.seconds_left(now) for now in (20.0, 50.0, 80.0, 500.0)] == [60.0, 30.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "less than 1 min left"),
        (59.9, "less than 1 min left"),
        (60, "1 min left"),
        (725, "12 min left"),
        (3599, "1 h 0 min left"),
        (7500, "2 h 5 min left"),
    ],
)
def test_the_time_left_is_told_to_the_minute(seconds: float, told: str) -> None:
    assert told_left(seconds) == told


def test_a_log_has_a_line_a_minute_while_a_stage_takes_long(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with progress(quiet=False, now=clock) as on_event:
        on_event(Event("map", 9, 39))
        for done in range(10, 40):
            clock.seconds += 25.0
            on_event(Event("map", done, 39))
        on_event(Event("reduce", 0, 5))
        clock.seconds += 1
        on_event(Event("reduce", 5, 5))
    lines = capsys.readouterr().err.splitlines()

    assert lines[0] == "Mapping: 12 of 39, about 11 min left"
    assert lines[1] == "Mapping: 15 of 39, about 10 min left"
    assert lines[-2:] == ["Mapping: 39 of 39", "Composing: 5 of 5"]
    assert len(lines) == 9 + 2


def test_a_line_says_how_fast_the_model_writes(capsys: pytest.CaptureFixture[str]) -> None:
    """By what it wrote since the batch began, not by what was written before."""
    clock = Clock()
    with progress(quiet=False, now=clock) as on_event:
        on_event(Event("map", 0, 40, tokens=5_000))
        clock.seconds = 100.0
        on_event(Event("map", 10, 40, tokens=5_930))

    assert capsys.readouterr().err == "Mapping: 10 of 40, 9.3 tokens/s, about 5 min left\n"


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.floats(0, 10**5))
def test_no_pace_is_told_before_it_is_known(begun_at: int, written: int, elapsed_s: float) -> None:
    pace = Pace(begun_at, 0.0)
    pace.tell(begun_at + written, elapsed_s)

    assert bool(pace.told) == (written > 0 and elapsed_s >= 10)


def test_a_log_of_a_quick_run_has_a_line_a_stage(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with progress(quiet=False, now=clock) as on_event:
        for batch in (5, 1, 1):
            on_event(Event("reduce", 0, batch))
            clock.seconds += 15
            on_event(Event("reduce", batch, batch))

    assert capsys.readouterr().err == "Composing: 7 of 7\n"


def test_a_line_says_no_time_before_it_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with progress(quiet=False, now=clock) as on_event:
        on_event(Event("download", 0, 28_000))
        clock.seconds += 70
        on_event(Event("download", 700, 28_000))
        clock.seconds += 70
        on_event(Event("download", 1400, 28_000))

    assert capsys.readouterr().err.splitlines() == [
        "Downloading: 700 of 28000 MB",
        "Downloading: 1400 of 28000 MB, about 44 min left",
    ]


TERMINAL = """
import time
from localdigest.cli.progress import progress
from localdigest.job import Event
seconds = [0.0]
with progress(quiet=False, now=lambda: seconds[0]) as on_event:
    on_event(Event("map", 0, 40))
    seconds[0] = 240.0
    on_event(Event("map", 10, 40, tokens=24_000))
    time.sleep(0.3)
"""


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_a_terminal_shows_the_time_left_beside_the_bar(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    subprocess.run([sys.executable, "-c", TERMINAL], stderr=theirs, env=environment, cwd=tmp_path, check=True)
    os.close(theirs)
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)

    assert "Mapping" in shown
    assert "10/40" in shown
    assert "100 tokens/s · 12 min left" in shown
