"""The embedded writer: a digest of ranked sentences, word for word, without a language model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localdigest.records import Digest, Document
from localdigest.writers.extractive_candidates import find_candidates
from localdigest.writers.extractive_rank import rank
from localdigest.writers.extractive_sections import fill_sections, summarize
from localdigest.writers.extractive_tags import find_tags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ExtractiveWriter"]


@dataclass(frozen=True, slots=True)
class ExtractiveWriter:
    """Chooses, never writes: each statement stands verbatim in every sentence that it cites."""

    name: str = "extractive"
    uses_model: bool = False
    account: None = None

    def write(
        self,
        documents: Sequence[Document],
        *,
        topic: str,
        language: str,
        shared: Mapping[int, tuple[str, ...]] | None = None,
    ) -> Digest:
        del shared  # nobody is asked
        candidates = find_candidates(documents)
        ranked = rank(candidates, documents, topic=topic, language=language)
        sections, shown = fill_sections(ranked, documents)
        return Digest(
            sections=sections,
            summary=summarize(shown),
            tags=find_tags(documents, topic=topic),
            writer=self.name,
            uses_model=self.uses_model,
        )
