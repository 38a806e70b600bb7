"""The figures of a sentence, with what their clauses say of them: worked out once, and compared with many others."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Final

from localdigest.facts.apart import extents
from localdigest.facts.clauses import clause_around, denies
from localdigest.facts.compare import grain
from localdigest.facts.language import Tongue
from localdigest.facts.measures import Measured, frames_in, measured_at
from localdigest.facts.opposites import trend_near
from localdigest.facts.stems import stem
from localdigest.facts.subjects import numbers_of_names
from localdigest.facts.tokens import Kind
from localdigest.facts.units import PERCENT
from localdigest.text.stopwords import load_function_words
from localdigest.text.tokens import content_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from localdigest.facts.apart import Extent
    from localdigest.facts.reading import Reading
    from localdigest.facts.tokens import Fact

__all__ = ["DAY", "Figure", "Stated", "frames_of"]

DAY: Final = 4  #: the grain of a date that is a day
_MOST_FIGURES = 8  #: a sentence with more is a table
_BEHIND = 24  #: characters behind a count in which the counted stands
_NOUNS = 3  #: words of them
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")


class Stated:
    """A sentence by what is compared of it."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    @cached_property
    def told(self) -> tuple[Figure, ...]:
        """Those that may contradict others: no parts of names, and none of a table."""
        of_names = set(numbers_of_names(self.reading).values())
        facts = [fact for fact in self.reading.facts if fact.checked and not fact.loose and fact not in of_names]
        return tuple(Figure(self.reading, fact) for fact in facts) if len(facts) <= _MOST_FIGURES else ()

    @cached_property
    def amounts(self) -> tuple[Sequence[Extent], ...]:
        """All that are no dates."""
        return tuple(filter(None, (extents(self.reading, fact) for fact in self.reading.facts)))

    @cached_property
    def shares(self) -> tuple[Fraction, ...]:
        """All that are percentages."""
        return tuple(senses[0].amount.value for senses in self.amounts if senses[0].amount.unit == PERCENT)


class Figure:
    """A figure or date of a sentence."""

    def __init__(self, reading: Reading, fact: Fact) -> None:
        self.reading = reading
        self.fact = fact
        self.span = (fact.start, fact.end)
        self.clause = clause_around(reading.text, *self.span)

    @cached_property
    def extents(self) -> Sequence[Extent]:
        return extents(self.reading, self.fact)

    @cached_property
    def measured(self) -> Measured:
        return measured_at(self.reading.text, *self.span, self.clause)

    @cached_property
    def frames(self) -> frozenset[str]:
        return frames_of(self.reading, self.clause)

    @cached_property
    def trend(self) -> int:
        return trend_near(self.reading.text, *self.span)

    @cached_property
    def is_denied(self) -> bool:
        return denies(self.reading.text, *self.clause)

    @cached_property
    def terms(self) -> frozenset[str]:
        """The words of its clause that carry meaning."""
        return frozenset(map(stem, content_tokens(self.reading.text[slice(*self.clause)]))) & self.reading.terms

    @cached_property
    def counted(self) -> frozenset[str]:
        """The words right behind a count."""
        behind = self.reading.text[self.fact.end : min(self.clause[1], self.fact.end + _BEHIND)]
        if self.reading.tongue is Tongue.CHINESE:
            run = behind.strip()[: _NOUNS + 2]
            return frozenset({*run[:1], *(run[at : at + 2] for at in range(len(run) - 1))})
        words = (word.lower() for word in _WORD.findall(behind))
        return frozenset(map(stem, [word for word in words if word not in load_function_words("en")][:_NOUNS]))

    @cached_property
    def periods(self) -> Mapping[int, Sequence[Fact]]:
        """The dates of its clause by their grain; of the sentence where the clause has none."""
        start, end = self.clause
        dates = [fact for fact in self.reading.facts if fact.kind is Kind.DATE]
        by_grain: defaultdict[int, list[Fact]] = defaultdict(list)
        for fact in [fact for fact in dates if start <= fact.start and fact.end <= end] or dates:
            by_grain[grain(fact)].append(fact)
        return dict(by_grain)

    @cached_property
    def is_only_day(self) -> bool:
        """A day of the calendar with its number, and no other date beside it."""
        dates = [fact for fact in self.reading.facts if fact.kind is Kind.DATE]
        has_number = any(map(str.isdigit, self.reading.text[slice(*self.span)]))
        return len(dates) == 1 and grain(self.fact) == DAY and has_number


def frames_of(reading: Reading, clause: tuple[int, int]) -> frozenset[str]:
    """How a clause frames its figures, which are no words of it."""
    return frames_in(reading.text, clause, [(fact.start, fact.end) for fact in reading.facts])
