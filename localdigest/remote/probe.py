"""Finds out what a server is: which model it serves, how much it holds, how it keeps a schema. By trying, not by name.

models ─▶ what else it tells (facts.py) ─▶ what it does (trial.py) ─▶ Server; several of one model ─▶ Served
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localdigest.endpoints import Endpoint
from localdigest.engine.errors import BackendError
from localdigest.remote.ask import count_on
from localdigest.remote.bound import Rates
from localdigest.remote.caller import Caller, CallError, RefusedError
from localdigest.remote.facts import Told, kind_of, names_in, ollama_context, own_name, told_by
from localdigest.remote.served import Counting, Form, Kind, Served, Server, short_name
from localdigest.remote.trial import UNAUTHORIZED, Talk, find_form, find_rates, find_scores, patiently, read_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["probe", "probe_all"]

_SPARE_TOKENS = 8  #: templates may put more around one message than around another
_UNKNOWN_TEMPLATE_TOKENS = 128
_OLLAMA_DEFAULT = 4096
_NOT_FOUND = 404
_SHOWN_NAMES = 10

_INTERFACE = "Name the address of its OpenAI-compatible interface: it ends in /v1."
_LISTENS = "Is the server running, and does it listen on this address?"
_LONGER = "Serve the model with a context of 4,096 tokens or more, by a server that tells how much it reads."
_LOOK = "Look into the server's log; `localdigest doctor --endpoint URL` asks it again."


def probe_all(caller: Caller, urls: Sequence[str], *, model: str = "", scores: bool = False) -> Served:
    """All servers of a run. One that cannot be used is left out, and told.

    Args:
        caller: to ask with.
        urls: of their interfaces.
        model: that is wanted; `""`: the only one that they serve.
        scores: whether log-probabilities are wanted too.

    Raises:
        BackendError: none can be used, or two serve different models.
    """

    def look(url: str) -> Server | BackendError:
        try:
            return probe(caller, url, model=model, scores=scores)
        except BackendError as error:
            return error

    with ThreadPoolExecutor(max_workers=len(urls)) as pool:
        found = list(pool.map(look, urls))
    servers = tuple(each for each in found if isinstance(each, Server))
    errors = [each for each in found if isinstance(each, BackendError)]
    if not servers:
        raise errors[0]
    for other in servers[1:]:
        if (short_name(other.model), other.facts) != (short_name(servers[0].model), servers[0].facts):
            raise BackendError(
                f"{Endpoint(servers[0].url).door} and {Endpoint(other.url).door} serve different models: "
                f"{_described(servers[0])}, and {_described(other)}.",
                hint="Let all endpoints of a run serve the same file, or name fewer of them.",
            )
    return Served(servers, tuple(f"{error.message} It is left out of this run." for error in errors))


def probe(caller: Caller, url: str, *, model: str = "", scores: bool = False) -> Server:
    """One server. Raises BackendError where it cannot be used, with what to do."""
    looked = _Probe(caller, Endpoint(url))
    try:
        return looked.run(model, scores=scores)
    except RefusedError as error:
        raise looked.refused(error) from error
    except CallError as error:
        raise looked.error(error.detail, hint=_LISTENS) from error


@dataclass(frozen=True, slots=True)
class _Probe:
    caller: Caller
    endpoint: Endpoint

    def run(self, wanted: str, *, scores: bool) -> Server:
        """Raises BackendError and CallError."""
        models = patiently(lambda: self.caller.get(f"{self.endpoint.url}/models"), self.caller)
        name = own_name(models, wanted)
        if not name:
            raise self._no_model(names_in(models), wanted)
        kind, told = self._told(models, name)
        found = find_form(Talk(self.caller, self.endpoint, kind, name))
        if found is None:
            raise self.error(
                f"keeps a schema in none of the {len(Form)} forms that are known.",
                hint="llama-server, vLLM, Ollama and LM Studio keep one, with a model that does not think aloud.",
            )
        talk, hello_tokens = found
        counting = self._counting(name)
        rates = find_rates(talk, hello_tokens) if counting is Counting.BOUND else Rates(0.0, 0.0)
        context, notes = self._context(talk, told)
        return Server(
            url=self.endpoint.url,
            kind=kind,
            version="".join(letter for letter in told.version if letter.isprintable()),
            model=name,
            context_tokens=context,
            slots=told.slots,
            form=talk.form,
            counting=counting,
            template_tokens=hello_tokens + _SPARE_TOKENS if hello_tokens else _UNKNOWN_TEMPLATE_TOKENS,
            most_scores=find_scores(talk) if scores else 0,
            quiet=talk.quiet,
            is_public=self.caller.is_public(self.endpoint.host),
            latin_rate=rates.latin,
            other_rate=rates.other,
            facts=told.facts,
            marks=told.marks,
            notes=notes,
        )

    def refused(self, error: RefusedError) -> BackendError:
        if error.status in UNAUTHORIZED:
            return self.error(error.detail, hint="Put its key into an environment variable: `--api-key-env NAME`.")
        if not error.status:
            hint = "Name a server on your own network; `--allow-public-endpoint` takes others, by https."
            return self.error(error.detail, hint=hint)
        return self.error(error.detail, hint=_INTERFACE if error.status == _NOT_FOUND else _LOOK)

    def error(self, detail: str, *, hint: str) -> BackendError:
        text = f"{self.endpoint.door} {detail}"
        return BackendError(text if text.endswith((".", "…")) else f"{text}.", hint=hint)

    def _told(self, models: Any, name: str) -> tuple[Kind, Told]:
        root = self.endpoint.root
        props, ollama = self._maybe(f"{root}/props"), self._maybe(f"{root}/api/version")
        studio = self._maybe(f"{root}/api/v0/models")
        kind = kind_of(models, props=props, ollama=ollama, studio=studio)
        version = ollama if kind is Kind.OLLAMA else self._maybe(f"{root}/version") if kind is Kind.VLLM else None
        tags = self._maybe(f"{root}/api/tags") if kind is Kind.OLLAMA else None
        return kind, told_by(kind, name, models=models, props=props, version=version, tags=tags, studio=studio)

    def _counting(self, name: str) -> Counting:
        for counting in (Counting.LLAMA, Counting.VLLM, Counting.PYTHON):
            try:
                count_on(self.caller, self.endpoint.url, counting, name, "one two three")
            except CallError:
                continue
            return counting
        return Counting.BOUND

    def _context(self, talk: Talk, told: Told) -> tuple[int, tuple[str, ...]]:
        """How long prompt and answer may be together, and what is to be said of it."""
        context = told.context_tokens
        if talk.kind is Kind.OLLAMA:  # known once the model is loaded, which it is by now
            context = ollama_context(self._maybe(f"{self.endpoint.root}/api/ps"), talk.model)
            if 0 < context <= _OLLAMA_DEFAULT:
                more = "`OLLAMA_CONTEXT_LENGTH=16384 ollama serve`, or `PARAMETER num_ctx 16384` in a Modelfile"
                told_why = f"Ollama serves it with a context of {context:,} tokens, its default: more by {more}"
                return context, (told_why,)
        if context:
            return context, ()
        context, flaw = read_whole(talk)
        if flaw:
            raise self.error(f"{flaw}.", hint=_LONGER)
        return context, (f"it does not tell its context: {context:,} tokens of a prompt were read whole when tried",)

    def _maybe(self, url: str) -> Any:
        """What stands there, if anything does."""
        try:
            return patiently(lambda: self.caller.get(url), self.caller)
        except CallError:
            return None

    def _no_model(self, names: Sequence[str], wanted: str) -> BackendError:
        if not names:
            return self.error("names no model under /models.", hint=_INTERFACE)
        served = ", ".join(map(short_name, names[:_SHOWN_NAMES])) + (" …" if len(names) > _SHOWN_NAMES else "")
        what = f"serves no model {wanted!r}, but {served}." if wanted else f"serves {len(names)} models: {served}."
        return self.error(what, hint=f"Name one of them, such as `--model {short_name(names[0])}`.")


def _described(server: Server) -> str:
    facts = ", ".join(f"{key} {value}" for key, value in sorted(server.facts.items()))
    return f"{short_name(server.model)} ({facts})" if facts else short_name(server.model)
