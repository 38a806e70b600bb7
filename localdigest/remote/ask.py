"""One question to one server: a text to count, a job to answer, options to weigh; refused here where it cannot fit."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from localdigest.endpoints import Endpoint
from localdigest.engine.errors import ContextOverflowError, JobError
from localdigest.remote.api import Reading, chat_body, chat_path, likeliest, read_tokens, score_body
from localdigest.remote.bound import Rates, bound
from localdigest.remote.caller import BusyError, CallError, RefusedError, StrangeError
from localdigest.remote.forms import schema_fields
from localdigest.remote.plain import without_marks
from localdigest.remote.served import Counting, Form

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from localdigest.engine.jobs import Job, Message
    from localdigest.remote.api import Answer
    from localdigest.remote.caller import Caller
    from localdigest.remote.served import Server

__all__ = ["Asker", "count_on"]

_BAD_REQUEST, _TOO_LARGE, _UNPROCESSABLE = 400, 413, 422
_FEW_SCORES = 20  #: tokens: OpenAI's limit, and enough where the model understood the question


class Asker:
    """May be used by several threads at once."""

    def __init__(self, caller: Caller, server: Server) -> None:
        self._caller = caller
        self.server = server
        self._rates = Rates(server.latin_rate, server.other_rate)
        self._chat = (Endpoint(server.url).root if server.form is Form.OLLAMA else server.url) + chat_path(server.form)

    def is_healthy(self) -> bool:
        """Whether it answers what costs it nothing. One that is too busy for that is there."""
        try:
            self._caller.get(f"{self.server.url}/models")
        except BusyError:
            return True
        except CallError:
            return False
        return True

    def count(self, text: str) -> int:
        """Tokens of a text, or a bound for them. Raises CallError."""
        text = without_marks(text, self.server.marks)
        if self.server.counting is Counting.BOUND:
            return bound(text, self._rates)
        return count_on(self._caller, self.server.url, self.server.counting, self.server.model, text)

    def answer(
        self,
        job: Job,
        schema: tuple[str, Mapping[str, Any]] | None,
        *,
        on_begin: Callable[[], None],
        is_cancelled: Callable[[], bool],
    ) -> Answer:
        """What the model writes.

        Args:
            job: whose prompt is a chat.
            schema: of the answer: the job's text, and the same as `honoured_schema` gives it; None: it writes freely.
            on_begin: is told when the first of the answer comes.
            is_cancelled: whether anybody waits for it still.

        Raises:
            CallError, CancelledError: nothing came of it.
            ContextOverflowError: prompt and answer have no room.
        """
        server = self.server
        messages = self._messages(job)
        self._check_room(messages, job.max_tokens)
        body = chat_body(
            messages,
            model=server.model,
            kind=server.kind,
            form=server.form,
            fields=schema_fields(server.form, *schema) if schema else {},
            max_tokens=job.max_tokens,
            sampling=job.sampling,
            stop=job.stop,
            context_tokens=server.context_tokens,
            quiet=server.quiet,
        )
        reading = Reading(server.form)
        try:
            answer = self._caller.stream(self._chat, body, reading, on_begin=on_begin, is_cancelled=is_cancelled)
        except RefusedError as error:
            raise _overflow(server, error) or error from error
        if answer.prompt_tokens + job.max_tokens > server.context_tokens:
            raise ContextOverflowError(
                f"{Endpoint(server.url).door} counts {answer.prompt_tokens} tokens in a prompt that should have fewer: "
                f"with an answer of {job.max_tokens} that is more than its context of {server.context_tokens}."
            )
        return answer

    def scores(self, job: Job) -> tuple[tuple[float, ...], int]:
        """The log-probability of each option as the beginning of the answer, and how many tokens were read for that.

        An option that is not among the likeliest tokens has less than the least of them, and is given that.

        Raises:
            CallError: nothing came of it.
            JobError: no option is among them.
        """
        server = self.server
        messages = self._messages(job)
        self._check_room(messages, 1)
        num_read = 0
        for most in dict.fromkeys((min(_FEW_SCORES, server.most_scores), server.most_scores)):
            body = score_body(messages, model=server.model, most_scores=most, quiet=server.quiet)
            data = self._caller.compute(f"{server.url}/chat/completions", body)
            tokens, num_read = likeliest(data), num_read + read_tokens(data)
            if not tokens:
                raise StrangeError("gives no log-probabilities")
            found = [_score(option, tokens, job.score) for option in job.score]
            if all(each is not None for each in found):
                break
        least = min(logprob for _, logprob in tokens)
        if all(each is None for each in found):
            raise JobError(f"None of {', '.join(job.score)} is among the {len(tokens)} likeliest tokens of the answer.")
        return tuple(least if each is None else each for each in found), num_read

    def _messages(self, job: Job) -> tuple[Message, ...]:
        """The chat, in whose texts nothing passes for a turn of its own."""
        if isinstance(job.prompt, str):
            raise JobError("A server is asked in chats, not with a plain prompt.", hint="Send messages.")
        return tuple(replace(each, content=without_marks(each.content, self.server.marks)) for each in job.prompt)

    def _check_room(self, messages: Sequence[Message], max_tokens: int) -> None:
        server = self.server
        around = len(messages) * server.template_tokens + max_tokens
        # No token is less than a byte: most prompts need not be counted.
        if (
            sum(len(message.content.encode("utf-8", "replace")) for message in messages) + around
            <= server.context_tokens
        ):
            return
        tokens = sum(self.count(message.content) for message in messages)
        if tokens + around > server.context_tokens:
            at_most = "at most " if server.counting is Counting.BOUND else ""
            raise ContextOverflowError(
                f"A prompt of {at_most}{tokens} tokens and an answer of {max_tokens} do not fit into the context of "
                f"{server.context_tokens} tokens that {Endpoint(server.url).door} serves.",
                hint="Serve the model with a longer context.",
            )


def count_on(caller: Caller, url: str, counting: Counting, model: str, text: str) -> int:
    """Tokens of a text, by the server's tokenizer. Raises CallError."""
    root = Endpoint(url).root
    if counting is Counting.PYTHON:
        data = caller.ask(f"{root}/extras/tokenize/count", {"input": text})
        count = data.get("count") if isinstance(data, dict) else None
    else:
        body: dict[str, Any] = {"content": text, "add_special": False}
        if counting is Counting.VLLM:
            body = {"model": model, "prompt": text, "add_special_tokens": False}
        data = caller.ask(f"{root}/tokenize", body)
        tokens = data.get("tokens") if isinstance(data, dict) else None
        count = len(tokens) if isinstance(tokens, list) else None
    if not isinstance(count, int) or bool(count) < bool(text):
        raise StrangeError("does not count tokens")
    return count


def _score(option: str, tokens: Sequence[tuple[str, float]], options: Sequence[str]) -> float | None:
    """The sum over the tokens that begin this option and no other; with or without white space before it."""
    others = [other for other in options if other != option]
    shares = [
        math.exp(logprob)
        for token, logprob in tokens
        if (begun := token.strip())
        and option.startswith(begun)
        and not any(other.startswith(begun) for other in others)
    ]
    total = math.fsum(shares)
    return min(0.0, math.log(total)) if total else None


def _overflow(server: Server, error: RefusedError) -> ContextOverflowError | None:
    """The server's own refusal of what is too long, as ours."""
    if error.status not in (_BAD_REQUEST, _TOO_LARGE, _UNPROCESSABLE):
        return None
    said = error.detail.lower()
    if "context" not in said or not any(word in said for word in ("exceed", "length", "size", "tokens", "too long")):
        return None
    return ContextOverflowError(f"{Endpoint(server.url).door} {error.detail}")
