"""The second judge: the model is asked once more about each sentence, and can only doubt."""

from math import nan
from pathlib import Path
from typing import Any

import pytest
from documents import a_document
from generative import write
from scripted_engine import ScriptedEngine, honest, prompt_of

from localdigest.engine.errors import JobError
from localdigest.engine.jobs import Job
from localdigest.records import SectionKey

DOCUMENTS = (
    a_document(
        "The council of Ely bought four ferries on Monday.\nMayor Ann Lee opened a yard with 300 guests.",
        url="https://one.example/a",
        title="Ely buys ferries",
    ),
)
YES, NO = (-0.2, -1.7), (-1.7, -0.2)


def doubting(word: str) -> Any:
    def answer(job: Job) -> Any:
        if job.score:
            sentence = next(line for line in prompt_of(job).splitlines() if line.startswith("sentence: "))
            return NO if word in sentence else YES
        return honest(job)

    return answer


def test_it_is_asked_about_every_sentence_that_stands(tmp_path: Path) -> None:
    written = write(tmp_path, DOCUMENTS, second_judge=True)
    asked = [job for job in written.engine.jobs if job.score]

    assert asked
    assert all(job.score == ("yes", "no") for job in asked)
    assert all("source: " in prompt_of(job) and "sentence: " in prompt_of(job) for job in asked)
    assert written.digest == write(tmp_path / "without", DOCUMENTS).digest
    assert written.account.second_judge


def test_it_is_not_asked_unless_wanted(tmp_path: Path) -> None:
    written = write(tmp_path, DOCUMENTS)

    assert not any(job.score for job in written.engine.jobs)
    assert not written.account.second_judge


def test_what_it_doubts_is_repaired_or_dropped_and_counted(tmp_path: Path) -> None:
    written = write(tmp_path, DOCUMENTS, doubting("ferries"), second_judge=True)
    dropped = [drop for drop in written.account.claims_dropped if drop.reason == "doubted"]

    assert dropped
    assert all("ferries" in drop.text for drop in dropped)
    assert any(job.id.startswith("repair") for job in written.engine.jobs)
    assert not any("ferries" in text for text in written.texts(SectionKey.KEY_POINTS))


def test_a_repaired_sentence_is_asked_about_again(tmp_path: Path) -> None:
    def answer(job: Job) -> Any:
        if job.id.startswith("repair"):
            return {"sentence": "The council of Ely bought four boats called ferries on Monday."}
        return doubting("Ely bought four")(job)

    written = write(tmp_path, DOCUMENTS, answer, second_judge=True)

    assert written.account.claims_repaired == 0
    assert any(drop.reason == "doubted" for drop in written.account.claims_dropped)


def test_it_confirms_nothing(tmp_path: Path) -> None:
    """What the program finds wrong stays wrong, and the model is not even asked."""

    def answer(job: Job) -> Any:
        if job.id.startswith("map"):
            return {
                "claims": [{"evidence": ["S1"], "claim": "Ely bought 40 ferries.", "kind": "event", "on_topic": True}]
            }
        return YES if job.score else honest(job)

    written = write(tmp_path, DOCUMENTS, answer, second_judge=True)

    assert [drop.reason for drop in written.account.claims_dropped] == ["unsupported"]
    assert not any(job.score for job in written.engine.jobs)


def test_its_answers_are_kept(tmp_path: Path) -> None:
    first = write(tmp_path, DOCUMENTS, doubting("guests"), second_judge=True)
    again = write(tmp_path, DOCUMENTS, doubting("nothing"), second_judge=True)

    assert again.engine.jobs == []
    assert again.digest == first.digest


def test_in_quotations_there_is_nothing_to_ask(tmp_path: Path) -> None:
    written = write(tmp_path, DOCUMENTS, style="quotes", second_judge=True)

    assert written.engine.jobs
    assert not any(job.score for job in written.engine.jobs)


@pytest.mark.parametrize("answer", [(nan, nan), (-0.1,), (0.5, -2.0)], ids=str)
def test_an_answer_that_is_none_doubts_nothing_and_is_not_kept(tmp_path: Path, answer: tuple[float, ...]) -> None:
    def say(job: Job) -> Any:
        return answer if job.score else honest(job)

    plain = write(tmp_path / "plain", DOCUMENTS)
    written = write(tmp_path, DOCUMENTS, say, second_judge=True)
    again = write(tmp_path, DOCUMENTS, second_judge=True)

    assert written.digest == plain.digest
    assert written.account.work.jobs_malformed == sum(1 for job in written.engine.jobs if job.score)
    assert again.engine.jobs, "asked again"
    assert all(job.score for job in again.engine.jobs)


def test_a_job_that_fails_doubts_nothing_and_is_counted(tmp_path: Path) -> None:
    engine = ScriptedEngine(lambda job: JobError("no room") if job.score else honest(job))
    written = write(tmp_path, DOCUMENTS, engine=engine, second_judge=True)

    assert written.digest == write(tmp_path / "plain", DOCUMENTS).digest
    assert written.account.work.jobs_failed > 0
