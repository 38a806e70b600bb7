"""A process that computes with ggml gets no tile registers from the kernel."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

#: `arch_prctl(ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA)`, as ggml asks; 0: granted.
ASK = """
import ctypes, sys
{before}
libc = ctypes.CDLL(None, use_errno=True)
refused = libc.syscall(158, 0x1023, 18) != 0
sys.stdout.write(f"{{refused}} {{ctypes.get_errno()}}")
"""
ENOSPC = 28


def asked(before: str = "") -> tuple[bool, int]:
    ran = subprocess.run(
        [sys.executable, "-c", ASK.format(before=before)], capture_output=True, text=True, check=True, timeout=60
    )
    refused, error = ran.stdout.split()
    return refused == "True", int(error)


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="only Linux on x86 is asked in this way"
)
def test_a_process_that_computes_with_ggml_gets_none() -> None:
    granted_before = not asked()[0]  # on a CPU that has them, else everything is refused
    refused, error = asked("from localdigest.engine import ggml")

    assert refused
    assert (error == ENOSPC) == granted_before
