"""Prints how well claims are told from wrong ones, by label, on the pairs of tests/data/facts.

usage: python scripts/eval_facts.py [--held-out] [--all] [-v]

A third of the pairs, by a hash of their text, is held out: look at its figures, not at its failures.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval_report import print_parts

from localdigest.facts import Judgement, judge
from localdigest.records import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).resolve().parent.parent / "tests" / "data" / "facts"
GOOD = ("supported", "paraphrase")


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim, the sentence that it rests on, and what is right or wrong about it."""

    claim: str
    evidence: str
    published: Any
    label: str
    set: str

    @property
    def held_out(self) -> bool:
        digest = hashlib.sha256(f"{self.evidence}\n{self.claim}".encode()).digest()
        return digest[0] % 3 == 0

    @property
    def is_wrong(self) -> bool:
        return self.label.startswith("wrong-")

    def judged(self) -> Judgement:
        return judge(self.claim, [self.evidence], published=self.published)


def pairs() -> Iterator[Pair]:
    """All of them, in the order of the files."""
    for path in sorted(DATA.glob("*.toml")):
        for source in tomllib.loads(path.read_text("utf-8"))["source"]:
            for label, claim in source["claims"]:
                yield Pair(claim, source["evidence"], source["published"], label, path.stem)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a set of pairs came to."""

    verdicts: Counter[tuple[str, Verdict]]
    caught: Counter[str]  #: wrong claims that are called unsupported, by label
    named: Counter[str]  #: those of them whose wrong token is of the label's kind
    total: Counter[str]

    def share(self, label: str) -> float:
        """Of the wrong claims of a label, those that are caught."""
        return self.caught[label] / self.total[label] if self.total[label] else 1.0

    def spared(self, *labels: str) -> float:
        """Of the right claims, those that are not called unsupported."""
        total = sum(self.total[label] for label in labels)
        bad = sum(self.verdicts[label, Verdict.UNSUPPORTED] for label in labels)
        return 1 - bad / total if total else 1.0


def measure(chosen: list[Pair], *, verbose: bool = False) -> Figures:
    """Judges every pair."""
    figures = Figures(Counter(), Counter(), Counter(), Counter())
    for pair in chosen:
        judgement = pair.judged()
        figures.total[pair.label] += 1
        figures.verdicts[pair.label, judgement.verdict] += 1
        if pair.is_wrong and judgement.verdict is Verdict.UNSUPPORTED:
            figures.caught[pair.label] += 1
            figures.named[pair.label] += any(f"wrong-{token.kind}" == pair.label for token in judgement.tokens)
        if verbose and (judgement.verdict is Verdict.UNSUPPORTED) != pair.is_wrong:
            print(
                f"  {pair.label}: {judgement.verdict} {list(judgement.tokens)}\n    {pair.claim}\n    {pair.evidence}"
            )
    return figures


def table(figures: Figures) -> str:
    """A row for each label, in Markdown."""
    rows = ["| label | pairs | unsupported | undecided | supported | kind named |", "|---|--:|--:|--:|--:|--:|"]
    for label in sorted(figures.total):
        counts = [
            figures.verdicts[label, verdict] for verdict in (Verdict.UNSUPPORTED, Verdict.UNDECIDED, Verdict.SUPPORTED)
        ]
        named = str(figures.named[label]) if label not in GOOD else ""
        rows.append(f"| {label} | {figures.total[label]} | {' | '.join(map(str, counts))} | {named} |")
    wrong = sum(figures.total[label] for label in figures.total if label not in GOOD)
    caught = sum(figures.caught.values())
    false = sum(figures.verdicts[label, Verdict.UNSUPPORTED] for label in GOOD)
    trusted = sum(count for (_, verdict), count in figures.verdicts.items() if verdict is Verdict.SUPPORTED)
    right = sum(figures.verdicts[label, Verdict.SUPPORTED] for label in GOOD)
    rows.append("")
    rows.append(
        f"wrong claims caught: recall {caught / max(wrong, 1):.3f}, precision {caught / max(caught + false, 1):.3f}"
    )
    rows.append(f"right claims not called unsupported: {figures.spared(*GOOD):.3f}")
    rows.append(f"of what is called supported, right: {right / max(trusted, 1):.3f}")
    return "\n".join(rows)


if __name__ == "__main__":
    print_parts(pairs(), lambda chosen, verbose: measure(chosen, verbose=verbose), table)
