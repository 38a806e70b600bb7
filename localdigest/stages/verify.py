"""Whether each statement stands in what it cites: today word for word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from localdigest.records import Digest, Document, Part, Section, Statement, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["texts_by_id", "verify", "verify_statement"]


def verify(digest: Digest, documents: Iterable[Document]) -> Digest:
    """The digest with a verdict on every statement; nothing is dropped."""
    texts = texts_by_id(documents)
    return replace(
        digest,
        sections=tuple(_section(section, texts) for section in digest.sections),
        summary=_all(digest.summary, texts),
    )


def texts_by_id(documents: Iterable[Document]) -> dict[str, str]:
    """Everything that can be cited: `D3.S17` to its sentence, `D3.T` to the title."""
    texts: dict[str, str] = {}
    for document in documents:
        texts[document.title_id] = document.title
        texts.update((document.id_of(index), sentence.text) for index, sentence in enumerate(document.sentences))
    return texts


def verify_statement(statement: Statement, texts: Mapping[str, str]) -> Statement:
    """Supported when its text stands verbatim in every sentence and title that it cites."""
    supported = (
        bool(statement.text.strip())
        and bool(statement.evidence)
        and all(statement.text in texts.get(identifier, "") for identifier in statement.evidence)
    )
    return replace(statement, verdict=Verdict.SUPPORTED if supported else Verdict.UNSUPPORTED)


def _section(section: Section, texts: Mapping[str, str]) -> Section:
    return replace(section, parts=tuple(_part(part, texts) for part in section.parts))


def _part(part: Part, texts: Mapping[str, str]) -> Part:
    return replace(
        part,
        headline=verify_statement(part.headline, texts) if part.headline else None,
        statements=_all(part.statements, texts),
    )


def _all(statements: Iterable[Statement], texts: Mapping[str, str]) -> tuple[Statement, ...]:
    return tuple(verify_statement(statement, texts) for statement in statements)
