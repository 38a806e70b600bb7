"""Runs a command on a file system of its own, of a megabyte, that only it can see."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

__all__ = ["on_small_disk"]


def on_small_disk(folder: Path, command: str, *, script: str = "", options: str = "size=1m", prepare: str = "") -> str:
    """What the command printed, errors too. `sh` runs it; `$DISK` is the folder, `$PYTHON -c "$SCRIPT"` the script.

    `prepare` is run on the disk before it; `mount -o remount,ro $DISK` is one thing that it may do.
    """
    if shutil.which("unshare") is None or shutil.which("mount") is None:
        pytest.skip("neither unshare nor mount is here to make a small file system with")
    disk = folder / "disk"
    disk.mkdir()
    lines = ["mount -t tmpfs -o $OPTIONS none $DISK || exit 77", prepare, command]
    ran = subprocess.run(
        ["unshare", "-rm", "sh", "-c", "\n".join(lines)],
        env={**os.environ, "PYTHON": sys.executable, "SCRIPT": script, "DISK": str(disk), "OPTIONS": options},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )
    if ran.returncode == 77 or "unshare failed" in ran.stdout:
        pytest.skip(f"no file system can be mounted here: {ran.stdout.strip()}")
    return ran.stdout
