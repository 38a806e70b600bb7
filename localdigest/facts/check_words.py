"""Quotations of a claim, what it denies, and which way it points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localdigest.facts.denials import affirms, denials
from localdigest.facts.language import Tongue, tongue_of
from localdigest.facts.opposites import opposed, sides
from localdigest.facts.quotations import stands_in
from localdigest.facts.tokens import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localdigest.facts.case import Case

__all__ = ["check_denials", "check_opposites", "check_quotations"]


def check_quotations(case: Case) -> None:
    """A quotation must stand word for word; in another language than the evidence nobody can tell."""
    squeezed = [reading.squeezed for reading in case.evidence]
    for quotation in case.claim.quotations:
        inner = case.claim.text[quotation.start : quotation.end]
        if stands_in(inner, squeezed):
            case.bear_out(1, hard=quotation.long)
        elif not case.tongues <= {tongue_of(inner), Tongue.NONE} and tongue_of(inner) is not Tongue.NONE:
            case.open += 1
        elif quotation.long:
            why = "these are not the words of the evidence"
            case.offend(quotation.start, quotation.end, Kind.QUOTATION, why)
        elif _has_another_term(case):
            why = "the evidence has another term between quotation marks"
            case.offend(quotation.start, quotation.end, Kind.NAME, why)
        else:
            case.open += 1


def _has_another_term(case: Case) -> bool:
    return any(
        not other.long and reading.text[other.start : other.end] not in case.claim.text
        for reading in case.evidence
        for other in reading.quotations
    )


def check_opposites(case: Case) -> None:
    """Where the two speak of the same, one must not say `approved` and the other `rejected`."""
    for reading in case.alike:
        for word in opposed(sides(case.claim.text), sides(reading.text)):
            case.offend(word.start(), word.end(), Kind.DIRECTION, "the evidence says the opposite")


def check_denials(case: Case) -> None:
    """Where the two speak of the same, one must not deny what the other says."""
    own = denials(case.claim.text)
    for reading in case.alike:
        their = denials(reading.text)
        if not their.any:
            said = (term for term in own.terms if affirms(reading.text, term))
            _contradict(case, said, "the evidence does not deny it")
        denied = [term for term in their.terms - own.terms if affirms(case.claim.text, term)]
        if not any(affirms(other.text, term) for term in denied for other in case.evidence):
            _contradict(case, denied, "the evidence denies it")


def _contradict(case: Case, terms: Iterable[str], why: str) -> None:
    """Names the words of the claim that these terms are the beginnings of."""
    text = case.claim.text
    for term in sorted(terms):
        start = text.lower().find(term)
        end = start + len(term)
        while term.isascii() and end < len(text) and text[end].isalpha():
            end += 1
        case.offend(start, end, Kind.NEGATION, why)
