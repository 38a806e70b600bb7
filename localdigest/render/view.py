"""The digest in the words of its language, as the drawn files show it."""

from __future__ import annotations

from functools import cached_property
from itertools import compress, count
from operator import not_
from typing import TYPE_CHECKING

from localdigest.errors import UsageError
from localdigest.hints import BY_HAND, by_hand_command
from localdigest.manifest import Fate
from localdigest.render import escape, view_sources
from localdigest.render.context import document_of, short
from localdigest.render.links import is_web, sentence_link
from localdigest.render.shown import Citation, Conflict, NotRead, Part, Section, Source, Statement, Week

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from localdigest import records
    from localdigest.render.context import Context

__all__ = ["View"]

_MANY_SOURCES = 300  #: a longer list of sources is looked up in, not read


class View:
    """Reads the manifest in the order of a digest; citations are numbered as they come."""

    def __init__(self, context: Context, *, conflicts_shown: int | None = None) -> None:
        """Checks that what is cited is there.

        Args:
            context: what to draw, and how.
            conflicts_shown: of one news item or list at most; None: all.

        Raises:
            UsageError: a sentence cites what the manifest does not hold.
        """
        self.context = context
        self._conflicts_shown = conflicts_shown
        self.manifest = context.manifest
        self.words = context.words
        self.evidence: Mapping[str, str] = {evidence.id: evidence.text for evidence in self.manifest.evidence}
        self._places = count(1)
        for statement in self.manifest.digest.statements:
            for id_ in statement.evidence:
                if id_ not in self.evidence or document_of(id_) not in context.documents:
                    raise UsageError(
                        f"The manifest is damaged: it cites {escape.single_line(id_)[:20]}, which it does not hold",
                        hint="Make the digest anew: `localdigest run`.",
                    )

    @cached_property
    def tagline(self) -> str:
        key = "tagline" if self.manifest.topic else "tagline_without_topic"
        return self.words.say(key, read=self.manifest.counts.read, topic=self.manifest.topic)

    @cached_property
    def title(self) -> str:
        return f"{self.manifest.topic} {self.words.say('daily')} - {self.manifest.date}"

    @cached_property
    def summary(self) -> tuple[Statement, ...]:
        return tuple(map(self._statement, self.manifest.digest.summary))

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Those that hold something."""
        return tuple(self._section(section) for section in self.manifest.digest.sections if section.parts)

    @cached_property
    def left_out_sections(self) -> tuple[str, ...]:
        """The headings of the others."""
        return tuple(self.words.headings[section.key] for section in self.manifest.digest.sections if not section.parts)

    def _section(self, section: records.Section) -> Section:
        return Section(section.key.value, tuple(map(self._part, section.parts)))

    def _part(self, part: records.Part) -> Part:
        headline = self._statement(part.headline) if part.headline else None
        statements = tuple(map(self._statement, part.statements))
        conflicts = tuple(map(self._conflict, part.conflicts[: self._conflicts_shown]))
        more = len(part.conflicts) - len(conflicts)
        return Part(part.key.value, headline, statements, part.weight, conflicts, part.seen, more)

    def _conflict(self, conflict: records.Conflict) -> Conflict:
        figures = (self.context.listed(map(self.context.escapes.text, written)) for written in conflict.figures)
        return Conflict(self.words.say("against").join(figures), tuple(map(self._statement, conflict.statements)))

    def _statement(self, statement: records.Statement) -> Statement:
        citations = tuple(map(self._citation, statement.evidence))
        return Statement(
            self.context.escapes.text(statement.text), citations, statement.verdict.value, self._language_of(statement)
        )

    def _citation(self, id_: str) -> Citation:
        document = self.context.documents[document_of(id_)]
        sentence = "" if id_ == f"{document.id}.T" else self.evidence[id_]
        link = sentence_link(document, sentence, folder=self.context.folder, prefer_copy=self.context.prefers_copy)
        title = self.context.escapes.title(
            short(f"{document.title} — {document.site}" if document.site else document.title)
        )
        return Citation(id_, document.number, next(self._places), escape.address(link), title)

    def _language_of(self, statement: records.Statement) -> str | None:
        """A sentence taken word for word is in its source's language, any other in the digest's."""
        text = escape.single_line(statement.text)
        for id_ in statement.evidence:
            if text in escape.single_line(self.evidence[id_]):
                return self.context.language_of(self.context.documents[document_of(id_)])
        return None

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        return view_sources.sources(self.context)

    def sources_beside(self, cited: Collection[str]) -> tuple[tuple[Source, ...], tuple[Source, ...]]:
        """The sources to show, and those that only lengthen the list: where there are very many, the ones that none of
        these ids names, and of which nothing is to be warned.
        """
        if len(self.sources) <= _MANY_SOURCES:
            return self.sources, ()
        named = {document_of(id_) for id_ in cited}
        shown = [source.id in named or any(note.is_warning for note in source.notes) for source in self.sources]
        return tuple(compress(self.sources, shown)), tuple(compress(self.sources, map(not_, shown)))

    @cached_property
    def not_read(self) -> tuple[NotRead, ...]:
        return view_sources.without_text(self.context, Fate.NOT_READ)

    @cached_property
    def by_hand(self) -> str:
        """The command that keeps a page which a person can see and the program could not have; `""`: there is none."""
        reasons = {each.reason for each in self.context.manifest.sources if is_web(each.locator)}
        return by_hand_command() if reasons & BY_HAND else ""

    @cached_property
    def left_out(self) -> tuple[NotRead, ...]:
        """Beyond the window or the limits."""
        return view_sources.without_text(self.context, Fate.LEFT_OUT, found=False)

    @cached_property
    def not_taken(self) -> tuple[NotRead, ...]:
        """What discovery found, and nobody named."""
        return view_sources.without_text(self.context, Fate.LEFT_OUT, found=True)

    @cached_property
    def covered(self) -> tuple[NotRead, ...]:
        """Told by earlier digests, and nothing in them is new."""
        return view_sources.covered(self.context)

    @cached_property
    def weeks(self) -> tuple[Week, ...]:
        """What the digests of the topic told, by week; empty where this is the first."""
        return tuple(
            Week(
                week.first,
                week.last,
                week.stories,
                week.sources,
                self.context.listed(map(self.context.escapes.text, week.tags)),
            )
            for week in self.manifest.history.weeks
        )

    @cached_property
    def lack_of_time(self) -> str:
        return view_sources.lack_of_time(self.context)
