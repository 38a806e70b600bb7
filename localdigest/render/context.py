"""What the drawing of one file goes by."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from localdigest.records import Language
from localdigest.render.locale import Locale, load_locale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from localdigest.manifest import DocumentEntry, Manifest, SourceEntry

__all__ = ["Context", "Escapes", "document_of", "short"]

_NAME_SHOWN = 300  # characters of a title or a site's name


@dataclass(frozen=True, slots=True)
class Escapes:
    """How a kind of file makes somebody else's text inert."""

    text: Callable[[str], str]  #: among other text
    title: Callable[[str], str]  #: of a link


@dataclass(frozen=True)
class Context:
    manifest: Manifest
    folder: Path  #: that the file will stand in; links to local files are relative to it
    escapes: Escapes

    @cached_property
    def words(self) -> Locale:
        headings = self.manifest.settings.get("headings") or {}
        return load_locale(self.manifest.language, {key: self.escapes.text(text) for key, text in headings.items()})

    @cached_property
    def account(self) -> Mapping[str, Any]:
        """Of the model; empty where none wrote."""
        return self.manifest.model.account if self.manifest.model else {}

    @cached_property
    def documents(self) -> Mapping[str, DocumentEntry]:
        return {document.id: document for document in self.manifest.documents}

    @cached_property
    def sources(self) -> Mapping[str, Sequence[SourceEntry]]:
        """What led to each document, by its id."""
        found: defaultdict[str, list[SourceEntry]] = defaultdict(list)
        for source in self.manifest.sources:
            found[source.document].append(source)
        return found

    @property
    def prefers_copy(self) -> bool:
        return self.manifest.settings.get("cite") == "copy"

    def language_of(self, document: DocumentEntry) -> str | None:
        """As HTML names it, `""` where nobody knows; None where it is the digest's own."""
        own = Language.TRADITIONAL_CHINESE if self.manifest.language == "zh-TW" else Language.ENGLISH
        if document.language == own:
            return None
        return document.language if document.language in set(Language) - {Language.OTHER} else ""

    def listed(self, texts: Iterable[str]) -> str:
        return self.words.say("list_separator").join(texts)


def document_of(id_: str) -> str:
    """`D3` of `D3.S17`."""
    return id_.partition(".")[0]


def short(name: str) -> str:
    """A name that floods the page is cut: it says nothing more."""
    return name if len(name) <= _NAME_SHOWN else f"{name[:_NAME_SHOWN]}…"
