"""Runs jobs on an engine once and for all: an answer is stored as soon as it is there, and never asked for again."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, overload

from localdigest.engine.jobs import Completion, Finish, Job, Usage
from localdigest.store import StoredCompletion, content_key
from localdigest.text.partial_json import read_json

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from localdigest.engine.errors import JobError

__all__ = ["Completions", "Engine", "JobsOf", "Model", "Progress", "Runner", "Work", "raise_if_all_failed"]

Item = TypeVar("Item")


class Engine(Protocol):
    """What the writer needs of an engine."""

    def count_all(self, texts: Sequence[str]) -> Sequence[int]:
        """How many tokens each text is."""

    def generate(self, jobs: Iterable[Job]) -> Iterator[Completion]:
        """The answers, as they are ready; every job ends in one."""


class Completions(Protocol):
    """What was answered and counted before."""

    def completion(self, key: str) -> StoredCompletion | None: ...

    def put_completion(self, key: str, completion: StoredCompletion, *, created_at: str) -> None: ...

    def token_counts(self, key: str) -> tuple[int, ...] | None: ...

    def put_token_counts(self, key: str, counts: tuple[int, ...]) -> None: ...


@dataclass(frozen=True, slots=True)
class Model:
    """Which model answers, as far as its answers depend on it."""

    name: str  #: stands in the post
    sha256: str  #: of its file
    context_tokens: int  #: the longest that prompt and answer may be together
    engine_version: str  #: another build of the engine may answer otherwise


@dataclass(frozen=True, slots=True)
class Progress:
    """What a person watching may want to know."""

    stage: str  #: map, judge, repair, grade, reduce
    done: int
    total: int
    tokens: int = 0  #: written by the engine so far


class JobsOf(Sequence[Job], Generic[Item]):
    """Jobs that are made when they are looked at: thousands of prompts take more room than what they are made of."""

    def __init__(self, items: Sequence[Item], make: Callable[[int, Item], Job]) -> None:
        """Nothing is made yet.

        Args:
            items: one for each job.
            make: the job of an item, given its place; the same each time.
        """
        self._items = items
        self._make = make

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, place: int) -> Job: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Job]: ...

    def __getitem__(self, place: int | slice) -> Job | Sequence[Job]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        return self._make(place, self._items[place])


@dataclass(frozen=True, slots=True)
class Work:
    """What this run had to do; two runs over the same input differ in it."""

    jobs_run: int = 0
    jobs_stored: int = 0  #: answered from the store
    jobs_cut: int = 0  #: of all: ended at their limit of tokens
    jobs_failed: int = 0
    jobs_malformed: int = 0  #: answered otherwise than their schema asks; what could be read of them counts
    computed_tokens: int = 0  #: of prompts
    reused_tokens: int = 0  #: of prompts: shared with another job
    written_tokens: int = 0
    failures: tuple[str, ...] = ()  #: what the engine said, each once


class Runner:
    """Asks the store first, then the engine. Results come in the order of the jobs, not of their arrival."""

    def __init__(
        self,
        engine: Engine,
        model: Model,
        cache: Completions,
        *,
        prompts_hash: str,
        on_event: Callable[[Progress], None],
        now: Callable[[], dt.datetime],
    ) -> None:
        self._engine = engine
        self._model = model
        self._cache = cache
        self._prompts_hash = prompts_hash
        self._on_event = on_event
        self._now = now
        self.work = Work()

    def count(self, texts: Sequence[str]) -> tuple[int, ...]:
        """Tokens of each text. The counts of the same texts are remembered, so that nothing loads a model for them."""
        key = content_key("tokens", self._model.sha256, self._model.engine_version, list(texts))
        counts = self._cache.token_counts(key)
        if counts is None or len(counts) != len(texts):
            counts = tuple(self._engine.count_all(texts))
            self._cache.put_token_counts(key, counts)
        return counts

    def run(self, stage: str, jobs: Sequence[Job], *, is_sound: Callable[[Job, str], bool]) -> list[Completion]:
        """One completion for each job.

        Args:
            stage: for whoever watches.
            jobs: each with a name of its own; each is looked at twice, and held while it is under way alone.
            is_sound: whether an answer keeps what its job asks for, as far as it goes. One that does not is never
                stored; a stored one that does not is asked for again. Of a job with `score` the answer is
                `{"logprobs": [...]}`.
        """
        ids, keys = list[str](), list[str]()
        found: dict[int, Completion] = {}
        for place, job in enumerate(jobs):
            ids.append(job.id)
            keys.append(self._key(job))
            if stored := self._stored(job, keys[-1], is_sound):
                found[place] = stored
        self._add(jobs_stored=len(found))
        self._on_event(Progress(stage, len(found), len(jobs), self.work.written_tokens))
        missing = {key: place for place, key in enumerate(keys) if place not in found}  # two equal jobs are one
        under_way: dict[str, tuple[str, Job]] = {}
        answers: dict[str, Completion] = {}
        for answer in self._engine.generate(_handed_out(jobs, missing, under_way)) if missing else ():
            completion = _as_json(answer)
            key, job = under_way.pop(completion.job_id)
            answers[key] = completion
            self._keep(job, key, completion, is_sound)
            self._on_event(Progress(stage, len(found) + len(answers), len(jobs), self.work.written_tokens))
        done = [
            found.get(place) or replace(answers[key], job_id=id_)
            for place, (id_, key) in enumerate(zip(ids, keys, strict=True))
        ]
        self._add(jobs_cut=sum(completion.finish is Finish.LENGTH for completion in done))
        return done

    def known(self, jobs: Sequence[Job], *, is_sound: Callable[[Job, str], bool]) -> frozenset[str]:
        """Ids of the jobs that `run` would not ask the engine."""
        return frozenset(job.id for job in jobs if self._stored(job, self._key(job), is_sound))

    def _key(self, job: Job) -> str:
        prompt = job.prompt if isinstance(job.prompt, str) else list(job.prompt)
        model = self._model
        return content_key(
            "completion",
            prompt,
            job.constraint,
            job.sampling,
            job.max_tokens,
            model.sha256,
            model.engine_version,
            self._prompts_hash,
            *([job.score] if job.score else []),
        )

    def _stored(self, job: Job, key: str, is_sound: Callable[[Job, str], bool]) -> Completion | None:
        stored = self._cache.completion(key)
        if stored is None:
            return None
        completion = Completion(job.id, Finish.END if stored.is_whole else Finish.LENGTH, stored.text)
        return completion if _is_fit(completion) and is_sound(job, stored.text) else None

    def _keep(self, job: Job, key: str, completion: Completion, is_sound: Callable[[Job, str], bool]) -> None:
        usage: Usage = completion.usage
        self._add(
            jobs_run=1,
            computed_tokens=usage.prompt_tokens - usage.reused_tokens,
            reused_tokens=usage.reused_tokens,
            written_tokens=usage.sampled_tokens + usage.forced_tokens,
        )
        if completion.error is not None:
            self._fail(completion.error)
        elif not _is_fit(completion) or not is_sound(job, completion.text):
            self._add(jobs_malformed=1)
        elif completion.finish in (Finish.END, Finish.LENGTH):
            stored = StoredCompletion(completion.text, completion.finish is Finish.END)
            self._cache.put_completion(key, stored, created_at=self._now().isoformat(timespec="seconds"))

    def _fail(self, error: JobError) -> None:
        self._add(jobs_failed=1)
        self.work = replace(self.work, failures=tuple(dict.fromkeys((*self.work.failures, error.message))))

    def _add(self, **counts: int) -> None:
        self.work = replace(self.work, **{name: getattr(self.work, name) + count for name, count in counts.items()})


def _handed_out(jobs: Sequence[Job], places: Mapping[str, int], under_way: dict[str, tuple[str, Job]]) -> Iterator[Job]:
    """The jobs at these places, as the engine has room for them; each is noted under its name, with its key."""
    for key, place in places.items():
        job = jobs[place]
        under_way[job.id] = key, job
        yield job


def _as_json(completion: Completion) -> Completion:
    """Log-probabilities as text, so that they are stored and read like any other answer."""
    if completion.finish is not Finish.SCORED:
        return completion
    return replace(completion, finish=Finish.END, text=json.dumps({"logprobs": completion.logprobs}))


def _is_fit(completion: Completion) -> bool:
    """Text that can be stored, and the whole of a JSON value unless it was cut."""
    try:
        completion.text.encode()
    except UnicodeEncodeError:
        return False
    return completion.finish is not Finish.END or read_json(completion.text)[1]


def raise_if_all_failed(completions: Sequence[Completion]) -> None:
    """Raises the engine's JobError when no job came through: the fault is then no single job's."""
    errors = [completion.error for completion in completions]
    if errors and all(error is not None for error in errors):
        raise next(error for error in errors if error is not None)
