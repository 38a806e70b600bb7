"""How a prompt tells the stories: each with its claims and the sentences that they rest on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from localdigest.prompts import fenced, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from localdigest.records import Claim, Story

__all__ = ["Shown", "Told", "show", "story_lengths", "tell"]

_STORY_CLAIMS = 6  #: of one story: what a news item and the analysis of it can use
_AT_ONCE = 256  #: stories whose claims are counted together
_MISSES = 64  #: stories of which nothing fits, one after the other: no later one is looked at
_HEADING_TOKENS = 12  #: "## Story 12 (sites: 3)" and the line between two stories


@dataclass(frozen=True, slots=True)
class Shown:
    """What a prompt shows."""

    text: str  #: fenced
    labels: Mapping[str, str]  #: of every sentence that may be cited, by its id, in the order of the text


@dataclass(frozen=True, slots=True)
class Told:
    """The stories of a prompt."""

    stories: tuple[Story, ...]  #: with the claims that are told, in the order of their numbers, from 1
    shown: Shown

    @property
    def ids(self) -> tuple[str, ...]:
        """Every sentence that may be cited."""
        return tuple(self.shown.labels)


def tell(
    stories: Sequence[Story],
    *,
    style: str,
    texts: Mapping[str, str],
    count: Callable[[Sequence[str]], Sequence[int]],
    budget_tokens: int,
) -> Told:
    """As many claims as fit, story by story; of a story its best claims, those of different documents first."""
    told: list[Story] = []
    left = budget_tokens
    misses = 0
    for story, lengths in _counted(stories, style, texts, count):
        claims = []
        rest = left - _HEADING_TOKENS
        for claim, length in zip(story.claims, lengths, strict=True):
            if length <= rest:
                claims.append(claim)
                rest -= length
        if claims:
            told.append(replace(story, claims=tuple(claims)))
            left = rest
        misses = 0 if claims else misses + 1
        if misses == _MISSES:
            break
    labels = _labels(told)
    text = "\n".join(_text(str(number), story, style, texts, labels) for number, story in enumerate(told, start=1))
    return Told(tuple(told), Shown(fenced(text), labels))


def _counted(
    stories: Sequence[Story], style: str, texts: Mapping[str, str], count: Callable[[Sequence[str]], Sequence[int]]
) -> Iterator[tuple[Story, Sequence[int]]]:
    """Each story with its best claims and the tokens of each; as many are counted together as may be told."""
    for start in range(0, len(stories), _AT_ONCE):
        some = [
            replace(story, claims=tuple(_spread(story))[:_STORY_CLAIMS]) for story in stories[start : start + _AT_ONCE]
        ]
        tokens = iter(count(_blocks(some, style, texts)))
        for story in some:
            yield story, [next(tokens) for _ in story.claims]


def story_lengths(
    stories: Sequence[Story], *, style: str, texts: Mapping[str, str], count: Callable[[Sequence[str]], Sequence[int]]
) -> list[int]:
    """Of each story when it is told, in tokens."""
    shown = [replace(story, claims=tuple(_spread(story))[:_STORY_CLAIMS]) for story in stories]
    tokens = iter(count(_blocks(shown, style, texts)) if shown else ())
    return [_HEADING_TOKENS + sum(next(tokens) for _ in story.claims) for story in shown]


def show(story: Story, *, style: str, texts: Mapping[str, str]) -> Shown:
    """A story that is told alone."""
    labels = _labels([story])
    return Shown(fenced(_text("", story, style, texts, labels)), labels)


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
    labels = _labels(stories)
    return [_block(claim.text, claim.evidence, style, texts, labels) for story in stories for claim in story.claims]


def _labels(stories: Sequence[Story]) -> dict[str, str]:
    """The sentences counted through. An id is six tokens, and a model writes them slowest of all it does."""
    ids = dict.fromkeys(id_ for story in stories for claim in story.claims for id_ in claim.evidence)
    return {id_: str(number) for number, id_ in enumerate(ids, start=1)}


def _block(text: str, evidence: Sequence[str], style: str, texts: Mapping[str, str], labels: Mapping[str, str]) -> str:
    claim = f"* {one_line(text)}\n" if style == "abstract" else ""
    return claim + "".join(f"[{labels[id_]}] {one_line(texts[id_])}\n" for id_ in evidence)


def _text(number: str, story: Story, style: str, texts: Mapping[str, str], labels: Mapping[str, str]) -> str:
    """A sentence that several claims rest on is shown once."""
    shown: set[str] = set()
    lines = [f"## Story {number}".rstrip() + (f" (sites: {story.weight})\n" if story.weight > 1 else "\n")]
    for claim in story.claims:
        new = [id_ for id_ in claim.evidence if id_ not in shown]
        shown.update(new)
        lines.append(_block(claim.text, new, style, texts, labels))
    return "".join(lines)
