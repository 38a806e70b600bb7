"""The one door to the network that a command has: made here, once, and handed down to whoever dials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localdigest.cli.program import PROGRAM

if TYPE_CHECKING:
    from localdigest.net.guard import Guard
    from localdigest.settings import Settings

__all__ = ["guard_of"]


def guard_of(settings: Settings) -> Guard:
    """Who may be dialled, by the user's settings; with `offline` nobody, by the operating system's hand."""
    program = PROGRAM.get()
    if settings.offline:
        program.give_up_network()
    return program.new_guard(settings)
