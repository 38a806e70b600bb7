"""How far a title and a few words speak of a topic, told by its words and known names alone: pure.

    topic ─terms_of()─▶ terms, each with all the ways to write it ─relevance()─▶ 0 … 1

It sorts out what has nothing to do with a topic; how well a page tells of it only reading can say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.facts.aliases import find_known, forms_of
from localdigest.facts.fold import fold
from localdigest.facts.words import bare, latin_words, singular, word_keys
from localdigest.text.scripts import HAN, HANGUL, KANA
from localdigest.text.stopwords import load_stopwords

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["LEAST", "Term", "relevance", "terms_of"]

_ASIDE = 0.6  #: what a word is worth that stands in the summary or the address, not in the title
#: A page with less is off the topic. One word of two is not enough, wherever it stands; one that a summary names is.
LEAST = 0.55
#: Two letters say little: a page on `AI` is none on `Mistral AI`, one on `Mistral` is.
_SHORT, _SHORT_WEIGHT = 2, 0.5
_UNSPACED = re.compile(f"[{HAN}{KANA}{HANGUL}]+")


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a name of a topic."""

    keys: frozenset[str]  #: of words in Latin letters, any of which stands for it
    texts: frozenset[str]  #: of other scripts, likewise
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class _Words:
    keys: frozenset[str]
    text: str

    def hold(self, term: Term) -> bool:
        return not term.keys.isdisjoint(self.keys) or any(text in self.text for text in term.texts)


def terms_of(topic: str) -> tuple[Term, ...]:
    """What a topic is made of; nothing where it holds neither letter nor digit."""
    text = fold(topic.title()).text  # names are known by their capitals
    known = find_known(text, latin_words(text))
    names = [_name(id_) for id_ in known]
    rest = list(_words_of(_without(text, known)))
    telling = [term for term in rest if load_stopwords().isdisjoint(term.keys)]
    return tuple(dict.fromkeys((*names, *telling))) or tuple(dict.fromkeys(rest))


def relevance(terms: tuple[Term, ...], *, title: str, aside: str) -> float:
    """From 0 to 1; 1 where there is no topic.

    Args:
        terms: of the topic.
        title: of the page.
        aside: what else is known of it: its summary, the words of its address.
    """
    if not terms:
        return 1.0
    in_title, beside = _read(title), _read(aside)
    worth = sum(term.weight * (1.0 if in_title.hold(term) else _ASIDE if beside.hold(term) else 0.0) for term in terms)
    return worth / sum(term.weight for term in terms)


def _read(text: str) -> _Words:
    folded = fold(text).text
    return _Words(word_keys(latin_words(folded)), folded)


def _name(known: str) -> Term:
    forms = forms_of(known)
    latin = frozenset(bare(form) for form in forms if form.isascii())
    return Term(latin, frozenset(form for form in forms if not form.isascii()))


def _words_of(text: str) -> Iterator[Term]:
    for word in latin_words(text):
        weight = _SHORT_WEIGHT if len(word.key) <= _SHORT else 1.0
        yield Term(frozenset({word.key, singular(word.key)}), frozenset(), weight)
    for run in _UNSPACED.findall(text):
        for start in range(max(1, len(run) - 1)):
            yield Term(frozenset(), frozenset({run[start : start + 2]}))


def _without(text: str, known: Mapping[str, tuple[int, int, bool]]) -> str:
    """The text with a gap where known names stand."""
    letters = list(text)
    for start, end, _ in known.values():
        letters[start:end] = " " * (end - start)
    return "".join(letters)
