"""What the tests of the generative writer share: documents, a store, and a writer over a scripted engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from documents import a_document
from scripted_engine import Answer, ScriptedEngine, honest

from localdigest.codec import canonical_json
from localdigest.prompts import load_prompts
from localdigest.records import Digest, Document, Section, SectionKey
from localdigest.stages.dedupe import dedupe
from localdigest.store import Store
from localdigest.writers.generative import GenerativeWriter
from localdigest.writers.generative_jobs import Completions, Engine, Model, Progress

MODEL = Model("scripted", "0" * 64, context_tokens=4096, engine_version="1")
NOW = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)


@dataclass
class Written:
    digest: Digest
    writer: GenerativeWriter
    engine: ScriptedEngine
    documents: tuple[Document, ...]
    events: list[Progress] = field(default_factory=list)

    @property
    def account(self) -> Any:
        return self.writer.account

    def section(self, key: SectionKey) -> Section:
        (section,) = [section for section in self.digest.sections if section.key is key]
        return section

    def texts(self, key: SectionKey) -> list[str]:
        """Without the headlines."""
        return [statement.text for part in self.section(key).parts for statement in part.statements]

    @property
    def cited(self) -> dict[str, str]:
        """Everything that may be cited."""
        texts = {document.title_id: document.title for document in self.documents}
        for document in self.documents:
            texts |= {document.id_of(index): sentence.text for index, sentence in enumerate(document.sentences)}
        return texts


def a_writer(engine: Engine, cache: Completions, *, model: Model = MODEL, **options: Any) -> GenerativeWriter:
    chosen: dict[str, Any] = {
        "style": "abstract",
        "prompts": load_prompts(),
        "on_event": lambda _: None,
        "now": lambda: NOW,
    }
    return GenerativeWriter(engine, model, cache=cache, **{**chosen, **options})


@contextmanager
def a_store(folder: Path) -> Iterator[Store]:
    with Store(folder / "store.sqlite3") as store:
        yield store


def write(
    folder: Path,
    documents: Sequence[Document],
    answer: Answer = honest,
    *,
    topic: str = "ferries",
    language: str = "en",
    engine: ScriptedEngine | None = None,
    shared: Mapping[int, tuple[str, ...]] | None = None,
    **options: Any,
) -> Written:
    """A digest over the store of a folder."""
    engine = engine or ScriptedEngine(answer)
    numbered = tuple(dedupe(documents))
    events: list[Progress] = []
    with a_store(folder) as store:
        writer = a_writer(engine, store, on_event=events.append, **options)
        digest = writer.write(numbered, topic=topic, language=language, shared=shared)
    return Written(digest, writer, engine, numbered, events)


def as_bytes(digest: Digest) -> bytes:
    return canonical_json(digest).encode()


def many(count: int) -> tuple[Document, ...]:
    """So many towns with a story each, of their own sites."""
    return tuple(
        a_document(
            f"The council of Town{n} voted to buy {n + 20} buses from maker Builder{n} for its route {n * 7 + 11}.\n"
            f"Mayor Name{n} of Town{n} opened depot {n * 3 + 40} with {n * 5 + 300} guests from Region{n}.",
            url=f"https://site{n}.example/a",
            title=f"Town{n} buys buses from Builder{n}",
        )
        for n in range(count)
    )
