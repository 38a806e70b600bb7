"""Prints the figures of labelled pairs: of the part that rules were tuned on and, when asked, of the others.

--held-out   the part that no rule was tuned on too
--all        both together too
-v           each pair of the tuned part that came out wrong
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["print_parts"]


class _Labelled(Protocol):
    @property
    def held_out(self) -> bool: ...


P = TypeVar("P", bound=_Labelled)
F = TypeVar("F")


def print_parts(pairs: Iterable[P], measure: Callable[[list[P], bool], F], table: Callable[[F], str]) -> None:
    """A table for each part that is asked for on the command line.

    Args:
        pairs: all of them.
        measure: takes pairs, and whether to print what comes out wrong.
        table: the figures in Markdown.
    """
    everything = list(pairs)
    for name, chosen in (
        ("tuned on", [pair for pair in everything if not pair.held_out]),
        ("held out", [pair for pair in everything if pair.held_out] if "--held-out" in sys.argv else []),
        ("all", everything if "--all" in sys.argv else []),
    ):
        if chosen:
            started = time.perf_counter()
            figures = measure(chosen, "-v" in sys.argv and name == "tuned on")
            spent = (time.perf_counter() - started) / len(chosen) * 1000
            print(f"\n{name}: {len(chosen)} pairs, {spent:.2f} ms each\n\n{table(figures)}")
