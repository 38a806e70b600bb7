"""A draft of anybody's against sources: every sentence with the sentences that bear it out, and what they do not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from localdigest.facts import Judgement, day_of, read, weigh
from localdigest.facts.evidence import EvidenceIndex, Passage

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from localdigest.parsing.results import Draft, DraftSentence
    from localdigest.records import Document

__all__ = ["Checked", "check", "numbered", "passages_of"]

_COMPARED = 5  #: sentences that a claim is compared with together
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Checked:
    """One sentence of a draft with its verdict."""

    sentence: DraftSentence
    judgement: Judgement
    evidence: tuple[Passage, ...]  #: best first


def check(draft: Draft, documents: Iterable[Document]) -> Iterator[Checked]:
    """A verdict on every sentence of a draft, in order."""
    index = EvidenceIndex(passages_of(documents))
    day = day_of(draft.date)
    for sentence in draft.sentences:
        yield _checked(sentence, index, day)


def numbered(documents: Iterable[Document]) -> list[Document]:
    """The documents with the numbers of their ids, in the order of the sources; copies are kept, they may differ."""
    return [replace(document, number=number) for number, document in enumerate(documents, start=1)]


def passages_of(documents: Iterable[Document]) -> list[Passage]:
    """Every title and sentence that can be cited."""
    passages: list[Passage] = []
    for document in documents:
        day = day_of(document.published)
        texts = [(document.title_id, document.title)]
        texts += [(document.id_of(place), sentence.text) for place, sentence in enumerate(document.sentences)]
        passages += [
            Passage(id_, text, document.url, document.number, day, document.language) for id_, text in texts if text
        ]
    return passages


def _checked(sentence: DraftSentence, index: EvidenceIndex, day: dt.date | None) -> Checked:
    near = index.nearest(sentence.text, count=_COMPARED)
    claim = read(sentence.text, published=day or (index.passage(near[0]).published if near else None))
    judgement = weigh(claim, [index.reading(place) for place in near], search=index.search(near))
    shown = tuple(index.passage(near[place]) for place in judgement.evidence[:_SHOWN])
    return Checked(sentence, judgement, shown)
