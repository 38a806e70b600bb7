"""How much each candidate sentence matters to the digest."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from localdigest.records import Document, DocumentKind, Language
from localdigest.text import Vector, Weights, centrality, content_tokens, cosine, neighbours, quantities
from localdigest.writers.extractive_candidates import Candidate, reading_length

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Ranked", "rank"]

# How the signals are mixed. Set by reading the digests of the real pages beside this repository, of one topic and of
# random mixes, in both scripts: position and title find what a news page is about, centrality what the pages share.
_CENTRALITY, _POSITION, _TITLE, _TOPIC, _RECENCY, _LENGTH = 1.0, 0.9, 0.8, 0.6, 0.2, 0.4
_LEANING = 0.35  #: factor for a sentence that needs the one before
_VOICE = 0.5  #: factor for "I", "we" and "you"
_FOREIGN = 0.85  #: factor for a sentence in another language than the digest's
_LISTING = 0.6  #: factor for pages that list other pages
_FADE = 0.12  #: how fast the value of position falls with each sentence
_HALF_LIFE_DAYS = 7.0
_BEST_LENGTH = {"en": (14, 30), "zh": (24, 70)}

_EDGE = 0.08  #: likeness that makes two sentences neighbours
_COMMON = 60  #: a term in more sentences than this makes nobody neighbours
_MOST = 2400  #: sentences of the graph; above it each document sends its first and best ones
_LEAST_EACH = 3


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its value (only the order counts) and its vector."""

    candidate: Candidate
    value: float
    vector: Vector
    quantities: frozenset[float]
    familiar: bool  #: it is in the language of the digest's readers
    stands_alone: bool  #: it can be shown without the sentences around it


def rank(candidates: Sequence[Candidate], documents: Sequence[Document], *, topic: str, language: str) -> list[Ranked]:
    """In the order of the candidates; of a very large run only the sentences that stand a chance."""
    by_number = {document.number: document for document in documents}
    weights = Weights.of(candidate.terms for candidate in candidates)
    titles = {number: weights.vector(content_tokens(document.title)) for number, document in by_number.items()}
    kept = _shortlist(candidates, titles, weights)
    vectors = [weights.vector(candidate.terms) for candidate in kept]
    central = _central(kept, vectors)
    topic_vector = weights.vector(content_tokens(topic))
    newest = max((document.published[:10] for document in documents), default="")
    values = [
        _CENTRALITY * share
        + _POSITION / (1 + _FADE * candidate.depth)
        + _TITLE * min(1.0, 2 * cosine(vector, titles[candidate.document]))
        + _TOPIC * _on_topic(candidate, topic_vector)
        + _RECENCY * _recency(by_number[candidate.document].published, newest)
        + _LENGTH * _length(candidate)
        for candidate, vector, share in zip(kept, vectors, central, strict=True)
    ]
    impersonal = {candidate.document for candidate in kept if not candidate.leaning and not candidate.voice}
    return [
        Ranked(
            candidate,
            value * _factor(candidate, by_number[candidate.document], language),
            vector,
            quantities(candidate.text),
            familiar=_reads(language, by_number[candidate.document].language),
            # A page that speaks of nothing but "I" and "you" is heard all the same.
            stands_alone=not candidate.leaning and not (candidate.voice and candidate.document in impersonal),
        )
        for candidate, value, vector in zip(kept, values, vectors, strict=True)
    ]


def _shortlist(candidates: Sequence[Candidate], titles: Mapping[int, Vector], weights: Weights) -> list[Candidate]:
    """All, or of each document the sentences nearest to its beginning and its title."""
    if len(candidates) <= _MOST:
        return list(candidates)
    by_document: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        by_document.setdefault(candidate.document, []).append(candidate)
    each = max(_LEAST_EACH, _MOST // len(by_document))

    def promise(candidate: Candidate) -> float:
        nearness = cosine(weights.vector(candidate.terms), titles[candidate.document])
        return (_POSITION / (1 + _FADE * candidate.depth) + _TITLE * nearness) * _own_factor(candidate)

    kept = {
        candidate.identifier
        for group in by_document.values()
        for candidate in sorted(group, key=promise, reverse=True)[:each]
    }
    return [candidate for candidate in candidates if candidate.identifier in kept]


def _central(candidates: Sequence[Candidate], vectors: Sequence[Vector]) -> list[float]:
    """Centrality as a rank among the sentences of the same script, from 0 to 1: scripts share few terms."""
    shares = centrality(neighbours(vectors, least=_EDGE, common=_COMMON))
    result = [0.0] * len(shares)
    for script in ("en", "zh"):
        members = [index for index, candidate in enumerate(candidates) if candidate.script == script]
        ordered = sorted(shares[index] for index in members)
        for index in members:
            result[index] = bisect_left(ordered, shares[index]) / max(len(members) - 1, 1)
    return result


def _on_topic(candidate: Candidate, topic: Vector) -> float:
    """How much of the topic's weight the sentence names."""
    total = sum(topic.values())
    return sum(topic.get(term, 0.0) for term in set(candidate.terms)) / total if total else 0.0


def _recency(published: str, newest: str) -> float:
    """Halves each week before the newest document; what has no date is taken as old."""
    try:
        days = (date.fromisoformat(newest) - date.fromisoformat(published[:10])).days
    except ValueError:
        return 0.0
    return math.pow(0.5, max(days, 0) / _HALF_LIFE_DAYS)


def _length(candidate: Candidate) -> float:
    low, high = _BEST_LENGTH[candidate.script]
    length = reading_length(candidate.text, candidate.script)
    return min(1.0, length / low, high / length)


def _factor(candidate: Candidate, document: Document, language: str) -> float:
    factor = _own_factor(candidate)
    if document.kind is DocumentKind.INDEX:
        factor *= _LISTING
    if not _reads(language, document.language):
        factor *= _FOREIGN
    return factor


def _own_factor(candidate: Candidate) -> float:
    return (_LEANING if candidate.leaning else 1.0) * (_VOICE if candidate.voice else 1.0)


def _reads(language: str, written: Language) -> bool:
    """Whether readers of the digest's language read the document's."""
    return written.is_chinese if language.startswith("zh") else written.value == language
