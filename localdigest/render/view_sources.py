"""What became of each source, in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from localdigest.records import Concern
from localdigest.render import escape
from localdigest.render.context import short
from localdigest.render.links import document_link, file_link, is_web, local_link
from localdigest.render.shown import Link, Note, NotRead, Source
from localdigest.services import TITLES, found_by
from localdigest.text.instructions import instructs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localdigest.manifest import DocumentEntry, Fate, SourceEntry
    from localdigest.render.context import Context

__all__ = ["covered", "lack_of_time", "sources", "without_text"]


def sources(context: Context) -> tuple[Source, ...]:
    """Every document that was read."""
    return tuple(_source(context, document) for document in context.manifest.documents)


def without_text(context: Context, fate: Fate, *, found: bool | None = None) -> tuple[NotRead, ...]:
    """Every source of this fate but those that are covered; with `found` those that discovery found, or those not."""
    return tuple(
        _not_read(context, source)
        for source in context.manifest.sources
        if source.fate is fate and not source.seen and found in (None, bool(found_by(source.via)))
    )


def covered(context: Context) -> tuple[NotRead, ...]:
    """Every source that an earlier digest covered, with nothing new in it."""
    return tuple(_not_read(context, source) for source in context.manifest.sources if source.seen)


def lack_of_time(context: Context) -> str:
    """What a budget left out."""
    words, account = context.words, context.account
    if not account.get("chunks_left_out"):
        return ""
    counts = {key: len(account.get(f"documents_{key}", ())) for key in ("shortened", "left_out")}
    told = words.say("lack_of_time", **counts)
    return told + words.say("over_budget") if account.get("is_over_budget") else told


def _source(context: Context, document: DocumentEntry) -> Source:
    link = escape.address(document_link(document, folder=context.folder, prefer_copy=context.prefers_copy))
    title = context.escapes.text(short(document.title or document.url or Path(document.path).name))
    notes = (*_origin(context, document), *_copies(context, document), *_fate(context, document))
    asked = next((each.asked for each in context.sources[document.id] if each.asked), "")
    language = context.language_of(document)
    return Source(document.id, document.number, title, link, language, notes, context.escapes.text(short(asked)))


def _origin(context: Context, document: DocumentEntry) -> Iterator[Note]:
    if document.site:
        yield Note(context.escapes.text(short(document.site)))
    if document.published:
        date = context.escapes.text(document.published[:10])
        is_guess = document.published_by == "text"
        yield Note(f"{date} ({context.words.say('machine_date')})" if is_guess else date)
    if names := dict.fromkeys(name for source in context.sources[document.id] for name in found_by(source.via)):
        services = (context.escapes.text(TITLES.get(name, short(name))) for name in names)
        yield Note(context.words.say("found_by", services=context.listed(services)))


def _copies(context: Context, document: DocumentEntry) -> Iterator[Note]:
    if document.url and document.path and not context.prefers_copy:
        copy = escape.address(local_link(document, folder=context.folder))
        yield Note(links=(Link(copy, context.words.say("local_copy")),))
    copies = [source.locator for source in context.sources[document.id]][1:]
    if copies:
        yield Note(context.words.say("also_at"), tuple(_copy(context, locator) for locator in copies))


def _copy(context: Context, locator: str) -> Link:
    if is_web(locator):
        return Link(escape.address(locator))
    link = escape.address(file_link(locator, folder=context.folder))
    return Link(link, context.escapes.text(Path(locator).name))


def _fate(context: Context, document: DocumentEntry) -> Iterator[Note]:
    words, account = context.words, context.account
    if document.from_feed:
        yield Note(words.say("feed_only"))
    if document.told:
        yield Note(words.say("told_in_part", told=document.told, date=document.seen))
    for concern in Concern:
        if any(warning.startswith(f"{concern}:") for warning in document.warnings):
            yield Note(words.say(concern), is_warning=True)
    if document.id in account.get("documents_left_out", ()):
        yield Note(words.say("not_read_in_time"))
    elif document.id in account.get("documents_shortened", ()):
        yield Note(words.say("read_in_part"))
    elif not document.cited_sentences:
        yield Note(words.say("not_cited"))


def _not_read(context: Context, source: SourceEntry) -> NotRead:
    is_name = source.title and not instructs(source.title)  # nobody has read it before
    title = f"{short(source.title)} ({source.locator})" if is_name else source.locator
    reason = context.words.name("reasons", source.reason)
    if source.seen:
        reason = context.words.say("covered_on", date=source.seen)
    status = f" ({source.status})" if source.status else ""
    link = escape.address(source.locator) if is_web(source.locator) else ""
    return NotRead(context.escapes.text(title), link, context.escapes.text(reason + status))
