"""Short stretches of work that Ctrl-C does not cut in two: a row being stored, a file being put into its place.

Python raises `KeyboardInterrupt` between any two bytecodes. Whoever handles the signals (`cli/interrupts.py`) looks
here first and waits for the end of the stretch. They are milliseconds long, and belong to the main thread.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["uninterrupted", "wants_to_interrupt"]

_depth = 0
_wanted = False


def wants_to_interrupt() -> bool:
    """Called by a signal handler. True: do it now; False: a stretch is under way, and its end does it."""
    global _wanted  # noqa: PLW0603 - signals are the process's, and so is this
    _wanted = _depth > 0
    return not _wanted


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Puts an interruption off to the end of the block.

    Raises:
        KeyboardInterrupt: at the end, if one was asked for meanwhile.
    """
    global _depth, _wanted  # noqa: PLW0603 - see above
    if threading.current_thread() is not threading.main_thread():  # signals never reach it
        yield
        return
    _depth += 1
    try:
        yield
    finally:
        _depth -= 1
        wanted = _wanted and not _depth
        if wanted:
            _wanted = False
    if wanted:
        raise KeyboardInterrupt
