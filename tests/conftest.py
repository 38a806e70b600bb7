"""The command line as a user has it, with nothing of whoever runs the tests in it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from readers import READER

from localdigest.cli.main import main
from localdigest.cli.program import Program
from localdigest.sandbox.enforced import Barrier

# Before llama.cpp is loaded: its workers spin while they wait, and beside another busy process that takes minutes.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "0")

REPOSITORY = Path(__file__).parent.parent

#: Starts Python with these arguments, heeding Ctrl-C and the end of its terminal: a shell lets what it starts in the
#: background ignore the one, `nohup` the other, and what that starts too.
HEEDING_PYTHON = (
    sys.executable,
    "-c",
    (
        "import os, signal, sys;"
        " [signal.signal(one, signal.SIG_DFL) for one in (signal.SIGINT, signal.SIGHUP)];"
        " os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    ),
)


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def rows(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


#: This process goes on: it keeps its network, and its reader.
IN_TESTS = Program(give_up_network=lambda: Barrier.NONE, open_reader=lambda: nullcontext(READER))
Command = Callable[..., Ran]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, with settings and store of its own."""
    for variable in [name for name in os.environ if name.startswith("LOCALDIGEST_")]:
        monkeypatch.delenv(variable)
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / ".home" / variable))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


@pytest.fixture
def command(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `localdigest` with arguments in `home`."""
    assert home.is_dir()

    def run(*arguments: str | Path, program: Program = IN_TESTS) -> Ran:
        monkeypatch.setattr(sys, "argv", ["localdigest", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(program)
        captured = capsys.readouterr()
        code = ended.value.code
        return Ran(code if isinstance(code, int) else 0 if code is None else 1, captured.out, captured.err)

    return run
