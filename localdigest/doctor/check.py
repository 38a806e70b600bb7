"""One thing that was looked at: how it is, what was found, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Check", "Status", "by_urgency", "is_healthy"]


class Status(StrEnum):
    OK = "ok"
    NOTE = "note"  #: nothing is wrong; something could be better, or is good to know
    WARNING = "warning"  #: something will not work, or be slow, when it is asked for
    FAILED = "failed"  #: a digest cannot be made, or something that is here is broken


_URGENCY = (Status.FAILED, Status.WARNING, Status.NOTE, Status.OK)


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    status: Status
    found: str  #: in one line
    hint: str = ""  #: what to do; may have several lines, of which a command is one


def is_healthy(checks: Iterable[Check]) -> bool:
    return all(check.status is not Status.FAILED for check in checks)


def by_urgency(checks: Iterable[Check]) -> tuple[Check, ...]:
    """Those that say what to do, the most urgent first."""
    return tuple(sorted((check for check in checks if check.hint), key=lambda check: _URGENCY.index(check.status)))
