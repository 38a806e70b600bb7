"""Sections of whole source sentences: the model chooses by id, one section after the other, each sentence once."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from localdigest.records import Conflict, Document, Dropped, Part, Section, SectionKey, Statement
from localdigest.writers.conflicts import conflicts_of, placed
from localdigest.writers.generative_desk import NEWS_ITEMS, Ask, Written, as_section, headlines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localdigest.writers.generative_desk import Desk
    from localdigest.writers.generative_stories import Told

__all__ = ["write_quotes"]

#: The sections that need their sentences most choose first; the key points can be filled by any.
_ORDER = ("trend", "analysis", "implications", "key_points")
_SENTENCES = 34  #: of a full digest
_FAIR = 2  #: a document may have so many times its even share of them, …
_LEAST_EACH = 4  #: … and always so many
_OF_ONE_LIST = 2  #: sentences of one document in a list, where there are several documents


def write_quotes(
    told: Told,
    desk: Desk,
    documents: Sequence[Document],
    *,
    copies: Mapping[str, tuple[str, ...]],
    conflicts: Sequence[Conflict] = (),
) -> Written:
    """The sections of the stories that are told.

    Args:
        told: the stories, whose claims are sentences.
        desk: to ask at.
        documents: whose titles are the headlines.
        copies: ids of the same words in other documents; they are cited too.
        conflicts: where sources disagree; all of them are told.
    """
    choice = _Choice(told.ids, num_documents=len({_document(id_) for id_ in told.ids}))
    items = _news(told, desk, documents, choice, conflicts)
    sections = {SectionKey.NEWS: Section(SectionKey.NEWS, tuple(items))}
    for kind in _ORDER:
        ids = choice.left()
        lists: dict[str, list[Statement]] = {}
        if ids:
            (answer,) = desk.ask([Ask(kind, ids)])
            choice.dropped += answer.dropped
            lists = {name: choice.take(statements) for name, statements in answer.lists.items()}
        sections[SectionKey(kind)] = as_section(kind, lists)
    summary = _summary(desk, tuple(choice.taken)) if choice.taken else ()
    ordered = tuple(_with_copies(sections[key], copies) for key in SectionKey)
    return Written(placed(ordered, conflicts), tuple(_cite_copies(s, copies) for s in summary), tuple(choice.dropped))


class _Choice:
    """Which sentences are left, and how many of each document the digest has."""

    def __init__(self, ids: Sequence[str], *, num_documents: int) -> None:
        self._ids = tuple(ids)
        self._several = num_documents > 1
        self._most = max(_LEAST_EACH, math.ceil(_FAIR * _SENTENCES / max(1, num_documents)))
        self._crowd: Counter[str] = Counter()
        self.taken: dict[str, None] = {}  #: in the order of taking
        self.dropped: list[Dropped] = []

    def left(self, ids: Sequence[str] | None = None) -> tuple[str, ...]:
        """Of these, or of all, what may still be taken."""
        return tuple(id_ for id_ in (self._ids if ids is None else ids) if not self._why_not(id_))

    def take(self, statements: Sequence[Statement], *, of_one_item: bool = False) -> list[Statement]:
        """Those that may be taken; a news item may be of one document, any other list may not."""
        found: list[Statement] = []
        here: Counter[str] = Counter()
        for statement in statements:
            (id_,) = statement.evidence
            document = _document(id_)
            why = self._why_not(id_)
            if not why and not of_one_item and self._several and here[document] >= _OF_ONE_LIST:
                why = "crowded"
            if why:
                self.dropped.append(Dropped(statement.text, statement.evidence, why))
                continue
            here[document] += 1
            self._crowd[document] += 1
            self.taken[id_] = None
            found.append(statement)
        return found

    def _why_not(self, id_: str) -> str:
        if id_ in self.taken:
            return "repeated"
        return "crowded" if self._crowd[_document(id_)] >= self._most else ""


def _news(
    told: Told, desk: Desk, documents: Sequence[Document], choice: _Choice, conflicts: Sequence[Conflict]
) -> list[Part]:
    """One item for each of the first stories that begin in different documents: their titles are the headlines."""
    titles = headlines(documents)
    asks: list[Ask] = []
    leads: list[int] = []
    for number, story in enumerate(told.stories, start=1):
        lead = story.claims[0].document
        if lead not in leads and len(asks) < NEWS_ITEMS:
            asks.append(desk.news(story, number))
            leads.append(lead)
    items = []
    for ask, lead, answer in zip(asks, leads, desk.ask(asks) if asks else [], strict=True):
        choice.dropped += answer.dropped
        statements = choice.take(answer.lists.get("sentences", ()), of_one_item=True)
        story = told.stories[ask.story - 1]
        if statements:
            disputed = conflicts_of(story, conflicts)
            items.append(Part(tuple(statements), headline=titles[lead], weight=story.weight, conflicts=disputed))
    return items


def _summary(desk: Desk, ids: tuple[str, ...]) -> tuple[Statement, ...]:
    """Of what the digest shows: a summary that says something else would be none."""
    (answer,) = desk.ask([Ask("summary", ids)])
    return answer.lists.get("sentences", ())


def _document(id_: str) -> str:
    return id_.partition(".")[0]


def _with_copies(section: Section, copies: Mapping[str, tuple[str, ...]]) -> Section:
    return replace(
        section,
        parts=tuple(
            replace(part, statements=tuple(_cite_copies(statement, copies) for statement in part.statements))
            for part in section.parts
        ),
    )


def _cite_copies(statement: Statement, copies: Mapping[str, tuple[str, ...]]) -> Statement:
    return replace(statement, evidence=(*statement.evidence, *copies.get(statement.evidence[0], ())))
