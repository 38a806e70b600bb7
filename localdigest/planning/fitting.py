"""Which models of the catalogue fit a machine, best first, and how soon each would be done with a digest. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.planning.digest import PAGES, digest_seconds
from localdigest.planning.recommend import recommend
from localdigest.planning.subject import of_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localdigest.engine.offload import Machine, Plan
    from localdigest.hub.catalog import Catalog, Entry

__all__ = ["Fit", "nearest_that_fit"]

_MOST = 3


@dataclass(frozen=True, slots=True)
class Fit:
    """A model that could be taken instead."""

    entry: Entry
    plan: Plan
    seconds: float  #: of a digest; 0: not known


def nearest_that_fit(
    catalog: Catalog, machine: Machine, *, wanted: Entry | None = None, pages: int = PAGES
) -> tuple[Fit, ...]:
    """Those that fit, the most like what was wanted first: of its family, then the largest.

    Toys are left out, and what is wanted itself.
    """
    fits = [fit for fit in _fitting(catalog, machine, pages) if wanted is None or fit.entry.name != wanted.name]
    return tuple(sorted(fits, key=lambda fit: _distance(fit.entry, wanted))[:_MOST])


def _fitting(catalog: Catalog, machine: Machine, pages: int) -> Iterator[Fit]:
    for entry in catalog.entries:
        if entry.toy or (subject := of_entry(entry)) is None:
            continue
        plan = recommend(subject.layout, machine)
        if plan.fits:
            seconds = digest_seconds(plan.speed, width=plan.request.num_slots, pages=pages) if plan.speed else 0.0
            yield Fit(entry, plan, seconds)


def _distance(entry: Entry, wanted: Entry | None) -> tuple[bool, int]:
    family = wanted.name.partition("-")[0] if wanted else ""
    return (entry.name.partition("-")[0] != family, -entry.num_bytes)
