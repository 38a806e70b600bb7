"""A neighbour that takes a core: one process that counts, at the lowest priority.

usage: busy.py
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Neighbour", "niced_busy"]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The busy process, if there is one."""

    process_id: int | None

    def seconds(self) -> float:
        """Processor seconds that it has taken so far."""
        if self.process_id is None:
            return 0.0
        # The name, in brackets, may hold spaces; user and system time are the 12th and 13th field after it.
        fields = Path(f"/proc/{self.process_id}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def niced_busy(*, wanted: bool) -> Iterator[Neighbour]:
    """Run one such process, if wanted, for as long as the block takes."""
    if not wanted:
        yield Neighbour(None)
        return
    # A session of its own, as another program has one: within ours Linux would heed the niceness.
    with subprocess.Popen([sys.executable, __file__], start_new_session=True) as process:
        try:
            yield Neighbour(process.pid)
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
