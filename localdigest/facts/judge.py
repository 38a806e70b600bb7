"""Whether the evidence bears a claim out: every checkable token must be found in it, in some equal form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.facts.case import Case, Offence, Search, holds
from localdigest.facts.check_figures import check_figures
from localdigest.facts.check_names import check_names
from localdigest.facts.check_words import check_denials, check_opposites, check_quotations
from localdigest.facts.compare import Match, match_fact
from localdigest.facts.copies import changed_figures
from localdigest.facts.reading import Reading, read
from localdigest.facts.tokens import Fact, Kind, Name
from localdigest.records import Language, Verdict

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

__all__ = ["Judgement", "judge", "weigh"]

# Tuned on two thirds of tests/data/facts, and on sentences of real pages that do not bear each other out (figures in
# docs/verification.md).
_CARRIED = 0.7  #: of the claim's words that stand in the evidence: enough to call it supported,
_BEST = 0.6  #: if so many stand in one sentence
_CARRIED_WITH_FACTS, _BEST_WITH_FACTS = 0.4, 0.3  #: the same where figures, dates or quotations agree as well
_TELLING = 2  #: tokens that agree, with a figure, a date or a quotation among them
_HARD = 1

_CHECKS = (check_figures, check_names, check_quotations, check_opposites, check_denials)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its reasons."""

    verdict: Verdict
    #: What is wrong, in the claim's order; at least one token of every unsupported claim that holds any.
    tokens: tuple[Offence, ...] = ()
    #: Places of the sentences that bear something of the claim out, most first.
    evidence: tuple[int, ...] = ()


def judge(
    claim: str,
    evidence: Sequence[str],
    *,
    published: dt.date | None = None,
    claim_language: Language | None = None,
    evidence_language: Language | None = None,
) -> Judgement:
    """Whether sentences bear a claim out.

    Args:
        claim: one sentence, in any language.
        evidence: the sentences that it rests on.
        published: the day of the text: what 昨天 and `last week` are counted from.
        claim_language: where it is known and letters do not tell.
        evidence_language: the same.
    """
    return weigh(
        read(claim, published=published, language=claim_language),
        [read(text, published=published, language=evidence_language) for text in evidence],
    )


def weigh(claim: Reading, evidence: Sequence[Reading], *, search: Search | None = None) -> Judgement:
    """`judge` for what was read before; `search` where a search found the evidence."""
    if not claim.squeezed:
        return Judgement(Verdict.UNSUPPORTED)
    if not any(reading.squeezed for reading in evidence):
        missing = tuple(_all_tokens(claim, search))
        return Judgement(Verdict.UNDECIDED if search and not missing else Verdict.UNSUPPORTED, missing)
    if holding := tuple(index for index, reading in enumerate(evidence) if _is_copy(claim, reading)):
        return Judgement(Verdict.SUPPORTED, evidence=holding)
    case = Case(claim, evidence, search)
    for check in _CHECKS:
        check(case)
    return Judgement(_verdict(case), _certain_offences(case), case.used)


def _is_copy(claim: Reading, reading: Reading) -> bool:
    """Word for word. Letters and digits alone would hide what parts them: 1.5 and 15, GPT-4 and GPT-4o."""
    return (
        claim.squeezed in reading.squeezed
        and not changed_figures(claim, reading)
        and all(not fact.checked or match_fact(fact, [reading]) is not Match.NONE for fact in claim.facts)
        and all(any(holds(reading.keys, key) for key in name.keys) for name in claim.names if name.strict)
    )


def _all_tokens(claim: Reading, search: Search | None) -> Iterator[Offence]:
    """Everything that would need evidence, of a claim that has none."""
    known = search.keys if search else frozenset()
    tokens: list[tuple[Fact | Name, Kind]] = [(name, Kind.NAME) for name in claim.names if name.strict]
    tokens = [(name, kind) for name, kind in tokens if isinstance(name, Name) and not name.keys & known]
    tokens += [(fact, fact.kind) for fact in claim.facts if fact.checked and not (fact.small or fact.loose)]
    for token, kind in sorted(tokens, key=lambda pair: pair[0].start):
        yield Offence(claim.folded.written(token.start, token.end), kind, "there is no evidence")


def _certain_offences(case: Case) -> tuple[Offence, ...]:
    """None where only the beginning of the evidence was read."""
    return () if any(reading.overlong for reading in case.evidence) else case.offences


def _verdict(case: Case) -> Verdict:
    if _certain_offences(case):
        return Verdict.UNSUPPORTED
    if case.open or case.offences or case.claim.overlong:
        return Verdict.UNDECIDED
    return Verdict.SUPPORTED if _is_borne_out(case) else Verdict.UNDECIDED


def _is_borne_out(case: Case) -> bool:
    """Nothing offends; is there enough that agrees? Names alone tell who, and not what."""
    agrees = case.telling >= _TELLING and case.hard >= _HARD
    if not case.claim.terms:
        return case.telling > 0
    if not case.same_language:
        return agrees
    if agrees and case.carried >= _CARRIED_WITH_FACTS and case.best >= _BEST_WITH_FACTS:
        return True
    return case.carried >= _CARRIED and case.best >= _BEST
