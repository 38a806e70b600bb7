"""What a run was told already: topics of one run that name the same page, or the same feed, ask for it once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localdigest.records import Failure, Page, Source

__all__ = ["Answered"]


class Answered:
    """The results of a run by their locators. Pages are here without their bytes."""

    def __init__(self) -> None:
        self._results: dict[tuple[str, bool], Page | Failure] = {}
        self._observed: set[str] = set()

    def result(self, source: Source, *, for_programs: bool) -> Page | Failure | None:
        """What came of asking for a source, or None: nobody did."""
        known = self._results.get((source.locator, for_programs))
        return None if known is None else replace(known, source=source)

    def keep(self, result: Page | Failure, *, for_programs: bool) -> None:
        """For who asks next. A file is not kept: it is as near as a note of it."""
        if not result.source.is_local:
            self._results[result.source.locator, for_programs] = result

    def observe_once(self, locator: str) -> bool:
        """Whether to note how a source did: true the first time, since it fails once in a run, however many name it."""
        if locator in self._observed:
            return False
        self._observed.add(locator)
        return True
