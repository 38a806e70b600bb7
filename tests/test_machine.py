from __future__ import annotations

from pathlib import Path

import pytest

from localdigest.engine.machine import available_ram, cpu_features, measure_bandwidth, usable_cores
from localdigest.engine.tensor_types import Cpu

MIB = 1 << 20
TWO_CORES = """processor\t: {0}
physical id\t: 0
core id\t: 0

processor\t: {1}
physical id\t: 0
core id\t: 0
"""


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """A machine with 8 GiB available, and no limits."""
    write(tmp_path, "proc/meminfo", "MemTotal: 16777216 kB\nMemFree: 1 kB\nMemAvailable: 8388608 kB\n")
    write(tmp_path, "proc/self/cgroup", "0::/user/one\n")
    return tmp_path


def write(root: Path, name: str, content: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(content)


def ram(system: Path) -> int:
    return available_ram(proc=system / "proc", cgroups=system / "groups") // MIB


def cores(system: Path) -> int:
    return usable_cores(proc=system / "proc", cgroups=system / "groups")


def test_what_the_kernel_reckons_is_taken(system: Path) -> None:
    assert ram(system) == 8192


def test_a_limit_of_any_group_around_counts(system: Path) -> None:
    """Files that the group holds are not in the way."""
    write(system, "groups/user/one/memory.max", "max\n")
    write(system, "groups/user/memory.max", f"{4096 * MIB}\n")
    write(system, "groups/user/memory.current", f"{1024 * MIB}\n")
    write(system, "groups/user/memory.stat", f"anon 5\ninactive_file {256 * MIB}\nactive_file {256 * MIB}\n")

    assert ram(system) == 4096 - 512


def test_limits_of_the_older_groups_count(system: Path) -> None:
    write(system, "proc/self/cgroup", "5:memory:/box\n3:cpu,cpuacct:/box\n")
    write(system, "groups/memory/box/memory.limit_in_bytes", f"{2048 * MIB}\n")
    write(system, "groups/memory/box/memory.usage_in_bytes", f"{48 * MIB}\n")
    write(system, "groups/memory/memory.limit_in_bytes", "9223372036854771712\n")

    assert ram(system) == 2000


def test_a_full_group_has_nothing_left(system: Path) -> None:
    write(system, "groups/user/one/memory.max", f"{100 * MIB}\n")
    write(system, "groups/user/one/memory.current", f"{200 * MIB}\n")

    assert ram(system) == 0


def test_a_quota_limits_the_cores(system: Path) -> None:
    write(system, "groups/user/cpu.max", "150000 100000\n")

    assert cores(system) == 1


def test_no_quota_limits_nothing(system: Path) -> None:
    everything = cores(system)
    write(system, "groups/user/one/cpu.max", "max 100000\n")

    assert cores(system) == everything >= 1


def test_two_threads_of_a_core_count_once(system: Path) -> None:
    """Only those that this process may run on are looked at."""
    before = cores(system)
    write(system, "proc/cpuinfo", TWO_CORES.format(0, 1))

    assert cores(system) == max(1, before - 1)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("flags\t\t: fpu sse avx2 fma", Cpu.AVX2),
        ("flags\t\t: avx2 avx512f", Cpu.AVX2 | Cpu.AVX512),
        ("Features\t: fp asimd asimddp i8mm", Cpu.NEON_DOTPROD | Cpu.NEON_I8MM),
        ("Features\t: fp asimd", Cpu.PLAIN),
        ("", Cpu.PLAIN),
    ],
)
def test_features_are_read(system: Path, line: str, expected: Cpu) -> None:
    write(system, "proc/cpuinfo", line + "\n")

    assert cpu_features(proc=system / "proc", machine="x86_64") == expected


def test_a_system_that_says_nothing_is_no_error(tmp_path: Path) -> None:
    assert available_ram(proc=tmp_path, cgroups=tmp_path) == 0
    assert usable_cores(proc=tmp_path, cgroups=tmp_path) >= 1
    assert cpu_features(proc=tmp_path, machine="riscv64") == Cpu.PLAIN


def test_this_machine_answers() -> None:
    assert available_ram() > 64 * MIB
    assert usable_cores() >= 1
    assert measure_bandwidth(1, seconds=0.01) > 1e8
