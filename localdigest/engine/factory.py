"""Makes the engine inside the worker process, which knows this module by name only: importing it loads llama.cpp.

llama.cpp is loaded before numpy and llguidance, whatever else needs them: on a machine with CUDA, numpy first and then
llama.cpp ended in a segmentation fault inside C++'s own library as soon as a model was loaded.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from localdigest.engine import ggml  # noqa: F401 - first of all: see above
from localdigest.engine.calibrate import measure_busy_cores, start_threads
from localdigest.engine.core import BatchEngine
from localdigest.engine.llamacpp import LlamaBackend
from localdigest.engine.machine import usable_cores
from localdigest.engine.threads import ThreadGovernor

if TYPE_CHECKING:
    from collections.abc import Callable

    from localdigest.engine.loading import LoadOptions

__all__ = ["make_engine"]


def make_engine(options: LoadOptions, *, on_progress: Callable[[float], None]) -> BatchEngine:
    """Load the model. Numbers of threads that the options name are kept; others are adapted while running."""
    cores = usable_cores()
    threads = options.threads or start_threads(cores, busy=measure_busy_cores())
    governor = None if options.threads else ThreadGovernor(cores=cores, start=threads)
    backend = LlamaBackend(replace(options, threads=threads), on_log=_log, on_progress=on_progress)
    return BatchEngine(backend, governor=governor)


def _log(line: str) -> None:
    # The parent keeps the last lines, for when this process ends without a word of its own.
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
