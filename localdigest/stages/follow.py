"""Which news items go on with a story that an earlier digest told: by page, headline, words or figures."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from localdigest.records import Digest, Document, Part, SectionKey
from localdigest.text import Weights, content_tokens, cosine, quantities
from localdigest.text.sentence_keys import sentence_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from localdigest.history import PastDigest

__all__ = ["mark"]

_SAME_PAGE = 0.2  #: a page of which less is old is another text under the old address, such as a front page
# Set on two days of made stories of one topic, English and Chinese (tests/stories.py): nine in ten of those that go on
# are recognised, and none that is new is taken for another. What is as alike among real pages tells one event.
_SAME_STORY = 0.28  #: likeness of two items that tell one story
_LIKE = 0.04  #: enough where figures show it, across languages: a name or two
_SAME_FIGURES, _SAME_DIGITS = 2, 4  #: what two sentences share that state one fact: figures, and digits (11.7 has 3)
_STORY_DAYS = 28  #: a story that was told longer ago is told anew, unless a page or its headline is the same


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
    weights = Weights.of((*stories.different, *(item.terms for item in items)))
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
    def terms(self) -> list[str]:
        """In the languages of its sources, as an earlier digest is remembered."""
        return content_tokens("\n".join((self.headline, *(text for _, text in self._cited))))

    @cached_property
    def figures(self) -> list[frozenset[float]]:
        """Of each sentence."""
        return [quantities(text) for _, text in self._cited]

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
        self._figures = [[quantities(text) for text in story.sentences] for _, story in recent]
        self._terms = [content_tokens(text) for text in texts]
        #: Each once: the words of a story that goes on for weeks would be worth less with every day.
        self.different = [terms for terms, (_, story) in zip(self._terms, recent, strict=True) if not story.seen]

    def told(self, item: _Item, weights: Weights) -> str:
        """Date of the latest digest that told the story of an item; empty: none did."""
        dates = [self._headlines.get(sentence_key(item.headline), "")] if item.headline else [""]
        vector = weights.vector(item.terms)
        for day, figures, terms in zip(self._dates, self._figures, self._terms, strict=True):
            likeness = cosine(vector, weights.vector(terms))
            if likeness >= _SAME_STORY or (likeness >= _LIKE and _share_a_fact(item.figures, figures)):
                dates.append(day)
        return max(dates)


def _share_a_fact(one: Iterable[frozenset[float]], other: Sequence[frozenset[float]]) -> bool:
    """Whether a sentence of the one has as many figures in common with a sentence of the other as state one fact."""
    shared = (here & there for here in one for there in other)
    return any(len(each) >= _SAME_FIGURES and sum(map(_digits, each)) >= _SAME_DIGITS for each in shared)


def _digits(figure: float) -> int:
    """How many of its digits tell anything: 12 millions have two, 100 has one."""
    return len(f"{figure:e}".partition("e")[0].replace(".", "").rstrip("0"))
