"""The tags of a digest: its topic, then the names and terms that its documents share."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from localdigest.writers.extractive_candidates import for_people
from localdigest.writers.extractive_names import names_of, small_words, with_full_names
from localdigest.writers.extractive_terms import chinese_terms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localdigest.records import Document

__all__ = ["find_tags"]

# Set by reading the tags of real pages: of one subject, of random mixes, and of one page alone.
_TAGS = 8
_OFTEN = 6  #: more mentions than this in one document add nothing
_ABOUT = 2  #: a document that mentions a term this often, or in its title, is about it
_IS_ABOUT, _MENTIONS = 2.0, 0.3  #: value of a document that is about the term, and of one that only mentions it
_EACH = 0.4  #: value of a mention
_IN_TITLE = 1.5
_PAIR = 0.6  #: factor for two Chinese characters: most are everyday words
_LEAST = 2.6  #: a term with less is an accident


def find_tags(documents: Sequence[Document], *, topic: str) -> tuple[str, ...]:
    """Up to eight, the topic first; of two that say the same the better one."""
    topic = topic.strip()
    documents = tuple(map(for_people, documents))
    small = small_words(documents)
    mentions = with_full_names([names_of(document, small) for document in documents])
    for found, terms in zip(mentions, chinese_terms(documents), strict=True):
        found.update(terms)
    value = _values(documents, mentions)
    tags = [topic]
    for term in sorted(value, key=lambda term: (-value[term], term)):
        if len(tags) == _TAGS or value[term] < _LEAST:
            break
        # "Mistral AI" adds to the topic "mistral"; beside a tag "Mistral" it says the same.
        if not _within(term, topic) and not any(_within(term, tag) or _within(tag, term) for tag in tags[1:]):
            tags.append(term)
    return tuple(tag for tag in tags if tag)


def _values(documents: Sequence[Document], mentions: Sequence[Counter[str]]) -> dict[str, float]:
    """What each term is worth, spellings that differ in case taken together under the most frequent."""
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    worth: defaultdict[str, float] = defaultdict(float)
    for document, found in zip(documents, mentions, strict=True):
        title = document.title.casefold()
        for term, count in found.items():
            folded = term.casefold()
            spellings[folded][term] += count
            titled = folded in title
            worth[folded] += _IS_ABOUT + _EACH * min(count, _OFTEN) if titled or count >= _ABOUT else _MENTIONS
            worth[folded] += _IN_TITLE if titled else 0.0
    return {_spelling(spellings[folded]): value * _weight(folded) for folded, value in worth.items()}


def _weight(term: str) -> float:
    return _PAIR if len(term) == len("中文") and not term.isascii() else 1.0


def _spelling(counts: Mapping[str, int]) -> str:
    return min(counts, key=lambda term: (-counts[term], term))


def _within(term: str, tag: str) -> bool:
    """Whether a term is words of a tag, or characters of it where words are not parted."""
    one, other = term.casefold(), tag.casefold()
    return f" {one} " in f" {other} " or (not one.isascii() and one in other)
