"""What a site is to this program: which addresses it asks in place of one, and who reads the answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from urllib.parse import SplitResult

    from localdigest.parsing.parsed import Parsed, Unusable
    from localdigest.records import Page, Reason

__all__ = ["Ask", "Leads", "Plan", "Reader", "Refusal", "Site", "Step"]

#: Reads one answer. A `LookupError`, `TypeError` or `ValueError` says that it is built otherwise than expected.
Reader: TypeAlias = "Callable[[Page], Parsed | Unusable]"
#: What one answer names that is worth asking for after it; such errors say that there is nothing.
Leads: TypeAlias = "Callable[[Page], tuple[Step, ...]]"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request."""

    reader: str  #: who of the site's `readers` reads the answer
    url: str
    #: A feed or an interface that the site itself documents for programs: they need not ask robots.txt, which tells
    #: crawlers where to go. The site's own limits hold.
    for_programs: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """Asks for one thing, best first: the first whose answer can be read is taken, and no other is asked."""

    asks: tuple[Ask, ...]
    is_needed: bool = True  #: the source counts as not read without it
    what: str = ""  #: what it brings, in words: where it is not needed and cannot be had, the document says so


@dataclass(frozen=True, slots=True)
class Refusal:
    """An address of the site that nobody is asked for, since it is known that no program is answered."""

    reason: Reason
    detail: str  #: why, and what can be read instead


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for one address; the answers of all steps become one document, in their order."""

    site: Site
    steps: tuple[Step, ...]  #: none where it is refused
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """A kind of page."""

    name: str  #: a word, which stands in the manifest
    title: str  #: for people
    #: The steps for an address; `()`: it is none of this site's. Says so by the address alone, and never raises.
    steps: Callable[[SplitResult], tuple[Step, ...] | Refusal]
    readers: Mapping[str, Reader] = field(default_factory=dict)
    #: By the names of readers: what their answers lead to. Only pages of the same site are asked for, the document does
    #: not depend on them, and robots.txt has its say.
    leads: Mapping[str, Leads] = field(default_factory=dict)
    #: What a person can do where nothing of it could be read, beyond saving the page by hand.
    advice: str = ""
