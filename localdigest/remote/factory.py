"""Makes the engine inside the messenger, which knows this module by name only.

The jail was entered before: see `localdigest.sandbox.messenger`.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from localdigest.codec import decode
from localdigest.endpoints import Endpoint, doors_of
from localdigest.net.endpoint_guard import EndpointGuard
from localdigest.remote.caller import Caller, Patience
from localdigest.remote.engine import RemoteEngine
from localdigest.remote.probe import probe_all
from localdigest.sandbox.messenger import KEY_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from localdigest.engine.loading import LoadOptions

__all__ = ["Errand", "make_engine"]


@dataclass(frozen=True, slots=True)
class Errand:
    """What the messenger is sent for. The key is not in it: that goes by the environment."""

    urls: tuple[str, ...]
    model: str = ""  #: that is wanted; `""`: the only one
    allow_public: bool = False
    scores: bool = False  #: log-probabilities are wanted
    patience: Patience = field(default_factory=Patience)


def make_engine(options: LoadOptions | str, *, on_progress: Callable[[float], None]) -> RemoteEngine:
    """Ask the servers who they are. Raises BackendError where none can be used."""
    assert isinstance(options, str), "an errand comes as JSON"
    errand = decode(Errand, json.loads(options))
    plain = [url for url in errand.urls if not Endpoint(url).is_encrypted]
    guard = EndpointGuard(doors_of(errand.urls), plain_doors=doors_of(plain), allow_public=errand.allow_public)
    caller = Caller(guard, errand.patience, key=os.environ.pop(KEY_VARIABLE, ""))
    served = probe_all(caller, errand.urls, model=errand.model, scores=errand.scores)
    on_progress(1.0)
    return RemoteEngine(caller, served)
