"""The one door to the network that a command has: made here, once, and handed down to whoever dials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localdigest.cli.program import PROGRAM
from localdigest.net.guard import Guard

if TYPE_CHECKING:
    from localdigest.settings import Settings

__all__ = ["guard_of"]


def guard_of(settings: Settings) -> Guard:
    """Who may be dialled, by the user's settings; with `offline` nobody, by the operating system's hand."""
    if settings.offline:
        PROGRAM.get().give_up_network()
    return Guard(allow_hosts=settings.allow_hosts, offline=settings.offline)
