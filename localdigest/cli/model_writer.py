"""The writer of a run: which one, why, and a model brought, checked, planned and ready behind it.

settings ─▶ Chosen ─▶ obtain (on disk, or downloaded) ─▶ plan ─▶ LazyEngine ─▶ GenerativeWriter
               ├─▶ servers on one's own network (server_writer.py) ─────────────────┘
               └─▶ ExtractiveWriter, which needs none
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from localdigest import __version__
from localdigest.cli.chosen import EXTRACTIVE, NO_MODEL, Chosen, Opened, model_writer
from localdigest.cli.layers import models_folder
from localdigest.codec import encode
from localdigest.errors import UsageError
from localdigest.manifest import ModelRecord
from localdigest.writers.extractive import ExtractiveWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from localdigest.engine.offload import Plan
    from localdigest.hub.catalog import Catalog
    from localdigest.hub.obtain import Obtained
    from localdigest.hub.reference import Reference
    from localdigest.job import Event
    from localdigest.net.guard import Guard
    from localdigest.remote.process import Messenger
    from localdigest.settings import Settings
    from localdigest.store import Store
    from localdigest.writers.base import Writer
    from localdigest.writers.generative_budget import Budget

__all__ = ["budget_for", "choose_writer", "opened_writer"]

_PERCENT = 100


def choose_writer(settings: Settings) -> Chosen:
    """What the settings name, or the best that is here.

    Raises:
        UsageError: they contradict each other, name no model that there is, or want one where none is.
    """
    if settings.writer == EXTRACTIVE:
        if settings.model:
            raise UsageError(
                f"The extractive writer uses no model, and `{settings.model}` is named.",
                hint="Leave out `--writer extractive`, or `--model`.",
            )
        return NO_MODEL
    if settings.endpoints:
        return _at_servers(settings)
    from localdigest.hub.catalog import load_catalog
    from localdigest.hub.reference import HubFiles, parse_reference

    catalog = load_catalog(models_folder(settings))
    if settings.model:
        reference = parse_reference(settings.model, catalog=catalog)
        entry = reference.entry if isinstance(reference, HubFiles) else None
        return Chosen(reference, entry.name if entry else _short(reference), "")
    return _best_here(settings, catalog)


def _at_servers(settings: Settings) -> Chosen:
    """What can be said of servers before they are asked.

    Raises:
        UsageError: the settings contradict each other.
    """
    from localdigest.endpoints import doors_of

    if settings.offline and settings.allow_public_endpoint:
        raise UsageError(
            "Offline, and a model server beyond your own network: both cannot be.",
            hint="Leave out `--allow-public-endpoint`: servers on your own network are asked offline, too.",
        )
    if settings.budget:
        raise UsageError(
            f"A budget of {settings.budget} cannot be kept: nobody knows how fast a server is that others use too.",
            hint="Leave out `--budget`; `--limit` and `--per-source` make a digest shorter too.",
        )
    return Chosen(None, settings.model or ", ".join(doors_of(settings.endpoints)), "", settings.endpoints)


def _best_here(settings: Settings, catalog: Catalog) -> Chosen:
    from importlib.util import find_spec

    from localdigest.hub.inventory import inventory
    from localdigest.hub.reference import parse_reference
    from localdigest.planning.choose import Choice, choose
    from localdigest.planning.here import look_here

    folder = models_folder(settings)
    present = [row.entry for row in inventory(catalog, folder) if row.paths]
    if not present:
        choice = Choice(None, "no model is here")
    elif find_spec("llama_cpp") is None:
        choice = Choice(None, "no model can be run without llama.cpp")
    else:
        choice = choose(present, look_here(measure=False).machine, language=settings.lang)
    if choice.entry is not None:
        return Chosen(parse_reference(choice.entry.name, catalog=catalog), choice.entry.name, choice.why)
    if settings.writer != "auto":
        raise UsageError(
            f"The generative writer needs a model, and {choice.why}.",
            hint="Name one: `--model mixtral-8x7b-q4`; `localdigest models list` shows what there is.",
        )
    return Chosen(None, EXTRACTIVE, choice.why)


def _short(reference: Reference) -> str:
    return Path(reference.source.partition("@")[0]).name.removesuffix(".gguf")


@contextmanager
def opened_writer(
    chosen: Chosen,
    settings: Settings,
    store: Store,
    on_event: Callable[[Event], None],
    *,
    guard: Guard,
    messenger: Messenger | None = None,
) -> Iterator[Opened]:
    """The writer, ready: its model is here, whole, and fits, or a messenger has found it. It is loaded when it is first
    asked.

    Raises:
        UsageError, HubError, LocalDigestError: it cannot be had, or cannot run here.
    """
    if messenger is not None:
        from localdigest.cli.server_writer import server_writer

        with server_writer(messenger, store, on_event, guard=guard) as opened:
            yield opened
        return
    if chosen.reference is None:
        yield Opened(lambda _: ExtractiveWriter())
        return
    from localdigest.cli.engine import engine_errors, require_engine
    from localdigest.cli.lazy_engine import LazyEngine
    from localdigest.job import Event
    from localdigest.writers.generative_jobs import Model

    require_engine()
    with engine_errors():
        obtained, plan = _obtain(chosen, settings, on_event, guard)

        def loading(fraction: float) -> None:
            on_event(Event("load", round(_PERCENT * fraction), _PERCENT, chosen.name))

        with LazyEngine(plan.options(str(obtained.paths[0])), on_loading=loading) as engine:
            record = _record(chosen, obtained)
            model = Model(record.name, "+".join(record.sha256), plan.request.slot_tokens, record.engine)

            def writer_for(settings: Settings) -> Writer:
                budget = budget_for(chosen.name, plan, settings.budget, second_judge=settings.second_judge)
                return model_writer(engine, model, settings, store, budget=budget, on_event=on_event)

            yield Opened(
                writer_for,
                record,
                {"reason": plan.reason, **encode(plan.placement), **encode(plan.request.context)},
                sandbox=lambda: {"model": engine.held()},
            )


def _obtain(
    chosen: Chosen, settings: Settings, on_event: Callable[[Event], None], guard: Guard
) -> tuple[Obtained, Plan]:
    """The model's files, and how they are to be loaded; refused before a download where it does not fit."""
    from localdigest.engine.machine import cpu_features
    from localdigest.hub.catalog import load_catalog
    from localdigest.hub.obtain import obtain
    from localdigest.job import Event
    from localdigest.planning.here import look_here
    from localdigest.planning.recommend import recommend

    assert chosen.reference is not None, "asked only for a model"
    on_event(Event("plan", 0, 1, "measuring this machine"))
    machine = look_here().machine
    on_event(Event("plan", 1, 1))
    folder = models_folder(settings)
    obtained = obtain(
        chosen.reference,
        folder=folder,
        catalog=load_catalog(folder),
        guard=guard,
        offline=settings.offline,
        on_event=lambda stage, done, total, note: on_event(Event(stage, done, total, note)),
        approve=lambda layout: _require_fit(chosen.name, recommend(layout, machine)),
        cpu=cpu_features(),
    )
    plan = recommend(obtained.layout, machine)
    _require_fit(chosen.name, plan)
    return obtained, plan


def _require_fit(name: str, plan: Plan) -> None:
    if not plan.fits:
        raise UsageError(
            f"{name} does not fit into this machine's memory as it is now. {plan.reason}",
            hint=f"`localdigest plan --model {name}` shows what would; `--writer extractive` needs no model.",
        )


def budget_for(name: str, plan: Plan, asked: str, *, second_judge: bool = False) -> Budget | None:
    """The time that a model may take, with how fast it is expected to run here; None: no limit.

    Raises:
        UsageError: a limit is asked for, and nothing is known of the model's speed.
    """
    if not asked:
        return None
    from localdigest.values import budget_seconds
    from localdigest.writers.generative_budget import Budget, Pace

    speed = plan.speed
    rates = tuple(speed.decode(width) for width in range(1, plan.request.num_slots + 1)) if speed else ()
    if speed is None or not speed.prefill or not all(rates):
        raise UsageError(
            f"A budget of {asked} cannot be kept: nothing is known of how fast {name} runs on this machine.",
            hint="Leave out `--budget`; `--limit` and `--per-source` make a digest shorter too.",
        )
    return Budget(budget_seconds(asked), Pace(speed.prefill, rates), second_judge)


def _record(chosen: Chosen, obtained: Obtained) -> ModelRecord:
    from importlib.metadata import version

    from localdigest.hub.reference import LocalFile

    is_local = isinstance(obtained.reference, LocalFile)
    return ModelRecord(
        name=chosen.name,
        source=obtained.paths[0].name if is_local else obtained.source,  # where it lies here is nobody's business
        sha256=obtained.sha256,
        licence=obtained.entry.licence if obtained.entry else "",
        engine=f"localdigest {__version__}, llama-cpp-python {version('llama-cpp-python')}",
    )
