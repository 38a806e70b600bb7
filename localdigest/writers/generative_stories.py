"""Which stories the sections are written from, and how a prompt tells them: the most important first."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from localdigest.engine.jobs import Job, JsonSchema, Message
from localdigest.prompts import fenced
from localdigest.text.partial_json import read_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from localdigest.engine.jobs import Completion, Sampling
    from localdigest.prompts import Prompts
    from localdigest.records import Claim, Story

__all__ = ["Told", "choose_stories", "evidence_of", "tell"]

_STORY_CLAIMS = 6  #: of one story: what a news item and the analysis of it can use
_HEADING_TOKENS = 16
_KEEP_SHARE = 0.6  #: of a group of stories that may stay when all are too many: some rounds make any number fit
_KEEP_TOKENS = 160
_LEAST_GROUP = 3  #: stories: fewer are no choice


@dataclass(frozen=True, slots=True)
class Told:
    """The stories of a prompt."""

    stories: tuple[Story, ...]  #: with the claims that are told, in the order of their numbers, from 1
    text: str  #: fenced

    @property
    def ids(self) -> tuple[str, ...]:
        """Every sentence that may be cited."""
        return tuple(dict.fromkeys(id_ for story in self.stories for id_ in evidence_of(story)))


def evidence_of(story: Story) -> tuple[str, ...]:
    return tuple(dict.fromkeys(id_ for claim in story.claims for id_ in claim.evidence))


def tell(
    stories: Sequence[Story],
    *,
    style: str,
    texts: Mapping[str, str],
    count: Callable[[Sequence[str]], Sequence[int]],
    budget_tokens: int,
) -> Told:
    """As many claims as fit, story by story; of a story its best claims, those of different documents first."""
    wanted = [replace(story, claims=tuple(_spread(story))[:_STORY_CLAIMS]) for story in stories]
    blocks = _blocks(wanted, style, texts)
    lengths = iter(count(blocks)) if blocks else iter(())
    told: list[Story] = []
    left = budget_tokens
    for story in wanted:
        claims = []
        rest = left - _HEADING_TOKENS
        for claim in story.claims:
            length = next(lengths)
            if length <= rest:
                claims.append(claim)
                rest -= length
        if claims:
            told.append(replace(story, claims=tuple(claims)))
            left = rest
    text = "\n".join(_text(number, story, style, texts) for number, story in enumerate(told, start=1))
    return Told(tuple(told), fenced(text))


def choose_stories(
    stories: Sequence[Story],
    *,
    style: str,
    topic: str,
    language: str,
    texts: Mapping[str, str],
    count: Callable[[Sequence[str]], Sequence[int]],
    budget_tokens: int,
    prompts: Prompts,
    sampling: Sampling,
    run: Callable[[Sequence[Job], Callable[[Job, str], bool]], Sequence[Completion]],
) -> list[Story]:
    """The stories in the order in which they are to be told, where not all can be: first what the model holds for the
    most important, then the others.

    Groups of stories are shown to it, as many as it takes, until what it chose can be told as a whole. What goes from
    round to round are the claims with their evidence, never a text about them.
    """
    chosen = list(stories)
    others: list[Story] = []
    while True:
        groups = list(_groups(chosen, _lengths(chosen, style, texts, count), budget_tokens))
        asked = [group for group in groups if len(group) >= _LEAST_GROUP]
        if len(groups) <= 1 or not asked:
            return chosen + others
        jobs = [
            _keep_job(group, number, topic=topic, language=language, prompts=prompts, sampling=sampling)
            for number, group in enumerate(asked)
        ]
        answers = iter(run(jobs, _is_sound))
        kept = [_kept(group, next(answers)) if len(group) >= _LEAST_GROUP else group for group in groups]
        left = [story for group, stay in zip(groups, kept, strict=True) for story in group if story not in stay]
        chosen, others = [story for group in kept for story in group], left + others


# ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _spread(story: Story) -> Iterator[Claim]:
    """The best claim of each document, then the second of each, and so on; of equal rank the better first."""
    ranks: dict[int, int] = {}
    ordered = []
    for place, claim in enumerate(story.claims):
        rank = ranks.get(claim.document, 0)
        ranks[claim.document] = rank + 1
        ordered.append((rank, place, claim))
    return (claim for _, _, claim in sorted(ordered, key=lambda item: item[:2]))


def _blocks(stories: Sequence[Story], style: str, texts: Mapping[str, str]) -> list[str]:
    return [_block(claim.text, claim.evidence, style, texts) for story in stories for claim in story.claims]


def _block(text: str, evidence: Sequence[str], style: str, texts: Mapping[str, str]) -> str:
    claim = f"* {_line(text)}\n" if style == "abstract" else ""
    return claim + "".join(f"[{id_}] {_line(texts[id_])}\n" for id_ in evidence)


def _text(number: int, story: Story, style: str, texts: Mapping[str, str]) -> str:
    """A sentence that several claims rest on is shown once."""
    shown: set[str] = set()
    lines = [f"## Story {number} (sites: {story.weight})\n"]
    for claim in story.claims:
        new = [id_ for id_ in claim.evidence if id_ not in shown]
        shown.update(new)
        lines.append(_block(claim.text, new, style, texts))
    return "".join(lines)


def _line(text: str) -> str:
    return " ".join(text.split())


# ── choosing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _lengths(
    stories: Sequence[Story], style: str, texts: Mapping[str, str], count: Callable[[Sequence[str]], Sequence[int]]
) -> list[int]:
    shown = [replace(story, claims=tuple(_spread(story))[:_STORY_CLAIMS]) for story in stories]
    return [_HEADING_TOKENS + tokens for tokens in count([_text(1, story, style, texts) for story in shown])]


def _groups(stories: Sequence[Story], lengths: Sequence[int], budget_tokens: int) -> Iterator[list[Story]]:
    group: list[Story] = []
    total = 0
    for story, length in zip(stories, lengths, strict=True):
        if group and total + length > budget_tokens:
            yield group
            group, total = [], 0
        group.append(story)
        total += length
    if group:
        yield group


def _keep_job(
    group: Sequence[Story], number: int, *, topic: str, language: str, prompts: Prompts, sampling: Sampling
) -> Job:
    limit = _limit(group)
    lines = [f"{place}. (sites: {story.weight}) {_line(story.claims[0].text)}" for place, story in enumerate(group, 1)]
    prompt = prompts.fill(
        "keep", language, topic=prompts.topic(topic, language), stories=fenced("\n".join(lines)), count=str(limit)
    )
    schema = {
        "type": "object",
        "properties": {
            "stories": {
                "type": "array",
                "items": {"type": "integer", "minimum": 1, "maximum": len(group)},
                "minItems": 1,
                "maxItems": limit,
            }
        },
        "required": ["stories"],
        "additionalProperties": False,
    }
    return Job(
        id=f"keep-{number}",
        prompt=(Message("user", prompt),),
        max_tokens=_KEEP_TOKENS,
        sampling=sampling,
        constraint=JsonSchema(json.dumps(schema)),
    )


def _limit(group: Sequence[Story]) -> int:
    return max(1, int(_KEEP_SHARE * len(group)))


def _kept(group: Sequence[Story], completion: Completion) -> list[Story]:
    """The chosen ones in their own order; the first ones when the answer cannot be read."""
    numbers = _numbers(completion.text)
    kept = [story for place, story in enumerate(group, start=1) if place in numbers]
    return (kept or list(group))[: _limit(group)]


def _numbers(text: str) -> list[int]:
    value, _ = read_json(text)
    numbers = value.get("stories") if isinstance(value, dict) else None
    return [number for number in numbers if isinstance(number, int)] if isinstance(numbers, list) else []


def _is_sound(_: Job, text: str) -> bool:
    value, is_whole = read_json(text)
    return not is_whole or (isinstance(value, dict) and value.keys() == {"stories"} and bool(_numbers(text)))
