"""The engine as it is, but for one thing: what a schema leaves no choice about is sampled too, token by token.

A server cuts forced text into tokens as the model likes it, this program's engine as its tokeniser does. A trained
model goes on alike after both; one with random weights does not. For `test_remote_llama.py`, through `EngineProcess`.
"""

from __future__ import annotations

from collections.abc import Callable

from localdigest.engine.constraint import ConstraintFactory, Matcher
from localdigest.engine.core import BatchEngine
from localdigest.engine.jobs import Constraint
from localdigest.engine.llamacpp import LlamaBackend
from localdigest.engine.loading import LoadOptions


class Unforced(Matcher):
    def copy(self) -> Matcher:
        return _unforced(super().copy())

    def forced(self) -> list[int]:
        return []


def _unforced(matcher: Matcher) -> Matcher:
    matcher.__class__ = Unforced
    return matcher


class UnforcedFactory(ConstraintFactory):
    def make(self, constraint: Constraint) -> Matcher:
        return _unforced(super().make(constraint))


class Engine(BatchEngine):
    def _factory(self) -> ConstraintFactory:
        made = super()._factory()
        made.__class__ = UnforcedFactory
        return made


def make_engine(options: LoadOptions | str, *, on_progress: Callable[[float], None]) -> Engine:
    assert isinstance(options, LoadOptions)
    return Engine(LlamaBackend(options, on_progress=on_progress))
