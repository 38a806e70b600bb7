"""Draws the Markdown post from a manifest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from localdigest.manifest import DocumentEntry, Fate, Manifest, SourceEntry
from localdigest.records import Concern
from localdigest.render import escape
from localdigest.render.links import document_link, file_link, local_link, sentence_link
from localdigest.render.locale import Locale, load_locale
from localdigest.text.instructions import instructs
from localdigest.values import is_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localdigest.records import Conflict, Part, Section, Statement

__all__ = ["draw_post"]

_NOT_READ_SHOWN = 30  # the rest is counted, and listed in the manifest
_NAME_SHOWN = 300  # characters of a title or a site's name
_CONFLICTS_SHOWN = 3  # of one news item or list; the same


@dataclass(frozen=True, slots=True)
class _Citation:
    id: str
    number: int
    link: str
    title: str


@dataclass(frozen=True, slots=True)
class _Statement:
    text: str
    citations: tuple[_Citation, ...]


@dataclass(frozen=True, slots=True)
class _Conflict:
    figures: str
    statements: tuple[_Statement, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    key: str
    headline: _Statement | None
    statements: tuple[_Statement, ...]
    weight: int
    conflicts: tuple[_Conflict, ...] = ()
    more_conflicts: int = 0


@dataclass(frozen=True, slots=True)
class _Section:
    key: str
    parts: tuple[_Part, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    number: int
    title: str
    link: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _NotRead:
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Post:
    """What the template is filled from: nothing in it acts any more."""

    title: str
    tagline: str
    model: str
    writer: str
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    summary: str
    sections: tuple[_Section, ...]
    left_out_sections: tuple[str, ...]
    sources: tuple[_Source, ...]
    lack_of_time: str  #: what a budget left out
    not_read: tuple[_NotRead, ...]
    more_not_read: int
    citations: tuple[_Citation, ...]


def draw_post(manifest: Manifest, *, folder: Path) -> str:
    """The post's text.

    Args:
        manifest: of the digest.
        folder: that the post will stand in; links to local files are relative to it.
    """
    words = load_locale(manifest.language, manifest.settings.get("headings"))
    post = _View(manifest, words, folder).post()
    template = _environment().get_template("post.md.j2")
    return template.render(manifest=manifest, words=words, post=post)


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(  # noqa: S701 - Markdown, not HTML: the values are made inert one by one
        loader=jinja2.PackageLoader("localdigest.render"),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters["yaml"] = escape.yaml_string
    return environment


class _View:
    """Turns the manifest's values into inert ones."""

    def __init__(self, manifest: Manifest, words: Locale, folder: Path) -> None:
        self.manifest = manifest
        self.words = words
        self.folder = folder
        self.prefer_copy = manifest.settings.get("cite") == "copy"
        self.documents = {document.id: document for document in manifest.documents}
        self.account: Mapping[str, Any] = manifest.model.account if manifest.model else {}
        self.evidence: Mapping[str, str] = {evidence.id: evidence.text for evidence in manifest.evidence}

    def post(self) -> _Post:
        manifest, words = self.manifest, self.words
        not_read = [source for source in manifest.sources if source.fate is Fate.NOT_READ]
        sections = tuple(self.section(section) for section in manifest.digest.sections if section.parts)
        return _Post(
            title=escape.inert(f"{manifest.topic} {words.say('daily')} - {manifest.date}"),
            tagline=escape.inert(self.tagline()),
            model=escape.inert(manifest.writer) if manifest.uses_model else "none",
            writer=escape.markdown(manifest.writer),
            categories=(manifest.slug, *words.words["categories"]),
            tags=tuple(filter(None, map(escape.inert, manifest.digest.tags))),
            summary=escape.inert(" ".join(statement.text for statement in manifest.digest.summary)),
            sections=sections,
            left_out_sections=tuple(
                words.headings[section.key] for section in manifest.digest.sections if not section.parts
            ),
            sources=tuple(self.source(document) for document in manifest.documents),
            lack_of_time=self.lack_of_time(),
            not_read=tuple(map(self.not_read, not_read[:_NOT_READ_SHOWN])),
            more_not_read=max(0, len(not_read) - _NOT_READ_SHOWN),
            citations=_unique(sections),
        )

    def lack_of_time(self) -> str:
        words, account = self.words, self.account
        if not account.get("chunks_left_out"):
            return ""
        counts = {key: len(account.get(f"documents_{key}", ())) for key in ("shortened", "left_out")}
        told = words.say("lack_of_time", **counts)
        return told + words.say("over_budget") if account.get("is_over_budget") else told

    def tagline(self) -> str:
        key = "tagline" if self.manifest.topic else "tagline_without_topic"
        return self.words.say(key, read=self.manifest.counts.read, topic=self.manifest.topic)

    def section(self, section: Section) -> _Section:
        return _Section(section.key.value, tuple(map(self.part, section.parts)))

    def part(self, part: Part) -> _Part:
        headline = self.statement(part.headline) if part.headline else None
        return _Part(
            part.key.value,
            headline,
            tuple(map(self.statement, part.statements)),
            part.weight,
            tuple(map(self.conflict, part.conflicts[:_CONFLICTS_SHOWN])),
            max(0, len(part.conflicts) - _CONFLICTS_SHOWN),
        )

    def conflict(self, conflict: Conflict) -> _Conflict:
        words = self.words
        figures = (words.say("list_separator").join(map(escape.markdown, written)) for written in conflict.figures)
        return _Conflict(words.say("against").join(figures), tuple(map(self.statement, conflict.statements)))

    def statement(self, statement: Statement) -> _Statement:
        return _Statement(escape.markdown(statement.text), tuple(map(self.citation, statement.evidence)))

    def citation(self, id_: str) -> _Citation:
        document = self.documents[id_.partition(".")[0]]
        is_title = id_ == f"{document.id}.T"
        link = sentence_link(
            document, "" if is_title else self.evidence[id_], folder=self.folder, prefer_copy=self.prefer_copy
        )
        title = escape.inert(_short(f"{document.title} — {document.site}" if document.site else document.title))
        return _Citation(id_, document.number, escape.address(link), title)

    def source(self, document: DocumentEntry) -> _Source:
        link = escape.address(document_link(document, folder=self.folder, prefer_copy=self.prefer_copy))
        title = escape.markdown(_short(document.title or document.url or Path(document.path).name))
        return _Source(document.number, title, link, tuple(self.notes(document)))

    def notes(self, document: DocumentEntry) -> list[str]:
        words = self.words
        notes = [escape.markdown(_short(document.site))] if document.site else []
        if document.published:
            date = document.published[:10]
            notes.append(f"{date} ({words.say('machine_date')})" if document.published_by == "text" else date)
        if document.url and document.path and not self.prefer_copy:
            notes.append(f"[{words.say('local_copy')}](<{escape.address(local_link(document, folder=self.folder))}>)")
        copies = [source.locator for source in self.manifest.sources if source.document == document.id][1:]
        if copies:
            notes.append(f"{words.say('also_at')} {words.say('list_separator').join(map(self.copy, copies))}")
        if document.from_feed:
            notes.append(words.say("feed_only"))
        notes += [words.say(concern) for concern in Concern if _has(document, concern)]
        if document.id in self.account.get("documents_left_out", ()):
            notes.append(words.say("not_read_in_time"))
        elif document.id in self.account.get("documents_shortened", ()):
            notes.append(words.say("read_in_part"))
        elif not document.cited_sentences:
            notes.append(words.say("not_cited"))
        return notes

    def copy(self, locator: str) -> str:
        if is_url(locator):
            return f"<{escape.address(locator)}>"
        link = escape.address(file_link(locator, folder=self.folder))
        return f"[{escape.markdown(Path(locator).name)}](<{link}>)"

    def not_read(self, source: SourceEntry) -> _NotRead:
        is_name = source.title and not instructs(source.title)  # nobody has read it before
        title = f"{_short(source.title)} ({source.locator})" if is_name else source.locator
        reason = self.words.reasons[source.reason]
        status = f" ({source.status})" if source.status else ""
        return _NotRead(escape.markdown(title), reason + status)


def _short(name: str) -> str:
    """A name that floods the page is cut: it says nothing more."""
    return name if len(name) <= _NAME_SHOWN else f"{name[:_NAME_SHOWN]}…"


def _has(document: DocumentEntry, concern: Concern) -> bool:
    return any(warning.startswith(f"{concern}:") for warning in document.warnings)


def _unique(sections: tuple[_Section, ...]) -> tuple[_Citation, ...]:
    """Every citation once, in the order in which the post names them."""
    found: dict[str, _Citation] = {}
    for section in sections:
        for part in section.parts:
            disputed = (statement for conflict in part.conflicts for statement in conflict.statements)
            for statement in (*((part.headline,) if part.headline else ()), *part.statements, *disputed):
                for citation in statement.citations:
                    found.setdefault(citation.id, citation)
    return tuple(found.values())
