"""The inbox: a folder of pages that a person saved by hand, which are read in place of their addresses."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from localdigest.records import Failure, Source
from localdigest.sourcing.folders import files_of
from localdigest.sourcing.paths import is_folder
from localdigest.urls import canonical_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["VIA", "Inbox", "read_inbox"]

VIA = "inbox"


@dataclass(frozen=True, slots=True)
class Inbox:
    """What lies there."""

    sources: tuple[Source, ...] = ()
    failures: tuple[Failure, ...] = ()
    _by_address: Mapping[str, Source] = field(init=False)

    def __post_init__(self) -> None:
        # The first by name, where several tell one address.
        known = {canonical_url(source.url): source for source in reversed(self.sources) if source.url}
        object.__setattr__(self, "_by_address", known)

    def in_place(self, source: Source) -> Source:
        """The saved page of an address, with what else is known of it; the source itself where none was saved."""
        saved = None if source.is_local else self._by_address.get(canonical_url(source.locator))
        if saved is None:
            return source
        return replace(
            saved,
            title=saved.title or source.title,
            byline=saved.byline or source.byline,
            published=saved.published or source.published,
        )

    def all_in_place(self, sources: Iterable[Source]) -> tuple[Source, ...]:
        """Each page once."""
        return tuple({source.locator: source for source in map(self.in_place, sources)}.values())


def read_inbox(folder: str) -> Inbox:
    """Every document of the folder; nothing where there is no such folder, or none is named."""
    if not folder or not is_folder(folder):
        return Inbox()
    found = [replace(item, via=VIA) if isinstance(item, Source) else item for item in files_of(Source(folder, via=VIA))]
    return Inbox(
        tuple(item for item in found if isinstance(item, Source)),
        tuple(replace(item, source=replace(item.source, via=VIA)) for item in found if isinstance(item, Failure)),
    )
