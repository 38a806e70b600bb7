"""Asks a model what a run of sentences says, and reads the answer: claims with the sentences that they rest on.

A text that several digests of a run read is asked about once, for all of their topics; each takes what concerns it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localdigest.engine.jobs import Job, JsonSchema, Message
from localdigest.prompts import fenced, one_line
from localdigest.records import Chunk, Claim, ClaimKind, Document, Dropped
from localdigest.text.partial_json import read_json
from localdigest.text.written import cleaned

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from localdigest.engine.jobs import Sampling
    from localdigest.prompts import Prompts

__all__ = ["Audience", "Mapped", "answer_tokens", "map_job", "map_prompt", "prompt_language", "read_mapped"]

_MOST_CLAIMS = 8
_MOST_EVIDENCE = 3
_MOST_CHARACTERS = 200  #: of a claim
_MOST_SENTENCES = 6
#: Room for a full answer: eight claims of 200 Chinese characters do not fit, eight of the usual length do.
_ANSWER_TOKENS = {"abstract": 800, "quotes": 192}


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a text is read for."""

    topics: tuple[str, ...]  #: of the digests; one without a topic, `""`, is alone
    own: int = 1  #: which of them is being made, from 1

    @property
    def is_shared(self) -> bool:
        return len(self.topics) > 1


@dataclass(frozen=True, slots=True)
class Mapped:
    """What one answer gave."""

    claims: tuple[Claim, ...]
    dropped: tuple[Dropped, ...]
    is_sound: bool  #: it kept its schema as far as it goes


def answer_tokens(style: str) -> int:
    """Room for a full answer."""
    return _ANSWER_TOKENS[style]


def prompt_language(document: Document | Chunk) -> str:
    """Of the prompt that a text is read with: claims in its own language stay nearest to it."""
    return "zh-TW" if document.language.is_chinese else "en"


def map_job(
    chunk: Chunk,
    *,
    name: str,
    style: str,
    audience: Audience,
    labels: Sequence[str],
    max_tokens: int,
    prompts: Prompts,
    sampling: Sampling,
) -> Job:
    """The job for one chunk.

    Args:
        chunk: to read.
        name: of the job.
        style: `abstract` or `quotes`.
        audience: whom it is read for.
        labels: of the lines that may be cited, `S17`: at least one.
        max_tokens: of the answer.
        prompts: to ask with.
        sampling: of the answer.
    """
    prompt = map_prompt(chunk.text, style=style, audience=audience, language=prompt_language(chunk), prompts=prompts)
    schema = _SCHEMAS[style](list(dict.fromkeys(labels)), audience)
    return Job(
        id=name,
        prompt=(Message("user", prompt),),
        max_tokens=max_tokens,
        sampling=sampling,
        constraint=JsonSchema(json.dumps(schema)),
    )


def map_prompt(text: str, *, style: str, audience: Audience, language: str, prompts: Prompts) -> str:
    """The words of a job; its text stands last but for one line."""
    if not audience.is_shared:
        topic = prompts.topic(audience.topics[0], language)
        return prompts.fill(f"map.{style}", language, topic=topic, source=fenced(text))
    topics = "\n".join(f"{number}. {one_line(topic)}" for number, topic in enumerate(audience.topics, start=1))
    return prompts.fill(f"map.{style}.shared", language, topics=topics, source=fenced(text))


def read_mapped(
    text: str, chunk: Chunk, document: Document, *, style: str, labels: Sequence[str], audience: Audience
) -> Mapped:
    """The claims of an answer; of one that was cut off, those that are complete.

    What the schema forbids is looked for all the same: an answer may come from elsewhere than a constrained decoder.
    """
    value, is_whole = read_json(text)
    items = value.get(_LISTS[style]) if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(items, list):
        is_cut = value is None and not is_whole  # before anything was complete
        return Mapped((), () if is_cut else (_MALFORMED,), is_sound=is_cut)
    allowed = {label: f"D{chunk.document}.{label}" for label in labels}
    claims: list[Claim] = []
    dropped: list[Dropped] = []
    for item in items:
        found = _READERS[style](item, allowed, document, audience)
        if isinstance(found, Claim) and (found.text, found.evidence) in {
            (claim.text, claim.evidence) for claim in claims
        }:
            dropped.append(Dropped(found.text, found.evidence, "repeated"))
        elif isinstance(found, Claim):
            claims.append(found)
        elif found.reason != "malformed" or is_whole or item is not items[-1]:
            # The last item of an answer that was cut off is no fault of its writer.
            dropped.append(found)
    is_sound = not any(drop.reason == "malformed" for drop in dropped)
    return Mapped(tuple(claims), tuple(dropped), is_sound)


# ── what may be answered ─────────────────────────────────────────────────────────────────────────────────────────────


def _claims_schema(labels: list[str], audience: Audience) -> dict[str, Any]:
    # The evidence comes before the claim: what is named first is what the model then looks at.
    claim = {
        "evidence": {"type": "array", "items": {"enum": labels}, "minItems": 1, "maxItems": _MOST_EVIDENCE},
        "claim": {"type": "string", "minLength": 1, "maxLength": _MOST_CHARACTERS},
        "kind": {"enum": _KINDS},
        **(_topics_schema(audience) if audience.is_shared else {"on_topic": {"type": "boolean"}}),
    }
    return _list_of("claims", claim, most=_MOST_CLAIMS)


def _sentences_schema(labels: list[str], audience: Audience) -> dict[str, Any]:
    sentence = {"id": {"enum": labels}, "kind": {"enum": _KINDS}}
    return _list_of(
        "sentences", sentence | (_topics_schema(audience) if audience.is_shared else {}), most=_MOST_SENTENCES
    )


def _topics_schema(audience: Audience) -> dict[str, Any]:
    numbers = list(range(1, len(audience.topics) + 1))
    return {"topics": {"type": "array", "items": {"enum": numbers}, "maxItems": len(numbers)}}


def _list_of(name: str, properties: dict[str, Any], *, most: int) -> dict[str, Any]:
    item = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    return {
        "type": "object",
        "properties": {name: {"type": "array", "items": item, "maxItems": most}},
        "required": [name],
        "additionalProperties": False,
    }


_KINDS = [kind.value for kind in ClaimKind]
_SCHEMAS: dict[str, Callable[[list[str], Audience], dict[str, Any]]] = {
    "abstract": _claims_schema,
    "quotes": _sentences_schema,
}
_LISTS = {"abstract": "claims", "quotes": "sentences"}


# ── what was answered ────────────────────────────────────────────────────────────────────────────────────────────────

_MALFORMED = Dropped("", (), "malformed")


def _read_claim(item: Any, allowed: dict[str, str], document: Document, audience: Audience) -> Claim | Dropped:
    relevance = "topics" if audience.is_shared else "on_topic"
    if not isinstance(item, dict) or item.keys() != {"evidence", "claim", "kind", relevance}:
        return _MALFORMED
    labels, text, kind = item["evidence"], item["claim"], item["kind"]
    on_topic = _concerns(item["topics"], audience) if audience.is_shared else item["on_topic"]
    if not isinstance(labels, list) or not labels or not isinstance(text, str) or not isinstance(on_topic, bool):
        return _MALFORMED
    if kind not in _KINDS or not all(isinstance(label, str) and label in allowed for label in labels):
        return Dropped(cleaned(text), (), "malformed")
    evidence = tuple(dict.fromkeys(allowed[label] for label in labels))
    text = cleaned(text)
    if not text:
        return Dropped("", evidence, "empty")
    if not on_topic:
        return Dropped(text, evidence, "off-topic")
    return Claim(text, evidence, document.number, ClaimKind(kind))


def _read_sentence(item: Any, allowed: dict[str, str], document: Document, audience: Audience) -> Claim | Dropped:
    if not isinstance(item, dict) or item.keys() != {"id", "kind", *(("topics",) if audience.is_shared else ())}:
        return _MALFORMED
    label, kind = item["id"], item["kind"]
    on_topic = _concerns(item["topics"], audience) if audience.is_shared else True
    if kind not in _KINDS or not isinstance(label, str) or label not in allowed or on_topic is None:
        return _MALFORMED
    text = document.sentences[int(label.removeprefix("S")) - 1].text
    if not on_topic:
        return Dropped(text, (allowed[label],), "off-topic")
    return Claim(text, (allowed[label],), document.number, ClaimKind(kind))


def _concerns(numbers: Any, audience: Audience) -> bool | None:
    """Whether the topic of the digest is among them; None: they are no list of numbers of topics."""
    known = range(1, len(audience.topics) + 1)
    if not isinstance(numbers, list) or not all(type(number) is int and number in known for number in numbers):
        return None
    return audience.own in numbers


_READERS: dict[str, Callable[[Any, dict[str, str], Document, Audience], Claim | Dropped]] = {
    "abstract": _read_claim,
    "quotes": _read_sentence,
}
