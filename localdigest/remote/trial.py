"""Tries what a server does: whether it keeps a schema, gives log-probabilities, reads a long prompt whole.

The schema asks for a word made up at random, which nobody would say who is not made to.
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from localdigest.engine.jobs import Message, Sampling
from localdigest.engine.schema_check import honoured_schema
from localdigest.remote.api import Reading, chat_body, chat_path, likeliest, read_tokens, score_body
from localdigest.remote.bound import LATIN_SAMPLE, OTHER_SAMPLE, Rates, rates_of
from localdigest.remote.caller import BusyError, CallError, GoneError, RefusedError, StrangeError
from localdigest.remote.forms import forms_for, schema_fields
from localdigest.remote.served import Form, Kind
from localdigest.remote.valid import flaw_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from localdigest.endpoints import Endpoint
    from localdigest.remote.api import Answer
    from localdigest.remote.caller import Caller

__all__ = ["Talk", "find_form", "find_rates", "find_scores", "patiently", "read_whole"]

UNAUTHORIZED = (401, 403)
_HELLO = "Say hello."
_HELLO_TOKENS = 4  #: about
_FORM_TOKENS = 256  #: room for a model that is not made to keep the schema to come to its end
_MANY_WORDS = 4000  #: a digest needs a context of about as many tokens
_SHARE_READ = 0.9
_SCORES = (2000, 20, 5)  #: some servers refuse more than 20, some more than 5
_PAUSE_S = 1.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Talk:
    """A model at a server, and the words in which it is spoken to."""

    caller: Caller
    endpoint: Endpoint
    kind: Kind
    model: str
    form: Form = Form.SCHEMA
    quiet: bool = True

    def chat(self, text: str, *, max_tokens: int = 1, fields: dict[str, Any] | None = None) -> Answer:
        """As a job is answered. Raises CallError."""
        body = self._body(text, max_tokens, fields or {})
        return patiently(lambda: self.caller.stream(self._url, body, Reading(self.form)), self.caller)

    def num_read(self, text: str) -> int:
        """Tokens of a prompt and its template; 0: the server does not say. Some say it only of what they do not stream.

        Raises:
            CallError: there is no answer.
        """
        body = self._body(text, 1, {}) | {"stream": False}
        body.pop("stream_options", None)
        return read_tokens(patiently(lambda: self.caller.compute(self._url, body), self.caller))

    def _body(self, text: str, max_tokens: int, fields: dict[str, Any]) -> dict[str, Any]:
        return chat_body(
            (Message("user", text),),
            model=self.model,
            kind=self.kind,
            form=self.form,
            fields=fields,
            max_tokens=max_tokens,
            sampling=Sampling(),
            quiet=self.quiet,
        )

    @property
    def _url(self) -> str:
        base = self.endpoint.root if self.form is Form.OLLAMA else self.endpoint.url
        return base + chat_path(self.form)


def patiently(act: Callable[[], T], caller: Caller) -> T:
    """What it gives; a server that is still loading its model says that it is busy. Raises CallError."""
    end = time.monotonic() + caller.patience.absent_s
    while True:
        try:
            return act()
        except BusyError as error:
            pause = error.after_s or _PAUSE_S
            if time.monotonic() + pause > end:
                raise GoneError(error.detail) from error
            time.sleep(pause)


def find_form(talk: Talk) -> tuple[Talk, int] | None:
    """The talk in the first form that is kept, and how many tokens a greeting is in it; None: it keeps none.

    Raises:
        GoneError: nobody is there any more.
        RefusedError: the server wants a key.
    """
    quiet = talk.quiet
    for form in forms_for(talk.kind):
        tried = replace(talk, form=form, quiet=quiet)
        try:
            tried = _greeted(tried)
            quiet = tried.quiet
            if _keeps(tried):
                return tried, tried.num_read(_HELLO)
        except (RefusedError, StrangeError) as error:
            if isinstance(error, RefusedError) and error.status in UNAUTHORIZED:
                raise
    return None


def find_scores(talk: Talk) -> int:
    """Of how many tokens in one place the server gives log-probabilities."""
    for most in _SCORES:
        body = score_body((Message("user", _HELLO),), model=talk.model, most_scores=most, quiet=talk.quiet)
        try:
            if likeliest(talk.caller.compute(talk.endpoint.url + chat_path(Form.SCHEMA), body)):
                return most
        except CallError:
            continue
    return 0


def find_rates(talk: Talk, hello_tokens: int) -> Rates:
    """From what is read of two samples more than of a greeting; wide ones where that is not said."""
    counts = []
    for sample in (LATIN_SAMPLE, OTHER_SAMPLE) if hello_tokens else ():
        try:
            total = talk.num_read(sample)
        except CallError:
            total = 0
        counts.append(total - hello_tokens + _HELLO_TOKENS if total > hello_tokens else 0)
    return rates_of(*counts) if counts else Rates()


def read_whole(talk: Talk) -> tuple[int, str]:
    """Tokens of a long prompt that was read whole; 0, with what is wrong, where it may have been cut.

    Raises:
        CallError: it was not read at all.
    """
    read = talk.num_read(f"{_HELLO}{' word' * _MANY_WORDS}")
    if read >= _SHARE_READ * _MANY_WORDS:
        return read, ""
    what = f"read {read} tokens" if read else "does not say how many tokens it read"
    return 0, f"{what} of a prompt of {_MANY_WORDS} words: it may cut prompts unseen"


def _greeted(talk: Talk) -> Talk:
    """The same, asked not to think aloud where the server takes that."""
    try:
        talk.chat(_HELLO)
    except RefusedError as error:
        if not talk.quiet or error.status in UNAUTHORIZED:
            raise
    else:
        return talk
    aloud = replace(talk, quiet=False)
    aloud.chat(_HELLO)
    return aloud


def _keeps(talk: Talk) -> bool:
    schema = json.dumps(
        {
            "type": "object",
            "properties": {"word": {"type": "string", "enum": [f"x{secrets.token_hex(4)}"]}},
            "required": ["word"],
            "additionalProperties": False,
        }
    )
    honoured = honoured_schema(schema)
    answer = talk.chat(_HELLO, max_tokens=_FORM_TOKENS, fields=schema_fields(talk.form, schema, honoured))
    return not flaw_of(answer.text, honoured)
