"""Names in Latin letters: runs of capitalised words that are not merely beginnings of sentences."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from localdigest.records import Document, Role
from localdigest.text.stopwords import load_function_words, load_stopwords
from localdigest.text.tokens import han_share
from localdigest.writers.lexicon import name_edges, no_tags, titles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["names_of", "small_words", "with_full_names"]

_READABLE = frozenset({Role.TEXT, Role.ITEM, Role.QUOTE})
_CAPITAL = r"[A-Z][A-Za-z0-9À-ÿ]*(?:[-’'.&+][A-Za-z0-9À-ÿ]+)*\+*"
_INNER = r"[a-z]+[A-Z][A-Za-z0-9]*"  # iPhone
_NAME = re.compile(rf"(?<![\w@#/.-])(?:{_CAPITAL}|{_INNER})(?: (?:{_CAPITAL}|{_INNER}|\d+(?:\.\d+)?(?![\w.,%])))*")
_LOWER = re.compile(r"(?<![\w'’-])[a-z]{2,}")
_MOST_WORDS = 4  #: a longer run is a heading
_ONCE_IN = 0.25  #: a word that is written small more often than this is no name
_LETTERS = 2


def small_words(documents: Iterable[Document]) -> Counter[str]:
    """The words that are written in small letters somewhere, and how often: they are no names by themselves."""
    return Counter(word for document in documents for text in _texts(document) for word in _LOWER.findall(text))


def names_of(document: Document, small: Mapping[str, int]) -> Counter[str]:
    """The names in a document's running text with their mentions; a surname counts for the full name."""
    texts = _texts(document)
    found: Counter[str] = Counter()
    inside: Counter[str] = Counter()  # not at the start of a sentence, where every word is a name
    for text in texts:
        for name, first in _runs(text, small):
            found[name] += 1
            inside[name] += not first
    kept = Counter({name: count for name, count in found.items() if _is_name(name, count, inside[name], small)})
    return _with_short_forms(kept)


def _texts(document: Document) -> list[str]:
    return [sentence.text for sentence in document.sentences if sentence.role in _READABLE]


def _runs(text: str, small: Mapping[str, int]) -> Iterator[tuple[str, bool]]:
    """Each run without the stop words at its edges, and whether it begins the sentence."""
    edges = load_function_words("en") | name_edges()
    if han_share(text) == 0 and _is_heading(text):
        return
    for match in _NAME.finditer(text):
        words = match.group().split(" ")
        first = not any(letter.isalnum() for letter in text[: match.start()])
        titled = max((place for place, word in enumerate(words) if _bare(word) in titles()), default=-1)
        if titled >= 0:
            words, first = words[titled + 1 :], False
        if first and len(words) > 1 and _bare(words[0]) in small:
            words = words[1:]  # "Take Mixtral"
        while words and _bare(words[0]) in edges:
            words, first = words[1:], False
        while words and _bare(words[-1]) in edges:
            words = words[:-1]
        name = " ".join(words).removesuffix("'s").removesuffix("’s").rstrip(".'’")
        if words and len(words) <= _MOST_WORDS and len(name) >= _LETTERS and not _says_nothing(name):
            yield name, first


def _says_nothing(name: str) -> bool:
    """A common word, a number, or two letters that are no abbreviation."""
    bare = _bare(name)
    is_word = bare in no_tags("en") or bare in load_stopwords()
    return is_word or not name[0].isalpha() or (len(name) == _LETTERS and not name.isupper())


def _bare(word: str) -> str:
    return word.casefold().replace("’", "'").removesuffix("'s").rstrip(".")


def _is_heading(text: str) -> bool:
    words = [word for word in text.split() if word[:1].isalpha()]
    return sum(word[0].isupper() for word in words) > len(words) / 2 + 1


def _is_name(name: str, count: int, inside: int, small: Mapping[str, int]) -> bool:
    if inside == 0 and " " not in name:
        return False
    if " " in name or not name.isalpha() or name.isupper():
        return True
    return small.get(name.casefold(), 0) <= _ONCE_IN * count


def with_full_names(mentions: Sequence[Counter[str]]) -> list[Counter[str]]:
    """Give "Schiff" to "Adam Schiff" in all documents, where all together name only one Schiff."""
    full: defaultdict[str, set[str]] = defaultdict(set)
    for name in {name for found in mentions for name in found if " " in name}:
        short = name.rsplit(" ", 1)[1]
        if _is_full(name, short):
            full[short].add(name)
    only = {short: min(names) for short, names in full.items() if len(names) == 1}
    return [_renamed(found, only) for found in mentions]


def _renamed(found: Counter[str], names: Mapping[str, str]) -> Counter[str]:
    result: Counter[str] = Counter()
    for name, count in found.items():
        result[names.get(name, name)] += count
    return result


def _with_short_forms(names: Counter[str]) -> Counter[str]:
    """Give the mentions of "Webb" to "Michael Webb", where the document names only one Webb."""
    result = Counter(names)
    for short in [name for name in names if " " not in name]:
        longer = [name for name in names if _is_full(name, short)]
        if len(longer) == 1:
            result[longer[0]] += result.pop(short)
    return result


def _is_full(name: str, short: str) -> bool:
    """Whether a surname may stand for a name; "California" does not stand for "Southern California"."""
    first, _, rest = name.rpartition(" ")
    return rest == short and first != "" and _bare(first.split(" ")[0]) not in no_tags("en")
