"""What became of everything that a model was shown and of everything that it wrote: for the manifest."""

from __future__ import annotations

from dataclasses import dataclass, field

from localdigest.records import Dropped  # noqa: TC001 - whoever encodes and decodes it resolves its hints
from localdigest.writers.generative_jobs import Work

__all__ = ["WriterAccount"]


@dataclass(frozen=True, slots=True)
class WriterAccount:
    """Equal for two runs over the same input, but for `work`; with a budget also for what it left out: the pace is
    measured anew, and what one run was answered costs the next nothing.
    """

    style: str
    seed: int
    prompts: str  #: hash of all prompts
    second_judge: bool = False  #: whether the model was asked once more about each sentence that it wrote
    chunks: int = 0  #: that the documents were cut into
    chunks_without_answer: int = 0  #: of these: nothing to cite in them, or their job failed
    chunks_left_out: int = 0  #: of these: no time for them
    documents_shortened: tuple[str, ...] = ()  #: ids (`D3`) of those that were read in part for lack of time
    documents_left_out: tuple[str, ...] = ()  #: of those of which nothing was read: the same
    is_over_budget: bool = False  #: even the least that can be done takes longer than was given
    cut_sentences: int = 0  #: too long for a chunk: shown in parts
    claims: int = 0  #: that stand
    claims_repaired: int = 0
    claims_dropped: tuple[Dropped, ...] = ()
    stories: int = 0
    stories_left_out: int = 0  #: no room for them in a prompt
    claims_left_out: int = 0  #: of all stories: the same
    statements: int = 0  #: of the digest
    statements_repaired: int = 0
    statements_undecided: int = 0  #: nobody can tell by program whether their evidence bears them out
    statements_dropped: tuple[Dropped, ...] = ()
    empty_sections: tuple[str, ...] = ()
    work: Work = field(default_factory=Work)
