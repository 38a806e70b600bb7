"""Whether two sentences give two figures for one fact, both of which cannot be true.

A false alarm is worse than silence: whatever may explain the difference does. Rounding and bounds, currencies, other
days and quarters, other places, models and people, a part and its whole, a forecast and its result, an earlier state.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from localdigest.facts.apart import days_apart, figures_apart, may_be_one, same_unit
from localdigest.facts.compare import Match, match_fact
from localdigest.facts.figures import DAY, frames_of
from localdigest.facts.language import Tongue
from localdigest.facts.measures import measured_at
from localdigest.facts.subjects import one_subject, release_in, same_bearer, shared_names
from localdigest.facts.substitutes import narrowed, substituted
from localdigest.facts.tokens import Kind, Moment
from localdigest.facts.units import PERCENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from localdigest.facts.figures import Figure, Stated
    from localdigest.facts.reading import Reading
    from localdigest.facts.tokens import Fact

__all__ = ["Clash", "clashes"]

# Tuned on two thirds of tests/data/contradictions (figures in docs/verification.md).
_ALIKE = 0.5  #: of the shorter sentence's words in the other: they may state one fact
_ALIKE_NAMELESS = 0.7  #: the same where they share no name
_ALIKE_DATED = 0.6  #: the same where two dates differ
_ALIKE_UNNAMED = 0.8  #: the same where no word tells of what they are
_SHARED, _SHARED_NAMED = 3, 2  #: words that they must have in common; where they share a name
_MEASURED = 0.4  #: of the words of a clause, where none tells what is measured
_PART_OF = Fraction(1, 20)  #: how far a share of a whole may be from its part
_LATER = 3  #: days between two texts after which the second may simply be newer
_ZONES = 1  #: days that the place of the reader makes
_PART = 1  #: the grain of a quarter or half of a year
#: What is counted anew each month or quarter: a figure without its period is no figure of another.
_FLOWS = frozenset({"revenue", "profit", "loss", "sale", "inflation", "unemployment", "margin", "orders"})
_PLANNED = frozenset({"forecast"})
_ROLLING = frozenset({"dead", "hurt", "missing", "crowd", "users"})  #: what changes from day to day


class Clash(NamedTuple):
    """Two spans in folded texts, of which at most one is right."""

    one: tuple[int, int]
    other: tuple[int, int]


def clashes(one: Stated, other: Stated) -> tuple[Clash, ...]:
    """The figures, dates and versions that contradict each other, in the order of the first sentence."""
    reading, their_reading = one.reading, other.reading
    if (
        reading.squeezed == their_reading.squeezed
        or not _comparable(reading, their_reading)
        or not _of_one_day(reading, their_reading)
    ):
        return ()
    if release := _release_clash(reading, their_reading):
        return (release,)
    mine, theirs = list(_without_those_of(other, one.told)), list(_without_those_of(one, other.told))
    pairs = [(a, b) for a in mine for b in theirs if _contradict(a, b)]
    return tuple(
        Clash(a.span, b.span)
        for a, b in pairs
        # A figure that clashes with several measures who knows which of them.
        if sum(a is c for c, _ in pairs) == 1 and sum(b is d for _, d in pairs) == 1
    )


# ── the sentences ────────────────────────────────────────────────────────────────────────────────────────────────────


def _comparable(one: Reading, other: Reading) -> bool:
    """Whether they speak of the same, as far as words and names tell."""
    if one.overlong or other.overlong or Tongue.OTHER in (one.tongue, other.tongue):
        return False
    names = shared_names(one, other)
    if one.tongue is not other.tongue:
        return names >= 2 or (names == 1 and _shares_figure(one, other))  # noqa: PLR2004 - one name has much news
    least = _ALIKE if names or one.tongue is Tongue.CHINESE else _ALIKE_NAMELESS
    shared = len(one.terms & other.terms)
    return shared >= (_SHARED_NAMED if names else _SHARED) and _likeness(one, other) >= least


def _likeness(one: Reading, other: Reading) -> float:
    return _alike(one.terms, other.terms)


def _alike(mine: frozenset[str], theirs: frozenset[str]) -> float:
    """How much of the shorter has its like in the other."""
    least = min(len(mine), len(theirs))
    return len(mine & theirs) / least if least else 0.0


def _shares_figure(one: Reading, other: Reading) -> bool:
    return any(fact.checked and not fact.small for fact in _common_facts(one, other))


def _of_one_day(one: Reading, other: Reading) -> bool:
    """What is written later may be newer; texts without a day must say of which they speak."""
    if one.published and other.published:
        return abs((one.published - other.published).days) <= _LATER
    return any(fact.kind is Kind.DATE and _has_year(fact) for fact in _common_facts(one, other))


def _common_facts(one: Reading, other: Reading) -> Iterator[Fact]:
    """The figures and dates of either that the other has."""
    for mine, theirs in ((one, other), (other, one)):
        yield from (fact for fact in mine.facts if match_fact(fact, [theirs]) is Match.FULL)


def _has_year(fact: Fact) -> bool:
    return all(isinstance(moment, Moment) and moment.year for moment in fact.readings)


def _release_clash(one: Reading, other: Reading) -> Clash | None:
    """Two versions in which one thing happened."""
    mine, theirs = release_in(one), release_in(other)
    if not mine or not theirs or one.text[slice(*mine)] == other.text[slice(*theirs)]:
        return None
    if one.tongue is not other.tongue or _likeness(one, other) < _ALIKE_DATED:
        return None
    whole, their_whole = (0, len(one.text)), (0, len(other.text))
    done = measured_at(one.text, *mine, whole).all & measured_at(other.text, *theirs, their_whole).all
    same = done & {"repair", "requirement"} and frames_of(one, whole) == frames_of(other, their_whole)
    return Clash(mine, theirs) if same else None


# ── the figures ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _without_those_of(other: Stated, told: Iterable[Figure]) -> Iterator[Figure]:
    """Dates, and the figures that the other sentence does not have as well."""
    return (own for own in told if own.fact.kind is Kind.DATE or not _stands_in(other, own))


def _stands_in(other: Stated, own: Figure) -> bool:
    """`from 10 to 12` holds both figures, and 42, a third of it, holds 14: the other sentence may speak of either."""
    wholes = [their for their in other.amounts if same_unit(own.extents, their)]
    if any(may_be_one(own.extents, their) for their in wholes):
        return True
    amount = own.extents[0].amount
    if amount.unit == PERCENT or not amount.value:
        return False
    return any(
        share and whole and abs(whole * share / 100 - amount.value) <= _PART_OF * amount.value
        for share in other.shares
        for whole in (their[0].amount.value for their in wholes)
    )


def _contradict(own: Figure, their: Figure) -> bool:
    # A date that is expected and one that is set are of one day.
    frames = (own.frames ^ their.frames) - (_PLANNED if own.fact.kind is Kind.DATE else frozenset())
    if own.fact.kind is not their.fact.kind or frames:
        return False
    is_apart = _days_contradict if own.fact.kind is Kind.DATE else _amounts_contradict
    one, other = own.reading, their.reading
    return (
        is_apart(own, their)
        and _measure_alike(own, their)
        and one_subject(one, other, own.clause, their.clause)
        and same_bearer(one, own.fact.start, other)
        and same_bearer(other, their.fact.start, one)
        and not substituted(one, own.clause, other, their.clause)
        and not narrowed(one, own.clause, own.fact.end, other)
        and not narrowed(other, their.clause, their.fact.end, one)
        and own.is_denied is their.is_denied
    )


def _amounts_contradict(own: Figure, their: Figure) -> bool:
    return (
        figures_apart(own.extents, their.extents)
        and not {1, -1} <= {own.trend, their.trend}
        and _of_one_period(own, their)
    )


def _days_contradict(own: Figure, their: Figure) -> bool:
    if days_apart(own.fact, their.fact) <= _ZONES or not (own.is_only_day and their.is_only_day):
        return False
    one, other = own.reading, their.reading
    named = own.measured.all or their.measured.all
    return one.tongue is not other.tongue or _likeness(one, other) >= (_ALIKE_DATED if named else _ALIKE_UNNAMED)


def _measure_alike(own: Figure, their: Figure) -> bool:
    """Whether the words around two figures say that the same is measured."""
    one, other = own.reading, their.reading
    named = bool(own.measured.all and their.measured.all)
    if named and not own.measured.agrees(their.measured):
        return False
    if one.published != other.published and (own.measured.all | their.measured.all) & _ROLLING:
        return False
    if one.tongue is not other.tongue:
        return named
    if own.fact.kind is Kind.DATE:
        return named or not (own.measured.all or their.measured.all)
    if own.extents[0].amount.unit == "":  # a count
        return bool(own.counted & their.counted)
    return named or _alike(own.terms, their.terms) >= _MEASURED


# ── when ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _of_one_period(own: Figure, their: Figure) -> bool:
    """The same days and quarters are said, as far as any are; a figure of one period is none of another."""
    mine, theirs = own.periods, their.periods
    flows = (own.measured.all | their.measured.all) & _FLOWS
    for size in mine.keys() | theirs.keys():
        if size in mine and size in theirs:
            if not any(_agree(own.reading, a, their.reading, b) for a in mine[size] for b in theirs[size]):
                return False
        elif size == _PART or (size < DAY and flows):
            return False
    return True


def _agree(one: Reading, own: Fact, other: Reading, their: Fact) -> bool:
    return Match.FULL in (match_fact(own, [other], only=their), match_fact(their, [one], only=own))
