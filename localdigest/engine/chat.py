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
import re
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from jinja2 import TemplateSyntaxError, pass_context
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

from localdigest.engine.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from jinja2 import Template, nodes
    from jinja2.parser import Parser
    from jinja2.runtime import Context

    from localdigest.engine.jobs import Message

__all__ = ["ChatTemplate"]

MAX_TEMPLATE_CHARACTERS = 1 << 18
MAX_RENDERED_CHARACTERS = 1 << 20  #: with marks for contents, so of the template's own text
MAX_RANGE = 10_000
MAX_REPEATED = 1 << 20  #: length of what `*` makes
MAX_REASON_CHARACTERS = 300  #: of what a template says when it refuses
MARKS = range(0x100000, 0x10FFFE, 2)  #: private use; the odd one after a mark stands for the content as JSON writes it
ROLE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


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
        marked = _Marked(messages, avoid=self._known)
        rendered = self._render(marked)
        marked.check_complete(rendered)
        tokens: list[int] = []
        for piece in self._pieces(rendered):
            if isinstance(piece, int):
                tokens.append(piece)
            else:
                for index, part in enumerate(self._cut(marked.put_back(piece))):
                    tokens += tokenize(part, lead=index == 0)
        begins = self._special.get(self._bos)
        if begins is None:
            return tokens
        count = next((index for index, token in enumerate(tokens) if token != begins), len(tokens))
        return [begins, *tokens[count:]]

    def _pieces(self, rendered: str) -> list[int | str]:
        """Special tokens' ids and the plain text between them, contents still marked."""
        pieces: list[int | str] = [rendered]
        for name, token in self._special.items():
            if name in rendered:
                pieces = [part for piece in pieces for part in _split(piece, name, token)]
        return [piece for piece in pieces if piece != ""]

    def _cut(self, parts: Iterable[tuple[str, bool]]) -> list[str]:
        """Joins what belongs together, and cuts every user-defined name that is not all the template's own."""
        known = list(parts)
        text = "".join(part for part, _ in known)
        names = [name for name in self._user_defined if name in text]
        own = [is_own for part, is_own in known for _ in part] if names else []
        found = ((start, len(name)) for name in names for start in _occurrences(text, name))
        cuts = sorted({start + size // 2 for start, size in found if not all(own[start : start + size])})
        return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    def _render(self, marked: _Marked) -> str:
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
            reason = marked.tell(str(error))
            raise TemplateError(f"The model's chat template refuses the messages: {reason}") from error
        except Exception as error:
            # Whatever a template does wrong, wilfully too, is the fault of this model's template.
            raise TemplateError(f"The model's chat template fails: {marked.tell(str(error))}") from error

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
            raise TemplateError(
                f"The model's chat template is broken in line {error.lineno}: {error.message}"
            ) from error


class _Marked:
    """Messages whose contents are marks: what the template sees."""

    def __init__(self, messages: Sequence[Message], *, avoid: frozenset[str]) -> None:
        contents = [message.content.encode("utf-8", "replace").decode() for message in messages]
        used = avoid.union(*contents)
        free = (chr(code) for code in MARKS if chr(code) not in used and chr(code + 1) not in used)
        self.as_json: dict[int, str] = {}  #: for `str.translate`: mark to mark
        self.turns: list[dict[str, str]] = []
        self._needed: list[tuple[str, str]] = []
        self._texts: dict[str, str] = {}
        marks: dict[str, str] = {}
        for message, content in zip(messages, contents, strict=True):
            if not ROLE.fullmatch(message.role):
                raise TemplateError(f"{message.role!r} is no role of a chat.")
            core = content.strip()
            if not core:
                self.turns.append({"role": message.role, "content": content})
                continue
            mark = marks.get(core) or next(free, "")
            if not mark:
                raise TemplateError("The messages have no character of private use free to mark them by.")
            if core not in marks:
                marks[core] = self._add(mark, core)
            self.turns.append({"role": message.role, "content": content.replace(core, mark, 1)})
            self._needed.append((mark, message.role))

    def _add(self, mark: str, core: str) -> str:
        quoted = chr(ord(mark) + 1)
        self.as_json[ord(mark)] = quoted
        self._texts[mark] = core
        self._texts[quoted] = json.dumps(core, ensure_ascii=False)[1:-1]
        return mark

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(f"([{''.join(self._texts)}])" if self._texts else "((?!))")

    def check_complete(self, rendered: str) -> None:
        """Every content is there, as often as messages have it."""
        for mark, role in self._needed:
            found = rendered.count(mark) + rendered.count(self.as_json[ord(mark)])
            if found < sum(other == mark for other, _ in self._needed):
                raise TemplateError(f"The model's chat template leaves out a message of the role {role}.")

    def put_back(self, text: str) -> Iterator[tuple[str, bool]]:
        """The parts of a text, and whether they are the template's own."""
        for part in self._pattern.split(text):
            if part:
                yield self._texts.get(part, part), part not in self._texts

    def tell(self, reason: str) -> str:
        """What a template says, fit to be shown: without contents, in one line."""
        line = " ".join("".join(char if char.isprintable() else " " for char in reason).split())
        return line[:MAX_REASON_CHARACTERS]


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


# ── text ─────────────────────────────────────────────────────────────────────


def _split(piece: int | str, name: str, token: int) -> Iterator[int | str]:
    if isinstance(piece, int):
        yield piece
        return
    for index, part in enumerate(piece.split(name)):
        if index:
            yield token
        yield part


def _occurrences(text: str, name: str) -> Iterator[int]:
    start = text.find(name)
    while start >= 0:
        yield start
        start = text.find(name, start + 1)
