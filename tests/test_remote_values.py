"""What the messenger decides without sending anything: addresses, schemas, grammars, answers, counts."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import jsonschema
import pytest
from documents import a_document
from hypothesis import given, settings
from hypothesis import strategies as st

import models
from localdigest.endpoints import Endpoint, doors_of, endpoints, variable
from localdigest.engine.jobs import Message, Sampling
from localdigest.engine.llamacpp import LlamaBackend
from localdigest.engine.loading import LoadOptions
from localdigest.engine.schema_check import honoured_schema
from localdigest.prompts import load_prompts
from localdigest.remote.api import Answer, BrokenAnswerError, Reading, chat_body, error_of, likeliest
from localdigest.remote.bound import LATIN_SAMPLE, OTHER_SAMPLE, Rates, bound, rates_of
from localdigest.remote.facts import kind_of, own_name, told_by
from localdigest.remote.forms import forms_for, schema_fields
from localdigest.remote.grammar import gbnf
from localdigest.remote.plain import without_marks
from localdigest.remote.served import Counting, Form, Kind, Served, Server, short_name
from localdigest.remote.valid import flaw_of
from localdigest.stages.chunk import chunk
from localdigest.stages.map import Audience, map_job
from localdigest.stages.reduce import ANSWERS, reduce_job

# ── addresses ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "url", "door", "root"),
    [
        ("http://gpu-box:8000/v1", "http://gpu-box:8000/v1", "gpu-box:8000", "http://gpu-box:8000"),
        ("http://gpu-box:8000", "http://gpu-box:8000/v1", "gpu-box:8000", "http://gpu-box:8000"),
        ("http://GPU-Box.:8000/v1/", "http://gpu-box:8000/v1", "gpu-box:8000", "http://gpu-box:8000"),
        ("https://box.local/llm/v1", "https://box.local/llm/v1", "box.local:443", "https://box.local/llm"),
        ("http://127.0.0.1:80", "http://127.0.0.1/v1", "127.0.0.1:80", "http://127.0.0.1"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1", "[::1]:8080", "http://[::1]:8080"),
        ("http://box:9/api", "http://box:9/api", "box:9", "http://box:9/api"),
    ],
)
def test_an_endpoint_has_one_form(written: str, url: str, door: str, root: str) -> None:
    assert endpoints([written]) == (url,)
    assert doors_of([url]) == (door,)
    assert Endpoint(url).root == root


@pytest.mark.parametrize(
    "written",
    ["gpu-box:8000", "ftp://box/v1", "http://", "http://box:0/v1", "http://box:99999/v1", "http://bo x/v1",
     "http://box\\evil/v1", "http://box/v1?key=1", "http://box/v1#x", "file:///etc/passwd", ""],
)  # fmt: skip
def test_what_is_no_endpoint_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"expected|password"):
        endpoints([written])


def test_a_password_in_an_endpoint_is_refused_and_not_repeated() -> None:
    with pytest.raises(ValueError, match="environment") as refused:
        endpoints(["http://me:s3cret@box:8000/v1"])

    assert "s3cret" not in str(refused.value)


def test_endpoints_are_a_list_without_repetitions() -> None:
    assert endpoints("http://a:1 http://b:1,http://a:1/v1") == ("http://a:1/v1", "http://b:1/v1")


def test_a_key_in_place_of_its_variable_is_not_repeated() -> None:
    assert variable("VLLM_KEY") == "VLLM_KEY"
    for wrong in ("sk-abc-123", "a key", "", 7):
        if wrong == "":
            assert variable(wrong) == ""
            continue
        with pytest.raises(ValueError, match="not the key itself") as refused:
            variable(wrong)
        assert str(wrong) not in str(refused.value)


# ── schemas ──────────────────────────────────────────────────────────────────

LABELS = [f"S{number}" for number in range(1, 40)]


def schemas_of_the_writer() -> dict[str, str]:
    """Every schema that a digest asks for."""
    document = a_document("The council bought three ferries on Monday. It paid nine million for them, the mayor said.")
    (piece,) = chunk(document, count=lambda texts: [len(text.split()) for text in texts], budget_tokens=400)
    found = {}
    for style in ("abstract", "quotes"):
        options: dict[str, Any] = {"labels": LABELS, "max_tokens": 9, "sampling": Sampling()}
        for audience in (Audience(("",)), Audience(("ferries", "harbours"))):
            job = map_job(piece, name="m", style=style, audience=audience, prompts=load_prompts(), **options)
            found[f"map {style} {len(audience.topics)}"] = job.constraint.schema  # type: ignore[union-attr]
        for kind in ANSWERS:
            job = reduce_job(kind, "x", name="r", style=style, **options)
            found[f"{kind} {style}"] = job.constraint.schema  # type: ignore[union-attr]
    return found


WRITER = schemas_of_the_writer()
OTHERS: dict[str, dict[str, Any]] = {
    "numbers": {
        "type": "object",
        "properties": {"n": {"type": "integer", "minimum": 1, "maximum": 5}, "x": {"type": "number", "maximum": 2.5}},
        "required": ["n"],
        "additionalProperties": False,
    },
    "options": {"anyOf": [{"type": "null"}, {"type": "boolean"}, {"type": "string", "minLength": 2}]},
    "one of": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
    "pattern": {"type": "array", "items": {"type": "string", "pattern": "^[a-c]{1,3}$"}, "minItems": 1, "maxItems": 3},
    "grades": {
        "type": "object",
        "properties": {"1": {"enum": [1, 2, 3]}, "2": {"enum": [1, 2, 3]}},
        "required": ["1", "2"],
        "additionalProperties": False,
    },
    "reference": {"$defs": {"id": {"enum": ["S1", "S2"]}}, "type": "array", "items": {"$ref": "#/$defs/id"}},
}
ALL_SCHEMAS = {**{name: json.loads(text) for name, text in WRITER.items()}, **OTHERS}


def values_for(schema: dict[str, Any], root: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values near a schema: most keep it, many do not."""
    anything = st.one_of(
        st.none(), st.booleans(), st.integers(-2, 9), st.sampled_from(["", "S1", "S99", "event", "ab", "x" * 250]),
        st.lists(st.sampled_from(["S1", "x"]), max_size=2), st.just({}), st.floats(0, 3, width=16),
    )  # fmt: skip
    if "$ref" in schema:
        return values_for(root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], root)
    if "enum" in schema:
        own: st.SearchStrategy[Any] = st.sampled_from(schema["enum"])
    elif options := schema.get("anyOf") or schema.get("oneOf"):
        own = st.one_of([values_for(option, root) for option in options])
    elif schema["type"] == "object":
        parts = {name: values_for(value, root) for name, value in schema["properties"].items()}
        own = st.fixed_dictionaries(parts) | st.fixed_dictionaries({}, optional={**parts, "other": st.just(1)})
    elif schema["type"] == "array":
        own = st.lists(values_for(schema["items"], root), max_size=schema.get("maxItems", 3) + 1)
    else:
        own = {
            "string": st.text('abc S"\\', max_size=4) | st.just("y" * 400),
            "integer": st.integers(-1, 7),
            "number": st.integers(-1, 4) | st.floats(0, 4, width=16),
            "boolean": st.booleans(),
            "null": st.none(),
        }[schema["type"]]
    return st.integers(0, 11).flatmap(lambda draw: anything if not draw else own)


@pytest.mark.parametrize("name", ALL_SCHEMAS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_an_answer_is_judged_as_a_reference_checker_judges_it(name: str, data: st.DataObject) -> None:
    schema = ALL_SCHEMAS[name]
    honoured = honoured_schema(json.dumps(schema))
    value = data.draw(values_for(schema, schema))
    closed = jsonschema.Draft202012Validator(schema).is_valid(value)

    assert (flaw_of(json.dumps(value), honoured) == "") == closed


def test_what_is_no_json_is_a_flaw_and_what_was_cut_is_judged_as_far_as_it_goes() -> None:
    honoured = honoured_schema(WRITER["map quotes 1"])
    whole = '{"sentences":[{"id":"S1","kind":"event"},{"id":"S2","kind":"opinion"}]}'

    assert flaw_of(whole, honoured) == ""
    assert "no JSON" in flaw_of(whole[:-3], honoured)
    assert "no JSON" in flaw_of("Sure! Here you are.", honoured, is_cut=True)
    for length in range(len(whole)):
        assert flaw_of(whole[:length], honoured, is_cut=True) == "", whole[:length]
    assert "S77" in flaw_of('{"sentences":[{"id":"S77","kind":"event"},{"id"', honoured, is_cut=True)


def test_a_flaw_is_told_on_one_line() -> None:
    flaw = flaw_of(r'{"sentences": "\n\u001b[31m"}', honoured_schema(WRITER["map quotes 1"]))

    assert flaw
    assert flaw.isprintable()


@pytest.mark.parametrize("name", WRITER)
def test_every_schema_of_the_writer_has_a_grammar(name: str) -> None:
    grammar = gbnf(honoured_schema(WRITER[name]))

    assert grammar is not None
    assert grammar.startswith("root ::= ")


@pytest.mark.parametrize("name", ["numbers", "options", "one of", "pattern", "reference"])
def test_what_a_grammar_does_not_say_is_left_to_the_server(name: str) -> None:
    schema = json.dumps(OTHERS[name])
    honoured = honoured_schema(schema)

    assert gbnf(honoured) is None
    assert "response_format" in schema_fields(Form.GRAMMAR, schema, honoured)


def test_a_limit_that_llama_cpp_would_take_for_none_is_not_said() -> None:
    schema = {"type": "string", "maxLength": 2001}

    assert gbnf(honoured_schema(json.dumps(schema))) is None


def test_each_kind_of_server_is_tried_in_all_forms_that_it_can_have() -> None:
    for kind in Kind:
        forms = forms_for(kind)
        assert len(set(forms)) == len(forms)
        assert set(Form) - {Form.OLLAMA} <= set(forms)
        assert (Form.OLLAMA in forms) == (kind is Kind.OLLAMA)


# ── answers ──────────────────────────────────────────────────────────────────

EVENTS = (
    b': ping\r\n\r\ndata: {"choices":[{"delta":{"role":"assistant","content":null}}]}\n\n'
    b'event: message\ndata: {"choices":[{"delta":{"reasoning_content":"hm"}}]}\n\n'
    b'data: {"choices":[{"delta":{"content":"{\\"a\\": \\"\xe5\x8f\xb0"}}]}\n\n'
    b'data: {"choices":[{"delta":{"content":"\xe7\x81\xa3\\"}"}}]}\n\n'
    b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
    b'data: {"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":5,'
    b'"prompt_tokens_details":{"cached_tokens":4}}}\n\n'
    b"data: [DONE]\n\n"
)
LINES = (
    b'{"message":{"role":"assistant","content":"{\\"a\\": \\"\xe5\x8f\xb0"},"done":false}\n'
    b'{"message":{"content":"\xe7\x81\xa3\\"}"},"done":false}\n'
    b'{"message":{"content":""},"done":true,"done_reason":"stop","prompt_eval_count":12,"eval_count":5}\n'
)


@given(cuts=st.lists(st.integers(0, len(EVENTS)), max_size=12).map(sorted))
def test_an_answer_is_the_same_however_its_bytes_come(cuts: list[int]) -> None:
    for form, data, reused in ((Form.SCHEMA, EVENTS, 4), (Form.OLLAMA, LINES, 0)):
        reading = Reading(form)
        for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
            reading.feed(data[start:end])
        answer = reading.answer()

        assert answer.text == '{"a": "台灣"}'
        assert (answer.prompt_tokens, answer.reused_tokens, answer.written_tokens) == (12, reused, 5)
        assert not answer.is_cut


def test_a_thought_shows_that_somebody_is_at_work_and_is_no_part_of_the_answer() -> None:
    reading = Reading(Form.SCHEMA)
    reading.feed(b'data: {"choices":[{"delta":{"role":"assistant"}}]}\n\n')
    assert not reading.has_begun
    reading.feed(b'data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}\n\n')

    assert reading.has_begun
    reading.feed(b'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"length"}]}\n\n')
    assert reading.answer().text == "x"
    assert reading.answer().is_cut


@pytest.mark.parametrize(
    ("form", "data", "says"),
    [
        (Form.SCHEMA, b"", "broke off"),
        (Form.SCHEMA, EVENTS[:180], "broke off"),
        (Form.SCHEMA, b"data: {not json\n\n", "no JSON"),
        (Form.SCHEMA, b"data: [1]\n\n", "no answer"),
        (Form.SCHEMA, b'data: {"error":{"message":"out of \x1b[31mmemory"}}\n\n', "out of"),
        (Form.SCHEMA, b'error: {"code":500,"message":"slot lost"}\n\n', "slot lost"),
        (Form.SCHEMA, b'data: {"choices":[{"delta":{},"finish_reason":"content_filter"}]}\n\n', "content_filter"),
        (Form.SCHEMA, b"data: " + b"x" * 2**21, "longer"),
        (Form.SCHEMA, b'data: "\xff\xfe"\n\n', "UTF-8"),
        (Form.OLLAMA, LINES[:120], "broke off"),
        (Form.OLLAMA, b'{"error":"model requires more system memory"}\n', "system memory"),
        (Form.OLLAMA, b'{"done":true,"done_reason":"load"}\n', "load"),
    ],
)
def test_what_is_no_answer_says_why(form: Form, data: bytes, says: str) -> None:
    with pytest.raises(BrokenAnswerError, match=says) as broken:
        read(form, data)

    assert str(broken.value).isprintable()


def read(form: Form, *chunks: bytes) -> Answer:
    reading = Reading(form)
    for data in chunks:
        reading.feed(data)
    return reading.answer()


def test_a_server_that_does_not_stream_is_understood() -> None:
    reading = Reading(Form.SCHEMA)
    reading.feed(b'{"choices":[{"message":{"content":"{}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3}}')

    assert reading.answer().text == "{}"


@given(st.binary(max_size=300))
def test_no_bytes_make_more_than_a_broken_answer(data: bytes) -> None:
    for form in (Form.SCHEMA, Form.OLLAMA):
        with suppress(BrokenAnswerError):
            read(form, data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"error": {"message": "too\nlong"}}, "too long"),
        ({"error": "no such model"}, "no such model"),
        ({"detail": [{"msg": "bad"}]}, '[{"msg": "bad"}]'),
        ({"object": "error", "message": "old vLLM"}, "old vLLM"),
        ({}, ""),
        ([1], "[1]"),
    ],
)
def test_what_a_server_says_is_wrong_is_read_in_each_of_its_forms(data: Any, said: str) -> None:
    assert error_of(data) == said


def test_log_probabilities_that_are_not_there_are_none() -> None:
    empty = {"choices": [{"logprobs": {"content": []}}]}
    for data in (None, {}, {"choices": []}, {"choices": [{"logprobs": None}]}, empty):
        assert likeliest(data) == []


ONE = (Message("user", "x"),)


def test_temperature_zero_is_said_to_every_server_and_no_penalty_of_its_own_holds() -> None:
    for kind, penalty in ((Kind.VLLM, "repetition_penalty"), (Kind.LLAMA, "repeat_penalty")):
        body = chat_body(ONE, model="m", kind=kind, form=Form.SCHEMA, fields={}, max_tokens=7, sampling=Sampling())
        assert (body["temperature"], body["max_tokens"], body[penalty]) == (0.0, 7, 1.0)


def test_ollama_is_told_which_context_it_has_and_to_cut_nothing() -> None:
    options: dict[str, Any] = {"kind": Kind.OLLAMA, "form": Form.OLLAMA, "fields": {"format": {}}, "max_tokens": 7}
    body = chat_body(ONE, model="m", sampling=Sampling(seed=3), context_tokens=9000, **options)

    told = {"num_predict": 7, "seed": 3, "temperature": 0.0, "repeat_penalty": 1.0, "num_ctx": 9000}
    assert body["options"] == told
    assert (body["truncate"], body["shift"]) == (False, False)


# ── marks ────────────────────────────────────────────────────────────────────

#: Of the chat templates of models that are served often.
MARKS = """
    <s> </s> [INST] [/INST] <<SYS>> <|im_start|> <|im_end|> <|endoftext|> <|begin_of_text|> <|eot_id|>
    <|start_header_id|> <|end_header_id|> <start_of_turn> <end_of_turn> <bos> <eos> <unk> <pad> <|user|> <|assistant|>
    <|system|> <|end|> <|channel|> <|message|> <｜User｜> <｜Assistant｜> <｜begin▁of▁sentence｜> <think>
    </think> <tool_call>
    [TOOL_CALLS] [AVAILABLE_TOOLS] [/AVAILABLE_TOOLS] [SYSTEM_PROMPT] [/SYSTEM_PROMPT] [IMG] [CONTROL_12] [UNK] [PAD]
    [gMASK] <sop> <|START_OF_TURN_TOKEN|> <fim_prefix> <0x0A> <reserved_8> <SPECIAL_3> <extra_id_1>
"""


@pytest.mark.parametrize("mark", MARKS.split())
def test_no_mark_of_a_template_is_left_in_a_text(mark: str) -> None:
    for text in (mark, f"a{mark}b", f"{mark}{mark}", f"<{mark}>", f"[{mark}]", mark.replace("<", "<<")):
        assert mark not in without_marks(text), text


def test_what_a_prompt_itself_holds_stays_as_it_is() -> None:
    for text in ("[S17] A sentence.", "[17] a < b > c", "x[0] = [1, 2]", "~~~\nsource: 3 < 4 and 5 > 4\n~~~", "[D3.T]"):
        assert without_marks(text) == text


@given(st.text(st.sampled_from("<>[]|sIN/T x"), max_size=30))
def test_without_marks_is_done_once(text: str) -> None:
    once = without_marks(text)

    assert without_marks(once) == once
    assert once.replace(" ", "") == text.replace(" ", "")


def test_a_mark_in_another_shape_is_broken_where_it_is_known() -> None:
    assert without_marks("so ▁EOT it ends", ("▁EOT", "<s>", "x")) == "so ▁ EOT it ends"


# ── what servers tell ────────────────────────────────────────────────────────


def test_a_model_is_found_by_any_of_its_names() -> None:
    models = {"data": [{"id": "/data/mixtral.Q4_K_M.gguf", "aliases": ["big"]}, {"id": "qwen3:latest"}]}

    assert own_name(models, "mixtral.Q4_K_M") == "/data/mixtral.Q4_K_M.gguf"
    assert own_name(models, "big") == "/data/mixtral.Q4_K_M.gguf"
    assert own_name(models, "qwen3") == "qwen3:latest"
    assert own_name(models, "") == ""
    assert own_name({"data": models["data"][:1]}, "") == "/data/mixtral.Q4_K_M.gguf"
    assert own_name(models, "other") == ""
    assert short_name("C:\\models\\a\x1b[2J.gguf") == "a [2J"


KEYS = st.sampled_from(["data", "models", "id", "meta", "state", "version", "name"])
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(ANY_JSON)
def test_no_json_of_a_server_is_more_than_nothing_told(data: Any) -> None:
    kind_of(data, props=data, ollama=data, studio=data)
    own_name(data, "x")
    for kind in Kind:
        told_by(kind, "x", models=data, props=data, version=data, tags=data, studio=data)


def server(**changes: Any) -> Server:
    chosen: dict[str, Any] = {
        "url": "http://a:1/v1",
        "kind": Kind.LLAMA,
        "version": "b1",
        "model": "/x/m.gguf",
        "context_tokens": 8192,
        "slots": 2,
        "form": Form.GRAMMAR,
        "counting": Counting.LLAMA,
        "template_tokens": 9,
        "most_scores": 0,
        "quiet": True,
        "is_public": False,
        "facts": {"size": 7, "file": "m.gguf"},
    }
    return Server(**{**chosen, **changes})


def test_an_answer_is_known_wherever_the_same_file_is_served_and_nowhere_else() -> None:
    here = Served((server(),)).identity

    assert Served((server(url="https://b/v1", slots=9, version="b2", model="/other/m.gguf"),)).identity == here
    assert Served((server(), server(url="http://b:1/v1"))).identity == here
    for other in (
        server(facts={"size": 8, "file": "m.gguf"}),
        server(model="n"),
        server(context_tokens=4096),
        server(form=Form.SCHEMA),
    ):
        assert Served((other,)).identity != here


def test_several_servers_are_as_good_as_the_least_of_them() -> None:
    served = Served((server(), server(url="http://b:1/v1", context_tokens=4096, slots=0, notes=("it is odd",))))

    assert served.context_tokens == 4096
    assert served.slots == 0
    assert served.notes == ("b:1: it is odd",)


# ── counts ───────────────────────────────────────────────────────────────────


@given(st.text(max_size=80))
def test_a_bound_is_hardly_more_than_the_bytes_of_a_text(text: str) -> None:
    for rates in (Rates(), Rates(1.0, 4.0), rates_of(60, 140)):
        assert 0 <= bound(text, rates) <= len(text.encode("utf-8", "replace")) + 1


def test_a_bound_is_no_less_than_what_tokenizers_count() -> None:
    """Of the tests' own vocabulary, with the rates that its counts of the samples give."""
    texts = (
        "The council of Vlissingen bought 12 ferries for 9.5 million euros on 3 March 2026, the mayor said.",
        "市議會週一以 950 萬歐元購入 12 艘渡輪，市長表示首艘將於 2026 年 3 月啟航。",
        "https://example.com/a?b=c&d=1 e-mail: a@b.example (x+y)/2 >= 3",
        "Größe über Ärger; naïve façade; Łódź; Москва; 日本語テキスト; 👍🏽",
    )
    with LlamaBackend(LoadOptions(str(models.tiny_mixtral()), num_slots=1, slot_tokens=64)) as backend:
        rates = rates_of(len(backend.tokenize(LATIN_SAMPLE)), len(backend.tokenize(OTHER_SAMPLE)))
        for text in texts:
            assert len(backend.tokenize(text)) <= bound(text, rates), text


def test_where_nothing_is_said_of_the_samples_the_bound_is_wide() -> None:
    assert rates_of(0, 0) == Rates()
    assert rates_of(50, 70).latin < Rates().latin
