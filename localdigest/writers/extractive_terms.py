"""Chinese terms without a dictionary: runs of characters that hold together and stand in changing company."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from localdigest.records import Document, Role
from localdigest.text.stopwords import load_stopwords
from localdigest.writers.lexicon import no_tags, term_edges

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["chinese_terms"]

_READABLE = frozenset({Role.TEXT, Role.ITEM, Role.QUOTE})
_RUN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]{2,}")
_LONGEST = 6
_LEAST_COUNT = 3  #: mentions in all documents; fewer prove nothing
_COHESION = 12.0  #: how much more often than by chance the parts of a term meet
_COMPANY = 3  #: different neighbours on each side
_SAME_NEIGHBOUR = 0.6  #: a neighbour more frequent than this belongs to the term
_FREE = 3  #: a term of fewer characters must stand in a title: most words of two are everyday ones
_PART_OF = 0.7  #: a term of which so much stands inside a longer one is a fragment of it


def chinese_terms(documents: Sequence[Document]) -> list[Counter[str]]:
    """For each document the terms that all documents together show to be terms, with their mentions in it."""
    runs = [_runs(document) for document in documents]
    counts = _frequent(run for of_document in runs for run in of_document)
    terms = _without_fragments(_terms([run for of_document in runs for run in of_document], counts), counts)
    titles = " ".join(document.title for document in documents)
    terms = {term for term in terms if len(term) >= _FREE or term in titles}
    return [_mentions(of_document, terms) for of_document in runs]


def _runs(document: Document) -> list[str]:
    texts = [document.title, *(sentence.text for sentence in document.sentences if sentence.role in _READABLE)]
    return [run for text in texts for run in _RUN.findall(text)]


def _frequent(runs: Iterable[str]) -> Counter[str]:
    """Counts of all grams up to six characters; a gram is counted only where its two shorter halves are frequent."""
    runs = list(runs)
    counts = Counter(letter for run in runs for letter in run)
    for length in range(2, _LONGEST + 1):
        level: Counter[str] = Counter()
        for run in runs:
            for start in range(len(run) - length + 1):
                gram = run[start : start + length]
                if length == 2 or (gram[1:] in counts and gram[:-1] in counts):  # noqa: PLR2004 - pairs have no halves
                    level[gram] += 1
        counts.update({gram: count for gram, count in level.items() if count >= _LEAST_COUNT})
    return counts


def _terms(runs: Sequence[str], counts: Counter[str]) -> set[str]:
    total = sum(len(run) for run in runs)
    likely = {gram for gram in counts if len(gram) > 1 and _may_be_term(gram) and _holds(gram, counts, total)}
    before: defaultdict[str, Counter[str]] = defaultdict(Counter)
    after: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for number, run in enumerate(runs):
        for start in range(len(run) - 1):
            for end in range(start + 2, min(start + _LONGEST, len(run)) + 1):
                gram = run[start:end]
                if gram not in counts:
                    break  # nothing that begins with a rare gram is frequent
                if gram in likely:
                    # The edge of a run is a new neighbour each time.
                    before[gram][run[start - 1] if start else f"<{number}"] += 1
                    after[gram][run[end] if end < len(run) else f">{number}"] += 1
    return {gram for gram in likely if _in_company(before[gram]) and _in_company(after[gram])}


def _may_be_term(gram: str) -> bool:
    first, last = term_edges()
    return (
        gram[0] not in first
        and gram[-1] not in last
        and gram not in no_tags("zh")
        and gram not in load_stopwords()
        and "的" not in gram
        and "了" not in gram
    )


def _holds(gram: str, counts: Counter[str], total: int) -> bool:
    """Whether its weakest joint is tighter than chance makes it."""
    return all(
        counts[gram] * total >= _COHESION * counts[gram[:cut]] * counts[gram[cut:]] for cut in range(1, len(gram))
    )


def _in_company(neighbours: Counter[str]) -> bool:
    total = sum(neighbours.values())
    return len(neighbours) >= _COMPANY and max(neighbours.values()) <= _SAME_NEIGHBOUR * total


def _without_fragments(terms: set[str], counts: Counter[str]) -> set[str]:
    longer: defaultdict[str, int] = defaultdict(int)
    for term in terms:
        for start in range(len(term) - 1):
            for end in range(start + 2, len(term) + 1):
                if end - start < len(term):
                    inner = term[start:end]
                    longer[inner] = max(longer[inner], counts[term])
    return {term for term in terms if longer[term] < _PART_OF * counts[term]}


def _mentions(runs: Iterable[str], terms: set[str]) -> Counter[str]:
    return Counter(
        gram
        for run in runs
        for start in range(len(run) - 1)
        for end in range(start + 2, min(start + _LONGEST, len(run)) + 1)
        if (gram := run[start:end]) in terms
    )
