"""Which way a sentence points: up or down, bought or sold, approved or rejected."""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from localdigest.facts.clauses import clause_around, denies

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Sides", "opposed", "sides", "trend_near"]

_TREND = "trend"
_SUBJECT = re.compile(r"[A-ZÀ-Þ][A-Za-zÀ-ÿ0-9]{2,}|[\u3400-\u9fff]{2}")

#: Name of a pair → the first match of either side.
Sides = dict[str, tuple[re.Match[str] | None, re.Match[str] | None]]


class _Pair(NamedTuple):
    first: re.Pattern[str]
    second: re.Pattern[str]
    of_subject: bool


@lru_cache(maxsize=4096)
def sides(text: str) -> Sides:
    """For each pair of opposites the words of either side that a folded text affirms; only pairs with any."""
    found: Sides = {}
    for name, pair in _pairs().items():
        one, other = _affirmed(pair.first, text), _affirmed(pair.second, text)
        if one or other:
            found[name] = (one, other)
    return found


def opposed(claim: Sides, evidence: Sides) -> Iterator[re.Match[str]]:
    """The claim's words that the evidence has the opposites of, where neither says both."""
    for name, own in claim.items():
        word, their = _only(own), _only(evidence.get(name, (None, None)))
        if word is None or their is None or (own[0] is None) is (evidence[name][0] is None):
            continue
        if not _pairs()[name].of_subject or _same_subject(word, their):
            yield word


def trend_near(text: str, start: int, end: int) -> int:
    """1 when the clause around a figure says up, -1 for down, 0 when it says neither or both."""
    clause = clause_around(text, start, end)
    if denies(text, *clause):
        return 0
    pair = _pairs()[_TREND]
    return int(pair.first.search(text, *clause) is not None) - int(pair.second.search(text, *clause) is not None)


def _only(sides: tuple[re.Match[str] | None, re.Match[str] | None]) -> re.Match[str] | None:
    one, other = sides
    return None if one and other else one or other


def _affirmed(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The first match in a clause that denies nothing."""
    for match in pattern.finditer(text):
        if not denies(text, *clause_around(text, match.start(), match.end())):
            return match
    return None


def _same_subject(one: re.Match[str], other: re.Match[str]) -> bool:
    """Whether the sentences name the same before their verbs."""
    names = set(_SUBJECT.findall(one.string, 0, one.start()))
    return bool(names & set(_SUBJECT.findall(other.string, 0, other.start())))


@cache
def _pairs() -> dict[str, _Pair]:
    table = tomllib.loads(files(__package__).joinpath("opposites.toml").read_text("utf-8"))
    return {
        pair["name"]: _Pair(_compiled(pair["first"]), _compiled(pair["second"]), pair.get("of_subject", False))
        for pair in table["pair"]
    }


def _compiled(side: dict[str, str]) -> re.Pattern[str]:
    english = "|".join(word.replace("_", " ") for word in side["en"].split())
    return re.compile(rf"\b(?:{english})\b|{'|'.join(side['zh'].split())}", re.IGNORECASE)
