"""Whether two clauses have different words in one place: `exports grew` and `the economy grew` are of two things."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localdigest.facts.language import Tongue
from localdigest.facts.measures import measured_spans, neutral_spans
from localdigest.facts.patterns import word_set
from localdigest.facts.stems import stem
from localdigest.facts.subjects import speakers
from localdigest.text.scripts import HAN
from localdigest.text.stopwords import load_function_words, load_stopwords

if TYPE_CHECKING:
    from localdigest.facts.reading import Reading

__all__ = ["narrowed", "substituted"]

_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏ][A-Za-zÀ-ÖØ-öø-ɏ0-9']*")
_STRETCHES = word_set("day days week weeks weekend month months quarter season year years")
_HAN_FUNCTION = frozenset("於在以由對与與和也是為至到等及或且而其此該這那有被遭把將就向從自因使讓")
_LIMIT = re.compile(
    r"(?: [a-z'-]+){0,2}? (?:in|at|among|of|with|aged|under|inside|to|for)(?: (?:the|its|their|his|her|an?))?"
    r"(?P<limit>(?: [\w'-]+){1,2})"
)
_NEXT = re.compile(r"(?P<limit> [a-z][\w'-]+)")
_HAN_ALONE = re.compile(f"(?<![{HAN}])[{HAN}](?![{HAN}])")
_HAN = re.compile(f"[{HAN}]")
_HAN_RUN = re.compile(f"[{HAN}]{{2,}}")


def substituted(one: Reading, clause: tuple[int, int], other: Reading, their_clause: tuple[int, int]) -> bool:
    """Whether each clause says something that the other sentence does not, in any word for it.

    What only one of them adds is a detail. What each has for itself may be what tells their figures apart.
    """
    if one.tongue is not other.tongue:
        return False
    mine, theirs = _own_words(one, clause, other), _own_words(other, their_clause, one)
    if one.tongue is not Tongue.CHINESE or (mine and theirs):
        return mine and theirs
    alone, their_alone = _left_alone(one, clause, other), _left_alone(other, their_clause, one)
    if (mine and their_alone) or (theirs and alone):
        return True
    return any(alone[follower] != their_alone[follower] for follower in alone.keys() & their_alone.keys())


def narrowed(one: Reading, clause: tuple[int, int], at: int, other: Reading) -> bool:
    """Whether words right behind a figure say of which part it is: `700 people in the old town`."""
    if one.tongue is not Tongue.ENGLISH or one.tongue is not other.tongue:
        return False
    spans = [match.span("limit") for pattern in (_LIMIT, _NEXT) if (match := pattern.match(one.text, at, clause[1]))]
    return any(_own_words(one, span, other) for span in spans)


def _left_alone(one: Reading, clause: tuple[int, int], other: Reading) -> dict[str, str]:
    """Single characters that are left of a clause, by the one that follows each."""
    rest = _rest(one, clause, other)
    return {
        one.text[clause[0] + match.end()]: match[0]
        for match in _HAN_ALONE.finditer(rest)
        if match[0] not in _HAN_FUNCTION and _HAN.match(one.text, clause[0] + match.end(), clause[1])
    }


def _own_words(one: Reading, clause: tuple[int, int], other: Reading) -> bool:
    text = _rest(one, clause, other)
    if one.tongue is Tongue.CHINESE:
        return _HAN_RUN.search(text) is not None
    theirs = {stem(word) for word in _WORD.findall(other.text)}
    plain = (load_function_words("en") | load_stopwords()) - _STRETCHES
    words = (word.casefold().removesuffix("'s") for word in _WORD.findall(text))
    return any(len(word) > 1 and word not in plain and stem(word) not in theirs for word in words)


def _rest(one: Reading, clause: tuple[int, int], other: Reading) -> str:
    """The clause without what is compared elsewhere: figures, names, who says it, words of a shared measure."""
    start, end = clause
    covered = [(fact.start, fact.end) for fact in one.facts]
    covered += [(name.start, name.end) for name in one.names if name.strict]
    covered += [(first, last) for first, last, _ in one.known.values()]
    covered += speakers(one.text)
    covered += neutral_spans(one.text)
    shared = {name for _, _, name in measured_spans(other.text)}
    covered += [(first, last) for first, last, name in measured_spans(one.text) if name in shared]
    if one.tongue is Tongue.CHINESE:
        covered += [(at, at + 2) for at in range(start, end - 1) if one.text[at : at + 2] in other.text]
    marks = bytearray(len(one.text))
    for first, last in covered:
        marks[first:last] = b"\1" * (last - first)
    return "".join(" " if marks[at] else one.text[at] for at in range(start, end))
