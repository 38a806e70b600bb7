"""Names of a claim: does the evidence name them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from localdigest.facts.case import holds
from localdigest.facts.check_figures import shares_figure
from localdigest.facts.fold import squeeze
from localdigest.facts.language import Tongue
from localdigest.facts.tokens import Kind
from localdigest.facts.words import bare

if TYPE_CHECKING:
    from localdigest.facts.case import Case
    from localdigest.facts.reading import Reading
    from localdigest.facts.tokens import Name

__all__ = ["check_names"]

_NOT_NAMED = "the evidence does not name it"
_NAME_MERIT = 0.5  #: of a sentence that holds a name, where one with a figure has 1
_KNOWN_TELLS = 0.5  #: a country or a large company stands in many sentences


def check_names(case: Case) -> None:
    """Notes what is found and what is missing: in Latin letters, among the known names, in Chinese."""
    for name in case.claim.names:
        if any(holds(case.keys, key) for key in name.keys):
            bearers = [r for r in case.evidence if any(holds(r.keys, key) for key in name.keys)]
            case.bear_out(float(name.strict), bearers=bearers, merit=_NAME_MERIT)
            _check_version(case, name)
        else:
            _miss(case, name)
    _check_known(case)
    _check_chinese(case)


def _miss(case: Case, name: Name) -> None:
    search = case.search
    if search and name.keys & search.keys and not _is_swapped(case, name):
        case.open += not name.keys & search.near
    elif not name.strict:
        case.open += case.claim.tongue is Tongue.ENGLISH and not case.same_language
    elif Tongue.OTHER in (case.claim.tongue, *case.tongues):
        case.open += 1
    elif _could_stand_there(case) or _is_swapped(case, name):
        case.offend(name.start, name.end, Kind.NAME, _NOT_NAMED)
    else:
        case.open += 1  # perhaps it is translated


def _could_stand_there(case: Case) -> bool:
    """Whether the evidence would have the name in Latin letters: English has, and Chinese where Chinese quotes it."""
    return Tongue.ENGLISH in case.tongues or not case.tongues or case.claim.tongue is Tongue.CHINESE


def _is_swapped(case: Case, name: Name) -> bool:
    """Whether the evidence has another Latin name that the claim leaves out; what a search found must be alike, too."""
    own = frozenset(word.key for word in case.claim.words).union(*(other.keys for other in case.claim.names))
    near: list[Reading] = case.evidence
    if case.search:
        near = [r for r in near[:1] if case.speaks_of_the_same(r) or shares_figure(case, r)]
    return name.strict and any(other.strict and not other.keys & own for reading in near for other in reading.names)


def _check_version(case: Case, name: Name) -> None:
    """`Llama 3.2` needs a `Llama 3.2`, where the evidence has a Llama of some number."""
    text = case.claim.text
    follower = next((fact for fact in case.claim.facts if 0 < fact.start - name.end <= 1 and fact.checked), None)
    if follower is None or not text[follower.start : follower.end].replace(".", "").isdigit():
        return
    head, wanted = bare(text[name.start : name.end]), bare(text[name.start : follower.end])
    if any(key.startswith(wanted) for key in case.keys):
        return
    if any(key.startswith(head) and key[len(head) :].isdigit() for key in case.keys):
        written = case.claim.folded.written(name.start, name.end)
        case.offend(follower.start, follower.end, Kind.NUMBER, f"the evidence has {written} of another number")


def _check_known(case: Case) -> None:
    """Names that are translated: one in the place of another of its kind is wrong, where the language is the same."""
    said = {known for reading in case.evidence for known in reading.known}
    for known, (start, end, is_place) in case.claim.known.items():
        if known in said:
            case.bear_out(_KNOWN_TELLS)
            continue
        rivals = {
            other
            for reading in case.evidence
            for other, (_, _, place) in reading.known.items()
            if place is is_place and other not in case.claim.known
        }
        if rivals and case.same_language and not _stands_as_written(case, start, end):
            case.offend(start, end, Kind.NAME, f"the evidence has {', '.join(sorted(rivals))}")


def _stands_as_written(case: Case, start: int, end: int) -> bool:
    text = case.claim.text[start:end].casefold()
    return any(text in reading.text.casefold() for reading in case.evidence)


def _check_chinese(case: Case) -> None:
    """Names in Chinese are looked for in Chinese evidence only: elsewhere they are translated."""
    if case.tongues != {Tongue.CHINESE}:
        return
    together = "".join(reading.squeezed for reading in case.evidence)
    for start, end in case.claim.chinese_names:
        if squeeze(case.claim.text[start:end]) not in together:
            case.offend(start, end, Kind.NAME, _NOT_NAMED)
