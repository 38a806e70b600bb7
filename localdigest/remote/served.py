"""What was found out about the servers of a run: frozen values, sent from the messenger to the main process."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from localdigest.codec import canonical_json
from localdigest.endpoints import Endpoint

__all__ = ["Counting", "Form", "Kind", "Served", "Server", "short_name"]


class Form(StrEnum):
    """How a server is asked to keep a schema, as it was found to do."""

    GRAMMAR = "grammar"  #: llama.cpp's own, made here: compact text
    STRUCTURED = "structured_outputs"  #: vLLM since 0.11
    SCHEMA = "json_schema"  #: OpenAI's `response_format`
    OBJECT = "json_object"  #: the same with a schema beside it: llama-cpp-python, llama-server
    GUIDED = "guided_json"  #: vLLM before 0.12
    OLLAMA = "format"  #: Ollama's own interface


class Counting(StrEnum):
    """How the tokens of a text are counted."""

    LLAMA = "llama"  #: `/tokenize` of llama.cpp
    VLLM = "vllm"  #: `/tokenize` of vLLM
    PYTHON = "llama-cpp-python"  #: `/extras/tokenize/count` of its server
    BOUND = "bound"  #: by nobody: an upper bound is reckoned with


class Kind(StrEnum):
    """What a server says that it is. It decides no more than which words it is spoken to in."""

    LLAMA = "llama.cpp"
    VLLM = "vLLM"
    OLLAMA = "Ollama"
    LM_STUDIO = "LM Studio"
    OTHER = "unknown"


@dataclass(frozen=True, slots=True)
class Server:
    """One endpoint, as it was found at the start of a run."""

    url: str
    kind: Kind
    version: str  #: `""`: it does not say
    model: str  #: as requests have to name it
    context_tokens: int  #: that prompt and answer of one job may have together
    slots: int  #: jobs that it runs at once; 0: it does not say
    form: Form
    counting: Counting
    template_tokens: int  #: that its chat template puts around a message, at most
    most_scores: int  #: log-probabilities of so many tokens at one place; 0: it gives none
    quiet: bool  #: it understands that a model shall not think aloud
    is_public: bool  #: its address is not of one's own network
    latin_rate: float = 0.0  #: where nobody counts: see bound.py
    other_rate: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)  #: of the model's file, the same on every host
    marks: tuple[str, ...] = ()  #: what it reads as marks in any text, as far as it says
    notes: tuple[str, ...] = ()

    @property
    def software(self) -> str:
        return (
            f"{self.kind.value} {self.version}".strip() if self.kind is not Kind.OTHER else "a server of its own kind"
        )


@dataclass(frozen=True, slots=True)
class Served:
    """The servers of a run, which all serve one model."""

    servers: tuple[Server, ...]  #: at least one
    absent: tuple[str, ...] = ()  #: what is wrong with those that cannot be used, a sentence each

    @property
    def name(self) -> str:
        """Of the model, without where it lies."""
        return short_name(self.servers[0].model)

    @property
    def context_tokens(self) -> int:
        return min(server.context_tokens for server in self.servers)

    @property
    def slots(self) -> int:
        """0: some do not say."""
        return sum(server.slots for server in self.servers) if all(server.slots for server in self.servers) else 0

    @property
    def gives_scores(self) -> bool:
        return all(server.most_scores for server in self.servers)

    @property
    def public_doors(self) -> tuple[str, ...]:
        return tuple(Endpoint(server.url).door for server in self.servers if server.is_public)

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(Endpoint(server.url).host for server in self.servers))

    @property
    def notes(self) -> tuple[str, ...]:
        """Each once; of which server, where there are several."""
        several = len(self.servers) > 1
        told = [
            f"{Endpoint(server.url).door}: {note}" if several else note
            for server in self.servers
            for note in server.notes
        ]
        return (*self.absent, *dict.fromkeys(told))

    @property
    def software(self) -> str:
        return ", ".join(sorted({server.software for server in self.servers}))

    @property
    def identity(self) -> str:
        """A hash of all that is known of what answers. It holds no address: another host with this file is the same."""
        known = {
            "name": self.name,
            "facts": self.servers[0].facts,
            "context": self.context_tokens,
            "forms": sorted({server.form.value for server in self.servers}),
            "counting": sorted({server.counting.value for server in self.servers}),
        }
        return hashlib.sha256(canonical_json(known).encode()).hexdigest()


def short_name(model: str) -> str:
    """A model that is served under the path of its file goes by the name of the file."""
    name = PurePosixPath(model.replace("\\", "/")).name if model.endswith(".gguf") else model
    return "".join(letter if letter.isprintable() else " " for letter in name.removesuffix(".gguf"))
