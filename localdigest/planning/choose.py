"""Which model writes when none is named: the best of those that are here, or none. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.planning.recommend import recommend
from localdigest.planning.subject import of_entry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localdigest.engine.offload import Machine
    from localdigest.hub.catalog import Entry

__all__ = ["Choice", "choose"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A model of the catalogue, or the writer that needs none; and why, as a half sentence."""

    entry: Entry | None
    why: str


def choose(present: Iterable[Entry], machine: Machine, *, language: str) -> Choice:
    """The model that invents least of those that know the language and fit; of equals the larger one.

    Args:
        present: entries whose files are here.
        machine: that is to run it.
        language: of the digest.
    """
    entries = [entry for entry in present if not entry.toy]
    if not entries:
        return Choice(None, "no model is here")
    speaking = [entry for entry in entries if entry.speaks(language)]
    if not speaking:
        return Choice(None, f"no model that is here is known to write {language}")
    fitting = [entry for entry in speaking if _fits(entry, machine)]
    if not fitting:
        return Choice(None, "no model that is here fits into this machine's memory")
    best = min(fitting, key=lambda entry: (_inventions(entry), -entry.num_bytes))
    others = "" if len(fitting) == 1 else " best"
    return Choice(best, f"the{others} model here that writes {language}")


def _fits(entry: Entry, machine: Machine) -> bool:
    subject = of_entry(entry)
    return subject is None or recommend(subject.layout, machine).fits


def _inventions(entry: Entry) -> float:
    """Share of summaries with an invention; where nobody measured it, worse than most."""
    return entry.faithfulness.hallucination_percent if entry.faithfulness else 15.0
