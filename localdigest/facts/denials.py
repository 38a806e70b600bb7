"""What a sentence denies."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from localdigest.facts.clauses import ENGLISH_NOT, HAN_NOT, clause_around, denies
from localdigest.facts.patterns import word_set
from localdigest.facts.stems import stem

__all__ = ["Denials", "affirms", "denials"]

_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
_REACH = 4  #: words after a negation that it can deny
_SPAN = 60  #: characters in which they stand
_HELPERS = word_set(
    "a an the to be been being have has had do does did will would can could should may might must yet ever any so as"
    " of in on at by for from with it its that this is are was were also all always even immediately currently plan"
    " plans planned intend want expect expected going make made take give say said"
)
_HAN_HELPERS = re.compile(
    "(?:再|有|會|会|能|將|将|被|要|想|打算|計畫|计划|必|需要|需|可以|可|得|願意|願|愿意|准|因此|因為|立即|直接|繼續|继续|完全"
    "|對|对|把|在|為|任何|正式|就)+"
)
_HAN_RUN = re.compile(r"[\u3400-\u9fff]{1,12}")
_OCCURRENCES = 20  #: of a term that are looked at


class Denials(NamedTuple):
    """What is denied (stems of words, or pairs of characters), and whether anything is."""

    terms: frozenset[str]
    any: bool


@lru_cache(maxsize=4096)
def denials(text: str) -> Denials:
    """What a folded sentence denies: the first telling word after each negation."""
    terms: set[str] = set()
    found = False
    for match in ENGLISH_NOT.finditer(text):
        found = True
        words = _WORD.findall(text, match.end(), match.end() + _SPAN)[:_REACH]
        terms.update(islice((stem(word) for word in words if word.lower() not in _HELPERS), 1))
    for match in () if text.isascii() else HAN_NOT.finditer(text):
        found = True
        if run := _HAN_RUN.match(text, match.end()):
            helpers = _HAN_HELPERS.match(run[0])
            start = helpers.end() if helpers else 0
            terms.add(run[0][start : start + 2])
    return Denials(frozenset(term for term in terms if len(term) > 1), found)


def affirms(text: str, term: str) -> bool:
    """Whether a clause of a folded text says a term without denying anything."""
    pattern = rf"(?<![A-Za-z]){re.escape(term)}" if term.isascii() else re.escape(term)
    return any(
        not denies(text, *clause_around(text, match.start(), match.end()))
        for match in islice(re.finditer(pattern, text, re.IGNORECASE), _OCCURRENCES)
    )
