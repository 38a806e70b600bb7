"""The system that is asked: this machine, or a folder that looks like another one's root, with programs of its own."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from localdigest.errors import LocalDigestError
from localdigest.sandbox.enforced import Barrier
from localdigest.sandbox.jail import probe_model_jail
from localdigest.sandbox.landlock import known_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from localdigest.sandbox.enforced import Enforced

__all__ = ["System"]

_COMMAND_SECONDS = 5.0


def _run(arguments: tuple[str, ...]) -> str:
    """What a program prints; "" when it fails, hangs or is not there."""
    try:
        done = subprocess.run(  # noqa: S603 - programs of the system, with fixed arguments
            arguments,
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=_COMMAND_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _libc_here() -> str:
    """As in `glibc 2.36`; "": another one, or no Linux."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, ValueError, OSError):
        return ""


def _parser_jail() -> Enforced | None:
    """What is found to hold a process that reads pages; None: none can be started."""
    from localdigest.reader import Reader  # noqa: PLC0415 - a part that cannot be imported is one failed check

    try:
        with Reader() as reader:
            return reader.enforced()
    except LocalDigestError:
        return None


def _model_jail() -> Barrier | None:
    held = probe_model_jail()
    return Barrier(str(held["network"])) if held else None


@dataclass(frozen=True, slots=True)
class System:
    root: Path = Path("/")
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    name: str = field(default_factory=platform.system)
    arch: str = field(default_factory=platform.machine)
    which: Callable[[str], str | None] = shutil.which
    run: Callable[[tuple[str, ...]], str] = _run
    landlock: Callable[[], int] = known_version
    libc: Callable[[], str] = _libc_here
    parser_jail: Callable[[], Enforced | None] = _parser_jail
    model_jail: Callable[[], Barrier | None] = _model_jail

    @property
    def proc(self) -> Path:
        return self.root / "proc"

    def read(self, name: str) -> str:
        """A file of the system; "" where it is not, or may not be read."""
        try:
            return (self.root / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def files(self, folders: Iterable[str], pattern: str) -> list[Path]:
        return [path for folder in folders for place in self.root.glob(folder) for path in place.glob(pattern)]
