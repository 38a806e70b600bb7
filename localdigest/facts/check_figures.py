"""Figures and dates of a claim: are they in the evidence, at their place, and going the same way?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from localdigest.facts.compare import Match, grain, match_fact
from localdigest.facts.copies import changed_figures
from localdigest.facts.opposites import trend_near
from localdigest.facts.tokens import Amount, Kind

if TYPE_CHECKING:
    from localdigest.facts.case import Case
    from localdigest.facts.reading import Reading
    from localdigest.facts.tokens import Fact

__all__ = ["check_figures", "shares_figure"]

_LARGEST_COUNT = 12  #: what tells little
_SHOWN = 4  #: figures of the evidence that an offence names


def check_figures(case: Case) -> None:
    """Notes what is found and what is missing."""
    for fact in case.claim.facts:
        if fact.checked:
            _look_for(case, fact)
    for reading in case.evidence:
        for start, end, instead in changed_figures(case.claim, reading):
            whole = next((fact for fact in case.claim.facts if fact.start <= start and end <= fact.end), None)
            span = (whole.start, whole.end) if whole else (start, end)
            case.offend(*span, whole.kind if whole else Kind.NUMBER, f"the evidence has {instead}")
    for fact in case.claim.facts:
        if fact.kind is Kind.NUMBER and fact.checked and _goes_the_other_way(case, fact):
            case.offend(fact.start, fact.end, Kind.DIRECTION, "in the evidence it goes the other way")


def shares_figure(case: Case, reading: Reading) -> bool:
    """Whether a sentence of the evidence has a figure or date of the claim."""
    return any(fact.checked and match_fact(fact, [reading]) is Match.FULL for fact in case.claim.facts)


def _look_for(case: Case, fact: Fact) -> None:
    match = match_fact(fact, case.evidence)
    if match is Match.FULL:
        bearers = (reading for reading in case.evidence if match_fact(fact, [reading]) is Match.FULL)
        case.bear_out(_weight(fact), hard=True, bearers=bearers)
    elif match is Match.CONTRARY:
        case.offend(fact.start, fact.end, Kind.DIRECTION, "the evidence has it as a bound on the other side")
    elif match is Match.WEAK or _may_be_a_list(case, fact) or _may_be_added(case, fact):
        case.open += 1
    else:
        case.offend(fact.start, fact.end, fact.kind, _instead(case, fact))


def _weight(fact: Fact) -> float:
    """A small bare count stands in unrelated sentences, too."""
    amounts = [reading for reading in fact.readings if isinstance(reading, Amount)]
    is_count = len(amounts) == len(fact.readings) and amounts[0].unit == "" and amounts[0].value <= _LARGEST_COUNT
    return 0.5 if is_count else 1


def _may_be_a_list(case: Case, fact: Fact) -> bool:
    """Three names bear out `three companies`: a small count in words is wrong only where another one stands."""
    others = (other for reading in case.evidence for other in reading.facts)
    return fact.small and not any(other.small and other.checked for other in others)


def _may_be_added(case: Case, fact: Fact) -> bool:
    """本週 is the writer's own word, unless the evidence says when as precisely."""
    dates = (other for reading in case.evidence for other in reading.facts if other.kind is Kind.DATE)
    return fact.loose and not any(grain(other) >= grain(fact) for other in dates)


def _instead(case: Case, fact: Fact) -> str:
    others = [
        reading.folded.written(other.start, other.end)
        for reading in case.evidence
        for other in reading.facts
        if other.kind is fact.kind and other.checked
    ]
    if others:
        return f"the evidence has {', '.join(dict.fromkeys(others[:_SHOWN]))}"
    return f"the evidence has no {fact.kind.value}"


def _goes_the_other_way(case: Case, fact: Fact) -> bool:
    """Whether a figure that both have goes up in one and down in the other."""
    own = trend_near(case.claim.text, fact.start, fact.end)
    if own == 0:
        return False
    theirs = [
        trend_near(reading.text, other.start, other.end)
        for reading in case.evidence
        for other in reading.facts
        if match_fact(fact, [reading], only=other) is Match.FULL
    ]
    return bool(theirs) and all(way == -own for way in theirs)
