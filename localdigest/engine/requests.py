"""A job while it runs: what to do with the logits of its sequences, until its completion is there."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Protocol

from localdigest.engine.jobs import Completion, Finish, Job, Usage
from localdigest.engine.prefixes import common_prefix
from localdigest.engine.sampler import Sampler, log_softmax_at
from localdigest.engine.scheduler import Sequence
from localdigest.engine.speculation import PromptLookup

if TYPE_CHECKING:
    from localdigest.engine.backend import Logits, Run, VocabToken
    from localdigest.engine.constraint import Matcher
    from localdigest.engine.errors import JobError

__all__ = ["GenerateRequest", "Request", "ScoreRequest"]


class Request(Protocol):
    """One job and its sequences. Time is the caller's to measure."""

    job: Job
    sequences: list[Sequence]

    def take(self, sequence: Sequence, run: Run, rows: list[Logits]) -> Finish | None:
        """Use the rows of logits that a run gave; says so when the job is at its end."""

    def completion(self, finish: Finish, *, seconds: float = 0.0, error: JobError | None = None) -> Completion: ...


class GenerateRequest:
    """Writes one output, token by token, within what its constraint allows."""

    def __init__(
        self, job: Job, prompt: list[int], *, vocabulary: list[VocabToken], matcher: Matcher | None, leads: bool
    ) -> None:
        self.job = job
        self.num_prompt = len(prompt)
        self.sampler = Sampler(job.sampling)
        self.matcher = matcher
        self.vocabulary = vocabulary
        self.text = _Text(job.stop, drop_lead=leads and matcher is None)
        self.num_forced = 0
        self.draft: list[int] = []  #: guessed tokens at the end of the sequence, not part of the output
        self.num_right = 0  #: of the last draft
        self.lookup = PromptLookup()
        self.sequence = Sequence(list(prompt), max_tokens=len(prompt) + job.max_tokens, first_output=len(prompt) - 1)
        self.sequences = [self.sequence]

    def begin(self) -> Finish | None:
        """What the constraint forces from the start goes in with the prompt. It may be all there is."""
        finish = self._follow()
        self.sequence.first_output = len(self.sequence.tokens) - 1
        return finish

    def take(self, sequence: Sequence, run: Run, rows: list[Logits]) -> Finish | None:  # noqa: ARG002 - as the protocol has it
        """The first row says what comes next; each further one counts if what came is what was guessed."""
        sure = len(sequence.tokens) - len(self.draft)
        draft, self.draft = self.draft, []
        del sequence.tokens[sure:]
        came: list[int] = []
        finish = None
        while finish is None and len(came) < len(rows) and came == draft[: len(came)]:
            finish = self._emit(self._choose(rows[len(came)]))
            came = sequence.tokens[sure:]
        self.num_right = common_prefix(came, draft, len(draft))
        return finish

    def _emit(self, token: int) -> Finish | None:
        if self.vocabulary[token].ends:
            return Finish.END
        if self.matcher is not None:
            self.matcher.advance(token)
        return self._append(token) or self._follow()

    def propose(self, limit: int) -> None:
        """Guess how the text goes on, from what the prompt and the output hold; checked by the next step's rows."""
        tokens = self.sequence.tokens
        room = self.sequence.max_tokens - len(tokens) - 1
        draft = self.lookup.propose(tokens, min(limit, room)) if room > 0 else []
        if draft and self.matcher is not None:
            draft = draft[: self.matcher.count_accepted(draft)]
        self.sequence.first_output = len(tokens) - 1
        self.draft = draft
        tokens.extend(draft)

    def _choose(self, row: Logits) -> int:
        recent = self.sequence.tokens[self.num_prompt :]
        token = self.sampler.sample(row, recent)
        if self.matcher is None or self.matcher.accepts(token):
            return token
        return self.sampler.sample_allowed(row, self.matcher.allowed(), recent)

    def _follow(self) -> Finish | None:
        """Append what the constraint leaves no choice about."""
        if self.matcher is None:
            return None
        for token in self.matcher.forced():
            self.matcher.advance(token)
            self.num_forced += 1
            if finish := self._append(token):
                return finish
        self.sequence.first_output = len(self.sequence.tokens) - 1
        return Finish.END if self.matcher.is_complete() else None

    def _append(self, token: int) -> Finish | None:
        self.sequence.tokens.append(token)
        if self.text.add(self.vocabulary[token].text):
            return Finish.STOP
        if len(self.sequence.tokens) - self.num_prompt < self.job.max_tokens:
            return None
        complete = self.matcher is not None and self.matcher.is_complete()
        return Finish.END if complete else Finish.LENGTH

    def completion(self, finish: Finish, *, seconds: float = 0.0, error: JobError | None = None) -> Completion:
        output = len(self.sequence.tokens) - len(self.draft) - self.num_prompt
        usage = Usage(
            prompt_tokens=self.num_prompt,
            reused_tokens=min(self.sequence.num_reused, self.num_prompt),
            sampled_tokens=output - self.num_forced,
            forced_tokens=self.num_forced,
            seconds=seconds,
        )
        return Completion(self.job.id, finish, text=self.text.read(), usage=usage, error=error)


class _Text:
    """Bytes of tokens as they come, as text; ends at a stop string, which may be spread over tokens."""

    def __init__(self, stop: tuple[str, ...], *, drop_lead: bool) -> None:
        self._stop = tuple(text for text in stop if text)
        self._drop_lead = drop_lead
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._longest = max(map(len, self._stop), default=0)

    def add(self, piece: bytes) -> bool:
        """True when a stop string has come; the text then ends before it."""
        searched = max(0, len(self._text) - self._longest)
        self._text += self._decoder.decode(piece)
        found = [at for text in self._stop if (at := self._text.find(text, searched)) >= 0]
        if found:
            self._text = self._text[: min(found)]
        return bool(found)

    def read(self) -> str:
        """Without the bytes of a last character that is not complete."""
        return self._text.removeprefix(" ") if self._drop_lead else self._text


class ScoreRequest:
    """The log-probability of each option after the prompt.

    Options that differ only in their last token are read from the same sequence:

        [ prompt ][ option without its last token ]
                ^ ^ ^ logits wanted here: the probability of each of the option's tokens
    """

    def __init__(self, job: Job, prompt: list[int], options: list[list[int]]) -> None:
        self.job = job
        self.num_prompt = len(prompt)
        self.options = options
        self.logprobs = [0.0] * len(options)
        paths = {tuple(option[:-1]) for option in options}
        self.sequences = [
            Sequence([*prompt, *path], max_tokens=len(prompt) + len(path), first_output=len(prompt) - 1)
            for path in sorted(paths)
        ]
        self._open = len(self.sequences)

    def take(self, sequence: Sequence, run: Run, rows: list[Logits]) -> Finish | None:
        path = sequence.tokens[self.num_prompt :]
        first = run.start + len(run.tokens) - len(rows) - (self.num_prompt - 1)
        for step, row in enumerate(rows, start=first):
            for index, option in enumerate(self.options):
                if option[:-1] == path:
                    self.logprobs[index] += log_softmax_at(row, option[step])
        if sequence.num_pending:
            return None
        self._open -= 1
        return None if self._open else Finish.SCORED

    def completion(self, finish: Finish, *, seconds: float = 0.0, error: JobError | None = None) -> Completion:
        usage = Usage(
            prompt_tokens=self.num_prompt,
            reused_tokens=min(self.sequences[0].num_reused, self.num_prompt),
            seconds=seconds,
        )
        logprobs = tuple(self.logprobs) if finish is Finish.SCORED else ()
        return Completion(self.job.id, finish, logprobs=logprobs, usage=usage, error=error)
