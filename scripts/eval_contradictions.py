"""Prints how well contradictions between two sentences are told from near misses, on tests/data/contradictions.

usage: python scripts/eval_contradictions.py [--held-out] [--all] [-v]

A third of the pairs, by a hash of their text, is held out: look at its figures, not at its failures.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eval_report import print_parts

from localdigest.facts import read
from localdigest.facts.contradict import clashes
from localdigest.facts.figures import Stated

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).resolve().parent.parent / "tests" / "data" / "contradictions"
DAY = dt.date(2026, 1, 5)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sentences of two sites."""

    one: str
    other: str
    days: tuple[dt.date, dt.date]
    label: str  #: what differs between them, or why it does not matter
    contradicts: bool
    set: str

    @property
    def held_out(self) -> bool:
        return hashlib.sha256(f"{self.one}\n{self.other}".encode()).digest()[0] % 3 == 0

    def found(self) -> list[tuple[str, str]]:
        """The figures that clash, as written."""
        one, other = read(self.one, published=self.days[0]), read(self.other, published=self.days[1])
        return [
            (one.text[slice(*clash.one)], other.text[slice(*clash.other)])
            for clash in clashes(Stated(one), Stated(other))
        ]


def pairs() -> Iterator[Pair]:
    """All of them, in the order of the files."""
    for path in sorted(DATA.glob("*.toml")):
        table = tomllib.loads(path.read_text("utf-8"))
        for part in ({**table, "days": [DAY, DAY]}, *table.get("dated", ())):
            for key in ("contradicting", "compatible"):
                for label, one, other in part.get(key, ()):
                    yield Pair(one, other, tuple(part["days"]), label, key == "contradicting", path.stem)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a set of pairs came to."""

    found: Counter[str]  #: by label: called contradictions
    total: Counter[str]
    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)


def measure(chosen: list[Pair], *, verbose: bool = False) -> Figures:
    """Looks at every pair."""
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    right = wrong = missed = 0
    for pair in chosen:
        clashing = pair.found()
        label = f"{'contradicting' if pair.contradicts else 'compatible'}: {pair.label}"
        total[label] += 1
        found[label] += bool(clashing)
        right += bool(clashing) and pair.contradicts
        wrong += bool(clashing) and not pair.contradicts
        missed += not clashing and pair.contradicts
        if verbose and bool(clashing) != pair.contradicts:
            print(f"  {pair.label}: {clashing or 'nothing found'}\n    {pair.one}\n    {pair.other}")
    return Figures(found, total, right, wrong, missed)


def table(figures: Figures) -> str:
    """A row for each label, in Markdown."""
    rows = ["| pairs | number | called contradictions |", "|---|--:|--:|"]
    rows += [f"| {label} | {figures.total[label]} | {figures.found[label]} |" for label in sorted(figures.total)]
    return "\n".join((*rows, "", f"precision {figures.precision:.3f}, recall {figures.recall:.3f}"))


if __name__ == "__main__":
    print_parts(pairs(), lambda chosen, verbose: measure(chosen, verbose=verbose), table)
