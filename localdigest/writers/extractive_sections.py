"""Fills the sections of a digest with ranked sentences, each used once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localdigest.records import Document, Part, PartKey, Section, SectionKey, Statement
from localdigest.text import Selector, Taste, cosine, overlap
from localdigest.writers.conflicts import find_conflicts, placed
from localdigest.writers.extractive_candidates import reading_length
from localdigest.writers.extractive_news import news_item, take_leads
from localdigest.writers.extractive_statements import statement
from localdigest.writers.lexicon import cues

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from localdigest.writers.extractive_rank import Ranked

__all__ = ["fill_sections", "summarize"]

_ANALYSIS = (PartKey.SIGNIFICANCE, PartKey.COMPARISON, PartKey.MARKET)
_IMPLICATIONS = (PartKey.DEVELOPERS, PartKey.USERS)

# How much stands where; a person's digest of the same shape has these sizes.
_TREND_LEAST, _TREND_MOST = 3, 5
_TREND_LENGTH = {"en": 60, "zh": 140}  #: words or characters; another sentence is added only below it
_FAMILIAR = 0.5  #: what the readers' own language is worth in the trend, which they read first
_PART_SENTENCES = 3
_KEY_POINTS = 7
_SUMMARY_POINTS = 3

#: Found by reading which pairs of sentences say the same, and how many documents the digests of ten and twenty name.
_TASTE = Taste(novelty=0.7, repeat=0.45, crowding=0.5)
_SUMMARY_TASTE = Taste(novelty=0.7, repeat=0.45, crowding=2.0)  #: one document each, where there are three
_SAME_FIGURES = 2

_CUE_STRONG, _CUE_WEAK, _CUE_LEAST = 1.0, 0.5, 1.5
_CUE_BONUS = 0.5  #: what a cue is worth beside the value of the sentence


def fill_sections(
    ranked: Sequence[Ranked], documents: Sequence[Document]
) -> tuple[tuple[Section, ...], Sequence[Ranked]]:
    """All sections in their order, and the sentences that they show.

    The news choose their first sentences before all others, then the trend. Few sentences fit the parts with cues and
    many fit the rest of a news item, so the parts choose before it.
    The key points come last and hear the documents that nobody has heard yet.
    """
    pool = _pool(sorted(ranked, key=lambda item: (-item.value, item.candidate.document, item.candidate.index)))
    leads = take_leads(pool, documents)
    conflicts = find_conflicts(ranked, documents)
    trend = _trend(pool)
    parts = {key: _part_by_cues(pool, key) for key in _ANALYSIS + _IMPLICATIONS}
    items = tuple(news_item(lead, pool, documents, conflicts) for lead in leads)
    key_points = pool.take(_KEY_POINTS, fits=_stands_alone)
    filled = {
        SectionKey.TREND: _body(trend),
        SectionKey.NEWS: items,
        SectionKey.ANALYSIS: _present(parts, _ANALYSIS),
        SectionKey.KEY_POINTS: _body(key_points),
        SectionKey.IMPLICATIONS: _present(parts, _IMPLICATIONS),
    }
    return placed(tuple(Section(key, filled[key]) for key in SectionKey), conflicts), pool.taken


def summarize(shown: Sequence[Ranked]) -> tuple[Statement, ...]:
    """The best of what the digest shows, of as many documents as there are."""
    alone = [item for item in shown if item.stands_alone]
    points = _pool(sorted(alone, key=lambda item: -item.value), _SUMMARY_TASTE).take(_SUMMARY_POINTS)
    return tuple(statement(item.candidate) for item in points)


def _pool(ranked: Sequence[Ranked], taste: Taste = _TASTE) -> Selector[Ranked]:
    return Selector(
        ranked,
        value=lambda item: item.value,
        likeness=_likeness,
        group=lambda item: item.candidate.document,
        taste=taste,
    )


def _likeness(one: Ranked, other: Ranked) -> float:
    """1 where two figures are the same: that is one fact, in whatever words and language."""
    if len(one.quantities & other.quantities) >= _SAME_FIGURES:
        return 1.0
    return max(cosine(one.vector, other.vector), overlap(one.vector, other.vector))


def _stands_alone(item: Ranked) -> bool:
    return item.stands_alone


def _trend(pool: Selector[Ranked]) -> list[Ranked]:
    """At least three of the best sentences, more while they are short; none when there are fewer."""
    if sum(map(_stands_alone, pool.left)) < _TREND_LEAST:
        return []
    chosen: list[Ranked] = []
    length = 0.0
    while len(chosen) < _TREND_LEAST or (len(chosen) < _TREND_MOST and length < 1):
        found = pool.take(1, fits=_stands_alone, bonus=lambda item: _FAMILIAR if item.familiar else 0.0)
        if not found:
            break
        chosen += found
        candidate = found[0].candidate
        length += reading_length(candidate.text, candidate.script) / _TREND_LENGTH[candidate.script]
    return chosen


def _part_by_cues(pool: Selector[Ranked], key: PartKey) -> Part:
    strength = {item.candidate.identifier: _cue_strength(item, key) for item in pool.left if item.stands_alone}
    chosen = pool.take(
        _PART_SENTENCES,
        fits=lambda item: strength.get(item.candidate.identifier, 0.0) >= _CUE_LEAST,
        bonus=lambda item: _CUE_BONUS * strength[item.candidate.identifier],
    )
    return Part(tuple(statement(item.candidate) for item in chosen), key)


def _cue_strength(item: Ranked, key: PartKey) -> float:
    """How clearly the sentence speaks of what the part is about; 0 when something rules it out."""
    found = cues(key, item.candidate.script)
    text = item.candidate.text
    if found.never.distinct(text):
        return 0.0
    return _CUE_STRONG * found.strong.distinct(text) + _CUE_WEAK * found.weak.distinct(text)


def _present(parts: Mapping[PartKey, Part], keys: Iterable[PartKey]) -> tuple[Part, ...]:
    return tuple(parts[key] for key in keys if parts[key].statements)


def _body(items: Sequence[Ranked]) -> tuple[Part, ...]:
    return (Part(tuple(statement(item.candidate) for item in items)),) if items else ()
