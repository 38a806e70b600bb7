"""Asks a model for the sections of a digest, and reads the answers: statements with the sentences that they rest on.

All jobs begin with the same words and end with their own task. Sections are shown all stories, which are computed once;
a news item is shown its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from localdigest.engine.jobs import Job, JsonSchema, Message
from localdigest.records import Dropped, PartKey, Statement, Verdict
from localdigest.text.partial_json import read_json
from localdigest.text.written import cleaned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localdigest.engine.jobs import Sampling
    from localdigest.prompts import Prompts

__all__ = ["ANSWERS", "Reduced", "answer_tokens", "parts_of", "read_reduced", "reduce_job", "reduce_prompt"]

#: What each kind of job answers: lists by name, with the most items; `sentences` belongs to no heading.
ANSWERS: dict[str, dict[str, int]] = {
    "news": {"sentences": 3},
    "trend": {"sentences": 5},
    "analysis": {"significance": 3, "comparison": 3, "market": 3},
    "implications": {"developers": 3, "users": 3},
    "key_points": {"sentences": 7},
    "summary": {"sentences": 3},
}
#: Quotations of any story can fill these; a section with a subject of its own may find nothing.
_LEAST_QUOTES = {"news": 1, "trend": 2, "key_points": 3, "summary": 2}
_MOST_EVIDENCE = 4
_MOST_CHARACTERS = {"sentence": 240, "headline": 100}
#: Tokens of an item: a sentence of usual length in either language, and its ids; an id alone.
_ITEM_TOKENS = {"abstract": 128, "quotes": 12}
_FRAME_TOKENS = 40


@dataclass(frozen=True, slots=True)
class Reduced:
    """What one answer gave."""

    lists: Mapping[str, tuple[Statement, ...]] = field(default_factory=dict)
    headline: Statement | None = None
    dropped: tuple[Dropped, ...] = ()
    is_sound: bool = True  #: it kept its schema as far as it goes


def answer_tokens(kind: str, style: str) -> int:
    """Room for a full answer."""
    headline = 1 if _has_headline(kind, style) else 0
    return _FRAME_TOKENS + _ITEM_TOKENS[style] * (sum(ANSWERS[kind].values()) + headline)


def parts_of(kind: str) -> dict[str, PartKey]:
    """The lists of an answer and the headings that they stand under."""
    return {name: PartKey.BODY if name == "sentences" else PartKey(name) for name in ANSWERS[kind]}


def reduce_prompt(kind: str, *, style: str, topic: str, stories: str, language: str, prompts: Prompts) -> str:
    """The words of a job; `stories` is fenced."""
    topic = prompts.topic(topic, language)
    task = prompts.fill(f"reduce.{kind}", language, topic=topic)
    return prompts.fill(f"reduce.{style}", language, topic=topic, stories=stories, task=task)


def reduce_job(
    kind: str, prompt: str, *, name: str, style: str, labels: Sequence[str], max_tokens: int, sampling: Sampling
) -> Job:
    """The job for one kind of section; it may cite the sentences with these labels (at least one) and no others."""
    return Job(
        id=name,
        prompt=(Message("user", prompt),),
        max_tokens=max_tokens,
        sampling=sampling,
        constraint=JsonSchema(json.dumps(_schema(kind, style, list(dict.fromkeys(labels))))),
    )


def read_reduced(text: str, kind: str, *, style: str, labels: Mapping[str, str], texts: Mapping[str, str]) -> Reduced:
    """The statements of an answer; of one that was cut off, those that are complete.

    Args:
        text: of the answer.
        kind: of the job.
        style: `abstract` or `quotes`.
        labels: that the job was allowed to cite, and the ids (`D3.S17`) of the sentences that they stand for.
        texts: of the sentences, by id: what a quotation says.
    """
    value, is_whole = read_json(text)
    names = [*(["headline"] if _has_headline(kind, style) else []), *ANSWERS[kind]]
    if not isinstance(value, dict) or not set(value) <= set(names) or (is_whole and set(value) != set(names)):
        is_cut = value is None and not is_whole  # before anything was complete
        return Reduced(dropped=() if is_cut else (_MALFORMED,), is_sound=is_cut)
    reader = _Reader(style, labels, texts, is_whole=is_whole)
    headline = reader.statement(value["headline"], is_last=len(value) == 1) if "headline" in value else None
    lists = {name: reader.statements(value[name], most=most) for name, most in ANSWERS[kind].items() if name in value}
    is_sound = not any(drop.reason == "malformed" for drop in reader.dropped)
    return Reduced(lists, headline, tuple(reader.dropped), is_sound)


def _has_headline(kind: str, style: str) -> bool:
    return kind == "news" and style == "abstract"


# ── what may be answered ─────────────────────────────────────────────────────────────────────────────────────────────


def _schema(kind: str, style: str, labels: list[str]) -> dict[str, Any]:
    item: dict[str, Any] = {"enum": labels} if style == "quotes" else _sentence(labels, "sentence")
    least = _LEAST_QUOTES.get(kind, 0) if style == "quotes" else 0
    lists: dict[str, Any] = {
        name: {"type": "array", "items": item, "minItems": least, "maxItems": most}
        for name, most in ANSWERS[kind].items()
    }
    return _object({"headline": _sentence(labels, "headline"), **lists} if _has_headline(kind, style) else lists)


def _sentence(labels: list[str], what: str) -> dict[str, Any]:
    return _object(
        {
            "evidence": {"type": "array", "items": {"enum": labels}, "minItems": 1, "maxItems": _MOST_EVIDENCE},
            "sentence": {"type": "string", "minLength": 1, "maxLength": _MOST_CHARACTERS[what]},
        }
    )


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


# ── what was answered ────────────────────────────────────────────────────────────────────────────────────────────────

_MALFORMED = Dropped("", (), "malformed")


class _Reader:
    def __init__(self, style: str, labels: Mapping[str, str], texts: Mapping[str, str], *, is_whole: bool) -> None:
        self.dropped: list[Dropped] = []
        self._read = self._quotation if style == "quotes" else self._sentence
        self._ids = labels
        self._texts = texts
        self._is_whole = is_whole

    def statements(self, items: Any, *, most: int) -> tuple[Statement, ...]:
        """In their order, each once."""
        if not isinstance(items, list) or len(items) > most:
            self.dropped.append(_MALFORMED)
            return ()
        found: dict[Statement, None] = {}
        for item in items:
            statement = self.statement(item, is_last=item is items[-1])
            if statement in found:
                self.dropped.append(Dropped(statement.text, statement.evidence, "repeated"))
            elif statement is not None:
                found[statement] = None
        return tuple(found)

    def statement(self, item: Any, *, is_last: bool) -> Statement | None:
        found = self._read(item)
        if isinstance(found, Statement):
            return found
        # The last item of an answer that was cut off is no fault of its writer.
        if self._is_whole or not is_last or found.reason != "malformed":
            self.dropped.append(found)
        return None

    def _quotation(self, item: Any) -> Statement | Dropped:
        if not isinstance(item, str) or item not in self._ids:
            return _MALFORMED
        id_ = self._ids[item]
        return Statement(self._texts[id_], (id_,), Verdict.SUPPORTED)

    def _sentence(self, item: Any) -> Statement | Dropped:
        if not isinstance(item, dict) or item.keys() != {"evidence", "sentence"}:
            return _MALFORMED
        evidence, text = item["evidence"], item["sentence"]
        if not isinstance(text, str) or not isinstance(evidence, list) or not evidence:
            return _MALFORMED
        text = cleaned(text)
        if not all(isinstance(label, str) and label in self._ids for label in evidence):
            return Dropped(text, (), "malformed")
        cited = tuple(dict.fromkeys(self._ids[label] for label in evidence))
        return Statement(text, cited) if text else Dropped("", cited, "empty")
