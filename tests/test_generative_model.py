"""The generative writer on real llama.cpp: tiny Mixtral, whose weights are random, so that only the form can be right.

It shows what must hold whatever a model says: nothing comes out broken, nothing stands that no source bears out.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from pathlib import Path

import pytest
from generative import NOW, a_store, a_writer, as_bytes

import models
from localdigest.engine.jobs import Sampling
from localdigest.engine.loading import FlashAttention, LoadOptions, Placement, Threads
from localdigest.engine.process import EngineProcess
from localdigest.parsing.document import parse_document
from localdigest.prompts import fenced, load_prompts
from localdigest.records import Digest, Document, Page, PageOrigin, SectionKey, Source, Verdict
from localdigest.render.locale import LANGUAGES
from localdigest.stages.chunk import chunk
from localdigest.stages.dedupe import dedupe
from localdigest.stages.verify import verify
from localdigest.writers.generative import GenerativeWriter
from localdigest.writers.generative_account import WriterAccount
from localdigest.writers.generative_jobs import Model, Runner
from localdigest.writers.generative_judge import SecondJudge

PAGES = Path(__file__).parent.parent / "examples" / "pages"
CONTEXT = 4096
MODEL = Model("tiny-mixtral", "0" * 64, CONTEXT, "1")


def load(placement: Placement) -> EngineProcess:
    threads = Threads(decode=1, prefill=2)
    return EngineProcess(
        LoadOptions(str(models.tiny_mixtral()), num_slots=8, slot_tokens=CONTEXT, threads=threads, placement=placement)
    )


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineProcess]:
    with load(Placement()) as process:
        yield process


@pytest.fixture(scope="module")
def exact_engine() -> Iterator[EngineProcess]:
    """Keys and values in single precision: no two runs differ in a near tie, whatever is computed beside a job."""
    with load(Placement(kv_type="f32", flash_attention=FlashAttention.OFF)) as process:
        yield process


@pytest.fixture(scope="module")
def documents() -> tuple[Document, ...]:
    """The pages of the examples, as a run reads them."""
    read = []
    for path in sorted(PAGES.iterdir()):
        media_type = mimetypes.guess_type(path.name)[0] or ""
        url = path.resolve().as_uri()
        page = Page(Source(str(path)), path.read_bytes(), media_type, "", url, NOW.isoformat(), PageOrigin.FILE)
        read.append(parse_document(page))
    return tuple(dedupe([document for document in read if isinstance(document, Document)]))


def write(writer: GenerativeWriter, documents: tuple[Document, ...], *, language: str = "zh-TW") -> Digest:
    return writer.write(documents, topic="Mistral", language=language)


def test_a_second_judge_weighs_a_real_models_answers(engine: EngineProcess, tmp_path: Path) -> None:
    """Random weights weigh at random; but every sentence is weighed, once, and the store knows it afterwards."""
    cases = [(f"The council bought {n} ferries.", [f"On Monday the council bought {n} ferries."]) for n in range(9)]
    with a_store(tmp_path) as store:
        runner = Runner(engine, MODEL, store, prompts_hash="p", on_event=lambda _: None, now=lambda: NOW)
        judge = SecondJudge(runner, load_prompts(), Sampling())
        doubts = judge.doubts(cases, ["en"] * 5 + ["zh-TW"] * 4)
        first = runner.work
        again = judge.doubts(cases, ["en"] * 5 + ["zh-TW"] * 4)

    assert len(doubts) == len(cases)
    assert (first.jobs_run, first.jobs_malformed, first.jobs_failed) == (9, 0, 0)
    assert first.reused_tokens > 0
    assert again == doubts
    assert (runner.work.jobs_run, runner.work.jobs_stored) == (9, 9)


def account_of(writer: GenerativeWriter) -> WriterAccount:
    return writer.account


def test_quotations_of_the_examples_make_a_full_digest_word_for_word(
    engine: EngineProcess, documents: tuple[Document, ...], tmp_path: Path
) -> None:
    with a_store(tmp_path) as store:
        writer = a_writer(engine, store, model=MODEL, style="quotes")
        digest = write(writer, documents)
        account = account_of(writer)
        stored = write(writer, documents)
        second = account_of(writer)

    texts = {document.id_of(i): s.text for document in documents for i, s in enumerate(document.sentences)}
    body = [s for section in digest.sections for part in section.parts for s in part.statements]
    assert len(documents) == 10
    assert {section.key for section in digest.sections if section.parts} >= {SectionKey.TREND, SectionKey.NEWS}
    assert digest.summary
    assert len(body) >= 8
    assert all(texts[id_] == statement.text for statement in body for id_ in statement.evidence)
    assert len({statement.text for statement in body}) == len(body)
    assert {s.verdict for s in verify(digest, documents).statements} == {Verdict.SUPPORTED}
    assert (account.work.jobs_failed, account.work.jobs_malformed, account.work.jobs_cut) == (0, 0, 0)
    assert account.work.reused_tokens > account.work.computed_tokens / 2
    assert as_bytes(digest) == as_bytes(stored)
    assert (second.work.jobs_run, second.work.jobs_stored) == (0, account.work.jobs_run)


@pytest.mark.parametrize("style", ["abstract", "quotes"])
def test_the_same_pages_make_the_same_digest(
    exact_engine: EngineProcess, documents: tuple[Document, ...], tmp_path: Path, style: str
) -> None:
    short = tuple(sorted(sorted(documents, key=lambda document: len(document.text))[:2], key=lambda d: d.number))
    made = []
    for name in ("one", "other"):
        with a_store(tmp_path / name) as store:
            made.append(as_bytes(write(a_writer(exact_engine, store, model=MODEL, style=style), short)))

    assert made[0] == made[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_model_that_talks_nonsense_makes_a_nearly_empty_digest_and_an_honest_account(
    engine: EngineProcess, documents: tuple[Document, ...], tmp_path: Path, language: str
) -> None:
    with a_store(tmp_path) as store:
        writer = a_writer(engine, store, model=MODEL, style="abstract")
        digest = write(writer, documents[:3], language=language)
    account = account_of(writer)

    assert [section.key for section in digest.sections] == list(SectionKey)
    assert len(digest.statements) <= 3
    assert account.claims <= 3
    assert len(account.claims_dropped) >= 5
    assert all(drop.reason for drop in account.claims_dropped)
    assert (account.work.jobs_failed, account.work.jobs_malformed) == (0, 0)
    assert not any(s.verdict is Verdict.UNSUPPORTED for s in verify(digest, documents).statements)


def test_chunks_fit_as_the_model_itself_counts(engine: EngineProcess, documents: tuple[Document, ...]) -> None:
    """The sum over the lines, from which chunks are made, is no less than the whole."""
    for document in documents:
        for piece in chunk(document, count=lambda texts: [*map(engine.count_tokens, texts)], budget_tokens=400):
            assert engine.count_tokens(fenced(piece.text)) <= piece.num_tokens + 16 <= 416
