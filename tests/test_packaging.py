"""The wheel holds all that the program needs, and the locks all that pyproject.toml asks for."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from conftest import REPOSITORY

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=REPOSITORY, check=True, capture_output=True,
    )  # fmt: skip
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_every_file_of_the_package_and_the_prompts(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    package = {
        path.relative_to(REPOSITORY).as_posix()
        for path in (REPOSITORY / "localdigest").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert package - names == set()
    assert "localdigest/prompts/README.md" in names
    assert not [name for name in names if name.startswith(("tests/", "examples/"))]


def test_the_wheel_runs_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    page = REPOSITORY / "examples" / "pages" / "company.html"
    script = (
        "import sys; sys.path.insert(0, 'site'); import localdigest; assert 'site' in localdigest.__file__;"
        f"sys.argv = ['localdigest', 'run', {str(page)!r}, '--out', 'out', '--store', 'store.sqlite3', '--quiet'];"
        "from localdigest.cli.main import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / done.stdout.strip()).is_file()


@pytest.mark.parametrize(("lock", "groups"), [("run", ["build"]), ("test", ["build", "test", "lint"])])
def test_every_dependency_is_locked_with_hashes(lock: str, groups: list[str]) -> None:
    text = (REPOSITORY / "requirements" / f"{lock}.lock").read_text(encoding="utf-8")
    locked = re.findall(r"^([a-z0-9.-]+)==", text, re.MULTILINE)  # some twice: for older and for newer Pythons
    wanted = PROJECT["project"]["dependencies"] + [
        name for group in groups for name in PROJECT["dependency-groups"][group]
    ]
    if "test" in groups:
        wanted += PROJECT["project"]["optional-dependencies"]["llama"]
    names = {re.split(r"[\[>=<]", requirement)[0].lower().replace("_", "-") for requirement in wanted}

    assert names - set(locked) == set()
    assert len(re.findall(r"^[a-z0-9.-]+==.*\\$", text, re.MULTILINE)) == len(locked), "a package without a hash"


def test_llama_cpp_is_an_extra_that_a_plain_install_does_not_build() -> None:
    assert any("llama-cpp-python" in name for name in PROJECT["project"]["optional-dependencies"]["llama"])
    assert not any("llama" in name for name in PROJECT["project"]["dependencies"])
