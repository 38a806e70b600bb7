"""Tells nothing twice: what the earlier digests of a topic told is left out.

documents + past ─leave_out─▶ documents with what is old in them marked; a failure for each source that has nothing new
manifest + documents ─to_remember─▶ what the digests after this one go by

A document is *covered* once a digest has cited anything of it. From then on all its sentences are old, told or not;
of any other document those are old that a digest has cited.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from localdigest.history import PastDigest, PastDocument, PastStory
from localdigest.records import Document, Failure, Part, Reason, SectionKey
from localdigest.text.sentence_keys import sentence_key
from localdigest.urls import canonical_url
from localdigest.values import is_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from localdigest.manifest import Manifest

__all__ = ["Fresh", "leave_out", "to_remember"]

_COPY = 0.6  #: a text of which so much stands in a covered one is a copy of it, wherever it is published, …
_COPY_SENTENCES = 4  #: … if it shares this many sentences: every page has some that stand everywhere


@dataclass(frozen=True, slots=True)
class Fresh:
    """What there is to tell."""

    documents: tuple[Document, ...]
    failures: tuple[Failure, ...]  #: one for each source of a document that has nothing new


def leave_out(documents: Sequence[Document], past: Sequence[PastDigest]) -> Fresh:
    """The documents that have something new, numbered anew in their order; without a past they are as they were."""
    if not past:
        return Fresh(tuple(documents), ())
    keys = [[sentence_key(sentence.text) for sentence in document.sentences] for document in documents]
    memory = _Memory(past, wanted=frozenset(key for each in keys for key in each))
    kept: list[Document] = []
    failures: list[Failure] = []
    for document, own in zip(documents, keys, strict=True):
        dates = memory.dates(document, own)
        told, seen = tuple(index for index, date in enumerate(dates) if date), max(dates, default="")
        if told and len(told) == len(document.sentences):
            detail = f"the digest of {seen} covers it, and nothing in it is new"
            named = (replace(source, title=source.title or document.title) for source in document.sources)
            failures += [Failure(source, Reason.COVERED, detail, seen=seen) for source in named]
        else:
            kept.append(replace(document, number=len(kept) + 1, told=told, seen=seen))
    return Fresh(tuple(kept), tuple(failures))


class _Memory:
    """Sentences by what they are known by, with the latest digest that told them; of years of them those wanted now."""

    def __init__(self, past: Iterable[PastDigest], *, wanted: frozenset[str]) -> None:
        self._told: dict[str, str] = {}
        self._covered: defaultdict[str, dict[str, str]] = defaultdict(dict)  #: by address
        self._holders: defaultdict[str, set[str]] = defaultdict(set)  #: addresses by sentence
        for digest in sorted(past, key=lambda digest: digest.date):
            self._told |= dict.fromkeys(wanted.intersection(digest.told.split()), digest.date)
            for document in digest.documents:
                keys = wanted.intersection(document.keys.split())
                for address in document.addresses:
                    self._covered[address] |= dict.fromkeys(keys, digest.date)
                for key in keys:
                    self._holders[key].update(document.addresses[:1])

    def dates(self, document: Document, keys: Sequence[str]) -> tuple[str, ...]:
        """For each sentence the latest digest that told it; empty: it is new."""
        before = self._before(document, keys)
        return tuple(max(before.get(key, ""), self._told.get(key, "")) for key in keys)

    def _before(self, document: Document, keys: Sequence[str]) -> Mapping[str, str]:
        """The sentences of what it was when it was covered, or of the covered text that it is a copy of."""
        found: dict[str, str] = {}
        for address in _addresses(document):
            found |= self._covered.get(address, {})
        if found:
            return found
        shared = Counter(holder for key in set(keys) for holder in self._holders.get(key, ()))
        for address, count in sorted(shared.items(), key=lambda item: (-item[1], item[0]))[:1]:
            if count >= max(_COPY_SENTENCES, _COPY * len(set(keys))):
                return self._covered[address]
        return {}


def _addresses(document: Document) -> tuple[str, ...]:
    """Its own first, then those of its copies; the path of a file says nothing without its folder."""
    urls = (document.url, *(source.locator for source in document.sources if is_url(source.locator)))
    return tuple(dict.fromkeys(filter(None, map(canonical_url, urls))))


# ── what the next digests go by ──────────────────────────────────────────────────────────────────────────────────────


def to_remember(manifest: Manifest, documents: Iterable[Document], *, series: str) -> PastDigest:
    """What a digest told.

    Args:
        manifest: of the digest.
        documents: that it was made of.
        series: that it belongs to.
    """
    texts = {evidence.id: evidence.text for evidence in manifest.evidence}
    cited = {evidence.document for evidence in manifest.evidence}
    items = [part for section in manifest.digest.sections if section.key is SectionKey.NEWS for part in section.parts]
    return PastDigest(
        series=series,
        slug=manifest.slug,
        topic=manifest.topic,
        date=manifest.date,
        stories=tuple(_story(part, texts) for part in items),
        documents=tuple(
            PastDocument(_addresses(document), _keys(document) if f"D{document.number}" in cited else "")
            for document in documents
        ),
        told=" ".join(sorted(set(map(sentence_key, texts.values())))),
        tags=manifest.digest.tags,
        sources=manifest.counts.read,
    )


def _story(part: Part, texts: Mapping[str, str]) -> PastStory:
    ids = dict.fromkeys(id_ for statement in part.statements for id_ in statement.evidence)
    return PastStory(part.headline.text if part.headline else "", tuple(texts[id_] for id_ in ids), part.seen)


def _keys(document: Document) -> str:
    return " ".join(dict.fromkeys(sentence_key(sentence.text) for sentence in document.sentences))
