"""What the doctor says of this machine, of machines that are worse, and of its own mishaps."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import REPOSITORY, Command, Ran
from hub_server import serve_hub

from localdigest.doctor import Check, Options, Places, Status, by_urgency, examine, is_healthy
from localdigest.doctor.data_checks import FoundModel, Models, check_folder, check_models, check_network, check_store
from localdigest.doctor.database import look_at_store
from localdigest.doctor.engine_checks import Engine, check_cpu, check_engine, check_gpus
from localdigest.doctor.examine import Step, look_at_engine, run_steps
from localdigest.doctor.folders import look_at_folder
from localdigest.doctor.gather import (
    look_at_cores,
    look_at_fonts,
    look_at_host,
    look_at_memory,
    look_at_sandbox,
    proxies,
)
from localdigest.doctor.host import Host, Nvidia
from localdigest.doctor.machine_checks import (
    Fonts,
    Memory,
    Sandbox,
    check_clock,
    check_cores,
    check_fonts,
    check_memory,
    check_proxy,
    check_sandbox,
)
from localdigest.doctor.packages import check_packages, check_python, parse_requirement
from localdigest.doctor.shelf import look_at_models, smallest_model
from localdigest.doctor.system import System
from localdigest.engine.devices import Build, Device, DeviceKind, Probe
from localdigest.sandbox.enforced import Barrier, Enforced, Files
from localdigest.store import Store
from models import split_experts, tiny_mixtral, truncated

GIB = 1 << 30
#: What is found to hold on a Linux of today.
HELD = Enforced(Barrier.SECCOMP, Files.LANDLOCK, memory_bytes=GIB, cpu_seconds=15, wall_seconds=45)
MODERN = frozenset(("avx", "avx2", "fma", "f16c", "bmi2"))
LINUX = Host(system="Linux", arch="x86_64", libc="glibc", libc_version=(2, 39), cpu_flags=MODERN, has_compiler=True)
GEFORCE = Nvidia(("NVIDIA GeForce RTX 4090",), "570.86", (12, 8), (8, 9))
FEATURES = "CPU : SSE3 = 1 | AVX = 1 | AVX2 = 1 | F16C = 1 | FMA = 1 | BMI2 = 1 | OPENMP = 1 | REPACK = 1 | "
CPU = Device("CPU", "some CPU", DeviceKind.CPU, 8 * GIB, 16 * GIB, fetches_from_ram=False)
CUDA = Device("CUDA0", "NVIDIA GeForce RTX 4090", DeviceKind.GPU, 22 * GIB, 24 * GIB, fetches_from_ram=True)


def engine(features: str = FEATURES, *, offloads: bool = False, devices: tuple[Device, ...] = (CPU,)) -> Engine:
    return Engine(probe=Probe(Build("0.3.36", features, offloads), devices))


def write(root: Path, name: str, content: str = "") -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(content)


def machine(root: Path, *, programs: dict[str, str] | None = None, libc: str = "glibc 2.39") -> System:
    """A machine whose files lie in a folder, with programs that print something."""
    known = programs or {}
    return System(
        root=root, environment={}, name="Linux", arch="x86_64", libc=lambda: libc, landlock=lambda: 0,
        parser_jail=lambda: HELD, model_jail=lambda: Barrier.SECCOMP,
        which=lambda name: f"/bin/{name}" if name in known else None,
        run=lambda arguments: known.get(Path(arguments[0]).name, "") if arguments[1:] else "CUDA Version: 12.8",
    )  # fmt: skip


def named(checks: tuple[Check, ...], name: str) -> Check:
    return next(check for check in checks if check.name == name)


# ── the whole ────────────────────────────────────────────────────────────────


def test_this_machine_is_looked_at_and_nothing_is_changed(command: Command, home: Path) -> None:
    ran = command("doctor")

    assert (ran.code, ran.err) == (0, "")
    assert "llama-cpp-python" in ran.out
    assert "\x1b" not in ran.out
    assert list(home.parent.rglob("*")) == [home]


def test_json_has_the_same_in_one_envelope(command: Command, home: Path) -> None:
    envelope = command("doctor", "--json").json

    assert list(envelope) == ["schema", "ok", "checks"]
    assert (envelope["schema"], envelope["ok"]) == ("localdigest/doctor/1", True)
    assert {frozenset(row) for row in envelope["checks"]} == {frozenset(("name", "status", "found", "hint"))}
    assert {row["status"] for row in envelope["checks"]} <= {status.value for status in Status}
    assert {
        "python", "libraries", "llama.cpp", "cpu features", "gpu", "cores", "memory", "output folder", "store folder",
        "store", "models folder", "models", "sandbox", "fonts", "proxy", "clock", "network",
    } <= {row["name"] for row in envelope["checks"]}  # fmt: skip
    assert list(home.iterdir()) == []


def test_what_failed_is_said_first_and_makes_the_exit_code(command: Command, home: Path) -> None:
    write(home, "store.sqlite3", "this is no database " * 100)
    ran = command("doctor", "--store", home / "store.sqlite3")

    assert ran.code == 1
    problems = ran.out.partition("\n\n")[2]
    assert problems.startswith("FAIL store: ")
    assert "Move it away" in problems


def test_warnings_do_not_fail() -> None:
    checks = (
        Check("a", Status.WARNING, "odd", "do"),
        Check("b", Status.OK, "fine"),
        Check("c", Status.NOTE, "", "see"),
    )

    assert is_healthy(checks)
    assert not is_healthy((*checks, Check("d", Status.FAILED, "broken")))


def test_advice_comes_by_urgency() -> None:
    checks = (Check("bare", Status.FAILED, ""), *(Check(status, status, "", "do") for status in reversed(Status)))

    assert [check.name for check in by_urgency(checks)] == ["failed", "warning", "note", "ok"]


def test_a_look_that_goes_wrong_is_a_failed_check_and_the_others_go_on() -> None:
    def broken() -> Check:
        raise ZeroDivisionError("by nothing")

    def absent() -> Check:
        raise ModuleNotFoundError("No module named 'httpx2'")

    fine = Check("fine", Status.OK, "")
    seen: list[str] = []
    checks = run_steps((Step("a", broken), Step("b", absent), Step("c", lambda: (fine,))), on_step=seen.append)

    assert [check.status for check in checks] == [Status.FAILED, Status.FAILED, Status.OK]
    assert checks[0].found == "could not be looked at: ZeroDivisionError: by nothing"
    assert "install localdigest anew" in checks[1].hint
    assert seen == ["a", "b", "c"]


def test_a_poor_machine_gets_through_to_the_end(tmp_path: Path) -> None:
    """No /proc, no program, no folder: every check has something to say."""
    checks = examine(
        Places(tmp_path / "out", tmp_path / "data" / "store.sqlite3", tmp_path / "models"),
        Options(system=machine(tmp_path / "root")),
    )

    assert is_healthy(checks)
    assert named(checks, "cpu features").found == "the system does not list them"
    assert named(checks, "fonts").status is Status.NOTE
    assert [path.name for path in tmp_path.iterdir()] == []


# ── Python and libraries ─────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("version", "bits", "status"),
    [((3, 11, 0), 64, Status.OK), ((3, 10, 9), 64, Status.FAILED), ((3, 12, 1), 32, Status.WARNING)],
)
def test_python_is_judged(version: tuple[int, int, int], bits: int, status: Status) -> None:
    assert check_python(version, bits=bits, platform="Linux", executable="python").status is status


NEEDS = ("httpx2[brotli,http2]>=2.16,<3", "rich>=15", 'llama-cpp-python<0.4,>=0.3.36; extra == "llama"')


@pytest.mark.parametrize(
    ("versions", "status", "words"),
    [
        ({"httpx2": "2.16.0", "rich": "15"}, Status.OK, "2 libraries"),
        ({"httpx2": "2.16.0"}, Status.FAILED, "missing: rich>=15"),
        ({"httpx2": "2.9.1", "rich": "15.0.0"}, Status.FAILED, "httpx2 is 2.9.1, not >=2.16,<3"),
        ({"httpx2": "3.0", "rich": "15.1rc1"}, Status.FAILED, "httpx2 is 3.0"),
    ],
)
def test_libraries_are_compared_with_what_the_package_asks_for(
    versions: dict[str, str], status: Status, words: str
) -> None:
    check = check_packages("0.1.0", NEEDS, versions)

    assert check.status is status
    assert words in check.found


def test_requirements_are_read_as_the_metadata_write_them() -> None:
    requirement = parse_requirement(NEEDS[2])

    assert (requirement.name, requirement.extra) == ("llama-cpp-python", "llama")
    allowed = {version for version in ("0.3.36", "0.3.9", "0.4", "0.3.100") if requirement.allows(version)}
    assert allowed == {"0.3.36", "0.3.100"}


# ── llama.cpp, processor, GPUs ───────────────────────────────────────────────


def test_llama_cpp_here_is_probed_in_a_process_of_its_own() -> None:
    found = look_at_engine()

    assert found.missing == ()
    assert found.probe is not None
    assert check_engine(found, LINUX).status in (Status.OK, Status.NOTE)


def test_without_the_engine_the_command_for_this_machine_is_given() -> None:
    check = check_engine(Engine(missing=("llama_cpp", "llguidance", "numpy")), replace(LINUX, nvidia=GEFORCE))

    assert check.status is Status.NOTE
    assert "/whl/cu125" in check.hint


def test_a_build_that_does_not_load_fails_with_the_way_to_build_one() -> None:
    check = check_engine(Engine(error="llama.cpp was built for a CPU with features that this one lacks."), LINUX)

    assert check.status is Status.FAILED
    assert "--no-binary llama-cpp-python" in check.hint
    assert "whl/cpu" not in check.hint


@pytest.mark.parametrize(
    ("features", "flags", "status", "words"),
    [
        (FEATURES, MODERN, Status.OK, "uses all that it can"),
        (FEATURES, MODERN - {"avx2"}, Status.FAILED, "uses AVX2, which this processor lacks"),
        (FEATURES + "AVX512 = 1 | ", MODERN, Status.FAILED, "uses AVX512"),
        ("CUDA : ARCHS = 890 | CPU : SSE3 = 1 | AVX = 1 |", MODERN, Status.WARNING, "AVX2, FMA, F16C unused"),
        (FEATURES.replace("FMA = 1", "FMA = 0"), MODERN, Status.WARNING, "leaves FMA unused"),
        (FEATURES, MODERN | {"avx512f", "avx512_vnni"}, Status.NOTE, "also has AVX512, AVX512_VNNI"),
        ("CPU : NEON = 1 | DOTPROD = 1 |", frozenset(("asimd", "asimddp")), Status.OK, "DOTPROD"),
        ("", MODERN, Status.OK, "does not say"),
        (FEATURES, None, Status.OK, "does not list"),
    ],
)
def test_what_a_build_uses_is_compared_with_what_the_processor_has(
    features: str, flags: frozenset[str] | None, status: Status, words: str
) -> None:
    check = check_cpu(engine(features), replace(LINUX, cpu_flags=flags))

    assert (check.status, words in check.found) == (status, True), check
    assert bool(check.hint) is (status is not Status.OK)


def test_before_anything_is_installed_an_old_processor_is_named() -> None:
    check = check_cpu(Engine(missing=("llama_cpp",)), replace(LINUX, cpu_flags=frozenset(("avx",))))

    assert check.status is Status.NOTE
    assert "lacks AVX2, FMA, F16C, BMI2" in check.found


@pytest.mark.parametrize(
    ("found", "host", "status", "words"),
    [
        (engine(), LINUX, Status.OK, "none found"),
        (engine(offloads=True, devices=(CPU, CUDA)), LINUX, Status.OK, "22.0 of 24.0 GiB free"),
        (engine(), replace(LINUX, nvidia=GEFORCE), Status.WARNING, "GeForce RTX 4090, and this build"),
        (engine(offloads=True), replace(LINUX, nvidia=GEFORCE), Status.WARNING, "finds none"),
        (engine(), replace(LINUX, nodes=frozenset(("kfd",))), Status.WARNING, "AMD"),
        (engine(), replace(LINUX, nodes=frozenset(("dri",))), Status.NOTE, "/dev/dri"),
        (engine(), Host(system="Darwin", arch="arm64"), Status.WARNING, "Apple"),
        (Engine(missing=("llama_cpp",)), replace(LINUX, nvidia=Nvidia()), Status.NOTE, "NVIDIA card"),
    ],
)
def test_a_gpu_that_lies_idle_is_told(found: Engine, host: Host, status: Status, words: str) -> None:
    check = check_gpus(found, host)

    assert (check.status, words in check.found) == (status, True), check
    assert bool(check.hint) is (status is Status.WARNING or "build" in check.found)


# ── what the system says ─────────────────────────────────────────────────────


def test_an_old_alpine_machine_without_a_compiler(tmp_path: Path) -> None:
    write(tmp_path, "lib/ld-musl-x86_64.so.1")
    write(tmp_path, "proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu sse2 avx\n")
    host = look_at_host(machine(tmp_path, programs={"apk": ""}, libc=""), bindings="")

    assert (host.libc, host.cpu_flags, host.has_compiler) == ("musl", {"fpu", "sse2", "avx"}, False)
    assert "apk" in host.tools


def test_a_machine_with_a_card_of_nvidia(tmp_path: Path) -> None:
    write(tmp_path, "usr/local/cuda-12.8/targets/x86_64-linux/lib/libcudart.so.12.8.57")
    write(tmp_path, "dev/nvidia0")
    programs = {"nvidia-smi": "NVIDIA GeForce RTX 4090, 570.86, 8.9\n", "g++": ""}
    host = look_at_host(machine(tmp_path, programs=programs), bindings="0.3.36")

    assert host.nvidia == GEFORCE
    assert (host.cuda_runtimes, host.has_compiler, host.libc_version) == ((12,), True, (2, 39))
    assert look_at_host(machine(tmp_path), bindings="").nvidia == Nvidia()


def test_a_container_with_half_a_core_and_two_gigabytes(tmp_path: Path) -> None:
    write(tmp_path, "proc/meminfo", "MemTotal: 67108864 kB\nMemAvailable: 33554432 kB\nSwapTotal: 1024 kB\n")
    write(tmp_path, "proc/self/cgroup", "0::/box\n")
    write(tmp_path, "sys/fs/cgroup/box/memory.max", str(2 * GIB))
    write(tmp_path, "sys/fs/cgroup/box/cpu.max", "50000 100000")
    system = machine(tmp_path)
    need, name = smallest_model(tmp_path / "models")
    memory = look_at_memory(system, least_need=need, least_name=name)
    check = check_memory(memory)

    assert (memory.total, memory.within_group, memory.swap) == (64 * GIB, 2 * GIB, 1 << 20)
    assert check.status is Status.WARNING
    assert "2.1 GB available of 68.7 GB, for the control group's limit (34.4 GB without)" in check.found
    assert f"too little for any model ({name} needs" in check.found
    assert look_at_cores(system).usable == 1


def test_cores_that_a_group_takes_away_are_told(tmp_path: Path) -> None:
    check = check_cores(replace(look_at_cores(machine(tmp_path)), logical=8, physical=4, usable=1))

    assert (check.status, check.found) == (Status.NOTE, "1 used of 8 logical; the control group allows no more")


def test_memory_too_small_even_for_pages() -> None:
    assert check_memory(Memory(GIB, GIB // 4, GIB // 4, 0)).status is Status.WARNING
    assert check_memory(Memory(0, 0, 0, 0)) == Check("memory", Status.OK, "the system does not say")


@pytest.mark.parametrize(
    ("parser", "model", "status", "says"),
    [
        (
            HELD,
            Barrier.SECCOMP,
            Status.OK,
            "no socket (seccomp), no file but the program's own (Landlock), at most 1.1 GB",
        ),
        (replace(HELD, files=Files.RLIMIT), Barrier.SECCOMP, Status.NOTE, "no file written"),
        (replace(HELD, network=Barrier.AUDIT_HOOK), Barrier.AUDIT_HOOK, Status.NOTE, "but for C code"),
        (replace(HELD, network=Barrier.NONE), Barrier.SECCOMP, Status.WARNING, "read with the network"),
        (HELD, Barrier.NONE, Status.WARNING, "models run with the network"),
        (Enforced(Barrier.AUDIT_HOOK), None, Status.NOTE, "this user's files, memory without a limit"),
        (None, Barrier.SECCOMP, Status.FAILED, "could not be started"),
    ],
)
def test_what_holds_is_told_as_it_was_found(
    parser: Enforced | None, model: Barrier | None, status: Status, says: str
) -> None:
    check = check_sandbox(Sandbox("Linux", parser, model, seccomp=True))

    assert check.status is status
    assert says in check.found
    assert bool(check.hint) is (status is not Status.OK)


@pytest.mark.skipif(sys.platform != "linux", reason="seccomp and Landlock are Linux's")
def test_the_jails_of_this_machine_are_tried() -> None:
    found = look_at_sandbox(System())

    assert found.parser is not None
    assert (found.parser.network, found.parser.files, found.model) == ("seccomp", "landlock", "seccomp")


def test_what_the_system_offers_is_no_claim(tmp_path: Path) -> None:
    write(tmp_path, "proc/sys/kernel/seccomp/actions_avail", "kill_process errno trace\n")
    write(tmp_path, "proc/sys/user/max_user_namespaces", "1000\n")
    system = replace(machine(tmp_path), landlock=lambda: 6)

    assert look_at_sandbox(system) == Sandbox("Linux", HELD, Barrier.SECCOMP, seccomp=True, namespaces=True, landlock=6)
    write(tmp_path, "proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n")
    assert not look_at_sandbox(system).namespaces
    held = Enforced(Barrier.AUDIT_HOOK, wall_seconds=45)
    assert "nothing that is known" in check_sandbox(Sandbox("Windows", held, Barrier.AUDIT_HOOK)).found


def test_fonts_are_asked_of_fontconfig_or_found_in_their_folders(tmp_path: Path) -> None:
    listed = {"fc-list": "Noto Sans CJK TC,思源黑體\nNoto Sans CJK TC\nAR PL UMing TW\n"}
    write(tmp_path, "usr/share/fonts/truetype/NotoSansTC-Regular.otf")
    write(tmp_path, "usr/share/fonts/truetype/DejaVuSans.ttf")

    assert look_at_fonts(machine(tmp_path, programs=listed)).chinese == ("AR PL UMing TW", "Noto Sans CJK TC")
    assert look_at_fonts(machine(tmp_path)).chinese == ("NotoSansTC-Regular",)
    assert check_fonts(Fonts((), "asked fc-list")).status is Status.NOTE


def test_proxies_are_told_by_name_alone() -> None:
    found = proxies({"https_proxy": "http://user:secret@proxy:3128", "HTTP_PROXY": "", "NO_PROXY": "x", "PATH": "y"})

    assert found == ("https_proxy",)
    assert check_proxy(found).status is Status.WARNING
    assert "secret" not in str(check_proxy(found))


def test_a_clock_in_1970_is_told() -> None:
    assert check_clock(dt.datetime(1970, 1, 1, tzinfo=dt.UTC)).status is Status.WARNING
    assert check_clock(dt.datetime(2030, 1, 1, tzinfo=dt.UTC)).status is Status.OK


# ── folders and store ────────────────────────────────────────────────────────


def test_a_folder_that_is_not_made_yet_is_not_made(tmp_path: Path) -> None:
    folder = look_at_folder("output", tmp_path / "a" / "b")

    assert (folder.exists, folder.problem) == (False, "")
    assert folder.free_bytes > 0
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_a_folder_should_be_fails(tmp_path: Path) -> None:
    write(tmp_path, "taken")
    check = check_folder(look_at_folder("output", tmp_path / "taken"), least_bytes=1, needed=True)

    assert check.status is Status.FAILED
    assert "--out DIR" in check.hint


def test_a_folder_that_cannot_be_written_fails_where_it_is_needed() -> None:
    """/proc can be written by nobody, root included."""
    folder = look_at_folder("models", Path("/proc/self"))

    assert check_folder(folder, least_bytes=1, needed=True).status is Status.FAILED
    assert check_folder(folder, least_bytes=1, needed=False).status is Status.WARNING


def test_little_room_is_told(tmp_path: Path) -> None:
    folder = replace(look_at_folder("store", tmp_path), free_bytes=1000)

    assert check_folder(folder, least_bytes=2000, needed=True).status is Status.WARNING
    assert check_folder(folder, least_bytes=2000, needed=False).status is Status.NOTE


def test_a_store_is_read_through_and_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    Store(path).close()
    before = path.read_bytes()

    assert check_store(look_at_store(path)).status is Status.OK
    assert path.read_bytes() == before


def test_no_store_is_made(tmp_path: Path) -> None:
    assert check_store(look_at_store(tmp_path / "store.sqlite3")).status is Status.OK
    assert list(tmp_path.iterdir()) == []


def test_a_store_with_a_spoiled_page_fails(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    Store(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = db.execute("PRAGMA page_size").fetchone()[0]
    content = bytearray(path.read_bytes())
    content[3 * size : 4 * size] = b"\xff" * size
    path.write_bytes(content)

    check = check_store(look_at_store(path))

    assert check.status is Status.FAILED
    assert "sets it aside" in check.hint


def test_a_store_that_is_too_large_to_read_through_is_not_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    with Store(path), closing(sqlite3.connect(path)) as db:
        rows = ((f"{number:x}", b"x" * 100) for number in range(20_000))
        db.executemany("INSERT INTO blobs VALUES (?, ?)", rows)
        db.commit()

    state = look_at_store(path, seconds=0.0)

    assert (state.checked, state.damage, state.problem) == (False, "", "")
    assert check_store(state).status is Status.OK


def test_an_old_sqlite_fails(tmp_path: Path) -> None:
    state = replace(look_at_store(tmp_path / "store.sqlite3"), sqlite=(3, 31, 1))

    assert check_store(state).status is Status.FAILED


# ── models ───────────────────────────────────────────────────────────────────


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A models folder with a catalogue of its own, whose one model is there."""
    folder = tmp_path / "models"
    folder.mkdir()
    path = folder / "tiny.gguf"
    path.write_bytes(tiny_mixtral().read_bytes())
    write(
        folder,
        "catalog.toml",
        f"""[[entry]]
name = "tiny"
title = "Tiny"
repo = "owner/tiny"
files = [{{ name = "tiny.gguf", bytes = {path.stat().st_size} }}]
licence = "Apache-2.0"
architecture = "llama"
quantisation = "F32"
toy = true
""",
    )
    return folder


def statuses(folder: Path, *, verify: bool = False) -> dict[str, Status]:
    return {check.name: check.status for check in check_models(look_at_models(folder, verify=verify))}


def test_a_model_that_is_there_is_counted_and_not_hashed(shelf: Path) -> None:
    assert statuses(shelf) == {"models": Status.OK, "checksums": Status.NOTE}


def test_with_verify_it_is_hashed_and_remembered(shelf: Path) -> None:
    assert statuses(shelf, verify=True) == {"models": Status.OK, "model tiny": Status.OK}
    assert statuses(shelf) == {"models": Status.OK}


def test_a_model_of_another_size_fails(shelf: Path) -> None:
    with (shelf / "tiny.gguf").open("ab") as file:
        file.write(b"more")

    assert statuses(shelf)["model tiny"] is Status.FAILED


def test_a_model_with_another_checksum_fails() -> None:
    model = FoundModel("tiny", Path("tiny.gguf"), 10, expected_bytes=10, sha256="a" * 64, expected_sha256="b" * 64)
    _, check = check_models(Models(Path("models"), (model,)))

    assert check.status is Status.FAILED
    assert "models pull tiny" in check.hint


def test_files_that_llama_cpp_cannot_load_are_named_with_the_way_out(shelf: Path) -> None:
    (shelf / "old.gguf").write_bytes(split_experts().read_bytes())
    (shelf / "cut.gguf").write_bytes(truncated().read_bytes())
    checks = check_models(look_at_models(shelf, verify=False))

    assert named(checks, "model old.gguf").status is Status.WARNING
    assert "models convert" in named(checks, "model old.gguf").hint
    assert named(checks, "model cut.gguf").status is Status.WARNING


def test_a_download_that_was_broken_off_is_told(shelf: Path) -> None:
    write(shelf, "large.gguf.part", "beginning")

    assert statuses(shelf)["downloads"] is Status.NOTE


def test_no_models_are_no_fault(tmp_path: Path) -> None:
    assert statuses(tmp_path / "models") == {"models": Status.OK}


# ── network ──────────────────────────────────────────────────────────────────


def doctor_of(command: Command, *arguments: str) -> tuple[Ran, dict[str, str]]:
    ran = command("doctor", "--json", *arguments)
    return ran, next(row for row in ran.json["checks"] if row["name"] == "network")


def test_the_network_is_asked_only_when_told_to(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_hub({}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        _, silent = doctor_of(command)
        _, offline = doctor_of(command, "--network", "--offline")
        assert hub.log == []
        ran, asked = doctor_of(command, "--network")

    assert [(request.method, request.path) for request in hub.log] == [("HEAD", "/")]
    assert "not tried" in silent["found"]
    assert "offline" in offline["found"]
    assert (ran.code, asked["status"]) == (0, "ok")


def test_a_hub_that_does_not_answer_fails(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_hub({}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
    ran, asked = doctor_of(command, "--network")

    assert (ran.code, asked["status"]) == (1, "failed")


def test_an_address_that_is_none_is_told(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "mirror.example")
    ran, asked = doctor_of(command, "--network")

    assert ran.code == 1
    assert "HF_ENDPOINT is no address" in asked["found"]


def test_a_hub_in_trouble_is_a_warning() -> None:
    assert check_network("https://hub.example", tried=True, status=503).status is Status.WARNING
    assert check_network("https://hub.example", tried=True, status=404).status is Status.OK


# ── the terminal ─────────────────────────────────────────────────────────────


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colour_is_for_terminals_that_want_it(home: Path, variables: dict[str, str], *, coloured: bool) -> None:
    import pty  # noqa: PLC0415 - not on Windows

    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "PYTHONUTF8": "1", "PYTHONPATH": str(REPOSITORY)}
    environment.pop("NO_COLOR", None)
    done = subprocess.Popen(
        [sys.executable, "-m", "localdigest", "doctor"], stdout=theirs, cwd=home, env={**environment, **variables}
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            block = os.read(ours, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not block:
            break
        shown += block
    os.close(ours)

    assert done.wait() == 0
    assert (b"\x1b[3" in shown) is coloured


def test_every_key_that_is_printed_is_documented(command: Command) -> None:
    text = (REPOSITORY / "docs" / "json.md").read_text(encoding="utf-8")
    section = text.partition("`localdigest/doctor/1`")[2].partition("\n## ")[0]
    envelope = command("doctor", "--json").json
    keys = {*envelope, *envelope["checks"][0], *(status.value for status in Status)} - {"schema"}

    assert {key for key in keys if f"`{key}`" not in section} == set()
