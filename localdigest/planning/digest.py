"""How long a digest takes: the tokens of a map and a reduce, over how fast they pass.

pages ─▶ chunks, each 700 tokens in and 160 out ─▶ a few sections over stories of 4,000 tokens
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localdigest.engine.estimate import Estimate

__all__ = ["PAGES", "digest_seconds"]

PAGES = 10  #: of a digest, unless told
CHUNKS_PER_PAGE = 2  #: an article of about a thousand words
INSTRUCTION_TOKENS, CHUNK_TOKENS, CLAIM_TOKENS = 300, 700, 160  #: as `localdigest bench` maps
STORY_TOKENS, NUM_SECTIONS, SECTION_PROMPT_TOKENS, SECTION_TOKENS = 4_000, 7, 100, 200
#: The rest of an output is forced by its schema, and computed like a prompt.
SAMPLED_SHARE = 0.75


def digest_seconds(speed: Estimate, *, width: int, pages: int = PAGES) -> float:
    """Loading the model aside."""
    chunks = pages * CHUNKS_PER_PAGE
    prompts = INSTRUCTION_TOKENS + chunks * CHUNK_TOKENS + STORY_TOKENS + NUM_SECTIONS * SECTION_PROMPT_TOKENS
    claims, sections = chunks * CLAIM_TOKENS, NUM_SECTIONS * SECTION_TOKENS
    prompts += round((1 - SAMPLED_SHARE) * (claims + sections))
    map_seconds = SAMPLED_SHARE * claims / speed.decode(min(width, chunks))
    reduce_seconds = SAMPLED_SHARE * sections / speed.decode(min(width, NUM_SECTIONS))
    return prompts / speed.prefill + map_seconds + reduce_seconds
