"""Sections in the model's own words: written all at once, then held against their evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.records import Conflict, Document, Dropped, Part, Section, SectionKey, Statement
from localdigest.stages.reduce import ANSWERS
from localdigest.writers.conflicts import conflicts_of, placed
from localdigest.writers.generative_check import Draft
from localdigest.writers.generative_desk import BODY_KINDS, NEWS_ITEMS, Ask, Written, as_section, headlines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from localdigest.stages.reduce import Reduced
    from localdigest.writers.generative_check import Checker
    from localdigest.writers.generative_desk import Desk
    from localdigest.writers.generative_stories import Told

__all__ = ["write_abstract"]

_HEADLINE = "headline"
_Place = tuple[str, str, int]  # name of the ask, list in its answer, place in the list


@dataclass(frozen=True, slots=True)
class _Standing:
    """What of all answers stands, by its place."""

    statements: Mapping[_Place, Statement]
    dropped: tuple[Dropped, ...]
    repaired: int

    def of(self, ask: Ask, name: str) -> list[Statement]:
        return [
            statement
            for (owner, list_name, _), statement in self.statements.items()
            if (owner, list_name) == (ask.name, name)
        ]


def write_abstract(
    told: Told,
    desk: Desk,
    checker: Checker,
    documents: Sequence[Document],
    *,
    convert: Callable[[str, Sequence[str]], str],
    conflicts: Sequence[Conflict] = (),
) -> Written:
    """The sections of the stories that are told; what does not stand is not in them.

    Args:
        told: the stories.
        desk: to ask at.
        checker: of the statements.
        documents: whose titles stand where no headline does.
        convert: applied to each sentence, with the texts of its evidence.
        conflicts: where sources disagree; all of them are told, in the sources' own words.
    """
    news = [desk.news(story, number) for number, story in enumerate(told.stories[:NEWS_ITEMS], start=1)]
    asks = [*news, *(Ask(kind, told.ids) for kind in (*BODY_KINDS, "summary"))]
    answers = desk.ask(asks)
    standing = _check(asks, answers, desk, checker, convert)
    said = _Said()
    titles = headlines(documents)
    # The news speak first: the others may do without a sentence that an item has, an item may not.
    items = [_news_item(ask, told, standing, said, titles=titles, conflicts=conflicts) for ask in news]
    sections = {SectionKey.NEWS: Section(SectionKey.NEWS, tuple(item for item in items if item.statements))}
    by_kind = {ask.kind: ask for ask in asks}
    for kind in BODY_KINDS:
        lists = {name: said.new(standing.of(by_kind[kind], name)) for name in ANSWERS[kind]}
        sections[SectionKey(kind)] = as_section(kind, lists)
    summary = tuple(standing.of(by_kind["summary"], "sentences"))
    ordered = placed(tuple(sections[key] for key in SectionKey), conflicts)
    return Written(ordered, summary, (*standing.dropped, *said.dropped), standing.repaired)


def _news_item(
    ask: Ask,
    told: Told,
    standing: _Standing,
    said: _Said,
    *,
    titles: Mapping[int, Statement | None],
    conflicts: Sequence[Conflict],
) -> Part:
    story = told.stories[ask.story - 1]
    written = standing.of(ask, _HEADLINE)
    title = written[0] if written else titles.get(story.claims[0].document)
    return Part(
        tuple(said.new(standing.of(ask, "sentences"))),
        headline=title,
        weight=story.weight,
        conflicts=conflicts_of(story, conflicts),
    )


class _Said:
    """Leaves out what the digest has said in the same words."""

    def __init__(self) -> None:
        self.dropped: list[Dropped] = []
        self._said: set[str] = set()

    def new(self, statements: Sequence[Statement]) -> list[Statement]:
        found = []
        for statement in statements:
            words = "".join(filter(str.isalnum, statement.text.casefold()))
            if words in self._said:
                self.dropped.append(Dropped(statement.text, statement.evidence, "repeated"))
            else:
                found.append(statement)
            self._said.add(words)
        return found


def _check(
    asks: Sequence[Ask],
    answers: Sequence[Reduced],
    desk: Desk,
    checker: Checker,
    convert: Callable[[str, Sequence[str]], str],
) -> _Standing:
    drafts: dict[_Place, Draft] = {}
    dropped: list[Dropped] = []
    for ask, answer in zip(asks, answers, strict=True):
        dropped += answer.dropped
        lists = {_HEADLINE: (answer.headline,) if answer.headline else (), **answer.lists}
        for name, statements in lists.items():
            for place, statement in enumerate(statements):
                evidence = [desk.texts[id_] for id_ in statement.evidence]
                drafts[ask.name, name, place] = Draft(convert(statement.text, evidence), statement.evidence)
    outcomes = checker.check(
        list(drafts.values()),
        languages=[desk.language] * len(drafts),
        strict=False,
        written_in=desk.language,
        convert=convert,
    )
    standing = {
        place: Statement(outcome.draft.text, outcome.draft.evidence, outcome.verdict)
        for place, outcome in zip(drafts, outcomes, strict=True)
        if not outcome.dropped
    }
    dropped += [outcome.dropped for outcome in outcomes if outcome.dropped]
    return _Standing(standing, tuple(dropped), sum(outcome.is_repaired for outcome in outcomes))
