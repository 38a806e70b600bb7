"""Which claims tell the same event: average-link groups over tf-idf likeness."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

from localdigest.origin import origin_of
from localdigest.records import Claim, Document, Story
from localdigest.text import Vector, Weights, content_tokens, neighbours, quantities

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["cluster"]

# Set by reading the groups of real news on one topic, English and Chinese: lower joins a company's separate events.
_LEAST = 0.22  #: average likeness inside a story
_EDGE = 0.15  #: likeness below this counts as none
_SHARED = 3  #: terms that two claims must have in common, …
_RARE = 0.1  #: … of terms that fewer than this part of the claims hold (or five, in a small run)
_COMMON = 60  #: a term or a figure in more claims than this proposes no pair
_SHARED_FIGURES = 2  #: claims that have these in common state one fact, in whatever languages
_SAME_FIGURES = 0.5  #: and count as this alike


def cluster(claims: Sequence[Claim], documents: Iterable[Document]) -> tuple[Story, ...]:
    """Stories, heaviest first (independent sites, then score); each claim is in exactly one."""
    sites = {document.number: origin_of(document) for document in documents}
    groups = _groups(claims)
    stories = [_story([claims[index] for index in group], sites) for group in groups]
    return tuple(sorted(stories, key=_order))


def _story(claims: list[Claim], sites: Mapping[int, str]) -> Story:
    best_first = sorted(claims, key=lambda claim: (-claim.score, claim.document, claim.evidence, claim.text))
    weight = len({sites.get(claim.document, "") for claim in claims})
    return Story(tuple(best_first), weight)


def _order(story: Story) -> tuple[int, float, int, tuple[str, ...], str]:
    first = story.claims[0]
    return (-story.weight, -first.score, first.document, first.evidence, first.text)


def _groups(claims: Sequence[Claim]) -> list[list[int]]:
    terms = [content_tokens(claim.text) for claim in claims]
    weights = Weights.of(terms)
    vectors = [weights.vector(words) for words in terms]
    edges = neighbours(vectors, least=_EDGE, common=_COMMON)
    for one, row in enumerate(edges):
        for other in [other for other in row if not _same_subject(vectors[one], vectors[other], weights)]:
            del row[other]
    for one, other in _pairs_by_figures(claims):
        edges[one][other] = edges[other][one] = max(edges[one].get(other, 0.0), _SAME_FIGURES)
    return _average_link(edges)


def _pairs_by_figures(claims: Sequence[Claim]) -> list[tuple[int, int]]:
    """Claims that share several telling figures: "1.7 billion at 11.7 billion" and 「17 億…117 億」."""
    holders: dict[float, list[int]] = {}
    for index, claim in enumerate(claims):
        for figure in quantities(claim.text):
            holders.setdefault(figure, []).append(index)
    shared = Counter(
        pair for indexes in holders.values() if len(indexes) <= _COMMON for pair in combinations(indexes, 2)
    )
    return sorted(pair for pair, count in shared.items() if count >= _SHARED_FIGURES)


def _same_subject(one: Vector, other: Vector, weights: Weights) -> bool:
    """Whether the likeness rests on several rare terms: one shared name makes no event."""
    most = max(_RARE * weights.total, 5)
    return sum(1 for term in one if term in other and weights.frequency.get(term, 0) <= most) >= _SHARED


@dataclass(slots=True)
class _Forest:
    """Groups under way: their members, and the summed likeness between each two."""

    members: dict[int, list[int]]
    links: dict[int, dict[int, float]]
    queue: list[tuple[float, int, int]] = field(default_factory=list)

    def average(self, one: int, other: int) -> float:
        return self.links[one][other] / (len(self.members[one]) * len(self.members[other]))

    def push(self, one: int, other: int) -> None:
        average = self.average(one, other)
        if average >= _LEAST:
            heapq.heappush(self.queue, (-average, min(one, other), max(one, other)))

    def merge(self, one: int, other: int) -> None:
        """Move all of `other` into `one`."""
        self.members[one] += self.members.pop(other)
        for third, likeness in self.links.pop(other).items():
            del self.links[third][other]
            if third != one:
                summed = self.links[one].get(third, 0.0) + likeness
                self.links[one][third] = self.links[third][one] = summed
        for third in sorted(self.links[one]):
            self.push(one, third)


def _average_link(edges: Sequence[Mapping[int, float]]) -> list[list[int]]:
    """Join the two likeliest groups until no two are alike enough; pairs without an edge count as 0."""
    forest = _Forest({index: [index] for index in range(len(edges))}, dict(enumerate(map(dict, edges))))
    for one, row in enumerate(edges):
        for other in row:
            if one < other:
                forest.push(one, other)
    while forest.queue:
        negative, one, other = heapq.heappop(forest.queue)
        if one in forest.members and other in forest.members and forest.average(one, other) == -negative:
            forest.merge(one, other)
    return [sorted(group) for _, group in sorted(forest.members.items())]
