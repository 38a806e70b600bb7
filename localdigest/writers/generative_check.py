"""Holds what a model wrote against its evidence; what fails is asked for once more, and then dropped.

drafts ─judge─▶ ─second judge, where asked for─▶ kept
          └─ unsupported ─repair, all in one batch─▶ judge, second judge ─▶ kept, or dropped with what is wrong
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from localdigest.engine.jobs import Completion, Finish, Job, JsonSchema, Message
from localdigest.prompts import fenced, one_line
from localdigest.records import Document, Dropped, Verdict
from localdigest.stages.verify import Evidence, TextsById
from localdigest.text import content_tokens
from localdigest.text.instructions import instructs
from localdigest.text.partial_json import read_json
from localdigest.text.tokens import han_share
from localdigest.text.written import cleaned
from localdigest.text.written_in import is_written_in
from localdigest.writers.generative_jobs import JobsOf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from localdigest.engine.jobs import Sampling
    from localdigest.prompts import Prompts
    from localdigest.writers.generative_jobs import Runner
    from localdigest.writers.generative_judge import SecondJudge

__all__ = ["Checked", "Checker", "Draft"]

_MOST_CHARACTERS = 240
_REPAIR_TOKENS = 200
_OWN_WORDS = 0.2  #: of an undecided sentence's words that stand in its evidence: with fewer it is about something else
_HAN_TEXT = 0.3
_REPAIR_SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"sentence": {"type": "string", "maxLength": _MOST_CHARACTERS}},
        "required": ["sentence"],
        "additionalProperties": False,
    }
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence that a model wrote, before it was judged."""

    text: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft that stands, repaired or not, or what became of it."""

    draft: Draft
    verdict: Verdict
    dropped: Dropped | None = None
    is_repaired: bool = False


class Checker:
    """Judges drafts over the documents of one run."""

    def __init__(
        self,
        documents: Iterable[Document],
        *,
        runner: Runner,
        prompts: Prompts,
        sampling: Sampling,
        second: SecondJudge | None = None,
    ) -> None:
        """`second` is asked about whatever the program lets stand."""
        documents = tuple(documents)
        self.texts = TextsById(documents)  #: of everything that can be cited
        self._evidence = Evidence(documents)
        self._runner = runner
        self._prompts = prompts
        self._sampling = sampling
        self._second = second

    def check(
        self,
        drafts: Sequence[Draft],
        *,
        languages: Sequence[str],
        strict: bool,
        written_in: str = "",
        convert: Callable[[str, Sequence[str]], str] = lambda text, _: text,
    ) -> list[Checked]:
        """One outcome for each draft.

        Args:
            drafts: to judge.
            languages: of the prompt that repairs each.
            strict: whether what nobody can tell is a failure too.
            written_in: the language that they must be in; `""`: any.
            convert: applied to what a repair wrote, with the texts of its evidence.
        """
        found = self._judge(drafts, languages, strict=strict, written_in=written_in)
        failing = [index for index, outcome in enumerate(found) if outcome.dropped]
        jobs = JobsOf(failing, lambda _, index: self._repair_job(found[index], languages[index], f"repair-{index}"))
        completions = self._runner.run("repair", jobs, is_sound=_is_sound) if jobs else []
        repaired: dict[int, Draft] = {}
        for index, completion in zip(failing, completions, strict=True):
            text = convert(_repaired(completion), [self.texts[id_] for id_ in drafts[index].evidence])
            if text:
                repaired[index] = replace(drafts[index], text=text)
        again = self._judge(
            list(repaired.values()), [languages[index] for index in repaired], strict=strict, written_in=written_in
        )
        for index, outcome in zip(repaired, again, strict=True):
            if not outcome.dropped:
                found[index] = replace(outcome, is_repaired=True)
        return found

    def _judge(
        self, drafts: Sequence[Draft], languages: Sequence[str], *, strict: bool, written_in: str
    ) -> list[Checked]:
        found = [self._judged(draft, strict=strict, written_in=written_in) for draft in drafts]
        standing = [index for index, outcome in enumerate(found) if not outcome.dropped]
        if self._second is None or not standing:
            return found
        cases = [(drafts[index].text, [self.texts[id_] for id_ in drafts[index].evidence]) for index in standing]
        doubts = self._second.doubts(cases, [languages[index] for index in standing])
        for index, is_doubted in zip(standing, doubts, strict=True):
            if is_doubted:
                found[index] = replace(found[index], dropped=_dropped(drafts[index], "doubted"))
        return found

    def _judged(self, draft: Draft, *, strict: bool, written_in: str) -> Checked:
        evidence = [self.texts[id_] for id_ in draft.evidence]
        judgement = self._evidence.judge(draft.text, draft.evidence)
        if not is_written_in(draft.text, written_in):
            offence = f"{draft.text}: not written in {written_in}"
            return Checked(draft, judgement.verdict, _dropped(draft, "language", (offence,)))
        if instructs(draft.text):
            return Checked(draft, judgement.verdict, _dropped(draft, "instructs"))
        may_stand = judgement.verdict is Verdict.UNDECIDED and not strict and _speaks_of(draft.text, evidence)
        if judgement.verdict is Verdict.SUPPORTED or may_stand:
            return Checked(draft, judgement.verdict)
        wrong = tuple(dict.fromkeys(f"{offence.text}: {offence.why}" for offence in judgement.tokens))
        return Checked(draft, judgement.verdict, _dropped(draft, judgement.verdict.value, wrong))

    def _repair_job(self, checked: Checked, language: str, name: str) -> Job:
        assert checked.dropped
        wrong = checked.dropped.tokens or ("",)
        lines = [
            f"sentence: {checked.draft.text}",
            *(f"problem: {token}" for token in wrong if token),
            *(f"source: {one_line(self.texts[id_])}" for id_ in checked.draft.evidence),
        ]
        prompt = self._prompts.fill("repair", language, case=fenced("\n".join(lines)))
        return Job(
            id=name,
            prompt=(Message("user", prompt),),
            max_tokens=_REPAIR_TOKENS,
            sampling=self._sampling,
            constraint=JsonSchema(_REPAIR_SCHEMA),
        )


def _dropped(draft: Draft, reason: str, wrong: tuple[str, ...] = ()) -> Dropped:
    return Dropped(draft.text, draft.evidence, reason, wrong)


def _repaired(completion: Completion) -> str:
    """The sentence; `""` when the answer was cut off: half a sentence is none."""
    value, is_whole = read_json(completion.text)
    sentence = value.get("sentence") if is_whole and isinstance(value, dict) else None
    is_answer = completion.finish is Finish.END and isinstance(sentence, str)
    return cleaned(sentence) if is_answer and isinstance(sentence, str) else ""


def _is_sound(_: Job, text: str) -> bool:
    value, is_whole = read_json(text)
    if not is_whole:
        return value is None
    return isinstance(value, dict) and value.keys() == {"sentence"} and isinstance(value["sentence"], str)


def _speaks_of(text: str, evidence: Sequence[str]) -> bool:
    """Whether a sentence has words of its evidence; of another script nobody can tell."""
    together = " ".join(evidence)
    if (han_share(text) > _HAN_TEXT) != (han_share(together) > _HAN_TEXT):
        return True
    terms = set(content_tokens(text))
    return bool(terms) and len(terms & set(content_tokens(together))) >= _OWN_WORDS * len(terms)
