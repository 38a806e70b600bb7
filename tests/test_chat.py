"""Chat templates: what the template writes becomes special tokens, what a message says never does."""

from __future__ import annotations

import ctypes
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import llama_cpp.llama_cpp as llama
import pytest
from gguf import GGUFWriter, TokenType
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment
from model_vocabulary import CHAT_TEMPLATE as INST

from localdigest.engine.chat import MAX_RENDERED_CHARACTERS, ChatTemplate
from localdigest.engine.errors import TemplateError
from localdigest.engine.jobs import Message
from localdigest.engine.llamacpp import LlamaBackend
from localdigest.engine.loading import LoadOptions, Threads
from models import USER_DEFINED, tiny_mistral, tiny_mixtral

CHATML = """\
{% for message in messages %}
{{ '<|im_start|>' + message.role + '\\n' + message.content | trim + '<|im_end|>\\n' }}
{% endfor %}
{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}
"""
HEADERS = """\
{{- bos_token -}}
{%- for message in messages -%}
{{- '<|start|>' ~ message['role'] ~ '<|end|>' ~ '\\n\\n' ~ message['content'] ~ eos_token -}}
{%- endfor -%}
{{- '<|start|>assistant<|end|>' -}}
"""
#: With every name that any of these templates writes, and one that no template writes.
NAMES = ["<s>", "</s>", "<unk>", "[INST]", "[/INST]", "<|im_start|>", "<|im_end|>", "<|start|>", "<|end|>", "<|tool|>"]
SPECIAL = {name: index for index, name in enumerate(NAMES)}
FIRST_LETTER = 1000


def letters(text: str, *, lead: bool = True) -> list[int]:  # noqa: ARG001 - no leading spaces here
    return [FIRST_LETTER + ord(letter) for letter in text]


def template(source: str, *, user_defined: tuple[str, ...] = (), **variables: object) -> ChatTemplate:
    return ChatTemplate(
        source,
        bos="<s>",
        eos="</s>",
        special=SPECIAL,
        user_defined=user_defined,
        variables=variables,
        now=lambda: datetime(2026, 1, 2, tzinfo=UTC),
    )


def written(source: str, *contents: str, **variables: object) -> str:
    """What a template makes of these messages, read back from the tokens; without the first `<s>`."""
    roles = ("user", "assistant")
    messages = [Message(roles[index % 2], content) for index, content in enumerate(contents)]
    tokens = template(source, **variables).tokens(messages, letters)
    assert tokens[0] == SPECIAL["<s>"]
    return read(tokens[1:])


def read(tokens: list[int]) -> str:
    return "".join(NAMES[token] if token < FIRST_LETTER else chr(token - FIRST_LETTER) for token in tokens)


def plainly(source: str, messages: list[Message]) -> str:
    """What the template makes of the contents themselves."""
    environment = Environment(trim_blocks=True, lstrip_blocks=True, autoescape=False)
    turns = [{"role": message.role, "content": message.content} for message in messages]
    return environment.from_string(source).render(
        messages=turns, add_generation_prompt=True, bos_token="<s>", eos_token="</s>"
    )


# ── no text forges a token ───────────────────────────────────────────────────

harmless = st.text(st.characters(exclude_characters="<[|", exclude_categories=["Cs"]))
#: Names, halves of names and text, in any order.
hostile = st.lists(
    st.sampled_from([*NAMES, USER_DEFINED])
    | st.sampled_from([name[: len(name) // 2] for name in NAMES] + [name[len(name) // 2 :] for name in NAMES])
    | st.text(max_size=4)
    | st.sampled_from([" ", "\n", "\U00100000", "\U00100001", "\ud800", "{{ bos_token }}", "{% raw %}"])
).map("".join)


def conversation(content: st.SearchStrategy[str]) -> st.SearchStrategy[list[Message]]:
    return st.lists(content, min_size=1, max_size=5).map(
        lambda contents: [Message(("user", "assistant")[i % 2], text) for i, text in enumerate(contents)]
    )


@pytest.mark.parametrize("source", [INST, CHATML, HEADERS])
@given(messages=conversation(hostile))
@settings(deadline=None)
def test_special_tokens_are_those_of_the_template(source: str, messages: list[Message]) -> None:
    """Whatever messages say, the special tokens are those of the same chat about nothing; and no letter is lost."""
    tokens = template(source).tokens(messages, letters)
    mute = [Message(message.role, "nothing" if message.content.strip() else "") for message in messages]
    expected = template(source).tokens(mute, letters)

    assert [token for token in tokens if token < FIRST_LETTER] == [token for token in expected if token < FIRST_LETTER]
    said = [Message(each.role, each.content.encode("utf-8", "replace").decode()) for each in messages]
    assert read(tokens).removeprefix("<s>") == plainly(source, said).removeprefix("<s>")


def test_letters_changed_by_the_template_forge_nothing() -> None:
    """Upper case is made of the mark, not of the letters."""
    assert written("{{ messages[0].content | upper }}", "[inst]") == "[inst]"
    tokens = template("[{{ messages[0].content }}").tokens([Message("user", "INST]")], letters)
    assert SPECIAL["[INST]"] not in tokens
    tokens = template("{{ messages[0].content }}{{ messages[1].content }}").tokens(
        [Message("user", "[IN"), Message("assistant", "ST]")], letters
    )
    assert SPECIAL["[INST]"] not in tokens


@dataclass
class Vocabulary:
    """A tokenizer of llama.cpp, as the backend uses it and as it is meant to be used on a whole prompt."""

    pointer: ctypes.c_void_p
    special: dict[str, int]

    def whole(self, text: str, *, parse_special: bool) -> list[int]:
        data = text.encode()
        room = len(data) + 8
        tokens = (llama.llama_token * room)()
        count = llama.llama_tokenize(self.pointer, data, len(data), tokens, room, False, parse_special)  # noqa: FBT003 - C call
        assert count >= 0
        return tokens[:count]

    def plain(self, text: str, *, lead: bool = True) -> list[int]:  # noqa: ARG002 - only of other vocabularies
        return self.whole(text, parse_special=False)


@pytest.fixture(scope="module", params=[tiny_mixtral, tiny_mistral], ids=["mixtral", "mistral"])
def backend(request: pytest.FixtureRequest) -> Iterator[LlamaBackend]:
    options = LoadOptions(str(request.param()), num_slots=1, slot_tokens=256, threads=Threads(decode=1, prefill=1))
    with LlamaBackend(options) as loaded:
        yield loaded


def special_of(backend: LlamaBackend) -> dict[str, int]:
    return {entry.text.decode(): index for index, entry in enumerate(backend.vocabulary()) if entry.special}


@given(messages=conversation(harmless))
@settings(deadline=None)
def test_harmless_text_has_the_tokens_that_llama_cpp_gives(backend: LlamaBackend, messages: list[Message]) -> None:
    """Of a vocabulary that puts a space before each fragment."""
    special = special_of(backend)
    source = backend.chat_template()
    assert source == INST
    own = ChatTemplate(source, bos="<s>", eos="</s>", special=special, user_defined=(USER_DEFINED,))
    whole = Vocabulary(backend._vocab, special)

    assert own.tokens(messages, backend.tokenize) == whole.whole(plainly(source, messages), parse_special=True)


@given(messages=conversation(hostile))
@settings(deadline=None)
def test_nothing_is_forged_with_a_real_tokenizer(backend: LlamaBackend, messages: list[Message]) -> None:
    """Nor a user-defined token, which llama.cpp matches in plain text; and the text comes back letter by letter."""
    vocabulary = backend.vocabulary()
    special = special_of(backend)
    own = ChatTemplate(INST, bos="<s>", eos="</s>", special=special, user_defined=(USER_DEFINED,))
    tokens = own.tokens(messages, backend.tokenize)
    expected = own.tokens([Message(message.role, "x") for message in messages], backend.tokenize)
    controls = set(special.values())

    assert [token for token in tokens if token in controls] == [token for token in expected if token in controls]
    assert not any(vocabulary[token].user_defined for token in tokens)
    for message in messages:
        said = message.content.strip().encode("utf-8", "replace")
        assert said.replace("▁".encode(), b" ") in b"".join(vocabulary[token].text for token in tokens)


def test_a_user_defined_token_of_the_template_itself_stays() -> None:
    """Half a name in a message does not make a whole one with the template's half either."""
    note = USER_DEFINED
    source = f"{note}{{{{ messages[0].content }}}}{note[3:]} end"
    options = LoadOptions(str(tiny_mistral()), num_slots=1, slot_tokens=256, threads=Threads(decode=1, prefill=1))
    with LlamaBackend(options) as loaded:
        own = ChatTemplate(source, bos="", eos="", special={}, user_defined=(note,))
        vocabulary = loaded.vocabulary()
        for content in ("hello", note, f"<{note}>", note[:3], f"{note}{note}"):
            tokens = own.tokens([Message("user", content)], loaded.tokenize)

            assert [vocabulary[token].user_defined for token in tokens].count(True) == 1
            text = b"".join(vocabulary[token].text for token in tokens).decode()
            assert text.removeprefix(note).lstrip() == f"{content}{note[3:]} end"


# ── the same with a byte-level vocabulary ────────────────────────────────────


def byte_letters() -> list[str]:
    """GPT-2's letters for bytes: printable ones stand for themselves, the others for letters from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = (chr(0x100 + index) for index in range(256))
    return [chr(byte) if byte in printable else next(others) for byte in range(256)]


@pytest.fixture(scope="module")
def byte_level(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vocabulary]:
    letter = byte_letters()
    merges = ["h e", "l l", "he ll", "hell o", f"{letter[32]} t", "t h", f"{letter[10]} {letter[10]}", "i n"]
    names = ["<|im_start|>", "<|im_end|>", "<s>", "</s>"]
    tokens = [*letter, *dict.fromkeys(merge.replace(" ", "") for merge in merges), *names]
    path = tmp_path_factory.mktemp("vocabulary") / "bytes.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types([TokenType.CONTROL if token in names else TokenType.NORMAL for token in tokens])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(tokens.index("<s>"))
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    params = llama.llama_model_default_params()
    params.vocab_only = True
    model = llama.llama_model_load_from_file(os.fsencode(path), params)
    assert model
    pointer = llama.llama_model_get_vocab(model)
    yield Vocabulary(pointer, {name: tokens.index(name) for name in names})
    llama.llama_model_free(model)


@given(messages=conversation(harmless))
@settings(deadline=None)
def test_byte_level_tokens_are_those_that_llama_cpp_gives(byte_level: Vocabulary, messages: list[Message]) -> None:
    own = ChatTemplate(CHATML, bos="", eos="<|im_end|>", special=byte_level.special)

    assert own.tokens(messages, byte_level.plain) == byte_level.whole(plainly(CHATML, messages), parse_special=True)


@given(messages=conversation(hostile))
@settings(deadline=None)
def test_nothing_is_forged_at_byte_level(byte_level: Vocabulary, messages: list[Message]) -> None:
    own = ChatTemplate(CHATML, bos="", eos="<|im_end|>", special=byte_level.special)
    controls = set(byte_level.special.values())
    tokens = own.tokens(messages, byte_level.plain)
    start, end = byte_level.special["<|im_start|>"], byte_level.special["<|im_end|>"]

    assert [token for token in tokens if token in controls] == [start, end] * len(messages) + [start]


# ── what a template sees ─────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("{{ messages[0].content.strip() }}|", "a b|"),
        ("{{ messages[0]['content'] | trim }}|", "a b|"),
        ("{{ messages[0].content.rstrip('\\n') }}|", "\n a b |"),
        ("{{ messages[0].content.lstrip() ~ '|' }}", "a b \n|"),
        ("{{ (messages[0].content + '|') * 2 }}", "\n a b \n|\n a b \n|"),
        ("{{ messages[0].content.strip()[:50] }}", "a b"),
        ("{{ messages[0].content.split('</think>')[-1].strip() }}", "a b"),
        ("{{ messages[0].content if messages[0].content is string and messages[0].content }}", "\n a b \n"),
        ("{{ 'same' if messages[0].content == messages[0].content }}{{ messages[0].content }}", "same\n a b \n"),
        ("{% for m in messages %}{{ m.get('content') }}{{ m.tool_calls or '' }}{% endfor %}", "\n a b \n"),
    ],
)
def test_a_content_can_be_stripped_moved_and_compared(source: str, result: str) -> None:
    assert written(source, "\n a b \n") == result


def test_what_stands_in_a_content_does_not_steer_the_template() -> None:
    """A page that says `</think>` is not cut off there."""
    source = "{{ messages[0].content.split('</think>')[-1] }}{{ '!' if '/no' in messages[0].content }}"

    assert written(source, "a</think>b /no") == "a</think>b /no"


def test_equal_contents_are_equal_and_others_are_not() -> None:
    source = "{{ messages[0].content == messages[2].content }} {{ messages | map(attribute='content') | join }}"

    assert written(source, "a", "b", "a") == "True aba"
    assert written(source, "a", "b", "c") == "False abc"


def test_empty_contents_are_empty() -> None:
    source = "{{ messages[0].content or 'nothing' }}[{{ messages[1].content | trim }}]"

    assert written(source, "", " \n") == "nothing[]"


@given(hostile)
@settings(deadline=None)
def test_a_content_in_json_is_quoted(content: str) -> None:
    text = written("{{ messages | tojson }}", content)

    said = content.encode("utf-8", "replace").decode()
    assert json.loads(text) == [{"role": "user", "content": said}]


def test_a_page_of_every_character_of_private_use() -> None:
    """No character is left to mark it by: an error, not a text that is mistaken for another."""
    page = "".join(map(chr, range(0x100000, 0x110000)))
    with pytest.raises(TemplateError, match="private use"):
        written(HEADERS, page)


def test_a_template_that_leaves_out_a_message_is_not_believed() -> None:
    source = "{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}"
    with pytest.raises(TemplateError, match="leaves out a message of the role assistant"):
        written(source, "a", "b")
    with pytest.raises(TemplateError, match="leaves out"):
        written("{{ messages[0].content }}", "a", "b", "a")


# ── the first token ──────────────────────────────────────────────────────────


@pytest.mark.parametrize("opening", ["", "{{ bos_token }}", "<s>", "<s>{{ bos_token }}"])
def test_the_text_begins_once(opening: str) -> None:
    tokens = template(opening + "{{ messages[0].content }}").tokens([Message("user", "<s>a")], letters)

    assert tokens == [SPECIAL["<s>"], *letters("<s>a")]


def test_a_model_without_a_first_token_gets_none() -> None:
    own = ChatTemplate(CHATML, bos="", eos="<|im_end|>", special=SPECIAL)

    assert own.tokens([Message("user", "a")], letters)[0] == SPECIAL["<|im_start|>"]


# ── what templates ask for ───────────────────────────────────────────────────


def test_the_date_is_the_clock_s() -> None:
    assert written("{{ strftime_now('%d %B %Y') }}: {{ messages[0].content }}", "a") == "02 January 2026: a"


def test_loops_can_be_left_and_generations_are_written() -> None:
    source = "{% for m in messages %}{% if loop.index0 %}{% break %}{% endif %}{% endfor %}"
    source += "{% generation %}{{ messages[0].content }}{% endgeneration %}"

    assert written(source, "a") == "a"


def test_more_names_can_be_given() -> None:
    source = "{{ 'quick' if enable_thinking is defined and not enable_thinking }} {{ messages[0].content }}"

    assert written(source, "a", enable_thinking=False) == "quick a"


def test_tools_are_none() -> None:
    assert written("{{ tools is none }}{{ messages[0].content }}", "a") == "Truea"


# ── what goes wrong ──────────────────────────────────────────────────────────


def failure(source: str, content: str = "a", role: str = "user") -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        template(source).tokens([Message(role, content)], letters)
    assert caught.value.hint
    return caught.value


def test_a_model_without_a_template() -> None:
    assert "without a chat template" in failure("").message
    assert "plain prompt" in failure("").hint


@pytest.mark.parametrize("source", ["{% if %}", "{{ messages", "{% for m in messages %}", "{% include 'x' %}{{"])
def test_a_template_with_a_mistake_names_the_line(source: str) -> None:
    assert "line 1" in failure(source).message


def test_a_template_can_refuse() -> None:
    """Its reason is told, without the text of the message and in one line."""
    error = failure("{{ raise_exception('Only\n users: ' + messages[0].content) }}", "secret")

    assert error.message == "The model's chat template refuses the messages: Only users:"


def test_a_role_is_a_word() -> None:
    assert "no role" in failure(CHATML, role="user<|im_end|>").message


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ raise_exception.__globals__['json'] }}",
        "{{ messages.append(1) }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ ('' | attr('__class__')).__mro__ }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{{ lipsum() }}",
        "{{ nothing.at.all }}",
        "{{ 1 // 0 }}",
        "{{ messages | nosuchfilter }}",
        "{{ messages[0].content is nosuchtest }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ range(1000000) | list }}",
        "{{ 'x' * 100000000 }}",
        "{{ 100000000 * ['x'] }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ 'a' ** 2 }}",
        "{{ raise_exception }}{{ messages | tojson(default=1) }}",
        "{{ " + "(" * 5000 + ")" * 5000 + " }}",
    ],
)
def test_a_hostile_or_broken_template_is_an_error(source: str) -> None:
    failure(source + "{{ messages[0].content }}")


def test_formats_reach_nothing_inside() -> None:
    source = "{{ '{0.__class__}{0.__class__.__init__}'.format(messages) }}{{ ''.__class__ }}{{ messages[0].content }}"

    assert written(source, "a") == "a"


def test_what_a_template_writes_is_bounded() -> None:
    loop = "{% for i in range(9999) %}"
    error = failure(f"{loop}{loop}{'x' * 1000}{{% endfor %}}{{% endfor %}}")

    assert f"more than {MAX_RENDERED_CHARACTERS} characters" in error.message
    assert "characters" in failure("x" * (1 << 19)).message


def test_a_long_message_is_not_bounded() -> None:
    content = "a b " * MAX_RENDERED_CHARACTERS

    assert written("{{ messages[0].content }}", content) == content


def test_a_broken_template_leaves_a_template_that_can_be_asked_again() -> None:
    own = template("{% if messages[0].content %}{{ messages[0].content }}{% else %}{{ 1 // 0 }}{% endif %}")
    with pytest.raises(TemplateError):
        own.tokens([Message("user", "")], letters)

    assert read(own.tokens([Message("user", "b")], letters)) == "<s>b"


def test_the_template_of_the_models_is_what_they_carry() -> None:
    """System text opens the first question; roles take turns."""
    chat = [Message("system", "Be brief. "), Message("user", "What?"), Message("assistant", " It. ")]
    tokens = template(INST).tokens([*chat, Message("user", "And?")], letters)

    assert read(tokens) == "<s>[INST] Be brief.\n\nWhat? [/INST] It.</s>[INST] And? [/INST]"
    with pytest.raises(TemplateError, match="Turns must go"):
        template(INST).tokens([Message("assistant", "Hello")], letters)
