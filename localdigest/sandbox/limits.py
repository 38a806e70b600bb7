"""How much one page may cost, and what the kernel can be told of it."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from math import ceil

if sys.platform != "win32":
    import resource

__all__ = ["Limits", "begin_page", "end_page", "limit_process", "limited_memory", "writes_nothing"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Of a process that reads pages. A page of 10 MiB, the largest that is fetched, stays below them."""

    #: Of address space. The process takes 0.1 GB before it reads anything, and 0.33 GB with 10 MiB of paragraphs.
    memory_bytes: int = 2**30
    #: Of computing for one page. 10 MiB of links take 11 s, of text 4 s; an article takes hundredths of one.
    cpu_seconds: int = 15
    #: Of anybody's time, when two other programs use each core.
    wall_seconds: int = 45
    #: Of a message either way. The largest PDF that is fetched has 25 MiB.
    message_bytes: int = 64 * 2**20


#: The kernel's own end of a page, should the parent not be there to end it.
_GRACE_SECONDS = 2


def limit_process(limits: Limits) -> None:
    """What holds from here on: memory, no byte into any file, no picture of the memory left behind by a crash."""
    if sys.platform == "win32":
        return
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        # A lower limit that is there already stays; a system that knows none is told of by whoever measures.
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def begin_page(limits: Limits) -> None:
    """From now on a page's time counts. The kernel ends the process, whatever code it is in; so nothing else need."""
    if sys.platform == "win32":
        return
    with suppress(ValueError, OSError):
        used = resource.getrusage(resource.RUSAGE_SELF)
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        soft = ceil(used.ru_utime + used.ru_stime) + limits.cpu_seconds
        resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
    signal.setitimer(signal.ITIMER_REAL, limits.wall_seconds + _GRACE_SECONDS)


def end_page() -> None:
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, 0)


def limited_memory() -> int:
    """The limit on address space that was found to hold, by asking for more; 0: none."""
    if sys.platform == "win32":
        return 0
    import mmap  # noqa: PLC0415 - asked once

    most = resource.getrlimit(resource.RLIMIT_AS)[0]
    if most == resource.RLIM_INFINITY:
        return 0
    try:
        mmap.mmap(-1, most).close()  # only promised: no page of it is touched
    except (OSError, ValueError, OverflowError):
        return most
    return 0


def writes_nothing() -> bool:
    return sys.platform != "win32" and resource.getrlimit(resource.RLIMIT_FSIZE)[0] == 0
