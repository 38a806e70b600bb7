"""Accounts for every source and every sentence of a digest: the manifest."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from localdigest.manifest import Counts, DocumentEntry, Evidence, Fate, Manifest, SourceEntry
from localdigest.records import Digest, Document, Failure, Page, Reason, Source, Verdict
from localdigest.values import is_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["account"]


def account(
    digest: Digest,
    documents: Sequence[Document],
    failures: Sequence[Failure],
    *,
    topic: str,
    slug: str,
    date: str,
    language: str,
    settings: Mapping[str, Any],
    pages: Iterable[Page],
    warnings: tuple[str, ...] = (),
) -> Manifest:
    """Puts together what the stages found: nothing is left out, and nothing counted twice.

    Args:
        digest: verified.
        documents: numbered, with all their sources.
        failures: of every stage.
        topic: its subject, `""` when it has none.
        slug: of its files.
        date: of the digest.
        language: of its headings.
        settings: in JSON-ready form.
        pages: all that were read.
        warnings: of collecting.
    """
    cited = _cited(digest)
    pages_by_locator = {page.source.locator: page for page in pages}
    entries = tuple(_document_entry(document, cited) for document in documents)
    read = [_read_entry(source, entry, pages_by_locator) for entry, document in zip(entries, documents, strict=True)
            for source in document.sources]  # fmt: skip
    sources = (*read, *sorted(map(_failed_entry, failures), key=lambda entry: (entry.fate, entry.locator)))
    return Manifest(
        topic=topic,
        slug=slug,
        date=date,
        language=language,
        writer=digest.writer,
        uses_model=digest.uses_model,
        settings=dict(settings),
        counts=_counts(digest, documents, sources, entries),
        digest=digest,
        sources=sources,
        documents=entries,
        evidence=tuple(_evidence(documents, cited)),
        warnings=warnings,
    )


def _cited(digest: Digest) -> Mapping[str, frozenset[str]]:
    """The ids that the digest rests on, by document."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for statement in digest.statements:
        for id_ in statement.evidence:
            found[id_.partition(".")[0]].add(id_)
    return {name: frozenset(ids) for name, ids in found.items()}


def _document_entry(document: Document, cited: Mapping[str, frozenset[str]]) -> DocumentEntry:
    name = f"D{document.number}"
    return DocumentEntry(
        id=name,
        number=document.number,
        title=document.title,
        url=document.url if document.url.startswith(("http://", "https://")) else "",
        path=_local_path(document),
        site=document.site,
        byline=document.byline,
        published=document.published,
        published_by=document.published_by.value,
        language=document.language.value,
        kind=document.kind.value,
        sentences=len(document.sentences),
        cited_sentences=len(cited.get(name, frozenset()) - {document.title_id}),
        from_feed=document.from_feed,
        warnings=document.warnings,
        told=len(document.told),
        seen=document.seen,
    )


def _local_path(document: Document) -> str:
    """The file that was read; for an entry whose page is missing, the feed that carries its text."""
    for source in document.sources:
        if source.is_local:
            return source.via.removeprefix("feed ") if document.from_feed else source.locator
    return ""


def _read_entry(source: Source, document: DocumentEntry, pages: Mapping[str, Page]) -> SourceEntry:
    page = pages.get(source.locator)
    return SourceEntry(
        locator=source.locator,
        via=source.via,
        title=source.title or document.title,
        fate=Fate.CITED if document.cited_sentences else Fate.READ,
        document=document.id,
        sha256=page.sha256 if page else "",
        url=source.url if not is_url(source.locator) else "",
        asked=page.asked_in_all if page else "",
    )


def _failed_entry(failure: Failure) -> SourceEntry:
    source = failure.source
    return SourceEntry(
        locator=source.locator,
        via=source.via,
        title=source.title,
        fate=Fate.LEFT_OUT if failure.is_left_out else Fate.NOT_READ,
        reason=failure.reason.value,
        detail=failure.detail,
        url=failure.url,
        status=failure.status,
        seen=failure.seen,
    )


def _counts(
    digest: Digest,
    documents: Sequence[Document],
    sources: Sequence[SourceEntry],
    entries: Iterable[DocumentEntry],
) -> Counts:
    fates = Counter(entry.fate for entry in sources)
    verdicts = Counter(statement.verdict for statement in digest.statements)
    return Counts(
        sources=fates.total(),
        read=fates[Fate.CITED] + fates[Fate.READ],
        not_read=fates[Fate.NOT_READ],
        left_out=fates[Fate.LEFT_OUT],
        documents=len(documents),
        cited_documents=sum(1 for entry in entries if entry.cited_sentences),
        sentences=sum(len(document.sentences) for document in documents),
        statements=verdicts.total(),
        supported=verdicts[Verdict.SUPPORTED],
        unsupported=verdicts[Verdict.UNSUPPORTED],
        undecided=verdicts[Verdict.UNDECIDED],
        covered=sum(entry.reason == Reason.COVERED for entry in sources),
    )


def _evidence(documents: Iterable[Document], cited: Mapping[str, frozenset[str]]) -> Iterable[Evidence]:
    for document in documents:
        name = f"D{document.number}"
        ids = cited.get(name, frozenset())
        if not ids:
            continue
        if document.title_id in ids:
            yield Evidence(document.title_id, name, document.title, document.title)
        paragraphs = _paragraphs(document)
        for index, sentence in enumerate(document.sentences):
            if document.id_of(index) in ids:
                yield Evidence(document.id_of(index), name, sentence.text, paragraphs[sentence.paragraph])


def _paragraphs(document: Document) -> dict[int, str]:
    """Paragraph number → its text, from the first of its sentences to the end of the last."""
    spans: dict[int, tuple[int, int]] = {}
    for sentence in document.sentences:
        start = spans.get(sentence.paragraph, (sentence.start, 0))[0]
        spans[sentence.paragraph] = (start, sentence.start + len(sentence.text))
    return {number: document.text[start:end] for number, (start, end) in spans.items()}
