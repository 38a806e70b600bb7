"""Placement for real: on a GPU where one is named, else on a stand-in; and memory, as the system has it.

The stand-in is llama.cpp's RPC backend on the loopback. LOCALDIGEST_GPU_BUILD names the folder of a build for a GPU.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import placement_child
import pytest

from localdigest.engine.compute_buffer import COMPUTE_MARGIN
from localdigest.engine.layout import read_layout
from localdigest.engine.loading import KVLayout, LoadMode
from localdigest.engine.machine import cpu_features
from localdigest.engine.model_file import read_file_header
from localdigest.engine.offload import Machine, Plan, Request, plan
from models import bench_model, tiny_mistral, tiny_mixtral

MIB, GIB = 1 << 20, 1 << 30
REPOSITORY = Path(__file__).parent.parent
RPC_BUILD = Path(os.environ.get("LOCALDIGEST_RPC_BUILD") or REPOSITORY / ".cache" / "llama-rpc").absolute()
GPU_BUILD = os.environ.get("LOCALDIGEST_GPU_BUILD", "")
#: The stand-in cannot fetch from RAM; a GPU can, as far as it is CUDA's.
WITH_DEVICE = Machine(ram_bytes=8 * GIB, gpu_bytes=8 * GIB, gpu_host_memory=bool(GPU_BUILD))
SMALL = Request(num_slots=2, slot_tokens=512, micro_batch_tokens=64, repack=True)
#: llama.cpp logs megabytes with two decimals, and puts each tensor on a multiple of 32 bytes.
LOGGED = 0.02

needs_device = pytest.mark.skipif(
    not GPU_BUILD and not (RPC_BUILD / "ggml-rpc-server").is_file(),
    reason=f"there is no stand-in device in {RPC_BUILD}: run ./scripts/make-llama-build.sh rpc",
)


def planned(model: Path, request: Request, machine: Machine = WITH_DEVICE) -> Plan:
    return plan(read_layout(read_file_header(model), cpu=cpu_features()), machine, request)


@dataclass(frozen=True)
class Device:
    """How a child finds the device."""

    build: Path
    endpoint: str = ""  #: of the stand-in


def load(model: Path, found: Plan, *, device: Device | None = None, work: bool = False) -> dict[str, Any]:
    """Carry out a plan in a process of its own."""
    request = found.request
    asked = {
        "path": str(model),
        "placement": asdict(found.placement),
        "options": {
            "num_slots": request.num_slots,
            "slot_tokens": request.slot_tokens,
            "total_tokens": request.total_tokens,
            "layout": request.layout,
        },
        "endpoint": device.endpoint if device else "",
        "num_tokens": 48,
        "work": work,
    }
    environment = dict(os.environ, LLAMA_CPP_LIB_PATH=str(device.build)) if device else dict(os.environ)
    ran = subprocess.run(
        [sys.executable, placement_child.__file__],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=300,
        env=environment,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def device() -> Iterator[Device]:
    """A GPU, or a device that is reached over the loopback only."""
    if GPU_BUILD:
        yield Device(Path(GPU_BUILD).absolute())
        return
    port = free_port()
    server = subprocess.Popen(
        [RPC_BUILD / "ggml-rpc-server", "--host", "127.0.0.1", "--port", str(port), "--threads", "2"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=dict(os.environ, LD_LIBRARY_PATH=str(RPC_BUILD)),
    )
    try:
        deadline = time.monotonic() + 30
        while not answers(port):
            assert server.poll() is None, "the stand-in device ended"
            assert time.monotonic() < deadline, "the stand-in device does not answer"
            time.sleep(0.05)
        yield Device(RPC_BUILD, f"127.0.0.1:{port}")
    finally:
        server.kill()
        server.wait()


def split(loaded: dict[str, Any], kind: str) -> tuple[float, float]:
    """MiB on the device and in RAM. A GPU's own kind of RAM, as CUDA_Host, is RAM."""
    sizes = loaded["buffers"][kind]
    on_device = sum(size for place, size in sizes.items() if place.partition("[")[0] in loaded["gpus"])
    return on_device, sum(sizes.values()) - on_device


def rows(found: Plan) -> dict[str, tuple[float, float]]:
    return {row.name: (row.gpu / MIB, row.ram / MIB) for row in found.footprint.rows}


def check_split(found: Plan, loaded: dict[str, Any]) -> None:
    """Everything is where the plan has it, with the bytes that it has."""
    table = rows(found)
    assert split(loaded, "model") == pytest.approx(table["weights"], abs=LOGGED)
    assert split(loaded, "KV") == pytest.approx(table["cache"], abs=LOGGED)
    for taken, estimated in zip(split(loaded, "compute"), table["compute buffer"], strict=True):
        assert taken <= estimated * (1 + COMPUTE_MARGIN) + LOGGED


# ── on the stand-in device ───────────────────────────────────────────────────


@needs_device
@pytest.mark.parametrize("kept", [0, 1, 2])
def test_experts_of_the_first_layers_stay_in_ram(kept: int, device: Device) -> None:
    """All else goes to the device, and what is written is the same as on the CPU alone."""
    model = tiny_mixtral(quant="Q4_K_M")
    request = replace(SMALL, gpu_layers=-1, cpu_expert_layers=kept, micro_batch_tokens=64)
    found = planned(model, request)
    assert found.fits
    assert found.placement.cpu_expert_layers == kept

    loaded = load(model, found, device=device)

    assert loaded["gpus"]
    check_split(found, loaded)
    assert loaded["best"] == load(model, planned(model, replace(SMALL, gpu_layers=0)))["best"]


@needs_device
@pytest.mark.parametrize("gpu_layers", [1, 3, 5])
def test_the_last_layers_of_a_dense_model_go_first(gpu_layers: int, device: Device) -> None:
    """The output counts as one; the embedding stays in RAM."""
    model = tiny_mistral(quant="F16")
    found = planned(model, replace(SMALL, gpu_layers=gpu_layers))

    loaded = load(model, found, device=device)

    check_split(found, loaded)
    assert loaded["best"] == load(model, planned(model, replace(SMALL, gpu_layers=0)))["best"]


@needs_device
def test_a_device_that_is_too_small_gets_what_fits(device: Device) -> None:
    """The planner's own choice, on a budget that holds a part of the experts."""
    model = bench_model()
    request = Request(num_slots=1, slot_tokens=1024, micro_batch_tokens=256)
    found = planned(model, request, replace(WITH_DEVICE, gpu_bytes=900 * MIB))
    assert found.fits
    assert 0 < found.placement.cpu_expert_layers < 10

    loaded = load(model, found, device=device)

    check_split(found, loaded)
    on_device = sum(split(loaded, kind)[0] for kind in ("model", "KV", "compute"))
    assert on_device * MIB <= 900 * MIB


# ── in RAM ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "request_",
    [
        Request(num_slots=8, slot_tokens=1280),
        Request(num_slots=24, slot_tokens=1280, layout=KVLayout.UNIFIED),
        Request(num_slots=4, slot_tokens=512, repack=True, kv_type="q8_0", micro_batch_tokens=128),
        Request(num_slots=4, slot_tokens=1280, repack=True, load_mode=LoadMode.MMAP),
    ],
    ids=["streams", "unified", "rearranged", "mapped"],
)
@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_the_peak_of_memory_is_as_planned(request_: Request) -> None:
    """Within 3 %, after full steps in every slot and a job with a schema."""
    model = bench_model()
    found = planned(model, replace(request_, gpu_layers=0), Machine(ram_bytes=8 * GIB))
    assert found.fits

    loaded = load(model, found, work=True)

    assert loaded["peak_bytes"] == pytest.approx(found.footprint.ram, rel=0.03)
    assert loaded["peak_bytes"] <= found.footprint.ram + found.footprint.margin.ram + 0.03 * found.footprint.ram
