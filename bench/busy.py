"""A neighbour that takes a core: one process that counts, at the lowest priority.

usage: busy.py
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["niced_busy"]


@contextlib.contextmanager
def niced_busy(*, wanted: bool) -> Iterator[None]:
    """Run one such process, if wanted, for as long as the block takes."""
    if not wanted:
        yield
        return
    with subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE) as process:
        try:
            yield
        finally:
            process.kill()


def main() -> None:
    os.nice(19)
    parent = os.getppid()
    count = 0
    while True:
        count += 1
        if count % 10_000_000 == 0 and os.getppid() != parent:
            return  # whoever started it is gone


if __name__ == "__main__":
    main()
