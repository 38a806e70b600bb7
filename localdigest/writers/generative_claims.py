"""From documents to claims: cut, asked for, read and held against their evidence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from localdigest.records import Chunk, Claim, Conflict, Document, Dropped
from localdigest.stages.chunk import chunk
from localdigest.stages.map import Mapped, answer_tokens, map_job, map_prompt, prompt_language, read_mapped
from localdigest.writers.conflicts import find_conflicts
from localdigest.writers.extractive_candidates import find_candidates, instructing
from localdigest.writers.extractive_rank import rank
from localdigest.writers.generative_budget import LeftOut, Piece, choose_pieces
from localdigest.writers.generative_check import Draft
from localdigest.writers.generative_jobs import raise_if_all_failed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localdigest.engine.jobs import Job
    from localdigest.writers.generative_budget import Budget
    from localdigest.writers.generative_check import Checker
    from localdigest.writers.generative_desk import Desk

__all__ = ["Claims", "Worth", "find_claims", "weigh"]

#: Header and sentences of one chunk: small models read short texts more faithfully, and many short jobs batch well.
_CHUNK_TOKENS = 700
_FOR_MACHINES = "[words for machines, left out]"  #: what a model is shown of a sentence that instructs AI readers
_TELLING = 3  #: sentences of a chunk that its worth is the sum of: about as many as find their way into a digest


@dataclass(frozen=True, slots=True)
class Worth:
    """What ranking says of the sentences: how much each matters, and which may be quoted by themselves."""

    values: Mapping[str, float]
    quotable: frozenset[str]
    copies: Mapping[str, tuple[str, ...]]  #: ids of the same words in other documents
    instructing: frozenset[str] = frozenset()  #: sentences that speak to AI readers: not shown, not cited
    conflicts: tuple[Conflict, ...] = ()  #: where sources disagree, whatever the model makes of them


@dataclass(frozen=True, slots=True)
class Claims:
    """What stands, and what became of the rest."""

    claims: tuple[Claim, ...]
    dropped: tuple[Dropped, ...]
    repaired: int
    chunks: int
    read_tokens: int  #: of all chunks that the model was asked about
    chunks_without_answer: int
    left_out: LeftOut
    cut_sentences: int


@dataclass(frozen=True, slots=True)
class _Question:
    """A chunk, its document and the lines of it that may be cited."""

    piece: Chunk
    document: Document
    labels: tuple[str, ...]


def weigh(documents: Sequence[Document], *, topic: str, language: str) -> Worth:
    ranked = rank(find_candidates(documents), documents, topic=topic, language=language)
    return Worth(
        values={item.candidate.identifier: item.value for item in ranked},
        quotable=frozenset(item.candidate.identifier for item in ranked if item.stands_alone),
        copies={item.candidate.identifier: item.candidate.copies for item in ranked},
        instructing=frozenset(document.id_of(index) for document in documents for index in instructing(document)),
        conflicts=find_conflicts(ranked, documents),
    )


def find_claims(
    documents: Sequence[Document], desk: Desk, checker: Checker, worth: Worth, *, budget: Budget | None
) -> Claims:
    """The claims of all documents, or of what there is time for, scored by the sentences that they rest on.

    Raises:
        JobError: no job came through.
        UsageError: the context is too short for any.
    """
    chunks = _chunks([_without_instructions(document, worth) for document in documents], desk)
    by_number = {document.number: document for document in documents}
    questions = [
        _Question(piece, by_number[piece.document], labels)
        for piece in chunks
        if (labels := _labels(piece, desk.style, worth))
    ]
    asked, left_out = _affordable(questions, desk, worth, budget)
    answers = _ask(asked, desk)
    claims, dropped = _distinct(answers)
    repaired = 0
    if desk.style == "abstract":  # a quotation is its own evidence
        claims, failed, repaired = _check(claims, by_number, checker)
        dropped += failed
    return Claims(
        claims=tuple(replace(claim, score=_score(claim, worth)) for claim in claims),
        dropped=tuple(dropped),
        repaired=repaired,
        chunks=len(chunks),
        read_tokens=sum(question.piece.num_tokens for question in asked),
        chunks_without_answer=len(chunks) - left_out.chunks - sum(answer is not None for answer in answers),
        left_out=left_out,
        cut_sentences=_num_cut(chunks),
    )


def _score(claim: Claim, worth: Worth) -> float:
    return max(worth.values.get(id_, 0.0) for id_ in claim.evidence)


def _chunks(documents: Sequence[Document], desk: Desk) -> list[Chunk]:
    """Of all documents; those with the same instruction stand together, so that it is computed once."""
    instructions = {document.number: _instruction(document, desk) for document in documents}
    budgets = {
        instruction: min(_CHUNK_TOKENS, desk.left_by({instruction: answer_tokens(desk.style)}))
        for instruction in set(instructions.values())
    }
    return [
        piece
        for document in sorted(documents, key=lambda document: (instructions[document.number], document.number))
        for piece in chunk(document, count=desk.runner.count, budget_tokens=budgets[instructions[document.number]])
    ]


def _instruction(document: Document, desk: Desk) -> str:
    """What stands before and after its text."""
    return map_prompt(
        "",
        style=desk.style,
        audience=desk.audience(document.number),
        language=prompt_language(document),
        prompts=desk.prompts,
    )


def _labels(piece: Chunk, style: str, worth: Worth) -> tuple[str, ...]:
    """The lines that may be cited: in quotations those only that can be understood by themselves."""
    ids = {line.label: f"D{piece.document}.{line.label}" for line in piece.lines}
    return tuple(
        line.label
        for line in piece.lines
        if ids[line.label] not in worth.instructing and (style == "abstract" or ids[line.label] in worth.quotable)
    )


def _without_instructions(document: Document, worth: Worth) -> Document:
    """The document as a model is shown it; its sentences keep their numbers."""
    shown = tuple(
        replace(sentence, text=_FOR_MACHINES) if document.id_of(index) in worth.instructing else sentence
        for index, sentence in enumerate(document.sentences)
    )
    return replace(document, sentences=shown)


def _affordable(
    questions: Sequence[_Question], desk: Desk, worth: Worth, budget: Budget | None
) -> tuple[list[_Question], LeftOut]:
    """The questions that there is time for, in their order, and what is not asked."""
    if budget is None:
        return list(questions), LeftOut()
    by_name = _named(questions)
    known = desk.runner.known(
        [_job(question, name, desk) for name, question in by_name.items()],
        is_sound=lambda job, text: _read(by_name[job.id], text, desk).is_sound,
    )
    pieces = [
        Piece(question.document.number, question.piece.num_tokens, _worth(question, worth), is_known=name in known)
        for name, question in by_name.items()
    ]
    choice = choose_pieces(pieces, budget, style=desk.style)
    return [questions[place] for place in choice.places], LeftOut.of(pieces, choice)


def _worth(question: _Question, worth: Worth) -> float:
    number = question.piece.document
    values = [worth.values.get(f"D{number}.{label}", 0.0) for label in dict.fromkeys(question.labels)]
    return sum(sorted(values, reverse=True)[:_TELLING])


def _ask(questions: Sequence[_Question], desk: Desk) -> list[Mapped | None]:
    """What each answer gave; None for a job that failed."""
    by_name = _named(questions)
    completions = desk.runner.run(
        "map",
        [_job(question, name, desk) for name, question in by_name.items()],
        is_sound=lambda job, text: _read(by_name[job.id], text, desk).is_sound,
    )
    raise_if_all_failed(completions)
    return [
        None if completion.error else _read(question, completion.text, desk)
        for question, completion in zip(questions, completions, strict=True)
    ]


def _named(questions: Sequence[_Question]) -> dict[str, _Question]:
    return {f"map-{place}": question for place, question in enumerate(questions)}


def _read(question: _Question, text: str, desk: Desk) -> Mapped:
    audience = desk.audience(question.document.number)
    return read_mapped(
        text, question.piece, question.document, style=desk.style, labels=question.labels, audience=audience
    )


def _job(question: _Question, name: str, desk: Desk) -> Job:
    return map_job(
        question.piece,
        name=name,
        style=desk.style,
        audience=desk.audience(question.document.number),
        labels=question.labels,
        max_tokens=desk.limited(answer_tokens(desk.style)),
        prompts=desk.prompts,
        sampling=desk.sampling,
    )


def _distinct(answers: Sequence[Mapped | None]) -> tuple[list[Claim], list[Dropped]]:
    """Every claim once: a sentence that was cut can be cited from two chunks."""
    claims: dict[tuple[str, tuple[str, ...]], Claim] = {}
    dropped: list[Dropped] = []
    for answer in filter(None, answers):
        dropped += answer.dropped
        for claim in answer.claims:
            if (claim.text, claim.evidence) in claims:
                dropped.append(Dropped(claim.text, claim.evidence, "repeated"))
            claims.setdefault((claim.text, claim.evidence), claim)
    return list(claims.values()), dropped


def _check(
    claims: Sequence[Claim], by_number: Mapping[int, Document], checker: Checker
) -> tuple[list[Claim], list[Dropped], int]:
    outcomes = checker.check(
        [Draft(claim.text, claim.evidence) for claim in claims],
        languages=[prompt_language(by_number[claim.document]) for claim in claims],
        strict=True,  # everything that follows rests on the claims
    )
    standing = [
        replace(claim, text=outcome.draft.text)
        for claim, outcome in zip(claims, outcomes, strict=True)
        if not outcome.dropped
    ]
    dropped = [outcome.dropped for outcome in outcomes if outcome.dropped]
    return standing, dropped, sum(outcome.is_repaired for outcome in outcomes)


def _num_cut(chunks: Sequence[Chunk]) -> int:
    parts = Counter((piece.document, line.index) for piece in chunks for line in piece.lines)
    return sum(count > 1 for count in parts.values())
