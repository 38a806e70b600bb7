"""What is found out about a server. Played ones answer as vLLM, Ollama, LM Studio, llama-server and others document."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from played_servers import IMPATIENT, Fault, Played, Request, play

from localdigest.endpoints import doors_of
from localdigest.engine.errors import BackendError, ContextOverflowError, JobError
from localdigest.engine.jobs import Job, Message
from localdigest.net.endpoint_guard import EndpointGuard
from localdigest.remote.ask import Asker
from localdigest.remote.bound import LATIN_SAMPLE
from localdigest.remote.caller import Caller
from localdigest.remote.probe import probe, probe_all
from localdigest.remote.served import Counting, Form, Kind, Server


@contextmanager
def calling(*servers: Played, key: str = "") -> Iterator[Caller]:
    caller = Caller(EndpointGuard(doors_of(server.url for server in servers)), IMPATIENT, key=key)
    try:
        yield caller
    finally:
        caller.close()


def found(server: Played, **options: Any) -> Server:
    with calling(server) as caller:
        return probe(caller, server.url, **options)


# ── which form is kept ───────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "honours", "form"),
    [
        ("llama", "json_schema", Form.SCHEMA),
        ("llama", "json_object", Form.OBJECT),
        ("vllm", "structured_outputs", Form.STRUCTURED),
        ("vllm", "json_schema", Form.SCHEMA),
        ("vllm", "guided_json", Form.GUIDED),
        ("ollama", "format", Form.OLLAMA),
        ("ollama", "json_schema", Form.SCHEMA),
        ("studio", "json_schema", Form.SCHEMA),
        ("plain", "json_object", Form.OBJECT),
        ("plain", "structured_outputs", Form.STRUCTURED),
    ],
)
def test_a_schema_is_asked_for_in_the_form_that_is_kept_whatever_the_server_is_called(
    kind: str, honours: str, form: Form
) -> None:
    with play(kind, honours) as server:
        assert found(server).form is form


def test_a_server_that_takes_every_form_and_keeps_none_is_refused() -> None:
    """llama-cpp-python's server does so with `json_schema`: 200, and whatever the model says."""
    with play("plain") as server, pytest.raises(BackendError, match="keeps a schema in none") as refused:
        found(server)

    assert "llama-server" in refused.value.hint


def test_a_model_that_says_what_the_schema_wants_by_itself_is_not_believed() -> None:
    """The word is another one each time."""
    seen: list[str] = []

    def says(request: Request) -> str:
        seen.append(json.dumps(request.body.get("response_format")))
        return '{"word": "hello"}'

    with play("plain", says=says) as server, pytest.raises(BackendError, match="keeps a schema in none"):
        found(server)
    with play("plain", says=says) as server, pytest.raises(BackendError):
        found(server)
    words = {entry for entry in seen if "enum" in entry}
    assert len(words) >= 4, "each asked for a word of its own"


@pytest.mark.parametrize("kind", ["llama", "vllm", "ollama"])
def test_a_server_that_knows_no_request_not_to_think_is_asked_without(kind: str) -> None:
    form = "format" if kind == "ollama" else "json_schema"
    refuses = ("think", "chat_template_kwargs")
    with play(kind, form, refuses=refuses) as server:
        assert not found(server).quiet
    with play(kind, form) as server:
        assert found(server).quiet


# ── what it tells ────────────────────────────────────────────────────────────


def test_llama_server() -> None:
    with play("llama", "json_schema", context=4096) as server:
        told = found(server)

    assert (told.kind, told.version, told.slots, told.context_tokens) == (Kind.LLAMA, "b9999-abc", 3, 4096)
    assert told.counting is Counting.LLAMA
    assert told.facts["file"] == "tiny.gguf"
    assert "/data" not in json.dumps(told.facts)
    assert told.notes == ()


def test_vllm() -> None:
    with play("vllm", "structured_outputs", context=32768) as server:
        told = found(server)
        chats = [chat.body for chat in server.chats if "structured_outputs" in chat.body]

    assert (told.software, told.slots, told.context_tokens) == ("vLLM 0.30.1", 0, 32768)
    assert told.counting is Counting.VLLM
    assert told.facts == {"root": "org/tiny"}
    assert all(body["structured_outputs"]["disable_any_whitespace"] for body in chats)


def test_ollama_and_its_default_context_is_named() -> None:
    with play("ollama", "format", context=4096) as server:
        told = found(server)

    assert (told.kind, told.context_tokens, told.model) == (Kind.OLLAMA, 4096, "tiny:latest")
    assert told.facts["digest"] == "d" * 64
    assert told.counting is Counting.BOUND
    (note,) = told.notes
    assert "4,096 tokens, its default" in note
    assert "OLLAMA_CONTEXT_LENGTH=" in note
    assert "num_ctx" in note


def test_ollama_with_a_longer_context_needs_no_word() -> None:
    with play("ollama", "format", context=16384) as server:
        told = found(server)

    assert (told.context_tokens, told.notes) == (16384, ())


def test_lm_studio_tells_the_context_of_what_is_loaded() -> None:
    with play("studio", "json_schema", context=8192) as server:
        told = found(server)

    assert (told.kind, told.context_tokens, told.counting) == (Kind.LM_STUDIO, 8192, Counting.BOUND)
    assert told.facts == {"arch": "llama", "quantization": "Q4_K_M", "max_context_length": 32768}


def test_a_server_that_tells_no_context_is_tried_with_a_long_prompt() -> None:
    with play("plain", "json_schema") as server:
        told = found(server)

    assert 4000 <= told.context_tokens <= 4096
    assert "does not tell its context" in told.notes[0]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"cuts_prompts_at": 2048}, "read 2048 tokens of a prompt of 4000 words"),
        ({"tells_usage": False}, "does not say how many tokens it read"),
    ],
)
def test_a_server_that_may_cut_prompts_unseen_is_refused(options: dict[str, Any], says: str) -> None:
    with play("plain", "json_schema", **options) as server, pytest.raises(BackendError, match=says) as refused:
        found(server)

    assert "4,096" in refused.value.hint


def test_an_ollama_too_old_to_tell_its_context_is_tried_too() -> None:
    old = play("ollama", "format", tells_context=False, cuts_prompts_at=2050)
    with old as server, pytest.raises(BackendError, match="read 2050 tokens"):
        found(server)


def test_a_server_that_is_loading_its_model_is_waited_for() -> None:
    with play("llama", "json_schema", loading=1) as server:
        assert found(server).slots == 3


def test_a_server_that_loads_for_ever_is_not() -> None:
    with play("llama", "json_schema", loading=99) as server, pytest.raises(BackendError, match="Loading model"):
        found(server)


def test_a_server_that_does_not_stream_is_used_all_the_same() -> None:
    with play("plain", "json_schema", streams=False) as server:
        assert found(server).form is Form.SCHEMA


# ── which model ──────────────────────────────────────────────────────────────


def test_the_only_model_needs_no_name() -> None:
    with play("vllm", "json_schema", models=("mixtral",)) as server:
        assert found(server).model == "mixtral"
        assert found(server, model="mixtral").model == "mixtral"


@pytest.mark.parametrize(("wanted", "says"), [("", "serves 2 models: a, b"), ("c", "serves no model 'c', but a, b")])
def test_of_several_models_one_must_be_named(wanted: str, says: str) -> None:
    with play("vllm", "json_schema", models=("a", "b")) as server, pytest.raises(BackendError, match=says) as refused:
        found(server, model=wanted)

    assert "--model a" in refused.value.hint


def test_several_endpoints_must_serve_one_model() -> None:
    with (
        play("vllm", "json_schema") as one,
        play("vllm", "json_schema", models=("other",)) as other,
        calling(one, other) as caller,
        pytest.raises(BackendError, match="serve different models"),
    ):
        probe_all(caller, [one.url, other.url])


def test_one_of_several_endpoints_that_is_not_there_is_left_out_and_told() -> None:
    with play("vllm", "json_schema") as one, play("vllm", "json_schema") as gone:
        gone.close()
        with calling(one, gone) as caller:
            served = probe_all(caller, [one.url, gone.url])

    assert [server.url for server in served.servers] == [one.url]
    assert "left out of this run" in served.notes[0]


# ── what goes wrong ──────────────────────────────────────────────────────────


def test_nobody_there() -> None:
    with play("plain") as server:
        server.close()
        with pytest.raises(BackendError, match="does not answer: the connection failed") as refused:
            found(server)

    assert "running" in refused.value.hint


def test_a_web_site_is_no_model_server() -> None:
    with play("plain", models=()) as server, pytest.raises(BackendError, match="names no model") as refused:
        found(server)

    assert "/v1" in refused.value.hint


def test_a_key_is_sent_as_it_is_and_asked_for_where_it_is_missing() -> None:
    with play("vllm", "json_schema", key="k3y-of-mine") as server:
        with pytest.raises(BackendError, match="answers 401") as refused:
            found(server)
        with calling(server, key="k3y-of-mine") as caller:
            assert probe(caller, server.url).model == "tiny"
    assert "--api-key-env" in refused.value.hint


def test_a_key_that_a_server_repeats_is_masked() -> None:
    with (
        play("vllm", "json_schema", key="other") as server,
        calling(server, key="k3y-of-mine") as caller,
        pytest.raises(BackendError, match=r"Incorrect key: Bearer \*\*\*"),
    ):
        probe(caller, server.url)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    if (openssl := shutil.which("openssl")) is None:
        pytest.skip("openssl is not installed: no certificate can be made")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    files = ["-keyout", str(key), "-out", str(certificate), "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*made, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with play("plain", "json_schema") as server:
        server.server.socket = context.wrap_socket(server.server.socket, server_side=True)
        url = server.url.replace("http://127.0.0.1", "https://localhost")
        caller = Caller(EndpointGuard(doors_of([url])), IMPATIENT)
        with pytest.raises(BackendError, match="certificate verify failed"):
            probe(caller, url)
        caller.close()
        assert server.log == []


# ── one question ─────────────────────────────────────────────────────────────


def ask(server: Played, text: str, *, max_tokens: int = 8, score: tuple[str, ...] = ()) -> Any:
    with calling(server) as caller:
        asker = Asker(caller, probe(caller, server.url, scores=bool(score)))
        job = Job("j", (Message("user", text),), max_tokens=max_tokens, score=score)
        if score:
            return asker.scores(job)[0]
        return asker.answer(job, None, on_begin=lambda: None, is_cancelled=lambda: False)


@pytest.mark.parametrize(
    ("kind", "form"),
    [("llama", "json_schema"), ("vllm", "json_schema"), ("ollama", "format"), ("studio", "json_schema")],
)
def test_what_does_not_fit_is_refused_before_it_is_sent(kind: str, form: str) -> None:
    with play(kind, form, context=4096) as server:
        with pytest.raises(ContextOverflowError, match="do not fit into the context of 4096 tokens") as refused:
            ask(server, f"{LATIN_SAMPLE} " * 180)
        assert server.jobs == []
        assert ask(server, f"{LATIN_SAMPLE} " * 50).text
        assert len(server.jobs) == 1
    assert "longer context" in refused.value.hint


def test_ollama_is_told_the_context_that_was_found() -> None:
    with play("ollama", "format", context=12000) as server:
        ask(server, "word")
        (job,) = server.jobs

    assert job.path == "/api/chat"
    assert job.body["options"]["num_ctx"] == 12000
    assert job.body["truncate"] is False


def test_a_servers_own_refusal_of_a_long_prompt_is_told_as_such() -> None:
    said = {"error": {"message": "This model's maximum context length is 4096 tokens", "type": "BadRequestError"}}
    strict = play("vllm", "json_schema", fault=lambda _: Fault(400, error=said))
    with strict as server, pytest.raises(ContextOverflowError, match="maximum context length"):
        ask(server, "word")


def test_a_prompt_that_is_longer_than_reckoned_is_no_silent_cut() -> None:
    """Where nobody counts before, what the server counted is looked at."""
    with play("ollama", "format", context=4096) as server, calling(server) as caller:
        told = replace(probe(caller, server.url), latin_rate=0.001)
        job = Job("j", (Message("user", "word " * 4093),), max_tokens=8)
        asker = Asker(caller, told)

        with pytest.raises(ContextOverflowError, match="counts 4096 tokens in a prompt that should have fewer"):
            asker.answer(job, None, on_begin=lambda: None, is_cancelled=lambda: False)


def test_scores_are_those_of_the_tokens_that_begin_each_answer() -> None:
    """With and without a space before them; one that is not among the likeliest has no more than the least."""
    with play("vllm", "json_schema", scores=20) as server:
        yes, no = ask(server, "is it so?", score=("yes", "no"))
        yes_first, none = ask(server, "is it so?", score=("yes", "是"))

    assert yes == pytest.approx(-0.5)
    assert -2.6 < no < -2.2, "the sum of two tokens"
    assert yes_first == yes
    assert none == pytest.approx(-5.5)


def test_options_of_which_none_is_likely_are_an_error_of_the_job() -> None:
    with play("vllm", "json_schema", scores=20) as server, pytest.raises(JobError, match="None of 是, 否 is among"):
        ask(server, "is it so?", score=("是", "否"))


@pytest.mark.parametrize(("scores", "most"), [(0, 0), (5, 5), (20, 20), (5000, 2000)])
def test_how_many_scores_a_server_gives_is_found_out(scores: int, most: int) -> None:
    with play("vllm", "json_schema", scores=scores) as server:
        assert found(server, scores=True).most_scores == most
        assert found(server).most_scores == 0, "nobody asked"
