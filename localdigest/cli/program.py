"""What a command may do to the process that it runs in, and where its reader comes from."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from localdigest.reader import Reader
    from localdigest.sandbox.enforced import Barrier

__all__ = ["PROGRAM", "Program"]


def _give_up_network() -> Barrier:
    from localdigest.sandbox import deny_internet

    return deny_internet()


def _new_reader() -> AbstractContextManager[Reader]:
    from localdigest.reader import Reader

    return Reader()


@dataclass(frozen=True, slots=True)
class Program:
    """By default the process is the command's own: what it gives up is gone for good."""

    give_up_network: Callable[[], Barrier] = _give_up_network
    open_reader: Callable[[], AbstractContextManager[Reader]] = _new_reader


#: Whoever calls `main` in a process that goes on afterwards sets another one.
PROGRAM: ContextVar[Program] = ContextVar("PROGRAM", default=Program())  # noqa: B039 - it is frozen
