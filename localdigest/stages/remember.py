"""Tells nothing twice: what the earlier digests of a topic told is left out, and what of a story is new is marked.

documents + past ─leave_out─▶ documents with what is old in them marked; a failure for each source that has nothing new
digest + documents + past ─mark─▶ digest, whose items know when their story was told before
manifest + documents ─to_remember─▶ what the digests after this one go by

A document is *covered* once a digest has cited anything of it. From then on all its sentences are old, told or not;
of any other document those are old that a digest has cited.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from localdigest.history import PastDigest, PastDocument, PastStory
from localdigest.records import Digest, Document, Failure, Part, Reason, SectionKey
from localdigest.text import Weights, content_tokens, cosine, quantities
from localdigest.text.sentence_keys import sentence_key
from localdigest.urls import canonical_url
from localdigest.values import is_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from localdigest.manifest import Manifest

__all__ = ["Fresh", "leave_out", "mark", "to_remember"]

_COPY = 0.6  #: a text of which so much stands in a covered one is a copy of it, wherever it is published, …
_COPY_SENTENCES = 4  #: … if it shares this many sentences: every page has some that stand everywhere
_SAME_PAGE = 0.2  #: a page of which less is old is another text under the old address, such as a front page

# Set on two days of made stories of one topic, English and Chinese, in runs of usual size: of those that go on 92 % are
# recognised, and none that is new is taken for another. Of real pages on all subjects what is as alike tells one event.
_SAME_STORY = 0.25  #: likeness of two items that tell one story
_SAME_FIGURES, _LIKE = 2, 0.04  #: figures in common that show it across languages, with a name or two
_STORY_DAYS = 28  #: a story that was told longer ago is told anew, unless a page or its headline is the same


@dataclass(frozen=True, slots=True)
class Fresh:
    """What there is to tell."""

    documents: tuple[Document, ...]
    failures: tuple[Failure, ...]  #: one for each source of a document that has nothing new


def leave_out(documents: Sequence[Document], past: Sequence[PastDigest]) -> Fresh:
    """The documents that have something new, numbered anew in their order; without a past they are as they were."""
    if not past:
        return Fresh(tuple(documents), ())
    memory = _Memory(past)
    kept: list[Document] = []
    failures: list[Failure] = []
    for document in documents:
        dates = memory.dates(document)
        told, seen = tuple(index for index, date in enumerate(dates) if date), max(dates, default="")
        if told and len(told) == len(document.sentences):
            detail = f"the digest of {seen} covers it, and nothing in it is new"
            named = (replace(source, title=source.title or document.title) for source in document.sources)
            failures += [Failure(source, Reason.COVERED, detail, seen=seen) for source in named]
        else:
            kept.append(replace(document, number=len(kept) + 1, told=told, seen=seen))
    return Fresh(tuple(kept), tuple(failures))


class _Memory:
    """Sentences by what they are known by, with the latest digest that told them."""

    def __init__(self, past: Iterable[PastDigest]) -> None:
        self._told: dict[str, str] = {}
        self._covered: defaultdict[str, dict[str, str]] = defaultdict(dict)  #: by address
        self._holders: defaultdict[str, set[str]] = defaultdict(set)  #: addresses by sentence
        for digest in sorted(past, key=lambda digest: digest.date):
            self._told |= dict.fromkeys(digest.told.split(), digest.date)
            for document in digest.documents:
                keys = document.keys.split()
                for address in document.addresses:
                    self._covered[address] |= dict.fromkeys(keys, digest.date)
                for key in keys:
                    self._holders[key].update(document.addresses[:1])

    def dates(self, document: Document) -> tuple[str, ...]:
        """For each sentence the latest digest that told it; empty: it is new."""
        keys = [sentence_key(sentence.text) for sentence in document.sentences]
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


# ── stories that go on ───────────────────────────────────────────────────────────────────────────────────────────────


def mark(digest: Digest, documents: Iterable[Document], past: Sequence[PastDigest], *, date: str) -> Digest:
    """The digest, in which each news item whose story was told before knows when, for the last time.

    Args:
        digest: made of what `leave_out` left.
        documents: that it was made of.
        past: earlier digests of the topic.
        date: of the digest.
    """
    if not past:
        return digest
    stories = _Stories(past, date)
    by_number = {document.number: document for document in documents}
    items = [
        _Item(part, by_number)
        for section in digest.sections
        if section.key is SectionKey.NEWS
        for part in section.parts
    ]
    weights = Weights.of((*stories.terms, *(item.terms for item in items)))
    seen = {item.part: max(item.seen, stories.told(item, weights)) for item in items}
    return replace(
        digest,
        sections=tuple(
            replace(section, parts=tuple(replace(part, seen=seen[part]) for part in section.parts))
            if section.key is SectionKey.NEWS
            else section
            for section in digest.sections
        ),
    )


@dataclass(frozen=True)
class _Item:
    """A news item of today."""

    part: Part
    documents: Mapping[int, Document]

    @cached_property
    def _cited(self) -> tuple[tuple[Document, str], ...]:
        """The documents that its sentences rest on, and what stands there."""
        ids = dict.fromkeys(id_ for statement in self.part.statements for id_ in statement.evidence)
        found = []
        for id_ in ids:
            number, _, place = id_.removeprefix("D").partition(".")
            document = self.documents[int(number)]
            text = document.title if place == "T" else document.sentences[int(place.removeprefix("S")) - 1].text
            found.append((document, text))
        return tuple(found)

    @property
    def headline(self) -> str:
        return self.part.headline.text if self.part.headline else ""

    @cached_property
    def text(self) -> str:
        """In the languages of its sources, as an earlier digest is remembered."""
        return "\n".join((self.headline, *(text for _, text in self._cited)))

    @cached_property
    def terms(self) -> list[str]:
        return content_tokens(self.text)

    @property
    def seen(self) -> str:
        """When a page that it rests on was told of, and is still that page."""
        return max(
            (
                document.seen
                for document, _ in self._cited
                if len(document.told) >= _SAME_PAGE * len(document.sentences)
            ),
            default="",
        )


class _Stories:
    """What was told."""

    def __init__(self, past: Iterable[PastDigest], date: str) -> None:
        since = (dt.date.fromisoformat(date) - dt.timedelta(days=_STORY_DAYS)).isoformat()
        ordered = sorted(past, key=lambda digest: digest.date)
        self._headlines = {
            sentence_key(story.headline): digest.date
            for digest in ordered
            for story in digest.stories
            if story.headline
        }
        recent = [(digest.date, story) for digest in ordered if digest.date >= since for story in digest.stories]
        texts = ["\n".join((story.headline, *story.sentences)) for _, story in recent]
        self._dates = [day for day, _ in recent]
        self._figures = [quantities(text) for text in texts]
        self.terms = [content_tokens(text) for text in texts]

    def told(self, item: _Item, weights: Weights) -> str:
        """Date of the latest digest that told the story of an item; empty: none did."""
        dates = [self._headlines.get(sentence_key(item.headline), "")] if item.headline else [""]
        figures, vector = quantities(item.text), weights.vector(item.terms)
        for day, known, terms in zip(self._dates, self._figures, self.terms, strict=True):
            likeness = cosine(vector, weights.vector(terms))
            if likeness >= _SAME_STORY or (likeness >= _LIKE and len(figures & known) >= _SAME_FIGURES):
                dates.append(day)
        return max(dates)


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
