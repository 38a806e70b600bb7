"""Whether each statement is borne out by what it cites: word for word, or by its facts where a model wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from localdigest.facts import Judgement, Reading, day_of, read, weigh
from localdigest.records import Digest, Document, Part, Section, Statement, Verdict

if TYPE_CHECKING:
    import datetime as dt

__all__ = ["Evidence", "TextsById", "verify", "verify_statement"]

_MOST_DIGITS = 9  #: of a sentence's number
_MOST_READINGS = 2048  #: that are kept: the claims of a document come together, and each is some kilobytes


def verify(digest: Digest, documents: Iterable[Document]) -> Digest:
    """The digest with a verdict on every statement; nothing is dropped.

    A writer that only chooses sentences must have changed none: its statements stand word for word or not at all.
    """
    documents = tuple(documents)
    evidence = Evidence(documents) if digest.uses_model else None
    texts = TextsById(documents)
    return replace(
        digest,
        sections=tuple(_section(section, texts, evidence) for section in digest.sections),
        summary=_all(digest.summary, texts, evidence),
    )


class TextsById(Mapping[str, str]):
    """Everything that can be cited: `D3.S17` to its sentence, `D3.T` to the title. Holds the documents, and no text."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents = {f"D{document.number}": document for document in documents}

    def __getitem__(self, id_: str) -> str:
        name, _, place = id_.partition(".")
        document = self._documents[name]
        if place == "T":
            return document.title
        digits = place[1 : 1 + _MOST_DIGITS]
        number = int(digits) if digits.isdecimal() else 0
        if not 1 <= number <= len(document.sentences) or document.id_of(number - 1) != id_:
            raise KeyError(id_)
        return document.sentences[number - 1].text

    def __iter__(self) -> Iterator[str]:
        for document in self._documents.values():
            yield document.title_id
            yield from map(document.id_of, range(len(document.sentences)))

    def __len__(self) -> int:
        return sum(1 + len(document.sentences) for document in self._documents.values())


class Evidence:
    """Everything that can be cited, read for its facts when somebody cites it."""

    def __init__(self, documents: Iterable[Document]) -> None:
        documents = tuple(documents)
        self._texts = TextsById(documents)
        self._documents = {document.number: document for document in documents}
        self._reading = lru_cache(maxsize=_MOST_READINGS)(self._read)

    def judge(self, text: str, ids: Iterable[str]) -> Judgement:
        """Whether the sentences and titles with these ids bear a text out; an id that nothing has bears out nothing.

        Relative dates of the text are counted from the day of the first document that it cites.
        """
        known = [id_ for id_ in ids if id_ in self._texts]
        published = next((day for id_ in known if (day := self._day(id_))), None)
        return weigh(read(text, published=published), [self._reading(id_) for id_ in known])

    def _read(self, id_: str) -> Reading:
        return read(self._texts[id_], published=self._day(id_), language=self._document(id_).language)

    def _document(self, id_: str) -> Document:
        return self._documents[int(id_.partition(".")[0].removeprefix("D"))]

    def _day(self, id_: str) -> dt.date | None:
        return day_of(self._document(id_).published)


def verify_statement(statement: Statement, texts: Mapping[str, str], evidence: Evidence | None = None) -> Statement:
    """Supported when its text stands verbatim in every sentence and title that it cites.

    Any other is unsupported without `evidence`, and judged by its facts with it.
    """
    verbatim = (
        bool(statement.text.strip())
        and bool(statement.evidence)
        and all(statement.text in texts.get(identifier, "") for identifier in statement.evidence)
    )
    if verbatim:
        return replace(statement, verdict=Verdict.SUPPORTED)
    if evidence is None:
        return replace(statement, verdict=Verdict.UNSUPPORTED)
    return replace(statement, verdict=evidence.judge(statement.text, statement.evidence).verdict)


def _section(section: Section, texts: Mapping[str, str], evidence: Evidence | None) -> Section:
    return replace(section, parts=tuple(_part(part, texts, evidence) for part in section.parts))


def _part(part: Part, texts: Mapping[str, str], evidence: Evidence | None) -> Part:
    return replace(
        part,
        headline=verify_statement(part.headline, texts, evidence) if part.headline else None,
        statements=_all(part.statements, texts, evidence),
        conflicts=tuple(
            replace(conflict, statements=_all(conflict.statements, texts, evidence)) for conflict in part.conflicts
        ),
    )


def _all(statements: Iterable[Statement], texts: Mapping[str, str], evidence: Evidence | None) -> tuple[Statement, ...]:
    return tuple(verify_statement(statement, texts, evidence) for statement in statements)
