"""Finds, among all sentences of the sources, those that speak of what a claim speaks of."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from localdigest.facts.aliases import find_known
from localdigest.facts.case import Search
from localdigest.facts.fold import fold
from localdigest.facts.reading import Reading, read
from localdigest.facts.stems import stem
from localdigest.facts.words import latin_words, word_keys
from localdigest.text.quantities import quantities
from localdigest.text.tokens import content_tokens
from localdigest.text.vectors import Weights

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from localdigest.records import Language

__all__ = ["EvidenceIndex", "Passage"]

_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_COMMON = 400  #: a term in more passages than this proposes nobody: it would compare everything with everything
_NEAR_BEST = 0.3  #: of the best passage's score: what is less alike speaks of something else
_LENGTH = 40  #: terms; longer passages hold more by chance


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence of a source that can be cited."""

    id: str
    text: str
    url: str
    document: int
    published: dt.date | None = None
    language: Language | None = None


class EvidenceIndex:
    """Built once over all passages; a passage is read in full only when a claim comes near it."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._terms = [frozenset(_terms(passage.text)) for passage in passages]
        self._weights = Weights.of(self._terms)
        self._readings: dict[int, Reading] = {}
        self._postings: defaultdict[str, list[int]] = defaultdict(list)
        for index, terms in enumerate(self._terms):
            for term in terms:
                self._postings[term].append(index)

    def passage(self, index: int) -> Passage:
        return self._passages[index]

    def reading(self, index: int) -> Reading:
        """The passage as it is compared."""
        if index not in self._readings:
            passage = self._passages[index]
            self._readings[index] = read(passage.text, published=passage.published, language=passage.language)
        return self._readings[index]

    def nearest(self, claim: str, *, count: int) -> list[int]:
        """The passages most like a claim, best first: by shared words, and by figures and names across languages."""
        scores: Counter[int] = Counter()
        for term in set(_terms(claim)):
            found = self._postings.get(term, ())
            if len(found) <= _COMMON:
                weight = self._weights.idf(term)
                for index in found:
                    scores[index] += weight  # type: ignore[assignment]  # a Counter adds any number
        ranked = sorted(
            ((score / (1 + len(self._terms[index]) / _LENGTH), -index) for index, score in scores.items()), reverse=True
        )[:count]
        return [-place for score, place in ranked if score >= _NEAR_BEST * ranked[0][0]]

    def search(self, found: Iterable[int]) -> Search:
        """What is known of the names around some passages."""
        documents = {self._passages[index].document for index in found}
        near: frozenset[str] = frozenset().union(*(self._keys[document] for document in documents))
        return Search(self._all_keys, near)

    @cached_property
    def _keys(self) -> dict[int, frozenset[str]]:
        """By document what every name in it can be matched with."""
        keys: defaultdict[int, set[str]] = defaultdict(set)
        for passage, terms in zip(self._passages, self._terms, strict=True):
            keys[passage.document] |= word_keys(latin_words(fold(passage.text).text))
            keys[passage.document].update(term for term in terms if term.startswith("="))
        return {document: frozenset(found) for document, found in keys.items()}

    @cached_property
    def _all_keys(self) -> frozenset[str]:
        return frozenset().union(*self._keys.values())


def _terms(text: str) -> Iterable[str]:
    """Words, and what is equal in every language: amounts, digits, known names."""
    plain = fold(text).text
    yield from (stem(token) for token in content_tokens(plain))
    yield from (f"#{amount:g}" for amount in quantities(plain))
    yield from (f"#{digits.replace(',', '')}" for digits in _DIGITS.findall(plain))
    yield from (f"={known}" for known in find_known(plain, latin_words(plain)))
