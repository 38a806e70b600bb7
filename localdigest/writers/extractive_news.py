"""The news items: one event each, told in two or three sentences under a real headline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.records import Claim, Conflict, Document, Part, Story
from localdigest.stages.cluster import cluster
from localdigest.text import Selector, Vector, Weights, content_tokens, cosine
from localdigest.writers.conflicts import conflicts_of
from localdigest.writers.extractive_headlines import headline
from localdigest.writers.extractive_statements import statement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from localdigest.writers.extractive_rank import Ranked

__all__ = ["Lead", "news_item", "take_leads"]

# Set by reading the items made from real pages, of one topic and of random mixes.
_ITEMS = 5
_MORE = 2  #: sentences after the first
_WEIGHT_BONUS = 0.35  #: what each further independent site adds to the value of a story
_SAME_EVENT = 0.3  #: documents as alike as this (title and beginning) tell one event
_BEGINNING = 5  #: sentences of a document that tell what it is about
_NEARNESS = 0.8  #: what likeness to the first sentence is worth to a further one
_SOON = 0.5  #: what standing right after a sentence of the item is worth; half of it one further, and so on


@dataclass(frozen=True, slots=True)
class Lead:
    """The first sentence of an item and the story that it tells."""

    first: Ranked
    story: Story


def take_leads(pool: Selector[Ranked], documents: Sequence[Document]) -> list[Lead]:
    """The best sentence of each of the heaviest stories, no two of one event."""
    ranked = [item for item in pool.left if item.stands_alone]
    by_id = {item.candidate.identifier: item for item in ranked}
    titled = {document.number: headline(document) is not None for document in documents}
    profiles = _profiles(ranked, documents)
    chosen: list[Lead] = []
    for story in sorted(cluster([_claim(item) for item in ranked], documents), key=_order(titled)):
        first = by_id[story.claims[0].evidence[0]]
        if any(_same_event(first, lead.first, profiles) for lead in chosen):
            continue
        if pool.take(1, fits=_is(first)):
            chosen.append(Lead(first, story))
        if len(chosen) == _ITEMS:
            break
    return chosen


def news_item(lead: Lead, pool: Selector[Ranked], documents: Sequence[Document], conflicts: Sequence[Conflict]) -> Part:
    """The lead with what its document and the story's others add; in reading order of each document."""
    number = lead.first.candidate.document
    members = {identifier for claim in lead.story.claims for identifier in claim.evidence}
    taken = [lead.first]
    for _ in range(_MORE):
        taken += pool.take(1, fits=_adds_to(taken, members), bonus=_bonus(taken))
    taken.sort(key=lambda item: (item.candidate.document != number, item.candidate.document, item.candidate.index))
    document = next(document for document in documents if document.number == number)
    return Part(
        statements=tuple(statement(item.candidate) for item in taken),
        headline=headline(document),
        weight=lead.story.weight,
        conflicts=conflicts_of(lead.story, conflicts),
    )


def _claim(item: Ranked) -> Claim:
    candidate = item.candidate
    return Claim(candidate.text, (candidate.identifier,), candidate.document, score=item.value)


def _order(titled: Mapping[int, bool]) -> Callable[[Story], tuple[bool, float, int]]:
    """Stories under a title first, then by value and weight."""

    def key(story: Story) -> tuple[bool, float, int]:
        best = story.claims[0]
        return (not titled[best.document], -best.score - _WEIGHT_BONUS * (story.weight - 1), best.document)

    return key


def _is(wanted: Ranked) -> Callable[[Ranked], bool]:
    return lambda item: item is wanted


def _adds_to(taken: Sequence[Ranked], members: set[str]) -> Callable[[Ranked], bool]:
    """Of the lead's document or of the story; a sentence that leans must follow the one it leans on."""
    number = taken[0].candidate.document
    places = {(item.candidate.document, item.candidate.index + 1) for item in taken}

    def fits(item: Ranked) -> bool:
        candidate = item.candidate
        follows = (candidate.document, candidate.index) in places
        belongs = candidate.document == number or candidate.identifier in members
        return belongs and (item.stands_alone or follows)

    return fits


def _bonus(taken: Sequence[Ranked]) -> Callable[[Ranked], float]:
    """Worth more the more it says of the same thing, and the sooner after it."""
    first = taken[0]

    def bonus(item: Ranked) -> float:
        likeness = cosine(item.vector, first.vector)
        distances = [_distance(before, item) for before in taken]
        soonest = min((distance for distance in distances if distance > 0), default=0)
        return _NEARNESS * likeness + (_SOON / soonest if soonest and likeness else 0.0)

    return bonus


def _distance(before: Ranked, after: Ranked) -> int:
    """How many sentences later it stands; 0 in another document."""
    same = before.candidate.document == after.candidate.document
    return after.candidate.index - before.candidate.index if same else 0


def _profiles(ranked: Sequence[Ranked], documents: Sequence[Document]) -> dict[int, Vector]:
    """What each document is about, from its title and its first sentences."""
    terms = {document.number: content_tokens(document.title) * 2 for document in documents}
    for item in ranked:
        if item.candidate.depth < _BEGINNING:
            terms[item.candidate.document] += item.candidate.terms
    weights = Weights.of(terms.values())
    return {number: weights.vector(words) for number, words in terms.items()}


def _same_event(one: Ranked, other: Ranked, profiles: Mapping[int, Vector]) -> bool:
    here, there = one.candidate.document, other.candidate.document
    return here == there or cosine(profiles[here], profiles[there]) >= _SAME_EVENT
