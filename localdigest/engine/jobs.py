"""What goes into the engine and what comes out: frozen values, safe to send through a pipe."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localdigest.engine.errors import JobError

__all__ = [
    "Choice",
    "Completion",
    "Constraint",
    "Finish",
    "Job",
    "JsonSchema",
    "Message",
    "Prompt",
    "Regex",
    "Sampling",
    "Usage",
]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat. Its content is never read for special tokens: no text can forge a role."""

    role: str
    content: str


#: Messages go through the model's chat template; a string is taken as plain text after the beginning-of-text token.
Prompt = tuple[Message, ...] | str


@dataclass(frozen=True, slots=True)
class JsonSchema:
    """The output is one JSON text that the schema (itself JSON text) accepts."""

    schema: str


@dataclass(frozen=True, slots=True)
class Regex:
    """The whole output matches the expression (Rust `regex` syntax)."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The output is exactly one of the options."""

    options: tuple[str, ...]


Constraint = JsonSchema | Regex | Choice


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen. Temperature 0 takes the likeliest, and the rest but the penalty is then ignored."""

    temperature: float = 0.0
    top_k: int = 0  #: 0 = all
    top_p: float = 1.0
    min_p: float = 0.0  #: share of the likeliest token's probability below which a token is dropped
    repeat_penalty: float = 1.0  #: divides positive logits, multiplies negative ones, of tokens seen lately
    repeat_window_tokens: int = 64
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """One prompt and how to answer it.

    With `score` set nothing is generated: the completion holds the log-probability of each of these continuations.
    """

    id: str
    prompt: Prompt
    max_tokens: int = 512
    sampling: Sampling = field(default_factory=Sampling)
    constraint: Constraint | None = None
    stop: tuple[str, ...] = ()  #: ends the output, and is not part of it
    score: tuple[str, ...] = ()


class Finish(StrEnum):
    """Why a job ended."""

    END = "end"  #: the model ended its answer, or the constraint was complete
    STOP = "stop"  #: a stop string came
    LENGTH = "length"  #: `max_tokens` were made first: the text may be cut
    SCORED = "scored"  #: nothing was to be generated
    CANCELLED = "cancelled"
    FAILED = "failed"  #: see `Completion.error`


@dataclass(frozen=True, slots=True)
class Usage:
    """Where a job's tokens came from."""

    prompt_tokens: int = 0
    reused_tokens: int = 0  #: of the prompt: copied from another sequence, not computed
    sampled_tokens: int = 0  #: of the output: each took a step
    forced_tokens: int = 0  #: of the output: the constraint left no choice, computed as prompt
    seconds: float = 0.0  #: from admission to the end


@dataclass(frozen=True, slots=True)
class Completion:
    """The one end that every job comes to."""

    job_id: str
    finish: Finish
    text: str = ""
    logprobs: tuple[float, ...] = ()  #: one per option of `Job.score`, natural logarithm
    usage: Usage = field(default_factory=Usage)
    error: JobError | None = None
