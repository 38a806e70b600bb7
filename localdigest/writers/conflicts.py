"""Where sources disagree: pairs of sentences of different sites that give two figures for one fact."""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from dataclasses import replace
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, TypeAlias

from localdigest.facts import day_of, read
from localdigest.facts.contradict import clashes
from localdigest.facts.figures import Stated
from localdigest.origin import origin_of
from localdigest.records import Conflict, Document, Part, Section, SectionKey, Story, Verdict
from localdigest.text import neighbours
from localdigest.writers.extractive_statements import statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from localdigest.writers.extractive_rank import Ranked

__all__ = ["conflicts_of", "find_conflicts", "placed"]

_EDGE = 0.15  #: likeness below which two sentences of one language are not compared
_MOST_READ = 4096  #: sentences that are kept read, at some ten kilobytes each
_COMMON = 60  #: a term or a name in more sentences than this proposes no pair
#: Cheap, and true of every sentence that holds a figure.
_FIGURE = re.compile(
    r"\d|[一二三四五六七八九十兩百千萬億兆半]"
    r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[a-z]+teen|[a-z]+ty|hundred|thousand"
    r"|[mb]illion|half|third|quarter|doubl|tripl|twice)",
    re.IGNORECASE,
)

#: A figure of a sentence: the sentence's place among the compared ones, and its span.
_Node: TypeAlias = tuple[int, tuple[int, int]]


def find_conflicts(ranked: Sequence[Ranked], documents: Sequence[Document]) -> tuple[Conflict, ...]:
    """All of them, in the order of their documents; the same whatever wrote the digest.

    Only sentences that can be understood by themselves are compared: nobody could judge of others.
    """
    items = [item for item in ranked if item.stands_alone and _FIGURE.search(item.candidate.text)]
    compared = _Compared(items, documents)
    edges: defaultdict[_Node, set[_Node]] = defaultdict(set)
    for one, other in compared.pairs():
        for clash in clashes(compared.stated(one), compared.stated(other)):
            edges[one, clash.one].add((other, clash.other))
            edges[other, clash.other].add((one, clash.one))
    figures: dict[tuple[int, ...], list[tuple[str, ...]]] = {}
    for group in _groups(edges):
        sides = sorted(_sides(group, edges, items), key=lambda node: _order(items[node[0]]))
        told = tuple(compared.stated(place).reading.folded.written(*span) for place, span in sides)
        figures.setdefault(tuple(place for place, _ in sides), []).append(told)
    return tuple(
        Conflict(
            # What nobody rewrote needs nobody's verdict.
            tuple(replace(statement(items[place].candidate), verdict=Verdict.SUPPORTED) for place in places),
            tuple(zip(*figures[places], strict=True)),
        )
        for places in sorted(figures, key=lambda places: [_order(items[place]) for place in places])
    )


def conflicts_of(story: Story, conflicts: Sequence[Conflict]) -> tuple[Conflict, ...]:
    """Those that rest on a sentence of a story, or on its documents alone."""
    ids = {id_ for claim in story.claims for id_ in claim.evidence}
    documents = {f"D{number}" for number in story.documents}
    return tuple(
        conflict
        for conflict in conflicts
        if any(id_ in ids for said in conflict.statements for id_ in said.evidence)
        or all(said.evidence[0].partition(".")[0] in documents for said in conflict.statements)
    )


def placed(sections: Sequence[Section], conflicts: Sequence[Conflict]) -> tuple[Section, ...]:
    """The sections with every conflict once: at the first news item that has it, the others with the key points.

    Where nothing could be written there is no digest for them to stand in.
    """
    left = dict.fromkeys(conflicts)
    kept = []
    for section in sections:
        parts = []
        for part in section.parts:
            own = tuple(dict.fromkeys(conflict for conflict in part.conflicts if conflict in left))
            for conflict in own:
                del left[conflict]
            parts.append(replace(part, conflicts=own))
        kept.append(replace(section, parts=tuple(parts)))
    if not left or not any(section.parts for section in kept):
        return tuple(kept)
    return tuple(_with_others(section, left) if section.key is SectionKey.KEY_POINTS else section for section in kept)


def _with_others(section: Section, conflicts: Iterable[Conflict]) -> Section:
    first, *others = section.parts or (Part(()),)
    return replace(section, parts=(replace(first, conflicts=(*first.conflicts, *conflicts)), *others))


def _order(item: Ranked) -> tuple[int, int]:
    return item.candidate.document, item.candidate.index


# ── which sentences are compared ─────────────────────────────────────────────────────────────────────────────────────


class _Compared:
    """Sentences with their sites; each is read when it is first compared, and again when that was long ago."""

    def __init__(self, items: Sequence[Ranked], documents: Sequence[Document]) -> None:
        self._items = items
        self._documents = {document.number: document for document in documents}
        self._sites = [
            frozenset(map(self._site, (item.candidate.identifier, *item.candidate.copies))) for item in items
        ]
        self.stated = lru_cache(maxsize=_MOST_READ)(self._read)

    def _read(self, place: int) -> Stated:
        candidate = self._items[place].candidate
        document = self._documents[candidate.document]
        day = day_of(document.published)
        return Stated(read(candidate.text, published=day, language=document.language))

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Alike in one language, or with a name in common in two; never of one site, which may have had a mistake.

        In the order in which they lead from one to the next: what is compared with many is so at about the same time.
        """
        partners = neighbours([item.vector for item in self._items], least=_EDGE, common=_COMMON)
        for one, other in self._across_languages():
            partners[one][other] = partners[other][one] = 0.0
        for one in _walk(partners):
            for other in sorted(partners[one]):
                del partners[other][one]
                if self._sites[one].isdisjoint(self._sites[other]):
                    yield min(one, other), max(one, other)
            partners[one].clear()

    def _across_languages(self) -> set[tuple[int, int]]:
        by_script: dict[str, defaultdict[str, list[int]]] = {"en": defaultdict(list), "zh": defaultdict(list)}
        if Counter(item.candidate.script for item in self._items).keys() != by_script.keys():
            return set()
        for place, item in enumerate(self._items):
            reading = self.stated(place).reading
            names = {key for name in reading.names if name.strict for key in name.keys} | set(reading.known)
            for name in names:
                by_script[item.candidate.script][name].append(place)
        english, chinese = by_script.values()
        return {
            (min(pair), max(pair))
            for name, places in english.items()
            if len(places) <= _COMMON and len(chinese.get(name, ())) <= _COMMON
            for pair in product(places, chinese.get(name, ()))
        }

    def _site(self, id_: str) -> str:
        return origin_of(self._documents[int(id_.partition(".")[0].removeprefix("D"))])


def _walk(partners: Sequence[Mapping[int, float]]) -> Iterator[int]:
    """Every place, each near those that it is joined with."""
    seen = bytearray(len(partners))
    for start in range(len(partners)):
        waiting = deque([start])
        while waiting:
            place = waiting.popleft()
            if not seen[place]:
                seen[place] = True
                waiting += sorted(other for other in partners[place] if not seen[other])
                yield place


# ── which figures belong together ────────────────────────────────────────────────────────────────────────────────────


def _groups(edges: Mapping[_Node, set[_Node]]) -> Iterator[list[_Node]]:
    """The figures that are joined by clashes: all are of one fact."""
    seen: set[_Node] = set()
    for start in sorted(edges):
        group, waiting = [], [start]
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                group.append(node)
                waiting += edges[node]
        if group:
            yield group


def _sides(group: Sequence[_Node], edges: Mapping[_Node, set[_Node]], items: Sequence[Ranked]) -> list[_Node]:
    """One sentence for each figure, the best first: each clashes with all the others."""
    sides: list[_Node] = []
    for node in sorted(group, key=lambda node: (-items[node[0]].value, _order(items[node[0]]), node[1])):
        if all(other in edges[node] for other in sides):
            sides.append(node)
    return sides
