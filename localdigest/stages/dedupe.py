"""One Document for each text: the same address, the same words, or a syndicated copy; and the numbers of the run."""

from __future__ import annotations

import hashlib
import re
from array import array
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from localdigest.origin import origin_of
from localdigest.records import Document, DocumentKind, Source
from localdigest.text import CopyFinder, containment, resemblance, shared, shingles, sketch, tokens
from localdigest.urls import canonical_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["dedupe"]

# Tried on the real news pages beside this repository (no two of them merge) and on copies of them with paragraphs cut,
# added and reworded (all do). Retune when the extractor changes what it keeps of a page.
_SAME_TEXT = 0.7  #: resemblance of two addresses' texts that are one text
_SAME_TEXT_ON_SITE = 0.85  #: pages of one site share furniture and templates: ask for more
_STUB = 0.8  #: how much of a short text must stand in the long one
_STUB_SHINGLES = 12  #: a shorter text is too little to tell
_SAME_NUMBERS = 0.75  #: how many of the shorter text's numbers the other must hold: figures tell templates apart
_WHOLE = 0.8  #: a copy this long, beside the longest, is whole

_NUMBER = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class _Text:
    """A document with what is compared of it, packed: of thousands of texts few are ever compared in full."""

    document: Document
    address: str
    site: str
    num_words: int
    words: bytes  #: a digest of all of them, in order
    packed: array[int]  #: the shingles
    numbers: frozenset[str]

    @property
    def shingles(self) -> frozenset[int]:
        return frozenset(self.packed)

    @property
    def order(self) -> tuple[int, str, str]:
        """Longest first, so that whatever is contained in another finds it."""
        return (-self.num_words, self.address, self.document.text)


def dedupe(documents: Iterable[Document]) -> tuple[Document, ...]:
    """Merge what is the same text and number the rest from 1, newest first; the order of input does not matter."""
    groups = _groups(sorted(map(_read, documents), key=lambda text: text.order))
    merged = sorted(map(_merge, groups), key=_run_order)
    return tuple(replace(document, number=number) for number, document in enumerate(merged, start=1))


def _read(document: Document) -> _Text:
    words = tokens(document.text)
    return _Text(
        document=document,
        address=canonical_url(document.url),
        site=origin_of(document),
        num_words=len(words),
        words=hashlib.blake2b("\0".join(words).encode("utf-8", "surrogatepass"), digest_size=16).digest(),
        packed=array("I", shingles(words)),
        numbers=frozenset(word for word in words if _NUMBER.match(word)),
    )


def _groups(texts: Sequence[_Text]) -> list[list[_Text]]:
    """Each text joins the first and longest one that it copies, else it leads a group of its own."""
    by_address: dict[str, int] = {}
    by_words: dict[bytes, int] = {}
    leaders = CopyFinder(shared(sketch(text.packed) for text in texts))
    groups: list[list[_Text]] = []
    for text in texts:
        group = by_address.get(text.address) if text.address else None
        if group is None and text.num_words:
            group = by_words.get(text.words)
        if group is None:
            group = next((key for key in leaders.near(text.packed) if _is_copy(text, groups[key][0])), None)
        if group is None:
            group = len(groups)
            groups.append([])
            leaders.add(group, text.packed)
        groups[group].append(text)
        by_address.setdefault(text.address, group)
        by_words.setdefault(text.words, group)
    return groups


def _is_copy(text: _Text, longer: _Text) -> bool:
    if not _numbers_agree(text, longer):
        return False
    least = _SAME_TEXT_ON_SITE if text.site == longer.site else _SAME_TEXT
    own, others = text.shingles, longer.shingles
    return resemblance(own, others) >= least or _is_stub(text, longer, containment(own, others))


def _is_stub(text: _Text, longer: _Text, contained: float) -> bool:
    """A listing holds the beginnings of many articles and is a copy of none."""
    return (
        text.site != longer.site
        and longer.document.kind is not DocumentKind.INDEX
        and len(text.packed) >= _STUB_SHINGLES
        and contained >= _STUB
    )


def _numbers_agree(text: _Text, longer: _Text) -> bool:
    shared = len(text.numbers & longer.numbers)
    return shared >= _SAME_NUMBERS * len(text.numbers)


def _merge(group: Sequence[_Text]) -> Document:
    """The best of a group, with what it lacks from the others and the sources of all."""
    longest = max(text.num_words for text in group)
    documents = [text.document for text in sorted(group, key=lambda text: _quality(text, longest))]
    best = documents[0]
    dated = min((d for d in documents if d.published), key=lambda d: d.published, default=best)
    return replace(
        best,
        title=_first(documents, lambda d: d.title),
        byline=_first(documents, lambda d: d.byline),
        published=best.published or dated.published,
        published_by=best.published_by if best.published else dated.published_by,
        sources=_all_sources(documents),
    )


def _quality(text: _Text, longest: int) -> tuple[bool, bool, bool, bool, str, int, str, str]:
    """Whole before cut, the page before its feed, titled and dated before not, the earliest before its copies."""
    document = text.document
    return (
        text.num_words < _WHOLE * longest,
        document.from_feed,
        not document.title,
        not document.published,
        document.published,
        -text.num_words,
        text.address,
        document.text,
    )


def _first(documents: Sequence[Document], field: Callable[[Document], str]) -> str:
    return next((field(document) for document in documents if field(document)), "")


def _all_sources(documents: Sequence[Document]) -> tuple[Source, ...]:
    return tuple(dict.fromkeys(source for document in documents for source in document.sources))


def _run_order(document: Document) -> tuple[bool, tuple[int, ...], str, str]:
    """Newest day first, then by address; what has no date comes last."""
    day = document.published[:10]
    return (not day, tuple(-ord(letter) for letter in day), canonical_url(document.url), document.text)
