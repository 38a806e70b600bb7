"""One claim before its evidence: what was found, what is missing, what nobody can tell."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from localdigest.facts.language import Tongue
from localdigest.facts.tokens import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from localdigest.facts.reading import Reading

__all__ = ["Case", "Offence", "Search", "holds"]

_ALIKE = 0.5  #: of the claim's words in one sentence of the evidence: the two speak of the same


class Offence(NamedTuple):
    """A token that the evidence does not bear out."""

    text: str  #: as written in the claim
    kind: Kind
    why: str


class Search(NamedTuple):
    """Says that a search found the evidence, and that the claim does not cite it: best first, perhaps not all there is.

    A sentence without figures and names for which nothing was found may still be a summary of it all. And a name that
    the sources hold elsewhere may be what a pronoun stands for.
    """

    keys: frozenset[str]  #: of all names in the sources
    near: frozenset[str] = frozenset()  #: of those in the documents of the evidence: what `it` may stand for


class _Wrong(NamedTuple):
    start: int
    end: int
    kind: Kind
    why: str


class Case:
    """Each check looks at the claim and the evidence, and notes what it found."""

    def __init__(self, claim: Reading, evidence: Sequence[Reading], search: Search | None) -> None:
        self.claim = claim
        self.search = search
        self.evidence = [reading for reading in evidence if reading.squeezed]
        self.open = 0  #: tokens that nobody can tell
        self.telling = 0.0  #: tokens that agree, by how much each tells
        self.hard = 0.0  #: those of them that are figures, dates and quotations
        self._places = [index for index, reading in enumerate(evidence) if reading.squeezed]
        self._merit = [2 * self.likeness(reading) for reading in self.evidence]
        self._wrong: list[_Wrong] = []

    # ── what the evidence is ─────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def keys(self) -> frozenset[str]:
        """What a name of the claim can be matched with."""
        known = (f"={name}" for reading in self.evidence for name in reading.known)
        return frozenset(known).union(*(reading.keys for reading in self.evidence))

    @cached_property
    def tongues(self) -> frozenset[Tongue]:
        return frozenset(reading.tongue for reading in self.evidence if reading.tongue is not Tongue.NONE)

    @cached_property
    def same_language(self) -> bool:
        return self.claim.tongue in self.tongues or not self.tongues

    @cached_property
    def alike(self) -> list[Reading]:
        """The evidence in the claim's language that speaks of the same."""
        same = (reading for reading in self.evidence if reading.tongue is self.claim.tongue)
        return [reading for reading in same if self.likeness(reading) >= _ALIKE]

    def speaks_of_the_same(self, reading: Reading) -> bool:
        return self.likeness(reading) >= _ALIKE

    def likeness(self, reading: Reading) -> float:
        """How much of the claim's words one sentence holds."""
        terms = self.claim.terms
        return len(terms & reading.terms) / len(terms) if terms else 0.0

    @cached_property
    def carried(self) -> float:
        """How much of them all the evidence together holds."""
        terms = self.claim.terms
        together = frozenset().union(*(reading.terms for reading in self.evidence))
        return len(terms & together) / len(terms) if terms else 0.0

    @cached_property
    def best(self) -> float:
        """How much of them the sentence most like the claim holds."""
        return max(map(self.likeness, self.evidence))

    # ── what was found ───────────────────────────────────────────────────────────────────────────────────────────────

    def bear_out(self, tells: float, *, hard: bool = False, bearers: Iterable[Reading] = (), merit: float = 1) -> None:
        """A token agrees; these sentences have it."""
        self.telling += tells
        self.hard += tells * hard
        for reading in bearers:
            self._merit[self.evidence.index(reading)] += merit

    def offend(self, start: int, end: int, kind: Kind, why: str) -> None:
        """A span of the claim is not borne out. A part of one that was named before is not named again."""
        if not any(wrong.start <= start and end <= wrong.end for wrong in self._wrong):
            self._wrong.append(_Wrong(start, end, kind, why))

    @property
    def offences(self) -> tuple[Offence, ...]:
        """In the order of the claim; neighbouring words of one name are one token."""
        written = self.claim.folded.written
        return tuple(Offence(written(wrong.start, wrong.end), wrong.kind, wrong.why) for wrong in self._merged())

    def _merged(self) -> Iterator[_Wrong]:
        last: _Wrong | None = None
        for wrong in sorted(self._wrong):
            if last and last.kind is wrong.kind is Kind.NAME and wrong.start - last.end == 1:
                last = last._replace(end=wrong.end)
                continue
            if last:
                yield last
            last = wrong
        if last:
            yield last

    @property
    def used(self) -> tuple[int, ...]:
        """The places of the sentences that bear something of the claim out, most first."""
        order = sorted(range(len(self.evidence)), key=lambda index: (-self._merit[index], index))
        return tuple(self._places[index] for index in order if self._merit[index] > 0)


def holds(keys: frozenset[str], key: str) -> bool:
    """Whether a key is among others; one of several words when each of them is."""
    return all(part in keys for part in key.split(" ")) if " " in key else key in keys
