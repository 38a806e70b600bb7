"""Where a digest is asked for: what all jobs of a run share, and how sections are asked for and put together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from localdigest.errors import UsageError
from localdigest.prompts import fenced
from localdigest.records import Part, Section, SectionKey, Verdict
from localdigest.stages.map import Audience
from localdigest.stages.reduce import Reduced, answer_tokens, parts_of, read_reduced, reduce_job, reduce_prompt
from localdigest.writers.extractive_headlines import headline
from localdigest.writers.generative_jobs import raise_if_all_failed
from localdigest.writers.generative_stories import Shown, show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localdigest.engine.jobs import Job, Sampling
    from localdigest.prompts import Prompts
    from localdigest.records import Document, Dropped, Statement, Story
    from localdigest.writers.generative_jobs import Model, Runner

__all__ = [
    "BODY_KINDS",
    "NEWS_ITEMS",
    "STORIES_TOKENS",
    "Ask",
    "Desk",
    "Written",
    "as_section",
    "headlines",
    "stories_tokens",
]

NEWS_ITEMS = 5
STORIES_TOKENS = 2000  #: at most, of all stories together, which every section's prompt begins with
_LEAST_STORIES_TOKENS = 1200
#: Of what was read so much is told again: when a page changes, the sections are written anew, and shall not cost more
#: than the page.
_STORIES_SHARE = 1 / 16
_STEP_TOKENS = 100  #: one sentence more or less shall change nothing
BODY_KINDS = ("trend", "analysis", "key_points", "implications")  #: and the news, which are asked for one by one
_ANSWER_SHARE = 3  #: an answer may take this part of a short context
_TEMPLATE_TOKENS = 48  #: what a chat template puts around a prompt, and what counting piece by piece may miss
_LEAST_TOKENS = 256  #: of data, below which no job has anything to work on


_NOTHING = Shown(fenced(""), {})


@dataclass(frozen=True, slots=True)
class Ask:
    """One section, or one news item, and what it may cite."""

    kind: str
    ids: tuple[str, ...]
    story: int = 0  #: number of the story that a news item tells, from 1
    shown: Shown | None = None  #: where it is not all stories

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.story}" if self.story else self.kind


@dataclass(frozen=True, slots=True)
class Written:
    """The sections of a digest and what was left out of them."""

    sections: tuple[Section, ...]
    summary: tuple[Statement, ...]
    dropped: tuple[Dropped, ...]
    repaired: int = 0


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that asking for something takes."""

    runner: Runner
    prompts: Prompts
    sampling: Sampling
    model: Model
    style: str  #: `abstract` or `quotes`
    topic: str
    language: str  #: of the digest
    texts: Mapping[str, str]  #: of everything that can be cited, by id
    stories: Shown = _NOTHING  #: what all sections are written from
    #: Of documents that several digests of the run read, by number: their topics, in one order for all.
    shared: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def ask(self, asks: Sequence[Ask]) -> list[Reduced]:
        """The answers in the order of the asks, all computed together.

        Raises:
            JobError: no job came through.
        """
        by_name = {ask.name: ask for ask in asks}
        jobs = [self._job(ask) for ask in asks]
        completions = self.runner.run(
            "reduce", jobs, is_sound=lambda job, text: self._read(by_name[job.id], text).is_sound
        )
        raise_if_all_failed(completions)
        return [self._read(ask, completion.text) for ask, completion in zip(asks, completions, strict=True)]

    def audience(self, document: int) -> Audience:
        """Whom the document of this number is read for."""
        topics = self.shared.get(document, ())
        return Audience(topics, topics.index(self.topic) + 1) if self.topic in topics else Audience((self.topic,))

    def prompt(self, kind: str, shown: Shown | None = None) -> str:
        return reduce_prompt(
            kind,
            style=self.style,
            topic=self.topic,
            stories=(shown or self.stories).text,
            language=self.language,
            prompts=self.prompts,
        )

    def news(self, story: Story, number: int) -> Ask:
        """An item is written from its story alone: a small model mixes nothing in, and in the next run the answer is
        known unless this story moved.
        """
        shown = show(story, style=self.style, texts=self.texts)
        return Ask("news", tuple(shown.labels), number, shown)

    def limited(self, answer_tokens: int) -> int:
        """Room for an answer, less than it may need where the context is short."""
        return min(answer_tokens, self.model.context_tokens // _ANSWER_SHARE)

    def left_by(self, prompts: Mapping[str, int]) -> int:
        """What the longest of some jobs leaves of the context, of prompts without data and the room for their answers.

        Raises:
            UsageError: nothing to speak of.
        """
        lengths = self.runner.count(list(prompts))
        needed = max(length + self.limited(answer) for length, answer in zip(lengths, prompts.values(), strict=True))
        left = self.model.context_tokens - needed - _TEMPLATE_TOKENS
        if left < _LEAST_TOKENS:
            raise UsageError(
                f"A context of {self.model.context_tokens} tokens is too short to write a digest",
                hint="Load the model with a longer one: 4096 tokens are enough.",
            )
        return left

    def _job(self, ask: Ask) -> Job:
        return reduce_job(
            ask.kind,
            self.prompt(ask.kind, ask.shown),
            name=ask.name,
            style=self.style,
            labels=list(self._labels(ask)),
            max_tokens=self.limited(answer_tokens(ask.kind, self.style)),
            sampling=self.sampling,
        )

    def _read(self, ask: Ask, text: str) -> Reduced:
        return read_reduced(text, ask.kind, style=self.style, labels=self._labels(ask), texts=self.texts)

    def _labels(self, ask: Ask) -> dict[str, str]:
        """Ids of the sentences that may be cited, by what the prompt calls them."""
        labels = (ask.shown or self.stories).labels
        return {labels[id_]: id_ for id_ in ask.ids}


def stories_tokens(read_tokens: int) -> int:
    """How much of the stories the sections are shown, from how much was read for them."""
    share = int(read_tokens * _STORIES_SHARE) // _STEP_TOKENS * _STEP_TOKENS
    return min(STORIES_TOKENS, max(_LEAST_STORIES_TOKENS, share))


def headlines(documents: Sequence[Document]) -> dict[int, Statement | None]:
    """What stands over an item that begins in a document: its title, word for word; None where that says nothing."""
    titles = {document.number: headline(document) for document in documents}
    return {number: title and replace(title, verdict=Verdict.SUPPORTED) for number, title in titles.items()}


def as_section(kind: str, lists: Mapping[str, Sequence[Statement]]) -> Section:
    """The section of an answer; headings without statements are left out."""
    parts = [Part(tuple(lists.get(name, ())), key) for name, key in parts_of(kind).items()]
    return Section(SectionKey(kind), tuple(part for part in parts if part.statements))
