"""Whether two sentences are about the same subject: names, places, generations, how a Chinese clause begins."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from localdigest.facts.case import holds
from localdigest.facts.language import Tongue
from localdigest.facts.numerals import value_of
from localdigest.facts.tokens import Amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localdigest.facts.reading import Reading
    from localdigest.facts.tokens import Fact, Name

__all__ = ["numbers_of_names", "one_subject", "release_in", "same_bearer", "shared_names", "speakers"]

_SPEAKER = re.compile(
    r"(?:according to|told) [^,;.]{1,60}"
    r"|(?<=[,;] )[^,;]{1,60} (?:said|says|reported|reports|wrote|announced)\b[^,;]{0,40}\Z"
    r"|\A[^,;]{1,60} (?:said|says|reported|reports|wrote) that\b"
    r"|(?:據|根據)[^,;。]{1,30}(?:報導|表示|指出|統計|[,;])",
    re.IGNORECASE,
)
_VARIANT = re.compile(
    r"(?<![A-Za-z])(?:Pro|Mini|Max|Plus|Ultra|Lite|Air|Nano|Turbo|Flash|Small|Large|Medium)(?![A-Za-z])"
)
_GENERATION = re.compile(
    r"(?<![月\d一二三四五六七八九十])(?P<n>\d{1,3}|[一二三四五六七八九十]{1,3})\s?(?:代(?!表|理|價)|號(?!稱|召|碼)|型)"
)
_LETTERED = re.compile(
    r"(?<![A-Za-z])(?:Series|Phase|Class|Type|Group) ([A-Z\d]{1,2})(?![A-Za-z\d])|(?<![A-Za-z])([A-Z])\s?輪"
)
_RELEASE = re.compile(
    r"(?<![A-Za-z])(?:version|release|build) v?(?P<en>\d+(?:\.\d+)+)(?![\d.]*\d)"
    r"|(?P<zh>(?<![\d.])\d+(?:\.\d+)+)\s?版|版本\s?v?(?P<zh2>\d+(?:\.\d+)+)",
    re.IGNORECASE,
)
_PLACED = re.compile(
    r"(?:(?<![A-Za-z])(?:in|at|across|throughout|near|outside|within)(?: the)? |[在於赴])\Z", re.IGNORECASE
)
_REACH = 16
_HAN_START = re.compile(r"[^\u3400-\u9fff]*(?:[對對在於由將而其是據]\s*)?([\u3400-\u9fff]{2})")


def one_subject(one: Reading, other: Reading, clause: tuple[int, int], their_clause: tuple[int, int]) -> bool:
    """Whether nothing tells the subjects apart. That they share a name is another question."""
    if release_in(one) or release_in(other):  # a figure of one version says nothing of another
        return False
    return (
        _same_names(one, other)
        and _same_places(one, other)
        and _same_marks(one, other)
        and (_begins_within(one, other, clause, their_clause) and _begins_within(one, other, None, None))
    )


def same_bearer(one: Reading, start: int, other: Reading) -> bool:
    """Whether the other sentence holds the name that stands last before a figure, where one does.

    Of two people in one sentence each has figures of its own.
    """
    before = [name for name in _telling(one) if name.end <= start]
    if not before or one.tongue is not other.tongue:
        return True
    known = {f"={name}" for name in other.known}
    return any(key in known or holds(other.keys, key) for key in before[-1].keys)


def shared_names(one: Reading, other: Reading) -> int:
    """How many names both hold; those of countries and cities as well."""
    known = set(one.known) & set(other.known)
    return len(known) + max(_num_held(one, other, known), _num_held(other, one, known))


def _num_held(one: Reading, other: Reading, known: set[str]) -> int:
    """How many names of one the other holds, but for the known."""
    keys = {name.keys for name in _telling(one) if any(holds(other.keys, key) for key in name.keys)}
    return sum(1 for key in keys if not any(part.removeprefix("=") in known for part in key))


def release_in(reading: Reading) -> tuple[int, int] | None:
    """Where the only version number stands that is called one: `version 2.4.1`, 2.4.1 版."""
    found = [match.span(match.lastgroup or 0) for match in _RELEASE.finditer(reading.text)]
    return found[0] if len(found) == 1 else None


def numbers_of_names(reading: Reading) -> dict[str, Fact]:
    """The figures that are parts of names: 9 in `Aurelia 9`."""
    found = {}
    for name in filter(lambda name: name.strict, reading.names):
        for fact in reading.facts:
            if 0 <= fact.start - name.end <= 1 and reading.text[fact.start : fact.end].replace(".", "").isdigit():
                found[min(name.keys, key=len)] = fact
    return found


@lru_cache(maxsize=4096)
def speakers(text: str) -> tuple[tuple[int, int], ...]:
    """Where a folded text says who says it."""
    return tuple(match.span() for match in _SPEAKER.finditer(text))


def _telling(reading: Reading) -> Iterator[Name]:
    """The names that say whom a sentence is about, without those of whoever said it."""
    spans = speakers(reading.text)
    for name in reading.names:
        if name.strict and not any(start <= name.start and name.end <= end for start, end in spans):
            yield name


def _same_names(one: Reading, other: Reading) -> bool:
    """Neither names somebody in the other's place."""
    if _strangers(one, other) and _strangers(other, one):
        return False
    mine, theirs = _known(one), _known(other)
    return not (mine - theirs and theirs - mine)


def _strangers(one: Reading, other: Reading) -> bool:
    known = {f"={name}" for name in other.known}
    return any(
        not any(holds(other.keys, key) or key in known for key in name.keys) and not name.keys & _known_keys(one)
        for name in _telling(one)
    )


def _known_keys(reading: Reading) -> frozenset[str]:
    """Names that the table knows are compared by it."""
    return frozenset(f"={name}" for name in reading.known)


def _known(reading: Reading) -> set[str]:
    spans = speakers(reading.text)
    return {
        name
        for name, (start, end, place) in reading.known.items()
        if not place and not any(first <= start and end <= last for first, last in spans)
    }


def _same_places(one: Reading, other: Reading) -> bool:
    """No other places, and no place on one side that bounds what is counted."""
    mine, theirs = _places(one), _places(other)
    if mine - theirs and theirs - mine:
        return False
    return not (_bounding(one, mine - theirs) or _bounding(other, theirs - mine))


def _places(reading: Reading) -> set[str]:
    return {name for name, (_, _, place) in reading.known.items() if place}


def _bounding(reading: Reading, places: set[str]) -> bool:
    spans = (reading.known[place] for place in places)
    return any(_PLACED.search(reading.text[max(0, start - _REACH) : start]) for start, _, _ in spans)


def _same_marks(one: Reading, other: Reading) -> bool:
    """The same generations and sizes: Aurelia 9, Sable 2 Pro, 二代, Series B."""
    if set(_VARIANT.findall(one.text)) != set(_VARIANT.findall(other.text)):
        return False
    if _generations(one.text) != _generations(other.text):
        return False
    for mine, theirs in ((_letters(one.text), _letters(other.text)), (_ordinals(one), _ordinals(other))):
        if mine and theirs and mine != theirs:
            return False
    return not (_is_other_model(one, other) or _is_other_model(other, one))


def _is_other_model(one: Reading, other: Reading) -> bool:
    numbers = numbers_of_names(other)
    for key, fact in numbers_of_names(one).items():
        their = numbers.get(key)
        if their is None and key in other.keys:
            return True
        if their and one.text[fact.start : fact.end] != other.text[their.start : their.end]:
            return True
    return False


def _generations(text: str) -> set[object]:
    return {value_of(match["n"]) for match in _GENERATION.finditer(text)}


def _ordinals(reading: Reading) -> set[object]:
    """The first album and the third are two."""
    readings = (sense for fact in reading.facts for sense in fact.readings)
    return {sense.value for sense in readings if isinstance(sense, Amount) and sense.unit == "ordinal"}


def _letters(text: str) -> set[object]:
    return {one or other for one, other in _LETTERED.findall(text)}


def _begins_within(
    one: Reading, other: Reading, clause: tuple[int, int] | None, their_clause: tuple[int, int] | None
) -> bool:
    """A Chinese clause begins with its subject: what one begins with stands somewhere in the other."""
    if not one.tongue is other.tongue is Tongue.CHINESE:
        return True
    mine = _HAN_START.match(one.text, *(clause or (0, len(one.text))))
    theirs = _HAN_START.match(other.text, *(their_clause or (0, len(other.text))))
    return not mine or not theirs or mine[1] in other.text or theirs[1] in one.text
