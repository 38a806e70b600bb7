"""The one door to llguidance: which tokens may come next, so that the whole output keeps its schema or expression.

How the engine drives a `Matcher`, for each token of a sequence:

    matcher.forced()  ──▶ fed as prompt, each told to advance()     nothing left to choose: costs no step
    sample freely     ──▶ accepts(token)? ──▶ advance(token)        about a microsecond
                               └─ no ──▶ sample from allowed() ──▶ advance(token)
    until is_complete(), or an end token was taken (allowed once can_end())

`accepts` and `allowed` agree on every token: the grammars are compiled with `no_forcing`, else the mask would allow one
way only to write forced bytes while `accepts` takes any.

Forced tokens. The bytes that must come are cut by the model's own tokeniser as a text of their own, and the last tokens
are left out as long as a longer token could begin inside them (`":` may turn out to be `":"`): the model has seen
the longer one there, and choosing for it would make the text after it unusual (the "token healing" problem, met from
the front). What the model sampled before is kept, so the cut there may differ from that of the finished text, as with
any sampled text. Whatever tokens are given, their bytes are exactly those that must come.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np
from llguidance import LLMatcher, LLTokenizer

from localdigest.engine.constraint_words import Words
from localdigest.engine.errors import ConstraintError
from localdigest.engine.jobs import Choice, JsonSchema, Regex
from localdigest.engine.schema_check import honoured_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from localdigest.engine.backend import VocabToken
    from localdigest.engine.jobs import Constraint

__all__ = ["ConstraintFactory", "Matcher"]

_MAX_COMPILED = 32  #: compiled constraints kept; a run uses a handful
_MAX_REASON = 300  #: characters
_OPTIONS = '%llguidance {"no_forcing": true}\n'
# Compact text: a model that may write spaces between things can do so for ever. Nothing ignored, nothing loosened.
_JSON_OPTIONS = {"whitespace_flexible": False, "lenient": False, "coerce_one_of": False}


class ConstraintFactory:
    """Compiles constraints for one vocabulary. Made once a model: 0.3 seconds for 150,000 tokens."""

    def __init__(self, vocabulary: Sequence[VocabToken], *, eos: int, tokenize: Callable[[str], Sequence[int]]) -> None:
        """`tokenize` cuts a text that stands in the middle of another: no leading space is added."""
        self._words = Words(vocabulary, eos=eos, tokenize=tokenize)
        self._ends = tuple({token for token, entry in enumerate(vocabulary) if entry.ends} | {eos})
        self._tokenizer = LLTokenizer(self._words)  # type: ignore[arg-type]  # it asks for attributes, not for the class
        self._compiled: OrderedDict[Constraint, Matcher] = OrderedDict()

    def make(self, constraint: Constraint) -> Matcher:
        """A matcher at the beginning of an output. Raises ConstraintError for what cannot be honoured."""
        if constraint not in self._compiled:
            self._compiled[constraint] = self._compile(constraint)
            if len(self._compiled) > _MAX_COMPILED:
                self._compiled.popitem(last=False)
        self._compiled.move_to_end(constraint)
        return self._compiled[constraint].copy()

    def _compile(self, constraint: Constraint) -> Matcher:
        matcher = LLMatcher(self._tokenizer, _grammar(constraint), log_level=0)
        problems = [_reason(matcher)] if matcher.is_error() else matcher.get_grammar_warnings()
        if problems:
            raise ConstraintError(f"The {_NAMES[type(constraint)]} cannot be honoured: {'; '.join(problems)}.")
        made = Matcher(matcher, ends=self._ends, num_tokens=len(self._words.tokens))
        if not made.settle():
            raise ConstraintError(f"The {_NAMES[type(constraint)]} allows no text that this model can write.")
        return made


class Matcher:
    """Where one output stands in its constraint. Not safe for threads."""

    def __init__(self, matcher: LLMatcher, *, ends: tuple[int, ...], num_tokens: int) -> None:
        self._matcher = matcher
        self._ends = ends
        self._num_tokens = num_tokens
        self._complete = False

    def copy(self) -> Matcher:
        """One that stands at the same place and goes its own way."""
        made = Matcher(self._matcher.deep_copy(), ends=self._ends, num_tokens=self._num_tokens)
        made._complete = self._complete
        return made

    def can_end(self) -> bool:
        """The output so far is valid as it stands: an end token is allowed."""
        return self._complete or self._matcher.is_accepting()

    def is_complete(self) -> bool:
        """The output is valid and nothing can follow: no end token need be sampled."""
        return self._complete

    def accepts(self, token: int) -> bool:
        """Whether this token may come next."""
        if token in self._ends:
            return self.can_end()
        return not self._complete and self._matcher.validate_tokens([token]) == 1

    def count_accepted(self, tokens: Sequence[int]) -> int:
        """How many of these tokens may come next, one after the other; an end token is not counted."""
        length = next((index for index, token in enumerate(tokens) if token in self._ends), len(tokens))
        return 0 if self._complete or not length else self._matcher.validate_tokens(list(tokens[:length]))

    def allowed(self) -> npt.NDArray[np.bool_]:
        """For each token of the vocabulary whether it may come next. Raises ConstraintError when none may."""
        if self._complete:
            mask = np.zeros(self._num_tokens, np.bool_)
        else:
            bits = np.frombuffer(self._matcher.compute_bitmask(), np.uint8)
            mask = np.unpackbits(bits, count=self._num_tokens, bitorder="little").view(np.bool_)
            self._check()
        mask[list(self._ends)] = self.can_end()
        return mask

    def forced(self) -> list[int]:
        """Tokens that leave no choice, to be fed as prompt and told to `advance`, all or the first few.

        Their bytes are the beginning of every valid continuation.
        """
        # Asking for the bytes is what finds them: with `no_forcing` the tokens alone come back empty.
        if self._complete or not self._matcher.compute_ff_bytes():
            return []
        tokens = self._matcher.compute_ff_tokens()
        return tokens[: self._matcher.validate_tokens(tokens)]

    def advance(self, token: int) -> None:
        """The output goes on with this token. Raises ConstraintError if it may not."""
        if token in self._ends:
            if not self.can_end():
                raise ConstraintError("The output ended before its constraint was kept.")
            self._complete = True
            return
        if self._complete or not self._matcher.consume_token(token):
            raise ConstraintError(f"Token {token} breaks the constraint: {_reason(self._matcher)}.")
        self._complete = self._matcher.is_stopped() and self._matcher.is_accepting()

    def settle(self) -> bool:
        """Find out whether the beginning is the end already; False if nothing can ever be written."""
        probe = self.copy()  # a mask that fails would spoil it
        try:
            allowed = probe.allowed()
        except ConstraintError:
            return False
        allowed[list(self._ends)] = False
        self._complete = not allowed.any()
        return True

    def _check(self) -> None:
        if not self._matcher.is_error():
            return
        if self._matcher.get_error().startswith("NoExtension"):
            raise ConstraintError("No token of this model's vocabulary can go on as the constraint wants.")
        raise ConstraintError(f"The constraint went past the compiler's limits: {_reason(self._matcher)}.")


_NAMES: dict[type, str] = {JsonSchema: "schema", Regex: "regular expression", Choice: "list of options"}


def _grammar(constraint: Constraint) -> str:
    match constraint:
        case JsonSchema(text):
            schema = {**honoured_schema(text), "x-guidance": _JSON_OPTIONS}
            return LLMatcher.grammar_from_lark(f"{_OPTIONS}start: %json {json.dumps(schema)}")
        case Regex(pattern):
            return _regex_grammar(pattern)
        case Choice(options):
            if not options or not all(options):
                raise ConstraintError("There is no option to choose, or an empty one.", hint="Give the options' texts.")
            return _regex_grammar("|".join(_escape(option) for option in options))


def _regex_grammar(pattern: str) -> str:
    try:
        grammar = json.loads(LLMatcher.grammar_from_regex(pattern))
    except UnicodeEncodeError as error:
        raise ConstraintError("The text holds half a surrogate pair, which no output can.") from error
    return LLMatcher.grammar_from_lark(_OPTIONS + grammar["grammars"][0]["lark_grammar"])


def _escape(text: str) -> str:
    return "".join(letter if letter.isalnum() else f"\\x{{{ord(letter):x}}}" for letter in text)


def _reason(matcher: LLMatcher) -> str:
    """What the compiler says, without the grammar that it quotes and its own state."""
    message = re.sub(r"\n<state>.*", "", matcher.get_error(), flags=re.DOTALL)
    message = re.sub(r"^at \d+\(\d+\): |failed to compile JSON schema: ", "", message)
    if "oneOf constraints" in message:
        return "more than one option of its 'oneOf' could match the same value"
    lines = (line.strip() for line in message.splitlines())
    said = [line for line in lines if line and not re.match(r"\d+ \||\^+$", line)]
    return " ".join(said)[:_MAX_REASON].rstrip(".") or "nothing may follow"
