"""A model on servers of one's own network: a messenger that is started before this process gives its network up, and
the writer that asks it.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from localdigest import __version__
from localdigest.cli.chosen import Opened, model_writer
from localdigest.cli.interrupts import finishing
from localdigest.errors import UsageError
from localdigest.manifest import ModelRecord, ServerRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from localdigest.cli.chosen import Chosen
    from localdigest.engine.jobs import Completion, Job
    from localdigest.job import Event
    from localdigest.net.guard import Guard
    from localdigest.remote.process import Messenger
    from localdigest.remote.served import Served
    from localdigest.settings import Settings
    from localdigest.store import Store

__all__ = ["key_of", "opened_messenger", "server_writer"]


@contextmanager
def opened_messenger(
    chosen: Chosen, settings: Settings, on_event: Callable[[Event], None]
) -> Iterator[Messenger | None]:
    """The process that talks to the servers, which it has found; None where no server writes.

    Raises:
        UsageError, LocalDigestError: no server can be used, or it cannot do what the settings ask.
    """
    if not chosen.endpoints:
        yield None
        return
    from localdigest.cli.engine import engine_errors
    from localdigest.job import Event
    from localdigest.remote.factory import Errand
    from localdigest.remote.process import Messenger

    errand = Errand(
        chosen.endpoints,
        model=settings.model,
        allow_public=settings.allow_public_endpoint,
        scores=settings.second_judge,
    )
    on_event(Event("connect", 0, 1, chosen.name))
    with engine_errors(), Messenger(errand, key=key_of(settings)) as messenger:
        served = messenger.served
        _tell(served)
        if settings.second_judge and not served.gives_scores:
            raise UsageError(
                f"{served.software} gives no log-probabilities, which `--second-judge` compares.",
                hint="Leave out `--second-judge`, or serve the model with llama-server or vLLM.",
            )
        on_event(Event("connect", 1, 1, chosen.name))
        yield messenger


@contextmanager
def server_writer(
    messenger: Messenger, store: Store, on_event: Callable[[Event], None], *, guard: Guard
) -> Iterator[Opened]:
    """The writer that asks the servers. They are told among the hosts that the run has dialled."""
    from localdigest.cli.engine import engine_errors
    from localdigest.writers.generative_jobs import Model

    served = messenger.served
    guard.contacted_hosts.update(served.hosts)
    record = _record(served)
    # Answers are remembered by what is served, wherever that is.
    model = Model(record.name, f"served:{served.identity}", served.context_tokens, record.engine)
    with engine_errors():
        engine = _Heeding(messenger)
        yield Opened(
            lambda settings: model_writer(engine, model, settings, store, budget=None, on_event=on_event),
            record,
            {"slots": {server.url: server.slots for server in served.servers}},
            sandbox=lambda: {"messenger": messenger.held},
        )


def key_of(settings: Settings) -> str:
    """The servers' key, from the one variable that is named.

    Raises:
        UsageError: there is no such variable.
    """
    if not settings.api_key_env:
        return ""
    key = os.environ.get(settings.api_key_env, "").strip()
    if not key:
        raise UsageError(
            f"There is no environment variable {settings.api_key_env}, or it is empty.",
            hint="Put the servers' key into it, or leave out `--api-key-env`.",
        )
    return key


class _Heeding:
    """The engine's two methods. Ctrl-C lets jobs that are under way come to their ends, and starts no others."""

    def __init__(self, messenger: Messenger) -> None:
        self._messenger = messenger

    def count_tokens(self, text: str) -> int:
        return self._messenger.count_tokens(text)

    def generate(self, jobs: Iterable[Job]) -> Iterator[Completion]:
        with finishing(self._messenger.finish_begun):
            yield from self._messenger.generate(jobs)


def _tell(served: Served) -> None:
    """What a person should know before anything is sent; quiet or not."""
    for note in served.notes:
        print(f"Note: {note}", file=sys.stderr)
    for door in served.public_doors:
        print(f"Note: {door} is beyond your own network: what is read is sent there.", file=sys.stderr)


def _record(served: Served) -> ModelRecord:
    return ModelRecord(
        name=served.name,
        source="server",
        sha256=(),
        engine=f"localdigest {__version__}, {served.software}",
        server=ServerRecord(
            endpoints=tuple(server.url for server in served.servers),
            public=served.public_doors,
            software=served.software,
            identity=served.identity,
            told=served.servers[0].facts,
            context_tokens=served.context_tokens,
            forms=tuple(sorted({server.form.value for server in served.servers})),
            counting=tuple(sorted({server.counting.value for server in served.servers})),
            notes=served.notes,
        ),
    )
