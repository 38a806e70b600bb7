"""One sentence with everything in it that can be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.facts.aliases import find_known
from localdigest.facts.amounts import find_amounts
from localdigest.facts.dates import find_dates
from localdigest.facts.fold import Folded, fold, squeeze
from localdigest.facts.language import Tongue, tongue_of
from localdigest.facts.names import find_names
from localdigest.facts.people import find_chinese_names
from localdigest.facts.quotations import find_quotations
from localdigest.facts.stems import stem
from localdigest.facts.words import Word, latin_words, word_keys
from localdigest.text.tokens import content_tokens

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from localdigest.facts.tokens import Fact, Name, Quotation
    from localdigest.records import Language

__all__ = ["Reading", "read"]

_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'「」，。；]{1,2000}|[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+", re.IGNORECASE
)
_LETTER = "A-Za-zÀ-ÖØ-öø-ɏ"
#: A name with figures in it, none of which is an amount: GPT-4o, 8x7B, H100, v0.3, 1.2.3, Covid-19.
_IDENTIFIER = re.compile(
    rf"(?<![{_LETTER}\d.])(?:"
    rf"\d+x\d+[{_LETTER}]*"
    rf"|v\d+(?:\.\d+)*[a-z]?|\d+\.\d+(?:\.\d+)+"
    rf"|[A-ZÀ-Þ][{_LETTER}]*-\d+(?:\.\d+)?(?:[-.]?[{_LETTER}\d]+)*"
    rf"|[{_LETTER}]+\d[{_LETTER}\d.]*(?:-[{_LETTER}\d]+)*"
    rf"|\d+[{_LETTER}]+\d[{_LETTER}\d]*"
    rf"|\d+[GD](?![{_LETTER}\d])"
    rf"|\d+[a-zA-Z]{{4,}}"
    rf")(?![{_LETTER}\d])"
)
_NO_IDENTIFIER = re.compile(r"(?:Q[1-4]|H[12]|FY|US|NT|HK|AU|CA)\$?\d*$|[A-Z]?[a-z]+-(?:19|20)\d\d$", re.IGNORECASE)
_AMOUNT_LIKE = re.compile(
    r"\d+(?:mins?|hours?|years?|days?|times|percent|million|billion|trillion|thousand|fold)$|(?:usd|eur|gbp|twd|ntd|jpy|cny|rmb|chf)\d",
    re.IGNORECASE,
)

_LONGEST = 8_000  #: characters of a sentence; the splitter cuts long before
_MOST_FACTS = 300  #: figures and dates of a sentence: comparing takes the product of two such counts


@dataclass(frozen=True, slots=True)
class Reading:
    """What `read` finds in a sentence."""

    folded: Folded
    tongue: Tongue
    squeezed: str  #: letters and digits alone
    words: tuple[Word, ...]
    keys: frozenset[str]  #: what its Latin names and terms can be matched with
    names: tuple[Name, ...]
    chinese_names: tuple[tuple[int, int], ...]  #: spans
    known: Mapping[str, tuple[int, int, bool]]  #: names of `aliases.toml`, with their places
    facts: tuple[Fact, ...]  #: figures and dates, in order
    quotations: tuple[Quotation, ...]
    terms: frozenset[str]  #: words that carry meaning, without their endings
    published: dt.date | None
    overlong: bool = False  #: it is no sentence: only its beginning was read

    @property
    def text(self) -> str:
        return self.folded.text


def read(text: str, *, published: dt.date | None = None, language: Language | None = None) -> Reading:
    """Reads a sentence; `published` is the day that its relative dates start from."""
    folded = fold(text)
    plain = folded.text[:_LONGEST]
    tongue = tongue_of(plain, language)
    words = latin_words(plain)
    names = find_names(plain, words, spaced=tongue is not Tongue.CHINESE)
    taken = bytearray(len(plain))
    for start, end in _identifiers(plain):
        taken[start:end] = b"\1" * (end - start)
    dates = find_dates(plain, taken=taken, published=published)
    facts = sorted([*dates, *find_amounts(plain, taken=taken, published=published)], key=lambda fact: fact.start)
    return Reading(
        folded=folded,
        tongue=tongue,
        squeezed=squeeze(folded.text),
        words=tuple(words),
        keys=word_keys(words),
        names=_outside(names, facts, len(plain)),
        chinese_names=() if plain.isascii() else tuple(find_chinese_names(plain)),
        known=find_known(plain, words),
        facts=tuple(facts[:_MOST_FACTS]),
        quotations=tuple(find_quotations(plain)),
        terms=frozenset(map(stem, content_tokens(_without(plain, facts)))),
        published=published,
        overlong=len(folded.text) > _LONGEST or len(facts) > _MOST_FACTS,
    )


def _identifiers(text: str) -> list[tuple[int, int]]:
    spans = [match.span() for match in _ADDRESS.finditer(text)]
    names = (match for match in _IDENTIFIER.finditer(text) if not _is_amount(match[0]))
    return [*spans, *(match.span() for match in names)]


def _is_amount(text: str) -> bool:
    """Whether figures and letters in one word are a date or an amount: `Q3`, `mid-2025`, `30mins`."""
    return (_NO_IDENTIFIER.match(text) or _AMOUNT_LIKE.match(text)) is not None


def _without(text: str, facts: Iterable[Fact]) -> str:
    """The text with blanks for its figures and dates, which are compared by themselves."""
    parts: list[str] = []
    at = 0
    for fact in facts:
        parts += [text[at : fact.start], " "]
        at = max(at, fact.end)
    return "".join([*parts, text[at:]])


def _outside(names: Iterable[Name], facts: Iterable[Fact], length: int) -> tuple[Name, ...]:
    """The names that are no part of a figure or a date: not `December`, not `14B`."""
    mask = bytearray(length)
    for fact in facts:
        mask[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
    return tuple(name for name in names if not any(mask[name.start : name.end]))
