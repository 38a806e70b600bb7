"""The writer that asks a language model, and believes nothing that it says.

    documents ─chunk─▶ ─map─▶ claims ─check─▶ ─cluster─▶ stories ─grade, tell─▶ ─reduce─▶ statements ─check─▶ Digest

Styles: `abstract` (the model writes, and is checked) and `quotes` (it chooses among whole source sentences).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from localdigest.engine.jobs import Sampling
from localdigest.records import Digest, Document, Section, SectionKey, Verdict
from localdigest.stages.cluster import cluster
from localdigest.stages.reduce import ANSWERS, answer_tokens
from localdigest.writers.extractive_tags import find_tags
from localdigest.writers.generative_abstract import write_abstract
from localdigest.writers.generative_account import WriterAccount
from localdigest.writers.generative_check import Checker
from localdigest.writers.generative_claims import Claims, find_claims, weigh
from localdigest.writers.generative_desk import STORIES_TOKENS, Desk, Written, stories_tokens
from localdigest.writers.generative_grades import GRADES_TOKENS, choose_stories, grade_prompt
from localdigest.writers.generative_jobs import Runner
from localdigest.writers.generative_judge import SecondJudge
from localdigest.writers.generative_quotes import write_quotes
from localdigest.writers.generative_stories import Told, story_lengths, tell

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from localdigest.prompts import Prompts
    from localdigest.records import Story
    from localdigest.writers.generative_budget import Budget
    from localdigest.writers.generative_jobs import Completions, Engine, Model, Progress

__all__ = ["GenerativeWriter", "Style"]

Style = Literal["abstract", "quotes"]


def _as_written(text: str, _: Sequence[str]) -> str:
    return text


class GenerativeWriter:
    """Writes through an engine. `account` tells what became of everything, once `write` is done."""

    uses_model: ClassVar[bool] = True

    def __init__(
        self,
        engine: Engine,
        model: Model,
        *,
        style: Style,
        prompts: Prompts,
        cache: Completions,
        seed: int = 0,
        budget: Budget | None = None,
        second_judge: bool = False,
        on_event: Callable[[Progress], None],
        now: Callable[[], dt.datetime],
        convert: Callable[[str, Sequence[str]], str] = _as_written,
    ) -> None:
        """Nothing is asked before `write`.

        Args:
            engine: that runs the model.
            model: what the answers depend on.
            style: `abstract` or `quotes`.
            prompts: what it is asked with.
            cache: what it answered before.
            seed: of the sampling; at temperature 0 it changes nothing but the keys.
            budget: the time that there is for it; what matters least is left out, and told in `account`. None: as long
                as it takes.
            second_judge: whether the model is asked once more about each sentence that it wrote.
            on_event: is told how far the jobs are.
            now: the time that new entries of the cache carry.
            convert: makes what the model wrote for readers of zh-TW good Taiwan Chinese; it is given the texts of the
                evidence, whose names must stay.
        """
        self.name = model.name
        self.account = WriterAccount(style, seed, prompts.hash)
        self._engine = engine
        self._model = model
        self._style: Style = style
        self._prompts = prompts
        self._cache = cache
        self._sampling = Sampling(temperature=0.0, seed=seed)
        self._budget = budget
        self._second_judge = second_judge
        self._on_event = on_event
        self._now = now
        self._convert = convert

    def write(
        self,
        documents: Sequence[Document],
        *,
        topic: str,
        language: str,
        shared: Mapping[int, tuple[str, ...]] | None = None,
    ) -> Digest:
        """The digest; a section for which nothing stands is empty.

        Raises:
            UsageError: the model's context is too short for any work.
            EngineError: the engine cannot go on. What was answered is kept.
        """
        runner = Runner(
            self._engine,
            self._model,
            self._cache,
            prompts_hash=self._prompts.hash,
            on_event=self._on_event,
            now=self._now,
        )
        second = SecondJudge(runner, self._prompts, self._sampling) if self._second_judge else None
        checker = Checker(documents, runner=runner, prompts=self._prompts, sampling=self._sampling, second=second)
        desk = Desk(
            runner,
            self._prompts,
            self._sampling,
            self._model,
            self._style,
            topic=topic,
            language=language,
            texts=checker.texts,
            shared=shared or {},
        )
        worth = weigh(documents, topic=topic, language=language)
        found = find_claims(documents, desk, checker, worth, budget=self._budget)
        stories = cluster(found.claims, documents)
        told = _told(stories, desk, read_tokens=found.read_tokens)
        desk = replace(desk, stories=told.shown)
        if not told.stories:
            written = Written(tuple(Section(key, ()) for key in SectionKey), (), ())
        elif self._style == "quotes":
            written = write_quotes(told, desk, documents, copies=worth.copies, conflicts=worth.conflicts)
        else:
            convert = self._convert if language == "zh-TW" else _as_written
            written = write_abstract(told, desk, checker, documents, convert=convert, conflicts=worth.conflicts)
        self.account = self._account(found, stories, told, written, runner)
        return Digest(
            sections=written.sections,
            summary=written.summary,
            tags=find_tags(documents, topic=topic),
            writer=self.name,
            uses_model=True,
        )

    def _account(
        self, found: Claims, stories: Sequence[Story], told: Told, written: Written, runner: Runner
    ) -> WriterAccount:
        statements = [*written.summary, *(s for section in written.sections for s in section.statements)]
        return WriterAccount(
            style=self._style,
            seed=self._sampling.seed,
            prompts=self._prompts.hash,
            second_judge=self._second_judge,
            chunks=found.chunks,
            chunks_without_answer=found.chunks_without_answer,
            chunks_left_out=found.left_out.chunks,
            documents_shortened=found.left_out.documents_shortened,
            documents_left_out=found.left_out.documents,
            is_over_budget=found.left_out.is_over_budget,
            cut_sentences=found.cut_sentences,
            claims=len(found.claims),
            claims_repaired=found.repaired,
            claims_dropped=found.dropped,
            stories=len(stories),
            stories_left_out=len(stories) - len(told.stories),
            claims_left_out=len(found.claims) - sum(len(story.claims) for story in told.stories),
            statements=len(statements),
            statements_repaired=written.repaired,
            statements_undecided=sum(s.verdict is Verdict.UNDECIDED for s in statements) if told.stories else 0,
            statements_dropped=written.dropped,
            empty_sections=tuple(section.key.value for section in written.sections if not section.parts),
            work=runner.work,
        )


def _told(stories: Sequence[Story], desk: Desk, *, read_tokens: int) -> Told:
    """The stories that the sections are written from: the most important, where there is no room for all."""
    prompts = {desk.prompt(kind): answer_tokens(kind, desk.style) for kind in ANSWERS}
    prompts[grade_prompt((), topic=desk.topic, language=desk.language, prompts=desk.prompts)] = GRADES_TOKENS
    left = desk.left_by(prompts)
    budget = min(stories_tokens(read_tokens), left)
    lengths = story_lengths(stories, style=desk.style, texts=desk.texts, count=desk.runner.count)
    chosen = choose_stories(
        stories,
        lengths,
        budget_tokens=budget,
        # Not of the budget, which follows what was read: the questions about the other pages shall stay as they are.
        group_tokens=min(STORIES_TOKENS, left),
        topic=desk.topic,
        language=desk.language,
        prompts=desk.prompts,
        sampling=desk.sampling,
        run=lambda jobs, is_sound: desk.runner.run("grade", jobs, is_sound=is_sound),
    )
    return tell(chosen, style=desk.style, texts=desk.texts, count=desk.runner.count, budget_tokens=budget)
