"""Requests to model servers and their answers, as values: what is sent, and what is made of the bytes that come. Pure.

Two ways of speaking: OpenAI's (server-sent events) and Ollama's own (a JSON object a line).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localdigest.remote.served import Form, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localdigest.engine.jobs import Message, Sampling

__all__ = [
    "Answer",
    "BrokenAnswerError",
    "Reading",
    "chat_body",
    "chat_path",
    "error_of",
    "likeliest",
    "read_tokens",
    "score_body",
]

_MOST_LINE_BYTES = 2**20
_MOST_ANSWER_BYTES = 16 * 2**20
_SHOWN = 300  #: characters of what a server says


class BrokenAnswerError(Exception):
    """What came is no answer: not in the form that it should have, or without its end."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model wrote, and what the server says of it."""

    text: str
    is_cut: bool  #: it ended at its limit of tokens
    prompt_tokens: int = 0  #: 0: the server does not say
    reused_tokens: int = 0  #: of these: known from an earlier prompt
    written_tokens: int = 0


def chat_path(form: Form) -> str:
    """Below which address a chat is asked for: of the interface, or of the server (Ollama's)."""
    return "/api/chat" if form is Form.OLLAMA else "/chat/completions"


def chat_body(
    messages: Sequence[Message],
    *,
    model: str,
    kind: Kind,
    form: Form,
    fields: Mapping[str, Any],
    max_tokens: int,
    sampling: Sampling,
    stop: Sequence[str] = (),
    context_tokens: int = 0,
    quiet: bool = True,
) -> dict[str, Any]:
    """A chat whose answer comes as it is written.

    Args:
        messages: of the prompt.
        model: its name at the server.
        kind: of the server.
        form: decides the way of speaking.
        fields: that make the answer keep a schema.
        max_tokens: of the answer.
        sampling: of the answer.
        stop: what ends it.
        context_tokens: that the server was found to have: Ollama is told, lest it takes another; 0: not known yet.
        quiet: ask that the model does not think aloud: a digest has no use for it, and schemas have no place.
    """
    turns = [{"role": message.role, "content": message.content} for message in messages]
    if form is Form.OLLAMA:
        options = {"num_predict": max_tokens, "seed": sampling.seed, **_sampling(sampling, "repeat_penalty")}
        options |= ({"num_ctx": context_tokens} if context_tokens else {}) | ({"stop": list(stop)} if stop else {})
        # A prompt that is too long shall be refused and not shortened; older versions do not know these two.
        whole = {"truncate": False, "shift": False}
        thinks = {"think": False} if quiet else {}
        return {"model": model, "messages": turns, "stream": True, "options": options, **whole, **thinks, **fields}
    penalty = "repetition_penalty" if kind is Kind.VLLM else "repeat_penalty"
    return {
        "model": model,
        "messages": turns,
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": max_tokens,
        "seed": sampling.seed,
        **_sampling(sampling, penalty if kind in (Kind.LLAMA, Kind.VLLM, Kind.LM_STUDIO) else ""),
        **({"stop": list(stop)} if stop else {}),
        **({"chat_template_kwargs": {"enable_thinking": False}} if quiet else {}),
        **fields,
    }


def score_body(messages: Sequence[Message], *, model: str, most_scores: int, quiet: bool) -> dict[str, Any]:
    """One token, with the log-probabilities of the likeliest ones in its place."""
    return {
        "model": model,
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        "max_tokens": 1,
        "temperature": 0.0,
        "logprobs": True,
        "top_logprobs": most_scores,
        **({"chat_template_kwargs": {"enable_thinking": False}} if quiet else {}),
    }


def likeliest(data: Any) -> list[tuple[str, float]]:
    """The tokens of an answer's first place with their log-probabilities; empty where it has none."""
    try:
        place = data["choices"][0]["logprobs"]["content"][0]
        return [(str(each["token"]), float(each["logprob"])) for each in place["top_logprobs"]]
    except (LookupError, TypeError, ValueError):
        return []


def read_tokens(data: Any) -> int:
    """How many tokens of the prompt were read for an answer that came at once; 0: the server does not say."""
    if not isinstance(data, dict):
        return 0
    usage = data.get("usage")
    return _count(usage.get("prompt_tokens")) if isinstance(usage, dict) else _count(data.get("prompt_eval_count"))


def error_of(data: Any) -> str:
    """What a server says is wrong, on one line; `""`: it says nothing."""
    error = data.get("error", data.get("detail", data.get("message", ""))) if isinstance(data, dict) else data
    if isinstance(error, dict):
        error = error.get("message", "")
    shown = error if isinstance(error, str) else json.dumps(error, ensure_ascii=False)
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in shown).split())
    return plain if len(plain) <= _SHOWN else plain[:_SHOWN] + "…"


def _sampling(sampling: Sampling, penalty: str) -> dict[str, Any]:
    """Temperature 0 takes the likeliest. The penalty is said in any case: vLLM takes it from the model's own file."""
    fields: dict[str, Any] = {"temperature": sampling.temperature}
    if sampling.temperature:
        fields |= {"top_p": sampling.top_p, "min_p": sampling.min_p, "top_k": sampling.top_k or -1}
    return fields | ({penalty: sampling.repeat_penalty} if penalty else {})


class Reading:
    """An answer while it comes."""

    def __init__(self, form: Form) -> None:
        self._read = self._ollama if form is Form.OLLAMA else self._event
        self._bytes = 0
        self._left = b""
        self._text: list[str] = []
        self._finish = ""
        self._is_whole = False
        self._usage: dict[str, int] = {}
        self.has_begun = False  #: something of the answer is there: its prompt was read

    def feed(self, chunk: bytes) -> None:
        """The next bytes.

        Raises:
            BrokenAnswerError: they cannot be of an answer, or the server says in them that there will be none.
        """
        self._bytes += len(chunk)
        *lines, self._left = (self._left + chunk).split(b"\n")
        if len(self._left) > _MOST_LINE_BYTES or self._bytes > _MOST_ANSWER_BYTES:
            raise BrokenAnswerError("it is longer than any answer")
        for line in lines:
            self._line(line)

    def answer(self) -> Answer:
        """The whole of it, once the server has closed.

        Raises:
            BrokenAnswerError: it has no end.
        """
        left, self._left = self._left, b""
        try:
            self._line(left)
        except BrokenAnswerError as error:
            raise BrokenAnswerError("it broke off") from error
        if not self._finish and not self._is_whole:
            raise BrokenAnswerError("it broke off")
        if self._finish not in ("stop", "length", ""):
            raise BrokenAnswerError(f"it ended for another reason: {self._finish[:40]!r}")
        usage = self._usage
        return Answer("".join(self._text), self._finish == "length", **usage)

    def _line(self, line: bytes) -> None:
        try:
            text = line.decode().strip()
        except UnicodeDecodeError as error:
            raise BrokenAnswerError("it is no UTF-8") from error
        if text:
            self._read(text)

    def _event(self, line: str) -> None:
        """A line of server-sent events; a server that streams nothing sends one object."""
        name, colon, rest = line.partition(":")
        if line.startswith("{"):
            name, rest = "data", line
        elif not colon or name not in ("data", "error"):
            return  # a comment that keeps the line open, the name or the number of an event
        rest = rest.strip()
        if rest == "[DONE]":
            self._is_whole = True
            return
        data = _object(rest)
        if name == "error" or data.get("error"):
            raise BrokenAnswerError(f"the server says: {error_of(data) or rest[:_SHOWN]}")
        self._use(data)

    def _use(self, data: Mapping[str, Any]) -> None:
        usage = data.get("usage")
        if isinstance(usage, dict):
            details = usage.get("prompt_tokens_details")
            self._usage = {
                "prompt_tokens": _count(usage.get("prompt_tokens")),
                "reused_tokens": _count(details.get("cached_tokens")) if isinstance(details, dict) else 0,
                "written_tokens": _count(usage.get("completion_tokens")),
            }
        choices = data.get("choices")
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            return
        delta = choices[0].get("delta") or choices[0].get("message") or {}
        # Thoughts are no part of the answer, but show that somebody is at work.
        self.has_begun = self.has_begun or any(delta.get(key) for key in ("content", "reasoning_content", "reasoning"))
        if isinstance(content := delta.get("content"), str):
            self._text.append(content)
        if isinstance(finish := choices[0].get("finish_reason"), str):
            self._finish = finish

    def _ollama(self, line: str) -> None:
        data = _object(line)
        if data.get("error"):
            raise BrokenAnswerError(f"the server says: {error_of(data)}")
        message = data.get("message")
        if isinstance(message, dict) and isinstance(content := message.get("content"), str):
            self._text.append(content)
            self.has_begun = self.has_begun or bool(content or message.get("thinking"))
        if data.get("done") is True:
            self._finish = str(data.get("done_reason") or "stop")
            self._usage = {
                "prompt_tokens": _count(data.get("prompt_eval_count")),
                "written_tokens": _count(data.get("eval_count")),
            }


def _object(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenAnswerError(f"it holds what is no JSON: {text[:40]!r}") from error
    if not isinstance(data, dict):
        raise BrokenAnswerError(f"it holds what is no answer: {text[:40]!r}")
    return data


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
