"""The cue tables, compiled once: which words give away what a sentence is."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from localdigest.records import PartKey

__all__ = ["AnyOf", "Cues", "SentencePatterns", "boilerplate", "cues", "sentence_patterns"]


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


@cache
def boilerplate(language: str) -> re.Pattern[str]:
    return re.compile(
        "|".join(f"(?:{pattern})" for pattern in _table("boilerplate")[language]["patterns"]), re.IGNORECASE
    )


@cache
def sentence_patterns(language: str) -> SentencePatterns:
    table = _table("sentences")[language]
    leaning = "|".join(table[key].strip() for key in ("leaning_start", "leaning_noun") if key in table)
    return SentencePatterns(
        leaning=re.compile(_unfold(leaning), re.IGNORECASE),
        voice=re.compile(table["voice"], re.IGNORECASE),
        deictic=re.compile(table["deictic"], re.IGNORECASE),
        imperative=re.compile(table.get("imperative", _NOTHING), re.IGNORECASE),
        person=re.compile(table.get("person", _NOTHING), re.IGNORECASE),
        name_before=re.compile(table.get("name_before", _NOTHING)),
        bare_surname=re.compile(table.get("bare_surname", _NOTHING)),
    )


@cache
def cues(part: PartKey, language: str) -> Cues:
    table = _table("parts")[part.value][language]
    return Cues(*(_any_of(table.get(strength, [])) for strength in ("strong", "weak", "never")))


def _any_of(patterns: list[str]) -> AnyOf:
    return AnyOf(tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns))


def _unfold(pattern: str) -> str:
    """Patterns may be folded over lines, for readers; a line break and its indent mean nothing."""
    return re.sub(r"\n\s*", "", pattern)


@cache
def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("cues", f"{name}.toml").read_text("utf-8"))
