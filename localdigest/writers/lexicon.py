"""The cue tables, compiled once: which words give away what a sentence is."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from localdigest.records import PartKey

__all__ = [
    "AnyOf",
    "Cues",
    "SentencePatterns",
    "cues",
    "is_boilerplate",
    "name_edges",
    "no_tags",
    "sentence_patterns",
    "term_edges",
    "titles",
]


@dataclass(frozen=True, slots=True)
class SentencePatterns:
    """What `sentences.toml` holds for one language; a pattern that it lacks matches nothing."""

    leaning: re.Pattern[str]
    voice: re.Pattern[str]
    deictic: re.Pattern[str]
    imperative: re.Pattern[str]
    person: re.Pattern[str]
    name_before: re.Pattern[str]
    bare_surname: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Patterns of which a text may match none, some or all."""

    patterns: tuple[re.Pattern[str], ...]

    def distinct(self, text: str) -> int:
        """How many of them it matches."""
        return sum(1 for pattern in self.patterns if pattern.search(text))


@dataclass(frozen=True, slots=True)
class Cues:
    """The cues of one part of a digest in one language."""

    strong: AnyOf
    weak: AnyOf
    never: AnyOf


_NOTHING = r"(?!)"
_LEANING = ("leaning_start", "leaning_noun", "leaning_anywhere", "unnamed_speaker")  #: tables that make one pattern


@cache
def _boilerplate(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    table = _table("boilerplate")[language]
    # One test of the position before all alternatives: ten times as fast as each of them testing it.
    words = rf"(?<!\w)(?=[a-z])(?:{_either(table['words'])})"
    return re.compile(words), re.compile(_either(table["anywhere"]))


def is_boilerplate(text: str, language: str) -> bool:
    """Whether the sentence serves the site and not the story."""
    small = text.lower()
    return any(pattern.search(small) for pattern in _boilerplate(language))


@cache
def sentence_patterns(language: str) -> SentencePatterns:
    table = _table("sentences")[language]
    leaning = "|".join(table[key].strip() for key in _LEANING if key in table)
    return SentencePatterns(
        leaning=re.compile(_unfold(leaning), re.IGNORECASE),
        voice=re.compile(table["voice"], re.IGNORECASE),
        deictic=re.compile(table["deictic"], re.IGNORECASE),
        imperative=re.compile(_unfold(table.get("imperative", _NOTHING)), re.IGNORECASE),
        person=re.compile(table.get("person", _NOTHING), re.IGNORECASE),
        name_before=re.compile(table.get("name_before", _NOTHING)),
        bare_surname=re.compile(table.get("bare_surname", _NOTHING)),
    )


@cache
def cues(part: PartKey, language: str) -> Cues:
    table = _table("parts")[part.value][language]
    return Cues(*(_any_of(table.get(strength, [])) for strength in ("strong", "weak", "never")))


@cache
def no_tags(language: str) -> frozenset[str]:
    """Words that name nothing by themselves."""
    return frozenset(_table("tags")[language]["never"].split())


@cache
def titles() -> frozenset[str]:
    """Words before a person's name that are no part of it."""
    return frozenset(_table("tags")["en"]["titles"].split())


@cache
def name_edges() -> frozenset[str]:
    """Words at the edge of a run of capitalised words that are no part of the name."""
    return frozenset(_table("tags")["en"]["edge"].split())


@cache
def term_edges() -> tuple[frozenset[str], frozenset[str]]:
    """Characters with which no Chinese term begins, and those with which none ends."""
    table = _table("tags")["zh"]
    return frozenset(table["edge"]), frozenset(table["edge"] + table["last"])


def _either(patterns: list[str]) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns) or _NOTHING


def _any_of(patterns: list[str]) -> AnyOf:
    return AnyOf(tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns))


def _unfold(pattern: str) -> str:
    """Patterns may be folded over lines, for readers; a line break and its indent mean nothing."""
    return re.sub(r"\n\s*", "", pattern)


@cache
def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("cues", f"{name}.toml").read_text("utf-8"))
