"""Who writes, and what a writer is made of, wherever its model runs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from localdigest.hub.reference import Reference
    from localdigest.job import Event
    from localdigest.manifest import ModelRecord
    from localdigest.settings import Settings
    from localdigest.store import Store
    from localdigest.writers.base import Writer
    from localdigest.writers.generative_budget import Budget
    from localdigest.writers.generative_jobs import Engine, Model

__all__ = ["EXTRACTIVE", "NO_MODEL", "Chosen", "Opened", "model_writer"]

EXTRACTIVE = "extractive"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who writes. Without a `reference` and without `endpoints`, the writer that needs no model."""

    reference: Reference | None
    name: str
    why: str  #: half a sentence; "" where the user said so
    endpoints: tuple[str, ...] = ()  #: servers that run the model


#: Who only collects or fetches writes nothing.
NO_MODEL = Chosen(None, EXTRACTIVE, "")


@dataclass(frozen=True, slots=True)
class Opened:
    """What writes is ready, with what the manifest says of its model."""

    writer_for: Callable[[Settings], Writer]  #: for one digest
    model: ModelRecord | None = None
    placement: Mapping[str, object] = field(default_factory=dict)
    sandbox: Callable[[], Mapping[str, object]] = dict  #: what was found to hold the model's process


def model_writer(
    engine: Engine,
    model: Model,
    settings: Settings,
    store: Store,
    *,
    budget: Budget | None,
    on_event: Callable[[Event], None],
) -> Writer:
    """The writer that asks a model, wherever that runs."""
    from localdigest.job import Event
    from localdigest.prompts import load_prompts
    from localdigest.text.hant_written import written_for_taiwan
    from localdigest.writers.generative import GenerativeWriter

    return GenerativeWriter(
        engine,
        model,
        style=settings.style,  # type: ignore[arg-type]  # settings allow these two only
        prompts=load_prompts(Path(settings.prompts) if settings.prompts else None),
        cache=store,
        seed=settings.seed,
        budget=budget,
        second_judge=settings.second_judge,
        on_event=lambda progress: on_event(
            Event(progress.stage, progress.done, progress.total, tokens=progress.tokens)
        ),
        now=lambda: dt.datetime.now().astimezone(),
        convert=written_for_taiwan,
    )
