"""What a command may do to the process that it runs in, and where its reader and its door to the network come from."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from localdigest.net.guard import Guard
    from localdigest.reader import Reader
    from localdigest.sandbox.enforced import Barrier
    from localdigest.settings import Settings

__all__ = ["PROGRAM", "Program"]


def _give_up_network() -> Barrier:
    from localdigest.sandbox import deny_internet

    return deny_internet()


def _new_reader() -> AbstractContextManager[Reader]:
    from localdigest.reader import Reader

    return Reader()


def _new_guard(settings: Settings) -> Guard:
    from localdigest.net.guard import Guard

    return Guard(allow_hosts=settings.allow_hosts, offline=settings.offline)


@dataclass(frozen=True, slots=True)
class Program:
    """By default the process is the command's own: what it gives up is gone for good."""

    give_up_network: Callable[[], Barrier] = _give_up_network
    open_reader: Callable[[], AbstractContextManager[Reader]] = _new_reader
    new_guard: Callable[[Settings], Guard] = _new_guard


#: Whoever calls `main` in a process that goes on afterwards sets another one.
PROGRAM: ContextVar[Program] = ContextVar("PROGRAM", default=Program())  # noqa: B039 - it is frozen
