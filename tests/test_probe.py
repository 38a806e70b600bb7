"""What llama.cpp can compute on, and how fast, asked of the real library in its child."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdigest.engine import probe as probe_module
from localdigest.engine.devices import BATCHES, DeviceKind, Rates
from localdigest.engine.errors import BackendError
from localdigest.engine.estimate import assumed_cpu, assumed_gpu
from localdigest.engine.probe import probe


def test_the_library_tells_its_devices_and_its_build() -> None:
    found = probe()

    assert found.build.bindings
    assert "CPU" in found.build.features
    cpu = [device for device in found.devices if device.kind is DeviceKind.CPU]
    assert [device.name for device in cpu] == ["CPU"]
    assert cpu[0].total_bytes > 2**28
    assert not cpu[0].fetches_from_ram
    assert found.speeds == ()


def test_weights_are_multiplied_to_see_how_fast() -> None:
    """Many rows reuse the weights that were read: a prompt passes them several times as fast as a single token."""
    found = probe(speed=True)
    speed = found.speed_of("CPU")

    assert speed is not None
    assert found.problems == ()
    for rates in (speed.dense, speed.experts):
        assert 1e7 < rates.one < 1e13
        assert rates.many > rates.one
    assert speed.fetch_bytes_per_second == 0
    assert found.speed_of("nothing") is None


def test_a_library_that_cannot_be_loaded_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLAMA_CPP_LIB_PATH", os.devnull)

    with pytest.raises(BackendError, match=r"llama\.cpp cannot be loaded: .*Shared library"):
        probe()


def test_a_child_that_is_silent_too_long_is_given_up() -> None:
    with pytest.raises(BackendError, match="did not answer within"):
        probe(limit_seconds=0.01)


def test_a_cpu_that_lacks_an_instruction_is_named() -> None:
    """SIGILL is what the system says; played by a child that sends it to itself."""
    died = subprocess.run([sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGILL)"], check=False)
    error = probe_module._why(died.returncode, "")

    assert "this one lacks" in error.message
    assert "localdigest doctor" in error.hint


@given(st.integers(1, 2000), st.integers(1, 2000), st.floats(1e9, 1e12), st.floats(1, 50), st.floats(1, 50))
def test_more_rows_never_pass_more_slowly(first: int, second: int, one: float, eight: float, many: float) -> None:
    rates = Rates(one, one * eight, one * eight * many)
    low, high = sorted((first, second))

    assert rates.at(low) <= rates.at(high) * (1 + 1e-9)
    assert [rates.at(rows) for rows in BATCHES] == pytest.approx([rates.one, rates.eight, rates.many])


def test_assumed_speeds_are_in_order() -> None:
    for speed in (assumed_cpu(40e9, num_cores=8), assumed_cpu(40e9), assumed_gpu()):
        for rates in (speed.dense, speed.experts):
            assert 0 < rates.one <= rates.eight <= rates.many
    assert assumed_cpu(100e9, num_cores=2).dense.one < assumed_cpu(100e9, num_cores=16).dense.one


def test_a_file_of_the_working_folder_stands_in_for_no_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('taken over')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert probe().devices
