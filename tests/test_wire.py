from __future__ import annotations

import io
import json
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdigest.engine import errors
from localdigest.engine.errors import EngineError, JobError, WorkerDiedError
from localdigest.engine.jobs import (
    Choice,
    Completion,
    Finish,
    Job,
    JsonSchema,
    Message,
    Regex,
    Sampling,
    Usage,
)
from localdigest.engine.loading import FlashAttention, KVLayout, LoadMode, LoadOptions, Placement, Threads
from localdigest.engine.wire import (
    LENGTH_BYTES,
    MAX_FRAME_BYTES,
    Ask,
    Cancel,
    CancelWaiting,
    Count,
    Counted,
    CutFrameError,
    Done,
    Failed,
    FrameError,
    Loading,
    Ready,
    Report,
    Reported,
    Start,
    Submit,
    read_frame,
    to_frame,
)
from localdigest.engine.wire import Message as WireMessage

ERROR_KINDS = [getattr(errors, name) for name in errors.__all__]

# Lone surrogates too: pages hold them, and Python's strings can.
TEXTS = st.text(st.characters(exclude_categories=()))
INTEGERS = st.integers()
FLOATS = st.floats(allow_nan=False)
OPTIONS = st.builds(
    LoadOptions,
    path=TEXTS,
    num_slots=INTEGERS,
    slot_tokens=INTEGERS,
    total_tokens=INTEGERS,
    layout=st.sampled_from(KVLayout),
    placement=st.builds(
        Placement,
        gpu_layers=INTEGERS,
        cpu_expert_layers=INTEGERS,
        kv_type=TEXTS,
        flash_attention=st.sampled_from(FlashAttention),
        batch_tokens=INTEGERS,
        micro_batch_tokens=INTEGERS,
        load_mode=st.sampled_from(LoadMode),
        repack=st.booleans(),
    ),
    threads=st.none() | st.builds(Threads, decode=INTEGERS, prefill=INTEGERS),
    devices=st.lists(TEXTS, max_size=3).map(tuple),
)
JOBS = st.builds(
    Job,
    id=TEXTS,
    prompt=TEXTS | st.lists(st.builds(Message, role=TEXTS, content=TEXTS), max_size=3).map(tuple),
    max_tokens=INTEGERS,
    sampling=st.builds(
        Sampling,
        temperature=FLOATS,
        top_k=INTEGERS,
        top_p=FLOATS,
        min_p=FLOATS,
        repeat_penalty=FLOATS,
        repeat_window_tokens=INTEGERS,
        seed=INTEGERS,
    ),
    constraint=st.none()
    | st.builds(JsonSchema, schema=TEXTS)
    | st.builds(Regex, pattern=TEXTS)
    | st.builds(Choice, options=st.lists(TEXTS, max_size=3).map(tuple)),
    stop=st.lists(TEXTS, max_size=3).map(tuple),
    score=st.lists(TEXTS, max_size=3).map(tuple),
)
COMPLETIONS = st.builds(
    Completion,
    job_id=TEXTS,
    finish=st.sampled_from(Finish),
    text=TEXTS,
    logprobs=st.lists(FLOATS, max_size=3).map(tuple),
    usage=st.builds(
        Usage,
        prompt_tokens=INTEGERS,
        reused_tokens=INTEGERS,
        sampled_tokens=INTEGERS,
        forced_tokens=INTEGERS,
        seconds=FLOATS,
    ),
    error=st.none(),
)
MESSAGES = st.one_of(
    st.builds(Start, factory=TEXTS, options=OPTIONS),
    st.builds(Submit, job=JOBS),
    st.builds(Cancel, job_id=TEXTS),
    st.builds(CancelWaiting),
    st.builds(Count, number=INTEGERS, texts=st.lists(TEXTS).map(tuple)),
    st.builds(Ask, number=INTEGERS),
    st.builds(Loading, fraction=FLOATS),
    st.builds(Ready),
    st.builds(Done, completion=COMPLETIONS),
    st.builds(Counted, number=INTEGERS, num_tokens=st.lists(INTEGERS).map(tuple)),
    st.builds(
        Reported,
        number=INTEGERS,
        reports=st.lists(st.builds(Report, name=TEXTS, value=INTEGERS | FLOATS), max_size=3).map(tuple),
    ),
)


def read(data: bytes) -> WireMessage | None:
    return read_frame(io.BytesIO(data))


def framed(data: bytes) -> bytes:
    return len(data).to_bytes(LENGTH_BYTES, "big") + data


@given(MESSAGES)
def test_what_is_sent_arrives(message: WireMessage) -> None:
    assert read(to_frame(message)) == message


@given(st.lists(MESSAGES, max_size=5))
def test_messages_follow_one_another(messages: list[WireMessage]) -> None:
    stream = io.BytesIO(b"".join(map(to_frame, messages)))
    arrived = []
    while (message := read_frame(stream)) is not None:
        arrived.append(message)

    assert arrived == messages


def test_halves_of_a_character_are_not_joined() -> None:
    """Two lone surrogates in a row are not the character that they would be together."""
    message = Count(1, ("\ud83d" + "\ude00",))

    arrived = read(to_frame(message))

    assert arrived == message
    assert isinstance(arrived, Count)
    assert len(arrived.texts[0]) == 2


@pytest.mark.parametrize("kind", ERROR_KINDS)
@given(message=TEXTS, hint=TEXTS.filter(bool))
def test_errors_arrive_as_what_they_are(kind: type[EngineError], message: str, hint: str) -> None:
    arrived = read(to_frame(Failed(kind(message, hint=hint))))

    assert isinstance(arrived, Failed)
    assert type(arrived.error) is kind
    assert (arrived.error.message, arrived.error.hint) == (message, hint)


def test_a_failed_job_brings_its_error() -> None:
    arrived = read(to_frame(Done(Completion("a", Finish.FAILED, error=JobError("too long", hint="cut it")))))

    assert isinstance(arrived, Done)
    assert type(arrived.completion.error) is JobError
    assert arrived.completion.error.hint == "cut it"


def test_a_whole_number_will_do_for_a_fraction() -> None:
    arrived = read(to_frame(Submit(Job("a", "b", sampling=Sampling(temperature=1)))))

    assert isinstance(arrived, Submit)
    assert arrived.job.sampling == Sampling(temperature=1.0)


def test_infinite_log_probabilities_arrive() -> None:
    message = Done(Completion("a", Finish.SCORED, logprobs=(float("-inf"), -0.5)))

    assert read(to_frame(message)) == message


GOOD = json.loads(to_frame(Submit(Job("a", "b")))[LENGTH_BYTES:])


@pytest.mark.parametrize(
    "plain",
    [
        [],
        None,
        {},
        {"": "EngineProcess"},
        {"": "Submit"},
        {"": []},
        {"": "Cancel", "job_id": 5},
        {"": "Cancel", "job_id": "a", "more": 1},
        {"": "Loading", "fraction": True},
        {"": "Counted", "number": 1, "num_tokens": 1.5},
        {"": "Done", "completion": {"job_id": "a"}},
        {"": "Failed", "error": {"": "KeyboardInterrupt", "message": "", "hint": ""}},
        {"": "Failed", "error": {"": "EngineError", "message": 1, "hint": ""}},
        {"": "Failed", "error": {"": [], "message": "", "hint": ""}},
        {"": "Submit", "job": {**GOOD["job"], "constraint": {"command": "rm"}}},
        {"": "Submit", "job": {**GOOD["job"], "prompt": [["user", "text"]]}},
        {"": "Submit", "job": {**GOOD["job"], "stop": "x"}},
    ],
)
def test_what_does_not_fit_is_refused(plain: object) -> None:
    with pytest.raises(FrameError):
        read(framed(json.dumps(plain).encode()))


def test_an_error_of_the_wrong_kind_is_refused() -> None:
    """A job's error is one of a job; the worker cannot say in it that it died."""
    frame = to_frame(Done(Completion("a", Finish.FAILED, error=WorkerDiedError("x"))))  # type: ignore[arg-type]  # on purpose

    with pytest.raises(FrameError):
        read(frame)


@given(st.binary(max_size=200))
def test_anything_at_all_is_a_message_or_refused(data: bytes) -> None:
    with pytest.raises(FrameError):
        read(framed(data))


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(FrameError):
        read(framed(b'{"":"Cancel","job_id":' + b"[" * 100_000))


@given(MESSAGES, st.data())
def test_a_frame_cut_short_is_told_from_the_end(message: WireMessage, data: st.DataObject) -> None:
    frame = to_frame(message)
    length = data.draw(st.integers(1, len(frame) - 1))

    with pytest.raises(CutFrameError):
        read(frame[:length])


def test_the_end_is_no_message() -> None:
    assert read(b"") is None


def test_a_length_that_no_frame_has_is_refused() -> None:
    """Before any memory is asked for."""
    with pytest.raises(FrameError):
        read((MAX_FRAME_BYTES + 1).to_bytes(LENGTH_BYTES, "big") + b"{}")


def test_a_message_that_is_too_long_is_not_made() -> None:
    with pytest.raises(FrameError):
        to_frame(Count(1, ("x" * MAX_FRAME_BYTES,)))


@pytest.mark.parametrize("value", [enum for kind in (Finish, KVLayout) for enum in kind])
def test_enumerations_keep_their_kind(value: Enum) -> None:
    message = (
        Done(Completion("a", value))
        if isinstance(value, Finish)
        else Start("f", LoadOptions("p", layout=KVLayout(value)), "")
    )
    arrived = read(to_frame(message))

    assert arrived == message
    assert repr(arrived) == repr(message)
