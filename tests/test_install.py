"""The commands that install llama.cpp: the right one for each machine, documented, and understood by pip and uv."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path
from threading import Thread

import pytest
from conftest import REPOSITORY

from localdigest.doctor.host import Host, Nvidia, parse_nvidia
from localdigest.doctor.install import Command, engine_commands, install_commands
from localdigest.doctor.wheels import BINDINGS, CUDA_TAGS, INDEX, LIBRARIES

DOCS = (REPOSITORY / "docs" / "install.md").read_text(encoding="utf-8")
MODERN = frozenset(("avx2", "fma", "f16c", "bmi2"))
LINUX = Host(
    system="Linux", arch="x86_64", libc="glibc", libc_version=(2, 39), cpu_flags=MODERN, tools=frozenset(("pip",)),
    has_compiler=True,
)  # fmt: skip
H100 = Nvidia(("NVIDIA H100",), "580.65", (13, 0), (9, 0))


def first(host: Host) -> Command:
    return install_commands(host)[0]


def tag(command: Command) -> str:
    return command.text.partition(f"{INDEX}/")[2]


def tags(host: Host) -> list[str]:
    return [tag(command) for command in install_commands(host) if command.origin == "wheel"]


# ── every machine ────────────────────────────────────────────────────────────


def machines() -> Iterator[Host]:
    """More kinds than there are."""
    systems = [
        ("Linux", "x86_64", "glibc", (2, 39)), ("Linux", "x86_64", "glibc", (2, 12)), ("Linux", "x86_64", "musl", ()),
        ("Linux", "arm64", "glibc", (2, 39)), ("Linux", "riscv64", "glibc", (2, 39)), ("Darwin", "arm64", "", ()),
        ("Darwin", "x86_64", "", ()), ("Windows", "x86_64", "", ()), ("Windows", "arm64", "", ()),
    ]  # fmt: skip
    cards = [None, Nvidia(), *(Nvidia(("A",), "1", cuda, (8, 0)) for cuda, _ in CUDA_TAGS.values())]
    nodes: list[tuple[str, ...]] = [(), ("dri",), ("dri", "kfd")]
    tools = [("pip",), ("uv",), ("pip", "nvcc", "hipcc", "glslc", "vulkaninfo", "apt"), ("pip", "apk"), ()]
    flags = (MODERN, frozenset[str](), None)
    for (system, arch, libc, version), card, node, tool in product(systems, cards, nodes, tools):
        for flag, compiler, bindings in product(flags, (True, False), ("", "0.3.30")):
            yield Host(
                system=system, arch=arch, libc=libc, libc_version=version, nvidia=card, nodes=frozenset(node),
                tools=frozenset(tool), cpu_flags=flag, has_compiler=compiler, bindings=bindings,
            )  # fmt: skip


def documented(text: str) -> bool:
    """A Python without pip is told of once, above the lines."""
    with_pip = text.replace("uv pip install --python python", "python -m pip install").replace(
        "uv pip uninstall --python python", "python -m pip uninstall --yes"
    )
    return with_pip in DOCS


def test_every_command_that_can_be_printed_stands_in_the_documentation() -> None:
    commands = {command for host in machines() for command in install_commands(host)}
    named = {quoted for command in commands for need in command.needs for quoted in re.findall(r"`([^`]+)`", need)}

    assert len({command.text for command in commands}) >= 20
    assert {command.text for command in commands if not documented(command.text)} == set()
    assert {text for text in named if not documented(text)} == set()


def test_every_machine_has_a_command_and_every_command_says_its_version() -> None:
    for host in machines():
        commands = install_commands(host)

        assert commands[-1].backend in ("cpu", "metal")
        assert all(f"=={BINDINGS}" in command.text for command in commands)
        assert all("--only-binary" in command.text or "--no-binary" in command.text for command in commands)


def test_the_versions_are_those_that_the_project_asks_for() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    extra = project["project"]["optional-dependencies"]["llama"]

    assert [requirement.partition(">=")[2].partition(",")[0] for requirement in extra[:1]] == [BINDINGS]
    assert tuple(extra[1:]) == LIBRARIES


# ── the right one first ──────────────────────────────────────────────────────


def test_a_plain_machine_gets_the_wheel_and_then_the_source() -> None:
    wheel, source = install_commands(LINUX)

    assert wheel.text == (
        f'python -m pip install "llama-cpp-python=={BINDINGS}" "llguidance>=1.9,<2" "numpy>=2"'
        f" --only-binary llama-cpp-python --extra-index-url {INDEX}/cpu"
    )
    assert (source.backend, source.origin, source.needs) == ("cpu", "source", ())


def test_a_processor_without_avx2_is_not_given_a_wheel_that_crashes() -> None:
    (only,) = install_commands(replace(LINUX, cpu_flags=MODERN - {"avx2"}))

    assert only.origin == "source"


def test_musl_has_a_wheel_for_the_cpu_and_none_for_cuda() -> None:
    tools = frozenset(("pip", "apk"))
    alpine = replace(LINUX, libc="musl", libc_version=(), nvidia=H100, tools=tools, has_compiler=False)

    assert tags(alpine) == ["cpu"]
    assert "sudo apk add build-base" in next(c for c in install_commands(alpine) if c.origin == "source").needs[0]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"cuda": (13, 2)}, "cu132"),
        ({"cuda": (13, 1)}, "cu130"),
        ({"cuda": (12, 9)}, "cu125"),
        ({"cuda": (12, 0)}, "cu118"),
        ({"cuda": (11, 7)}, ""),
        ({"cuda": (0, 0)}, ""),
        ({"cuda": (13, 2), "capability": (7, 0)}, "cu125"),
        ({"cuda": (13, 2), "runtimes": (12,)}, "cu125"),
        ({"cuda": (12, 4), "runtimes": (11, 13)}, "cu118"),
        ({"cuda": (12, 3), "system": "Windows"}, "cu118"),
        ({"cuda": (13, 2), "libc_version": (2, 31)}, ""),
    ],
)
def test_the_cuda_wheel_is_the_newest_that_driver_card_and_libraries_can_run(
    change: dict[str, object], expected: str
) -> None:
    card = replace(H100, cuda=change["cuda"], capability=change.get("capability", (9, 0)))
    host = replace(
        LINUX,
        nvidia=card,
        system=change.get("system", "Linux"),
        libc_version=change.get("libc_version", (2, 39)),
        cuda_runtimes=change.get("runtimes", ()),
    )

    assert next((one for one in tags(host) if one.startswith("cu")), "") == expected


def test_cuda_is_built_where_it_can_be_since_its_wheels_leave_the_cpu_slow() -> None:
    ready = replace(LINUX, nvidia=H100, tools=LINUX.tools | {"nvcc"}, cuda_runtimes=(13,))
    bare = replace(LINUX, nvidia=H100)

    assert (first(ready).backend, first(ready).origin) == ("cuda", "source")
    assert (first(bare).backend, first(bare).origin) == ("cuda", "wheel")
    assert "the libraries of CUDA 13" in first(bare).needs[0]
    assert "slow where experts stay in RAM" in first(bare).note
    assert "nvcc" in install_commands(bare)[1].needs[0]


def test_apple_gets_metal_and_nothing_else() -> None:
    mac = Host(system="Darwin", arch="arm64", tools=frozenset(("pip",)))

    assert [(command.backend, command.origin) for command in install_commands(mac)] == [
        ("metal", "wheel"), ("metal", "source"),
    ]  # fmt: skip
    assert "xcode-select --install" in install_commands(mac)[1].needs[0]


def test_amd_gets_rocm_and_vulkan_before_the_cpu() -> None:
    host = replace(LINUX, nodes=frozenset(("dri", "kfd")))

    assert tags(host) == ["rocm72", "vulkan", "cpu"]


def test_windows_gets_lines_for_powershell() -> None:
    host = replace(
        LINUX, system="Windows", libc="", nvidia=H100, tools=LINUX.tools | {"nvcc"}, python=r"C:\My Files\python.exe"
    )

    assert first(host).text.startswith('$env:CMAKE_ARGS = "-DGGML_CUDA=on')
    assert '; & "C:\\My Files\\python.exe" -m pip install' in first(host).text


def test_a_build_that_is_there_is_removed_first_or_pip_would_keep_it() -> None:
    command = first(replace(LINUX, bindings=BINDINGS))

    assert "python -m pip uninstall --yes llama-cpp-python" in command.needs[0]
    assert command.text == first(LINUX).text


def test_only_what_is_missing_is_installed() -> None:
    (command,) = engine_commands(replace(LINUX, bindings=BINDINGS), ("llguidance",))

    assert command.text == 'python -m pip install "llguidance>=1.9,<2"'


@pytest.mark.parametrize("label", ["CUDA Version: 12.8 ", "CUDA UMD Version: 12.8 "])
def test_what_nvidia_smi_says_is_read(label: str) -> None:
    screen = f"| NVIDIA-SMI 570.86.15   Driver Version: 570.86.15   {label}  |"
    rows = "NVIDIA GeForce RTX 4090, 570.86.15, 8.9\nTesla V100-PCIE, 570.86.15, 7.0\n"

    assert parse_nvidia(screen, rows) == Nvidia(
        ("NVIDIA GeForce RTX 4090", "Tesla V100-PCIE"), "570.86.15", (12, 8), (7, 0)
    )


def test_an_nvidia_smi_that_says_nothing_is_a_card_of_which_nothing_is_known() -> None:
    assert parse_nvidia("", "No devices were found\n") == Nvidia()


# ── pip and uv do what is meant ──────────────────────────────────────────────


def wheel(name: str, version: str) -> bytes:
    """The smallest wheel that an installer takes."""
    info = f"{name}-{version}.dist-info"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return buffer.getvalue()


def write_index(folder: Path, packages: dict[str, dict[str, bytes]]) -> None:
    """A package index (PEP 503) as files."""
    for name, files in packages.items():
        (folder / name).mkdir(parents=True)
        links = "".join(f'<a href="{file}">{file}</a>' for file in files)
        (folder / name / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>")
        for file, content in files.items():
            (folder / name / file).write_bytes(content)


@dataclass(frozen=True)
class Indexes:
    """A server of files; installers ask it for heads and for parts of files too."""

    url: str
    asked: list[str]


@pytest.fixture
def indexes(tmp_path: Path) -> Iterator[Indexes]:
    """A package index with sources of llama.cpp, newer ones too, and the index with its ready wheel."""
    root = tmp_path / "indexes"
    write_index(
        root / "simple",
        {
            "llama-cpp-python": {f"llama_cpp_python-{BINDINGS}.tar.gz": b"", "llama_cpp_python-0.3.99.tar.gz": b""},
            "llguidance": {"llguidance-1.9.1-py3-none-any.whl": wheel("llguidance", "1.9.1")},
            "numpy": {"numpy-2.4.0-py3-none-any.whl": wheel("numpy", "2.4.0")},
        },
    )
    ready = {f"llama_cpp_python-{BINDINGS}-py3-none-any.whl": wheel("llama_cpp_python", BINDINGS)}
    write_index(root / "whl" / "cpu", {"llama-cpp-python": ready})
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            asked.append(self.path)

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(root))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield Indexes(f"http://127.0.0.1:{server.server_address[1]}", asked)
        server.shutdown()
        thread.join()


@pytest.mark.slow
@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_the_printed_line_takes_the_wheel_though_newer_sources_lie_elsewhere(
    installer: str, indexes: Indexes, tmp_path: Path
) -> None:
    installed = installed_by(installer, first(replace(LINUX, tools=frozenset((installer,)))), indexes, tmp_path)

    assert installed.returncode == 0, installed.stderr
    found = {path.name.removesuffix(".dist-info") for path in (tmp_path / "target").glob("*.dist-info")}
    assert found == {f"llama_cpp_python-{BINDINGS}", "llguidance-1.9.1", "numpy-2.4.0"}


@pytest.mark.slow
@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_where_the_index_lacks_the_version_nothing_is_built(installer: str, indexes: Indexes, tmp_path: Path) -> None:
    host = replace(LINUX, tools=frozenset((installer,)), nodes=frozenset(("dri",)))
    missing = installed_by(installer, first(host), indexes, tmp_path)

    assert first(host).backend == "vulkan"
    assert missing.returncode != 0
    assert not any(path.endswith(".tar.gz") for path in indexes.asked)


def installed_by(installer: str, command: Command, indexes: Indexes, folder: Path) -> subprocess.CompletedProcess[str]:
    """The printed line as a shell would run it, with loopback in place of the two indexes, into a folder of its own."""
    words = shlex.split(command.text.replace(INDEX, f"{indexes.url}/whl"))
    arguments = words[words.index("install") + 1 :]
    if installer == "uv":
        assert words[:5] == ["uv", "pip", "install", "--python", "python"]
        start = [str(Path(sys.executable).with_name("uv")), "pip", "install", "--python", sys.executable, "--no-cache"]
        arguments = arguments[2:]
    else:
        assert words[:4] == ["python", "-m", "pip", "install"]
        start = [sys.executable, "-m", "pip", "--isolated", "install", "--no-cache-dir", "--disable-pip-version-check"]
    return subprocess.run(
        [*start, *arguments, "--index-url", f"{indexes.url}/simple", "--target", str(folder / "target")],
        capture_output=True, text=True, check=False, timeout=120, cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1"},
    )  # fmt: skip


# ── without the extra ────────────────────────────────────────────────────────


@pytest.fixture
def without_extra(tmp_path: Path) -> Path:
    """The installed packages, but for the engine's: what `pip install localdigest` gives."""
    folder = tmp_path / "packages"
    folder.mkdir()
    for path in Path(pytest.__file__).parent.parent.iterdir():
        if not path.name.startswith(("llama_cpp", "llguidance", "numpy", "__", "_pytest")) and path.suffix != ".pth":
            (folder / path.name).symlink_to(path)
    return folder


def test_a_model_without_the_extra_is_explained_in_one_screen(without_extra: Path, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-S", "-m", "localdigest", "bench", "--model", "model.gguf", "--json"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{without_extra}", "PYTHONNOUSERSITE": "1"},
    )  # fmt: skip

    assert ran.returncode == 2
    assert "llama_cpp, llguidance and numpy" in ran.stderr
    assert "the built-in writer needs no model" in ran.stderr
    assert f'"llama-cpp-python=={BINDINGS}"' in ran.stderr
    assert shlex.quote(sys.executable) in ran.stderr
    assert ran.stderr.count("\n") <= 20
    assert json.loads(ran.stdout)["error"]["hint"]
