"""A second opinion on a sentence: the model is asked whether its evidence states it, and the chances of its two answers
are compared. Nothing is generated, so it is quick, and all sentences are asked for in one batch.

It doubts and never confirms: what the program found wrong stays wrong, whatever a model says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from localdigest.engine.jobs import Job, Message
from localdigest.prompts import fenced, one_line
from localdigest.text.partial_json import read_json
from localdigest.writers.generative_jobs import JobsOf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localdigest.engine.jobs import Sampling
    from localdigest.prompts import Prompts
    from localdigest.writers.generative_jobs import Runner

__all__ = ["SecondJudge"]

#: What is scored, by the language of the prompt: the answer that stands by the sentence, and the other.
_ANSWERS = {"en": ("yes", "no"), "zh-TW": ("是", "否")}


class SecondJudge:
    """Asks about sentences and the texts of their evidence."""

    def __init__(self, runner: Runner, prompts: Prompts, sampling: Sampling) -> None:
        self._runner = runner
        self._prompts = prompts
        self._sampling = sampling

    def doubts(self, cases: Sequence[tuple[str, Sequence[str]]], languages: Sequence[str]) -> list[bool]:
        """Of each sentence, whether "no" is likelier than "yes".

        A job that failed doubts nothing; the account counts it.

        Args:
            cases: a sentence, and the sentences that it rests on.
            languages: of the prompt that asks about each.
        """
        jobs = JobsOf(cases, lambda number, case: self._job(f"judge-{number}", *case, languages[number]))
        completions = self._runner.run("judge", jobs, is_sound=lambda _, text: _logprobs(text) is not None)
        return [_says_no(_logprobs(completion.text)) for completion in completions]

    def _job(self, name: str, text: str, evidence: Sequence[str], language: str) -> Job:
        lines = [*(f"source: {one_line(each)}" for each in evidence), f"sentence: {one_line(text)}"]
        prompt = self._prompts.fill("judge", language, case=fenced("\n".join(lines)))
        return Job(id=name, prompt=(Message("user", prompt),), sampling=self._sampling, score=_ANSWERS[language])


def _says_no(logprobs: tuple[float, float] | None) -> bool:
    return logprobs is not None and logprobs[1] > logprobs[0]


def _logprobs(text: str) -> tuple[float, float] | None:
    """Of "yes" and "no"; None when this is no answer."""
    value, is_whole = read_json(text)
    match value.get("logprobs") if is_whole and isinstance(value, dict) else None:
        case [float(yes), float(no)] if yes <= 0.0 and no <= 0.0:  # NaN is neither
            return yes, no
    return None
