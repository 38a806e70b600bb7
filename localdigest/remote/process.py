"""The main process's side of the messenger: starts it, and knows the servers from what it tells."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from localdigest.codec import canonical_json, decode
from localdigest.endpoints import Endpoint
from localdigest.engine.process import EngineProcess
from localdigest.remote.served import Served
from localdigest.sandbox.environment import for_parsing
from localdigest.sandbox.messenger import JAIL, KEY_VARIABLE, PORTS_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Self

    from localdigest.engine.jobs import Completion, Job
    from localdigest.remote.factory import Errand

__all__ = ["MOST_IN_FLIGHT", "Messenger"]

_FACTORY = "localdigest.remote.factory:make_engine"
MOST_IN_FLIGHT = 512  #: known to the messenger: enough to put jobs in order that begin alike


class Messenger:
    """A process that has the network, and dials the endpoints of its errand alone.

    It must be started before this process gives its own network up. It reads nothing but jobs and answers.
    """

    def __init__(self, errand: Errand, *, key: str = "", environment: Mapping[str, str] | None = None) -> None:
        """Nothing starts before the block.

        Args:
            errand: what it is sent for.
            key: of the servers; `""`: they want none.
            environment: of this process, unless given.
        """
        base = os.environ if environment is None else environment
        ports = {str(Endpoint(url).port) for url in errand.urls}
        told = {PORTS_VARIABLE: ",".join(sorted(ports)), **({KEY_VARIABLE: key} if key else {})}
        self._process = EngineProcess(
            canonical_json(errand),
            factory=_FACTORY,
            jail=JAIL,
            environment={**for_parsing(base), **told},
            max_in_flight=MOST_IN_FLIGHT,
        )
        self._errand = errand

    def __enter__(self) -> Self:
        """Raises EngineError where no server can be used."""
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.close()

    @property
    def served(self) -> Served:
        return decode(Served, json.loads(self._process.told))

    @property
    def held(self) -> dict[str, str | int]:
        """What was found to hold it."""
        return self._process.held

    def count_all(self, texts: Sequence[str]) -> list[int]:
        return self._process.count_all(texts)

    def generate(self, jobs: Iterable[Job]) -> Iterator[Completion]:
        return self._process.generate(jobs)

    def finish_begun(self) -> None:
        """Let what is under way come to its end, and start nothing else; may be called by a handler of a signal."""
        self._process.finish_begun()

    def stats(self) -> dict[str, int | float]:
        return self._process.stats()
