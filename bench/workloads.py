"""The work that is measured: prompts of exact token counts, of single-token words, and a schema that no output ends.

    vocabulary ─words─▶ map_jobs    instruction (shared) · chunk                     24 × (300 + 700) → 160 tokens
                        reduce_jobs instruction · stories (shared), or the other way   7 × (100 + 4000) → 200 tokens

The words mean nothing: weights are random anyway, and only the number of tokens costs time.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Shape", "Work", "WorkJob", "map_work", "reduce_work", "single_token_words", "warm_up_work"]

#: A quote's id is one of these, as in the map's real schema.
NUM_SENTENCES = 60
#: Characters of one claim. Chosen so that the constraint forces about as many tokens with the bench model as in real
#: claims (24 to 27 of 100): 28 in the map, 27 in the reduce. Its random text has shorter tokens than real text and
#: never
#: ends a claim early; at 120 characters 38 of 100 were forced, which flatters an engine that need not sample them.
CLAIM_CHARS = 240
#: More items than any output here has room for: an item takes 10 tokens at least, so the token limit always ends it.
MIN_ITEMS = 24
MAX_ITEMS = 40


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes in tokens. `quick` is for trying the bench out: its ratios mean little."""

    map_jobs: int = 24
    map_instruction: int = 300
    map_chunk: int = 700
    map_output: int = 160
    reduce_jobs: int = 7
    reduce_instruction: int = 100
    reduce_stories: int = 4000
    reduce_output: int = 200

    @classmethod
    def quick(cls) -> Shape:
        return cls(
            map_jobs=4, map_chunk=200, map_output=32, reduce_jobs=3, reduce_stories=600, reduce_output=32
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class WorkJob:
    """One prompt and how many tokens must come out."""

    prompt: str
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Work:
    """One load: jobs that share a schema, and what a sequence must have room for."""

    name: str
    jobs: tuple[WorkJob, ...]
    prompt_tokens: int  #: of each job, without the beginning-of-text token
    schema: str

    @property
    def slot_tokens(self) -> int:
        return self.prompt_tokens + max(job.output_tokens for job in self.jobs) + 16

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Work:
        return cls(**{**data, "jobs": tuple(WorkJob(**job) for job in data["jobs"])})


def single_token_words(pieces: Iterable[tuple[str, int]]) -> list[str]:
    """Lower-case words that the tokenizer takes as one token each, from pairs of a piece and its count of tokens."""
    return sorted({piece.strip() for piece, count in pieces if count == 1 and re.fullmatch(r" [a-z]{2,}", piece)})


def claims_schema() -> str:
    """A list of flat claims: a sentence's id, and what it says."""
    claim = {
        "type": "object",
        "properties": {
            "quote": {"enum": [f"D1.S{number}" for number in range(1, NUM_SENTENCES + 1)]},
            "claim": {"type": "string", "maxLength": CLAIM_CHARS},
        },
        "required": ["quote", "claim"],
        "additionalProperties": False,
    }
    return json.dumps(
        {
            "type": "object",
            "properties": {"claims": {"type": "array", "minItems": MIN_ITEMS, "maxItems": MAX_ITEMS, "items": claim}},
            "required": ["claims"],
            "additionalProperties": False,
        }
    )


def map_work(words: Sequence[str], *, seed: int, shape: Shape) -> Work:
    """One instruction before many chunks."""
    draw = random.Random(f"map {seed}")
    instruction = _text(words, shape.map_instruction, draw)
    jobs = [
        WorkJob(instruction + " " + _text(words, shape.map_chunk, draw), shape.map_output)
        for _ in range(shape.map_jobs)
    ]
    return Work("map", tuple(jobs), shape.map_instruction + shape.map_chunk, claims_schema())


def reduce_work(words: Sequence[str], *, seed: int, shape: Shape, prefix_first: bool) -> Work:
    """Many sections about the same stories; what is the same in all stands first, or (as is usual) last."""
    draw = random.Random(f"reduce {seed}")
    stories = _text(words, shape.reduce_stories, draw)
    jobs = []
    for _ in range(shape.reduce_jobs):
        instruction = _text(words, shape.reduce_instruction, draw)
        parts = (stories, instruction) if prefix_first else (instruction, stories)
        jobs.append(WorkJob(" ".join(parts), shape.reduce_output))
    name = "reduce, prefix first" if prefix_first else "reduce, instruction first"
    return Work(name, tuple(jobs), shape.reduce_instruction + shape.reduce_stories, claims_schema())


def warm_up_work(words: Sequence[str]) -> Work:
    """One short job that shares no text with the others: threads, buffers and the grammar's vocabulary are made."""
    job = WorkJob(_text(words, 64, random.Random("warm-up")), 8)
    return Work("warm-up", (job,), 64, claims_schema())


def _text(words: Sequence[str], count: int, draw: random.Random) -> str:
    return " ".join(draw.choice(words) for _ in range(count))
