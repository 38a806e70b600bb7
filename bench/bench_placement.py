"""What a placement costs and gives, against what was planned: the experts of more and more layers in RAM.

usage: bench_placement.py MODEL [--layers N,N,…] [--widths N,N,…] [--layouts streams,unified] [--json FILE]

Loads the model once for each number of layers whose experts stay in RAM, by the planner's own plan for this machine's
GPU, and measures prompts and outputs through the engine. Memory of the GPU is read from nvidia-smi, the process's from
/proc: what the planner promised stands beside both.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from localdigest.engine.layout import read_layout
from localdigest.engine.loading import KVLayout
from localdigest.engine.machine import available_ram, cpu_features
from localdigest.engine.measure import DECODE_TOKENS, PREFILL_TOKENS, Variant, measure_rates
from localdigest.engine.model_file import read_file_header
from localdigest.engine.offload import Machine, Plan, Request, plan
from localdigest.engine.probe import probe

GIB = 1 << 30
SLOTS = 16


@dataclass(frozen=True, slots=True)
class Row:
    kept: int  #: layers whose experts are in RAM
    layout: str
    gpu_gib: float
    planned_gpu_gib: float
    ram_gib: float
    planned_ram_gib: float
    prefill: float  #: tokens a second
    planned_prefill: float
    decode: dict[int, float]
    planned_decode: dict[int, float]
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--layers", default="0,8,16,24,32")
    parser.add_argument("--widths", default="1,8,16")
    parser.add_argument("--layouts", default="streams")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = probe(speed=True)
    print(json.dumps(asdict(found), indent=1), file=sys.stderr, flush=True)
    gpu = found.gpus[0]
    machine = Machine(
        ram_bytes=available_ram(),
        cpu=found.speed_of("CPU"),
        gpu_bytes=gpu.free_bytes,
        gpu=found.speed_of(gpu.name),
        gpu_host_memory=gpu.fetches_from_ram,
    )
    layout = read_layout(read_file_header(options.model), cpu=cpu_features())
    widths = [int(width) for width in options.widths.split(",")]
    rows = []
    for name in options.layouts.split(","):
        for kept in (int(count) for count in options.layers.split(",")):
            request = Request(
                num_slots=SLOTS,
                slot_tokens=PREFILL_TOKENS + 2 * DECODE_TOKENS,
                layout=KVLayout(name),
                gpu_layers=-1,
                cpu_expert_layers=kept,
            )
            rows.append(measure(options.model, plan(layout, machine, request), kept, name, widths))
            print(rows[-1], file=sys.stderr, flush=True)
            if options.json:
                options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    print(table(rows, widths))


def measure(model: Path, found: Plan, kept: int, layout: str, widths: list[int]) -> Row:
    before, started = gpu_bytes(), time.perf_counter()
    options = found.options(str(model))
    peaks: list[int] = []
    measured = measure_rates(
        options,
        Variant(options.layout, repack=False),
        widths=widths,
        on_progress=lambda _: peaks.append(gpu_bytes()),
    )
    return Row(
        kept=kept,
        layout=layout,
        gpu_gib=round((max(peaks) - before) / GIB, 2),
        planned_gpu_gib=round(found.footprint.gpu / GIB, 2),
        ram_gib=round((measured.peak_bytes or 0) / GIB, 2),
        planned_ram_gib=round(found.footprint.ram / GIB, 2),
        prefill=measured.rates.prefill,
        planned_prefill=round(found.speed.prefill) if found.speed else 0,
        decode=dict(measured.rates.decode),
        planned_decode={width: round(found.speed.decode(width), 1) if found.speed else 0 for width in widths},
        seconds=round(time.perf_counter() - started, 1),
    )


def gpu_bytes() -> int:
    command = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[0]) << 20


def table(rows: list[Row], widths: list[int]) -> str:
    head = ["experts in RAM", "KV cache", "GPU GiB (planned)", "RAM GiB (planned)", "prompts (planned)"]
    head += [f"outputs, {width} (planned)" for width in widths]
    lines = [
        [
            f"{row.kept} layers",
            row.layout,
            f"{row.gpu_gib} ({row.planned_gpu_gib})",
            f"{row.ram_gib} ({row.planned_ram_gib})",
            f"{row.prefill:,.0f} ({row.planned_prefill:,.0f})",
            *(f"{row.decode[width]:.1f} ({row.planned_decode[width]})" for width in widths),
        ]
        for row in rows
    ]
    rule = ["---"] * 2 + ["--:"] * (len(head) - 2)
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, rule, *lines])


if __name__ == "__main__":
    main()
