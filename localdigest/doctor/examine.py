"""Looks at everything, one thing after the other. A look that goes wrong is itself a failed check, and never an error.

Places, Options ─▶ steps ─each guarded─▶ Checks, in the order in which they are shown
"""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import dataclass, field
from importlib import metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING

from localdigest.doctor.check import Check, Status
from localdigest.doctor.data_checks import check_folder, check_models, check_network, check_store
from localdigest.doctor.engine_checks import Engine, check_cpu, check_engine, check_gpus
from localdigest.doctor.gather import (
    look_at_cores,
    look_at_fonts,
    look_at_host,
    look_at_memory,
    look_at_sandbox,
    proxies,
    version_of,
)
from localdigest.doctor.machine_checks import (
    check_clock,
    check_cores,
    check_fonts,
    check_memory,
    check_proxy,
    check_sandbox,
)
from localdigest.doctor.packages import check_packages, check_python, parse_requirement
from localdigest.doctor.system import System

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from localdigest.doctor.host import Host
    from localdigest.net.guard import Guard

__all__ = ["Options", "Places", "Step", "examine", "run_steps"]

_ENGINE = ("llama_cpp", "llguidance", "numpy")
_PROBE_SECONDS = 20.0  #: it takes less than one; a GPU's driver that is started for it some more
_MB = 1_000_000
_LEAST_OUTPUT, _LEAST_STORE, _LEAST_MODELS = 10 * _MB, 200 * _MB, 5_000 * _MB


@dataclass(frozen=True, slots=True)
class Places:
    """Where this user's files are."""

    output: Path
    store: Path
    models: Path


@dataclass(frozen=True, slots=True)
class Options:
    guard: Callable[[], Guard] | None = None  #: makes the door by which the models' hub is asked; None: it is not
    verify: bool = False  #: read all models through
    offline: bool = False  #: the setting; stronger than `guard`
    system: System = field(default_factory=System)


@dataclass(frozen=True, slots=True)
class Step:
    """One look, which makes some checks."""

    name: str
    look: Callable[[], Check | Iterable[Check]]


def examine(places: Places, options: Options, *, on_step: Callable[[str], None] | None = None) -> tuple[Check, ...]:
    """All checks. Takes a few seconds, but for `verify`."""
    machine = _Machine(options.system)
    return run_steps(
        (
            Step("python", machine.python),
            Step("libraries", _libraries),
            Step("llama.cpp", lambda: check_engine(machine.engine(), machine.host())),
            Step("cpu features", lambda: check_cpu(machine.engine(), machine.host())),
            Step("gpu", lambda: check_gpus(machine.engine(), machine.host())),
            Step("cores", lambda: check_cores(look_at_cores(options.system))),
            Step("memory", lambda: _memory(places, options.system)),
            Step("output folder", lambda: _folder("output", places.output, _LEAST_OUTPUT, needed=True)),
            Step("store folder", lambda: _folder("store", places.store.parent, _LEAST_STORE, needed=True)),
            Step("store", lambda: _store(places.store)),
            Step("models folder", lambda: _folder("models", places.models, _LEAST_MODELS, needed=False)),
            Step("models", lambda: _models(places.models, verify=options.verify)),
            Step("sandbox", lambda: check_sandbox(look_at_sandbox(options.system))),
            Step("fonts", lambda: check_fonts(look_at_fonts(options.system))),
            Step("proxy", lambda: check_proxy(proxies(options.system.environment))),
            Step("clock", lambda: check_clock(dt.datetime.now().astimezone())),
            Step("network", lambda: _network(options)),
        ),
        on_step=on_step,
    )


def run_steps(steps: Iterable[Step], *, on_step: Callable[[str], None] | None = None) -> tuple[Check, ...]:
    found: list[Check] = []
    for step in steps:
        if on_step:
            on_step(step.name)
        try:
            made = step.look()
            found += [made] if isinstance(made, Check) else list(made)
        except Exception as error:  # noqa: BLE001 - whatever is broken here is what the doctor is for
            what = f"{type(error).__name__}: {error}".rstrip(": ")
            found.append(Check(step.name, Status.FAILED, f"could not be looked at: {what}", _why(error)))
    return tuple(found)


def _why(error: Exception) -> str:
    if isinstance(error, ImportError):
        return "A library is missing or broken: install localdigest anew."
    return getattr(error, "hint", "") or "Please report it, with this line."


class _Machine:
    """Facts that several checks need: looked for once, when the first of them asks."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._engine: Engine | None = None
        self._host: Host | None = None

    def host(self) -> Host:
        if self._host is None:
            self._host = look_at_host(self._system, bindings=version_of("llama-cpp-python"))
        return self._host

    def engine(self) -> Engine:
        if self._engine is None:
            self._engine = look_at_engine()
        return self._engine

    def python(self) -> Check:
        host = self.host()
        return check_python(sys.version_info[:3], bits=host.bits, platform=host.title, executable=host.python)


def look_at_engine() -> Engine:
    if missing := tuple(name for name in _ENGINE if find_spec(name) is None):
        return Engine(missing=missing)
    from localdigest.engine.errors import BackendError  # noqa: PLC0415 - a broken part is one failed check
    from localdigest.engine.probe import probe  # noqa: PLC0415 - likewise

    try:
        return Engine(probe=probe(limit_seconds=_PROBE_SECONDS))
    except BackendError as error:
        return Engine(error=error.message, hint=error.hint)


def _libraries() -> Check:
    own = version_of("localdigest")
    requirements = tuple(metadata.requires("localdigest") or ()) if own else ()
    names = [parse_requirement(text).name for text in requirements]
    versions = {name: version for name in names if (version := version_of(name))}
    return check_packages(own, requirements, versions)


def _memory(places: Places, system: System) -> Check:
    from localdigest.doctor.shelf import smallest_model  # noqa: PLC0415 - brings the catalogue with it

    least_need, least_name = smallest_model(places.models)
    return check_memory(look_at_memory(system, least_need=least_need, least_name=least_name))


def _folder(use: str, path: Path, least_bytes: int, *, needed: bool) -> Check:
    from localdigest.doctor.folders import look_at_folder  # noqa: PLC0415 - a look that cannot be imported is one failed check

    return check_folder(look_at_folder(use, path), least_bytes=least_bytes, needed=needed)


def _store(path: Path) -> Check:
    from localdigest.doctor.database import look_at_store  # noqa: PLC0415 - imports the store with all its records

    return check_store(look_at_store(path))


def _models(folder: Path, *, verify: bool) -> tuple[Check, ...]:
    from localdigest.doctor.shelf import look_at_models  # noqa: PLC0415 - imports the hub with all its modules

    return check_models(look_at_models(folder, verify=verify))


def _network(options: Options) -> Check:
    from localdigest.doctor.reach import endpoint_of, reach  # noqa: PLC0415 - imports the HTTP client

    endpoint = endpoint_of(options.system.environment)
    if options.guard is None:
        return check_network(endpoint, tried=False)
    if options.offline:
        return check_network(endpoint, tried=False, problem="not tried: the settings say offline")
    named = bool(options.system.environment.get("HF_ENDPOINT"))
    status, problem = reach(endpoint, guard=options.guard(), named=named)
    return check_network(endpoint, tried=True, status=status, problem=problem)
