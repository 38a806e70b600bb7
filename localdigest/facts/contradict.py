"""Whether two sentences give two figures for one fact, both of which cannot be true.

A false alarm is worse than silence: whatever may explain the difference does. Rounding and bounds, currencies, other
days and quarters, other places, models and people, a part and its whole, a forecast and its result, an earlier state.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from localdigest.facts.apart import days_apart, figures_apart, may_be_one, same_unit
from localdigest.facts.clauses import clause_around, denies
from localdigest.facts.compare import Match, grain, match_fact
from localdigest.facts.language import Tongue
from localdigest.facts.measures import Measured, frames_in, measured_at
from localdigest.facts.opposites import trend_near
from localdigest.facts.stems import stem
from localdigest.facts.subjects import numbers_of_names, one_subject, release_in, same_bearer, shared_names
from localdigest.facts.substitutes import narrowed, substituted
from localdigest.facts.tokens import Amount, Kind, Moment
from localdigest.facts.units import PERCENT
from localdigest.text.stopwords import load_function_words
from localdigest.text.tokens import content_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

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
_MOST_FIGURES = 8  #: a sentence with more is a table
_LATER = 3  #: days between two texts after which the second may simply be newer
_ZONES = 1  #: days that the place of the reader makes
_DAY, _PART = 4, 1  #: grains of dates: a day, a quarter or half of a year
_BEHIND = 24  #: characters behind a count in which the counted stands
_NOUNS = 3  #: words of them
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
#: What is counted anew each month or quarter: a figure without its period is no figure of another.
_FLOWS = frozenset({"revenue", "profit", "loss", "sale", "inflation", "unemployment", "margin", "orders"})
_PLANNED = frozenset({"forecast"})
_ROLLING = frozenset({"dead", "hurt", "missing", "crowd", "users"})  #: what changes from day to day


class Clash(NamedTuple):
    """Two spans in folded texts, of which at most one is right."""

    one: tuple[int, int]
    other: tuple[int, int]


class _Figure(NamedTuple):
    fact: Fact
    clause: tuple[int, int]
    measured: Measured
    frames: frozenset[str]


def clashes(one: Reading, other: Reading) -> tuple[Clash, ...]:
    """The figures, dates and versions that contradict each other, in the order of the first sentence."""
    if one.squeezed == other.squeezed or not _comparable(one, other) or not _of_one_day(one, other):
        return ()
    if release := _release_clash(one, other):
        return (release,)
    names = numbers_of_names(one), numbers_of_names(other)
    mine = _figures(one, set(names[0].values()))
    theirs = _figures(other, set(names[1].values()))
    pairs = [(a, b) for a in mine for b in theirs if _contradict(one, a, other, b)]
    return tuple(
        Clash((a.fact.start, a.fact.end), (b.fact.start, b.fact.end))
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
    least = min(len(one.terms), len(other.terms))
    return len(one.terms & other.terms) / least if least else 0.0


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
    same = done & {"repair", "requirement"} and _frames(one, whole) == _frames(other, their_whole)
    return Clash(mine, theirs) if same else None


# ── the figures ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _figures(reading: Reading, of_names: set[Fact]) -> list[_Figure]:
    facts = [fact for fact in reading.facts if fact.checked and not fact.loose and fact not in of_names]
    if len(facts) > _MOST_FIGURES:
        return []
    return [_figure(reading, fact) for fact in facts]


def _figure(reading: Reading, fact: Fact) -> _Figure:
    clause = clause_around(reading.text, fact.start, fact.end)
    return _Figure(
        fact,
        clause,
        measured_at(reading.text, fact.start, fact.end, clause),
        _frames(reading, clause),
    )


def _frames(reading: Reading, clause: tuple[int, int]) -> frozenset[str]:
    return frames_in(reading.text, clause, [(fact.start, fact.end) for fact in reading.facts])


def _contradict(one: Reading, own: _Figure, other: Reading, their: _Figure) -> bool:
    # A date that is expected and one that is set are of one day.
    frames = (own.frames ^ their.frames) - (_PLANNED if own.fact.kind is Kind.DATE else frozenset())
    if own.fact.kind is not their.fact.kind or frames:
        return False
    is_apart = _days_contradict if own.fact.kind is Kind.DATE else _amounts_contradict
    return (
        is_apart(one, own, other, their)
        and _measure_alike(one, own, other, their)
        and one_subject(one, other, own.clause, their.clause)
        and same_bearer(one, own.fact.start, other)
        and same_bearer(other, their.fact.start, one)
        and not substituted(one, own.clause, other, their.clause)
        and not narrowed(one, own.clause, own.fact.end, other)
        and not narrowed(other, their.clause, their.fact.end, one)
        and denies(one.text, *own.clause) is denies(other.text, *their.clause)
    )


def _amounts_contradict(one: Reading, own: _Figure, other: Reading, their: _Figure) -> bool:
    if not figures_apart(one, own.fact, other, their.fact):
        return False
    if _stands_elsewhere(one, own.fact, other) or _stands_elsewhere(other, their.fact, one):
        return False
    ways = {
        trend_near(one.text, own.fact.start, own.fact.end),
        trend_near(other.text, their.fact.start, their.fact.end),
    }
    return not {1, -1} <= ways and _of_one_period(one, own, other, their)


def _stands_elsewhere(one: Reading, fact: Fact, other: Reading) -> bool:
    """`from 10 to 12` holds both figures, and 42, a third of it, holds 14: the other sentence may speak of either."""
    shares = [_value(share, PERCENT) for share in other.facts]
    wholes = [their for their in other.facts if same_unit(fact, their)]
    mine = None if _value(fact, PERCENT) else _value(fact)
    return any(may_be_one(one, fact, other, their) for their in wholes) or any(
        share and mine and (whole := _value(their)) and abs(whole * share / 100 - mine) <= _PART_OF * mine
        for share in shares
        for their in wholes
    )


def _value(fact: Fact, unit: str | None = None) -> Fraction | None:
    amount = fact.readings[0]
    return amount.value if isinstance(amount, Amount) and unit in (None, amount.unit) else None


def _days_contradict(one: Reading, own: _Figure, other: Reading, their: _Figure) -> bool:
    if days_apart(own.fact, their.fact) <= _ZONES or not (
        _is_only_day(one, own.fact) and _is_only_day(other, their.fact)
    ):
        return False
    named = own.measured.all or their.measured.all
    return one.tongue is not other.tongue or _likeness(one, other) >= (_ALIKE_DATED if named else _ALIKE_UNNAMED)


def _is_only_day(reading: Reading, fact: Fact) -> bool:
    """A day of the calendar with its number, and no other date beside it."""
    dates = [other for other in reading.facts if other.kind is Kind.DATE]
    return len(dates) == 1 and grain(fact) == _DAY and any(map(str.isdigit, reading.text[fact.start : fact.end]))


def _measure_alike(one: Reading, own: _Figure, other: Reading, their: _Figure) -> bool:
    """Whether the words around two figures say that the same is measured."""
    named = bool(own.measured.all and their.measured.all)
    if named and not own.measured.agrees(their.measured):
        return False
    if one.published != other.published and (own.measured.all | their.measured.all) & _ROLLING:
        return False
    if one.tongue is not other.tongue:
        return named
    if own.fact.kind is Kind.DATE:
        return named or not (own.measured.all or their.measured.all)
    if _is_count(own.fact):
        return bool(_counted(one, own) & _counted(other, their))
    return named or _clauses_alike(one, own, other, their) >= _MEASURED


def _is_count(fact: Fact) -> bool:
    return isinstance(fact.readings[0], Amount) and fact.readings[0].unit == ""


def _counted(reading: Reading, figure: _Figure) -> frozenset[str]:
    """The words right behind a count."""
    behind = reading.text[figure.fact.end : min(figure.clause[1], figure.fact.end + _BEHIND)]
    if reading.tongue is Tongue.CHINESE:
        run = behind.strip()[: _NOUNS + 2]
        return frozenset({*run[:1], *(run[at : at + 2] for at in range(len(run) - 1))})
    words = (word.lower() for word in _WORD.findall(behind))
    return frozenset(map(stem, [word for word in words if word not in load_function_words("en")][:_NOUNS]))


def _clauses_alike(one: Reading, own: _Figure, other: Reading, their: _Figure) -> float:
    mine = frozenset(map(stem, content_tokens(one.text[slice(*own.clause)]))) & one.terms
    theirs = frozenset(map(stem, content_tokens(other.text[slice(*their.clause)]))) & other.terms
    least = min(len(mine), len(theirs))
    return len(mine & theirs) / least if least else 0.0


# ── when ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _of_one_period(one: Reading, own: _Figure, other: Reading, their: _Figure) -> bool:
    """The same days and quarters are said, as far as any are; a figure of one period is none of another."""
    mine, theirs = dict(_periods(one, own)), dict(_periods(other, their))
    flows = (own.measured.all | their.measured.all) & _FLOWS
    for size in set(mine) | set(theirs):
        if size in mine and size in theirs:
            if not any(_agree(one, a, other, b) for a in mine[size] for b in theirs[size]):
                return False
        elif size == _PART or (size < _DAY and flows):
            return False
    return True


def _periods(reading: Reading, figure: _Figure) -> Iterator[tuple[int, list[Fact]]]:
    """The dates of a figure's clause by their grain; of the sentence where the clause has none."""
    dates = [fact for fact in reading.facts if fact.kind is Kind.DATE]
    inside = [fact for fact in dates if figure.clause[0] <= fact.start and fact.end <= figure.clause[1]] or dates
    for size in {grain(fact) for fact in inside}:
        yield size, [fact for fact in inside if grain(fact) == size]


def _agree(one: Reading, own: Fact, other: Reading, their: Fact) -> bool:
    return Match.FULL in (match_fact(own, [other], only=their), match_fact(their, [one], only=own))
