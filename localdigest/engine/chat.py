"""Messages to tokens by the model's own chat template, so that no text can forge a role marker.

    messages ─contents become marks─▶ sandboxed Jinja ─▶ text ─split at special names, marks put back─▶ pieces ─▶ tokens

Only what the template itself writes is searched for special tokens. A mark is one character, found in no message and
not in the template, so a template can move, slice, or compare it, and never see or cut what it stands for:

    content            " a page: </s> "
    what is rendered   " ⚑ "              its outer white space is real, for templates that strip it

A template that looks into a content (its length, its parts, `'</think>' in content`) sees the mark. One that drops it
fails the job: no text is left out unseen. Put back, a content is joined to the plain text around it and tokenised in
one piece with it, so harmless text gets the very tokens that llama.cpp gives the whole. The one exception are tokens
that llama.cpp matches in plain text too (`user_defined`): where a content holds or completes the name of one, the text
is tokenised in two parts, cut inside the name.

A template comes with the model file and is not trusted. It reaches nothing but what is named here, and its output is
bounded. It can still take time, and memory with it (a loop that doubles a string): the engine runs in a process that
can be ended.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from jinja2 import TemplateSyntaxError, pass_context
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

from localdigest.engine.chat_text import Marked, cut_names, one_line, split_at_names
from localdigest.engine.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from jinja2 import Template, nodes
    from jinja2.parser import Parser
    from jinja2.runtime import Context

    from localdigest.engine.jobs import Message

__all__ = ["ChatTemplate"]

MAX_TEMPLATE_CHARACTERS = 1 << 18
MAX_RENDERED_CHARACTERS = 1 << 20  #: with marks for contents, so of the template's own text
MAX_RANGE = 10_000
MAX_REPEATED = 1 << 20  #: length of what `*` makes


class Tokenize(Protocol):
    def __call__(self, text: str, *, lead: bool = True) -> list[int]:
        """Plain text to tokens; `lead`: the text opens a fragment, before which some vocabularies put a space."""


class ChatTemplate:
    """One model's template. Compiling and rendering reach nothing outside the messages and the names given here."""

    def __init__(
        self,
        source: str,
        *,
        bos: str,
        eos: str,
        special: Mapping[str, int],
        user_defined: Collection[str] = (),
        variables: Mapping[str, object] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC).astimezone(),
    ) -> None:
        """Nothing is compiled yet: a model whose template is broken can still be given plain prompts.

        Args:
            source: Jinja; empty for a model without a template.
            bos: The name of the beginning-of-text token; empty if texts begin without one.
            eos: The name of the end-of-text token.
            special: Token ids by name, of all tokens that plain text must not become.
            user_defined: Names of the tokens that `tokenize` matches in plain text. White space alone is no name.
            variables: More names for the template, such as `enable_thinking`.
            now: The clock of `strftime_now`.
        """
        self._source = source
        self._bos, self._eos = bos, eos
        # Longest first, as llama.cpp looks for them.
        self._special = {name: special[name] for name in sorted(special, key=len, reverse=True) if name}
        self._user_defined = [name for name in user_defined if len(name) > 1 and name.strip()]
        self._variables = dict(variables or {})
        self._now = now
        self._known = frozenset("".join([source, bos, eos, *special, *user_defined, str(self._variables)]))

    def tokens(self, messages: Sequence[Message], tokenize: Tokenize) -> list[int]:
        """The prompt that asks the model for the next message. Raises TemplateError.

        It begins with the beginning-of-text token once, whether the template writes it or not.
        """
        marked = Marked(messages, avoid=self._known)
        rendered = self._render(marked)
        marked.check_complete(rendered)
        tokens: list[int] = []
        for piece in split_at_names(rendered, self._special):
            if isinstance(piece, int):
                tokens.append(piece)
            else:
                for index, part in enumerate(cut_names(marked.put_back(piece), self._user_defined)):
                    tokens += tokenize(part, lead=index == 0)
        begins = self._special.get(self._bos)
        if begins is None:
            return tokens
        count = next((index for index, token in enumerate(tokens) if token != begins), len(tokens))
        return [begins, *tokens[count:]]

    def _render(self, marked: Marked) -> str:
        try:
            stream = self._template.generate(
                messages=marked.turns,
                add_generation_prompt=True,
                bos_token=self._bos,
                eos_token=self._eos,
                tools=None,
                documents=None,
                **self._variables,
                **{_AS_JSON: marked.as_json},
            )
            return _joined(stream)
        except TemplateError:
            raise
        except _RefusedError as error:
            reason = one_line(str(error))
            raise TemplateError(f"The model's chat template refuses the messages: {reason}") from error
        except Exception as error:
            # Whatever a template does wrong, wilfully too, is the fault of this model's template.
            raise TemplateError(f"The model's chat template fails: {one_line(str(error))}") from error

    @cached_property
    def _template(self) -> Template:
        if not self._source.strip():
            raise TemplateError(
                "This model came without a chat template.", hint="Take an instruction-tuned model, or a plain prompt."
            )
        if len(self._source) > MAX_TEMPLATE_CHARACTERS:
            raise TemplateError(f"The model's chat template has {len(self._source)} characters.")
        environment = _Environment(
            trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols, _Generation], cache_size=0
        )
        environment.globals["strftime_now"] = lambda form: self._now().strftime(form)
        try:
            return environment.from_string(self._source)
        except TemplateSyntaxError as error:
            reason = one_line(str(error.message))
            raise TemplateError(f"The model's chat template is broken in line {error.lineno}: {reason}") from error


# ── Jinja as chat templates expect it ────────────────────────────────────────

_AS_JSON = "localdigest_marks_as_json"


class _RefusedError(Exception):
    """The template called `raise_exception`."""


class _Environment(ImmutableSandboxedEnvironment):
    """Names and filters of Hugging Face's `apply_chat_template`, for which templates are written; no loader."""

    intercepted_binops = frozenset({"*", "**"})

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.filters["tojson"] = _to_json
        self.globals["raise_exception"] = _refuse
        self.globals["range"] = _short_range
        del self.globals["lipsum"]

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "*" and max(_repeated(left, right), _repeated(right, left)) > MAX_REPEATED:
            raise SecurityError("it repeats a text too often")
        if operator == "**" and not (abs(left) <= MAX_RANGE and abs(right) <= 64):  # noqa: PLR2004 - no template counts so far
            raise SecurityError("it raises to too high a power")
        return super().call_binop(context, operator, left, right)


class _Generation(Extension):
    """`{% generation %}`: marks what training is to learn, and writes only what is inside."""

    tags = {"generation"}  # noqa: RUF012 - as the base class declares it

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


@pass_context
def _to_json(
    context: Context,
    value: object,
    indent: int | None = None,
    *,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
    ensure_ascii: bool = False,  # noqa: ARG001 - marks are kept as they are
) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators, sort_keys=sort_keys)
    return text.translate(context[_AS_JSON])


def _refuse(reason: object) -> NoReturn:
    raise _RefusedError(str(reason))


def _short_range(*arguments: int) -> range:
    numbers = range(*arguments)
    if len(numbers) > MAX_RANGE:
        raise SecurityError(f"a range of more than {MAX_RANGE} numbers")
    return numbers


def _repeated(what: object, times: object) -> int:
    return len(what) * times if isinstance(what, str | list | tuple) and isinstance(times, int) else 0


def _joined(stream: Iterable[str]) -> str:
    parts: list[str] = []
    size = 0
    for part in stream:
        parts.append(part)
        size += len(part)
        if size > MAX_RENDERED_CHARACTERS:
            raise TemplateError(f"The model's chat template writes more than {MAX_RENDERED_CHARACTERS} characters.")
    return "".join(parts)
