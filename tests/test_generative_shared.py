"""A text that several digests of a run read is asked about once, and each takes what concerns it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from generative import many, write
from scripted_engine import ScriptedEngine, honest, prompt_of

from localdigest.engine.jobs import Job, JsonSchema, Sampling
from localdigest.prompts import load_prompts
from localdigest.records import Claim, Dropped
from localdigest.stages.chunk import chunk
from localdigest.stages.map import Audience, map_job, read_mapped

TOPICS = ("buses", "depots")
DOCUMENTS = many(3)


def is_shared(job: Job) -> bool:
    assert isinstance(job.constraint, JsonSchema)
    return '"topics"' in job.constraint.schema


def by_topic(job: Job) -> Any:
    """Councils are of the first topic, mayors of the second."""
    answer = honest(job)
    if not job.id.startswith("map") or not is_shared(job):
        return answer
    for name, items in answer.items():
        for item in items:
            text = item["claim"] if name == "claims" else prompt_of(job).partition(f"[{item['id']}] ")[2]
            item.pop("on_topic", None)
            item["topics"] = [1] if text.startswith("The council") else [2]
    return answer


def read_for(topic: str, engine: ScriptedEngine, folder: Path, style: str) -> Any:
    shared = dict.fromkeys(range(1, len(DOCUMENTS) + 1), TOPICS)
    return write(folder, DOCUMENTS, topic=topic, engine=engine, style=style, shared=shared)


@pytest.mark.parametrize("style", ["abstract", "quotes"])
def test_what_one_digest_asked_the_next_knows_and_each_gets_its_own(style: str, tmp_path: Path) -> None:
    engine = ScriptedEngine(by_topic)
    first = read_for("buses", engine, tmp_path, style)
    asked = [job for job in engine.jobs if job.id.startswith("map")]
    second = read_for("depots", engine, tmp_path, style)

    assert len(asked) == len(DOCUMENTS)
    assert all("1. buses\n2. depots" in prompt_of(job) for job in asked)
    assert [job for job in engine.jobs if job.id.startswith("map")] == asked, "the second asked nothing again"
    for written, own, other in ((first, "council", "Mayor"), (second, "Mayor", "council")):
        told = " ".join(
            statement.text
            for section in written.digest.sections
            for part in section.parts
            for statement in part.statements
        )
        assert own in told
        assert other not in told
        assert {dropped.reason for dropped in written.account.claims_dropped} == {"off-topic"}


def test_a_document_that_nobody_else_reads_is_asked_about_as_ever(tmp_path: Path) -> None:
    alone = write(tmp_path / "alone", DOCUMENTS, topic="buses")
    shared = write(tmp_path / "shared", DOCUMENTS, by_topic, topic="buses", shared={2: TOPICS})

    def prompts(engine: ScriptedEngine) -> set[str]:
        return {prompt_of(job) for job in engine.jobs if job.id.startswith("map")}

    assert len(prompts(shared.engine) - prompts(alone.engine)) == 1
    assert len(prompts(shared.engine) & prompts(alone.engine)) == len(DOCUMENTS) - 1


def test_chunks_with_the_same_instruction_stand_together(tmp_path: Path) -> None:
    written = write(tmp_path, DOCUMENTS, by_topic, topic="buses", shared={2: TOPICS})
    order = [is_shared(job) for job in written.engine.jobs if job.id.startswith("map")]

    assert order in ([False, False, True], [True, False, False])


def a_piece() -> Any:
    document = DOCUMENTS[0]
    (piece,) = chunk(document, count=lambda texts: [len(text.split()) for text in texts], budget_tokens=4000)
    return piece, document


@pytest.mark.parametrize(
    ("topics", "found"),
    [
        ([2], Claim), ([1, 2], Claim), ([2, 2], Claim), ([1], "off-topic"), ([], "off-topic"),
        ([3], "malformed"), ([0], "malformed"), ([True], "malformed"), (["2"], "malformed"), (2, "malformed"),
        (None, "malformed"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("style", ["abstract", "quotes"])
def test_the_topics_of_an_answer_are_numbers_of_topics_or_the_answer_is_none(
    style: str, topics: Any, found: Any
) -> None:
    piece, document = a_piece()
    item: dict[str, Any] = {"kind": "event", "topics": topics}
    item |= {"id": "S1"} if style == "quotes" else {"evidence": ["S1"], "claim": "Town0 buys buses."}
    answer = json.dumps({"sentences" if style == "quotes" else "claims": [item]})

    read = read_mapped(answer, piece, document, style=style, labels=["S1"], audience=Audience(TOPICS, own=2))

    if found is Claim:
        assert [claim.evidence for claim in read.claims] == [(f"D{document.number}.S1",)]
    else:
        assert read.claims == ()
        assert [type(each) for each in read.dropped] == [Dropped]
        assert read.dropped[0].reason == found
    assert read.is_sound == (found != "malformed")


@pytest.mark.parametrize("style", ["abstract", "quotes"])
def test_an_answer_for_one_topic_names_none_and_one_for_several_must(style: str) -> None:
    piece, document = a_piece()
    name, item = ("sentences", {"id": "S1"}) if style == "quotes" else ("claims", {"evidence": ["S1"], "claim": "x"})
    alone = {**item, "kind": "event"} | ({} if style == "quotes" else {"on_topic": True})
    shared = {**item, "kind": "event", "topics": [1]}

    def is_sound(item: Any, audience: Audience) -> bool:
        answer = json.dumps({name: [item]})
        return read_mapped(answer, piece, document, style=style, labels=["S1"], audience=audience).is_sound

    assert is_sound(alone, Audience(("buses",)))
    assert is_sound(shared, Audience(TOPICS))
    assert not is_sound(shared, Audience(("buses",)))
    assert not is_sound(alone, Audience(TOPICS))


def test_names_of_topics_are_one_line_each() -> None:
    piece, _ = a_piece()
    job = map_job(
        piece, name="map-0", style="quotes", audience=Audience(("buses\n2. all", "depots")), labels=["S1"],
        max_tokens=9, prompts=load_prompts(), sampling=Sampling(),
    )  # fmt: skip

    assert "1. buses 2. all\n2. depots\n" in prompt_of(job)
